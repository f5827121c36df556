"""The imitated account: its records, and what creating, changing, merging, deleting them does."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.hubspot.sandbox import merging
from connectors.hubspot.sandbox.associations import Associations, AssociationType, read_spec
from connectors.hubspot.sandbox.catalog import OBJECT_TYPES, object_type_of
from connectors.hubspot.sandbox.events import ChangeFeed
from connectors.hubspot.sandbox.problems import ApiProblem, Flaw, invalid, invalid_values
from connectors.hubspot.sandbox.properties import ObjectType
from connectors.hubspot.sandbox.records import Actor, Record, Reserved, Table
from connectors.hubspot.sandbox.values import check_values
from syncbridge.sandbox import SandboxClock

#: A checked write that only has to be carried out; it cannot fail any more.
Write = Callable[[], Record]


@dataclass(frozen=True)
class AccountOptions:
    """What differs between accounts."""

    portal_id: int = 1_000_001
    time_zone: str = "Europe/Berlin"
    #: id of the app whose token and webhooks the imitation knows
    app_id: int = 2_000_001
    #: how late the search index follows, seconds
    index_lag_s: float = 0.5


class Account:
    """One HubSpot account. Not thread-safe: the sandbox's lock is held around every call."""

    def __init__(self, options: AccountOptions, clock: SandboxClock) -> None:
        """Start empty."""
        self.options, self.clock = options, clock
        self.app = Actor("INTEGRATION", str(options.app_id), "Sandbox app")
        self.feed = ChangeFeed(clock, portal_id=options.portal_id, app_id=options.app_id)
        self.clear()

    def clear(self) -> None:
        """Forget all records, associations and custom properties."""
        # Ids of all types come from one sequence, so that a mixed-up type is noticed.
        self._ids = itertools.count(20_001)
        lag_ms = round(self.options.index_lag_s * 1000)
        self.tables = {kind.name: Table(kind, self._ids, lag_ms) for kind in OBJECT_TYPES}
        self.associations = Associations()

    def table(self, spelling: str) -> Table:
        """The records of a type given by plural, singular or type id.

        Raises:
            ApiProblem: 400, there is no such type.
        """
        return self.tables[object_type_of(spelling).name]

    def prepare_create(
        self,
        table: Table,
        posted: Mapping[str, Any],
        actor: Actor,
        *,
        reserved: Reserved | None = None,
        at: datetime | None = None,
    ) -> Write:
        """Check {properties, associations} of a new record.

        Raises:
            ApiProblem: 400 or 409; nothing is stored and nothing will be.
        """
        values = check_values(posted.get("properties", {}), table.properties, former={})
        _require(table.type, values)
        table.require_free(values, None, reserved)
        edges = self._read_associations(table.type, posted.get("associations") or [])

        def write() -> Record:
            record = table.insert(values, actor, at or self._now(), self.clock.now_ms())
            for target_id, kind in edges:
                self.associations.connect(record.id, kind, target_id)
            self.feed.created(record, {key: text for key, text in values.items() if text}, actor)
            return record

        return write

    def prepare_update(
        self,
        table: Table,
        record: Record,
        properties: Any,
        actor: Actor,
        *,
        reserved: Reserved | None = None,
        at: datetime | None = None,
    ) -> Write:
        """Check new values for a record.

        Raises:
            ApiProblem: 400 or 409; nothing is changed and nothing will be.
        """
        values = check_values(properties, table.properties, former=record.values)
        table.require_free(values, record.id, reserved)

        def write() -> Record:
            moment = at or self._now()
            changed = table.change(record, values, actor, moment, self.clock.now_ms())
            self.feed.changed(record, changed, actor)
            return record

        return write

    def archive(self, table: Table, record_id: str, actor: Actor) -> None:
        """Move a record to the recycle bin; one that is not there is already gone."""
        record = table.find(record_id)
        if record is not None:
            table.archive(record, self._now())
            self.feed.archived(record, actor)

    def restore(self, table: Table, record_id: str, actor: Actor) -> Record:
        """Bring an archived record back.

        Raises:
            ApiProblem: 404, it is not in the recycle bin; 400 or 409, its place is taken.
        """
        record = table.get(record_id, archived=True)
        table.restore(record)
        self.feed.restored(record, actor)
        return record

    def erase(self, record: Record, actor: Actor) -> None:
        """Delete a contact for good."""
        table = self.tables[record.type.name]
        table.purge(record)
        for target, ids in self.associations.all_of(record.type.name, record.id).items():
            for target_id in ids:
                self.associations.disconnect(record.type.name, record.id, target, target_id)
        self.feed.erased(record, actor)

    def merge(self, table: Table, primary_id: str, other_id: str) -> Record:
        """Merge two records into a third with a new id; the primary's values win.

        Raises:
            ApiProblem: 400, the type cannot be merged or both are one; 404, one is missing.
        """
        if not table.type.mergeable:
            raise invalid(f"Objects of type {table.type.type_id} cannot be merged")
        primary = table.get(primary_id, merged=True)
        other = table.get(other_id, merged=True)
        if primary is other:
            raise invalid(f"Cannot merge object {primary_id} with itself")
        into, moved = merging.merge(table, primary, other, self._now(), self.clock.now_ms())
        for former in (primary, other):
            self.associations.move(table.type.name, former.id, into.id)
        self.feed.merged(primary, other, into, moved)
        return into

    def associated(self, record: Record, target: str) -> dict[str, set[int]]:
        """Records of a type that belong to this one and are not archived -> association types."""
        table = self.table(target)
        ends = self.associations.of(record.type.name, record.id, table.type.name)
        return {other: set(types) for other, types in ends.items() if table.find(other)}

    def require_targets(self, table: Table, ids: Sequence[str]) -> None:
        """Check that records to be associated exist under these very ids.

        Raises:
            ApiProblem: 400 that names those that do not.
        """
        unknown = [record_id for record_id in ids if table.find(record_id) is None]
        if unknown:
            listed = f"{table.type.type_id}={unknown}"
            message = f"One or more of the provided objects couldn't be found: {listed}"
            raise invalid(message, code="INVALID_OBJECT_IDS", ids=unknown)

    def _now(self) -> datetime:
        return self.clock.now()

    def _read_associations(
        self, source: ObjectType, posted: Any
    ) -> list[tuple[str, AssociationType]]:
        edges = []
        for entry in posted:
            try:
                target_id, specs = str(entry["to"]["id"]), list(entry["types"])
            except (KeyError, TypeError) as exc:
                raise invalid("Invalid input JSON: an association needs to.id and types") from exc
            for spec in specs:
                kind = read_spec(spec, source)
                self.require_targets(self.tables[kind.target], [target_id])
                edges.append((target_id, kind))
        return edges


def _require(kind: ObjectType, values: Mapping[str, str]) -> None:
    missing = [name for name in kind.required if not values.get(name)]
    if missing:
        raise invalid_values(
            [Flaw(name, "REQUIRED_FIELD", f"{name} is required on creation") for name in missing]
        )
    if kind.required_any and not any(values.get(name) for name in kind.required_any):
        raise ApiProblem(
            400,
            "VALIDATION_ERROR",
            f"At least one of {', '.join(kind.required_any)} is required on creation",
            errors=[{"message": f"One of {list(kind.required_any)}", "code": "REQUIRED_FIELD"}],
        )
