"""What simulated worlds found in the engine, each as small as it can be told."""

from datetime import UTC, datetime

from syncbridge.engine.dossier import Dossier
from syncbridge.engine.resync import compare
from syncbridge.mapping.transforms import Context
from syncbridge.mapping.translate import to_canonical
from syncbridge.merge.plan import Decision, reconcile
from syncbridge.merge.survivorship import fold
from syncbridge.merge.threeway import FieldReading
from syncbridge.model.event import ConsentSaid
from syncbridge.model.golden import BaseValue, Contribution, Said
from syncbridge.model.identity import Peer
from syncbridge.model.link import Link
from syncbridge.model.record import Kind, Ref, Snapshot
from syncbridge.model.stamp import Stamp
from syncbridge.model.states import LinkState
from syncbridge.store.records import StoredPerson
from syncbridge.testing import World

_AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def test_another_rendering_of_what_we_wrote_is_nobodys_word() -> None:
    said = {"phone": Said("+491701234567", Stamp(1, "wa"), fills_only=True)}
    plan = reconcile(
        Contribution("crm-link", "crm"),
        [Contribution("wa-link", "wa", said)],
        base={"phone": BaseValue("+491701234567", "+491701234567")},
        readings={"phone": FieldReading("+49 170 1234567", "+491701234567", Stamp(5, "crm"))},
        rules={},
    )
    assert plan.contribution.fields == {}
    assert plan.base["phone"] == BaseValue("+49 170 1234567", "+491701234567")


def _archived(link: Link | None) -> object:
    snapshot = Snapshot(Ref("hs", Kind.CONTACT, "1"), {}, _AT, archived=True)
    return compare(World().engine.spoke("hs"), snapshot, link)


def test_a_deletion_is_news_once_however_often_the_feed_lists_it() -> None:
    linked = Link("l", "hs", Kind.CONTACT, "p", state=LinkState.LINKED, remote_id="1")
    gone = Link("l", "hs", Kind.CONTACT, "p", state=LinkState.GONE, remote_id="1")
    assert _archived(linked)
    assert _archived(gone) is None
    assert _archived(None) is None


def test_a_record_that_takes_the_place_of_a_deleted_one_is_taken_in_with_the_deletion() -> None:
    world = World()
    cabinet = world.crm.cabinet
    first = cabinet.add(firstname="Anna", email="anna@example.org")
    world.run_until_quiet()
    cabinet.archive(first)
    second = cabinet.add(firstname="Anna", email="anna@example.org")
    world.run_until_quiet()
    with world.store.engine.connect() as conn:
        rows = conn.exec_driver_sql(
            "select remote_id, state, subject_id from links order by remote_id"
        ).all()
    assert [(row[0], row[1]) for row in rows] == [(first, "gone"), (second, "linked")]
    assert rows[0][2] == rows[1][2]


def _consent(world: World, *, is_opted_out: bool, seconds: float) -> None:
    body = ConsentSaid(Peer(number="491701234567"), is_opted_out)
    world.hand_over(world.event(body, key=f"consent:{seconds}", at=world.at(seconds)))


def _is_opted_out(world: World) -> bool:
    with world.store.engine.connect() as conn:
        return bool(conn.exec_driver_sql("select is_opted_out from persons").scalar_one())


def test_a_consent_that_comes_late_does_not_undo_the_refusal_that_followed_it() -> None:
    world = World()
    world.say("Hello")
    _consent(world, is_opted_out=True, seconds=-10)
    _consent(world, is_opted_out=False, seconds=-60)
    world.run_until_quiet()
    assert _is_opted_out(world)
    _consent(world, is_opted_out=False, seconds=0)
    world.run_until_quiet()
    assert not _is_opted_out(world)


