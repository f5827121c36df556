"""Messages and what happens to them, in no vendor's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Direction(StrEnum):
    """Who wrote to whom, seen from the company."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class MessageKind(StrEnum):
    """What a message consists of."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACTS = "contacts"
    INTERACTIVE = "interactive"
    BUTTON = "button"
    ORDER = "order"
    SYSTEM = "system"
    TEMPLATE = "template"
    UNSUPPORTED = "unsupported"
    UNKNOWN = "unknown"


class MessageStatus(StrEnum):
    """How far an outbound message got."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    PLAYED = "played"
    FAILED = "failed"


#: A status never gives way to one of lower rank; FAILED only ever follows SENT.
STATUS_RANK: dict[MessageStatus, int] = {
    MessageStatus.SENT: 1,
    MessageStatus.FAILED: 2,
    MessageStatus.DELIVERED: 3,
    MessageStatus.READ: 4,
    MessageStatus.PLAYED: 5,
}


class MediaState(StrEnum):
    """Where the file of a message stands."""

    WANTED = "wanted"
    STORED = "stored"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Media:
    """A file that belongs to a message."""

    #: The vendor's id of the file; "" when only an error came.
    remote_id: str
    mime_type: str = ""
    #: Hex, lower case; "" when the vendor gave none.
    sha256: str = ""
    filename: str = ""
    url: str = ""
    is_voice: bool = False
    is_animated: bool = False


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message named by another event: its id, and the part that all spellings of it share."""

    remote_id: str
    #: The inner key that two spellings of one message's id have in common; "" if not derivable.
    token: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says."""

    kind: MessageKind
    #: The words a person would read, also for kinds that are not text (a caption, a place, a card).
    text: str = ""
    media: Media | None = None
    #: Vendor details worth keeping: a location's coordinates, an order's lines, a flow's answer.
    details: Mapping[str, Any] = field(default_factory=dict)
    #: Why the content is incomplete, in the vendor's words; empty when it is complete.
    problems: tuple[str, ...] = ()
