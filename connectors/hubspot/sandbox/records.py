"""The records of one object type: stored by id and by unique value, with their whole history."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from connectors.hubspot.sandbox.problems import Flaw, contact_exists, invalid, invalid_values
from connectors.hubspot.sandbox.problems import not_found as missing
from connectors.hubspot.sandbox.properties import ObjectType, PropertySet
from connectors.hubspot.sandbox.values import iso_ms, searchable_phone

#: (property, value) that rows of one batch have taken, before any of them is stored
Reserved = set[tuple[str, str]]

_SEARCHABLE_PHONES = (
    ("phone", "hs_searchable_calculated_phone_number"),
    ("mobilephone", "hs_searchable_calculated_mobile_number"),
)


@dataclass(frozen=True)
class Actor:
    """Who makes a change, as histories and webhooks name them."""

    #: INTEGRATION, CRM_UI, MERGE_OBJECTS, …
    source_type: str
    source_id: str
    label: str | None = None
    #: a user of the account; None for apps
    user_id: int | None = None


class Version(NamedTuple):
    """One value that a property has had; "" when it was cleared."""

    value: str
    at: datetime
    actor: Actor

    def as_json(self) -> dict[str, Any]:
        """An element of `propertiesWithHistory`."""
        entry: dict[str, Any] = {
            "value": self.value,
            "timestamp": iso_ms(self.at),
            "sourceType": self.actor.source_type,
            "sourceId": self.actor.source_id,
        }
        if self.actor.label is not None:
            entry["sourceLabel"] = self.actor.label
        if self.actor.user_id is not None:
            entry["updatedByUserId"] = self.actor.user_id
        return entry


@dataclass
class Record:
    """One object. Empty properties are absent from `values`."""

    type: ObjectType
    id: str
    created_at: datetime
    updated_at: datetime
    values: dict[str, str] = field(default_factory=dict)
    #: per property, oldest first
    history: dict[str, list[Version]] = field(default_factory=dict)
    archived_at: datetime | None = None
    #: when the last write happened, on the vendor's clock
    written_ms: int = 0
    #: values that the search index had before that write; None when the record was new
    indexed: dict[str, str] | None = None

    def as_json(self, properties: Sequence[str], history: Sequence[str] = ()) -> dict[str, Any]:
        """The record as read: asked-for properties that are empty are null, others absent."""
        body: dict[str, Any] = {
            "id": self.id,
            "properties": {name: self.values.get(name) for name in properties},
            "createdAt": iso_ms(self.created_at),
            "updatedAt": iso_ms(self.updated_at),
            "archived": self.archived_at is not None,
        }
        if self.archived_at is not None:
            body["archivedAt"] = iso_ms(self.archived_at)
        if history:
            body["propertiesWithHistory"] = {
                name: [version.as_json() for version in reversed(self.history.get(name, []))]
                for name in history
            }
        return body

    def seen_by_search(self, now_ms: int, lag_ms: int) -> Mapping[str, str] | None:
        """The values that the search index has by now; None when it has no such record."""
        if self.archived_at is not None:
            return None
        return self.values if now_ms >= self.written_ms + lag_ms else self.indexed


class Table:
    """All records of one object type, archived ones included, in order of id."""

    def __init__(self, object_type: ObjectType, ids: Iterator[int], lag_ms: int) -> None:
        """Start empty; `ids` are shared by all types, `lag_ms` is how late the index follows."""
        self.type = object_type
        self.properties = PropertySet(object_type)
        self.lag_ms = lag_ms
        self._ids = ids
        self._records: dict[str, Record] = {}
        self._order: list[int] = []
        self._unique: dict[str, dict[str, str]] = {}
        #: id of a record merged away -> id of the record it became
        self._became: dict[str, str] = {}

    def __iter__(self) -> Iterator[Record]:
        """All records in order of id, archived ones too."""
        # Ids only ever grow, so the order of insertion is the order of ids.
        return iter(self._records.values())

    def __len__(self) -> int:
        """How many records there are, without archived ones."""
        return sum(record.archived_at is None for record in self._records.values())

    def find(
        self, value: str, *, by: str | None = None, archived: bool = False, merged: bool = False
    ) -> Record | None:
        """The record with this id, or with this value of the unique property `by`.

        `archived` looks among archived records only; `merged` follows ids that were merged away.

        Raises:
            ApiProblem: 400, `by` is not unique.
        """
        if by is not None:
            self.require_unique(by, "read")
            wanted = value.strip().lower() if by == "email" else value
            value = self._unique.get(by, {}).get(wanted, "")
        elif merged:
            value = self._became.get(value, value)
        record = self._records.get(value)
        if record is None or (record.archived_at is not None) is not archived:
            return None
        return record

    def get(
        self, value: str, *, by: str | None = None, archived: bool = False, merged: bool = False
    ) -> Record:
        """The same, but a missing record is a problem.

        Raises:
            ApiProblem: 404, there is none; 400, `by` is not unique.
        """
        record = self.find(value, by=by, archived=archived, merged=merged)
        if record is None:
            raise missing(f"No {self.type.singular} with ID {value} exists", ids=[value])
        return record

    def require_unique(self, name: str, verb: str) -> None:
        """Refuse to address records by a property whose values are not unique."""
        if name not in self.properties.unique_names:
            type_id = self.type.type_id
            raise invalid(f"Unable to perform {verb} by non-unique {type_id} property: {name}")

    def page(self, after: int, limit: int, *, archived: bool) -> tuple[list[Record], bool]:
        """Up to `limit` records with ids beyond `after`, and whether more follow."""
        found: list[Record] = []
        for number in self._order[bisect.bisect_right(self._order, after) :]:
            record = self._records[str(number)]
            if (record.archived_at is not None) is archived:
                if len(found) == limit:
                    return found, True
                found.append(record)
        return found, False

    def require_free(
        self, values: Mapping[str, str], own_id: str | None, reserved: Reserved | None = None
    ) -> None:
        """Check that no other record has one of these unique values, and reserve them.

        Raises:
            ApiProblem: 409 for the email of another contact, 400 for another unique property.
        """
        taken: Reserved = set() if reserved is None else reserved
        for name in self.properties.unique_names & set(values):
            value = values[name]
            owner = self._unique.get(name, {}).get(value)
            if not value or (owner is not None and owner == own_id):
                continue
            if owner is not None or (name, value) in taken:
                raise _taken(name, value, owner)
            taken.add((name, value))

    def insert(self, values: Mapping[str, str], actor: Actor, at: datetime, now_ms: int) -> Record:
        """Store a new record of checked values, created at `at`."""
        number = next(self._ids)
        record = Record(self.type, str(number), at, at, written_ms=now_ms)
        self._records[record.id] = record
        self._order.append(number)
        given = {name: value for name, value in values.items() if value != ""}
        system = {
            self.type.created_property: iso_ms(at),
            "hs_object_id": record.id,
            "hs_object_source": actor.source_type,
            "hs_object_source_label": actor.source_type,
        }
        self._assign(record, given | self._known(system), actor, at)
        return record

    def change(
        self, record: Record, values: Mapping[str, str], actor: Actor, at: datetime, now_ms: int
    ) -> dict[str, str]:
        """Give a record checked values; "" clears one.

        Returns:
            What differs from before. When nothing does, the record keeps its modification time.
        """
        changed = {
            name: value for name, value in values.items() if record.values.get(name, "") != value
        }
        if changed:
            if now_ms >= record.written_ms + self.lag_ms:
                record.indexed = dict(record.values)
            record.written_ms = now_ms
            self._release(record)
            self._assign(record, changed, actor, at)
        return changed

    def archive(self, record: Record, at: datetime) -> None:
        """Move a record to the recycle bin; its unique values are free again."""
        self._release(record)
        record.archived_at = at

    def restore(self, record: Record) -> None:
        """Bring a record back.

        Raises:
            ApiProblem: another record has one of its unique values now.
        """
        self.require_free(record.values, record.id)
        record.archived_at = None
        self._claim(record)

    def purge(self, record: Record) -> None:
        """Remove a record for good."""
        self._release(record)
        del self._records[record.id]
        self._order.remove(int(record.id))

    def note_merge(self, old_ids: Sequence[str], new_id: str) -> None:
        """Let old ids, and those merged into them before, lead to the new record."""
        for old, target in list(self._became.items()):
            if target in old_ids:
                self._became[old] = new_id
        self._became.update(dict.fromkeys(old_ids, new_id))

    def reindex(self, record: Record) -> None:
        """Take up unique values that a record got other than by `change`."""
        self._claim(record)

    def _known(self, values: Mapping[str, str]) -> dict[str, str]:
        return {name: value for name, value in values.items() if name in self.properties}

    def _assign(
        self, record: Record, changed: Mapping[str, str], actor: Actor, at: datetime
    ) -> None:
        derived = {
            target: searchable_phone(changed[source])
            for source, target in _SEARCHABLE_PHONES
            if source in changed and target in self.properties
        }
        record.updated_at = max(record.updated_at, at)
        moment = {self.type.modified_property: iso_ms(record.updated_at)}
        for name, value in {**changed, **derived, **moment}.items():
            record.history.setdefault(name, []).append(Version(value, at, actor))
            if value == "":
                record.values.pop(name, None)
            else:
                record.values[name] = value
        self._claim(record)

    def _unique_values(self, record: Record) -> Iterator[tuple[str, str]]:
        for name in self.properties.unique_names:
            if name in record.values:
                yield name, record.values[name]
        for email in record.values.get("hs_additional_emails", "").split(";"):
            if email:
                yield "email", email

    def _claim(self, record: Record) -> None:
        for name, value in self._unique_values(record):
            self._unique.setdefault(name, {})[value] = record.id

    def _release(self, record: Record) -> None:
        for name, value in self._unique_values(record):
            if self._unique.get(name, {}).get(value) == record.id:
                del self._unique[name][value]


def _taken(name: str, value: str, owner: str | None) -> Exception:
    if name == "email" and owner is not None:
        return contact_exists(owner)
    message = f"{value!r} is already the value of '{name}' of another record"
    return invalid_values([Flaw(name, "CONFLICTING_UNIQUE_VALUE", message)])
