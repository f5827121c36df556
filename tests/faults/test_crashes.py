"""Whatever the process is doing when it ends, the next one comes to the same end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from syncbridge.engine import resync, review, rounds, views
from syncbridge.engine.context import RetryPolicy, Table
from syncbridge.errors import NotThere
from syncbridge.testing import World
from tests.faults.crashing import run_and_crash


@dataclass(frozen=True)
class UseCase:
    """What is so before, what the process does when it ends, and what is asked of the next one."""

    name: str
    prepare: Callable[[World], object]
    act: Callable[[World], object]
    #: What somebody outside does again because nobody answered.
    repeat: Callable[[World], object] = id


def say(world: World) -> None:
    world.say("Hallo", remote_id="wamid.1", at=world.at(0))


def work(*tables: Table) -> Callable[[World], None]:
    """One round on tables, for the first CRM only: the other would do the same again."""

    def act(world: World) -> None:
        for table in tables:
            for found, name in rounds.posts(world.engine):
                if found is table and name in ("", "hs"):
                    rounds.work(world.engine, table, name)

    return act


def do(*steps: Callable[[World], object]) -> Callable[[World], None]:
    def act(world: World) -> None:
        for step in steps:
            step(world)

    return act


def settled(world: World) -> None:
    say(world)
    world.run_until_quiet()


def edit(world: World) -> None:
    world.clock.advance(60)
    world.crms["hs"].cabinet.edit(world.crms["hs"].contacts[0].id, company="ACME", lastname="Ott")


def ring(world: World) -> None:
    world.deliver_webhooks()


def clash(world: World) -> None:
    """Both CRMs change one field before either hears of the other."""
    settled(world)
    world.clock.advance(60)
    world.crms["hs"].cabinet.edit(world.crms["hs"].contacts[0].id, company="ACME")
    world.clock.advance(1)
    world.crms["hs2"].cabinet.edit(world.crms["hs2"].contacts[0].id, company="Umbrella")
    world.run_until_quiet()


def resolve(world: World) -> None:
    for conflict in views.conflicts(world.engine):
        try:
            review.resolve_conflict(
                world.engine, conflict["id"], choice="value", value="Initech", by="ops"
            )
        except NotThere:
            continue


def lose_webhooks(world: World) -> None:
    for crm in world.crms.values():
        crm.cabinet.told.clear()


def poll(world: World) -> None:
    resync.poll(world.engine, "hs")


def resync_all(world: World) -> None:
    resync.resync(world.engine, "hs", is_full=True)


def many(world: World) -> None:
    for number in range(5):
        world.crms["hs"].cabinet.add(firstname=f"P{number}", email=f"p{number}@example.org")


SPLIT = work(Table.DELIVERIES)
APPLY = work(Table.EVENTS)
REFRESH = work(Table.RECORDS)
DELIVER = work(Table.OUTBOX)
CASES = [
    UseCase("receive", id, say, repeat=say),
    UseCase("split", say, SPLIT),
    UseCase("apply", do(say, SPLIT), APPLY),
    UseCase("deliver a contact", do(poll, say, SPLIT, APPLY), DELIVER),
    UseCase("deliver a message", do(poll, say, SPLIT, APPLY, DELIVER), DELIVER),
    UseCase("refresh", do(settled, edit, ring, SPLIT), REFRESH),
    UseCase("deliver an edit", do(settled, edit, ring, SPLIT, REFRESH), DELIVER),
    UseCase("resolve a conflict", clash, do(resolve, DELIVER), repeat=resolve),
    UseCase("first pull", do(many, lose_webhooks), poll),
    UseCase("later pull", do(settled, edit, lose_webhooks), poll),
    UseCase("full resync", do(settled, edit, lose_webhooks), resync_all),
]


MakeWorld = Callable[..., World]


@pytest.fixture
def make_world() -> Iterator[MakeWorld]:
    made: list[World] = []

    def make(url: str = "sqlite://") -> World:
        made.append(World(url=url, crms=("hs", "hs2"), retry=RetryPolicy(readback_wait_s=4)))
        for crm in made[-1].crms.values():
            crm.page_size = 3
        return made[-1]

    yield make
    for world in made:
        world.close()


def copy_of(world: World, make_world: MakeWorld) -> World:
    """A second world in the state of the first: preparing takes longer than crashing."""
    other = make_world()
    source, target = (one.store.engine.raw_connection() for one in (world, other))
    source.driver_connection.backup(target.driver_connection)
    source.close()
    target.close()
    other.clock.at = world.clock.at
    for name, crm in world.crms.items():
        other.crms[name].cabinet.take_over(crm.cabinet)
    return other


def end_state(world: World) -> dict[str, Any]:
    """What anybody can see of a world, without ids and times of ours."""
    world.run_until_quiet()
    status = views.status(world.engine)
    return {
        "persons": status["persons"],
        "dead": status["dead_letters"],
        "conflicts": status["conflicts"],
        "waiting": {one["name"]: one["outbox"] for one in status["connections"]},
        "inbox": status["inbox"],
        "crms": {
            name: (
                sorted(sorted(one.values.items()) for one in crm.contacts),
                sorted(entry.text.rpartition("\n")[0] for entry in crm.entries),
            )
            for name, crm in world.crms.items()
        },
    }


def crashed(world: World, case: UseCase, crash_at: int | None) -> tuple[list[str], dict[str, Any]]:
    """Carry out a prepared use case until the n-th moment, and answer how it ends all the same."""
    moments = run_and_crash(world, case.act, crash_at)
    if crash_at is not None:
        case.repeat(world)
    return moments, end_state(world)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_crash_at_any_moment_changes_nothing_in_the_end(make_world, case):
    prepared = make_world()
    case.prepare(prepared)
    moments, expected = crashed(copy_of(prepared, make_world), case, None)
    assert moments, "the use case calls nothing"
    for crash_at in range(1, len(moments) + 1):
        world = copy_of(prepared, make_world)
        passed, state = crashed(world, case, crash_at)
        assert len(passed) == crash_at
        assert state == expected, f"after a crash {passed[-1]} (moment {crash_at})"
        world.close()


def story(world: World) -> None:
    """People write and a CRM is edited, all in one run."""
    world.crms["hs"].cabinet.add(firstname="Ole", phone="+4917000000002")
    say(world)
    world.say("Moin", number="4917000000002", name="Ole Jensen", remote_id="wamid.2")
    world.run_until_quiet()
    finish(world)


def finish(world: World) -> None:
    """What is left of the story, as far as it is not told yet."""
    if not world.crms["hs"].contacts:
        world.crms["hs"].cabinet.add(firstname="Ole", phone="+4917000000002")
    say(world)
    world.say("Moin", number="4917000000002", name="Ole Jensen", remote_id="wamid.2")
    world.run_until_quiet()
    for contact in world.crms["hs"].contacts:
        world.crms["hs"].cabinet.edit(contact.id, company="ACME")
    world.run_until_quiet()


@pytest.mark.parametrize("crash_at", range(3, 100, 16))
def test_a_crash_in_a_whole_story_on_a_file_changes_nothing_in_the_end(
    make_world, tmp_path, crash_at
):
    case = UseCase("story", id, story, repeat=finish)
    _, expected = crashed(make_world(), replace(case, act=finish), None)
    world = make_world(f"sqlite:///{tmp_path}/story.db")
    passed, state = crashed(world, case, crash_at)
    assert len(passed) == crash_at
    assert state == expected


@pytest.mark.parametrize("crash_at", range(10, 100, 30))
def test_a_crash_on_postgresql_changes_nothing_in_the_end(make_world, postgresql_url, crash_at):
    case = UseCase("story", id, story, repeat=finish)
    _, expected = crashed(make_world(), replace(case, act=finish), None)
    passed, state = crashed(make_world(postgresql_url), case, crash_at)
    assert len(passed) == crash_at
    assert state == expected