def test_an_edit_in_the_very_instant_of_our_write_is_seen_though_the_version_is_the_same() -> None:
    base = {"company": BaseValue("Acme", "Acme")}
    link = Link(
        "l", "hs", Kind.CONTACT, "p", state=LinkState.LINKED, remote_id="1", version="7", base=base
    )
    ref = Ref("hs", Kind.CONTACT, "1")
    spoke = World().engine.spoke("hs")
    assert compare(spoke, Snapshot(ref, {"company": "Apex"}, _AT, version="7"), link)
    assert compare(spoke, Snapshot(ref, {"company": "Acme"}, _AT, version="7"), link) is None
    assert compare(spoke, Snapshot(ref, {}, _AT, version="7"), link) is None


def test_who_decides_for_what_stands_outranks_an_older_edit_that_is_seen_later() -> None:
    dossier = Dossier(StoredPerson("p", 0), {})
    profile = {"phone": Said("+491", Stamp(1_000, "wa"), fills_only=True)}
    dossier.contributions["wa-link"] = Contribution("wa-link", "wa", profile)
    dossier.golden = fold(dossier.contributions.values(), {})
    dossier.decide(Decision("phone", "+491", 9_000))
    link = dossier.put(
        Link("crm-link", "hs", Kind.CONTACT, "p", base={"phone": BaseValue("+490", "+490")})
    )
    dossier.hear(link, {"phone": FieldReading("+499", "+499", Stamp(5_000, "hs"))})
    assert dossier.values["phone"] == "+491"


def test_a_decision_for_what_stood_already_is_not_undone_by_an_edit_from_before_it() -> None:
    dossier = Dossier(StoredPerson("p", 0), {})
    link = dossier.put(
        Link("crm-link", "hs", Kind.CONTACT, "p", base={"company": BaseValue("Acme", "Acme")})
    )
    said = {"company": Said("Acme", Stamp(1_000, "hs"))}
    dossier.contributions["crm-link"] = Contribution("crm-link", "hs", said)
    dossier.golden = fold(dossier.contributions.values(), {})
    dossier.decide(Decision("company", "Acme", 9_000))
    plan = dossier.hear(link, {"company": FieldReading("Apex", "Apex", Stamp(5_000, "hs"))})
    assert dossier.values["company"] == "Acme"
    assert [conflict.theirs for conflict in plan.conflicts] == ["Apex"]


def test_the_default_that_we_wrote_ourselves_is_nobodys_name() -> None:
    mapping = World().engine.spoke("hs").mapping
    read = to_canonical(mapping, {"firstname": "new customer", "lastname": "Berg"}, Context())
    assert {name: reading.value for name, reading in read.items()} == {
        "given_name": None,
        "family_name": "Berg",
    }


def test_our_own_write_read_back_says_nothing_newer_than_what_was_written() -> None:
    dossier = Dossier(StoredPerson("p", 0), {})
    base = {"company": BaseValue("Acme", "Acme")}
    one = dossier.put(Link("one", "a", Kind.CONTACT, "p", base=base))
    two = dossier.put(Link("two", "b", Kind.CONTACT, "p", base=base))
    three = dossier.put(Link("three", "c", Kind.CONTACT, "p", base=base))
    dossier.hear(one, {"company": FieldReading("Apex", "Apex", Stamp(1_000, "a"))})
    # It was written to b without an answer; meanwhile somebody chose another value in c.
    dossier.hear(two, {"company": FieldReading("Apex", "Apex", Stamp(9_000, "b"))})
    dossier.hear(three, {"company": FieldReading("Ajax", "Ajax", Stamp(5_000, "c"))})
    assert dossier.values["company"] == "Ajax"


def test_a_twin_that_carries_our_id_does_not_take_its_place() -> None:
    world = World()
    cabinet = world.crm.cabinet
    world.say("Hello")
    world.run_until_quiet()
    (ours,) = cabinet.all_living
    twin = cabinet.contacts[cabinet.add(phone="+491701234567", firstname="Anna")]
    twin.external_id = ours.external_id
    world.run_until_quiet()
    with world.store.engine.connect() as conn:
        rows = conn.exec_driver_sql(
            "select remote_id, role from links where connection = 'hs' and kind = 'contact'"
        ).all()
    assert {tuple(row) for row in rows} == {(ours.id, "primary"), (twin.id, "secondary")}
