"""Worlds in memory, closed after the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from syncbridge.testing import World

MakeWorld = Callable[..., World]


@pytest.fixture
def make_world() -> Iterator[MakeWorld]:
    """Answers a function that makes a world; what is given is a setting of it."""
    made: list[World] = []

    def make(**settings: object) -> World:
        made.append(World(**settings))
        return made[-1]

    yield make
    for world in made:
        world.close()


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """One channel, one CRM; the CRM's first list was read."""
    world = make_world()
    world.run_until_quiet()
    return world
