"""The feed of contacts: a sweep, then changes, without losing, looping or exceeding the search."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from connectors.hubspot.feed import Changes, Sweep, read_cursor
from syncbridge.errors import ConfigError, InvariantBroken
from syncbridge.model.record import Kind


def drain(world, cursor=None, connector=None):
    """Pull until the feed is at its end; answer ids in order, the cursor and the pages."""
    connector = connector or world.hubspot
    ids, pages = [], 0
    while True:
        page = connector.pull("contacts", cursor)
        pages += 1
        ids += [snapshot.ref.remote_id for snapshot in page.snapshots]
        cursor = page.cursor
        if not page.has_more:
            return ids, cursor, pages
        assert pages < 200


def fill(world, count: int, **properties: str) -> list[str]:
    return [world.sales_adds(firstname=f"P{number}", **properties) for number in range(count)]


def test_the_first_sweep_lists_everything_once(world):
    made = fill(world, 230)
    ids, cursor, pages = drain(world)
    assert ids == made
    assert pages == 3
    assert isinstance(read_cursor(cursor), Changes)


def test_after_the_sweep_only_changes_come(world):
    made = fill(world, 3)
    world.clock.advance(hours=1)
    _, cursor, _ = drain(world)
    world.clock.advance(hours=1)
    world.sales_edits(made[1], lastname="Changed")
    ids, cursor, _ = drain(world, cursor)
    assert ids == [made[1]]
    page = world.hubspot.pull("contacts", cursor)
    assert [snapshot.values["lastname"] for snapshot in page.snapshots] == ["Changed"]
    assert page.cursor == cursor


def test_what_changes_during_the_sweep_comes_after_it(world):
    made = fill(world, 120)
    first = world.hubspot.pull("contacts", None)
    world.clock.advance(minutes=1)
    world.sales_edits(made[0], lastname="Meanwhile")
    _, cursor, _ = drain(world, first.cursor)
    ids, _, _ = drain(world, cursor)
    assert made[0] in ids


def test_a_crowd_of_one_millisecond_is_listed_whole(world):
    _, cursor, _ = drain(world)
    world.clock.advance(hours=1)
    made = fill(world, 450)
    world.clock.advance(hours=1)
    later = fill(world, 2)
    ids, _, _ = drain(world, cursor)
    assert set(ids) == {*made, *later}
    # The page that showed the crowd is the only one that came twice.
    assert len(ids) <= len(made) + len(later) + 200


def test_records_that_move_on_between_two_pages_hide_no_other(world):
    _, cursor, _ = drain(world)
    made = []
    world.clock.advance(hours=1)
    for _ in range(250):
        world.clock.advance(seconds=1)
        made.append(world.sales_adds(firstname="P"))
    first = world.hubspot.pull("contacts", cursor)
    world.clock.advance(hours=1)
    for contact_id in made[:100]:
        world.sales_edits(contact_id, lastname="Moved on")
    ids, _, _ = drain(world, first.cursor)
    assert set(made) <= {*ids, *(snapshot.ref.remote_id for snapshot in first.snapshots)}


def test_late_arrivals_in_the_index_are_seen_by_the_overlap(world):
    made = fill(world, 2)
    _, cursor, _ = drain(world)
    world.sandbox.account.tables["contacts"].lag_ms = 120_000
    world.clock.advance(hours=1)
    world.sales_edits(made[0], lastname="Late")
    world.sandbox.account.tables["contacts"].lag_ms = 0
    world.clock.advance(seconds=30)
    world.sales_edits(made[1], lastname="Soon")
    world.sandbox.account.tables["contacts"].lag_ms = 120_000
    _, cursor, _ = drain(world, cursor)
    world.clock.advance(minutes=5)
    ids, _, _ = drain(world, cursor)
    assert made[0] in ids


def test_more_properties_than_a_search_may_name_are_read_by_id(world):
    fields = tuple(f"a_rather_long_property_name_{number}" for number in range(120))
    known = world.sales_adds(firstname="Ana")
    wide = world.hubspot.connect(
        "hs",
        {"access_token": "sandbox"},
        now=world.clock,
        base_url=world.url,
        fields={Kind.CONTACT: ("firstname", *fields)},
    )
    page = wide.pull("contacts", Changes(0).text())
    assert [snapshot.ref.remote_id for snapshot in page.snapshots] == [known]
    assert page.snapshots[0].values["firstname"] == "Ana"
    wide.setup.http.close()


def test_a_light_snapshot_has_no_times_of_fields(world):
    world.sales_adds(firstname="Ana")
    (snapshot,) = world.hubspot.pull("contacts", None).snapshots
    assert snapshot.field_times == {}
    assert snapshot.values["phone"] is None


def test_cursors_are_short_and_come_back_as_they_were():
    for position in (Sweep(5), Sweep(5, "77"), Changes(7), Changes(7, 6), Changes(7, 6, 0)):
        assert read_cursor(position.text()) == position
        assert json.loads(position.text())
        assert len(position.text()) < 80


@pytest.mark.parametrize("cursor", ["nonsense", "[]", '{"x":1}', "7"])
def test_a_foreign_cursor_is_our_bug(cursor):
    with pytest.raises(InvariantBroken):
        read_cursor(cursor)


def test_an_unknown_feed_cannot_be_listed(world):
    with pytest.raises(ConfigError, match="deals"):
        world.hubspot.pull("deals", None)


def row(number: int, at_ms: int) -> dict[str, object]:
    return {"id": str(number), "properties": {"lastmodifieddate": str(at_ms)}}


def test_a_round_begins_an_overlap_before_what_was_seen():
    body = Changes(10_000_000).body(["phone"])
    (rule,) = body["filterGroups"][0]["filters"]
    overlap_ms = timedelta(minutes=10) // timedelta(milliseconds=1)
    assert rule["value"] == str(10_000_000 - overlap_ms)


def test_a_crowd_that_fills_whole_pages_ends_where_the_next_millisecond_begins():
    crowd = [row(number, 5_000) for number in range(200)]
    inside = Changes(9_000, from_ms=5_000).then(crowd)
    assert inside == Changes(9_000, 5_000, 0)
    assert inside.then(crowd) == Changes(9_000, 5_000, 199)
    assert inside.then(crowd[:20]) == Changes(9_000, 5_001)
    assert Changes(9_000, 5_001).then([row(1, 9_500)]) == Changes(9_500)
