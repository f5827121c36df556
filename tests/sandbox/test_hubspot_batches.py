"""Batches of the imitated HubSpot: all or nothing, or in part, by its rules."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.hubspot_world import World, hubspot

GOOD = {"firstname": "Ada"}
BAD = {"firstname": "Bob", "shoe_size": "42"}
WORSE = {"hs_lead_status": "None"}


@pytest.fixture
def world() -> Iterator[World]:
    with hubspot() as world:
        world.add_external_id()
        yield world


def batch(world: World, verb: str, *inputs: dict[str, Any], **more: object) -> Any:
    return world.objects("POST", f"/batch/{verb}", {"inputs": list(inputs), **more})


def traced(properties: dict[str, str], trace: str, **more: object) -> dict[str, Any]:
    return {"properties": properties, "objectWriteTraceId": trace, **more}


def by_external_id(value: str, properties: dict[str, str], **more: object) -> dict[str, Any]:
    return {"idProperty": "wa_sync_external_id", "id": value, "properties": properties, **more}


def count(world: World) -> int:
    return int(world.control("GET", "counts")["contacts"])


def test_one_bad_row_fails_an_untraced_batch_and_only_the_first_is_named(world: World) -> None:
    rows = [{"properties": row} for row in (GOOD, BAD, WORSE)]
    refused = batch(world, "create", *rows)
    assert (refused["code"], refused["category"]) == (400, "VALIDATION_ERROR")
    assert [error["code"] for error in refused["errors"]] == ["PROPERTY_DOESNT_EXIST"]
    assert count(world) == 0


def test_a_traced_batch_succeeds_in_part(world: World) -> None:
    answer = batch(
        world, "create", traced(GOOD, "1"), traced(BAD, "2"), traced(WORSE, "3"), traced(GOOD, "4")
    )
    assert (answer["code"], answer["status"], answer["numErrors"]) == (207, "COMPLETE", 2)
    assert {row["objectWriteTraceId"] for row in answer["results"]} == {"1", "4"}
    failed = {row["context"]["objectWriteTraceId"][0]: row["errors"] for row in answer["errors"]}
    assert failed["2"][0]["code"] == "PROPERTY_DOESNT_EXIST"
    assert failed["3"][0]["code"] == "INVALID_OPTION"
    assert count(world) == 2


@pytest.mark.parametrize("second", [traced(BAD, "1"), {"properties": BAD}])
def test_traces_must_be_complete_and_different(world: World, second: dict[str, Any]) -> None:
    assert batch(world, "create", traced(GOOD, "1"), second)["code"] == 400
    assert count(world) == 0


@pytest.mark.parametrize(
    ("inputs", "words"), [([], "1 to 100"), ([{"properties": GOOD}] * 101, "not 101")]
)
def test_a_batch_has_up_to_a_hundred_rows(
    world: World, inputs: list[dict[str, Any]], words: str
) -> None:
    refused = batch(world, "create", *inputs)
    assert refused["code"] == 400
    assert words in refused["message"]
    assert batch(world, "create", *([{"properties": GOOD}] * 100))["code"] == 201


def test_results_come_in_another_order(world: World) -> None:
    rows = [traced(GOOD, str(number)) for number in range(5)]
    answer = batch(world, "create", *rows)
    assert [row["objectWriteTraceId"] for row in answer["results"]] != list("01234")


def test_two_rows_cannot_take_one_email(world: World) -> None:
    rows = [traced({"email": "a@example.com"}, str(number)) for number in range(2)]
    answer = batch(world, "create", *rows)
    assert (answer["code"], len(answer["results"]), answer["numErrors"]) == (207, 1, 1)


def test_an_upsert_creates_or_changes_and_says_which(world: World) -> None:
    known = world.contact(wa_sync_external_id="known")
    answer = batch(
        world,
        "upsert",
        by_external_id("known", {"city": "Bonn"}, objectWriteTraceId="1"),
        by_external_id("new", GOOD, objectWriteTraceId="2"),
        by_external_id("nameless", {"city": "Bonn"}, objectWriteTraceId="3"),
    )
    assert answer["code"] == 207
    rows = {row["objectWriteTraceId"]: row for row in answer["results"]}
    assert (rows["1"]["id"], rows["1"]["new"]) == (known, False)
    assert rows["2"]["new"] is True
    assert answer["errors"][0]["context"]["objectWriteTraceId"] == ["3"]
    found = world.objects("GET", "/new", idProperty="wa_sync_external_id")
    assert found["id"] == rows["2"]["id"]


def test_an_upsert_by_email_is_never_partial(world: World) -> None:
    rows = [
        traced(GOOD, "1", idProperty="email", id="a@example.com"),
        traced(BAD, "2", idProperty="email", id="b@example.com"),
    ]
    assert batch(world, "upsert", *rows)["code"] == 400
    assert count(world) == 0
    answer = batch(world, "upsert", rows[0])
    assert answer["results"][0]["new"] is True


@pytest.mark.parametrize("verb", ["update", "upsert"])
@pytest.mark.parametrize("name", ["phone", "hs_object_id"])
def test_rows_are_addressed_by_unique_properties_only(world: World, verb: str, name: str) -> None:
    refused = batch(world, verb, {"idProperty": name, "id": "1", "properties": GOOD})
    assert refused["code"] == 400
    assert f"Unable to perform {verb} by non-unique 0-1 property" in refused["message"]


def test_an_upsert_needs_its_id_property(world: World) -> None:
    assert batch(world, "upsert", {"id": "1", "properties": GOOD})["code"] == 400


def test_an_id_may_not_come_twice(world: World) -> None:
    row = by_external_id("x", GOOD)
    refused = batch(world, "upsert", row, row)
    assert (refused["code"], "Duplicate IDs" in refused["message"]) == (400, True)


def test_an_update_leaves_out_rows_whose_id_is_no_number(world: World) -> None:
    contact = world.contact(email="ada@example.com")
    answer = batch(
        world,
        "update",
        {"id": "ada@example.com", "properties": {"city": "Bonn"}},
        {"id": contact, "properties": {"zip": "53111"}},
    )
    assert (answer["code"], len(answer["results"])) == (200, 1)
    read = world.objects("GET", f"/{contact}", properties="city,zip")
    assert read["properties"] == {"city": None, "zip": "53111"}


def test_an_update_by_an_id_that_was_merged_away_fails(world: World) -> None:
    one, two = world.contact(), world.contact()
    world.control("POST", "contacts/merge", {"primary": one, "other": two})
    answer = batch(world, "update", traced({"city": "Ulm"}, "1", id=one))
    assert (answer["code"], answer["errors"][0]["category"]) == (207, "OBJECT_NOT_FOUND")
    assert batch(world, "update", {"id": one, "properties": {"city": "Ulm"}})["code"] == 404


def test_a_read_names_what_is_missing(world: World) -> None:
    contact = world.contact(city="Bonn", wa_sync_external_id="x")
    answer = batch(
        world,
        "read",
        {"id": "x"},
        {"id": "y"},
        idProperty="wa_sync_external_id",
        properties=["city", "no_such_thing"],
        propertiesWithHistory=["city"],
    )
    assert (answer["code"], answer["errors"][0]["context"]) == (207, {"ids": ["y"]})
    row = answer["results"][0]
    assert (row["id"], row["properties"]) == (contact, {"city": "Bonn"})
    assert [entry["value"] for entry in row["propertiesWithHistory"]["city"]] == ["Bonn"]


def test_a_batch_archives_what_is_there(world: World) -> None:
    contact = world.contact()
    assert batch(world, "archive", {"id": contact}, {"id": "1"})["code"] == 204
    archived = world.objects("POST", "/batch/read?archived=true", {"inputs": [{"id": contact}]})
    assert archived["results"][0]["archived"] is True
