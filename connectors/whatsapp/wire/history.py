"""What was written before the business joined: handed over in chunks, with files that follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.whatsapp.wire.content import MEDIA_TYPES, read_content, type_of
from connectors.whatsapp.wire.messages import Frame, Voice, message_event, said_by_us
from connectors.whatsapp.wire.value import digits, mapping, word
from connectors.whatsapp.wire.wamid import message_ref
from syncbridge.model.conversation import Direction
from syncbridge.model.event import Event, MediaSeen


def said_in_thread(thread: Mapping[str, Any], frame: Frame, item: Mapping[str, Any]) -> Event:
    """Read a message of a thread; the thread, not the message, names the person.

    Raises:
        Unreadable: it cannot become an event.
    """
    told = mapping(thread.get("context"))
    number = digits(thread.get("id")) or digits(told.get("wa_id"))
    user_id, parent = word(told.get("user_id")), word(told.get("parent_user_id"))
    direction = Direction.OUTBOUND if _is_own(frame, item) else Direction.INBOUND
    peer = frame.contacts.peer(number, user_id, parent)
    return message_event(frame, item, Voice(direction, peer, is_history=True))


def said_in_history(frame: Frame, item: Mapping[str, Any]) -> Event:
    """Read an item of `messages[]` under the field `history`: a file that follows its message.

    Raises:
        Unreadable: it cannot become an event.
    """
    ref = message_ref(item.get("id"))
    if type_of(item) in MEDIA_TYPES:
        # Not the message's own key: that one belongs to the placeholder in its thread.
        body = MediaSeen(ref, read_content(item, {}))
        return frame.event(f"f:{frame.account}:{ref.remote_id}", frame.at(item), body)
    if _is_own(frame, item):
        return said_by_us(frame, item, is_history=True)
    user_id, parent = word(item.get("from_user_id")), word(item.get("from_parent_user_id"))
    peer = frame.contacts.peer(digits(item.get("from")), user_id, parent)
    return message_event(frame, item, Voice(Direction.INBOUND, peer, is_history=True))


def _is_own(frame: Frame, item: Mapping[str, Any]) -> bool:
    sender = digits(item.get("from"))
    return bool(sender) and sender in (frame.business, frame.account)
