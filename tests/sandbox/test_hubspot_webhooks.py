"""The imitated HubSpot's webhooks, and the edits of a sales person that cause them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest

from syncbridge.sandbox import SandboxServer
from tests.sandbox.hubspot_world import World, hubspot
from tests.sandbox.toy import Receiver

SECRET = "a client secret"
QUERY = "/webhooks/hs?for=a%40b%2Fc%20d"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    with SandboxServer(receiver) as server:
        receiver.url = server.url + QUERY  # type: ignore[attr-defined]
        yield receiver


@pytest.fixture
def world(receiver: Receiver) -> Iterator[World]:
    with hubspot(
        webhook_url=receiver.url,  # type: ignore[attr-defined]
        client_secret=SECRET,
        retry_delays_s=(60.0,),
        portal_id=42,
    ) as world:
        yield world


def delivered(world: World, receiver: Receiver) -> list[dict[str, Any]]:
    """All events sent since the last look, in order."""
    world.control("POST", "clock", {"advance_s": 1})
    assert world.sandbox.webhooks is not None
    assert world.sandbox.webhooks.wait_idle(5)
    events = [event for body in receiver.bodies for event in json.loads(body)]
    receiver.bodies.clear()
    return sorted(events, key=lambda event: event["eventId"])


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [
        ":".join(filter(None, (event["subscriptionType"], event.get("propertyName"))))
        for event in events
    ]


def test_a_creation_and_each_of_its_properties_is_an_event(
    world: World, receiver: Receiver
) -> None:
    contact = world.contact(city="Bonn")
    events = delivered(world, receiver)
    assert kinds(events) == [
        "contact.creation",
        "contact.propertyChange:firstname",
        "contact.propertyChange:city",
    ]
    creation, _, city = events
    assert (creation["objectId"], creation["portalId"]) == (int(contact), 42)
    assert (city["propertyValue"], city["changeSource"]) == ("Bonn", "INTEGRATION")
    assert city["occurredAt"] == 1_777_636_800_000
    assert {event["attemptNumber"] for event in events} == {0}


def test_a_sales_persons_edit_says_so_and_can_be_given_its_time(
    world: World, receiver: Receiver
) -> None:
    contact = world.contact(city="Bonn")
    delivered(world, receiver)
    at = "2026-05-01T12:00:00.250Z"
    edit = {"properties": {"city": "Ulm", "firstname": "Ada"}, "at": at}
    edited = world.control("PATCH", f"contacts/{contact}", edit)
    assert edited["properties"]["lastmodifieddate"] == at
    assert edited["propertiesWithHistory"]["city"][0]["timestamp"] == at
    events = delivered(world, receiver)
    assert kinds(events) == ["contact.propertyChange:city"]
    assert (events[0]["changeSource"], events[0]["sourceId"]) == ("CRM_UI", "userId:987654")


def test_deletion_restoration_merge_and_erasure_are_events(
    world: World, receiver: Receiver
) -> None:
    one, two = world.contact(zip="1"), world.contact(city="Bonn")
    delivered(world, receiver)
    world.control("DELETE", f"contacts/{one}")
    world.control("POST", f"contacts/{one}/restore")
    merged = world.control("POST", "contacts/merge", {"primary": one, "other": two})["id"]
    world.objects("POST", "/gdpr-delete", {"objectId": merged})
    events = delivered(world, receiver)
    assert kinds(events) == [
        "contact.deletion",
        "contact.restore",
        "contact.merge",
        "contact.privacyDeletion",
        "contact.deletion",
    ]
    merge = events[2]
    assert (merge["primaryObjectId"], merge["newObjectId"]) == (int(one), int(merged))
    assert merge["mergedObjectIds"] == [int(one), int(two)]
    assert merge["numberOfPropertiesMoved"] == 1


def test_a_delivery_is_signed_over_its_raw_bytes(world: World, receiver: Receiver) -> None:
    world.contact()
    world.control("POST", "clock", {"advance_s": 1})
    receiver.wait_for(1)
    headers = receiver.headers[0]
    timestamp = headers["X_HUBSPOT_REQUEST_TIMESTAMP"]
    uri = receiver.url.replace("%40", "@").replace("%2F", "/")  # type: ignore[attr-defined]
    message = f"POST{uri}".encode() + receiver.bodies[0] + timestamp.encode()
    digest = hmac.new(SECRET.encode(), message, hashlib.sha256).digest()
    assert headers["X_HUBSPOT_SIGNATURE_V3"] == base64.b64encode(digest).decode()
    assert timestamp == "1777636801000"


def test_events_leave_in_arrays_of_at_most_a_hundred(world: World, receiver: Receiver) -> None:
    rows = [{"properties": {"firstname": "Ada"}}] * 75
    world.objects("POST", "/batch/create", {"inputs": rows})
    world.control("POST", "clock", {"advance_s": 1})
    receiver.wait_for(2)
    assert sorted(len(json.loads(body)) for body in receiver.bodies) == [50, 100]


def test_a_failed_delivery_comes_again_with_its_attempt(world: World, receiver: Receiver) -> None:
    receiver.statuses = [503]
    world.contact()
    world.control("POST", "clock", {"advance_s": 1})
    receiver.wait_for(1)
    world.control("POST", "clock", {"advance_s": 60})
    receiver.wait_for(2)
    first, second = (json.loads(body) for body in receiver.bodies)
    assert [event["attemptNumber"] for event in (first[0], second[0])] == [0, 1]
    assert first[0]["eventId"] == second[0]["eventId"]
    headers = receiver.headers
    assert headers[0]["X_HUBSPOT_SIGNATURE_V3"] != headers[1]["X_HUBSPOT_SIGNATURE_V3"]


def test_messages_and_unchanged_values_cause_no_events(world: World, receiver: Receiver) -> None:
    contact = world.contact(city="Bonn")
    delivered(world, receiver)
    world.message(contact)
    world.objects("PATCH", f"/{contact}", {"properties": {"city": "Bonn"}})
    assert delivered(world, receiver) == []


def test_the_control_api_shows_everything_stored(world: World) -> None:
    made = world.control("POST", "contacts", {"properties": {"firstname": "Ada"}})
    message = world.message(made["id"])["id"]
    gone = world.contact()
    world.objects("DELETE", f"/{gone}")
    records = world.control("GET", "records/contacts")["results"]
    assert [(row["id"], row["archived"]) for row in records] == [(made["id"], False), (gone, True)]
    assert records[0]["associations"] == {"communications": [message]}
    assert records[0]["propertiesWithHistory"]["firstname"][0]["sourceType"] == "CRM_UI"
    counts = world.control("GET", "counts")
    assert (counts["contacts"], counts["communications"]) == (1, 1)
    assert world.control("GET", "health")["portalId"] == 42


def test_the_control_api_refuses_what_hubspot_would(world: World) -> None:
    assert world.control("POST", "contacts", {"properties": {"zip": "1"}})["code"] == 400
    assert world.control("PATCH", "contacts/999", {"properties": {"zip": "1"}})["code"] == 404
    contact = world.contact()
    late = {"properties": {"zip": "1"}, "at": "noon"}
    assert world.control("PATCH", f"contacts/{contact}", late)["code"] == 400
