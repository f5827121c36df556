"""Entries in a contact's timeline: written with their contact, found again by their marker."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from syncbridge.errors import NotFound, OutcomeUnknown, Rejected, Transient
from syncbridge.remote.base import MessageWrite

AT = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)


@pytest.fixture
def contact(world) -> str:
    return world.sales_adds(firstname="Ana")


def entry(contact_id: str, number: int = 1, text: str = "Hi <b>there</b>\nAna") -> MessageWrite:
    return MessageWrite(f"link-{number}", None, contact_id, f"[sb:{number:06}]", text, AT)


def test_an_entry_is_made_with_its_contact_time_text_and_marker(world, contact):
    (outcome,) = world.hubspot.push([entry(contact)])
    (stored,) = world.stored("communications")
    assert outcome.remote_id == stored["id"]
    properties = stored["properties"]
    assert properties["hs_communication_channel_type"] == "WHATS_APP"
    assert properties["hs_timestamp"] == "2026-11-20T18:30:00.000Z"
    assert properties["hs_communication_body"] == (
        "Hi &lt;b&gt;there&lt;/b&gt;<br>Ana<br><small>[sb:000001]</small>"
    )
    assert stored["associations"] == {"contacts": [contact]}


def test_a_hundred_entries_are_one_call_and_each_outcome_is_its_own(world, contact):
    before = world.calls()
    outcomes = world.hubspot.push([entry(contact, number) for number in range(100)])
    assert world.calls() - before == 1
    bodies = {
        row["id"]: row["properties"]["hs_communication_body"]
        for row in world.stored("communications")
    }
    for number, outcome in enumerate(outcomes):
        assert f"[sb:{number:06}]" in bodies[outcome.remote_id]


def test_a_changed_text_keeps_its_entry(world, contact):
    (made,) = world.hubspot.push([entry(contact)])
    again = replace(entry(contact, text="Edited"), remote_id=made.remote_id)
    (outcome,) = world.hubspot.push([again])
    assert outcome.remote_id == made.remote_id
    (stored,) = world.stored("communications")
    assert stored["properties"]["hs_communication_body"].startswith("Edited<br>")


def test_an_entry_that_was_deleted_is_not_found(world, contact):
    (made,) = world.hubspot.push([entry(contact)])
    world.steer("DELETE", f"/communications/{made.remote_id}")
    (outcome,) = world.hubspot.push([replace(entry(contact), remote_id=made.remote_id)])
    assert isinstance(outcome.error, NotFound)
    assert world.hubspot.find(replace(entry(contact), remote_id=made.remote_id)) is None


def test_an_entry_for_a_missing_contact_is_refused_and_the_others_are_not(world, contact):
    outcomes = world.hubspot.push([entry(contact, 1), entry("999999", 2)])
    assert isinstance(outcomes[1].error, Rejected)
    assert outcomes[0].error is None or isinstance(outcomes[0].error, Transient)


def test_an_entry_whose_answer_was_lost_is_found_by_its_marker(world, contact):
    world.hubspot.push([entry(contact, number) for number in range(2, 60)])
    world.sandbox.faults.arm("timeout-after:s=0.05:times=1")
    (lost,) = world.hubspot.push([entry(contact)])
    assert isinstance(lost.error, OutcomeUnknown)
    found = world.hubspot.find(entry(contact))
    assert found is not None
    bodies = {
        row["id"]: row["properties"]["hs_communication_body"]
        for row in world.stored("communications")
    }
    assert "[sb:000001]" in bodies[found.remote_id]


def test_an_entry_that_never_arrived_is_not_found(world, contact):
    assert world.hubspot.find(entry(contact)) is None
    world.hubspot.push([entry(contact, 2)])
    assert world.hubspot.find(entry(contact)) is None


def test_an_entry_is_found_although_its_contact_was_merged_meanwhile(world, contact):
    (made,) = world.hubspot.push([entry(contact)])
    other = world.sales_adds(firstname="Anna")
    world.steer("POST", "/contacts/merge", {"primary": other, "other": contact})
    assert world.hubspot.find(entry(contact)).remote_id == made.remote_id


def test_many_lost_entries_are_looked_for_in_three_calls(world, contact):
    others = [world.sales_adds(firstname=f"Person {number}") for number in range(20)]
    made = world.hubspot.push([entry(one, number) for number, one in enumerate(others)])
    asked = [entry(one, number) for number, one in enumerate(others)]
    before = world.calls()
    found = world.hubspot.find_all([*asked, entry(contact, 777)])
    assert {key: outcome.remote_id for key, outcome in found.items()} == {
        outcome.link_id: outcome.remote_id for outcome in made
    }
    # The entries of all contacts, whether the silent contact is there, and the entries' texts.
    assert world.calls() - before == 3


def test_a_lost_entry_is_found_among_many_although_its_contact_was_merged_meanwhile(world, contact):
    (made,) = world.hubspot.push([entry(contact)])
    other = world.sales_adds(firstname="Anna")
    world.steer("POST", "/contacts/merge", {"primary": other, "other": contact})
    found = world.hubspot.find_all([entry(contact)])
    assert [outcome.remote_id for outcome in found.values()] == [made.remote_id]
