"""Webhooks of HubSpot: the events that changes cause, their delivery body and its signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from connectors.hubspot.sandbox.records import Actor, Record
from syncbridge.sandbox import SandboxClock

#: Most events of one delivery.
MAX_EVENTS = 100

#: Properties that cannot be subscribed to, and those HubSpot sets by itself.
_SILENT = frozenset({"hs_lastmodifieddate", "lastmodifieddate", "hs_object_id"})

_FIRST_SUBSCRIPTION = 3_000_001


class ChangeFeed:
    """Turns changes into webhook events of an app subscribed to everything it can be."""

    def __init__(self, clock: SandboxClock, *, portal_id: int, app_id: int) -> None:
        """Make no events until somebody subscribes."""
        self._emit: Callable[[Mapping[str, Any]], None] | None = None
        self._clock = clock
        self._portal_id, self._app_id = portal_id, app_id
        self._event_ids = itertools.count(100_001)
        self._subscriptions: dict[str, int] = {}

    def subscribe(self, emit: Callable[[Mapping[str, Any]], None]) -> None:
        """Hand every event from now on to `emit`."""
        self._emit = emit

    def created(self, record: Record, values: Mapping[str, str], actor: Actor) -> None:
        """A record came, with these values."""
        self._send(record, "creation", actor, changeFlag="CREATED")
        self.changed(record, values, actor)

    def changed(self, record: Record, values: Mapping[str, str], actor: Actor) -> None:
        """Properties got these values; one event each."""
        for name, value in values.items():
            if name not in _SILENT:
                self._send(record, "propertyChange", actor, propertyName=name, propertyValue=value)

    def archived(self, record: Record, actor: Actor) -> None:
        """A record went to the recycle bin."""
        self._send(record, "deletion", actor, changeFlag="DELETED")

    def restored(self, record: Record, actor: Actor) -> None:
        """A record came back from the recycle bin."""
        self._send(record, "restore", actor)

    def erased(self, record: Record, actor: Actor) -> None:
        """A contact was deleted for privacy; both events are sent."""
        self._send(record, "privacyDeletion", actor)
        self.archived(record, actor)

    def merged(self, primary: Record, other: Record, into: Record, moved: int) -> None:
        """Two records became a third."""
        self._send(
            into,
            "merge",
            Actor("CRM_UI", "userId:0"),
            primaryObjectId=int(primary.id),
            mergedObjectIds=[int(primary.id), int(other.id)],
            newObjectId=int(into.id),
            numberOfPropertiesMoved=moved,
        )

    def _send(self, record: Record, verb: str, actor: Actor, **details: Any) -> None:
        if self._emit is None or record.type.webhook_name is None:
            return
        kind = f"{record.type.webhook_name}.{verb}"
        topic = f"{kind}:{details.get('propertyName', '')}"
        subscription = self._subscriptions.setdefault(
            topic, _FIRST_SUBSCRIPTION + len(self._subscriptions)
        )
        self._emit(
            {
                "eventId": next(self._event_ids),
                "subscriptionId": subscription,
                "portalId": self._portal_id,
                "appId": self._app_id,
                "occurredAt": self._clock.now_ms(),
                "subscriptionType": kind,
                "attemptNumber": 0,
                "objectId": int(record.id),
                "changeSource": actor.source_type,
                "sourceId": actor.source_id,
                **details,
            }
        )


def render(events: Sequence[Mapping[str, Any]], attempt: int) -> bytes:
    """The body of one delivery: an array, in which each event tells the attempt."""
    return json.dumps([{**event, "attemptNumber": attempt} for event in events]).encode()


_DECODED = re.compile("%(?:3A|2F|3F|40|21|27|28|29|2A|2C|3B|24)", re.IGNORECASE)


def signer(secret: str, clock: SandboxClock) -> Callable[[str, bytes], dict[str, str]]:
    """What signs deliveries by v3 with the app's client secret, at the time of sending."""

    def sign(url: str, body: bytes) -> dict[str, str]:
        timestamp = str(clock.now_ms())
        uri = _DECODED.sub(lambda found: unquote(found.group()), url)
        signed = f"POST{uri}".encode() + body + timestamp.encode()
        digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
        return {
            "X-HubSpot-Signature-v3": base64.b64encode(digest).decode(),
            "X-HubSpot-Request-Timestamp": timestamp,
        }

    return sign
