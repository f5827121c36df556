"""What connectors in memory send and sign: events as JSON, with a signature anyone can check."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime

from syncbridge.clock import from_ms, to_ms
from syncbridge.errors import WebhookRefused
from syncbridge.model.event import Event, Leftover, Parsed
from syncbridge.remote.base import WebhookRequest
from syncbridge.store.codec import dump_body, load_body, topic_of


def body_of(events: Iterable[Event]) -> bytes:
    """Answer a delivery's bytes."""
    rows = [
        {
            "key": event.key,
            "at_ms": to_ms(event.at),
            "account": event.account,
            "scope": event.scope,
            "topic": topic_of(event.body),
            "body": dump_body(event.body),
        }
        for event in events
    ]
    return json.dumps(rows, sort_keys=True).encode()


def request_of(body: bytes, received_at: datetime, *, url: str = "") -> WebhookRequest:
    """Answer a signed delivery."""
    headers = {"x-signature": hashlib.sha256(body).hexdigest()}
    return WebhookRequest(body, headers, "POST", url, received_at)


def verify(request: WebhookRequest) -> None:
    """Return only if the bytes are those that were signed.

    Raises:
        WebhookRefused: they are not.
    """
    if request.headers.get("x-signature") != hashlib.sha256(request.body).hexdigest():
        raise WebhookRefused("the signature is not that of these bytes")


def parse(body: bytes) -> Parsed:
    """Split a delivery; what is no event of ours is left over.

    Raises:
        WebhookRefused: it is no list.
    """
    try:
        rows = json.loads(body)
    except ValueError as exc:
        raise WebhookRefused("not JSON", status=400) from exc
    if not isinstance(rows, list):
        raise WebhookRefused("not a list of events", status=400)
    events, leftovers = [], []
    for position, row in enumerate(rows):
        if not isinstance(row, dict) or "topic" not in row:
            leftovers.append(Leftover("malformed", f"[{position}]", json.dumps(row)))
            continue
        events.append(
            Event(
                key=row["key"],
                at=from_ms(row["at_ms"]),
                body=load_body(row["topic"], row["body"]),
                account=row["account"],
                scope=row["scope"],
            )
        )
    return Parsed(tuple(events), tuple(leftovers))
