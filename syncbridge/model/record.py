"""Records of other systems as we read them: references, snapshots, fingerprints."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What sort of object a record is."""

    CONTACT = "contact"
    CONVERSATION = "conversation"
    MESSAGE = "message"
    COMPANY = "company"
    DEAL = "deal"
    CASE = "case"
    TASK = "task"


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """One object in one system."""

    connection: str
    kind: Kind
    remote_id: str

    def __str__(self) -> str:
        return f"{self.connection}/{self.kind}/{self.remote_id}"


class Absent:
    """The type of `ABSENT`: a payload that does not carry a field says nothing about it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> bool:
        return False


#: Not carried, therefore unchanged; None is a field that was carried and is empty.
ABSENT: Final = Absent()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A record's values as read once, in the vendor's own words.

    A field missing from `values` was not carried; one mapped to None (or "") is empty there.
    """

    ref: Ref
    #: Remote field name -> remote value.
    values: Mapping[str, str | None]
    #: When our request for it left, aware UTC.
    read_at: datetime
    #: The vendor's own change token; "" where it has none.
    version: str = ""
    #: When the vendor says the record last changed; None where it does not say.
    modified_at: datetime | None = None
    #: Remote field name -> when that field was last written, where the vendor keeps history.
    field_times: Mapping[str, datetime] = field(default_factory=dict)
    #: Remote field name -> True where the newest history entry was written by us.
    written_by_us: Mapping[str, bool] = field(default_factory=dict)
    #: Our external id, if the record carries one: the link's uuid.
    external_id: str | None = None
    #: Other ids that now mean this record (merged into it, converted to it).
    aliases: tuple[str, ...] = ()
    archived: bool = False

    @property
    def fingerprint(self) -> str:
        """The hash of the values, independent of their order."""
        return fingerprint(self.values)


def fingerprint(values: Mapping[str, object]) -> str:
    """Answer a short stable hash of values; equal values in any order answer the same."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
