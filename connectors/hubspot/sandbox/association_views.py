"""The association API (v4 and dated): read, connect and disconnect, alone and in batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request

from connectors.hubspot.sandbox import asked, routes
from connectors.hubspot.sandbox.account import Account
from connectors.hubspot.sandbox.associations import (
    CATEGORY,
    AssociationType,
    as_v4_type,
    default_type,
    read_spec,
)
from connectors.hubspot.sandbox.batch import complete, inputs_of
from connectors.hubspot.sandbox.problems import invalid, not_found
from connectors.hubspot.sandbox.records import Table

MAX_READ, MAX_CREATE, MAX_ARCHIVE = 1_000, 2_000, 100

#: Most ends listed for one record.
_MAX_LISTED = 500

_Answer = tuple[Any, int]


def association_blueprint(account: Account) -> Blueprint:
    """The routes below /crm/v4/associations, /crm/v4/objects and their dated spellings."""
    views = AssociationViews(account)
    blueprint = Blueprint("associations", __name__)
    one = "/<source>/<source_id>/associations/<target>"
    for method, family, tail, view in (
        ("POST", "crm/associations@v4", "/<source>/<target>/batch/read", views.batch_read),
        ("POST", "crm/associations@v4", "/<source>/<target>/batch/create", views.batch_created),
        (
            "POST",
            "crm/associations@v4",
            "/<source>/<target>/batch/associate/default",
            views.batch_connected,
        ),
        ("POST", "crm/associations@v4", "/<source>/<target>/batch/archive", views.batch_archived),
        ("GET", "crm/objects@v4", one, views.listed),
        ("PUT", "crm/objects@v4", f"{one}/<target_id>", views.labelled),
        ("DELETE", "crm/objects@v4", f"{one}/<target_id>", views.disconnected),
        (
            "PUT",
            "crm/objects@v4",
            "/<source>/<source_id>/associations/default/<target>/<target_id>",
            views.connected,
        ),
    ):
        routes.add(blueprint, method, family, tail, view)
    return blueprint


class AssociationViews:
    """The views, bound to one account."""

    def __init__(self, account: Account) -> None:
        """Answer for `account`."""
        self._account = account

    def batch_read(self, source: str, target: str) -> _Answer:
        """POST /batch/read; records without an association make it a 207."""
        began = self._account.clock.now()
        table = self._account.table(source)
        results, errors = [], []
        for row in inputs_of(asked.body(), MAX_READ):
            record_id = str(row.get("id", ""))
            ends = self._ends(table, record_id, target)
            if ends:
                results.append({"from": {"id": record_id}, "to": ends})
            else:
                errors.append(_nothing_there(table, record_id, target))
        return complete(self._account, began, results, errors, status=200)

    def batch_created(self, source: str, target: str) -> _Answer:
        """POST /batch/create with the association types to make."""
        began = self._account.clock.now()
        table, other = self._account.table(source), self._account.table(target)
        results = []
        for row in inputs_of(asked.body(), MAX_CREATE):
            source_id, target_id = _ends_of(row)
            kinds = [read_spec(spec, table.type) for spec in row.get("types", [])]
            self._connect(table, source_id, other, target_id, kinds)
            results.append(
                {
                    "fromObjectTypeId": table.type.type_id,
                    "fromObjectId": source_id,
                    "toObjectTypeId": other.type.type_id,
                    "toObjectId": target_id,
                    "labels": [kind.label for kind in kinds if kind.label],
                }
            )
        return complete(self._account, began, results, [], status=201)

    def batch_connected(self, source: str, target: str) -> _Answer:
        """POST /batch/associate/default."""
        began = self._account.clock.now()
        table, other = self._account.table(source), self._account.table(target)
        results = []
        for row in inputs_of(asked.body(), MAX_CREATE):
            results += self._connect_default(table, *_ends_of(row), other)
        return complete(self._account, began, results, [], status=200)

    def batch_archived(self, source: str, target: str) -> _Answer:
        """POST /batch/archive: remove all associations between the pairs."""
        names = (self._account.table(source).type.name, self._account.table(target).type.name)
        for row in inputs_of(asked.body(), MAX_ARCHIVE):
            ends = row.get("to", [])
            for end in ends if isinstance(ends, list) else [ends]:
                source_id, target_id = _ends_of({"from": row.get("from"), "to": end})
                self._account.associations.disconnect(names[0], source_id, names[1], target_id)
        return "", 204

    def listed(self, source: str, source_id: str, target: str) -> _Answer:
        """GET the records of a type that belong to one record."""
        table = self._account.table(source)
        table.get(source_id)
        ends = self._ends(table, source_id, target)
        after = asked.number("after", 0)
        limit = asked.number("limit", _MAX_LISTED, most=_MAX_LISTED, least=1)
        body: dict[str, Any] = {"results": ends[after : after + limit]}
        if len(ends) > after + limit:
            body["paging"] = {"next": {"after": str(after + limit), "link": request.base_url}}
        return body, 200

    def labelled(self, source: str, source_id: str, target: str, target_id: str) -> _Answer:
        """PUT associations of given types between two records."""
        table, other = self._account.table(source), self._account.table(target)
        specs = request.get_json(force=True, silent=True)
        if not isinstance(specs, list) or not specs:
            raise invalid("Invalid input JSON: a list of association types is expected")
        kinds = [read_spec(spec, table.type) for spec in specs]
        self._connect(table, source_id, other, target_id, kinds)
        labels = [kind.label for kind in kinds if kind.label]
        return {
            "fromObjectTypeId": table.type.type_id,
            "fromObjectId": source_id,
            "toObjectTypeId": other.type.type_id,
            "toObjectId": target_id,
            "labels": labels,
        }, 201

    def connected(self, source: str, source_id: str, target: str, target_id: str) -> _Answer:
        """PUT the unlabelled association between two records."""
        began = self._account.clock.now()
        table, other = self._account.table(source), self._account.table(target)
        results = self._connect_default(table, source_id, target_id, other)
        return complete(self._account, began, results, [], status=200)

    def disconnected(self, source: str, source_id: str, target: str, target_id: str) -> _Answer:
        """DELETE all associations between two records."""
        names = (self._account.table(source).type.name, self._account.table(target).type.name)
        self._account.associations.disconnect(names[0], source_id, names[1], target_id)
        return "", 204

    def _ends(self, table: Table, record_id: str, target: str) -> list[dict[str, Any]]:
        record = table.find(record_id)
        if record is None:
            return []
        return [
            {"toObjectId": other, "associationTypes": [as_v4_type(kind) for kind in sorted(kinds)]}
            for other, kinds in self._account.associated(record, target).items()
        ]

    def _connect(
        self, table: Table, source_id: str, other: Table, target_id: str, kinds: Any
    ) -> None:
        self._account.require_targets(table, [source_id])
        self._account.require_targets(other, [target_id])
        for kind in kinds:
            if kind.target != other.type.name:
                raise invalid(f"Association type {kind.id} does not lead to {other.type.type_id}")
            self._account.associations.connect(source_id, kind, target_id)

    def _connect_default(
        self, table: Table, source_id: str, target_id: str, other: Table
    ) -> list[dict[str, Any]]:
        kind = default_type(table.type, other.type)
        self._connect(table, source_id, other, target_id, [kind])
        return [
            _as_default(source_id, target_id, kind),
            _as_default(target_id, source_id, default_type(other.type, table.type)),
        ]


def _as_default(source_id: str, target_id: str, kind: AssociationType) -> dict[str, Any]:
    return {
        "from": {"id": source_id},
        "to": {"id": target_id},
        "associationSpec": {"associationCategory": CATEGORY, "associationTypeId": kind.id},
    }


def _ends_of(row: Mapping[str, Any]) -> tuple[str, str]:
    try:
        return str(row["from"]["id"]), str(row["to"]["id"])
    except (KeyError, TypeError) as exc:
        raise invalid("Invalid input JSON: from.id and to.id are needed") from exc


def _nothing_there(table: Table, record_id: str, target: str) -> dict[str, Any]:
    problem = not_found(f"No {target} is associated with {table.type.name} {record_id}.")
    problem.sub_category = "crm.associations.NO_ASSOCIATIONS_FOUND"
    return problem.as_row_error({"fromObjectId": [record_id]})
