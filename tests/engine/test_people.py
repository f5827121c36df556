"""Who is who: senders and records of CRMs, by numbers, addresses and names."""

from __future__ import annotations

import pytest

from syncbridge.engine import views
from syncbridge.testing import World
from tests.engine.looking import conflicts, contact_writes, fields, golden, texts, the_contact


def persons(world: World) -> int:
    return views.status(world.engine)["persons"]


@pytest.mark.parametrize(
    ("in_crm", "on_whatsapp"),
    [
        ("0170 1234567", "491701234567"),
        ("+55 31 98765-4321", "553187654321"),
        ("+54 11 2345-6789", "5491123456789"),
        ("+52 55 1234 5678", "5215512345678"),
    ],
    ids=["national", "Brazil's ninth digit", "Argentina's 9", "Mexico's 1"],
)
def test_a_sender_is_the_contact_the_crm_knows_by_another_spelling(world, in_crm, on_whatsapp):
    known = world.crm.cabinet.add(firstname="Anna", phone=in_crm)
    world.run_until_quiet()
    world.say("Hallo", number=on_whatsapp)
    world.run_until_quiet()
    assert the_contact(world) == known
    assert world.crm.entries[0].contact_id == known
    assert persons(world) == 1
    assert fields(world)["phone"] == in_crm, "how people write a number is theirs"


@pytest.mark.parametrize(
    ("in_crm", "on_whatsapp"),
    [("0170 1234567", "491701234567"), ("+55 31 98765-4321", "553187654321")],
)
def test_a_contact_made_later_is_the_sender_we_know(make_world, in_crm, on_whatsapp):
    world = make_world(crms=("hs", "hs2"))
    world.run_until_quiet()
    world.say("Hallo", number=on_whatsapp)
    world.run_until_quiet()
    assert persons(world) == 1
    world.crms["hs2"].cabinet.archive(the_contact(world, "hs2"))
    world.run_until_quiet()
    world.crms["hs2"].cabinet.add(firstname="Anna", lastname="Berg", mobilephone=in_crm)
    world.run_until_quiet()
    assert persons(world) == 1


def test_two_crms_meet_on_the_same_persons(make_world):
    world = make_world(crms=("hs", "hs2"))
    world.crms["hs"].cabinet.add(firstname="Anna", email="anna@example.org", company="ACME")
    world.crms["hs2"].cabinet.add(firstname="Anna", email="Anna@Example.org", jobtitle="CEO")
    world.run_until_quiet()
    assert persons(world) == 1
    for crm in ("hs", "hs2"):
        assert fields(world, crm)["company"] == "ACME"
        assert fields(world, crm)["jobtitle"] == "CEO"
    assert conflicts(world) == []


def test_values_that_differ_at_the_first_meeting_go_by_rank_and_are_kept_apart(make_world):
    world = make_world(crms=("hs", "hs2"))
    world.crms["hs"].cabinet.add(firstname="Anna", email="anna@example.org", company="ACME")
    world.clock.advance(3_600)
    world.crms["hs2"].cabinet.add(firstname="Anna", email="anna@example.org", company="Umbrella")
    world.run_until_quiet()
    assert fields(world, "hs")["company"] == fields(world, "hs2")["company"] == "ACME"
    assert conflicts(world) == []
    (difference,) = conflicts(world, is_initial=True)
    assert {difference["ours"], difference["theirs"]} == {"ACME", "Umbrella"}
    assert "better rank" in difference["reason"]


def test_an_edit_beats_what_merely_stood_there(make_world):
    world = make_world(crms=("hs", "hs2"))
    world.crms["hs"].cabinet.add(firstname="Anna", email="anna@example.org", company="ACME")
    hs2 = world.crms["hs2"].cabinet
    other = hs2.add(firstname="Anna", email="anna@example.org", company="Umbrella")
    world.run_until_quiet()
    world.clock.advance(1)
    hs2.edit(other, company="Hooli")
    world.run_until_quiet()
    assert fields(world, "hs")["company"] == "Hooli"


