"""What becomes of a person's record in a CRM: adopted, moved, deleted, restored, duplicated."""

from __future__ import annotations

from syncbridge.engine import views
from syncbridge.errors import Duplicate
from syncbridge.model.conversation import Direction, MessageRef
from syncbridge.model.event import ReactionSeen
from syncbridge.model.identity import Peer
from syncbridge.testing import World
from tests.engine.looking import (
    contact_writes,
    dead,
    fields,
    golden,
    message_writes,
    texts,
    the_contact,
    writes_of_a_resync,
)


def test_a_person_is_made_once_however_much_they_write(world):
    for text in ("Hallo", "ist da wer?", "Hallo???"):
        world.say(text)
    world.run_until_quiet()
    assert len(world.crm.contacts) == 1
    assert texts(world) == ["Hallo", "ist da wer?", "Hallo???"]
    assert all(entry.written == 1 for entry in world.crm.entries)


def test_a_second_resync_writes_nothing(make_world):
    world = make_world(crms=("hs", "hs2"))
    world.crm.cabinet.add(firstname="Ole", lastname="Jensen", email="ole@example.org")
    world.say("Hallo")
    world.run_until_quiet()
    world.crm.cabinet.edit(world.crm.contacts[0].id, company="ACME")
    world.run_until_quiet()
    assert writes_of_a_resync(world) == 0
    assert writes_of_a_resync(world) == 0


def test_a_record_that_has_our_unique_value_already_is_adopted(world):
    world.crm.unique = {"email"}
    existing = world.crm.cabinet.add(firstname="Anna", email="anna@example.org")
    world.say("Hallo", number="491701234567")
    world.crm.script.plan("push", Duplicate("taken", existing=existing))
    # The CRM's webhook is lost and its list is not read again before the write.
    world.crm.cabinet.told.clear()
    while not world.crm.script.calls["push"]:
        world.step()
    world.run_until_quiet()
    assert the_contact(world) == existing
    assert fields(world)["email"] == "anna@example.org"
    assert fields(world)["phone"] == "+491701234567"
    assert texts(world) == ["Hallo"]
    assert dead(world) == []
    assert golden(world)["email"] == "anna@example.org"


def test_an_update_refused_as_duplicate_never_takes_over_the_other_record(world):
    world.crm.unique = {"email"}
    anna = world.crm.cabinet.add(firstname="Anna", phone="+49 170 1234567")
    world.crm.cabinet.add(firstname="Otto", email="otto@example.org")
    world.run_until_quiet()
    world.say("Hallo", name="Anna Berg")
    world.crm.script.plan("push", Duplicate("taken", existing="4711"))
    world.run_until_quiet()
    assert world.crm.cabinet.contacts[anna].values["phone"] == "+49 170 1234567"
    assert [letter["cause"] for letter in dead(world)] == ["duplicate"]
    assert texts(world) == ["Hallo"]
    assert world.crm.entries[0].contact_id == anna


def test_a_merge_made_in_the_crm_is_followed_by_updates_and_messages(world):
    world.say("Hallo")
    world.run_until_quiet()
    ours = the_contact(world)
    other = world.crm.cabinet.add(firstname="Anna", company="ACME")
    world.run_until_quiet()
    world.crm.cabinet.loses = bool
    world.crm.cabinet.merge(ours, into=other)
    world.say("Noch da?", name="Anna Bergmann", at=world.at(60))
    world.run_until_quiet()
    assert texts(world) == ["Hallo", "Noch da?"]
    assert {entry.contact_id for entry in world.crm.entries} == {other}
    assert dead(world) == []


def test_a_deleted_record_stays_deleted_until_the_person_writes_again(world):
    world.say("Hallo")
    world.run_until_quiet()
    first = the_contact(world)
    world.crm.cabinet.archive(first)
    world.run_until_quiet()
    assert world.crm.contacts == []
    assert writes_of_a_resync(world) == 0
    assert world.crm.contacts == []
    world.say("Ich bin wieder da")
    world.run_until_quiet()
    second = the_contact(world)
    assert second != first
    assert [entry.contact_id for entry in world.crm.entries] == [first, second]
    assert dead(world) == []


