"""Every recorded WhatsApp webhook goes through the door, the splitter and the engine."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syncbridge.bootstrap import Service, build, read_settings
from syncbridge.engine import rounds
from syncbridge.engine.context import Table
from syncbridge.web.app import create_app

RECORDED = Path(__file__).parents[3] / "shared" / "specs" / "whatsapp" / "webhooks"
NUMBER = "1234567890"
SETTINGS = f"""
[service]
database_url = "sqlite:///{{path}}/syncbridge.db"
[connections.wa]
connector = "whatsapp"
base_url = "http://127.0.0.1:9"
phone_number_id = "{NUMBER}"
app_secret = "sandbox"
verify_token = "sandbox"
[connections.hs]
connector = "hubspot"
base_url = "http://127.0.0.1:9"
access_token = "sandbox"
client_secret = "sandbox"
"""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    file = tmp_path / "syncbridge.toml"
    file.write_text(SETTINGS.format(path=tmp_path))
    built = build(read_settings(file, {}), is_migrating=True)
    yield built
    built.close()


def recorded_payloads() -> list[Path]:
    return sorted(RECORDED.glob("*/*.json"))


def addressed_to_us(value: Any) -> Any:
    """Answer the payload with every business number replaced by ours."""
    if isinstance(value, dict):
        ours = {key: addressed_to_us(part) for key, part in value.items()}
        if "phone_number_id" in ours and "display_phone_number" in ours:
            ours["phone_number_id"] = NUMBER
        return ours
    if isinstance(value, list):
        return [addressed_to_us(part) for part in value]
    return value


def post(service: Service, payload: Any) -> int:
    body = json.dumps(payload).encode()
    mac = hmac.new(b"sandbox", body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={mac}"}
    client = create_app(service).test_client()
    return client.post("/webhooks/wa", data=body, headers=headers).status_code


def work_until_idle(service: Service) -> None:
    tables = (Table.DELIVERIES, Table.EVENTS)
    while any(rounds.work(service.engine, table) for table in tables):
        pass


def rows(service: Service, query: str) -> list[tuple[Any, ...]]:
    return service.store.read(lambda tx: [tuple(row) for row in tx.exec_driver_sql(query)])


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded payloads are not here")
def test_recorded_webhooks_are_all_taken_in_and_none_breaks_the_engine(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    for path in recorded_payloads():
        assert post(service, addressed_to_us(json.loads(path.read_text()))) == 200, path.name
        work_until_idle(service)
    assert rows(service, "SELECT id FROM deliveries WHERE state <> 'split'") == []
    assert rows(service, "SELECT key, reason FROM events WHERE state IN ('due', 'set_aside')") == []
    unseen = "SELECT key FROM events WHERE state = 'parked' AND waits_for IS NULL"
    assert rows(service, unseen) == []
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded payloads are not here")
def test_recorded_webhooks_delivered_again_change_nothing(service: Service) -> None:
    payloads = [addressed_to_us(json.loads(path.read_text())) for path in recorded_payloads()]
    for payload in payloads:
        post(service, payload)
    work_until_idle(service)
    before = rows(service, "SELECT id, rev, golden FROM persons ORDER BY id")
    messages = rows(service, "SELECT id, text, status, reactions FROM messages ORDER BY id")
    owed = rows(service, "SELECT id, state, rev FROM outbox ORDER BY id")
    for payload in reversed(payloads):
        # Other bytes, the same things said: only the events' own keys can tell.
        post(service, {**payload, "again": True})
    work_until_idle(service)
    assert rows(service, "SELECT id, rev, golden FROM persons ORDER BY id") == before
    assert rows(service, "SELECT id, text, status, reactions FROM messages ORDER BY id") == messages
    assert rows(service, "SELECT id, state, rev FROM outbox ORDER BY id") == owed
