"""Contacts against the imitated account: reading, creating, changing, and what went wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.hubspot.wire import EXTERNAL_ID
from syncbridge.errors import (
    ConfigError,
    CredentialsRevoked,
    Duplicate,
    Invalid,
    Moved,
    NotFound,
    OutcomeUnknown,
    QuotaExhausted,
    RateLimited,
    RemoteError,
    Suspended,
    Unavailable,
)
from syncbridge.model.record import Kind, Snapshot
from syncbridge.remote.base import ContactWrite, Gone, Outcome


def create(link_id: str, **values: str | None) -> ContactWrite:
    return ContactWrite(link_id, None, values)


def update(link_id: str, remote_id: str, **values: str | None) -> ContactWrite:
    return ContactWrite(link_id, remote_id, values)


def push_one(world, write: ContactWrite) -> Outcome:
    (outcome,) = world.hubspot.push([write])
    return outcome


def read_one(world, remote_id: str, **options) -> Snapshot:
    found = world.connect(**options).read(Kind.CONTACT, [remote_id])[remote_id]
    assert isinstance(found, Snapshot)
    return found


def test_a_contact_is_created_once_however_often_the_create_is_repeated(world):
    first = push_one(world, create("link-1", firstname="Ana", phone="+34600111222"))
    again = push_one(world, create("link-1", firstname="Ana", phone="+34600111222"))
    assert first.error is None
    assert first.remote_id == again.remote_id
    (stored,) = world.stored()
    assert stored["properties"][EXTERNAL_ID] == "link-1"
    assert stored["properties"]["phone"] == "+34600111222"


def test_an_outcome_carries_what_was_written_and_the_new_version(world):
    outcome = push_one(world, create("link-1", firstname="Ana", lastname=None))
    assert outcome.values["firstname"] == "Ana"
    assert set(outcome.values) <= {"firstname", "lastname"}
    assert outcome.version == read_one(world, outcome.remote_id).version


def test_creates_and_updates_of_one_push_keep_their_order(world):
    known = world.sales_adds(firstname="Old")
    writes = [
        create("a", firstname="A"),
        update("b", known, firstname="New"),
        create("c", email="c@d.eu"),
    ]
    outcomes = world.hubspot.push(writes)
    assert [outcome.link_id for outcome in outcomes] == ["a", "b", "c"]
    assert outcomes[1].remote_id == known
    assert [outcome.error for outcome in outcomes] == [None, None, None]


def test_none_clears_a_value(world):
    known = world.sales_adds(firstname="Ana", phone="+34600111222")
    push_one(world, update("b", known, phone=None))
    assert read_one(world, known).values["phone"] is None


def test_a_bad_record_of_a_batch_is_refused_alone(world):
    outcomes = world.hubspot.push(
        [create("a", firstname="A"), create("b", email="no address"), create("c", firstname="C")]
    )
    assert [type(outcome.error) for outcome in outcomes] == [type(None), Invalid, type(None)]
    assert outcomes[1].error.problems[0].place == "email"
    assert outcomes[1].error.connection == "hs"


def test_a_taken_address_names_the_contact_that_has_it(world):
    owner = world.sales_adds(email="ana@example.com")
    outcome = push_one(world, create("a", email="ana@example.com"))
    assert isinstance(outcome.error, Duplicate)
    assert outcome.error.existing == owner


def test_a_taken_external_id_is_a_duplicate(world):
    push_one(world, create("link-1", firstname="Ana"))
    other = world.sales_adds(firstname="Bea")
    outcome = push_one(world, update("b", other, **{EXTERNAL_ID: "link-1"}))
    assert isinstance(outcome.error, Duplicate)


def test_an_update_of_a_merged_contact_tells_where_it_went(world):
    one, two = world.sales_adds(firstname="Ana"), world.sales_adds(firstname="Anna")
    merged = world.steer("POST", "/contacts/merge", {"primary": one, "other": two})["id"]
    outcomes = world.hubspot.push([update("a", two, firstname="A"), create("b", firstname="B")])
    assert isinstance(outcomes[0].error, Moved)
    assert outcomes[0].error.to == merged
    assert outcomes[1].error is None


def test_an_update_of_an_archived_contact_is_not_found(world):
    gone = world.sales_adds(firstname="Ana")
    world.steer("DELETE", f"/contacts/{gone}")
    assert isinstance(push_one(world, update("a", gone, firstname="A")).error, NotFound)


def test_without_our_property_nothing_is_buried_but_the_connection_waits(bare):
    outcome = push_one(bare, create("a", firstname="A"))
    assert type(outcome.error) is Suspended
    assert EXTERNAL_ID in str(outcome.error)


def test_a_snapshot_has_values_times_version_and_our_id(world):
    made = push_one(world, create("link-1", firstname="Ana"))
    edited_at = world.clock.advance(minutes=5)
    world.sales_edits(made.remote_id, lastname="Lima")
    found = read_one(world, made.remote_id, app_id="2000001")
    assert found.values["lastname"] == "Lima"
    assert found.values["phone"] is None
    assert set(found.values) <= {
        "firstname",
        "lastname",
        "phone",
        "email",
        "company",
        "whatsapp_name",
    }
    assert found.field_times["lastname"] == edited_at
    assert found.field_times["firstname"] == edited_at - timedelta(minutes=5)
    assert found.written_by_us["firstname"]
    assert not found.written_by_us["lastname"]
    assert found.external_id == "link-1"
    assert found.modified_at == edited_at


def test_read_follows_merges_and_knows_what_is_in_the_bin(world):
    one, two, three = (world.sales_adds(firstname=name) for name in ("Ana", "Anna", "Bo"))
    merged = world.steer("POST", "/contacts/merge", {"primary": one, "other": two})["id"]
    world.steer("DELETE", f"/contacts/{three}")
    found = world.hubspot.read(Kind.CONTACT, [one, two, three, "999"])
    assert [found[one].ref.remote_id, found[two].ref.remote_id] == [merged, merged]
    assert {one, two} <= set(found[one].aliases)
    assert found[three] == Gone(three, is_archived=True)
    assert found["999"] == Gone("999", is_archived=False)


def test_a_batch_of_reads_is_one_call(world):
    ids = [world.sales_adds(firstname=f"Person {number}") for number in range(50)]
    before = world.calls()
    assert set(world.hubspot.read(Kind.CONTACT, ids)) == set(ids)
    # One call of ours and none of the control API, whose calls are not counted.
    assert world.calls() - before == 1


def test_other_kinds_are_not_read(world):
    with pytest.raises(ConfigError, match="cannot read a deal"):
        world.hubspot.read(Kind.DEAL, ["1"])


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("429:times=9", RateLimited),
        ("500:times=9", Unavailable),
        ("503:times=9:retry-after=60", Unavailable),
        ("502:times=9", OutcomeUnknown),
        ("timeout-before:s=0.05", OutcomeUnknown),
        ("timeout-after:s=0.05", OutcomeUnknown),
        ("expired-token:times=9", CredentialsRevoked),
        ("daily-limit:times=9", QuotaExhausted),
    ],
)
def test_a_failed_call_is_the_error_of_every_outcome(world, fault, error):
    world.sandbox.faults.arm(fault)
    outcomes = world.hubspot.push([create("a", firstname="A"), create("b", firstname="B")])
    assert [type(outcome.error) for outcome in outcomes] == [error, error]


def test_a_write_whose_answer_was_lost_is_found_again(world):
    world.sandbox.faults.arm("timeout-after:s=0.05:times=1")
    write = create("link-1", firstname="Ana")
    assert isinstance(push_one(world, write).error, OutcomeUnknown)
    found = world.hubspot.find(write)
    assert found is not None
    assert found.remote_id == world.stored()[0]["id"]
    assert found.values == {"firstname": "Ana"}


def test_a_write_that_never_arrived_is_not_found(world):
    assert world.hubspot.find(create("link-1", firstname="Ana")) is None


def test_an_update_is_found_by_its_id_and_followed_through_a_merge(world):
    one, two = world.sales_adds(firstname="Ana"), world.sales_adds(firstname="Anna")
    assert world.hubspot.find(update("a", one, firstname="x")).values == {"firstname": "Ana"}
    merged = world.steer("POST", "/contacts/merge", {"primary": one, "other": two})["id"]
    moved = world.hubspot.find(update("a", two, firstname="x"))
    assert isinstance(moved.error, Moved)
    assert moved.error.to == merged


def test_the_daily_limit_ends_at_the_accounts_midnight(world):
    world.sandbox.faults.arm("daily-limit")
    outcome = world.connect(time_zone="Europe/Berlin").push([create("a", firstname="A")])[0]
    assert outcome.error.until.isoformat() == "2026-11-21T23:00:00+00:00"


def test_a_refused_connection_is_no_unknown_outcome(world):
    nobody = world.hubspot.connect(
        "hs",
        {"access_token": "t"},
        now=world.clock,
        base_url="http://127.0.0.1:9",
        patience=world.hubspot.setup.http.patience,
    )
    (outcome,) = nobody.push([create("a", firstname="A")])
    assert type(outcome.error) is Unavailable
    assert isinstance(outcome.error, RemoteError)
    nobody.setup.http.close()


def test_many_lost_creates_are_looked_for_in_one_call(world):
    made = world.hubspot.push([create(f"link-{number}", firstname="Ana") for number in range(5)])
    before = world.calls()
    asked = [create(f"link-{number}", firstname="Ana") for number in range(9)]
    found = world.hubspot.find_all(asked)
    assert {key: outcome.remote_id for key, outcome in found.items()} == {
        outcome.link_id: outcome.remote_id for outcome in made
    }
    assert world.calls() - before == 1
