"""When a connection may write: after its list was read, after somebody accepted the plan."""

from __future__ import annotations

from syncbridge.engine import resync, review, sweep, views
from syncbridge.errors import Unavailable
from syncbridge.model.states import Mode
from tests.engine.looking import contact_writes, fields, texts, the_contact


def test_an_observing_connection_reads_and_plans_but_writes_nothing(make_world):
    world = make_world(mode=Mode.OBSERVE)
    ole = world.crm.cabinet.add(firstname="Ole", phone="+4917000000009")
    world.say("Hallo")
    world.say("Moin", number="4917000000009", name="Ole Jensen")
    world.run_until_quiet()
    assert world.crm.writes == []
    plan = review.plan_writes(world.engine, "hs")
    assert (plan.creates, plan.updates, plan.messages) == (1, 1, 2)
    assert {sample["name"] for sample in plan.samples} == {"Anna Berg", "Ole Jensen"}
    review.go_live(world.engine, "hs", by="ops")
    world.run_until_quiet()
    assert len(world.crm.contacts) == 2
    assert world.crm.cabinet.contacts[ole].values["lastname"] == "Jensen"
    assert sorted(texts(world)) == ["Hallo", "Moin"]
    after = review.plan_writes(world.engine, "hs")
    assert (after.creates, after.updates, after.messages) == (0, 0, 0)


def test_a_plan_may_be_asked_for_twice_and_changes_nothing(make_world):
    world = make_world(mode=Mode.OBSERVE)
    world.say("Hallo")
    world.run_until_quiet()
    one = review.plan_writes(world.engine, "hs")
    two = review.plan_writes(world.engine, "hs")
    assert (one.creates, one.samples) == (two.creates, two.samples)


def test_nothing_is_made_before_the_whole_list_was_read(make_world):
    """A CRM that holds the person on its last page must not get a second copy."""
    world = make_world()
    for number in range(25):
        world.crm.cabinet.add(firstname=f"Person{number}", email=f"p{number}@example.org")
    anna = world.crm.cabinet.add(firstname="Anna", lastname="Berg", phone="0170 1234567")
    world.crm.cabinet.told.clear()
    world.crm.script.plan("pull", None, None, Unavailable("down"), Unavailable("down"))
    world.say("Hallo")
    for _ in range(10):
        world.step()
        world.clock.advance(1)
    assert world.crm.writes == []
    resync.poll(world.engine, "hs")
    world.step()
    assert world.crm.writes == [], "two pages of three were read"
    world.run_until_quiet()
    resync.poll(world.engine, "hs")
    world.run_until_quiet()
    assert len(world.crm.contacts) == 26
    assert world.crm.entries[0].contact_id == anna


def test_a_list_read_in_part_goes_on_where_it_stopped(make_world):
    world = make_world()
    for number in range(25):
        world.crm.cabinet.add(firstname=f"Person{number}", email=f"p{number}@example.org")
    world.crm.cabinet.told.clear()
    world.crm.script.plan("pull", None, None, Unavailable("down"))
    assert resync.poll(world.engine, "hs").error
    assert resync.poll(world.engine, "hs").pages == 1
    world.run_until_quiet()
    assert views.status(world.engine)["persons"] == 25


def test_a_paused_connection_writes_nothing_and_catches_up_when_resumed(world):
    world.say("Hallo")
    world.run_until_quiet()
    review.set_paused(world.engine, "hs", is_paused=True, by="ops")
    world.say("Noch da?", name="Anna Bergmann", at=world.at(60))
    world.crm.cabinet.edit(the_contact(world), company="ACME")
    world.run_until_quiet()
    assert texts(world) == ["Hallo"]
    review.set_paused(world.engine, "hs", is_paused=False, by="ops")
    world.run_until_quiet()
    assert texts(world) == ["Hallo", "Noch da?"]
    assert fields(world)["lastname"] == "Bergmann"
    assert fields(world)["company"] == "ACME"


def test_a_vendor_that_is_down_at_the_start_is_asked_again(make_world):
    world = make_world()
    world.crm.script.plan("account", Unavailable("down"), Unavailable("down"))
    world.say("Hallo")
    world.run_until_quiet()
    for _ in range(3):
        world.poll()
    world.run_until_quiet()
    assert texts(world) == ["Hallo"]


def test_a_connection_added_later_gets_everybody(make_world):
    world = make_world(crms=("hs",))
    world.say("Hallo")
    world.run_until_quiet()
    later = make_world(crms=("hs", "hs2"))
    later.store.close()
    later.store, later.clock = world.store, world.clock
    later.crms["hs"] = world.crm
    later.restart()
    sweep.spread_everybody(later.engine)
    later.run_until_quiet()
    assert [one.values["firstname"] for one in later.crms["hs2"].contacts] == ["Anna"]
    assert len(contact_writes(world)) == 1
