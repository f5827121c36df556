"""The report of the story: what was found, against what was to be expected."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

#: Seconds from a webhook's acknowledgement to the entry, for 95 of 100 messages.
_P95_S = 3.0


@dataclass(frozen=True, slots=True)
class Report:
    """The keys of the report; None is what could not be computed."""

    #: Different messages told by webhooks.
    messages_in: int | None = None
    #: Those with an entry in every CRM.
    entries_in_crm: int | None = None
    #: People of the story who have a contact in every CRM.
    persons: int | None = None
    duplicates: int | None = None
    lost: int | None = None
    out_of_order: int | None = None
    #: {expected, found}
    conflicts: Mapping[str, int | None] | None = None
    #: {expected, found, replayed}
    dead_letters: Mapping[str, int | None] | None = None
    #: {p50, p95}
    latency_s: Mapping[str, float | None] | None = None
    second_resync_writes: int | None = None
    #: {used, least}
    api_calls: Mapping[str, int | None] | None = None

    def as_json(self) -> dict[str, Any]:
        """Answer the report as it is written."""
        return asdict(self)


def percentile(values: Sequence[float], share: float) -> float | None:
    """Answer the value below or at which this share of values lies; None without values."""
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[max(0, ceil(share * len(ordered)) - 1)], 3)


def misses(report: Report, *, people: int) -> list[str]:
    """Answer in words every bound that the report misses, and every key without a value.

    Args:
        report: as found.
        people: how many the script has.
    """
    found = report.as_json()
    missed = [f"{key} could not be computed" for key in _without_value(found)]
    if missed:
        return missed
    return [text.format(**found) for text, holds in _bounds(people) if not holds(found)]


def _without_value(found: Mapping[str, Any], prefix: str = "") -> list[str]:
    names: list[str] = []
    for key, value in found.items():
        if isinstance(value, Mapping):
            names += _without_value(value, f"{prefix}{key}.")
        elif value is None:
            names.append(f"{prefix}{key}")
    return names


def _bounds(people: int) -> list[tuple[str, Callable[[Mapping[str, Any]], bool]]]:
    """Answer what has to hold, each with the sentence that says it does not."""
    return [
        (
            "entries_in_crm is {entries_in_crm}, messages_in is {messages_in}",
            lambda r: r["entries_in_crm"] == r["messages_in"],
        ),
        (f"persons is {{persons}}, not {people}", lambda r: r["persons"] == people),
        ("duplicates is {duplicates}, not 0", lambda r: r["duplicates"] == 0),
        ("lost is {lost}, not 0", lambda r: r["lost"] == 0),
        ("out_of_order is {out_of_order}, not 0", lambda r: r["out_of_order"] == 0),
        (
            "conflicts: {conflicts}",
            lambda r: r["conflicts"]["found"] == r["conflicts"]["expected"],
        ),
        ("dead_letters: {dead_letters}", lambda r: len(set(r["dead_letters"].values())) == 1),
        (
            f"latency_s: {{latency_s}}, p95 is to be below {_P95_S:.0f}",
            lambda r: r["latency_s"]["p95"] < _P95_S,
        ),
        (
            "second_resync_writes is {second_resync_writes}, not 0",
            lambda r: r["second_resync_writes"] == 0,
        ),
    ]
