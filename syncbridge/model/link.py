"""The edge from a record in another system to what we hold of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from syncbridge.model.golden import Base
from syncbridge.model.record import Kind
from syncbridge.model.states import LinkRole, LinkState


@dataclass(frozen=True, slots=True)
class Link:
    """One record there, and how far it is in step with us."""

    #: The uuid; also our external id in the other system, never used again.
    id: str
    connection: str
    kind: Kind
    #: The person of a contact, the message of a message, the session of a conversation.
    subject_id: str
    role: LinkRole = LinkRole.PRIMARY
    state: LinkState = LinkState.CREATING
    #: None until the record exists.
    remote_id: str | None = None
    #: Raised when a write starts and when it settles: a read across it is stale.
    epoch: int = 0
    #: Raised by every change that concerns the record.
    wanted_rev: int = 0
    #: The wanted revision whose payload was last accepted there.
    done_rev: int = 0
    version: str = ""
    fingerprint: str = ""
    base: Base = field(default_factory=dict)
    #: Of the mapping under which the base last moved: under another, its values mean other things.
    mapping_version: str = ""
    #: Canonical fields that wait for a person and are not written.
    held: frozenset[str] = frozenset()
    #: When the record was last read or written, milliseconds; the start of an unknown change.
    seen_at_ms: int = 0

    @property
    def is_behind(self) -> bool:
        """Say whether a write is owed."""
        return self.wanted_rev > self.done_rev


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both sides changed one field since they last agreed, to different values."""

    field: str
    ours: str | None
    theirs: str | None
    base: str | None
    #: Name of the connection (or "console") that said each value.
    ours_from: str
    theirs_from: str
    ours_at_ms: int
    theirs_at_ms: int
    #: "ours", "theirs" or "" while a person has to decide.
    winner: str
    #: Why, in words.
    reason: str
    #: True: found when two records met for the first time, not a clash of edits.
    is_initial: bool = False
