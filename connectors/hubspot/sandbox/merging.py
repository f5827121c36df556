"""Merges as HubSpot makes them since 2025: two records become a third with an id of its own."""

from __future__ import annotations

from datetime import datetime

from connectors.hubspot.sandbox.records import Actor, Record, Table, Version

MERGER = Actor("MERGE_OBJECTS", "MergeContacts")


def merge(
    table: Table, primary: Record, other: Record, at: datetime, now_ms: int
) -> tuple[Record, int]:
    """Replace two records by one with the primary's values and, where it has none, the other's.

    Returns:
        The new record, and how many values came from the other one.
    """
    writable = {entry.name for entry in table.properties.all() if not entry.read_only}
    kept = {name: value for name, value in primary.values.items() if name in writable}
    moved = {
        name: value for name, value in other.values.items() if name in writable and name not in kept
    }
    emails = _additional_emails(primary, other, kept.get("email") or moved.get("email"))
    trail = _trail(table, primary, other, at)
    for former in (primary, other):
        table.purge(former)
    into = table.insert({**kept, **moved}, MERGER, at, now_ms)
    _inherit_history(into, primary, other)
    into.created_at = min(primary.created_at, other.created_at)
    created = table.type.created_property
    into.values[created] = min(primary.values[created], other.values[created])
    into.values.update(trail)
    if emails:
        into.values["hs_additional_emails"] = ";".join(emails)
    table.reindex(into)
    table.note_merge([primary.id, other.id], into.id)
    return into, len(moved)


def _additional_emails(primary: Record, other: Record, main: str | None) -> list[str]:
    listed = [
        email
        for record in (primary, other)
        for email in (
            record.values.get("email", ""),
            *record.values.get("hs_additional_emails", "").split(";"),
        )
    ]
    return [email for email in dict.fromkeys(listed) if email and email != main]


def _trail(table: Table, primary: Record, other: Record, at: datetime) -> dict[str, str]:
    """The two properties that list what was merged, each with what earlier merges left there."""
    at_ms = int(at.timestamp() * 1000)
    added = {
        "hs_merged_object_ids": [primary.id, other.id],
        "hs_calculated_merged_vids": [f"{record.id}:{at_ms}" for record in (primary, other)],
    }
    return {
        name: ";".join(
            [
                *filter(None, primary.values.get(name, "").split(";")),
                *filter(None, other.values.get(name, "").split(";")),
                *entries,
            ]
        )
        for name, entries in added.items()
        if name in table.properties
    }


def _inherit_history(into: Record, primary: Record, other: Record) -> None:
    own = into.history
    names = {*primary.history, *other.history, *own}
    into.history = {
        name: [
            *sorted((*other.history.get(name, []), *primary.history.get(name, [])), key=_when),
            *own.get(name, []),
        ]
        for name in names
    }


def _when(version: Version) -> datetime:
    return version.at
