"""Batches of up to 100 rows: checked first, then written, wholly or (207) in part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.hubspot.sandbox.account import Account, Write
from connectors.hubspot.sandbox.problems import ApiProblem, invalid, not_found
from connectors.hubspot.sandbox.records import Record, Reserved, Table
from connectors.hubspot.sandbox.values import iso_ms

MAX_INPUTS = 100

Row = Mapping[str, Any]
#: body and status of the answer
Answer = tuple[dict[str, Any], int]


def read(account: Account, table: Table, posted: Mapping[str, Any], *, archived: bool) -> Answer:
    """Read rows by id, or by the unique property `idProperty`; missing ones make it a 207."""
    began = account.clock.now()
    by = posted.get("idProperty")
    asked = table.properties.among(posted.get("properties") or table.type.shown_by_default)
    history = table.properties.among(posted.get("propertiesWithHistory") or ())
    results, absent = [], []
    for row in inputs_of(posted):
        value = str(row.get("id", ""))
        record = table.find(value, by=by, archived=archived)
        if record is None:
            absent.append(value)
        else:
            results.append(record.as_json([*dict.fromkeys((*asked, *history))], history))
    errors = [_absent_row(table, absent)] if absent else []
    return complete(account, began, results, errors, status=200)


def create(account: Account, table: Table, posted: Mapping[str, Any]) -> Answer:
    """Create one record per row; in part only when every row has an objectWriteTraceId."""
    rows = inputs_of(posted)
    reserved: Reserved = set()

    def prepare(row: Row) -> Write:
        return account.prepare_create(table, row, account.app, reserved=reserved)

    return _write(account, rows, prepare, partial=_is_traced(rows), status=201)


def update(account: Account, table: Table, posted: Mapping[str, Any]) -> Answer:
    """Change records by id or unique property; ids merged away are not followed.

    A row whose id is no number although it names no idProperty is silently left out, as in
    https://github.com/HubSpot/hubspot-api-nodejs/issues/548.
    """
    rows = inputs_of(posted)
    for row in rows:
        _check_id_property(table, row, "update")
    rows = [row for row in rows if row.get("idProperty") or str(row.get("id", "")).isdecimal()]
    _refuse_repeated_ids(rows)
    reserved: Reserved = set()

    def prepare(row: Row) -> Write:
        record = table.get(str(row["id"]), by=row.get("idProperty"))
        properties = row.get("properties")
        return account.prepare_update(table, record, properties, account.app, reserved=reserved)

    return _write(account, rows, prepare, partial=_is_traced(rows), status=200)


def upsert(account: Account, table: Table, posted: Mapping[str, Any]) -> Answer:
    """Create or change records by a unique property, each result saying which (`new`).

    In part only when every row is traced and none goes by email.
    """
    rows = inputs_of(posted)
    for row in rows:
        if not row.get("idProperty") or not row.get("id"):
            raise invalid("Each input of an upsert needs id and idProperty")
        _check_id_property(table, row, "upsert")
    _refuse_repeated_ids(rows)
    reserved: Reserved = set()
    new: set[str] = set()

    def prepare(row: Row) -> Write:
        by, value, properties = row["idProperty"], str(row["id"]), row.get("properties")
        if not isinstance(properties, Mapping):
            raise invalid("Invalid input JSON: properties must be an object")
        record = table.find(value, by=by)
        if record is not None:
            return account.prepare_update(table, record, properties, account.app, reserved=reserved)
        given = {"properties": {by: value, **properties}}
        write = account.prepare_create(table, given, account.app, reserved=reserved)

        def create_new() -> Record:
            created = write()
            new.add(created.id)
            return created

        return create_new

    partial = _is_traced(rows) and all(row["idProperty"] != "email" for row in rows)
    body, status = _write(account, rows, prepare, partial=partial, status=200)
    for result in body["results"]:
        result["new"] = result["id"] in new
    return body, status


def archive(account: Account, table: Table, posted: Mapping[str, Any]) -> None:
    """Archive rows by id; those that are gone already are no error."""
    for row in inputs_of(posted):
        account.archive(table, str(row.get("id", "")), account.app)


def inputs_of(posted: Mapping[str, Any], most: int = MAX_INPUTS) -> list[Row]:
    """The rows of a batch.

    Raises:
        ApiProblem: 400, there are none, too many, or some are not objects.
    """
    rows = posted.get("inputs")
    if not isinstance(rows, list) or any(not isinstance(row, Mapping) for row in rows):
        raise invalid("Invalid input JSON: inputs must be a list of objects")
    if not 1 <= len(rows) <= most:
        raise invalid(f"A batch has from 1 to {most} inputs, not {len(rows)}")
    return rows


def complete(
    account: Account,
    began: datetime,
    results: list[Any],
    errors: Sequence[Mapping[str, Any]],
    *,
    status: int,
) -> Answer:
    """The answer of a batch; 207 when there are errors.

    Results come in another order than inputs: HubSpot does not promise one.
    """
    body: dict[str, Any] = {
        "status": "COMPLETE",
        "results": results[::-1],
        "startedAt": iso_ms(began),
        "completedAt": iso_ms(account.clock.now()),
    }
    if not errors:
        return body, status
    return {**body, "numErrors": len(errors), "errors": list(errors)}, 207


def _write(
    account: Account,
    rows: Sequence[Row],
    prepare: Callable[[Row], Write],
    *,
    partial: bool,
    status: int,
) -> Answer:
    began = account.clock.now()
    writes: list[tuple[Row, Write]] = []
    errors: list[dict[str, Any]] = []
    for row in rows:
        try:
            writes.append((row, prepare(row)))
        except ApiProblem as problem:
            if not partial:
                raise
            errors.append(
                problem.as_row_error({"objectWriteTraceId": [str(row["objectWriteTraceId"])]})
            )
    results = [_written(row, write()) for row, write in writes]
    return complete(account, began, results, errors, status=status)


def _written(row: Row, record: Record) -> dict[str, Any]:
    result = as_written(record, row.get("properties", {}))
    if row.get("objectWriteTraceId"):
        result["objectWriteTraceId"] = row["objectWriteTraceId"]
    return result


def as_written(record: Record, properties: Mapping[str, Any]) -> dict[str, Any]:
    """A record as the answer of a write shows it: what was written and what HubSpot set."""
    system = (record.type.created_property, record.type.modified_property, "hs_object_id")
    return record.as_json([*dict.fromkeys((*properties, *system))])


def _is_traced(rows: Sequence[Row]) -> bool:
    traces = [row.get("objectWriteTraceId") for row in rows]
    return all(traces) and len(set(traces)) == len(traces)


def _check_id_property(table: Table, row: Row, verb: str) -> None:
    # hs_object_id is addressed by leaving idProperty out, and refused like any other property.
    if row.get("idProperty") is not None:
        table.require_unique(str(row["idProperty"]), verb)


def _refuse_repeated_ids(rows: Sequence[Row]) -> None:
    seen: set[tuple[Any, str]] = set()
    for row in rows:
        key = (row.get("idProperty"), str(row.get("id")))
        if key in seen:
            raise invalid(f"Duplicate IDs found in batch input: [{key[1]}]. IDs must be unique")
        seen.add(key)


def _absent_row(table: Table, absent: Sequence[str]) -> dict[str, Any]:
    problem = not_found(f"Could not get some {table.type.type_id} objects, they may be deleted")
    return problem.as_row_error({"ids": list(absent)})
