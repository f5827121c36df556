"""Many workers at once on one database: nobody does twice what another did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from syncbridge.engine import rounds, views
from syncbridge.engine.context import Table
from syncbridge.errors import StoreBusy
from syncbridge.model.conversation import Content, Direction, MessageKind, MessageRef
from syncbridge.model.event import MessageEdited, ReactionSeen
from syncbridge.model.identity import Peer
from syncbridge.testing import World
from tests.engine.looking import dead, writes_of_a_resync

PEOPLE = [f"4917000000{number:02}" for number in range(8)]
WORKERS = 4


@pytest.fixture(params=["file", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def shared(request: pytest.FixtureRequest, tmp_path) -> Iterator[World]:
    urls: dict[str, Callable[[], str]] = {
        "file": lambda: f"sqlite:///{tmp_path}/shared.db",
        "postgresql": lambda: request.getfixturevalue("postgresql_url"),
    }
    world = World(url=urls[request.param](), crms=("hs", "hs2"))
    yield world
    world.close()


def work_together(world: World) -> None:
    """Every worker looks at every table until it finds nothing, all of them at once."""

    def attend(number: int) -> None:
        posts = rounds.posts(world.engine)
        while sum(look(table, name) for table, name in posts[number:] + posts[:number]):
            continue

    def look(table: Table, name: str) -> int:
        try:
            return rounds.work(world.engine, table, name)
        except StoreBusy:
            return 1

    for _ in range(6):
        with ThreadPoolExecutor(WORKERS) as threads:
            for future in [threads.submit(attend, number) for number in range(WORKERS)]:
                future.result()
        world.deliver_webhooks()
        world.clock.advance(1)


def chatter(world: World) -> None:
    """Everybody writes three times; edits and reactions come before their messages."""
    for number in PEOPLE:
        peer, ref = Peer(number), MessageRef(f"wamid.{number}.2")
        reaction = ReactionSeen(ref, "👍", Direction.INBOUND, peer)
        edit = MessageEdited(ref, Content(MessageKind.TEXT, f"two of {number}, edited"))
        world.hand_over(world.event(reaction, key=f"r{number}", at=world.at(5)))
        world.hand_over(world.event(edit, key=f"e{number}", at=world.at(6)))
    for position, word in enumerate(("one", "two", "three"), 1):
        for number in PEOPLE:
            world.say(
                f"{word} of {number}",
                number=number,
                name=f"Anna{number[-1]} Berg",
                remote_id=f"wamid.{number}.{position}",
                at=world.at(position / 10),
            )


def test_workers_that_share_a_database_write_everything_once(shared):
    shared.run_until_quiet()
    chatter(shared)
    work_together(shared)
    for contact in shared.crm.contacts:
        shared.crm.cabinet.edit(contact.id, company="ACME")
    shared.deliver_webhooks()
    work_together(shared)
    shared.run_until_quiet()
    for crm in shared.crms.values():
        assert len(crm.contacts) == len(PEOPLE)
        assert {contact.values["company"] for contact in crm.contacts} == {"ACME"}
        assert len(crm.entries) == 3 * len(PEOPLE)
        edited = [entry.text for entry in crm.entries if "edited" in entry.text]
        assert len(edited) == len(PEOPLE)
        assert all("👍" in text for text in edited)
    assert views.status(shared.engine)["persons"] == len(PEOPLE)
    assert dead(shared) == []
    assert writes_of_a_resync(shared) == 0
