"""HubSpot's webhooks: whose they are, and which contacts they say were touched."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from syncbridge.clock import from_ms
from syncbridge.errors import WebhookRefused
from syncbridge.model.event import Event, Leftover, Notice, Parsed, RecordTouched, Touch
from syncbridge.model.record import Kind
from syncbridge.remote.base import WebhookRequest
from syncbridge.remote.webhook import hmac_sha256, is_same, json_document, require_recent

#: https://developers.hubspot.com/docs/apps/legacy-apps/authentication/validating-requests
_MOST_AGE = timedelta(milliseconds=300_000)
#: The escapes that HubSpot decodes before it signs, and no others.
_DECODED = re.compile("%(?:3A|2F|3F|40|21|27|28|29|2A|2C|3B|24)", re.IGNORECASE)

_FRAGMENT_CHARS = 2_000
_CONTACT_TYPE_ID = "0-1"
_HIDDEN = "REDACTED"

#: https://developers.hubspot.com/docs/api-reference/webhooks-webhooks-v3/guide
_TOUCHES: Mapping[str, Touch] = MappingProxyType(
    {
        "propertyChange": Touch.CHANGED,
        "associationChange": Touch.CHANGED,
        "creation": Touch.CREATED,
        "deletion": Touch.DELETED,
        "restore": Touch.RESTORED,
        "merge": Touch.MERGED,
        "privacyDeletion": Touch.ERASED,
    }
)


def verify(request: WebhookRequest, secret: str, *, accepts_v1: bool) -> None:
    """Return only if HubSpot signed the delivery with this app's client secret.

    Where the third version's signature is present no older one is accepted instead of it.

    Raises:
        WebhookRefused: unsigned, wrongly signed, too old, or no secret is configured.
    """
    if not secret:
        raise WebhookRefused("no client secret is configured")
    signature = request.headers.get("x-hubspot-signature-v3")
    if signature is not None:
        _verify_v3(request, secret, signature)
    elif accepts_v1:
        _verify_v1(request, secret)
    else:
        raise WebhookRefused("no version 3 signature")


def _verify_v3(request: WebhookRequest, secret: str, signature: str) -> None:
    stamp = request.headers.get("x-hubspot-request-timestamp", "")
    if not re.fullmatch(r"[0-9]{1,13}", stamp):
        raise WebhookRefused("no timestamp")
    uri = _DECODED.sub(lambda found: unquote(found.group()), request.url)
    signed = f"{request.method.upper()}{uri}".encode() + request.body + stamp.encode()
    ours = base64.b64encode(hmac_sha256(secret, signed)).decode()
    if not is_same(ours, signature):
        raise WebhookRefused("wrong signature")
    require_recent(from_ms(int(stamp)), request.received_at, _MOST_AGE)


def _verify_v1(request: WebhookRequest, secret: str) -> None:
    if request.headers.get("x-hubspot-signature-version", "v1") != "v1":
        raise WebhookRefused("neither a version 3 nor a version 1 signature")
    ours = hashlib.sha256(secret.encode() + request.body).hexdigest()
    if not is_same(ours, request.headers.get("x-hubspot-signature", "")):
        raise WebhookRefused("wrong signature")


def parse(body: bytes) -> Parsed:
    """Split a delivery into its events, in their order.

    HubSpot repeats events, in any order and with values that may be stale: a touched record is
    only a reason to read it again.

    Raises:
        WebhookRefused: not a JSON array (status 400).
    """
    document = json_document(body)
    if not isinstance(document, list):
        raise WebhookRefused("the body is not an array of events", status=400)
    events: list[Event] = []
    leftovers: list[Leftover] = []
    for index, item in enumerate(document):
        try:
            events.append(_event(item))
        except (KeyError, TypeError, ValueError, OverflowError):
            fragment = json.dumps(item, ensure_ascii=False)[:_FRAGMENT_CHARS]
            leftovers.append(Leftover("malformed", f"[{index}]", fragment))
    return Parsed(tuple(events), tuple(leftovers))


def _event(item: Mapping[str, Any]) -> Event:
    topic = item["subscriptionType"]
    if not isinstance(topic, str) or not topic:
        raise ValueError("no subscription type")
    family, _, verb = topic.rpartition(".")
    touch = _TOUCHES.get(verb)
    is_contact = family == "contact" or (
        family == "object" and str(item.get("objectTypeId")) == _CONTACT_TYPE_ID
    )
    body = _touched(item, touch) if touch and is_contact else Notice(topic, dict(item))
    return Event(
        key=_key(item, topic),
        at=from_ms(_number(item["occurredAt"])),
        body=body,
        account=str(_number(item["portalId"])),
    )


def _key(item: Mapping[str, Any], topic: str) -> str:
    """Answer the key of an event: event ids are not unique, attempts are repetitions."""
    parts = (
        item.get("portalId"),
        topic,
        item.get("objectId", item.get("fromObjectId", "")),
        item.get("propertyName", item.get("messageId", item.get("toObjectId", ""))),
        item["eventId"],
        item["occurredAt"],
    )
    return ":".join(map(str, parts))


def _touched(item: Mapping[str, Any], touch: Touch) -> RecordTouched:
    if touch is Touch.MERGED:
        return _merged(item)
    # An association is between two records; the contact is the first.
    remote_id = _number(item["objectId"] if "objectId" in item else item["fromObjectId"])
    return RecordTouched(Kind.CONTACT, str(remote_id), touch, hints=_hints(item))


def _merged(item: Mapping[str, Any]) -> RecordTouched:
    primary = _number(item["primaryObjectId"])
    survivor = str(_number(item.get("newObjectId") or primary))
    merged = [str(_number(part)) for part in (primary, *item.get("mergedObjectIds", ()))]
    aliases = tuple(part for part in dict.fromkeys(merged) if part != survivor)
    return RecordTouched(Kind.CONTACT, survivor, Touch.MERGED, aliases)


def _hints(item: Mapping[str, Any]) -> dict[str, str]:
    name, value = item.get("propertyName"), item.get("propertyValue")
    if not isinstance(name, str) or value is None:
        return {}
    if item.get("isSensitive") is True or value == _HIDDEN:
        return {}
    return {name: str(value)}


def _number(value: object) -> int:
    """Read an id or a time, which HubSpot sends as a number.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,19}", str(value)):
        raise ValueError(f"not a number: {value!r}")
    return int(str(value))
