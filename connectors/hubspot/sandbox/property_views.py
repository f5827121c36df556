"""The properties API, and the account's details."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint

from connectors.hubspot.sandbox import asked, routes
from connectors.hubspot.sandbox.access import Access
from connectors.hubspot.sandbox.account import Account

_Answer = tuple[Any, int]


def property_blueprint(account: Account, access: Access) -> Blueprint:
    """The routes below /crm/v3/properties and /account-info, and their dated spellings."""
    views = PropertyViews(account, access)
    blueprint = Blueprint("properties", __name__)
    for method, tail, view in (
        ("GET", "/<object_type>", views.listed),
        ("POST", "/<object_type>", views.created),
        ("GET", "/<object_type>/<name>", views.read),
        ("PATCH", "/<object_type>/<name>", views.updated),
        ("DELETE", "/<object_type>/<name>", views.removed),
    ):
        routes.add(blueprint, method, "crm/properties", tail, view)
    routes.add(blueprint, "GET", "account-info", "/details", views.details)
    return blueprint


class PropertyViews:
    """The views, bound to one account."""

    def __init__(self, account: Account, access: Access) -> None:
        """Answer for `account`; `access` knows what the caller's token may."""
        self._account, self._access = account, access

    def listed(self, object_type: str) -> _Answer:
        """GET all properties of an object type."""
        entries = self._account.table(object_type).properties.all()
        return {"results": [entry.as_json() for entry in entries]}, 200

    def read(self, object_type: str, name: str) -> _Answer:
        """GET one property."""
        return self._account.table(object_type).properties.named(name).as_json(), 200

    def created(self, object_type: str) -> _Answer:
        """POST a custom property."""
        self._access.require_schema_write()
        properties = self._account.table(object_type).properties
        return properties.add(asked.body(), self._account.clock.now()).as_json(), 201

    def updated(self, object_type: str, name: str) -> _Answer:
        """PATCH a custom property."""
        self._access.require_schema_write()
        properties = self._account.table(object_type).properties
        return properties.update(name, asked.body()).as_json(), 200

    def removed(self, object_type: str, name: str) -> _Answer:
        """DELETE a custom property."""
        self._access.require_schema_write()
        self._account.table(object_type).properties.remove(name)
        return "", 204

    def details(self) -> _Answer:
        """GET what kind of account this is."""
        options = self._account.options
        offset = self._account.clock.now().astimezone(ZoneInfo(options.time_zone)).utcoffset()
        minutes = int(offset.total_seconds() // 60) if offset else 0
        hours, rest = divmod(abs(minutes), 60)
        return {
            "portalId": options.portal_id,
            "accountType": "STANDARD",
            "timeZone": options.time_zone,
            "companyCurrency": "EUR",
            "additionalCurrencies": [],
            "utcOffset": f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}",
            "utcOffsetMilliseconds": minutes * 60_000,
            "uiDomain": "app.hubspot.com",
            "dataHostingLocation": "eu1",
        }, 200
