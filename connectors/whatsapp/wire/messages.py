"""One item of `messages[]`, `message_echoes[]` or a history thread, as an event's body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connectors.whatsapp.wire.cards import own_number
from connectors.whatsapp.wire.content import read_content
from connectors.whatsapp.wire.people import Contacts, moved
from connectors.whatsapp.wire.value import Unreadable, digits, mapping, moment, text, word
from connectors.whatsapp.wire.wamid import is_wamid, message_ref
from syncbridge.model.conversation import Direction, MessageRef, MessageStatus
from syncbridge.model.event import (
    Body,
    Event,
    MessageEdited,
    MessageRevoked,
    MessageSeen,
    ReactionSeen,
)
from syncbridge.model.identity import Peer

#: The sender of the dashboard's "Test" button.
_TEST_SENDER = "16315551181"
#: What Meta writes as the context of an edit: not a message.
_NO_MESSAGE = "M0"


@dataclass(frozen=True, slots=True)
class Frame:
    """What an item's surroundings say: the entry and the change it stands in."""

    entry_id: str
    #: When Meta says the entry was made; None where it does not.
    entry_at: datetime | None
    field: str
    #: The phone number id; "" when the change is about the whole account.
    account: str
    #: The business's own number, digits only.
    business: str
    contacts: Contacts

    def event(self, key: str, at: datetime, body: Body) -> Event:
        """Answer the event of one item of this change."""
        return Event(key, at, body, self.account)

    def at(self, item: Mapping[str, Any]) -> datetime:
        """Answer when an item happened, or else when its entry was made.

        Raises:
            Unreadable: neither is told.
        """
        at = moment(item.get("timestamp")) or self.entry_at
        if at is None:
            raise Unreadable("no_time")
        return at


@dataclass(frozen=True, slots=True)
class Voice:
    """Who says an item to whom, and how it was handed over."""

    direction: Direction
    peer: Peer
    is_history: bool = False


def said_to_us(frame: Frame, item: Mapping[str, Any]) -> Event:
    """Read an item of `messages[]`: what a person wrote.

    Raises:
        Unreadable: it cannot become an event.
    """
    number = digits(item.get("from"))
    if number == _TEST_SENDER and not is_wamid(item.get("id")):
        raise Unreadable("dashboard_test")
    user_id, parent = word(item.get("from_user_id")), word(item.get("from_parent_user_id"))
    voice = Voice(Direction.INBOUND, frame.contacts.peer(number, user_id, parent))
    return message_event(frame, item, voice)


def said_by_us(frame: Frame, item: Mapping[str, Any], *, is_history: bool = False) -> Event:
    """Read an item of `message_echoes[]`: what the business wrote in its own app.

    Raises:
        Unreadable: it cannot become an event.
    """
    user_id, parent = word(item.get("to_user_id")), word(item.get("to_parent_user_id"))
    peer = frame.contacts.peer(digits(item.get("to")), user_id, parent)
    return message_event(frame, item, Voice(Direction.OUTBOUND, peer, is_history))


def message_event(frame: Frame, item: Mapping[str, Any], voice: Voice) -> Event:
    """Read a message of any type.

    Raises:
        Unreadable: it has no id, no time or nobody it could belong to.
    """
    ref = message_ref(item.get("id"))
    read = _BODIES.get(word(item.get("type")), _message)
    return frame.event(f"m:{frame.account}:{ref.remote_id}", frame.at(item), read(ref, item, voice))


def _message(ref: MessageRef, item: Mapping[str, Any], voice: Voice) -> Body:
    context = mapping(item.get("context"))
    peer = voice.peer
    if not peer.number and (number := own_number(item)):
        peer = replace(peer, number=number)
    if not peer.is_known:
        raise Unreadable("no_sender")
    return MessageSeen(
        message=ref,
        peer=peer,
        direction=voice.direction,
        content=read_content(item, _about(item, context)),
        reply_to=_reply_to(context),
        is_forwarded=bool(context.get("forwarded") or context.get("frequently_forwarded")),
        referral=mapping(item.get("referral")),
        is_history=voice.is_history,
        status=_history_status(item) if voice.direction is Direction.OUTBOUND else None,
    )


def _about(item: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    about: dict[str, Any] = {}
    if group_id := word(item.get("group_id")):
        about["group_id"] = group_id
    if product := context.get("referred_product"):
        about["referred_product"] = product
    if context.get("frequently_forwarded"):
        about["is_frequently_forwarded"] = True
    return about


def _reply_to(context: Mapping[str, Any]) -> MessageRef | None:
    try:
        ref = message_ref(context.get("id"))
    except Unreadable:
        # A reply to nothing that can be named is still a message.
        return None
    return None if ref.remote_id == _NO_MESSAGE else ref


def _history_status(item: Mapping[str, Any]) -> MessageStatus | None:
    return _HISTORY_STATUS.get(word(mapping(item.get("history_context")).get("status")).upper())


def _reaction(_: MessageRef, item: Mapping[str, Any], voice: Voice) -> Body:
    reaction = mapping(item.get("reaction"))
    target = message_ref(reaction.get("message_id"))
    return ReactionSeen(target, text(reaction.get("emoji")), voice.direction, voice.peer)


def _edit(_: MessageRef, item: Mapping[str, Any], __: Voice) -> Body:
    edit = mapping(item.get("edit"))
    target, message = message_ref(edit.get("original_message_id")), mapping(edit.get("message"))
    if not message:
        # Applied, it would wipe the words that were written.
        raise Unreadable("malformed")
    return MessageEdited(target, read_content(message, {}))


def _revoke(_: MessageRef, item: Mapping[str, Any], __: Voice) -> Body:
    return MessageRevoked(message_ref(mapping(item.get("revoke")).get("original_message_id")))


def _system(ref: MessageRef, item: Mapping[str, Any], voice: Voice) -> Body:
    return moved(item) or _message(ref, item, voice)


_BODIES: Mapping[str, Callable[[MessageRef, Mapping[str, Any], Voice], Body]] = {
    "reaction": _reaction,
    "edit": _edit,
    "revoke": _revoke,
    "system": _system,
}

_HISTORY_STATUS = {
    "SENT": MessageStatus.SENT,
    "DELIVERED": MessageStatus.DELIVERED,
    "READ": MessageStatus.READ,
    "PLAYED": MessageStatus.PLAYED,
    "ERROR": MessageStatus.FAILED,
    "FAILED": MessageStatus.FAILED,
}
