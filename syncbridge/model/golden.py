"""What is known about a person: contributions by source, and the golden record they fold to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from syncbridge.model.stamp import Stamp


class Policy(StrEnum):
    """The rule by which one field's value survives."""

    LAST_WRITE_WINS = "last_write_wins"
    SOURCE_OF_TRUTH = "source_of_truth"
    PREFER_VALUE = "prefer_value"
    LARGEST = "largest"
    SMALLEST = "smallest"
    EARLIEST = "earliest"
    LATEST = "latest"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How one canonical field behaves."""

    name: str
    policy: Policy = Policy.LAST_WRITE_WINS
    #: For `source_of_truth`: the connection that is right whenever it has a value.
    source: str = ""
    #: The coarsest clock of the connections that map the field, in milliseconds.
    window_ms: int = 1


@dataclass(frozen=True, slots=True)
class Said:
    """One value as one source said it."""

    #: The canonical value; None: it was cleared.
    value: str | None
    stamp: Stamp
    #: The value as it came, when it differs from the canonical one.
    raw: str | None = None
    #: True: this source only fills an empty field and never outranks another (a profile name).
    fills_only: bool = False


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one link, or the console, says about a person."""

    #: The link's uuid, or "console:<person>".
    source: str
    connection: str
    fields: Mapping[str, Said] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GoldenField:
    """One surviving value and where it came from."""

    value: str | None
    source: str
    stamp: Stamp


#: Canonical field -> surviving value. A field nobody ever spoke of is not in it.
Golden = Mapping[str, GoldenField]


@dataclass(frozen=True, slots=True)
class BaseValue:
    """What both sides last agreed on for one field."""

    #: As they rendered it.
    remote: str | None
    #: As we meant it.
    canonical: str | None


#: Canonical field -> last agreement. A field not in it was never agreed on.
Base = Mapping[str, BaseValue]
