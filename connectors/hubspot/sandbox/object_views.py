"""The object API: list, read, create, change, archive, batches, search, merge, erase."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from connectors.hubspot.sandbox import asked, batch, routes
from connectors.hubspot.sandbox.account import Account
from connectors.hubspot.sandbox.associations import as_v3_type
from connectors.hubspot.sandbox.problems import invalid
from connectors.hubspot.sandbox.records import Record
from connectors.hubspot.sandbox.search import MAX_BODY_CHARS, search

_Answer = tuple[Any, int]


def object_blueprint(account: Account) -> Blueprint:
    """The routes below /crm/v3/objects and /crm/objects/<date>."""
    views = ObjectViews(account)
    blueprint = Blueprint("objects", __name__)
    for method, tail, view in (
        ("GET", "/<object_type>", views.listed),
        ("POST", "/<object_type>", views.created),
        ("GET", "/<object_type>/<record_id>", views.read),
        ("PATCH", "/<object_type>/<record_id>", views.updated),
        ("DELETE", "/<object_type>/<record_id>", views.archived),
        ("POST", "/<object_type>/batch/read", views.batch_read),
        ("POST", "/<object_type>/batch/create", views.batch_created),
        ("POST", "/<object_type>/batch/update", views.batch_updated),
        ("POST", "/<object_type>/batch/upsert", views.batch_upserted),
        ("POST", "/<object_type>/batch/archive", views.batch_archived),
        ("POST", "/<object_type>/search", views.searched),
        ("POST", "/<object_type>/merge", views.merged),
        ("POST", "/<object_type>/gdpr-delete", views.erased),
    ):
        routes.add(blueprint, method, "crm/objects", tail, view)
    return blueprint


class ObjectViews:
    """The views, bound to one account."""

    def __init__(self, account: Account) -> None:
        """Answer for `account`."""
        self._account = account

    def listed(self, object_type: str) -> _Answer:
        """GET a page in order of id."""
        table = self._account.table(object_type)
        history = asked.names("propertiesWithHistory")
        limit = asked.number("limit", 10, most=50 if history else 100, least=1)
        page, more = table.page(asked.number("after", 0), limit, archived=asked.flag("archived"))
        body: dict[str, Any] = {"results": [self._as_asked(record) for record in page]}
        if more:
            after = page[-1].id
            link = f"{request.base_url}?after={after}&limit={limit}"
            body["paging"] = {"next": {"after": after, "link": link}}
        return body, 200

    def read(self, object_type: str, record_id: str) -> _Answer:
        """GET one record; an id that was merged away leads to what it became."""
        record = self._account.table(object_type).get(
            record_id,
            by=request.args.get("idProperty"),
            archived=asked.flag("archived"),
            merged=True,
        )
        return self._as_asked(record), 200

    def created(self, object_type: str) -> _Answer:
        """POST a new record."""
        table, posted = self._account.table(object_type), asked.body()
        record = self._account.prepare_create(table, posted, self._account.app)()
        return record.as_json(sorted(record.values)), 201

    def updated(self, object_type: str, record_id: str) -> _Answer:
        """PATCH a record; an id that was merged away leads to what it became."""
        table, properties = self._account.table(object_type), asked.body().get("properties")
        record = table.get(record_id, by=request.args.get("idProperty"), merged=True)
        self._account.prepare_update(table, record, properties, self._account.app)()
        return batch.as_written(record, properties or {}), 200

    def archived(self, object_type: str, record_id: str) -> _Answer:
        """DELETE a record, which only archives it."""
        self._account.archive(self._account.table(object_type), record_id, self._account.app)
        return "", 204

    def batch_read(self, object_type: str) -> _Answer:
        """POST /batch/read."""
        table = self._account.table(object_type)
        return batch.read(self._account, table, asked.body(), archived=asked.flag("archived"))

    def batch_created(self, object_type: str) -> _Answer:
        """POST /batch/create."""
        return batch.create(self._account, self._account.table(object_type), asked.body())

    def batch_updated(self, object_type: str) -> _Answer:
        """POST /batch/update."""
        return batch.update(self._account, self._account.table(object_type), asked.body())

    def batch_upserted(self, object_type: str) -> _Answer:
        """POST /batch/upsert."""
        return batch.upsert(self._account, self._account.table(object_type), asked.body())

    def batch_archived(self, object_type: str) -> _Answer:
        """POST /batch/archive."""
        batch.archive(self._account, self._account.table(object_type), asked.body())
        return "", 204

    def searched(self, object_type: str) -> _Answer:
        """POST /search."""
        length = len(request.get_data(as_text=True))
        if length > MAX_BODY_CHARS:
            raise invalid(f"The request body has {length} characters, over {MAX_BODY_CHARS}")
        table = self._account.table(object_type)
        hits = search(table, asked.body(), self._account.clock.now_ms())
        body: dict[str, Any] = {
            "total": hits.total,
            "results": [record.as_json(hits.properties) for record in hits.records],
        }
        if hits.after is not None:
            body["paging"] = {"next": {"after": str(hits.after)}}
        return body, 200

    def merged(self, object_type: str) -> _Answer:
        """POST /merge."""
        table, posted = self._account.table(object_type), asked.body()
        primary, other = (str(posted.get(key, "")) for key in _MERGED)
        record = self._account.merge(table, primary, other)
        return record.as_json(sorted(record.values)), 200

    def erased(self, object_type: str) -> _Answer:
        """POST /gdpr-delete."""
        table, posted = self._account.table(object_type), asked.body()
        if table.type.name != "contacts":
            raise invalid("Only contacts can be deleted for privacy")
        record = table.get(str(posted.get("objectId", "")), by=posted.get("idProperty"))
        self._account.erase(record, self._account.app)
        return "", 204

    def _as_asked(self, record: Record) -> dict[str, Any]:
        history = asked.names("propertiesWithHistory")
        properties = asked.names("properties") or list(record.type.shown_by_default)
        known = self._account.tables[record.type.name].properties
        body = record.as_json(
            known.among(dict.fromkeys((*properties, *history))),
            known.among(history),
        )
        associated = {
            target: self._associated(record, target) for target in asked.names("associations")
        }
        if any(associated.values()):
            body["associations"] = {
                self._account.table(target).type.name: {"results": ends}
                for target, ends in associated.items()
                if ends
            }
        return body

    def _associated(self, record: Record, target: str) -> list[dict[str, str]]:
        return [
            {"id": other, "type": as_v3_type(type_id)}
            for other, type_ids in self._account.associated(record, target).items()
            for type_id in sorted(type_ids)
        ]


_MERGED = ("primaryObjectId", "objectIdToMerge")
