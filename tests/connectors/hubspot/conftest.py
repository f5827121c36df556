"""A HubSpot connection to an imitated account, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from connectors.hubspot.connector import HubSpot
from connectors.hubspot.sandbox import HubSpotSandbox, create
from syncbridge.model.record import Kind
from syncbridge.remote.http import Patience
from syncbridge.sandbox import SandboxServer

FIELDS = ("firstname", "lastname", "phone", "email", "company", "whatsapp_name")


class MovableClock:
    """The time of both sides."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **parts: float) -> datetime:
        self.at += timedelta(**parts)
        return self.at


class World:
    """The imitated account, the connection to it, and the sales person who edits there."""

    def __init__(self, url: str, sandbox: HubSpotSandbox, clock: MovableClock) -> None:
        self.url = url
        self.sandbox = sandbox
        self.clock = clock
        self.hubspot = self.connect()

    def connect(self, *, deadline_s: float = 10.0, **options: Any) -> HubSpot:
        return HubSpot.connect(
            "hs",
            {"access_token": "sandbox", "client_secret": "sandbox", "app_id": "", **options},
            now=self.clock,
            base_url=self.url,
            fields={Kind.CONTACT: FIELDS},
            patience=Patience(deadline_s=deadline_s, sleep=self.sleep),
        )

    def sleep(self, seconds: float) -> None:
        """Let the time of a quick retry pass on both sides, and none for real."""
        self.clock.advance(seconds=seconds)

    def steer(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        answer = requests.request(method, f"{self.url}/_control{path}", json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def sales_adds(self, **properties: str) -> str:
        return str(self.steer("POST", "/contacts", {"properties": properties})["id"])

    def sales_edits(self, contact_id: str, **properties: str) -> None:
        self.steer("PATCH", f"/contacts/{contact_id}", {"properties": properties})

    def stored(self, kind: str = "contacts") -> list[dict[str, Any]]:
        rows = self.steer("GET", f"/records/{kind}")["results"]
        return [row for row in rows if not row["archived"]]

    def calls(self) -> int:
        return sum(self.sandbox.calls.report()["by_route"].values())


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def bare(clock: MovableClock) -> Iterator[World]:
    """An account in which nothing has been made yet."""
    sandbox = create(now=clock, index_lag_s=0.0)
    with SandboxServer(sandbox) as server:
        world = World(server.url, sandbox, clock)
        yield world
        world.hubspot.setup.http.close()


@pytest.fixture
def world(bare: World) -> World:
    """An account with our properties."""
    assert all(finding.is_good for finding in bare.hubspot.prepare())
    return bare
