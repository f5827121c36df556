"""Message ids: opaque to Meta's word, yet the only tie between two spellings of one message."""

from __future__ import annotations

import base64
import binascii
import re

from connectors.whatsapp.wire.value import Unreadable, word
from syncbridge.model.conversation import MessageRef

_PREFIX = "wamid."
#: Meta names no bound; seen are about 60 characters, 512 is what tables keep.
_LONGEST = 512

#: The end of the decoded id: a length byte, the key itself, a zero. Keys are upper-case hex of 18
#: to 32 characters; made-up ones ("product_inquiry") and bare counters name no message.
_KEY_AT_END = re.compile(rb"\x18([\x10-\x40])([0-9A-F]{16,64})\x00\Z", re.DOTALL)


def token(wamid: str) -> str:
    """Answer the key inside a message id that its phone- and user-scoped spellings share.

    Returns:
        Upper-case hex, or "" when the id does not have the known inner form.
    """
    if not wamid.startswith(_PREFIX):
        return ""
    packed = wamid[len(_PREFIX) :].rstrip("=")
    try:
        raw = base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    except (binascii.Error, ValueError):
        return ""
    found = _KEY_AT_END.search(raw)
    return found[2].decode() if found and found[1][0] == len(found[2]) else ""


def message_ref(value: object) -> MessageRef:
    """Answer the message an id names.

    Raises:
        Unreadable: there is no id, or nothing that could be one.
    """
    wamid = word(value)
    if not wamid:
        raise Unreadable("no_id")
    if len(wamid) > _LONGEST:
        raise Unreadable("malformed")
    return MessageRef(wamid, token(wamid))


def is_wamid(value: object) -> bool:
    """Say whether an id has the form that real messages have."""
    return word(value).startswith(_PREFIX)
