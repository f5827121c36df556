"""Entries in a contact's timeline: communications, written once and found again by their marker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.hubspot.api import COMMUNICATIONS, CONTACTS, Api, in_chunks, next_after
from connectors.hubspot.batches import push_batch
from connectors.hubspot.wire import (
    BODY,
    Row,
    log_input,
    only,
    properties_of,
    relog_input,
    version_of,
)
from syncbridge.remote.base import MessageWrite, Outcome

_BATCH = 100
_ASKED = [BODY, "hs_lastmodifieddate"]


def push_messages(api: Api, writes: Sequence[MessageWrite]) -> dict[str, Outcome]:
    """Create entries with their contact, and replace the text of those that exist.

    A create has no key by which HubSpot would know it again: it is to be sent once, and looked
    for by `find_message` where its outcome is unknown.
    """
    outcomes: dict[str, Outcome] = {}
    creates = {write.link_id: log_input(write) for write in writes if write.remote_id is None}
    updates = {write.link_id: relog_input(write) for write in writes if write.remote_id is not None}
    for verb, inputs in (("create", creates), ("update", updates)):
        if inputs:
            path = api.objects(COMMUNICATIONS, f"/batch/{verb}")
            outcomes |= push_batch(api, path, inputs, values=[BODY])
    return outcomes


def find_message(api: Api, write: MessageWrite) -> Outcome | None:
    """Answer the entry that carries the write's marker, None if the contact has none.

    Read through the contact's associations: the search index is minutes late.
    """
    if write.remote_id is not None:
        path = api.objects(COMMUNICATIONS, f"/{write.remote_id}")
        answer = api.get(path, {"properties": ",".join(_ASKED)}, accept=(404,))
        return None if answer.status == 404 else _outcome(write, answer.object)
    # The newest first: what is looked for was written a moment ago.
    ids = sorted(_entries_of(api, write.contact_id), key=int, reverse=True)
    path = api.objects(COMMUNICATIONS, "/batch/read")
    for chunk in in_chunks(ids, _BATCH):
        body = {"properties": _ASKED, "inputs": [{"id": remote_id} for remote_id in chunk]}
        for row in api.results(api.ask(path, body)):
            if write.marker in (properties_of(row).get(BODY) or ""):
                return _outcome(write, row)
    return None


def _outcome(write: MessageWrite, row: Row) -> Outcome:
    values = only(properties_of(row), [BODY])
    return Outcome(write.link_id, str(row["id"]), values, version_of(row))


def _entries_of(api: Api, contact_id: str) -> set[str]:
    """Answer the ids of all entries of a contact, also when it was merged away meanwhile."""
    found = set(_associated(api, contact_id))
    if found:
        return found
    answer = api.get(api.objects(CONTACTS, f"/{contact_id}"), accept=(404,))
    survivor = str(answer.object.get("id") or contact_id)
    return set() if survivor == contact_id else set(_associated(api, survivor))


def _associated(api: Api, contact_id: str) -> Iterator[str]:
    path, after = api.associated(CONTACTS, COMMUNICATIONS), ""
    while True:
        asked = {"id": contact_id, "after": after} if after else {"id": contact_id}
        rows = api.results(api.ask(path, {"inputs": [asked]}))
        for row in rows:
            ends = row.get("to")
            yield from (str(end["toObjectId"]) for end in ends or () if "toObjectId" in end)
        following = next((next_after(row) for row in rows if next_after(row)), "")
        if following in ("", after):
            return
        after = following
