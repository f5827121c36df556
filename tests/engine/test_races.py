"""Two workers on one PostgreSQL: one changes a row while the other is in the middle of its own.

The clock is asked inside every transaction, so a clock that lets another worker begin shows what
that one sees and does there. A worker that has to wait goes on after our commit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import event

from syncbridge.engine import converse, intake, media, reconcile, review, views
from syncbridge.errors import NotThere, Rejected
from syncbridge.model.conversation import Content, Direction, Media, MessageKind, MessageRef
from syncbridge.model.event import MessageRevoked, MessageSeen
from syncbridge.model.identity import Peer
from syncbridge.model.states import Mode
from syncbridge.remote.base import MediaFile
from syncbridge.store import conversations
from syncbridge.testing import World
from syncbridge.testing.script import Step

ANNA, REF = Peer("491701234567", name="Anna Berg"), MessageRef("wamid.1")
#: How long a worker that is not held up may take.
_LONG_ENOUGH_S = 2.0


@pytest.fixture
def shared(postgresql_url: str) -> Iterator[World]:
    world = World(url=postgresql_url, crms=("hs", "hs2"))
    world.run_until_quiet()
    yield world
    world.close()


class Interrupted:
    """A clock at whose n-th asking another worker does something, at the same time as we."""

    def __init__(self, world: World, other: Callable[[], object]) -> None:
        self.engine = replace(world.engine, now=self)
        self._clock = world.clock
        self._left: int | None = None
        self._other = threading.Thread(target=other)

    def arm(self, asked: int) -> None:
        """Let the other begin when the time is asked for so many times more."""
        self._left = asked

    def __call__(self) -> datetime:
        if self._left is not None:
            self._left -= 1
            if self._left == 0:
                self._other.start()
                self._other.join(_LONG_ENOUGH_S)
        return self._clock()

    def finish(self) -> None:
        """Wait for the other; fail if it never began."""
        assert self._other.ident is not None
        self._other.join()


def test_a_message_withdrawn_while_its_file_is_stored_stays_withdrawn(shared):
    shared.channel.files["media.1"] = MediaFile(b"bytes", "image/jpeg")
    picture = Content(MessageKind.IMAGE, "Look", Media("media.1", "image/jpeg"))
    shared.hand_over(shared.event(MessageSeen(REF, ANNA, Direction.INBOUND, picture), key="seen"))
    intake.split_deliveries(shared.engine)
    converse.apply_events(shared.engine)
    shared.hand_over(shared.event(MessageRevoked(REF), key="revoked"))
    intake.split_deliveries(shared.engine)
    both = Interrupted(shared, lambda: converse.apply_events(shared.engine))
    shared.channel.script.plan("fetch_media", Step(meanwhile=lambda: both.arm(1)))
    media.fetch_media(both.engine, "wa")
    both.finish()
    (message,) = shared.store.read(
        lambda tx: conversations.find_messages(tx, "wa", {REF.remote_id}, ())
    )
    assert (message.text, message.media) == ("", None)
    assert shared.store.read(lambda tx: conversations.load_file(tx, message.id)) is None


def test_a_record_met_by_two_workers_at_once_is_one_person(shared):
    record = shared.crm.cabinet.add(firstname="Anna")
    shared.deliver_webhooks()
    intake.split_deliveries(shared.engine)
    both = Interrupted(shared, lambda: reconcile.refresh_records(shared.engine, "hs"))

    def edit() -> None:
        shared.crm.cabinet.edit(record, lastname="Berg")
        shared.deliver_webhooks()
        intake.split_deliveries(shared.engine)
        both.arm(2)

    shared.crm.script.plan("read", Step(meanwhile=edit))
    reconcile.refresh_records(both.engine, "hs")
    both.finish()
    shared.run_until_quiet()
    assert views.status(shared.engine)["persons"] == 1


def test_of_two_who_decide_a_conflict_at_once_the_second_is_told(shared):
    shared.say("Hallo")
    shared.run_until_quiet()
    for crm in shared.crms.values():
        (contact,) = crm.contacts
        crm.cabinet.edit(contact.id, company=f"{crm.setup.name} Ltd")
        shared.clock.advance(ms=1)
    shared.run_until_quiet()
    (conflict,) = views.conflicts(shared.engine)
    refused: list[NotThere] = []

    def decide_too() -> None:
        try:
            review.resolve_conflict(shared.engine, conflict["id"], choice="theirs", by="two")
        except NotThere as exc:
            refused.append(exc)

    both = Interrupted(shared, decide_too)
    both.arm(1)
    review.resolve_conflict(both.engine, conflict["id"], choice="ours", by="one")
    both.finish()
    assert len(refused) == 1
    assert views.conflict(shared.engine, conflict["id"])["resolved_by"] == "one"


def test_a_plan_that_is_only_looked_at_holds_no_rows(postgresql_url):
    world = World(url=postgresql_url, mode=Mode.OBSERVE)
    world.say("hello")
    world.step()
    asked: list[str] = []

    @event.listens_for(world.store.engine, "before_cursor_execute")
    def note(_conn, _cursor, statement, *_rest) -> None:
        asked.append(statement)

    plan = review.plan_writes(world.engine, "hs")
    world.close()
    assert (plan.creates, plan.messages) == (1, 1)
    assert [statement for statement in asked if "FOR UPDATE" in statement] == []


def test_a_request_id_longer_than_its_column_never_unsettles_a_write(shared):
    shared.crm.script.plan("push", Rejected("no", request_id="x" * 500))
    shared.say("Hallo")
    shared.run_until_quiet()
    (letter,) = views.dead_letters(shared.engine)
    (attempt,) = views.dead_letter(shared.engine, letter["id"])["attempts"]
    assert len(attempt["request_id"]) == 120
