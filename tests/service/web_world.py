"""A service between imitated accounts, with a movable clock and every kind of thing to look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from flask import Flask

from connectors.hubspot.sandbox import create
from connectors.whatsapp.sandbox.payloads import Person, encode, envelope, message, sign, wamid
from syncbridge.bootstrap import Service, build, read_settings
from syncbridge.engine import resync, rounds, sweep
from syncbridge.engine.context import Table
from syncbridge.sandbox import SandboxServer
from syncbridge.web.app import create_app

TOKEN = "open-sesame"
PUBLIC_URL = "https://sync.example.com"
BEGIN = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)

ANNA = Person("4915112345678", "Anna Müller")
MALLORY = Person("33612345678", "<img src=x onerror=alert(1)>")
MUHAMMAD = Person("971501234567", "محمد الأمين")

_SETTINGS = """
[service]
database_url = "sqlite:///{directory}/sync.db"
public_url = "{public_url}"
max_body_bytes = 20000
{token}
[retry]
quick_tries = 1
compensation_tries = 0
[connections.wa]
connector = "whatsapp"
mode = "live"
base_url = "http://127.0.0.1:9"
phone_number_id = "1234567890"
app_secret = "sandbox"
verify_token = "sandbox"
access_token = "sandbox"
"""

_CRM = """
[connections.{name}]
connector = "hubspot"
mode = "{mode}"
base_url = "{url}"
access_token = "sandbox"
client_secret = "sandbox"
rank = {rank}
"""


class MovableClock:
    """Time that passes when a test says so."""

    def __init__(self, at: datetime = BEGIN) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class World:
    """The service, its application, its clock, and where its CRMs listen."""

    service: Service
    app: Flask
    clock: MovableClock
    crms: dict[str, str]
    serial: int = 0

    def deliver(self, body: bytes, **headers: str) -> Any:
        """Post bytes to the channel's webhook, signed unless the headers say otherwise."""
        given = {"X-Hub-Signature-256": sign(body, "sandbox"), **headers}
        kept = {name: value for name, value in given.items() if value}
        return self.app.test_client().post("/webhooks/wa", data=body, headers=kept)

    def say(self, person: Person, text: str = "Hallo") -> None:
        """Let somebody write."""
        self.serial += 1
        self.clock.advance(1)
        at = int(self.clock.at.timestamp())
        update = message(
            person, "text", {"body": text}, id=wamid(person.number, self.serial), at=at
        )
        assert self.deliver(encode(envelope([update]))).status_code == 200

    def control(self, crm: str, method: str, path: str, body: object = None) -> Any:
        """Steer an imitated CRM."""
        answer = requests.request(method, f"{self.crms[crm]}/_control/{path}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def records(self, crm: str) -> list[dict[str, str]]:
        """What contacts stand in a CRM, each with its id."""
        found = self.control(crm, "GET", "records/contacts")["results"]
        return [{"id": one["id"], **one["properties"]} for one in found]

    def edit(self, crm: str, phone: str, **properties: str) -> None:
        """Let a sales person edit the record with this phone."""
        self.clock.advance(1)
        (found,) = [one for one in self.records(crm) if one.get("phone") == phone]
        self.control(crm, "PATCH", f"contacts/{found['id']}", {"properties": properties})

    def poll(self) -> None:
        """Read every CRM as far as it goes."""
        self.clock.advance(2)
        for name in self.crms:
            assert resync.poll(self.service.engine, name).error == ""

    def settle(self) -> None:
        """Work until nobody finds anything to do."""
        engine = self.service.engine
        posts = [post for post in rounds.posts(engine) if post[0] is not Table.MEDIA]
        for _ in range(200):
            if not sum([rounds.work(engine, table, name) for table, name in posts]):
                return
        raise AssertionError("the service never comes to rest")

    def beat(self) -> None:
        """Let a worker show itself."""
        sweep.sweep(self.service.engine)

    def turn(self) -> None:
        """Read everywhere and work."""
        self.poll()
        self.settle()


@contextmanager
def world(directory: Path, *, mode: str = "live", token: str | None = TOKEN) -> Iterator[World]:
    """Serve one channel and two CRMs (`hs`, `hs2`) that are empty."""
    clock = MovableClock()
    servers = {
        name: SandboxServer(create(now=clock, portal_id=portal, index_lag_s=0.0))
        for name, portal in (("hs", 1_000_001), ("hs2", 1_000_002))
    }
    urls = {name: server.start().url for name, server in servers.items()}
    text = _SETTINGS.format(
        directory=directory,
        public_url=PUBLIC_URL,
        token=f'api_token = "{token}"' if token else "",
    )
    for rank, (name, url) in enumerate(urls.items(), 10):
        text += _CRM.format(name=name, mode=mode, url=url, rank=rank)
    path = directory / "syncbridge.toml"
    path.write_text(text)
    service = build(read_settings(path, {}), now=clock, is_migrating=True)
    try:
        yield World(service, create_app(service), clock, urls)
    finally:
        service.close()
        for server in servers.values():
            server.stop()


def furnish(made: World) -> None:
    """Bring about a conflict, an initial difference, dead letters and people of all sorts."""
    for crm, title in (("hs", "Einkauf"), ("hs2", "Geschäftsführung")):
        person = {"firstname": "Bea", "phone": "+493012345678", "jobtitle": title}
        made.control(crm, "POST", "contacts", {"properties": person})
    made.turn()
    made.say(ANNA, "Guten Tag, gibt es das iPhone noch? <b>Danke</b>")
    made.say(MALLORY, "</script><script>alert(1)</script>")
    made.turn()
    made.edit("hs", "+4915112345678", company="Müller GmbH")
    made.edit("hs2", "+4915112345678", company="Müller & Söhne KG")
    made.turn()
    made.control("hs2", "POST", "faults", {"spec": "400:match=contacts/batch"})
    made.say(MUHAMMAD, "مرحبا، هل المنتج متوفر؟")
    made.settle()
    made.control("hs2", "DELETE", "faults")
