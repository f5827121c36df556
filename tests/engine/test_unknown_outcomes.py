"""Writes whose answer never came: looked for before they are repeated, so that each stands once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from syncbridge.engine import sweep
from syncbridge.engine.context import RetryPolicy
from syncbridge.errors import OutcomeUnknown, Unavailable
from syncbridge.model.conversation import Content, MessageKind, MessageRef
from syncbridge.model.event import MessageEdited
from syncbridge.remote.base import ContactWrite, Write
from syncbridge.testing import Crash, Step
from tests.engine.looking import attempts, contact_writes, dead, fields, message_writes, texts

LOST = OutcomeUnknown("no answer")


def is_contact(write: Write) -> bool:
    return isinstance(write, ContactWrite)


def lost(*, took_effect: bool, only: object = None) -> Step:
    return Step(LOST, is_after=took_effect, only=only)


@pytest.mark.parametrize("took_effect", [True, False])
def test_a_contact_of_unknown_outcome_is_written_again_and_stands_once(world, took_effect):
    world.crm.script.plan("push", lost(took_effect=took_effect))
    world.say("Hallo")
    world.run_until_quiet()
    assert fields(world)["firstname"] == "Anna"
    assert texts(world) == ["Hallo"]
    assert dead(world) == []


def test_an_entry_of_unknown_outcome_that_is_found_is_not_written_again(world):
    world.crm.script.plan("push", None, lost(took_effect=True))
    world.say("Hallo")
    world.run_until_quiet()
    assert texts(world) == ["Hallo"]
    assert len(message_writes(world)) == 1
    assert world.crm.script.calls["find"] == 1
    assert dead(world) == []


def test_an_entry_is_looked_for_a_minute_later_at_the_earliest(world):
    world.crm.script.plan("push", None, lost(took_effect=True))
    world.say("Hallo")
    world.run_until_quiet(horizon_s=59)
    assert world.crm.script.calls["find"] == 0
    world.clock.advance(60)
    world.run_until_quiet(horizon_s=1)
    assert world.crm.script.calls["find"] == 1


def test_an_entry_that_is_twice_not_found_is_written_again(world):
    world.crm.script.plan("push", None, lost(took_effect=False))
    world.say("Hallo")
    world.run_until_quiet()
    assert texts(world) == ["Hallo"]
    assert world.crm.script.calls["find"] == 2
    assert len(message_writes(world)) == 2


def test_every_new_attempt_is_looked_for_twice_again(world):
    world.crm.script.plan("push", None, lost(took_effect=False), lost(took_effect=False))
    world.say("Hallo")
    world.run_until_quiet()
    assert texts(world) == ["Hallo"]
    assert world.crm.script.calls["find"] == 4


def test_an_entry_that_appears_late_is_still_found(world):
    # The CRM's index lags: the first look misses what was written.
    world.crm.script.plan("push", None, lost(took_effect=True))
    world.say("Hallo")
    world.step()
    world.step()
    (entry,) = world.crm.entries
    hidden, entry.text = entry.text, "not to be seen yet"
    world.run_until_quiet(horizon_s=70)
    assert world.crm.script.calls["find"] == 1
    entry.text = hidden
    world.run_until_quiet()
    assert texts(world) == ["Hallo"]


def test_looking_that_fails_is_no_proof_of_absence(world):
    world.crm.script.plan("push", None, lost(took_effect=True))
    world.crm.script.plan("find", Unavailable("down"), Unavailable("down"))
    world.say("Hallo")
    world.run_until_quiet()
    assert texts(world) == ["Hallo"]
    assert len(message_writes(world)) == 1


def test_what_changed_while_an_outcome_was_unknown_is_written_after_it_was_found(world):
    world.crm.script.plan("push", None, lost(took_effect=True))
    wamid = world.say("Hallo")
    world.step()
    world.step()
    world.hand_over(world.event(edited(wamid, "Hallo!"), key="edit:1", at=world.at(5)))
    world.run_until_quiet()
    assert texts(world) == ["Hallo! (edited)"]
    assert len(world.crm.entries) == 1


def edited(wamid: str, text: str) -> MessageEdited:
    return MessageEdited(MessageRef(wamid), Content(MessageKind.TEXT, text))


def test_an_edit_made_after_a_lost_update_is_not_overwritten(world):
    world.say("Hallo")
    world.run_until_quiet()
    contact = world.crm.contacts[0].id
    world.crm.script.plan("push", lost(took_effect=True, only=is_contact))
    world.say("Hi", name="Anna Bergmann", at=world.at(60))
    while not any(write.values.get("lastname") == "Bergmann" for write in contact_writes(world)):
        world.step()
    world.clock.advance(1)
    world.crm.cabinet.edit(contact, lastname="Bergmann-Ott")
    world.run_until_quiet()
    assert fields(world)["lastname"] == "Bergmann-Ott"


def test_an_edit_made_after_a_lost_create_is_not_overwritten(world):
    world.crm.script.plan("push", lost(took_effect=True))
    world.say("Hallo")
    while not world.crm.contacts:
        world.step()
    world.clock.advance(1)
    world.crm.cabinet.edit(world.crm.contacts[0].id, firstname="Annette", company="ACME")
    world.run_until_quiet()
    assert fields(world)["firstname"] == "Annette"
    assert fields(world)["company"] == "ACME"


# Leases.


class Died(Crash):
    """The worker that made the call is gone."""


def dying_at(push: int, moment: str) -> Callable[[str, str], None]:
    """A watch that ends the process at the n-th push."""
    seen: list[str] = []

    def watch(verb: str, when: str) -> None:
        if (verb, when) == ("push", moment):
            seen.append(verb)
            if len(seen) == push:
                raise Died

    return watch


def test_a_claim_whose_worker_died_comes_back_when_its_lease_runs_out(world):
    world.say("Hallo")
    world.run_until_quiet()

    def die(verb: str, moment: str) -> None:
        if verb == "read":
            raise Died

    world.crm.script.watch = die
    world.say("Hi", name="Anna Bergmann", at=world.at(60))
    with pytest.raises(Died):
        world.run_until_quiet()
    world.crm.script.watch = None
    world.clock.advance(59)
    world.step()
    assert fields(world)["lastname"] == "Berg"
    world.run_until_quiet()
    assert fields(world)["lastname"] == "Bergmann"


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", [1, 2], ids=["contact", "entry"])
def test_a_worker_that_dies_in_a_call_leaves_one_record(world, moment, call):
    world.say("Hallo")
    world.crm.script.watch = dying_at(call, moment)
    with pytest.raises(Died):
        world.run_until_quiet()
    world.crm.script.watch = None
    world.run_until_quiet()
    assert texts(world) == ["Hallo"]
    assert len(world.crm.contacts) == 1


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", [1, 2], ids=["contact", "entry"])
def test_a_restart_takes_back_at_once_what_was_held(world, moment, call):
    world.say("Hallo")
    world.crm.script.watch = dying_at(call, moment)
    with pytest.raises(Died):
        world.run_until_quiet()
    world.crm.script.watch = None
    world.restart()
    world.run_until_quiet()
    assert texts(world) == ["Hallo"]
    assert len(world.crm.contacts) == 1


def test_a_slow_worker_whose_claim_was_taken_back_sends_nothing(world):
    """Its guard took longer than the lease: somebody else may have sent meanwhile."""
    world.say("Hallo")
    world.run_until_quiet()

    def take_long() -> None:
        world.clock.advance(61)
        sweep.sweep(world.engine)

    world.crm.script.plan("read", Step(meanwhile=take_long))
    world.say("Hi", name="Anna Bergmann", at=world.at(60))
    world.run_until_quiet()
    assert fields(world)["lastname"] == "Bergmann"
    assert len(contact_writes(world)) == 2
    assert dead(world) == []


def test_an_answer_that_comes_after_its_lease_is_not_taken_for_a_later_attempt(world):
    def take_long() -> None:
        world.clock.advance(61)
        sweep.sweep(world.engine)

    world.crm.script.plan("push", Step(meanwhile=take_long), Step(meanwhile=take_long))
    world.say("Hallo")
    world.run_until_quiet()
    assert texts(world) == ["Hallo"]
    assert len(world.crm.contacts) == 1
    assert dead(world) == []


def test_a_call_that_kills_its_worker_every_time_is_buried_in_the_end(make_world):
    world = make_world(retry=RetryPolicy(compensation_tries=3))
    world.run_until_quiet()
    world.say("Hallo")

    def watch(verb: str, when: str) -> None:
        if (verb, when) == ("push", "before"):
            raise Died

    world.crm.script.watch = watch
    for _ in range(12):
        try:
            world.run_until_quiet()
        except Died:
            continue
        break
    (letter,) = dead(world)
    assert letter["cause"] == "outcome_unknown"
    assert len(attempts(world, letter["id"])) == 4
