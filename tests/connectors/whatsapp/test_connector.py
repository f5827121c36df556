"""The connector against the imitated WhatsApp."""

from collections.abc import Iterator
from configparser import ConfigParser
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from flask import request

from connectors.whatsapp.connector import WhatsApp
from connectors.whatsapp.sandbox import WhatsAppSandbox, create, payloads
from syncbridge.errors import (
    CredentialsRevoked,
    Invalid,
    NotFound,
    RateLimited,
    RemoteError,
    Unavailable,
    WebhookRefused,
)
from syncbridge.model.record import Kind
from syncbridge.remote.base import WebhookRequest
from syncbridge.remote.http import Patience
from syncbridge.remote.registry import GROUP, connector_class
from syncbridge.sandbox import SandboxServer
from tests.connectors.whatsapp.deliveries import ANA, AT

OPTIONS = {
    "phone_number_id": "1234567890",
    "app_secret": "sandbox",
    "verify_token": "word",
    "access_token": "sandbox",
}


def now() -> datetime:
    return datetime.fromtimestamp(AT, UTC)


@pytest.fixture
def sandbox() -> Iterator[WhatsAppSandbox]:
    sandbox = create(now=now)
    with SandboxServer(sandbox) as server:
        sandbox.url = server.url  # type: ignore[attr-defined]
        yield sandbox


def connected(sandbox: WhatsAppSandbox, **options: Any) -> WhatsApp:
    return WhatsApp.connect(
        "wa",
        OPTIONS | options,
        now=now,
        base_url=sandbox.url,  # type: ignore[attr-defined]
        patience=Patience(sleep=lambda _: None),
    )


def stored(sandbox: WhatsAppSandbox, content: bytes, mime_type: str = "image/png") -> str:
    with sandbox.lock:
        return sandbox.world.keep(content, mime_type, at=AT).id


def test_it_is_found_by_its_name() -> None:
    setup = ConfigParser()
    setup.read(Path(__file__).parents[3] / "setup.cfg")
    lines = setup["options.entry_points"][GROUP].strip().splitlines()
    pairs = (line.split(" = ") for line in lines)
    entries = [EntryPoint(name, value, GROUP) for name, value in pairs]
    assert connector_class("whatsapp", entries) is WhatsApp


def test_it_reads_and_never_writes() -> None:
    can = WhatsApp.capabilities
    assert can.reads == {Kind.MESSAGE, Kind.CONTACT}
    assert (can.writes, can.is_channel, can.has_media, can.window_ms) == (
        frozenset(), True, True, 1000,
    )  # fmt: skip


def test_secrets_are_declared_as_such() -> None:
    assert {option.name for option in WhatsApp.options if option.secret} == {
        "app_secret", "verify_token", "access_token",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "places"),
    [
        ({}, []),
        ({"api_version": "v24.0"}, []),
        ({"phone_number_id": "+49 151"}, ["phone_number_id"]),
        ({"phone_number_id": "", "api_version": "23"}, ["phone_number_id", "api_version"]),
    ],
)
def test_options_of_the_wrong_shape_are_told(changed: dict, places: list[str]) -> None:
    assert [problem.place for problem in WhatsApp.problems(OPTIONS | changed)] == places


def test_the_account_is_the_numbers(sandbox: WhatsAppSandbox) -> None:
    account = connected(sandbox).account()
    assert (account.id, account.name) == ("1234567890", "Sandbox Trading")


def test_without_a_token_the_account_is_the_configured_one(sandbox: WhatsAppSandbox) -> None:
    connector = connected(sandbox, access_token=None)
    assert connector.account().id == "1234567890"
    assert [finding.is_good for finding in connector.check()] == [False]
    assert sandbox.calls.report()["total"] == 0


def test_a_good_number_is_found_good(sandbox: WhatsAppSandbox) -> None:
    findings = connected(sandbox).check()
    assert [finding.what for finding in findings] == [
        "the token reads the number of Sandbox Trading",
        "the number's quality is green",
    ]
    assert all(finding.is_good for finding in findings)


@pytest.mark.parametrize(
    ("fault", "word"),
    [("expired-token", "token"), ("404", "not found"), ("403", "token")],
)
def test_a_refusal_is_a_finding_with_a_remedy(
    sandbox: WhatsAppSandbox, fault: str, word: str
) -> None:
    sandbox.faults.arm(fault)
    (finding,) = connected(sandbox).check()
    assert not finding.is_good
    assert word in finding.what
    assert finding.remedy


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("429", RateLimited),
        ("daily-limit", RateLimited),
        ("expired-token", CredentialsRevoked),
        ("500", Unavailable),
        ("503", Unavailable),
        ("404", NotFound),
        ("400", Invalid),
    ],
)
def test_refusals_are_told_apart_by_metas_codes(
    sandbox: WhatsAppSandbox, fault: str, error: type[RemoteError]
) -> None:
    sandbox.faults.arm(fault)
    with pytest.raises(error) as caught:
        connected(sandbox).account()
    assert type(caught.value) is error
    assert caught.value.connection == "wa"


