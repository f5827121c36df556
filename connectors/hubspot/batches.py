"""Batch writes and their outcomes, one for each record however HubSpot answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connectors.hubspot.api import Api
from connectors.hubspot.refusals import row_answer
from connectors.hubspot.wire import (
    EXTERNAL_ID,
    Row,
    dicts_in,
    only,
    properties_of,
    version_of,
)
from syncbridge.errors import OutcomeUnknown, Rejected, RemoteError, Transient
from syncbridge.remote.answer import Answer
from syncbridge.remote.base import Outcome, Write

#: Refusals that may name the rows they are about.
_JUDGED = (400, 404, 409)


def push_batch(
    api: Api, path: str, inputs: Mapping[str, Row], *, values: Sequence[str]
) -> dict[str, Outcome]:
    """Write up to 100 records in one call.

    https://developers.hubspot.com/docs/api-reference/error-handling: with a trace id on every
    input an answer of 207 carries results and errors, each naming its input.

    Args:
        api: the account.
        path: of the batch call.
        inputs: link id -> input, which carries the link id as its trace id.
        values: properties whose values an outcome is to carry, where the answer has them.

    Returns:
        An outcome for every link id.
    """
    try:
        answer = api.write(path, {"inputs": list(inputs.values())}, accept=_JUDGED)
    except RemoteError as exc:
        return {link_id: Outcome(link_id, error=exc) for link_id in inputs}
    if answer.status in _JUDGED:
        return _refused(api, answer, inputs)
    return _split(api, answer, inputs, values)


def _refused(api: Api, answer: Answer, inputs: Mapping[str, Row]) -> dict[str, Outcome]:
    """Judge a batch of which nothing was written."""
    error = api.setup.http.judge(answer, is_write=True)
    named = _named(answer.object, inputs)
    if not named or not isinstance(error, Rejected):
        return {link_id: Outcome(link_id, error=error) for link_id in inputs}
    spared = Transient(
        "another record of the same batch was refused",
        retry_after_s=0.0,
        connection=api.connection,
        request_id=error.request_id,
    )
    return {
        link_id: Outcome(link_id, error=error if link_id in named else spared) for link_id in inputs
    }


def _split(
    api: Api, answer: Answer, inputs: Mapping[str, Row], values: Sequence[str]
) -> dict[str, Outcome]:
    outcomes: dict[str, Outcome] = {}
    for row in dicts_in(answer.object.get("results")):
        for link_id in _written(row, inputs):
            carried = only(properties_of(row), values)
            outcomes[link_id] = Outcome(link_id, str(row["id"]), carried, version_of(row))
    unnamed: RemoteError | None = None
    for row in dicts_in(answer.object.get("errors")):
        error = api.setup.http.judge(row_answer(row), is_write=True)
        error.request_id = error.request_id or api.setup.http.table.request_id(answer)
        named = _named(row, inputs)
        unnamed = unnamed if named else error
        outcomes |= {link_id: Outcome(link_id, error=error) for link_id in named}
    silence = unnamed or OutcomeUnknown(
        "the answer does not mention this record", connection=api.connection
    )
    return {link_id: outcomes.get(link_id) or Outcome(link_id, error=silence) for link_id in inputs}


def _written(row: Row, inputs: Mapping[str, Row]) -> list[str]:
    """Answer the link id of a result: by its trace id, else by the record's own id."""
    if "id" not in row:
        return []
    trace = row.get("objectWriteTraceId")
    if trace in inputs:
        return [str(trace)]
    known = {str(row["id"]), properties_of(row).get(EXTERNAL_ID)}
    return [link_id for link_id, sent in inputs.items() if sent.get("id") in known][:1]


def _named(error: Mapping[str, Any], inputs: Mapping[str, Row]) -> list[str]:
    """Answer the link ids that an error is about; none if it does not say."""
    said = set(_context_values(error))
    for detail in dicts_in(error.get("errors")):
        said |= set(_context_values(detail))
    return [link_id for link_id, sent in inputs.items() if said & _ids_in(link_id, sent)]


def _ids_in(link_id: str, sent: Row) -> set[str]:
    """Answer all by which an error could name an input: itself, or what it is associated with."""
    ends = (association["to"]["id"] for association in sent.get("associations", ()))
    return {link_id, str(sent.get("id", link_id)), *map(str, ends)}


def _context_values(error: Mapping[str, Any]) -> Iterable[str]:
    context = error.get("context")
    if not isinstance(context, dict):
        return
    for key in ("objectWriteTraceId", "ids", "id"):
        value = context.get(key)
        yield from map(str, value if isinstance(value, list) else [value] if value else [])


def in_order(writes: Sequence[Write], outcomes: Mapping[str, Outcome]) -> list[Outcome]:
    """Answer the outcomes in the order of their writes."""
    return [outcomes[write.link_id] for write in writes]
