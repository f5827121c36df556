"""HubSpot's part of the control API: a sales person's edits, and a look at everything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint

from connectors.hubspot.sandbox import asked
from connectors.hubspot.sandbox.access import Access
from connectors.hubspot.sandbox.account import Account
from connectors.hubspot.sandbox.problems import invalid
from connectors.hubspot.sandbox.records import Actor, Record
from connectors.hubspot.sandbox.values import parse_moment
from syncbridge.sandbox.control import posted

#: The sales person whose edits the control API makes.
SALES_PERSON = Actor("CRM_UI", "userId:987654", user_id=987_654)

_Answer = tuple[Any, int]


def control_blueprint(account: Account, access: Access) -> Blueprint:
    """The routes below /_control that only this imitation has."""
    views = ControlViews(account, access)
    control = Blueprint("hubspot_control", __name__, url_prefix="/_control")
    for method, rule, view in (
        ("POST", "/<object_type>", views.create),
        ("PATCH", "/<object_type>/<record_id>", views.edit),
        ("DELETE", "/<object_type>/<record_id>", views.archive),
        ("POST", "/<object_type>/<record_id>/restore", views.restore),
        ("POST", "/<object_type>/merge", views.merge),
        ("GET", "/records/<object_type>", views.records),
        ("GET", "/counts", views.counts),
        ("POST", "/expire-token", views.expire_token),
        ("POST", "/renew-token", views.renew_token),
    ):
        control.add_url_rule(rule, f"{method} {rule}", view, methods=[method])
    return control


class ControlViews:
    """The views, bound to one account."""

    def __init__(self, account: Account, access: Access) -> None:
        """Steer `account` and the tokens of `access`."""
        self._account, self._access = account, access

    def create(self, object_type: str) -> _Answer:
        """POST {properties, associations?, at?}: a sales person adds a record."""
        table, body = self._account.table(object_type), asked.body()
        write = self._account.prepare_create(table, body, SALES_PERSON, at=_moment(body))
        return _everything(self._account, write()), 201

    def edit(self, object_type: str, record_id: str) -> _Answer:
        """PATCH {properties, at?}: a sales person edits a record."""
        table, body = self._account.table(object_type), asked.body()
        record = table.get(record_id, merged=True)
        properties = body.get("properties")
        self._account.prepare_update(table, record, properties, SALES_PERSON, at=_moment(body))()
        return _everything(self._account, record), 200

    def archive(self, object_type: str, record_id: str) -> _Answer:
        """DELETE: a sales person deletes a record."""
        self._account.archive(self._account.table(object_type), record_id, SALES_PERSON)
        return "", 204

    def restore(self, object_type: str, record_id: str) -> _Answer:
        """POST: a sales person restores a record from the recycle bin."""
        table = self._account.table(object_type)
        return _everything(
            self._account, self._account.restore(table, record_id, SALES_PERSON)
        ), 200

    def merge(self, object_type: str) -> _Answer:
        """POST {primary, other}: a sales person merges two records."""
        table, body = self._account.table(object_type), asked.body()
        primary, other = str(body.get("primary", "")), str(body.get("other", ""))
        return _everything(self._account, self._account.merge(table, primary, other)), 200

    def records(self, object_type: str) -> _Answer:
        """GET every record of a type, archived ones too, with history and associations."""
        table = self._account.table(object_type)
        return {"results": [_everything(self._account, record) for record in table]}, 200

    def counts(self) -> _Answer:
        """GET how many records of each type there are, archived ones left out."""
        return {name: len(table) for name, table in self._account.tables.items()}, 200

    def expire_token(self) -> _Answer:
        """POST {times?}: refuse so many calls, or all until renewed."""
        times = posted().get("times")
        if times is not None and (not isinstance(times, int) or times < 1):
            raise invalid("times must be a whole number of at least 1, or be left out")
        self._access.expire(times)
        return {}, 200

    def renew_token(self) -> _Answer:
        """POST: accept the tokens again."""
        self._access.renew()
        return {}, 200


def _moment(body: Mapping[str, Any]) -> datetime | None:
    if body.get("at") is None:
        return None
    try:
        return parse_moment(str(body["at"]))
    except ValueError as exc:
        raise invalid(f"at must be ISO 8601 with a zone, or epoch milliseconds: {exc}") from exc


def _everything(account: Account, record: Record) -> dict[str, Any]:
    body = record.as_json(sorted(record.values), sorted(record.history))
    body["associations"] = account.associations.all_of(record.type.name, record.id)
    return body
