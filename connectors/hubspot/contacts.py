"""Contacts by id: read with history, written in batches, found again, followed when merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connectors.hubspot.api import CONTACTS, Api, in_chunks
from connectors.hubspot.batches import push_batch
from connectors.hubspot.wire import (
    EXTERNAL_ID,
    Reader,
    Row,
    by_id,
    only,
    properties_of,
    update_input,
    upsert_input,
    version_of,
)
from syncbridge.errors import Moved, NotFound, RemoteError, Transient
from syncbridge.model.record import Snapshot
from syncbridge.remote.base import ContactWrite, Gone, Outcome

_BATCH = 100


def read_contacts(api: Api, reader: Reader, ids: Sequence[str]) -> dict[str, Snapshot | Gone]:
    """Read up to 50 contacts with the history of each mapped property.

    A batch leaves out what is archived or was merged away, so what is missing is asked for singly.
    """
    read_at = api.now
    body = {
        "properties": reader.asked,
        "propertiesWithHistory": list(reader.fields),
        "inputs": [{"id": remote_id} for remote_id in ids],
    }
    rows = api.results(api.ask(api.objects(CONTACTS, "/batch/read"), body))
    found = {key: reader.snapshot(row, read_at) for key, row in by_id(rows).items()}
    merged = {alias: snapshot for snapshot in found.values() for alias in snapshot.aliases}
    return {
        remote_id: found.get(remote_id) or merged.get(remote_id) or _look_up(api, reader, remote_id)
        for remote_id in ids
    }


def _look_up(api: Api, reader: Reader, remote_id: str) -> Snapshot | Gone:
    read_at = api.now
    row = _get(api, remote_id, reader.asked, history=reader.fields)
    if row is not None:
        return reader.snapshot(row, read_at)
    path = api.objects(CONTACTS, f"/{remote_id}")
    binned = api.get(path, {"archived": "true", "properties": EXTERNAL_ID}, accept=(404,))
    return Gone(remote_id, is_archived=binned.status != 404)


def _get(
    api: Api, key: str, properties: Sequence[str], *, history: Sequence[str] = (), by: str = ""
) -> Row | None:
    """Ask for one contact; HubSpot answers the survivor where `key` was merged away."""
    params = {"properties": ",".join(properties)}
    if history:
        params["propertiesWithHistory"] = ",".join(history)
    if by:
        params["idProperty"] = by
    answer = api.get(api.objects(CONTACTS, f"/{key}"), params, accept=(404,))
    return None if answer.status == 404 else answer.object


def push_contacts(api: Api, writes: Sequence[ContactWrite]) -> dict[str, Outcome]:
    """Create contacts by upsert on our id, and change those whose id is known."""
    creates = [write for write in writes if write.remote_id is None]
    updates = [write for write in writes if write.remote_id is not None]
    outcomes: dict[str, Outcome] = {}
    values = _values(writes)
    if creates:
        inputs = {write.link_id: upsert_input(write) for write in creates}
        outcomes |= push_batch(api, _batch(api, "upsert"), inputs, values=values)
    if updates:
        inputs = {write.link_id: update_input(write) for write in updates}
        outcomes |= push_batch(api, _batch(api, "update"), inputs, values=values)
        outcomes |= {
            write.link_id: replace(outcome, error=_where_now(api, write, error))
            for write in updates
            if isinstance(error := (outcome := outcomes[write.link_id]).error, NotFound)
        }
    return outcomes


def _batch(api: Api, verb: str) -> str:
    return api.objects(CONTACTS, f"/batch/{verb}")


def _values(writes: Sequence[ContactWrite]) -> list[str]:
    """Answer the properties that somebody wrote; the answer may carry more."""
    return list(dict.fromkeys(name for write in writes for name in write.values))


def _where_now(api: Api, write: ContactWrite, error: NotFound) -> RemoteError:
    """Look what became of a contact that could not be updated by its id."""
    try:
        row = _get(api, str(write.remote_id), [EXTERNAL_ID])
    except RemoteError as exc:
        return exc
    if row is None:
        return error
    if str(row.get("id")) != write.remote_id:
        return Moved(
            "merged into another contact", to=str(row.get("id")), connection=api.connection
        )
    return Transient("refused as missing, but it is there", connection=api.connection)


def find_contacts(api: Api, writes: Sequence[ContactWrite]) -> dict[str, Outcome]:
    """Answer the contacts that creates made, by link id: read by our id, many in a call."""
    asked = list(dict.fromkeys((*_values(writes), EXTERNAL_ID, "lastmodifieddate")))
    found: dict[str, Outcome] = {}
    for chunk in in_chunks([write.link_id for write in writes], _BATCH):
        inputs = [{"id": link_id} for link_id in chunk]
        body = {"idProperty": EXTERNAL_ID, "properties": asked, "inputs": inputs}
        for row in api.results(api.ask(_batch(api, "read"), body)):
            properties = properties_of(row)
            link_id = str(properties.get(EXTERNAL_ID) or "")
            carried = only(properties, _values(writes))
            found[link_id] = Outcome(link_id, str(row["id"]), carried, version_of(row))
    return {write.link_id: found[write.link_id] for write in writes if write.link_id in found}


def find_contact(api: Api, write: ContactWrite) -> Outcome | None:
    """Answer the contact that a write made or changed, read by our id or by its own."""
    asked = list(dict.fromkeys((*write.values, EXTERNAL_ID, "lastmodifieddate")))
    if write.remote_id is None:
        row = _get(api, write.link_id, asked, by=EXTERNAL_ID)
    else:
        row = _get(api, write.remote_id, asked)
    if row is None:
        return None
    found_id = str(row["id"])
    values = only(properties_of(row), list(write.values))
    outcome = Outcome(write.link_id, found_id, values, version_of(row))
    if write.remote_id not in (None, found_id):
        moved = Moved("merged into another contact", to=found_id, connection=api.connection)
        return replace(outcome, error=moved)
    return outcome
