"""What deliveries and pages say, one event at a time, in no vendor's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from syncbridge.model.conversation import Content, Direction, MessageRef, MessageStatus
from syncbridge.model.identity import Peer
from syncbridge.model.record import Kind


@dataclass(frozen=True, slots=True)
class MessageSeen:
    """A message was received, or sent from elsewhere (an echo of the business's own app)."""

    message: MessageRef
    peer: Peer
    direction: Direction
    content: Content
    reply_to: MessageRef | None = None
    is_forwarded: bool = False
    #: Where the person came from (a click-to-chat advertisement), as the vendor gives it.
    referral: Mapping[str, Any] = field(default_factory=dict)
    #: True for history that was handed over in bulk.
    is_history: bool = False
    #: History carries the last status of a message.
    status: MessageStatus | None = None


@dataclass(frozen=True, slots=True)
class StatusSeen:
    """An outbound message got further, or failed."""

    message: MessageRef
    status: MessageStatus
    peer: Peer = field(default_factory=Peer)
    #: The participant of a group; "" otherwise.
    participant: str = ""
    #: The vendor's error code; None unless failed.
    error_code: int | None = None
    error_text: str = ""
    #: Our own id, handed over when the message was sent.
    callback_data: str = ""


@dataclass(frozen=True, slots=True)
class ReactionSeen:
    """A reaction was put on a message or taken away."""

    target: MessageRef
    #: "" when taken away.
    emoji: str
    direction: Direction
    peer: Peer


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """A message's content was replaced by its writer."""

    target: MessageRef
    content: Content


@dataclass(frozen=True, slots=True)
class MessageRevoked:
    """A message was withdrawn by its writer: its words must go."""

    target: MessageRef


@dataclass(frozen=True, slots=True)
class MediaSeen:
    """The file of an older message became known."""

    target: MessageRef
    content: Content


@dataclass(frozen=True, slots=True)
class PeerMoved:
    """A person's number or user id was replaced by another."""

    previous: Peer
    current: Peer
    #: The vendor's sentence about it, for people to read.
    text: str = ""


@dataclass(frozen=True, slots=True)
class PeerNamed:
    """The business's own address book named a person, or forgot them."""

    peer: Peer
    is_removed: bool = False


@dataclass(frozen=True, slots=True)
class ConsentSaid:
    """A person stopped, or resumed, marketing messages."""

    peer: Peer
    is_opted_out: bool


class Touch(StrEnum):
    """What happened to a record, as far as its doorbell says."""

    CHANGED = "changed"
    CREATED = "created"
    DELETED = "deleted"
    RESTORED = "restored"
    MERGED = "merged"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class RecordTouched:
    """A record may have changed: it has to be read again. Says nothing of its values."""

    kind: Kind
    remote_id: str
    touch: Touch
    #: Ids that now mean `remote_id` (after a merge).
    aliases: tuple[str, ...] = ()
    #: Remote fields as the doorbell claims them; may be stale, so only good for recognising an
    #: echo, never for applying.
    hints: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about the account, not about a person: kept and shown, nothing follows from it."""

    #: The vendor's name for it.
    topic: str
    details: Mapping[str, Any] = field(default_factory=dict)


Body = (
    MessageSeen
    | StatusSeen
    | ReactionSeen
    | MessageEdited
    | MessageRevoked
    | MediaSeen
    | PeerMoved
    | PeerNamed
    | ConsentSaid
    | RecordTouched
    | Notice
)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that was said, with the key by which saying it twice changes nothing."""

    #: Unique within its connection: the same saying has the same key however it is delivered.
    key: str
    #: The vendor's time, aware UTC.
    at: datetime
    body: Body
    #: Which account of the vendor it is about (phone number id, portal id); "" for any.
    account: str = ""
    #: Business portfolio or account group, the scope of user ids.
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Leftover:
    """A part of a delivery that could not be understood: kept with the reason, and counted."""

    #: A short word for the counter: malformed, unknown_field, dashboard_test, ...
    reason: str
    #: Where in the payload it stood, e.g. "entry[0].changes[2].value.messages[7]".
    place: str
    #: The part itself as JSON text, at most a few thousand characters.
    fragment: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """All that one delivery says, in its order."""

    events: tuple[Event, ...] = ()
    leftovers: tuple[Leftover, ...] = ()
