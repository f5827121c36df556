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


def find_messages(api: Api, writes: Sequence[MessageWrite]) -> dict[str, Outcome]:
    """Answer the entries that creates made, by link id, in a few calls for all of them.

    The entries of all their contacts are listed together, then read from the newest on until every
    marker was found.
    """
    wanted = {write.marker: write for write in writes if write.remote_id is None}
    found: dict[str, Outcome] = {}
    ids = sorted(_entries_of_all(api, [w.contact_id for w in wanted.values()]), key=int)
    path = api.objects(COMMUNICATIONS, "/batch/read")
    for chunk in in_chunks(ids[::-1], _BATCH):
        if len(found) == len(wanted):
            break
        body = {"properties": _ASKED, "inputs": [{"id": remote_id} for remote_id in chunk]}
        for row in api.results(api.ask(path, body)):
            text = properties_of(row).get(BODY) or ""
            for marker, write in wanted.items():
                if marker in text:
                    found[write.link_id] = _outcome(write, row)
    return found


def _entries_of_all(api: Api, contact_ids: Sequence[str]) -> set[str]:
    """Answer the ids of all entries of contacts, also of those that were merged away meanwhile."""
    found: set[str] = set()
    silent: list[str] = []
    path = api.associated(CONTACTS, COMMUNICATIONS)
    for chunk in in_chunks(list(dict.fromkeys(contact_ids)), _BATCH):
        listed: set[str] = set()
        for row in api.results(api.ask(path, {"inputs": [{"id": one} for one in chunk]})):
            source = str(row.get("from", {}).get("id", ""))
            listed.add(source)
            # A contact with more entries than fit is listed to its end by itself.
            found |= set(_associated(api, source)) if next_after(row) else set(_ends(row))
        silent += [one for one in chunk if one not in listed]
    for contact_id in _missing(api, silent):
        found |= _entries_of(api, contact_id)
    return found


def _missing(api: Api, contact_ids: Sequence[str]) -> list[str]:
    """Answer which of these are no contacts (any more) under their own id."""
    there: set[str] = set()
    for chunk in in_chunks(contact_ids, _BATCH):
        body = {"properties": [], "inputs": [{"id": one} for one in chunk]}
        rows = api.results(api.ask(api.objects(CONTACTS, "/batch/read"), body))
        there |= {str(row.get("id")) for row in rows}
    return [one for one in contact_ids if one not in there]


def _ends(row: Row) -> Iterator[str]:
    return (str(end["toObjectId"]) for end in row.get("to") or () if "toObjectId" in end)


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
            yield from _ends(row)
        following = next((next_after(row) for row in rows if next_after(row)), "")
        if following in ("", after):
            return
        after = following
