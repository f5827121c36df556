"""Running worlds: one seed, one story; many seeds, many processes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from syncbridge.testing.simulation.facts import Violation
from syncbridge.testing.simulation.oracle import judge
from syncbridge.testing.simulation.plan import Action, WorldPlan, plan_actions, plan_world
from syncbridge.testing.simulation.service import HANDLERS
from syncbridge.testing.simulation.world import SimWorld, seeded_ids

STEPS = 300


@dataclass(slots=True)
class Run:
    """What came of one world."""

    seed: int
    steps: int
    violations: list[Violation] = field(default_factory=list)
    story: list[str] = field(default_factory=list)


def run_actions(plan: WorldPlan, actions: Sequence[Action]) -> Run:
    """Let these things happen in a world, bring it to rest, and judge what is left."""
    world = SimWorld(plan)
    with seeded_ids(world):
        try:
            for action in actions:
                world.perform(action, HANDLERS)
            violations = judge(world)
        finally:
            world.close()
    return Run(plan.seed, len(actions), violations, world.story)


def run_seed(seed: int, steps: int = STEPS) -> Run:
    """Run the world of a seed."""
    plan = plan_world(seed)
    return run_actions(plan, plan_actions(plan, steps))
