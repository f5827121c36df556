"""One field, three trees: what they have, what we have, and on what both last agreed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from syncbridge.model.golden import BaseValue, GoldenField
from syncbridge.model.stamp import Stamp


@dataclass(frozen=True, slots=True)
class FieldReading:
    """One field of a snapshot, as they render it and as we understand it."""

    #: As it came; None and "" are the same: empty.
    remote: str | None
    canonical: str | None
    stamp: Stamp
    #: The words before normalising, kept when they differ.
    raw: str | None = None
    fills_only: bool = False


class Relation(StrEnum):
    """How one field of a record stands to the golden record."""

    #: They show what they showed when both last agreed.
    UNCHANGED = "unchanged"
    #: They show in other words what both last agreed on: nobody said anything.
    RENDERED = "rendered"
    #: They changed it, to what we have.
    AGREED = "agreed"
    #: They changed it and we did not.
    THEIRS = "theirs"
    #: Both changed it, to different values.
    CONFLICT = "conflict"
    #: First meeting: the same, or empty on one side.
    MET = "met"
    #: First meeting: two different values.
    INITIAL_DIFFERENCE = "initial_difference"


def relate(base: BaseValue | None, reading: FieldReading, ours: GoldenField | None) -> Relation:
    """Answer how a field that was carried stands to ours.

    A vendor that reformats, a lossy mapping or a changed mapping is not an edit: only the remote
    rendering is compared with the base's, and only the canonical value with ours.
    """
    our_value = ours.value if ours else None
    if base is None:
        if reading.canonical is None or our_value is None or reading.canonical == our_value:
            return Relation.MET
        return Relation.INITIAL_DIFFERENCE
    if (reading.remote or None) == (base.remote or None):
        return Relation.UNCHANGED
    if reading.canonical == base.canonical:
        return Relation.RENDERED
    if reading.canonical == our_value:
        return Relation.AGREED
    if our_value == base.canonical:
        return Relation.THEIRS
    return Relation.CONFLICT
