"""Entries of sessions: one rolling entry, until a long silence begins another."""

from __future__ import annotations

import itertools

import pytest

from syncbridge.errors import OutcomeUnknown
from syncbridge.testing import Step, World
from tests.engine.looking import dead, message_writes

HOUR = 3_600


@pytest.fixture
def rolling(make_world) -> World:
    world = make_world(logs_sessions=True)
    world.run_until_quiet()
    return world


def says(world: World, *hours: float) -> None:
    for hour in hours:
        world.say(f"at {hour}", at=world.at(hour * HOUR), remote_id=f"wamid.at.{hour}")
        world.run_until_quiet()


def sessions(world: World) -> list[list[str]]:
    """The messages of each entry, in order."""
    found = []
    for entry in sorted(world.crm.entries, key=lambda one: one.at):
        words = [word for line in entry.text.split("\n") for word in line.split("at ")[1:]]
        found.append([word.strip() for word in words])
    return found


def test_messages_close_together_are_one_entry_that_grows(rolling):
    says(rolling, 0, 1, 2)
    assert sessions(rolling) == [["0", "1", "2"]]
    assert len(rolling.crm.entries) == 1
    assert len(message_writes(rolling)) == 3


def test_many_messages_at_once_are_one_call(rolling):
    for number in range(5):
        rolling.say(f"at {number}", at=rolling.at(number))
    rolling.run_until_quiet()
    assert len(message_writes(rolling)) == 1
    assert sessions(rolling) == [["0", "1", "2", "3", "4"]]


def test_a_long_silence_begins_a_new_entry(rolling):
    says(rolling, 0, 25)
    assert sessions(rolling) == [["0"], ["25"]]


@pytest.mark.parametrize("order", list(itertools.permutations((0, 20, 30, 40, 45)))[::7])
def test_no_message_stands_in_two_entries_whatever_the_order(make_world, order):
    world = make_world(logs_sessions=True)
    for hour in order:
        world.say(f"at {hour}", at=world.at(hour * HOUR), remote_id=f"wamid.at.{hour}")
        world.step()
    world.run_until_quiet()
    logged = [int(word) for session in sessions(world) for word in session]
    assert logged == [0, 20, 30, 40, 45]


def test_a_lost_rolling_entry_is_found_by_its_marker(rolling):
    rolling.say("at 0", at=rolling.at(0))
    rolling.step()
    rolling.crm.script.plan("push", Step(OutcomeUnknown("lost"), is_after=True))
    rolling.run_until_quiet()
    says(rolling, 1)
    assert len(rolling.crm.entries) == 1
    assert dead(rolling) == []