def test_a_record_deleted_unnoticed_is_made_anew_for_the_next_message(world):
    world.say("Hallo")
    world.run_until_quiet()
    first = the_contact(world)
    world.crm.cabinet.loses = bool
    world.crm.cabinet.archive(first)
    world.say("Noch da?", name="Anna Bergmann", at=world.at(60))
    world.run_until_quiet()
    world.say("Hallo?", at=world.at(120))
    world.run_until_quiet()
    assert the_contact(world) != first
    assert "Hallo?" in texts(world)


def test_a_message_to_a_record_deleted_unnoticed_reaches_the_new_one(world):
    world.say("Hallo")
    world.run_until_quiet()
    first = the_contact(world)
    world.crm.cabinet.loses = bool
    world.crm.cabinet.archive(first)
    world.say("Noch da?")
    world.run_until_quiet()
    assert dead(world) == []
    assert the_contact(world) != first
    assert texts(world) == ["Hallo", "Noch da?"]


def test_a_restored_record_whose_place_was_taken_comes_back_as_a_duplicate(world):
    world.say("Hallo")
    world.run_until_quiet()
    first = the_contact(world)
    world.crm.cabinet.archive(first)
    world.run_until_quiet()
    world.say("Wieder da")
    world.run_until_quiet()
    world.crm.cabinet.restore(first)
    world.run_until_quiet()
    roles = {
        record["remote_id"]: record["role"]
        for record in views.person(world.engine, views.find_person(world.engine, "+491701234567"))[
            "records"
        ]
        if record["connection"] == "hs"
    }
    assert roles[first] == "secondary"
    assert sorted(roles.values()) == ["primary", "secondary"]
    assert writes_of_a_resync(world) == 0


def test_an_entry_that_somebody_deleted_stays_deleted_and_the_journal_says_so(world):
    wamid = world.say("Hallo")
    world.run_until_quiet()
    world.crm.cabinet.entries.clear()
    react(world, wamid)
    world.run_until_quiet()
    assert len(message_writes(world)) == 2
    assert world.crm.cabinet.entries == {}
    assert dead(world) == []
    person = views.person(world.engine, views.find_person(world.engine, "+491701234567"))
    assert "record_gone" in [moment["what"] for moment in person["timeline"]]


def react(world: World, wamid: str) -> None:
    body = ReactionSeen(MessageRef(wamid), "👍", Direction.INBOUND, Peer("491701234567"))
    world.hand_over(world.event(body, key=f"reaction:{wamid}", at=world.at(5)))


def test_a_duplicate_made_by_hand_is_read_but_messages_stay_with_the_first(world):
    world.say("Hallo")
    world.run_until_quiet()
    first = the_contact(world)
    world.crm.cabinet.add(firstname="Anna", lastname="Berg", phone="+49 170 1234567", city="Bonn")
    world.run_until_quiet()
    assert golden(world)["city"] == "Bonn"
    world.say("Noch was")
    world.run_until_quiet()
    assert {entry.contact_id for entry in world.crm.entries} == {first}
    assert writes_of_a_resync(world) == 0


def test_a_field_of_a_record_that_never_had_it_is_not_cleared_by_absence(world):
    anna = world.crm.cabinet.add(firstname="Anna", phone="+491701234567", city="Bonn")
    world.run_until_quiet()
    world.say("Hallo")
    world.run_until_quiet()
    assert world.crm.cabinet.contacts[anna].values["city"] == "Bonn"
    assert len(contact_writes(world)) == 1
    assert set(contact_writes(world)[0].values) <= {
        "lastname",
        "whatsapp_name",
        "hs_whatsapp_phone_number",
    }
