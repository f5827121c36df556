"""Files of messages: fetched, kept encrypted, linked in the entry, opened by the link alone."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

import connectors.hubspot.sandbox
import connectors.whatsapp.sandbox
from connectors.whatsapp.sandbox import payloads
from syncbridge.bootstrap import Service, build, read_settings
from syncbridge.engine import resync, rounds
from syncbridge.sandbox import SandboxServer
from syncbridge.web.app import create_app

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SETTINGS = """
[service]
database_url = "sqlite:///{path}/syncbridge.db"
public_url = "https://sync.example.com"
[connections.wa]
connector = "whatsapp"
base_url = "{whatsapp}"
phone_number_id = "1234567890"
app_secret = "sandbox"
verify_token = "sandbox"
access_token = "sandbox"
[connections.hs]
connector = "hubspot"
mode = "live"
base_url = "{hubspot}"
access_token = "sandbox"
client_secret = "sandbox"
"""


@pytest.fixture
def hubspot() -> Iterator[SandboxServer]:
    with SandboxServer(connectors.hubspot.sandbox.create(webhook_url=None)) as server:
        yield server


@pytest.fixture
def whatsapp() -> Iterator[SandboxServer]:
    with SandboxServer(connectors.whatsapp.sandbox.create(webhook_url=None)) as server:
        yield server


@pytest.fixture
def service(tmp_path: Path, hubspot: SandboxServer, whatsapp: SandboxServer) -> Iterator[Service]:
    file = tmp_path / "syncbridge.toml"
    file.write_text(SETTINGS.format(path=tmp_path, hubspot=hubspot.url, whatsapp=whatsapp.url))
    built = build(read_settings(file, {}), is_migrating=True)
    yield built
    built.close()


def work_until_idle(service: Service) -> None:
    resync.poll(service.engine, "hs")
    while any(rounds.work(service.engine, *post) for post in rounds.posts(service.engine)):
        pass


def send_picture(service: Service, *, media_id: str) -> None:
    person = payloads.Person("491701234567", "Anna")
    update = payloads.image(person, media_id, id="wamid.picture", at=1_795_000_000, caption="look")
    body = payloads.encode(payloads.envelope([update], account="1234567890"))
    signature = {"X-Hub-Signature-256": payloads.sign(body, "sandbox")}
    client = create_app(service).test_client()
    assert client.post("/webhooks/wa", data=body, headers=signature).status_code == 200


def entry_text(hubspot: SandboxServer) -> str:
    found = requests.get(f"{hubspot.url}/_control/records/communications", timeout=5).json()
    (entry,) = found["results"]
    return str(entry["properties"]["hs_communication_body"])


def file_link(text: str) -> str:
    """Answer the path of the link to a file in an entry's text."""
    start = text.index("https://sync.example.com/files/")
    return text[start:].split("<")[0].removeprefix("https://sync.example.com")


def test_a_picture_gets_its_entry_at_once_and_its_link_when_the_file_was_fetched(
    service: Service, hubspot: SandboxServer, whatsapp: SandboxServer
) -> None:
    kept = requests.post(
        f"{whatsapp.url}/_control/media",
        data=PICTURE,
        headers={"Content-Type": "image/png"},
        timeout=5,
    ).json()
    send_picture(service, media_id=kept["id"])
    work_until_idle(service)
    answer = create_app(service).test_client().get(file_link(entry_text(hubspot)))
    assert answer.status_code == 200
    assert answer.data == PICTURE
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_link_with_another_signature_opens_nothing(
    service: Service, hubspot: SandboxServer, whatsapp: SandboxServer
) -> None:
    kept = requests.post(f"{whatsapp.url}/_control/media", data=PICTURE, timeout=5).json()
    send_picture(service, media_id=kept["id"])
    work_until_idle(service)
    link = file_link(entry_text(hubspot))
    forged = link[:-4] + ("0000" if link[-4:] != "0000" else "1111")
    assert create_app(service).test_client().get(forged).status_code == 404


def test_a_file_that_the_vendor_does_not_have_is_marked_missing_with_the_reason(
    service: Service, hubspot: SandboxServer
) -> None:
    send_picture(service, media_id="999999")
    work_until_idle(service)
    assert "file missing: not_found" in entry_text(hubspot)
    assert "look" in entry_text(hubspot)


def test_files_are_encrypted_at_rest(service: Service, whatsapp: SandboxServer) -> None:
    kept = requests.post(f"{whatsapp.url}/_control/media", data=PICTURE, timeout=5).json()
    send_picture(service, media_id=kept["id"])
    work_until_idle(service)
    stored = service.store.read(
        lambda tx: tx.exec_driver_sql("SELECT content FROM files").scalar_one()
    )
    assert PICTURE not in bytes(stored)
