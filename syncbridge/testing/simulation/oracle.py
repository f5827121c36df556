"""Judges."""

from __future__ import annotations

from dataclasses import dataclass

from syncbridge.testing.simulation.quiet import come_to_rest
from syncbridge.testing.simulation.world import SimWorld


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that must never be."""

    invariant: str
    what: str


def judge(world: SimWorld) -> list[Violation]:
    """Judge."""
    quiet = come_to_rest(world)
    found = [Violation("exceptions", one) for one in world.failures]
    if not quiet:
        found.append(Violation("rest", "never quiet"))
    return found
