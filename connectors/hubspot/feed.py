"""The feed of contacts: everything in order of id once, from then on what was changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.hubspot.api import CONTACTS, Api, in_chunks, next_after
from connectors.hubspot.wire import MODIFIED, Reader, Row, instant, version_of
from syncbridge.clock import to_ms
from syncbridge.errors import InvariantBroken
from syncbridge.remote.base import Page

_LIST_PAGE = 100
_SEARCH_PAGE = 200
_BATCH = 100
#: HubSpot refuses longer bodies of a search.
_MOST_BODY_CHARS = 3_000

#: How late the search index may be, and so how far back each round looks again. "A few moments" by
#: the documentation, minutes as seen by others.
OVERLAP_MS = 10 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Sweep:
    """Where a listing of all contacts stands."""

    #: The vendor's time when the sweep began: what changed since then is searched for afterwards.
    since_ms: int
    after: str = ""

    def text(self) -> str:
        """Answer the cursor."""
        return _compact({"sweep": self.since_ms, "after": self.after})


@dataclass(frozen=True, slots=True)
class Changes:
    """Where a search for changed contacts stands.

    Each page is the first page of its own search, which begins where the last one ended: so
    neither the cap of 10,000 hits nor records that leave their place meanwhile lose anything.
    """

    #: The latest modification seen; the next round begins an overlap before it.
    seen_ms: int
    #: Modified at or after this, within a round; None between rounds.
    from_ms: int | None = None
    #: Within a crowd: all modified at `from_ms`, ids above this one are still to come.
    above_id: int | None = None

    def text(self) -> str:
        """Answer the cursor."""
        parts = {"seen": self.seen_ms, "from": self.from_ms, "above": self.above_id}
        return _compact({name: value for name, value in parts.items() if value is not None})

    @property
    def start_ms(self) -> int:
        """The earliest modification that the next search asks for."""
        return max(0, self.seen_ms - OVERLAP_MS) if self.from_ms is None else self.from_ms

    def body(self, properties: Sequence[str]) -> dict[str, Any]:
        """Answer the search for the next page."""
        start = str(self.start_ms)
        if self.above_id is None:
            filters = [_filter(MODIFIED, "GTE", start)]
            order = MODIFIED
        else:
            # A bulk edit gives more than a page the same millisecond; only the id tells them apart.
            filters = [
                _filter(MODIFIED, "GTE", start),
                _filter(MODIFIED, "LTE", start),
                _filter("hs_object_id", "GT", str(self.above_id)),
            ]
            order = "hs_object_id"
        return {
            "filterGroups": [{"filters": filters}],
            "sorts": [{"propertyName": order, "direction": "ASCENDING"}],
            "properties": list(properties),
            "limit": _SEARCH_PAGE,
        }

    def then(self, rows: Sequence[Row]) -> Changes:
        """Answer where to go on after a page; `from_ms` is None when the round is over."""
        times = [_modified_ms(row) for row in rows]
        seen_ms = max([self.seen_ms, *times])
        is_full = len(rows) >= _SEARCH_PAGE
        if self.above_id is not None:
            if is_full:
                return Changes(seen_ms, self.start_ms, max(int(row["id"]) for row in rows))
            return Changes(seen_ms, self.start_ms + 1)
        if not is_full:
            return Changes(seen_ms)
        is_crowd = min(times) == max(times)
        return Changes(seen_ms, max(times), 0 if is_crowd else None)


def pull_contacts(api: Api, reader: Reader, cursor: str | None) -> Page:
    """Read the next stretch of contacts, without history.

    The full list is in order of id and has no dates; changes are searched for. Archived contacts
    are in neither: webhooks and reads by id tell of them.
    """
    position = read_cursor(cursor) if cursor else Sweep(_their_now_ms(api))
    if isinstance(position, Sweep):
        return _listed(api, reader, position)
    return _changed(api, reader, position)


def read_cursor(cursor: str) -> Sweep | Changes:
    """Read a cursor that an earlier page answered.

    Raises:
        InvariantBroken: it is none of ours.
    """
    try:
        parts = json.loads(cursor)
        if "sweep" in parts:
            return Sweep(parts["sweep"], parts["after"])
        return Changes(parts["seen"], parts.get("from"), parts.get("above"))
    except (ValueError, KeyError, TypeError) as exc:
        raise InvariantBroken(f"not a cursor of this feed: {cursor[:100]!r}") from exc


def _listed(api: Api, reader: Reader, position: Sweep) -> Page:
    read_at = api.now
    params = {"limit": _LIST_PAGE, "properties": ",".join(reader.asked)}
    if position.after:
        params["after"] = position.after
    answer = api.get(api.objects(CONTACTS), params)
    snapshots = tuple(reader.snapshot(row, read_at) for row in api.results(answer) if "id" in row)
    after = next_after(answer.object)
    if after and after != position.after:
        return Page(snapshots, Sweep(position.since_ms, after).text(), has_more=True)
    return Page(snapshots, Changes(position.since_ms).text(), has_more=False)


def _changed(api: Api, reader: Reader, position: Changes) -> Page:
    read_at = api.now
    body = position.body(reader.asked)
    is_short = len(_compact(body)) <= _MOST_BODY_CHARS
    search = api.objects(CONTACTS, "/search")
    rows = api.results(api.ask(search, body if is_short else position.body([MODIFIED])))
    following = position.then(rows)
    whole = rows if is_short else _filled(api, reader, rows)
    snapshots = tuple(reader.snapshot(row, read_at) for row in whole)
    return Page(snapshots, following.text(), has_more=following.from_ms is not None)


def _filled(api: Api, reader: Reader, rows: Sequence[Row]) -> list[Row]:
    """Read the properties that were too many to name in the search."""
    path, whole = api.objects(CONTACTS, "/batch/read"), []
    for ids in in_chunks([str(row["id"]) for row in rows], _BATCH):
        inputs = [{"id": remote_id} for remote_id in ids]
        whole += api.results(api.ask(path, {"properties": reader.asked, "inputs": inputs}))
    return whole


def _their_now_ms(api: Api) -> int:
    return to_ms(api.now) + api.setup.http.skew_ms


def _modified_ms(row: Row) -> int:
    at = instant(version_of(row))
    return 0 if at is None else to_ms(at)


def _filter(name: str, operator: str, value: str) -> dict[str, str]:
    return {"propertyName": name, "operator": operator, "value": value}


def _compact(parts: Mapping[str, Any]) -> str:
    return json.dumps(parts, separators=(",", ":"))
