"""Listing, reading, searching, merging and archiving in the imitated HubSpot."""

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.hubspot.sandbox import AccountOptions, HubSpotSandbox, Limits
from tests.sandbox.hubspot_world import World, hubspot, serve, where


@pytest.fixture
def world() -> Iterator[World]:
    with hubspot() as world:
        yield world


def ids(answer: Any) -> list[str]:
    assert answer["code"] == 200, answer
    return [record["id"] for record in answer["results"]]


@pytest.mark.parametrize(
    "prefix",
    ["/crm/v3/objects/contacts", "/crm/objects/2026-03/contacts", "/crm/objects/2026-09/0-1"],
)
def test_both_spellings_of_a_path_mean_the_same(world: World, prefix: str) -> None:
    contact = world.contact()
    assert world.call("GET", f"{prefix}/{contact}")["id"] == contact


@pytest.mark.parametrize("path", ["/account-info/v3/details", "/account-info/2026-03/details"])
def test_the_account_tells_its_portal_and_zone(path: str) -> None:
    options = AccountOptions(portal_id=77, time_zone="Asia/Kolkata")
    with serve(HubSpotSandbox(options, limits=Limits())) as world:
        details = world.call("GET", path)
    assert (details["portalId"], details["timeZone"]) == (77, "Asia/Kolkata")
    assert (details["utcOffset"], details["utcOffsetMilliseconds"]) == ("+05:30", 19_800_000)


def test_unrequested_properties_are_absent_and_some_are_shown_by_default(world: World) -> None:
    contact = world.contact(city="Bonn")
    assert set(world.objects("GET", f"/{contact}")["properties"]) == {
        "createdate",
        "email",
        "firstname",
        "hs_object_id",
        "lastmodifieddate",
        "lastname",
    }
    asked = world.objects("GET", f"/{contact}", properties="city,zip,no_such_thing")
    assert asked["properties"] == {"city": "Bonn", "zip": None}


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"limit": 100}, 200),
        ({"limit": 101}, 400),
        ({"limit": 0}, 400),
        ({"limit": "ten"}, 400),
        ({"limit": 50, "propertiesWithHistory": "city"}, 200),
        ({"limit": 51, "propertiesWithHistory": "city"}, 400),
    ],
)
def test_a_page_has_its_limit(world: World, params: dict[str, object], code: int) -> None:
    assert world.objects("GET", "", **params)["code"] == code


def test_archiving_is_idempotent_and_frees_the_email(world: World) -> None:
    contact = world.contact(email="ada@example.com")
    assert [world.objects("DELETE", f"/{contact}")["code"] for _ in range(2)] == [204, 204]
    assert world.objects("GET", f"/{contact}")["category"] == "OBJECT_NOT_FOUND"
    patched = world.objects("PATCH", f"/{contact}", {"properties": {"city": "Ulm"}})
    assert patched["code"] == 404
    archived = world.objects("GET", "", archived="true")["results"]
    assert [(row["id"], row["archived"]) for row in archived] == [(contact, True)]
    assert archived[0]["archivedAt"] == "2026-05-01T12:00:00.000Z"
    world.contact(email="ada@example.com")
    restored = world.control("POST", f"contacts/{contact}/restore")
    assert restored["code"] == 409


def test_a_restored_contact_is_back_with_its_email(world: World) -> None:
    contact = world.contact(email="ada@example.com")
    message = world.message(contact)["id"]
    world.control("DELETE", f"contacts/{contact}")
    alone = world.call("GET", f"/crm/v3/objects/0-18/{message}", associations="contacts")
    assert "associations" not in alone
    world.control("POST", f"contacts/{contact}/restore")
    assert world.objects("GET", "/ada@example.com", idProperty="email")["id"] == contact
    read = world.objects("GET", f"/{contact}", associations="communications")
    assert read["associations"]["communications"]["results"] == [
        {"id": message, "type": "contact_to_communication"}
    ]


def test_merged_contacts_leave_their_trail_and_their_messages(world: World) -> None:
    one, two, three = world.contact(), world.contact(), world.contact()
    message = world.message(two)["id"]
    first = world.objects("POST", "/merge", {"primaryObjectId": one, "objectIdToMerge": two})["id"]
    world.sandbox.clock.advance(1)
    last = world.objects("POST", "/merge", {"primaryObjectId": three, "objectIdToMerge": first})
    properties = "hs_merged_object_ids,hs_calculated_merged_vids"
    read = world.objects("GET", f"/{two}", properties=properties, associations="communications")
    assert read["id"] == last["id"]
    trail = read["properties"]["hs_merged_object_ids"].split(";")
    assert trail == [one, two, three, first]
    vids = dict(pair.split(":") for pair in read["properties"][properties[21:]].split(";"))
    assert int(vids[three]) - int(vids[one]) == 1000
    assert read["associations"]["communications"]["results"][0]["id"] == message
    for old in (one, two, three, first):
        assert world.objects("GET", f"/{old}")["id"] == last["id"]
        patched = world.objects("PATCH", f"/{old}", {"properties": {"city": old}})
        assert (patched["id"], patched["properties"]["city"]) == (last["id"], old)
    assert ids(world.objects("GET", "")) == [last["id"]]


