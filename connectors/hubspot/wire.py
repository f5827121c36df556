"""HubSpot's payloads and our nouns, translated both ways without I/O."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from syncbridge.model.record import Kind, Ref, Snapshot
from syncbridge.remote.base import ContactWrite, MessageWrite

#: The unique contact property that carries the link's uuid.
EXTERNAL_ID = "syncbridge_id"
MODIFIED = "lastmodifieddate"
BODY = "hs_communication_body"

_MERGED = "hs_merged_object_ids"
_MERGED_TIMES = "hs_calculated_merged_vids"
#: Asked for besides what the mapping mentions.
BOOKKEEPING = (EXTERNAL_ID, MODIFIED, _MERGED, _MERGED_TIMES)

#: Communication to contact.
#: https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide
_COMMUNICATION_TO_CONTACT = 81

#: The longest text of a property.
_MOST_CHARS = 65_536
_CUT = "…"

#: Who a history's entry is by, when an app wrote it.
_BY_APPS = frozenset({"INTEGRATION", "API", "INTEGRATIONS_PLATFORM"})

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads contacts of one connection."""

    connection: str
    #: Properties that the mapping mentions.
    fields: tuple[str, ...]
    #: Our app's number in histories; "" if not known.
    app_id: str = ""

    @property
    def asked(self) -> list[str]:
        """Every property to ask for."""
        return list(dict.fromkeys((*self.fields, *BOOKKEEPING)))

    def snapshot(self, row: Row, read_at: datetime) -> Snapshot:
        """Translate a contact; only what the mapping mentions becomes a value."""
        properties = properties_of(row)
        newest = {
            name: max(versions, key=lambda version: version[0])
            for name, versions in _history(row).items()
            if name in self.fields and versions
        }
        return Snapshot(
            ref=Ref(self.connection, Kind.CONTACT, str(row["id"])),
            values={name: properties[name] for name in self.fields if name in properties},
            read_at=read_at,
            version=version_of(row),
            modified_at=instant(version_of(row)),
            field_times={name: at for name, (at, _) in newest.items()},
            written_by_us={
                name: self._is_ours(entry) for name, (_, entry) in newest.items() if self.app_id
            },
            external_id=properties.get(EXTERNAL_ID),
            aliases=merged_ids(row),
            archived=row.get("archived") is True,
        )

    def _is_ours(self, entry: Row) -> bool:
        """Say whether our app wrote an entry, as far as HubSpot tells.

        The form of `sourceId` is not documented; apps are seen there by their number.
        """
        return entry.get("sourceType") in _BY_APPS and str(entry.get("sourceId")) == self.app_id


def dicts_in(listed: object) -> list[Row]:
    """Answer the objects of a list, and nothing where HubSpot answered something else."""
    return [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []


def properties_of(row: Row) -> dict[str, str | None]:
    """Answer a record's properties; an empty one is None, one not asked for is absent."""
    properties = row.get("properties")
    if not isinstance(properties, dict):
        return {}
    return {
        str(name): None if value in (None, "") else str(value) for name, value in properties.items()
    }


def version_of(row: Row) -> str:
    """Answer a record's change token: when it was last modified, as HubSpot spells it."""
    properties = properties_of(row)
    modified = properties.get(MODIFIED) or properties.get("hs_lastmodifieddate")
    return modified or str(row.get("updatedAt") or "")


def instant(text: str) -> datetime | None:
    """Read an ISO 8601 time or epoch milliseconds as aware UTC; None if it is neither."""
    try:
        if text.isdecimal():
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return None if at.tzinfo is None else at.astimezone(UTC)


def merged_ids(row: Row) -> tuple[str, ...]:
    """Answer ids that were merged into a record; each of the two properties can lack some."""
    properties = properties_of(row)
    plain = (properties.get(_MERGED) or "").split(";")
    timed = (part.partition(":")[0] for part in (properties.get(_MERGED_TIMES) or "").split(";"))
    found = dict.fromkeys(part.strip() for part in (*plain, *timed))
    return tuple(part for part in found if part and part != str(row.get("id")))


def _history(row: Row) -> dict[str, list[tuple[datetime, Row]]]:
    histories = row.get("propertiesWithHistory")
    if not isinstance(histories, dict):
        return {}
    return {name: _versions(entries) for name, entries in histories.items()}


def _versions(entries: Any) -> list[tuple[datetime, Row]]:
    read = ((instant(str(entry.get("timestamp", ""))), entry) for entry in dicts_in(entries))
    return [(at, entry) for at, entry in read if at is not None]


def upsert_input(write: ContactWrite) -> dict[str, Any]:
    """Translate a create: HubSpot finds the contact by our id, or makes it."""
    return {"idProperty": EXTERNAL_ID, "id": write.link_id, **_changes(write)}


def update_input(write: ContactWrite) -> dict[str, Any]:
    """Translate a change of a contact whose id there is known."""
    return {"id": write.remote_id, **_changes(write)}


def _changes(write: ContactWrite) -> dict[str, Any]:
    # An empty text clears; null is refused.
    properties = {name: value or "" for name, value in write.values.items()}
    return {"objectWriteTraceId": write.link_id, "properties": properties}


def log_input(write: MessageWrite) -> dict[str, Any]:
    """Translate a new entry in a contact's timeline, associated at birth."""
    association = {
        "associationCategory": "HUBSPOT_DEFINED",
        "associationTypeId": _COMMUNICATION_TO_CONTACT,
    }
    return {
        "objectWriteTraceId": write.link_id,
        "properties": {
            "hs_communication_channel_type": "WHATS_APP",
            "hs_communication_logged_from": "CRM",
            "hs_timestamp": spelled(write.at),
            BODY: log_body(write.text, write.marker),
        },
        "associations": [{"to": {"id": write.contact_id}, "types": [association]}],
    }


def relog_input(write: MessageWrite) -> dict[str, Any]:
    """Translate a changed text of an entry."""
    return {
        "id": write.remote_id,
        "objectWriteTraceId": write.link_id,
        "properties": {BODY: log_body(write.text, write.marker)},
    }


def log_body(text: str, marker: str) -> str:
    """Answer the HTML of an entry: the text as it was written, then the marker on a small line.

    A text that is too long for HubSpot is cut, and ends with an ellipsis; the marker never is.
    """
    tail = f"<br><small>{html.escape(marker)}</small>"
    body = _as_html(text)
    if len(body) + len(tail) <= _MOST_CHARS:
        return body + tail
    room = _MOST_CHARS - len(tail) - len(_CUT)
    return _longest(text, room) + _CUT + tail


def _longest(text: str, room: int) -> str:
    """Answer as much of the text's beginning as fits into `room` characters of HTML."""
    low, high = 0, min(len(text), room)
    while low < high:
        middle = (low + high + 1) // 2
        if len(_as_html(text[:middle])) <= room:
            low = middle
        else:
            high = middle - 1
    return _as_html(text[:low])


def _as_html(text: str) -> str:
    return html.escape(text, quote=False).replace("\n", "<br>")


def spelled(at: datetime) -> str:
    """Answer an instant as HubSpot spells it: ISO 8601 to the millisecond, in UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def by_id(rows: Iterable[Row]) -> dict[str, Row]:
    """Answer records by their own id."""
    return {str(row["id"]): row for row in rows if "id" in row}


def only(properties: Mapping[str, str | None], names: Sequence[str]) -> dict[str, str | None]:
    """Answer the properties of these names that were carried."""
    return {name: properties[name] for name in names if name in properties}
