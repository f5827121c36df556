"""Running worlds: one seed, one story; many seeds, one process for each processor."""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from syncbridge.testing.simulation.facts import Violation
from syncbridge.testing.simulation.oracle import judge
from syncbridge.testing.simulation.plan import Action, WorldPlan, plan_actions, plan_world
from syncbridge.testing.simulation.service import HANDLERS
from syncbridge.testing.simulation.shrink import MOST_TRIES, shrink
from syncbridge.testing.simulation.world import SimWorld, seeded_ids
from syncbridge.testing.simulation.wrong import WRONG

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


def shorten(seed: int, steps: int = STEPS, *, most_tries: int = MOST_TRIES) -> Run:
    """Answer the shortest story found in which the seed's first violation still happens."""
    plan = plan_world(seed)
    actions = plan_actions(plan, steps)
    invariant = run_actions(plan, actions).violations[0].invariant

    def fails(some: Sequence[Action]) -> bool:
        return any(one.invariant == invariant for one in run_actions(plan, some).violations)

    return run_actions(plan, shrink(actions, fails, most_tries=most_tries))


@dataclass(frozen=True, slots=True)
class _Task:
    seed: int
    steps: int
    #: How many worlds may be run to shorten a violation's story; 0 leaves it as it is.
    most_tries: int


def _carry_out(task: _Task) -> Run:
    run = run_seed(task.seed, task.steps)
    if run.violations and task.most_tries:
        short = shorten(task.seed, task.steps, most_tries=task.most_tries)
        run.violations, run.story = short.violations, short.story
    if not run.violations:
        run.story = []
    return run


def run_many(
    seeds: Iterable[int], steps: int = STEPS, *, processes: int = 0, most_tries: int = MOST_TRIES
) -> Iterator[Run]:
    """Answer the runs of many seeds as they end.

    Args:
        seeds: of the worlds.
        steps: of each world.
        processes: 0 takes one for each processor.
        most_tries: worlds that may be run to shorten a violation's story; 0 leaves it long.
    """
    tasks = [_Task(seed, steps, most_tries) for seed in seeds]
    count = min(processes or multiprocessing.cpu_count(), len(tasks))
    if count <= 1:
        yield from map(_carry_out, tasks)
        return
    with multiprocessing.get_context("spawn").Pool(count, _quieten) as pool:
        yield from pool.imap_unordered(_carry_out, tasks)


def _quieten() -> None:
    # The engine logs what breaks it; here that is a violation and told as one.
    logging.disable(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Caught:
    """Whether a wrong engine was noticed."""

    name: str
    #: The first seed that noticed; None when none did.
    seed: int | None
    violation: Violation | None = None


def catch(name: str, seeds: Iterable[int], steps: int = STEPS) -> Caught:
    """Run worlds with a wrong engine until the oracle notices.

    Raises:
        KeyError: there is no wrong engine of that name.
    """
    plant: Callable[[], AbstractContextManager[None]] = WRONG[name]
    for seed in seeds:
        found = noticed(seed, steps, plant)
        # A world that is not clean with the right engine proves nothing about the wrong one.
        if found is not None and noticed(seed, steps, nullcontext) is None:
            return Caught(name, seed, found)
    return Caught(name, None)


def noticed(
    seed: int, steps: int, plant: Callable[[], AbstractContextManager[None]]
) -> Violation | None:
    """Answer what the oracle noticed first in a world, None when all was well.

    Args:
        seed: of the world.
        steps: of the world.
        plant: what to plant in the engine; `nullcontext` leaves it as it is.
    """
    with plant():
        violations = run_seed(seed, steps).violations
    return violations[0] if violations else None


def catch_many(names: Sequence[str], seeds: range, steps: int = STEPS) -> Iterator[Caught]:
    """Answer which wrong engines are noticed, as that becomes known."""
    tasks = [(name, seeds, steps) for name in names]
    count = min(multiprocessing.cpu_count(), len(tasks))
    with multiprocessing.get_context("spawn").Pool(count, _quieten) as pool:
        yield from pool.imap_unordered(_catch_one, tasks)


def _catch_one(task: tuple[str, range, int]) -> Caught:
    return catch(*task)