def test_what_cannot_be_merged_is_refused(world: World) -> None:
    contact = world.contact()

    def merge(kind: str, one: str, two: str) -> int:
        posted = {"primaryObjectId": one, "objectIdToMerge": two}
        return int(world.call("POST", f"/crm/v3/objects/{kind}/merge", posted)["code"])

    assert merge("contacts", contact, contact) == 400
    assert merge("contacts", contact, "999") == 404
    assert merge("notes", "1", "2") == 400


NOON_MS = 1_777_636_800_000


@pytest.fixture
def people(world: World) -> dict[str, str]:
    """Ada at noon, Bob a second later, Cyd a second after that, by first name."""
    made = {}
    for name, extra in (
        ("Ada", {"email": "ada@acme.com", "phone": "+49 170 1234567", "annualrevenue": "9"}),
        ("Bob", {"email": "bob@acme.org", "annualrevenue": "10"}),
        ("Cyd", {"city": "New York", "lifecyclestage": "lead"}),
    ):
        made[name] = world.contact(firstname=name, **extra)
        world.sandbox.clock.advance(1)
    return made


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (where("firstname", "EQ", "ada"), "Ada"),
        (where("firstname", "NEQ", "Ada"), "Bob Cyd"),
        (where("email", "HAS_PROPERTY"), "Ada Bob"),
        (where("email", "NOT_HAS_PROPERTY"), "Cyd"),
        (where("firstname", "IN", values=["ada", "cyd"]), "Ada Cyd"),
        (where("firstname", "IN", values=["Ada", "cyd"]), "Cyd"),
        (where("firstname", "NOT_IN", values=["ada"]), "Bob Cyd"),
        (where("lifecyclestage", "IN", values=["lead"]), "Cyd"),
        (where("email", "CONTAINS_TOKEN", "acme"), "Ada Bob"),
        (where("email", "CONTAINS_TOKEN", "*@acme.c*"), "Ada"),
        (where("email", "NOT_CONTAINS_TOKEN", "ada"), "Bob Cyd"),
        (where("annualrevenue", "GT", "9"), "Bob"),
        (where("annualrevenue", "LTE", "9.0"), "Ada"),
        (where("lastmodifieddate", "GTE", str(NOON_MS + 1000)), "Bob Cyd"),
        (where("lastmodifieddate", "LT", str(NOON_MS + 1000)), "Ada"),
        (where("createdate", "BETWEEN", str(NOON_MS), highValue=str(NOON_MS + 1000)), "Ada Bob"),
        (where("hs_object_id", "GT", "0"), "Ada Bob Cyd"),
        (where("hs_searchable_calculated_phone_number", "EQ", "1701234567"), "Ada"),
    ],
)
def test_a_filter_finds_what_it_says(
    world: World, people: dict[str, str], condition: dict[str, Any], names: str
) -> None:
    assert ids(world.search(condition)) == [people[name] for name in names.split()]


def test_filters_are_and_groups_are_or(world: World, people: dict[str, str]) -> None:
    both = world.search(where("email", "HAS_PROPERTY"), where("annualrevenue", "GT", "9"))
    assert ids(both) == [people["Bob"]]
    groups = [{"filters": [where("firstname", "EQ", name)]} for name in ("Ada", "Cyd")]
    either = world.objects("POST", "/search", {"filterGroups": groups})
    assert ids(either) == [people["Ada"], people["Cyd"]]


def test_a_query_looks_at_names_mails_and_phones(world: World, people: dict[str, str]) -> None:
    assert ids(world.search(query="ACME")) == [people["Ada"], people["Bob"]]
    assert ids(world.search(query="1701234567")) == [people["Ada"]]


def test_empty_values_sort_first(world: World, people: dict[str, str]) -> None:
    sorts = [{"propertyName": "annualrevenue", "direction": "DESCENDING"}]
    assert ids(world.search(sorts=sorts)) == [people["Bob"], people["Ada"], people["Cyd"]]


