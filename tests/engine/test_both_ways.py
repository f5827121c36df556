"""Edits made in CRMs: they reach everybody, echo nowhere, and clash visibly."""

from __future__ import annotations

import pytest

from syncbridge.engine import resync, rounds, views
from syncbridge.engine.context import Table
from syncbridge.model.golden import FieldRule, Policy
from syncbridge.remote.base import ContactWrite
from syncbridge.testing import Crash, Step, World
from tests.engine.looking import (
    conflicts,
    contact_writes,
    decide,
    fields,
    golden,
    the_contact,
    writes_of_a_resync,
)


@pytest.fixture
def two(make_world) -> World:
    """A person who stands in two CRMs, everything quiet."""
    world = make_world(crms=("hs", "hs2"))
    world.say("Hallo")
    world.run_until_quiet()
    world.clock.advance(60)
    return world


def edit(world: World, crm: str, **values: str | None) -> None:
    world.crms[crm].cabinet.edit(the_contact(world, crm), **values)


def calls(world: World) -> dict[str, int]:
    return {
        f"{name} {verb}": count
        for name, crm in world.crms.items()
        for verb, count in crm.script.calls.items()
        if verb in ("read", "push")
    }


def test_an_edit_comes_back_and_reaches_the_other_crm(two):
    edit(two, "hs", company="ACME", firstname="Anne")
    two.run_until_quiet()
    assert golden(two)["company"] == "ACME"
    assert fields(two, "hs2")["company"] == "ACME"
    assert fields(two, "hs2")["firstname"] == "Anne"
    assert conflicts(two) == []


def test_an_edit_is_one_read_there_one_guard_and_one_write_here(two):
    before = calls(two)
    edit(two, "hs", company="ACME")
    two.run_until_quiet()
    after = calls(two)
    grown = {name: count - before.get(name, 0) for name, count in after.items()}
    assert {name: more for name, more in grown.items() if more} == {
        "hs read": 1,
        "hs2 read": 1,
        "hs2 push": 1,
    }


def test_the_echo_of_our_own_write_makes_no_call(two):
    edit(two, "hs", company="ACME")
    while "company" not in fields(two, "hs2"):
        two.step()
    before = calls(two)
    two.run_until_quiet()
    assert calls(two) == before
    assert writes_of_a_resync(two) == 0


def test_an_edit_found_by_polling_alone_does_the_same(make_world):
    world = make_world(crms=("hs", "hs2"), has_webhooks=False)
    world.say("Hallo")
    world.run_until_quiet()
    world.clock.advance(60)
    edit(world, "hs", company="ACME")
    world.run_until_quiet()
    assert fields(world, "hs2")["company"] == "ACME"
    assert writes_of_a_resync(world) == 0


def test_a_cleared_field_is_cleared_everywhere(two):
    edit(two, "hs", company="ACME")
    two.run_until_quiet()
    edit(two, "hs2", company=None)
    two.run_until_quiet()
    assert "company" not in fields(two, "hs")
    assert golden(two)["company"] is None


def test_a_field_cleared_and_filled_again_comes_through(two):
    for value in ("ACME", None, "Umbrella"):
        edit(two, "hs", company=value)
        two.run_until_quiet()
        two.clock.advance(5)
    assert fields(two, "hs2")["company"] == "Umbrella"


def test_two_edits_of_one_field_leave_a_conflict_with_both_values_and_the_reason(two):
    edit(two, "hs", company="ACME")
    two.clock.advance(ms=1)
    edit(two, "hs2", company="Umbrella")
    two.run_until_quiet()
    (found,) = conflicts(two)
    assert {found["ours"], found["theirs"]} == {"ACME", "Umbrella"}
    assert {found["ours_from"], found["theirs_from"]} == {"hs", "hs2"}
    assert found["winner"] in ("ours", "theirs")
    assert found["ours_at"] != found["theirs_at"]
    assert "last write: hs2 wrote later than hs" in found["reason"]
    assert fields(two, "hs")["company"] == "Umbrella"
    assert fields(two, "hs2")["company"] == "Umbrella"


def test_the_last_write_wins_to_the_millisecond_whichever_is_heard_first(make_world):
    for first_heard in ("hs", "hs2"):
        world = make_world(crms=("hs", "hs2"), has_webhooks=False)
        world.say("Hallo")
        world.run_until_quiet()
        world.clock.advance(60)
        edit(world, "hs2", company="Umbrella")
        world.clock.advance(ms=1)
        edit(world, "hs", company="ACME")
        resync.poll(world.engine, first_heard)
        rounds.work(world.engine, Table.RECORDS, first_heard)
        world.run_until_quiet()
        assert fields(world, "hs2")["company"] == "ACME", first_heard
        assert len(conflicts(world)) == 1


