"""Deliveries for the tests, and what parsing them says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connectors.whatsapp.sandbox.payloads import (
    Person,
    Update,
    encode,
    envelope,
    message,
)
from connectors.whatsapp.wire import parse
from syncbridge.model.conversation import Content
from syncbridge.model.event import Body, Event, MessageSeen, Parsed

AT = 1_790_000_000
AT_UTC = datetime.fromtimestamp(AT, UTC)
ANA = Person("4915112345678", "Ana Köhler")
#: A person who withholds the number.
BEA = Person(name="Bea", user_id="DE.13491208", username="bea.b")


def parsed(*updates: Update, **about: Any) -> Parsed:
    return parse(encode(envelope(updates, **about)))


def only_event(*updates: Update, **about: Any) -> Event:
    found = parsed(*updates, **about)
    assert found.leftovers == ()
    (event,) = found.events
    return event


def only_body(*updates: Update, **about: Any) -> Body:
    return only_event(*updates, **about).body


def seen(update: Update, **about: Any) -> MessageSeen:
    body = only_body(update, **about)
    assert isinstance(body, MessageSeen)
    return body


def content_of(kind: str, part: Any, **about: Any) -> Content:
    return seen(message(ANA, kind, part, id="wamid.M", at=AT, **about)).content


def reasons(*updates: Update, **about: Any) -> list[str]:
    return [leftover.reason for leftover in parsed(*updates, **about).leftovers]
