"""An imitated HubSpot on a free port with a clock that stands still, and short ways to call it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from connectors.hubspot.sandbox import HubSpotSandbox, create
from syncbridge.sandbox import SandboxServer
from tests.sandbox.toy import fixed_clock

#: A custom unique property, as a connector would create it.
EXTERNAL_ID = {
    "name": "wa_sync_external_id",
    "label": "External id",
    "type": "string",
    "fieldType": "text",
    "groupName": "contactinformation",
    "hasUniqueValue": True,
}


@dataclass
class World:
    """The sandbox, where it listens, and a session with its token."""

    sandbox: HubSpotSandbox
    url: str
    token: str = "sandbox"
    session: requests.Session = field(default_factory=requests.Session)

    def call(self, method: str, path: str, body: object = None, **params: object) -> Any:
        """The answer's JSON with its status under "code"."""
        answer = self.raw(method, path, body, **params)
        return {"code": answer.status_code, **(answer.json() if answer.content else {})}

    def raw(
        self, method: str, path: str, body: object = None, **params: object
    ) -> requests.Response:
        return self.session.request(
            method,
            self.url + path,
            json=body,
            params=params,  # type: ignore[arg-type]
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=10,
        )

    def objects(self, method: str, tail: str = "", body: object = None, **params: object) -> Any:
        return self.call(method, f"/crm/objects/2026-03/contacts{tail}", body, **params)

    def contact(self, **properties: str) -> str:
        """Create a contact and return its id."""
        given = {"firstname": "Ada", **properties}
        made = self.objects("POST", "", {"properties": given})
        assert made["code"] == 201, made
        return str(made["id"])

    def message(self, contact_id: str, **properties: str) -> Any:
        """Create a communication that belongs to a contact."""
        given = {
            "hs_communication_channel_type": "WHATS_APP",
            "hs_communication_logged_from": "CRM",
            "hs_timestamp": "2026-05-01T10:00:00Z",
            "hs_communication_body": "Hello",
            **properties,
        }
        kept = {name: value for name, value in given.items() if value is not None}
        return self.call(
            "POST",
            "/crm/objects/2026-03/communications",
            {"properties": kept, "associations": [association(contact_id, 81)]},
        )

    def add_external_id(self) -> None:
        made = self.call("POST", "/crm/properties/2026-03/contacts", EXTERNAL_ID)
        assert made["code"] == 201, made

    def search(self, *filters: dict[str, Any], **body: object) -> Any:
        groups = [{"filters": list(filters)}] if filters else []
        return self.objects("POST", "/search", {"filterGroups": groups, **body})

    def control(self, method: str, path: str, body: object = None) -> Any:
        return self.call(method, f"/_control/{path}", body)


def association(target_id: str, type_id: int) -> dict[str, Any]:
    """An inline association for a create."""
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]
    return {"to": {"id": target_id}, "types": types}


def where(name: str, operator: str, value: object = None, **more: object) -> dict[str, Any]:
    """A search filter."""
    return {"propertyName": name, "operator": operator, "value": value, **more}


@contextmanager
def hubspot(**options: Any) -> Iterator[World]:
    """Serve an empty account; options as `create` takes them."""
    with serve(create(**{"now": fixed_clock(), "index_lag_s": 0.0, **options})) as world:
        yield world


@contextmanager
def serve(sandbox: HubSpotSandbox) -> Iterator[World]:
    """Serve this account."""
    with SandboxServer(sandbox) as server, requests.Session() as session:
        yield World(sandbox, server.url, session=session)
