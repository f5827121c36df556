"""The imitated HubSpot is as strict about values as the real one."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.hubspot_world import EXTERNAL_ID, World, association, hubspot

#: type -> (posted, stored; None is refused with the code)
CUSTOM = {
    "number": [("12.50", "12.50", None), ("1e3", "1e3", None), ("twelve", None, "INVALID_INTEGER")],
    "bool": [("true", "true", None), ("True", None, "INVALID_BOOLEAN")],
    "datetime": [
        ("1777630000123", "2026-05-01T10:06:40.123Z", None),
        ("2026-05-01T12:06:40.123+02:00", "2026-05-01T10:06:40.123Z", None),
        ("2026-05-01T10:06:40Z", "2026-05-01T10:06:40.000Z", None),
        ("2026-05-01T10:06:40", None, "INVALID_DATE"),
        ("yesterday", None, "INVALID_DATE"),
    ],
    "date": [
        ("2026-05-01", "2026-05-01", None),
        ("1777593600000", "2026-05-01", None),
        ("1777593600001", None, "INVALID_DATE"),
        ("01.05.2026", None, "INVALID_DATE"),
    ],
    "enumeration": [
        ("a", "a", None),
        ("a;b", "a;b", None),
        (";b", "b", None),
        ("Label a", None, "INVALID_OPTION"),
    ],
    "string": [("x", "x", None), ("x" * 65_537, None, "PROPERTY_VALUE_TOO_LONG")],
}
FIELD_TYPES = {
    "bool": "booleancheckbox",
    "datetime": "date",
    "enumeration": "checkbox",
    "string": "text",
}
OPTIONS = [{"value": value, "label": f"Label {value}"} for value in "abc"]


@pytest.fixture
def world() -> Iterator[World]:
    with hubspot() as world:
        yield world


def codes(answer: dict[str, Any]) -> list[str]:
    return [error["code"] for error in answer["errors"]]


def add_property(world: World, kind: str, **more: object) -> Any:
    definition = {
        "name": f"my_{kind}",
        "label": "Mine",
        "type": kind,
        "fieldType": FIELD_TYPES.get(kind, kind),
        "groupName": "contactinformation",
        "options": OPTIONS if kind == "enumeration" else [],
        **more,
    }
    return world.call("POST", "/crm/v3/properties/contacts", definition)


@pytest.mark.parametrize(
    ("kind", "posted", "stored", "code"),
    [(kind, *case) for kind, cases in CUSTOM.items() for case in cases],
)
def test_a_value_is_stored_in_its_form_or_refused(
    world: World, kind: str, posted: str, stored: str | None, code: str | None
) -> None:
    add_property(world, kind)
    given = {"firstname": "Ada", f"my_{kind}": posted}
    made = world.objects("POST", "", {"properties": given})
    if code:
        assert (made["code"], codes(made)) == (400, [code])
        assert made["category"] == "VALIDATION_ERROR"
    else:
        assert made["properties"][f"my_{kind}"] == stored


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"shoe_size": "42"}, "PROPERTY_DOESNT_EXIST"),
        ({"lastmodifieddate": "1"}, "READ_ONLY_VALUE"),
        ({"hs_additional_emails": "a@b.de"}, "READ_ONLY_VALUE"),
        ({"city": None}, "INVALID_STRING"),
        ({"city": 5}, "INVALID_STRING"),
        ({"email": "ada at example"}, "INVALID_EMAIL"),
        ({"hs_lead_status": "New"}, "INVALID_OPTION"),
        ({"hubspot_owner_id": "Bob"}, "INVALID_OWNER_ID"),
    ],
)
def test_a_bad_value_is_named_and_nothing_is_stored(
    world: World, values: dict[str, object], code: str
) -> None:
    given = {"firstname": "Ada", **values}
    made = world.objects("POST", "", {"properties": given})
    assert (made["code"], codes(made)) == (400, [code])
    assert made["errors"][0]["context"] == {"propertyName": list(values)}
    assert made["message"].startswith("Property values were not valid: [{")
    assert made["correlationId"]
    assert world.control("GET", "counts")["contacts"] == 0


def test_every_bad_property_is_named_at_once(world: World) -> None:
    contact = world.contact(city="Bonn")
    answer = world.objects(
        "PATCH", f"/{contact}", {"properties": {"a": "1", "b": "2", "city": "Köln"}}
    )
    assert codes(answer) == ["PROPERTY_DOESNT_EXIST"] * 2
    read = world.objects("GET", f"/{contact}", properties="city")
    assert read["properties"] == {"city": "Bonn"}


def test_a_contact_needs_a_name_or_an_email(world: World) -> None:
    refused = world.objects("POST", "", {"properties": {"phone": "+49170"}})
    assert (refused["code"], codes(refused)) == (400, ["REQUIRED_FIELD"])


@pytest.mark.parametrize("path", ["", "/batch/create"])
def test_json_that_is_none_is_refused(world: World, path: str) -> None:
    answer = world.session.post(
        f"{world.url}/crm/v3/objects/contacts{path}",
        data="{",
        headers={"Authorization": "Bearer sandbox"},
        timeout=5,
    )
    assert answer.status_code == 400
    assert "Invalid input JSON" in answer.json()["message"]


def test_an_empty_string_clears_and_reads_as_null(world: World) -> None:
    contact = world.contact(city="Bonn", zip="53111")
    world.objects("PATCH", f"/{contact}", {"properties": {"city": ""}})
    read = world.objects("GET", f"/{contact}", propertiesWithHistory="city", properties="city,zip")
    assert read["properties"] == {"city": None, "zip": "53111"}
    assert [entry["value"] for entry in read["propertiesWithHistory"]["city"]] == ["", "Bonn"]


def test_writing_the_same_value_changes_nothing(world: World) -> None:
    contact = world.contact(city="Bonn")
    before = world.objects("GET", f"/{contact}")
    world.sandbox.clock.advance(10)
    world.objects("PATCH", f"/{contact}", {"properties": {"city": "Bonn"}})
    assert world.objects("GET", f"/{contact}") == before
    world.objects("PATCH", f"/{contact}", {"properties": {"city": "Ulm"}})
    after = world.objects("GET", f"/{contact}")
    assert before["properties"]["lastmodifieddate"] == "2026-05-01T12:00:00.000Z"
    assert after["properties"]["lastmodifieddate"] == "2026-05-01T12:00:10.000Z"
    assert after["updatedAt"] == after["properties"]["lastmodifieddate"]


def test_a_checkbox_appends_after_a_leading_semicolon(world: World) -> None:
    add_property(world, "enumeration")
    contact = world.contact(my_enumeration="a")
    world.objects("PATCH", f"/{contact}", {"properties": {"my_enumeration": ";c"}})
    read = world.objects("GET", f"/{contact}", properties="my_enumeration")
    assert read["properties"]["my_enumeration"] == "a;c"


def test_a_lifecycle_stage_goes_back_only_when_cleared_first(world: World) -> None:
    contact = world.contact(lifecyclestage="customer")

    def stage_after(*stages: str) -> str:
        for stage in stages:
            world.objects("PATCH", f"/{contact}", {"properties": {"lifecyclestage": stage}})
        read = world.objects("GET", f"/{contact}", properties="lifecyclestage")
        return str(read["properties"]["lifecyclestage"])

    assert stage_after("lead") == "customer"
    assert stage_after("", "lead") == "lead"
    assert stage_after("evangelist") == "evangelist"


def test_an_email_belongs_to_one_contact(world: World) -> None:
    first = world.contact(email="ada@example.com")
    refused = world.objects("POST", "", {"properties": {"email": "ADA@example.com"}})
    assert (refused["code"], refused["category"]) == (409, "CONFLICT")
    assert refused["message"] == f"Contact already exists. Existing ID: {first}"
    second = world.contact(email="bob@example.com")
    patched = world.objects("PATCH", f"/{second}", {"properties": {"email": "ada@example.com"}})
    assert patched["code"] == 409
    world.objects("PATCH", f"/{first}", {"properties": {"email": "a@example.com"}})
    world.contact(email="ada@example.com")


def test_an_additional_email_is_taken_too(world: World) -> None:
    one, two = world.contact(email="a@example.com"), world.contact(email="b@example.com")
    merged = world.control("POST", "contacts/merge", {"primary": one, "other": two})
    refused = world.objects("POST", "", {"properties": {"email": "b@example.com"}})
    assert refused["message"].endswith(f"Existing ID: {merged['id']}")
    found = world.objects("GET", "/b@example.com", idProperty="email")
    assert found["id"] == merged["id"]


def test_a_unique_property_belongs_to_one_record(world: World) -> None:
    world.add_external_id()
    contact = world.contact(wa_sync_external_id="x")
    given = {"firstname": "Bob", "wa_sync_external_id": "x"}
    refused = world.objects("POST", "", {"properties": given})
    assert (refused["code"], codes(refused)) == (400, ["CONFLICTING_UNIQUE_VALUE"])
    found = world.objects("GET", "/x", idProperty="wa_sync_external_id")
    assert found["id"] == contact
    refused = world.objects("GET", "/Ada", idProperty="firstname")
    assert refused["code"] == 400
    assert "non-unique 0-1 property" in refused["message"]


def test_there_are_at_most_ten_unique_properties(world: World) -> None:
    for number in range(10):
        definition = {**EXTERNAL_ID, "name": f"unique_{number}"}
        assert world.call("POST", "/crm/v3/properties/contacts", definition)["code"] == 201
    eleventh = world.call("POST", "/crm/v3/properties/contacts", EXTERNAL_ID)
    assert eleventh["code"] == 400
    assert "10 unique properties" in eleventh["message"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "required fields"),
        ({"name": "Shoe Size"}, "lowercase"),
        ({"type": "text"}, "does not go with"),
        ({"fieldType": "select"}, "does not go with"),
        ({"type": "enumeration", "fieldType": "select", "options": []}, "needs options"),
        ({"type": "bool", "fieldType": "booleancheckbox"}, "unique values"),
    ],
)
def test_a_bad_property_definition_is_refused(
    world: World, wrong: dict[str, object], words: str
) -> None:
    answer = world.call("POST", "/crm/v3/properties/contacts", {**EXTERNAL_ID, **wrong})
    assert answer["code"] == 400
    assert words in answer["message"]


def test_a_property_is_changed_and_removed_unless_it_is_hubspots(world: World) -> None:
    add_property(world, "enumeration")
    path = "/crm/properties/2026-03/contacts"
    changed = world.call("PATCH", f"{path}/my_enumeration", {"options": OPTIONS[:1]})
    assert [option["value"] for option in changed["options"]] == ["a"]
    unique = world.call("PATCH", f"{path}/my_enumeration", {"hasUniqueValue": True})
    assert unique["code"] == 400
    assert world.call("DELETE", f"{path}/my_enumeration")["code"] == 204
    assert world.call("GET", f"{path}/my_enumeration")["code"] == 404
    assert world.call("DELETE", f"{path}/email")["code"] == 400


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"hs_communication_channel_type": None}, "REQUIRED_FIELD"),
        ({"hs_communication_logged_from": None}, "REQUIRED_FIELD"),
        ({"hs_timestamp": None}, "REQUIRED_FIELD"),
        ({"hs_communication_body": ""}, "REQUIRED_FIELD"),
        ({"hs_communication_channel_type": "WHATSAPP"}, "INVALID_OPTION"),
        ({"hs_communication_logged_from": "APP"}, "INVALID_OPTION"),
        ({"hs_attachment_ids": "1"}, "PROPERTY_DOESNT_EXIST"),
    ],
)
def test_a_communication_needs_its_properties(
    world: World, wrong: dict[str, Any], code: str
) -> None:
    refused = world.message(world.contact(), **wrong)
    assert (refused["code"], codes(refused)) == (400, [code])
    assert world.control("GET", "counts")["communications"] == 0


def test_a_note_needs_its_time(world: World) -> None:
    refused = world.call("POST", "/crm/v3/objects/notes", {"properties": {"hs_note_body": "x"}})
    assert codes(refused) == ["REQUIRED_FIELD"]
    given = {"hs_timestamp": "2026-05-01T10:00:00Z", "hs_attachment_ids": "1;2"}
    assert world.call("POST", "/crm/v3/objects/0-46", {"properties": given})["code"] == 201


@pytest.mark.parametrize(
    ("target", "type_id", "words"),
    [
        ("999", 81, "couldn't be found: 0-1=['999']"),
        ("{contact}", 202, "not an association type of 0-18"),
        ("{contact}", 82, "not an association type of 0-18"),
        ("{contact}", 87, "couldn't be found: 0-2"),
    ],
)
def test_an_inline_association_must_fit_and_lead_somewhere(
    world: World, target: str, type_id: int, words: str
) -> None:
    target_id = target.format(contact=world.contact())
    message = {
        "hs_communication_channel_type": "SMS",
        "hs_communication_logged_from": "CRM",
        "hs_timestamp": "0",
        "hs_communication_body": "x",
    }
    refused = world.call(
        "POST",
        "/crm/v3/objects/communications",
        {"properties": message, "associations": [association(target_id, type_id)]},
    )
    assert refused["code"] == 400
    assert words in refused["message"]
    assert world.control("GET", "counts")["communications"] == 0


def test_an_unknown_object_type_and_path_are_refused(world: World) -> None:
    assert world.call("GET", "/crm/v3/objects/spaceships")["code"] == 400
    unknown = world.call("GET", "/crm/v9/nothing")
    assert (unknown["code"], unknown["category"]) == (404, "OBJECT_NOT_FOUND")
