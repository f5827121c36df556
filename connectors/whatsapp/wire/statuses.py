"""One item of `statuses[]`: how far a message of ours got. Every key may be absent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.whatsapp.wire.content import error_lines
from connectors.whatsapp.wire.messages import Frame
from connectors.whatsapp.wire.value import Unreadable, digits, listed, mapping, text, word
from connectors.whatsapp.wire.wamid import message_ref
from syncbridge.clock import to_ms
from syncbridge.model.conversation import MessageStatus
from syncbridge.model.event import Event, StatusSeen
from syncbridge.model.identity import Peer

_STATUSES = {status.value: status for status in MessageStatus}


def status_event(frame: Frame, item: Mapping[str, Any]) -> Event:
    """Read a status.

    Raises:
        Unreadable: it has no id or no time, or its word is not known.
    """
    ref = message_ref(item.get("id"))
    status = _STATUSES.get(word(item.get("status")))
    if status is None:
        raise Unreadable("unknown_status")
    at = frame.at(item)
    participant = _participant(item)
    errors = listed(item.get("errors"))
    body = StatusSeen(
        message=ref,
        status=status,
        peer=_recipient(frame, item),
        participant=participant,
        error_code=_code(errors[0]) if errors else None,
        error_text="; ".join(error_lines(errors)),
        callback_data=text(item.get("biz_opaque_callback_data")),
    )
    second = to_ms(at) // 1000
    key = f"s:{frame.account}:{ref.remote_id}:{status.value}:{participant}:{second}"
    return frame.event(key, at, body)


def _participant(item: Mapping[str, Any]) -> str:
    participant = word(item.get("recipient_participant_id"))
    return participant or word(item.get("recipient_participant_user_id"))


def _recipient(frame: Frame, item: Mapping[str, Any]) -> Peer:
    if word(item.get("recipient_type")) == "group":
        # The recipient's id is the group's; the person is the participant.
        user_id = word(item.get("recipient_participant_user_id"))
        return frame.contacts.peer(digits(item.get("recipient_participant_id")), user_id)
    # Meta's pages spell the parent's key both ways.
    parent = item.get("recipient_parent_user_id") or item.get("parent_recipient_user_id")
    user_id = word(item.get("recipient_user_id"))
    return frame.contacts.peer(digits(item.get("recipient_id")), user_id, word(parent))


def _code(error: object) -> int | None:
    code = word(mapping(error).get("code"))
    return int(code) if code.isascii() and code.isdigit() and len(code) < 10 else None
