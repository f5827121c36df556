"""The states that rows can be in."""

from __future__ import annotations

from enum import StrEnum


class DeliveryState(StrEnum):
    """One webhook POST in the inbox."""

    RECEIVED = "received"
    SPLIT = "split"
    SET_ASIDE = "set_aside"


class EventState(StrEnum):
    """One thing a delivery or a page says."""

    DUE = "due"
    PARKED = "parked"
    APPLIED = "applied"
    SET_ASIDE = "set_aside"


class EntryState(StrEnum):
    """One owed write in the outbox."""

    DUE = "due"
    #: Waits until the record it belongs to exists there.
    BLOCKED = "blocked"
    CLAIMED = "claimed"
    SENDING = "sending"
    SETTLED = "settled"
    DEAD = "dead"
    DISCARDED = "discarded"


class LinkState(StrEnum):
    """How a link stands towards its record."""

    #: The link exists, its record does not yet (or nobody knows).
    CREATING = "creating"
    LINKED = "linked"
    #: The record was deleted there, on positive evidence.
    GONE = "gone"


class LinkRole(StrEnum):
    """Whether the record gets everything, or is its person's duplicate in that connection."""

    PRIMARY = "primary"
    SECONDARY = "secondary"


class ConflictState(StrEnum):
    """A difference that was decided by rule, or waits for a person."""

    OPEN = "open"
    RESOLVED = "resolved"


class Mode(StrEnum):
    """Whether a connection may write."""

    OBSERVE = "observe"
    LIVE = "live"