def test_edits_in_the_same_millisecond_are_decided_by_rank(two):
    edit(two, "hs2", company="Umbrella")
    edit(two, "hs", company="ACME")
    two.run_until_quiet()
    assert fields(two, "hs2")["company"] == "ACME"
    (found,) = conflicts(two)
    assert "better rank" in found["reason"]


def test_edits_of_different_fields_do_not_clash(two):
    edit(two, "hs", company="ACME")
    edit(two, "hs2", jobtitle="CEO")
    two.run_until_quiet()
    assert conflicts(two) == []
    for crm in ("hs", "hs2"):
        assert (fields(two, crm)["company"], fields(two, crm)["jobtitle"]) == ("ACME", "CEO")


def test_the_same_edit_made_twice_is_no_conflict(two):
    edit(two, "hs", company="ACME")
    edit(two, "hs2", company="ACME")
    two.run_until_quiet()
    assert conflicts(two) == []
    assert writes_of_a_resync(two) == 0


@pytest.mark.parametrize(
    ("choice", "value", "stands"),
    [("ours", None, "ours"), ("theirs", None, "theirs"), ("value", "Initech", "Initech")],
)
def test_a_decision_is_written_everywhere(two, choice, value, stands):
    edit(two, "hs", company="ACME")
    two.clock.advance(1)
    edit(two, "hs2", company="Umbrella")
    two.run_until_quiet()
    (found,) = conflicts(two)
    decide(two, found["id"], choice, value)
    two.run_until_quiet()
    expected = found.get(stands, stands)
    assert fields(two, "hs")["company"] == fields(two, "hs2")["company"] == expected
    assert conflicts(two) == []
    assert writes_of_a_resync(two) == 0


def test_an_edit_after_a_decision_beats_it(two):
    edit(two, "hs", company="ACME")
    two.clock.advance(1)
    edit(two, "hs2", company="Umbrella")
    two.run_until_quiet()
    decide(two, conflicts(two)[0]["id"], "value", "Initech")
    two.run_until_quiet()
    two.clock.advance(1)
    edit(two, "hs2", company="Hooli")
    two.run_until_quiet()
    assert fields(two, "hs")["company"] == "Hooli"
    assert conflicts(two) == []


def test_a_field_decided_by_hand_is_held_on_all_records_and_others_flow(make_world):
    world = make_world(crms=("hs", "hs2"), rules={"company": FieldRule("company", Policy.MANUAL)})
    world.say("Hallo")
    world.run_until_quiet()
    world.clock.advance(60)
    edit(world, "hs", company="ACME", jobtitle="CEO")
    edit(world, "hs2", company="Umbrella")
    world.run_until_quiet()
    assert fields(world, "hs")["company"] == "ACME"
    assert fields(world, "hs2")["company"] == "Umbrella"
    assert fields(world, "hs2")["jobtitle"] == "CEO"
    (found,) = conflicts(world)
    assert found["winner"] == ""
    decide(world, found["id"], "ours")
    world.run_until_quiet()
    assert fields(world, "hs")["company"] == fields(world, "hs2")["company"] == found["ours"]


def test_a_vendor_that_renders_differently_is_not_taken_for_an_editor(make_world):
    world = make_world(crms=("hs", "hs2"))
    world.crms["hs"].renders["phone"] = lambda value: f"{value[:3]} {value[3:6]} {value[6:]}"
    world.say("Hallo")
    world.run_until_quiet()
    assert fields(world, "hs")["phone"] == "+49 170 1234567"
    assert fields(world, "hs2")["phone"] == "+491701234567"
    assert golden(world)["phone"] == "+491701234567"
    assert conflicts(world, is_initial=None) == []
    assert writes_of_a_resync(world) == 0


def test_a_person_who_only_respells_a_phone_changes_nothing_elsewhere(two):
    before = len(contact_writes(two, "hs2"))
    edit(two, "hs", phone="0170 / 123 45 67")
    two.run_until_quiet()
    assert fields(two, "hs")["phone"] == "0170 / 123 45 67"
    assert len(contact_writes(two, "hs2")) == before
    assert conflicts(two) == []


# Edits while a write is on its way.


def is_contact(write: object) -> bool:
    return isinstance(write, ContactWrite)


def test_an_edit_of_another_field_during_a_write_is_not_lost(two):
    other = the_contact(two, "hs2")
    meanwhile = Step(
        only=is_contact, meanwhile=lambda: two.crms["hs2"].cabinet.edit(other, jobtitle="CEO")
    )
    two.crms["hs2"].script.plan("push", meanwhile)
    edit(two, "hs", company="ACME")
    two.run_until_quiet()
    for crm in ("hs", "hs2"):
        assert fields(two, crm)["company"] == "ACME"
        assert fields(two, crm)["jobtitle"] == "CEO"