def test_a_file_is_loaded_whole(sandbox: WhatsAppSandbox) -> None:
    media_id = stored(sandbox, b"\x89PNG" * 1000)
    file = connected(sandbox).fetch_media(media_id)
    assert (file.content, file.mime_type) == (b"\x89PNG" * 1000, "image/png")


def test_an_address_that_died_is_asked_for_once_more(sandbox: WhatsAppSandbox) -> None:
    media_id = stored(sandbox, b"x")
    sandbox.faults.arm("404:match=/attachments/:times=1")
    assert connected(sandbox).fetch_media(media_id).content == b"x"
    by_route = sandbox.calls.report()["by_route"]
    assert by_route["GET /<version>/<object_id>"] == 2


def test_an_address_that_stays_dead_is_given_up(sandbox: WhatsAppSandbox) -> None:
    media_id = stored(sandbox, b"x")
    sandbox.faults.arm("404:match=/attachments/")
    with pytest.raises(NotFound):
        connected(sandbox).fetch_media(media_id)
    assert sandbox.calls.report()["total"] == 4


@pytest.mark.parametrize("media_id", ["999", "../../etc/passwd", "a/b?c", ""])
def test_an_id_that_leads_nowhere_is_not_found(sandbox: WhatsAppSandbox, media_id: str) -> None:
    with pytest.raises(NotFound):
        connected(sandbox).fetch_media(media_id)


def tell(sandbox: WhatsAppSandbox, told: dict[str, Any]) -> None:
    """Have the sandbox answer this about the file 7."""
    sandbox.flask.before_request(lambda: told if request.path == "/v23.0/7" else None)


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"url": "https://evil.example/x"}, Invalid),
        ({"url": "http://lookaside.fbsbx.com/x"}, Invalid),
        ({"url": "https://fbsbx.com.evil.example/x"}, Invalid),
        ({"url": "file:///etc/passwd"}, Invalid),
        ({"url": "https://lookaside.fbsbx.com/x", "file_size": 101 * 2**20}, Invalid),
        ({}, NotFound),
    ],
)
def test_the_token_goes_to_metas_hosts_only(
    sandbox: WhatsAppSandbox, told: dict, error: type[RemoteError]
) -> None:
    tell(sandbox, told)
    with pytest.raises(error):
        connected(sandbox).fetch_media("7")
    assert sandbox.calls.report()["total"] == 1


@pytest.mark.parametrize("digest", ["ab" * 32, "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s="])
def test_a_file_that_is_not_the_announced_one_is_not_taken(
    sandbox: WhatsAppSandbox, digest: str
) -> None:
    media_id = stored(sandbox, b"other bytes")
    url = f"{sandbox.url}/attachments/{media_id}/{AT + 300}"  # type: ignore[attr-defined]
    tell(sandbox, {"url": url, "sha256": digest, "mime_type": "image/png"})
    with pytest.raises(Unavailable, match="hash"):
        connected(sandbox).fetch_media("7")


def test_webhooks_are_verified_and_split(sandbox: WhatsAppSandbox) -> None:
    connector = connected(sandbox)
    body = payloads.encode(payloads.envelope([payloads.text(ANA, "hi", id="wamid.M", at=AT)]))
    headers = {"x-hub-signature-256": payloads.sign(body, "sandbox")}
    request = WebhookRequest(body, headers, "POST", "https://example.org/webhooks/wa", now())
    connector.verify(request)
    assert len(connector.parse(body).events) == 1
    with pytest.raises(WebhookRefused):
        connector.verify(WebhookRequest(body + b" ", headers, "POST", request.url, now()))


def test_the_handshake_knows_the_configured_word(sandbox: WhatsAppSandbox) -> None:
    query = {"hub.mode": "subscribe", "hub.challenge": "77", "hub.verify_token": "word"}
    assert connected(sandbox).handshake(query) == "77"


def test_a_token_is_no_part_of_a_refusals_words(sandbox: WhatsAppSandbox) -> None:
    with pytest.raises(CredentialsRevoked) as caught:
        connected(sandbox, access_token="very-secret").account()
    assert "very-secret" not in str(caught.value)
