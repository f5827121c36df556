"""What is said about the account, the address book and people's wishes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from connectors.whatsapp.wire.messages import Frame
from connectors.whatsapp.wire.value import Unreadable, digits, listed, mapping, moment, word
from syncbridge.clock import to_ms
from syncbridge.model.event import ConsentSaid, Event, Notice, PeerNamed
from syncbridge.model.identity import Peer

#: Fields whose values are kept and shown, and from which nothing follows for a person.
ACCOUNT_FIELDS = frozenset(
    {
        "account_alerts",
        "account_review_update",
        "account_settings_update",
        "account_update",
        "automatic_events",
        "business_capability_update",
        "business_status_update",
        "business_username_update",
        "business_username_updates",
        "calls",
        "flows",
        "group_lifecycle_update",
        "group_participants_update",
        "group_settings_update",
        "group_status_update",
        "message_template_components_update",
        "message_template_quality_update",
        "message_template_status_update",
        "messaging_handovers",
        "partner_solutions",
        "payment_configuration_update",
        "phone_number_name_update",
        "phone_number_quality_update",
        "security",
        "template_category_update",
        "template_correct_category_detection",
        "tracking_events",
        # Announced, then withdrawn before it was ever sent.
        "user_id_update",
    }
)

_MARKETING = "marketing_messages"
_WISHES = {"stop": True, "resume": False}


def notice_parts(value: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Split an account field's value into its sayings, each with its place below the value.

    A value about one phone number carries lists, which Meta batches as it likes; one about the
    whole account is one saying.
    """
    lists = [key for key in value if key not in _BESIDE and isinstance(value[key], list)]
    if "metadata" not in value or not lists:
        yield "", value
        return
    for key in lists:
        for index, item in enumerate(value[key]):
            yield f".{key}[{index}]", item


def notice_event(frame: Frame, item: Mapping[str, Any]) -> Event:
    """Read one saying of an account field.

    Raises:
        Unreadable: nothing tells when it was said.
    """
    at = moment(item.get("timestamp")) or _nested_time(item) or frame.entry_at
    if at is None:
        raise Unreadable("no_time")
    details = {"waba_id": frame.entry_id, **item}
    return frame.event(_key(frame, item, at), at, Notice(frame.field, details))


def error_event(frame: Frame, item: Mapping[str, Any]) -> Event:
    """Read an item of a value's own `errors[]`: it concerns the number, not a message.

    Raises:
        Unreadable: nothing tells when it was said, so a repetition could not be recognised.
    """
    if frame.entry_at is None:
        raise Unreadable("vendor_error")
    body = Notice("errors", {"waba_id": frame.entry_id, **item})
    return frame.event(_key(frame, item, frame.entry_at), frame.entry_at, body)


def wish_event(frame: Frame, item: Mapping[str, Any]) -> Event:
    """Read an item of `user_preferences[]`: marketing stopped or resumed.

    Raises:
        Unreadable: it is about something else, or about nobody.
    """
    category, wish = word(item.get("category")), word(item.get("value"))
    if category not in (_MARKETING, "") or wish not in _WISHES:
        raise Unreadable("unknown_preference")
    user_id, parent = word(item.get("user_id")), word(item.get("parent_user_id"))
    peer = frame.contacts.peer(digits(item.get("wa_id")), user_id, parent)
    if not peer.is_known:
        raise Unreadable("no_sender")
    at = frame.at(item)
    who = peer.number or peer.user_id or peer.parent_user_id
    key = f"c:{frame.account}:{who}:{wish}:{to_ms(at) // 1000}"
    return frame.event(key, at, ConsentSaid(peer, is_opted_out=_WISHES[wish]))


def named_event(frame: Frame, item: Mapping[str, Any]) -> Event:
    """Read an item of `state_sync[]`: a person in the business's own address book.

    Raises:
        Unreadable: it is no contact, or has no number or no time.
    """
    contact = mapping(item.get("contact"))
    action = word(item.get("action"))
    if word(item.get("type")) != "contact" or action not in ("add", "remove"):
        raise Unreadable("unknown_state")
    number, user_id = digits(contact.get("phone_number")), word(contact.get("user_id"))
    if not (number or user_id):
        raise Unreadable("no_sender")
    at = moment(mapping(item.get("metadata")).get("timestamp")) or frame.at(item)
    name = word(contact.get("full_name")) or word(contact.get("first_name"))
    username = word(contact.get("username")).removeprefix("@")
    peer = Peer(number, user_id, username=username, name=name or None)
    key = f"n:{_digest(frame.account, action, contact)}:{to_ms(at) // 1000}"
    return frame.event(key, at, PeerNamed(peer, is_removed=action == "remove"))


#: Lists that only accompany what is said.
_BESIDE = frozenset({"contacts"})


def _nested_time(value: Mapping[str, Any]) -> datetime | None:
    inner = (mapping(item) for part in value.values() for item in listed(part))
    return next(filter(None, (moment(item.get("timestamp")) for item in inner)), None)


def _key(frame: Frame, item: Mapping[str, Any], at: datetime) -> str:
    return f"a:{_digest(frame.entry_id, frame.account, frame.field, item, to_ms(at) // 1000)}"


def _digest(*parts: object) -> str:
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:40]
