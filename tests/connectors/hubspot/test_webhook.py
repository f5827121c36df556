"""HubSpot's webhooks: signatures, and which contacts were touched."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from connectors.hubspot.sandbox.events import render, signer
from connectors.hubspot.webhook import parse, verify
from syncbridge.clock import to_ms
from syncbridge.errors import WebhookRefused
from syncbridge.model.event import Notice, RecordTouched, Touch
from syncbridge.model.record import Kind
from syncbridge.remote.base import WebhookRequest
from syncbridge.sandbox import SandboxClock

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
URL = "https://sync.example.com/webhooks/hs?from=a%20b%2Fc"
BODY = '[{"eventId": 1, "näme": 2}]'.encode()


def signed(
    url: str = "https://sync.example.com/webhooks/hs?from=a%20b/c",
    body: bytes = BODY,
    secret: str = "s",
    ago_s: float = 0,
) -> dict[str, str]:
    stamp = str(to_ms(NOW - timedelta(seconds=ago_s)))
    mac = hmac.new(secret.encode(), f"POST{url}".encode() + body + stamp.encode(), hashlib.sha256)
    return {
        "x-hubspot-signature-v3": base64.b64encode(mac.digest()).decode(),
        "x-hubspot-request-timestamp": stamp,
    }


def signed_v1(body: bytes = BODY, secret: str = "s") -> dict[str, str]:
    digest = hashlib.sha256(secret.encode() + body).hexdigest()
    return {"x-hubspot-signature": digest, "x-hubspot-signature-version": "v1"}


def judge(headers: dict[str, str], *, secret: str = "s", body: bytes = BODY, v1: bool = False):
    verify(WebhookRequest(body, headers, "POST", URL, NOW), secret, accepts_v1=v1)


@pytest.mark.parametrize("ago_s", [-300, 0, 300])
def test_what_hubspot_signed_within_five_minutes_is_believed(ago_s):
    judge(signed(ago_s=ago_s))


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({}, "no version 3"),
        (signed(ago_s=300.001), "too old"),
        (signed(ago_s=-300.001), "future"),
        (signed(secret="other"), "wrong"),
        (signed(url="https://evil.example/"), "wrong"),
        (signed(body=b"[]"), "wrong"),
        (signed() | {"x-hubspot-request-timestamp": ""}, "timestamp"),
        (signed() | {"x-hubspot-request-timestamp": "9" * 40}, "timestamp"),
        (signed() | {"x-hubspot-request-timestamp": "1e3"}, "timestamp"),
        (signed() | {"x-hubspot-signature-v3": ""}, "wrong"),
        (signed() | {"x-hubspot-signature-v3": "ä"}, "wrong"),
        (signed_v1(), "no version 3"),
    ],
)
def test_anything_else_is_refused(headers, why):
    with pytest.raises(WebhookRefused, match=why) as caught:
        judge(headers)
    assert caught.value.status == 401


def test_without_a_secret_nothing_is_believed():
    with pytest.raises(WebhookRefused, match="no client secret"):
        judge(signed(secret=""), secret="")


def test_only_the_listed_escapes_are_decoded():
    with pytest.raises(WebhookRefused):
        judge(signed(url="https://sync.example.com/webhooks/hs?from=a b/c"))


def test_the_old_signature_counts_only_where_it_is_accepted():
    judge(signed_v1(), v1=True)
    with pytest.raises(WebhookRefused, match="wrong"):
        judge(signed_v1(secret="other"), v1=True)
    with pytest.raises(WebhookRefused):
        judge(signed_v1() | {"x-hubspot-signature-version": "v2"}, v1=True)
    with pytest.raises(WebhookRefused):
        judge({}, v1=True)


def test_a_wrong_new_signature_is_not_mended_by_a_right_old_one():
    with pytest.raises(WebhookRefused, match="wrong"):
        judge(signed(secret="other") | signed_v1(), v1=True)


def item(**changes: object) -> dict[str, object]:
    return {
        "eventId": 11,
        "subscriptionId": 22,
        "portalId": 33,
        "appId": 44,
        "occurredAt": to_ms(NOW),
        "subscriptionType": "contact.propertyChange",
        "attemptNumber": 0,
        "objectId": 55,
        "changeSource": "CRM_UI",
        "propertyName": "phone",
        "propertyValue": "+34600111222",
    } | changes


def parse_all(*items: object):
    return parse(json.dumps(items).encode())


def parse_one(**changes: object):
    (event,) = parse_all(item(**changes)).events
    return event


def test_a_changed_property_touches_its_contact():
    event = parse_one()
    assert event.body == RecordTouched(
        Kind.CONTACT, "55", Touch.CHANGED, hints={"phone": "+34600111222"}
    )
    assert (event.account, event.at) == ("33", NOW)


def test_a_repeated_attempt_has_the_same_key_and_anything_else_another():
    key = parse_one().key
    assert parse_one(attemptNumber=3, changeSource="API", subscriptionId=9).key == key
    others = [
        {"eventId": 12},
        {"portalId": 34},
        {"objectId": 56},
        {"propertyName": "email"},
        {"occurredAt": to_ms(NOW) + 1},
        {"subscriptionType": "contact.creation"},
    ]
    assert len({key, *(parse_one(**other).key for other in others)}) == 1 + len(others)


@pytest.mark.parametrize(
    ("topic", "touch"),
    [
        ("contact.creation", Touch.CREATED),
        ("contact.deletion", Touch.DELETED),
        ("contact.restore", Touch.RESTORED),
        ("contact.privacyDeletion", Touch.ERASED),
        ("object.creation", Touch.CREATED),
    ],
)
def test_what_happened_is_told(topic, touch):
    event = parse_one(subscriptionType=topic, objectTypeId="0-1")
    assert event.body.touch is touch
    assert event.body.remote_id == "55"


def test_a_merge_names_the_survivor_and_all_that_now_mean_it():
    event = parse_one(
        subscriptionType="contact.merge",
        primaryObjectId=1,
        mergedObjectIds=[2, 1],
        newObjectId=3,
        propertyName=None,
    )
    assert event.body == RecordTouched(Kind.CONTACT, "3", Touch.MERGED, ("1", "2"))


def test_an_older_merge_keeps_the_primary():
    event = parse_one(subscriptionType="contact.merge", primaryObjectId=1, mergedObjectIds=[2])
    assert event.body == RecordTouched(Kind.CONTACT, "1", Touch.MERGED, ("2",))


def test_an_association_touches_the_contact_it_begins_at():
    event = item(subscriptionType="contact.associationChange", fromObjectId=5, toObjectId=6)
    del event["objectId"]
    (parsed,) = parse_all(event).events
    assert parsed.body.remote_id == "5"


@pytest.mark.parametrize("hidden", [{"isSensitive": True}, {"propertyValue": "REDACTED"}])
def test_hidden_values_are_no_hints(hidden):
    assert parse_one(**hidden).body.hints == {}


@pytest.mark.parametrize(
    "topic", ["deal.creation", "conversation.newMessage", "contact.somethingNew"]
)
def test_what_concerns_no_contact_is_a_notice(topic):
    assert isinstance(parse_one(subscriptionType=topic).body, Notice)


def test_an_object_of_another_type_is_a_notice():
    event = parse_one(subscriptionType="object.creation", objectTypeId="0-3")
    assert event.body.topic == "object.creation"


@pytest.mark.parametrize(
    "bad",
    [
        None,
        7,
        "text",
        [],
        {},
        item(subscriptionType=""),
        item(subscriptionType=5),
        item(objectId="five"),
        item(objectId=True),
        item(occurredAt=None),
        item(occurredAt=10**18),
        item(portalId={"a": 1}),
        item(subscriptionType="contact.merge"),
        item(subscriptionType="contact.merge", primaryObjectId=1, mergedObjectIds=5),
    ],
)
def test_a_malformed_item_is_left_over_and_its_neighbours_are_not(bad):
    parsed = parse_all(item(eventId=1), bad, item(eventId=2))
    assert len(parsed.events) == 2
    (leftover,) = parsed.leftovers
    assert (leftover.reason, leftover.place) == ("malformed", "[1]")
    assert leftover.fragment == json.dumps(bad)


def test_a_hundred_events_keep_their_order():
    parsed = parse_all(*(item(eventId=number) for number in range(100)))
    assert [event.key.split(":")[-2] for event in parsed.events] == [str(n) for n in range(100)]


@pytest.mark.parametrize("body", [b"", b"{}", b'"x"', b"null", b"[", b"\xff", b"[" * 9999])
def test_what_is_no_array_is_refused(body):
    with pytest.raises(WebhookRefused) as caught:
        parse(body)
    assert caught.value.status == 400


def test_the_imitations_own_signature_is_believed():
    body = render([item()], 2)
    sign = signer("s", SandboxClock(lambda: NOW))
    headers = {name.lower(): value for name, value in sign(URL, body).items()}
    judge(headers, body=body)
    assert len(parse(body).events) == 1
