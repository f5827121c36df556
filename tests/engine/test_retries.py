"""Writes that fail: tried again on a schedule, then a dead letter that says what to do."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from syncbridge.engine import review, views
from syncbridge.errors import (
    CredentialsRevoked,
    Forbidden,
    Invalid,
    Moved,
    OutcomeUnknown,
    QuotaExhausted,
    RateLimited,
    Transient,
    Unavailable,
    VersionMismatch,
)
from syncbridge.remote.base import ContactWrite
from syncbridge.testing import Step, World
from tests.engine.looking import attempts, contact_writes, dead, fields, message_writes, texts

DOWN = Unavailable("down")


def started_s(world: World, entry_id: int) -> list[int]:
    """Seconds between the attempts of an entry."""
    times = [datetime.fromisoformat(str(row["started_at"])) for row in attempts(world, entry_id)]
    return [round((later - one).total_seconds()) for one, later in pairwise(times)]


def test_a_write_that_keeps_failing_is_tried_three_times_more_then_buried(world):
    world.crm.script.always("push", DOWN)
    world.say("Hallo")
    world.run_until_quiet()
    (letter,) = dead(world)
    assert letter["cause"] == "unavailable"
    assert "replay" in letter["advice"]
    assert [row["outcome"] for row in attempts(world, letter["id"])] == ["unavailable"] * 4
    assert started_s(world, letter["id"]) == [300, 300, 300]


def test_a_write_that_recovers_is_settled_and_its_tries_forgotten(world):
    world.crm.script.plan("push", DOWN, DOWN)
    world.say("Hallo")
    world.run_until_quiet()
    assert texts(world) == ["Hallo"]
    assert dead(world) == []
    world.crm.script.plan("push", DOWN, DOWN, DOWN)
    world.say("Noch da?", name="Anna Bergmann")
    world.run_until_quiet()
    assert texts(world) == ["Hallo", "Noch da?"]
    assert dead(world) == []


@pytest.mark.parametrize(
    "error",
    [
        RateLimited("slow down", retry_after_s=30),
        RateLimited("slow down"),
        Transient("another record spoilt the batch", retry_after_s=0),
    ],
    ids=["told how long", "not told", "not our fault"],
)
def test_a_limit_burns_no_try(world, error):
    world.crm.script.plan("push", *[error] * 9)
    world.say("Hallo")
    world.run_until_quiet()
    assert texts(world) == ["Hallo"]
    assert dead(world) == []


def test_a_limit_is_waited_out_as_long_as_the_vendor_says(world):
    world.crm.script.plan("push", RateLimited("slow down", retry_after_s=30))
    world.say("Hallo")
    world.run_until_quiet()
    assert started_s(world, 1) == [30]


def test_a_revoked_token_parks_the_connection_and_burns_no_try(world):
    world.crm.script.plan("push", *[CredentialsRevoked("token expired")] * 9)
    world.say("Hallo")
    world.step()
    world.step()
    pushes = world.crm.script.calls["push"]
    for _ in range(20):
        world.step()
    assert world.crm.script.calls["push"] == pushes, "a parked connection is left alone"
    assert "token expired" in views.status(world.engine)["connections"][0]["suspended"]
    world.run_until_quiet()
    assert texts(world) == ["Hallo"]
    assert dead(world) == []
    assert views.status(world.engine)["connections"][0]["suspended"] is None


def test_an_exhausted_quota_waits_until_the_vendor_renews_it(world):
    until = world.clock() + timedelta(hours=1)
    world.crm.script.plan("push", QuotaExhausted("daily limit", until=until))
    world.say("Hallo")
    world.run_until_quiet(horizon_s=3_500)
    assert texts(world) == []
    world.clock.advance(200)
    world.run_until_quiet()
    assert texts(world) == ["Hallo"]


def test_a_refused_record_is_buried_at_once_and_the_others_go_on(world):
    world.crm.accepts["firstname"] = lambda value: value != "Eve"
    world.say("Hallo", number="491700000001", name="Anna Berg")
    world.say("Hi", number="491700000002", name="Eve Stein")
    world.say("Moin", number="491700000003", name="Ole Jensen")
    world.run_until_quiet()
    assert sorted(one.values["firstname"] for one in world.crm.contacts) == ["Anna", "Ole"]
    assert sorted(texts(world)) == ["Hallo", "Moin"]
    (letter,) = dead(world)
    assert letter["cause"] == "invalid"
    assert "firstname is not accepted" in letter["message"]
    assert letter["name"] == "Eve Stein"
    assert len(attempts(world, letter["id"])) == 1


def test_a_batch_refused_as_a_whole_is_halved_until_the_bad_record_is_alone(world):
    world.crm.is_atomic = True
    world.crm.accepts["firstname"] = lambda value: value != "Eve"
    for number in range(8):
        name = "Eve Stein" if number == 5 else f"Anna{chr(97 + number)} Berg"
        world.say("Hallo", number=f"4917000000{number:02}", name=name)
    world.run_until_quiet()
    assert len(world.crm.contacts) == 7
    assert len(texts(world)) == 7
    assert len(dead(world)) == 1
    contact_calls = len([w for w in contact_writes(world) if "Eve" in w.values.values()])
    assert contact_calls == 4, "8, 4, 2, 1: the bad one is in one half each time"


def test_a_batch_is_not_halved_when_the_vendor_is_down(world):
    world.crm.script.plan("push", DOWN)
    for number in range(8):
        world.say("Hallo", number=f"4917000000{number:02}")
    world.step()
    assert world.crm.script.calls["push"] == 1


def test_messages_of_a_buried_contact_wait_and_say_for_whom(world):
    world.crm.accepts["firstname"] = lambda value: value != "Eve"
    world.say("Hi", name="Eve Stein")
    world.run_until_quiet()
    (letter,) = dead(world)
    shown = views.person(world.engine, letter["person"])
    (message,) = [one for one in shown["timeline"] if one["what"] == "message"]
    assert message["logged"][0]["state"] == "blocked"
    world.crm.accepts.clear()
    assert review.replay(world.engine, [letter["id"]], by="ops") == 1
    world.run_until_quiet()
    assert texts(world) == ["Hi"]
    assert dead(world) == []


def test_a_discarded_letter_stays_away_until_it_is_replayed(world):
    world.crm.accepts["firstname"] = lambda value: value != "Eve"
    world.say("Hi", name="Eve Stein")
    world.run_until_quiet()
    (letter,) = dead(world)
    assert review.discard(world.engine, [letter["id"]], by="ops", reason="a test call") == 1
    world.crm.accepts.clear()
    world.run_until_quiet()
    assert dead(world) == []
    assert world.crm.contacts == []
    assert review.replay(world.engine, [letter["id"]], by="ops") == 1
    world.run_until_quiet()
    assert texts(world) == ["Hi"]


def test_a_settled_entry_cannot_be_replayed(world):
    world.say("Hi")
    world.run_until_quiet()
    assert review.replay(world.engine, [1, 2], by="ops") == 0
    assert review.discard(world.engine, [1, 2], by="ops", reason="why not") == 0
    shown = views.person(world.engine, views.find_person(world.engine, "+491701234567"))
    assert {one["what"] for one in shown["timeline"]}.isdisjoint({"replayed", "discarded"})
    world.run_until_quiet()
    assert len(world.crm.writes) == 2


def test_a_dead_letter_gets_a_new_chance_when_its_values_change(world):
    world.crm.accepts["firstname"] = lambda value: value != "Eve"
    world.say("Hi", name="Eve Stein")
    world.run_until_quiet()
    assert len(dead(world)) == 1
    world.say("It is me", name="Eva Stein", at=world.at(60))
    world.run_until_quiet()
    assert dead(world) == []
    assert fields(world)["firstname"] == "Eva"
    assert texts(world) == ["Hi", "It is me"]


def test_ten_edits_are_one_call(make_world):
    world = make_world(crms=("hs", "hs2"))
    world.say("Hallo")
    world.run_until_quiet()
    before = len(contact_writes(world, "hs2"))
    contact = world.crm.contacts[0].id
    for number in range(10):
        world.clock.advance(ms=5)
        world.crm.cabinet.edit(contact, company=f"ACME {number}")
    world.run_until_quiet()
    written = contact_writes(world, "hs2")[before:]
    assert [write.values for write in written] == [{"company": "ACME 9"}]


def test_a_version_that_changed_meanwhile_is_read_again_not_buried(world):
    world.say("Hallo")
    world.run_until_quiet()
    world.crm.script.plan("push", VersionMismatch("changed since"))
    world.say("Hi", name="Anna Bergmann", at=world.at(60))
    world.run_until_quiet()
    assert dead(world) == []
    assert fields(world)["lastname"] == "Bergmann"


def test_a_record_that_moves_for_ever_is_buried(world):
    world.say("Hallo")
    world.run_until_quiet()
    contact = world.crm.contacts[0].id
    world.crm.script.always("push", Step(Moved("again", to=contact), only=is_contact))
    world.say("Hi", name="Anna Bergmann", at=world.at(60))
    world.run_until_quiet()
    (letter,) = dead(world)
    assert letter["cause"] == "moved"


def is_contact(write: object) -> bool:
    return isinstance(write, ContactWrite)


@pytest.mark.parametrize("error", [Invalid("bad"), Forbidden("not yours")])
def test_a_definite_refusal_is_not_repeated(world, error):
    world.crm.script.plan("push", error)
    world.say("Hallo")
    world.run_until_quiet()
    assert len(dead(world)) == 1
    assert world.crm.script.calls["push"] == 1


def test_a_reading_guard_that_fails_holds_the_write_back(world):
    world.say("Hallo")
    world.run_until_quiet()
    world.crm.script.plan("read", DOWN)
    world.say("Hi", name="Anna Bergmann", at=world.at(60))
    world.run_until_quiet()
    assert fields(world)["lastname"] == "Bergmann"
    assert len(contact_writes(world)) == 2
    assert len(message_writes(world)) == 2


def test_an_unknown_outcome_that_never_clears_is_buried_and_replay_looks_first(world):
    world.crm.script.always("push", OutcomeUnknown("no answer"))
    world.say("Hallo")
    world.run_until_quiet(horizon_s=36_000)
    (letter,) = dead(world)
    assert letter["cause"] == "outcome_unknown"
    assert "Look in the CRM" in letter["advice"]