def test_an_edit_made_while_the_guard_reads_is_seen_or_stands_in_history(two):
    """Made after the guard's request left: the narrow window that the connector documents."""
    other = the_contact(two, "hs2")
    before_read = Step(meanwhile=lambda: two.crms["hs2"].cabinet.edit(other, company="Umbrella"))
    two.crms["hs2"].script.plan("read", before_read)
    two.clock.advance(1)
    edit(two, "hs", company="ACME")
    two.run_until_quiet()
    (found,) = conflicts(two)
    assert {found["ours"], found["theirs"]} == {"ACME", "Umbrella"}


def test_an_edit_right_after_our_write_wins(two):
    other = the_contact(two, "hs2")
    edit(two, "hs", company="ACME")
    while "company" not in fields(two, "hs2"):
        two.step()
    two.clock.advance(ms=1)
    two.crms["hs2"].cabinet.edit(other, company="Umbrella")
    two.run_until_quiet()
    assert fields(two, "hs")["company"] == "Umbrella"
    assert conflicts(two) == []


def work(world: World, *rounds_of: tuple[Table, str]) -> None:
    for table, name in rounds_of:
        rounds.work(world.engine, table, name)


def hear_and_write(world: World, heard: str, written: str) -> None:
    """Let an edit of one CRM be read and written to the other, as other workers would."""
    world.deliver_webhooks()
    work(world, (Table.DELIVERIES, ""), (Table.RECORDS, heard), (Table.OUTBOX, written))


def test_a_read_that_was_answered_before_our_write_is_not_believed(two):
    """Taken for an edit, it would undo what we wrote."""

    def write_meanwhile() -> None:
        two.clock.advance(ms=10)
        edit(two, "hs", company="ACME")
        hear_and_write(two, "hs", "hs2")
        assert fields(two, "hs2")["company"] == "ACME"

    edit(two, "hs2", jobtitle="CEO")
    two.deliver_webhooks()
    two.crms["hs2"].script.plan("read", Step(is_after=True, meanwhile=write_meanwhile))
    work(two, (Table.DELIVERIES, ""), (Table.RECORDS, "hs2"))
    assert golden(two)["company"] == "ACME"
    two.run_until_quiet()
    for crm in ("hs", "hs2"):
        assert (fields(two, crm)["company"], fields(two, crm)["jobtitle"]) == ("ACME", "CEO")
    assert conflicts(two) == []


def test_a_read_that_a_later_one_overtook_is_not_believed(two):
    """The guard of a write saw a newer edit; the older answer must not take it back."""

    def be_overtaken() -> None:
        two.clock.advance(ms=10)
        edit(two, "hs", company="ACME")
        two.clock.advance(ms=10)
        edit(two, "hs2", company="Umbrella")
        hear_and_write(two, "hs", "hs2")
        assert golden(two)["company"] == "Umbrella"

    edit(two, "hs2", jobtitle="CEO")
    two.deliver_webhooks()
    two.crms["hs2"].script.plan("read", Step(is_after=True, meanwhile=be_overtaken))
    work(two, (Table.DELIVERIES, ""), (Table.RECORDS, "hs2"))
    assert golden(two)["company"] == "Umbrella"
    two.run_until_quiet()
    for crm in ("hs", "hs2"):
        assert fields(two, crm)["company"] == "Umbrella"
        assert fields(two, crm)["jobtitle"] == "CEO"


# Cursors.


def test_a_cursor_is_saved_with_its_page_or_not_at_all(make_world):
    world = make_world(has_webhooks=False)
    world.run_until_quiet()
    for number in range(25):
        world.crm.cabinet.add(firstname=f"P{number}", email=f"p{number}@example.org")
    seen = []

    def die(verb: str, moment: str) -> None:
        seen.append(verb)
        if (verb, moment) == ("pull", "after") and seen.count("pull") == 4:
            raise Crash

    world.crm.script.watch = die
    with pytest.raises(Crash):
        resync.poll(world.engine, "hs")
    world.crm.script.watch = None
    world.restart()
    world.run_until_quiet()
    assert views.status(world.engine)["persons"] == 25


# Doorbells.


def test_webhooks_that_are_lost_doubled_or_reordered_change_nothing(two):
    cabinet = two.crms["hs"].cabinet
    edit(two, "hs", company="ACME")
    edit(two, "hs", company="Umbrella")
    edit(two, "hs", jobtitle="CEO")
    told = list(cabinet.told)
    cabinet.told[:] = [told[2], told[0], told[0]]
    two.run_until_quiet()
    assert fields(two, "hs2")["company"] == "Umbrella"
    assert fields(two, "hs2")["jobtitle"] == "CEO"
    assert writes_of_a_resync(two) == 0


def test_a_late_echo_after_an_edit_does_not_undo_it(two):
    edit(two, "hs", company="ACME")
    two.run_until_quiet()
    echo = two.crms["hs2"].cabinet
    two.clock.advance(1)
    edit(two, "hs2", company="Umbrella")
    edit_bells = list(echo.told)
    echo.told.clear()
    two.hand_over(*edit_bells, connection="hs2")
    two.run_until_quiet()
    assert fields(two, "hs")["company"] == "Umbrella"