NAMED = where("firstname", "EQ", "a")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"limit": 201}, "1 to 200"),
        ({"after": "9990", "limit": 11}, "10000"),
        ({"after": "x"}, "paging.next.after"),
        ({"filterGroups": [{"filters": [NAMED]}] * 6}, "at most 5"),
        ({"filterGroups": [{"filters": [NAMED] * 7}]}, "1 to 6"),
        ({"filterGroups": [{"filters": [NAMED] * 4}] * 5}, "at most 18"),
        ({"filterGroups": [{"filters": []}]}, "1 to 6"),
        ({"sorts": ["firstname", "lastname"]}, "one sort"),
        ({"sorts": [{"propertyName": "shoe_size"}]}, "Invalid sort"),
        ({"query": "x" * 3000}, "3000"),
        ({"filterGroups": [{"filters": [where("shoe_size", "EQ", "1")]}]}, "no property"),
        ({"filterGroups": [{"filters": [where("firstname", "LIKE", "1")]}]}, "operator"),
        ({"filterGroups": [{"filters": [where("firstname", "EQ", 1)]}]}, "string"),
        ({"filterGroups": [{"filters": [where("firstname", "IN", "a")]}]}, "need values"),
        ({"filterGroups": [{"filters": [where("annualrevenue", "GT", "x")]}]}, "number"),
        (
            {"filterGroups": [{"filters": [where("createdate", "GT", "2026-05-01")]}]},
            "epoch milliseconds",
        ),
    ],
)
def test_a_search_beyond_the_rules_is_refused(
    world: World, body: dict[str, Any], words: str
) -> None:
    refused = world.objects("POST", "/search", body)
    assert (refused["code"], refused["category"]) == (400, "VALIDATION_ERROR")
    assert words in refused["message"]


def test_the_last_page_before_the_cap_is_answered(world: World) -> None:
    assert world.search(after="9800", limit=200)["code"] == 200


def test_the_index_lags_behind_reads(world: World) -> None:
    with hubspot(index_lag_s=0.5) as world:
        contact = world.contact(city="Bonn")
        assert ids(world.search()) == []
        world.sandbox.clock.advance(0.5)
        assert ids(world.search()) == [contact]
        world.objects("PATCH", f"/{contact}", {"properties": {"city": "Ulm"}})
        assert ids(world.search(where("city", "EQ", "Bonn"))) == [contact]
        assert world.objects("GET", f"/{contact}", properties="city")["properties"]["city"] == "Ulm"
        world.sandbox.clock.advance(0.5)
        assert ids(world.search(where("city", "EQ", "Bonn"))) == []


def test_archived_contacts_are_never_found(world: World, people: dict[str, str]) -> None:
    world.objects("DELETE", f"/{people['Ada']}")
    assert ids(world.search()) == [people["Bob"], people["Cyd"]]


def test_a_search_shows_the_properties_it_was_asked_for(
    world: World, people: dict[str, str]
) -> None:
    found = world.search(where("firstname", "EQ", "Cyd"), properties=["city", "zip", "shoe_size"])
    assert found["results"][0]["properties"] == {"city": "New York", "zip": None}


def test_associations_are_made_read_and_removed(world: World) -> None:
    contact = world.contact()
    company = world.call("POST", "/crm/v3/objects/companies", {"properties": {"name": "Acme"}})
    base = f"/crm/objects/2026-03/contacts/{contact}/associations"
    primary = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    made = world.call("PUT", f"{base}/companies/{company['id']}", primary)
    assert (made["code"], made["labels"]) == (201, ["Primary"])
    listed = world.call("GET", f"{base}/companies")["results"]
    assert [kind["typeId"] for kind in listed[0]["associationTypes"]] == [1, 279]
    batch = "/crm/associations/2026-03/companies/contacts/batch"
    found = world.call("POST", f"{batch}/read", {"inputs": [{"id": company["id"]}]})
    assert found["results"][0]["to"][0]["toObjectId"] == contact
    assert world.call("DELETE", f"{base}/companies/{company['id']}")["code"] == 204
    nothing = world.call("POST", f"{batch}/read", {"inputs": [{"id": company["id"]}]})
    assert (nothing["code"], nothing["results"]) == (207, [])
    assert nothing["errors"][0]["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"


def test_associations_are_made_and_removed_in_batches(world: World) -> None:
    contact = world.contact()
    note = world.call("POST", "/crm/v3/objects/notes", {"properties": {"hs_timestamp": "0"}})["id"]
    base = "/crm/v4/associations/notes/contacts/batch"
    pair = {"from": {"id": note}, "to": {"id": contact}}
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}]
    made = world.call("POST", f"{base}/create", {"inputs": [{**pair, "types": types}]})
    assert (made["code"], made["results"][0]["toObjectId"]) == (201, contact)
    archived = {"inputs": [{"from": {"id": note}, "to": [{"id": contact}]}]}
    assert world.call("POST", f"{base}/archive", archived)["code"] == 204
    default = world.call("POST", f"{base}/associate/default", {"inputs": [pair]})
    assert len(default["results"]) == 2
    missing = {"inputs": [{"from": {"id": note}, "to": {"id": "1"}}]}
    refused = world.call("POST", f"{base}/associate/default", missing)
    assert refused["errors"][0]["code"] == "INVALID_OBJECT_IDS"