def test_a_household_that_shares_a_number_stays_two_persons(world):
    world.crm.cabinet.add(firstname="Anna", lastname="Berg", phone="+49 30 1234567")
    world.crm.cabinet.add(firstname="Otto", lastname="Berg", phone="+49 30 1234567")
    world.run_until_quiet()
    assert persons(world) == 2
    assert views.status(world.engine)["questions"] == 1


# Profile names.


def test_a_profile_name_fills_an_empty_name(world):
    world.crm.cabinet.add(phone="+491701234567")
    world.run_until_quiet()
    world.say("Hallo", name="Anna Berg")
    world.run_until_quiet()
    assert fields(world)["firstname"] == "Anna"
    assert fields(world)["lastname"] == "Berg"
    assert conflicts(world, is_initial=None) == []


def test_a_profile_name_never_replaces_the_name_in_a_crm(world):
    world.crm.cabinet.add(firstname="Dr. Anna", lastname="Berg-Ott", phone="+491701234567")
    world.run_until_quiet()
    world.say("Hallo", name="annie 🌸")
    world.run_until_quiet()
    assert fields(world)["firstname"] == "Dr. Anna"
    assert fields(world)["whatsapp_name"] == "annie 🌸"
    assert conflicts(world) == []
    assert [one["field"] for one in conflicts(world, is_initial=True)] == ["given_name"]


def test_a_changed_profile_name_is_a_conflict_that_the_crm_wins(world):
    world.say("Hallo", name="Anna Berg")
    world.run_until_quiet()
    world.clock.advance(60)
    world.crm.cabinet.edit(the_contact(world), firstname="Anne")
    world.run_until_quiet()
    world.clock.advance(60)
    world.say("Hi", name="Annika Berg")
    world.run_until_quiet()
    assert fields(world)["firstname"] == "Anne"
    assert fields(world)["whatsapp_name"] == "Annika Berg"
    (found,) = conflicts(world)
    assert (found["ours"], found["theirs"], found["winner"]) == ("Anne", "Annika", "ours")
    assert "only fills" in found["reason"]


def test_a_profile_name_that_nobody_else_spoke_to_follows_its_owner(world):
    world.say("Hallo", name="Anna Berg")
    world.run_until_quiet()
    world.clock.advance(60)
    world.say("Hi", name="Anna Bergmann")
    world.run_until_quiet()
    assert fields(world)["lastname"] == "Bergmann"
    assert conflicts(world) == []


def test_an_older_message_that_comes_late_does_not_bring_an_old_name_back(world):
    world.say("new", name="Anna Bergmann", at=world.at(100))
    world.run_until_quiet()
    world.say("old", name="Anna Berg", at=world.at(10))
    world.run_until_quiet()
    assert golden(world)["whatsapp_name"] == "Anna Bergmann"
    assert texts(world) == ["old", "new"]


def test_a_name_told_by_an_older_message_counts_when_the_newer_told_none(world):
    """The business's own app echoes what it sent, without the name of the receiver."""
    world.say("sent from the phone", name=None, at=world.at(100))
    world.run_until_quiet()
    world.say("Hallo", name="Anna Berg", at=world.at(10))
    world.run_until_quiet()
    assert golden(world)["whatsapp_name"] == "Anna Berg"
    assert fields(world)["firstname"] == "Anna"


def test_a_person_without_a_name_gets_the_default_of_the_mapping(world):
    world.say("Hallo", name=None)
    world.run_until_quiet()
    assert fields(world)["firstname"] == "new customer"
    assert "given_name" not in golden(world)
    world.crm.cabinet.edit(the_contact(world), firstname="Anna")
    world.run_until_quiet()
    assert golden(world)["given_name"] == "Anna"
    assert len(contact_writes(world)) == 1
