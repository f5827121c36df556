"""What people say, in whatever order and however often it is told: one state in the end."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncbridge.engine import sweep, views
from syncbridge.engine.context import RetryPolicy
from syncbridge.model.conversation import (
    Content,
    Direction,
    Media,
    MessageKind,
    MessageRef,
    MessageStatus,
)
from syncbridge.model.event import (
    Event,
    MessageEdited,
    MessageRevoked,
    MessageSeen,
    Parsed,
    ReactionSeen,
    StatusSeen,
)
from syncbridge.model.identity import Peer
from syncbridge.remote.base import MediaFile
from syncbridge.testing import World
from tests.engine.looking import texts

ANNA = Peer("491701234567", name="Anna Berg")
REF = MessageRef("wamid.1")
INBOUND, OUTBOUND = Direction.INBOUND, Direction.OUTBOUND


def text(words: str) -> Content:
    return Content(MessageKind.TEXT, words)


def said(
    words: str = "Hallo",
    *,
    ref: MessageRef = REF,
    direction: Direction = INBOUND,
    peer: Peer = ANNA,
) -> MessageSeen:
    return MessageSeen(ref, peer, direction, text(words))


def react(emoji: str) -> ReactionSeen:
    return ReactionSeen(REF, emoji, INBOUND, ANNA)


def tell(world: World, *bodies: Any, after_s: float = 0.0) -> None:
    """Say each a second later than the one before, in a delivery of its own."""
    for position, body in enumerate(bodies):
        at = world.at(after_s + position)
        world.hand_over(world.event(body, key=f"{at.timestamp()}:{body}", at=at))


@pytest.mark.parametrize(
    ("late", "shown"),
    [
        (react("👍"), "👍"),
        (MessageEdited(REF, text("Hallo!")), "Hallo! (edited)"),
        (MessageRevoked(REF), "withdrawn"),
        (StatusSeen(REF, MessageStatus.READ), "Read"),
    ],
    ids=["reaction", "edit", "revoke", "status"],
)
def test_what_refers_to_a_message_not_seen_yet_waits_for_it(world, late, shown):
    direction = OUTBOUND if isinstance(late, StatusSeen) else INBOUND
    tell(world, late, after_s=10)
    world.run_until_quiet()
    assert views.status(world.engine)["inbox"].get("parked") == 1
    assert texts(world) == []
    tell(world, said(direction=direction))
    world.run_until_quiet()
    assert views.status(world.engine)["inbox"].get("parked") is None
    (entry,) = world.crm.entries
    assert shown.lower() in entry.text.lower()


def test_what_waits_too_long_is_kept_and_still_attached_when_its_message_comes(make_world):
    world = make_world(retry=RetryPolicy(park_s=60))
    world.run_until_quiet()
    tell(world, react("👍"), after_s=10)
    world.run_until_quiet()
    world.clock.advance(120)
    sweep.sweep(world.engine)
    world.run_until_quiet()
    tell(world, said())
    world.run_until_quiet()
    assert "👍" in world.crm.entries[0].text


def test_reactions_edits_and_statuses_never_get_an_entry_of_their_own(world):
    tell(world, said(), react("👍"), MessageEdited(REF, text("Hallo!")), react(""))
    world.run_until_quiet()
    assert texts(world) == ["Hallo! (edited)"]
    assert len(world.crm.entries) == 1


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_reaction_put_again_is_not_taken_away_by_an_older_removal(world, order):
    events = [
        world.event(react(emoji), key=f"reaction:{at_s}", at=world.at(at_s))
        for at_s, emoji in ((1, "👍"), (3, ""), (5, "👍"))
    ]
    tell(world, said())
    for position in order:
        world.hand_over(events[position])
    world.run_until_quiet()
    assert "👍" in world.crm.entries[0].text


def test_a_withdrawn_message_leaves_no_words_anywhere(world):
    tell(world, said("My card is 9999"))
    world.run_until_quiet()
    tell(world, MessageRevoked(REF), after_s=5)
    world.run_until_quiet()
    assert "9999" not in world.crm.entries[0].text
    shown = views.person(world.engine, views.find_person(world.engine, "+491701234567"))
    assert "9999" not in str(shown)


def test_a_status_never_goes_back(world):
    statuses = [MessageStatus.READ, MessageStatus.DELIVERED, MessageStatus.SENT]
    tell(world, said(direction=OUTBOUND), *(StatusSeen(REF, status) for status in statuses))
    world.run_until_quiet()
    shown = views.person(world.engine, views.find_person(world.engine, "+491701234567"))
    (message,) = [one for one in shown["timeline"] if one["what"] == "message"]
    assert message["status"] == "read"


def test_one_bad_event_never_stops_the_others(world):
    nobody = said("from nobody", ref=MessageRef("wamid.2"), peer=Peer())
    tell(world, said("one"), nobody, said("three", ref=MessageRef("wamid.3")))
    world.run_until_quiet()
    assert texts(world) == ["one", "three"]
    assert views.status(world.engine)["inbox"]["set_aside"] == 1


def test_a_delivery_that_breaks_its_connector_never_stops_the_others(world):
    readable = world.channel.parse

    def parse(body: bytes) -> Parsed:
        return readable(body) if b"poison" not in body else 1 / 0

    world.channel.parse = parse
    world.say("poison")
    world.say("two")
    world.run_until_quiet()
    assert texts(world) == ["two"]
    counted = views.status(world.engine)["connections"]
    assert next(one for one in counted if one["name"] == "wa")["counters"]["deliveries_set_aside"]


def test_a_file_follows_its_entry_and_a_missing_one_is_said_so(world):
    world.channel.files["media.1"] = MediaFile(b"bytes", "image/jpeg")
    picture = Content(MessageKind.IMAGE, "Look", Media("media.1", "image/jpeg"))
    tell(world, MessageSeen(REF, ANNA, INBOUND, picture))
    lost = Content(MessageKind.IMAGE, "And this", Media("media.2", "image/jpeg"))
    tell(world, MessageSeen(MessageRef("wamid.2"), ANNA, INBOUND, lost), after_s=1)
    world.run_until_quiet()
    shown = views.person(world.engine, views.find_person(world.engine, "+491701234567"))
    media = [one["media"] for one in shown["timeline"] if one["what"] == "message"]
    assert media == ["stored", "missing"]
    assert "no such file" in world.crm.entries[1].text


# Any order, any repetition.


def a_life(world: World) -> list[Event]:
    """Thirteen things said of two persons, each at a time of its own."""
    other = Peer("553187654321", name="João")
    second, third = MessageRef("wamid.2"), MessageRef("wamid.3")
    bodies = [
        said("Hallo"),
        said("Guten Tag", ref=second, direction=OUTBOUND, peer=replace(ANNA, name=None)),
        said("Oi", ref=third, peer=other),
        react("👍"),
        react("👍"),
        react(""),
        react("🎉"),
        MessageEdited(REF, text("Hallo!")),
        MessageEdited(REF, text("Hallo!!")),
        StatusSeen(second, MessageStatus.SENT),
        StatusSeen(second, MessageStatus.DELIVERED),
        StatusSeen(second, MessageStatus.READ),
        MessageRevoked(third),
        said("Noch da?", ref=MessageRef("wamid.4"), peer=replace(ANNA, name="Anna Bergmann")),
        MessageEdited(third, text("too late")),
    ]
    return [
        world.event(body, key=f"event:{position}", at=world.at(position))
        for position, body in enumerate(bodies)
    ]


def state_of(world: World) -> dict[str, Any]:
    world.run_until_quiet()
    return {
        "contacts": sorted(sorted(one.values.items()) for one in world.crm.contacts),
        # An entry calls a person as they were called when it was written.
        "entries": sorted(
            entry.text.rpartition("\n")[0].replace("Bergmann", "Berg")
            for entry in world.crm.entries
        ),
        "persons": views.status(world.engine)["persons"],
    }


def lived(order: list[int], batches: int) -> dict[str, Any]:
    world = World()
    try:
        world.run_until_quiet()
        events = a_life(world)
        told = [events[position] for position in order]
        size = max(1, len(told) // batches)
        for start in range(0, len(told), size):
            world.hand_over(*told[start : start + size])
            world.step()
        return state_of(world)
    finally:
        world.close()


COUNT = 15
IN_ORDER = list(range(COUNT))


@cache
def lived_in_order() -> dict[str, Any]:
    return lived(IN_ORDER, 1)


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(
    order=st.permutations(IN_ORDER),
    again=st.lists(st.sampled_from(IN_ORDER), max_size=6),
    batches=st.integers(1, 21),
)
def test_any_order_with_repetitions_ends_in_the_same_state(order, again, batches):
    assert lived([*order, *again], batches) == lived_in_order()


def test_a_whole_delivery_that_is_repeated_changes_nothing(world):
    events = a_life(world)
    assert world.hand_over(*events)
    before = state_of(world)
    writes = len(world.crm.writes)
    assert not world.hand_over(*events)
    world.hand_over(*events[:5])
    assert state_of(world) == before
    assert len(world.crm.writes) == writes
