"""The imitated WhatsApp, over HTTP: people speak, the API answers, webhooks arrive."""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests

from connectors.whatsapp.sandbox import WhatsAppSandbox, create, payloads
from connectors.whatsapp.webhook import answer_handshake, check_signature
from connectors.whatsapp.wire import parse
from syncbridge.errors import WebhookRefused
from syncbridge.model.event import Event, MessageSeen, StatusSeen
from syncbridge.sandbox import SandboxServer
from tests.connectors.whatsapp.deliveries import ANA, AT, BEA
from tests.sandbox.toy import Receiver

TOKEN = {"Authorization": "Bearer sandbox"}
TEXT = {
    "messaging_product": "whatsapp",
    "to": "+4915112345678",
    "type": "text",
    "text": {"body": "hi"},
}


class Endpoint(Receiver):
    """A service's webhook address that also knows the handshake."""

    def __call__(self, environ, start_response):  # type: ignore[no-untyped-def]
        if environ["REQUEST_METHOD"] != "GET":
            return super().__call__(environ, start_response)
        query = dict(parse_qsl(environ["QUERY_STRING"]))
        try:
            body, status = answer_handshake(query, "sandbox"), "200 OK"
        except WebhookRefused:
            body, status = "no", "403 Forbidden"
        start_response(status, [("Content-Length", str(len(body)))])
        return [body.encode()]

    def events(self) -> list[Event]:
        return [event for body in self.bodies for event in parse(body).events]


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    with SandboxServer(endpoint) as server:
        endpoint.url = f"{server.url}/webhooks/wa"  # type: ignore[attr-defined]
        yield endpoint


@pytest.fixture
def sandbox(endpoint: Endpoint) -> Iterator[WhatsAppSandbox]:
    sandbox = create(
        webhook_url=endpoint.url,  # type: ignore[attr-defined]
        now=lambda: datetime.fromtimestamp(AT, UTC),
        retry_delays_s=(100.0,),
    )
    with SandboxServer(sandbox) as server:
        sandbox.url = server.url  # type: ignore[attr-defined]
        yield sandbox


def call(sandbox: WhatsAppSandbox, method: str, path: str, **more: Any) -> requests.Response:
    address = path if path.startswith("http") else f"{sandbox.url}{path}"  # type: ignore[attr-defined]
    return requests.request(method, address, timeout=5, **more)


def control(sandbox: WhatsAppSandbox, path: str, body: object) -> dict[str, Any]:
    answer = call(sandbox, "POST", f"/_control/{path}", json=body)
    return {"http": answer.status_code, **answer.json()}


def graph(sandbox: WhatsAppSandbox, method: str, path: str, **more: Any) -> tuple[int, Any]:
    answer = call(sandbox, method, path, **{"headers": TOKEN, **more})
    return answer.status_code, answer.json()


def test_something_said_arrives_signed_and_escaped(
    sandbox: WhatsAppSandbox, endpoint: Endpoint
) -> None:
    said = control(
        sandbox, "say", {"from": ANA.number, "name": ANA.name, "text": "Grüß http://a@b"}
    )
    endpoint.wait_for(1)
    (body,), (headers,) = endpoint.bodies, endpoint.headers
    check_signature(body, {"x-hub-signature-256": headers["X_HUB_SIGNATURE_256"]}, "sandbox")
    assert rb"Gr\u00fc\u00df http:\/\/a\u0040b" in body
    (event,) = endpoint.events()
    assert isinstance(event.body, MessageSeen)
    assert (event.body.message.remote_id, event.body.content.text, event.body.peer.name) == (
        said["id"], "Grüß http://a@b", "Ana Köhler",
    )  # fmt: skip
    assert event.account == payloads.ACCOUNT
    assert call(sandbox, "GET", "/_control/messages").json()["said"][0]["id"] == said["id"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"user_id": "DE.1", "username": "ana", "text": "hi"}, {"user_id": "DE.1"}),
        ({"from": "491", "type": "location", "location": {"latitude": 1, "longitude": 2}}, {}),
        ({"from": "+491", "type": "image", "image": {"id": "7"}, "reply_to": "wamid.A"}, {}),
        ({"to": "491", "text": "from the app"}, {"number": "491"}),
        ({"from": "491", "text": "x", "at": "2026-01-01T00:00:00+00:00", "id": "wamid.Z"}, {}),
        ({"from": "491", "text": "x", "phone_number_id": "77"}, {}),
    ],
)
def test_each_way_to_say_something_makes_one_message(
    sandbox: WhatsAppSandbox, endpoint: Endpoint, said: dict, expected: dict
) -> None:
    assert control(sandbox, "say", said)["http"] == 201
    endpoint.wait_for(1)
    (event,) = endpoint.events()
    assert isinstance(event.body, MessageSeen)
    assert {key: getattr(event.body.peer, key) for key in expected} == expected
    assert event.account == said.get("phone_number_id", payloads.ACCOUNT)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"text": "hi"},
        {"from": "491"},
        {"from": "491", "text": "x", "at": "soon"},
        {"from": "491", "text": "x", "at": "2026-01-01T00:00:00"},
        {"field": "messages"},
    ],
)
def test_the_control_api_tells_what_it_lacks(sandbox: WhatsAppSandbox, said: dict) -> None:
    answer = control(sandbox, "say", said)
    assert answer["http"] == 400
    assert answer["error"]


def test_a_thousand_updates_come_in_one_delivery(
    sandbox: WhatsAppSandbox, endpoint: Endpoint
) -> None:
    updates: list[Any] = [{"from": f"49{n}", "text": f"{n}"} for n in range(998)]
    updates += [
        payloads.status("wamid.O", "read", at=AT),
        payloads.account_update("security", event="X"),
    ]
    assert len(control(sandbox, "batch", {"updates": updates})["ids"]) == 1000
    endpoint.wait_for(1)
    assert len(endpoint.bodies) == 1
    assert len({event.key for event in endpoint.events()}) == 1000
    assert control(sandbox, "batch", {"updates": [*updates, updates[0]]})["http"] == 400


def test_a_recorded_delivery_is_posted_as_often_as_asked(
    sandbox: WhatsAppSandbox, endpoint: Endpoint
) -> None:
    payload = payloads.envelope([payloads.text(BEA, "hi", id="wamid.M", at=AT)])
    control(sandbox, "post", {"payload": payload, "repeat": 3})
    endpoint.wait_for(3)
    assert set(endpoint.bodies) == {payloads.encode(payload)}
    assert all("X_HUB_SIGNATURE_256" in headers for headers in endpoint.headers)


def test_what_is_broken_or_unsigned_can_be_posted_too(
    sandbox: WhatsAppSandbox, endpoint: Endpoint
) -> None:
    control(sandbox, "post", {"body": '{"object":', "sign": False})
    endpoint.wait_for(1)
    assert endpoint.bodies == [b'{"object":']
    assert "X_HUB_SIGNATURE_256" not in endpoint.headers[0]
    assert control(sandbox, "post", {"payload": 5})["http"] == 400


def test_a_delivery_that_is_not_taken_comes_again(
    sandbox: WhatsAppSandbox, endpoint: Endpoint
) -> None:
    endpoint.statuses = [500]
    update = payloads.account_update("account_update", event="X")
    control(sandbox, "say", update)
    endpoint.wait_for(1)
    assert sandbox.webhooks is not None
    sandbox.clock.advance(100)
    endpoint.wait_for(2)
    assert sandbox.webhooks.wait_idle(5)
    # The same bytes: a retry is recognised by its keys.
    assert len(set(endpoint.bodies)) == 1
    report = call(sandbox, "GET", "/_control/webhooks").json()
    assert (report["failed"], report["retried"], report["sent"]) == (1, 1, 1)


def test_the_handshake_is_metas(sandbox: WhatsAppSandbox) -> None:
    assert control(sandbox, "handshake", {})["is_ours"] is True
    sandbox.verify_token = "another"
    answer = control(sandbox, "handshake", {})
    assert (answer["is_ours"], answer["status"]) == (False, 403)


def test_a_message_sent_is_accepted_and_its_course_told(
    sandbox: WhatsAppSandbox, endpoint: Endpoint
) -> None:
    status, body = graph(
        sandbox, "POST", "/v23.0/555/messages", json={**TEXT, "biz_opaque_callback_data": "our-id"}
    )
    assert status == 200
    assert body["contacts"] == [{"input": "+4915112345678", "wa_id": "4915112345678"}]
    endpoint.wait_for(3)
    events = endpoint.events()
    told = [event.body for event in events if isinstance(event.body, StatusSeen)]
    assert {one.status.value for one in told} == {"sent", "delivered", "read"}
    assert {one.callback_data for one in told} == {"our-id"}
    assert {one.message.remote_id for one in told} == {body["messages"][0]["id"]}
    assert {event.account for event in events} == {"555"}
    sent = call(sandbox, "GET", "/_control/messages").json()["sent"]
    assert [(one["phone_number_id"], one["message"]["text"]) for one in sent] == [
        ("555", {"body": "hi"})
    ]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"messaging_product": "x"}, 100),
        ({"to": ""}, 131008),
        ({"to": "nobody"}, 131009),
        ({"type": "hologram"}, 131009),
        ({"text": {}}, 131008),
        ({"text": "hi"}, 131009),
        ({"text": {"body": "x" * 4097}}, 100),
        ({"biz_opaque_callback_data": "x" * 513}, 131009),
        ({"type": "template", "template": {"name": "t"}}, 131008),
        ({"type": "image", "image": {"caption": "x"}}, 131008),
        ({"status": "read", "message_id": "x"}, 131009),
    ],
)
def test_a_bad_message_is_refused_and_not_sent(
    sandbox: WhatsAppSandbox, changed: dict, code: int
) -> None:
    status, body = graph(sandbox, "POST", "/v23.0/555/messages", json=TEXT | changed)
    assert (status, body["error"]["code"]) == (400, code)
    assert body["error"]["fbtrace_id"]
    assert call(sandbox, "GET", "/_control/messages").json()["sent"] == []


@pytest.mark.parametrize(
    "message",
    [
        TEXT | {"to": None, "recipient": "DE.1"},
        TEXT | {"type": "template", "template": {"name": "t", "language": {"code": "de"}}},
        TEXT | {"type": "image", "image": {"link": "https://example.org/a.jpg"}},
        TEXT | {"type": "contacts", "contacts": [{}]},
        {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.A"},
    ],
)
def test_every_form_of_message_is_accepted(sandbox: WhatsAppSandbox, message: dict) -> None:
    assert graph(sandbox, "POST", "/v23.0/555/messages", json=message)[0] == 200


@pytest.mark.parametrize("token", [{}, {"Authorization": "Bearer other"}])
def test_nothing_is_answered_without_the_token(sandbox: WhatsAppSandbox, token: dict) -> None:
    for method, path in (("GET", "/v23.0/555"), ("POST", "/v23.0/555/messages")):
        status, body = graph(sandbox, method, path, headers=token)
        assert (status, body["error"]["code"]) == (401, 190)


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("429:retry-after=3", 429, 130429),
        ("503", 503, 131016),
        ("502", 502, 131000),
        ("404", 404, 100),
        ("expired-token", 401, 190),
        ("daily-limit", 400, 80007),
    ],
)
def test_a_fault_is_worded_as_meta_does(
    sandbox: WhatsAppSandbox, fault: str, status: int, code: int
) -> None:
    sandbox.faults.arm(fault)
    answer = call(sandbox, "GET", "/v23.0/555", headers=TOKEN)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.headers.get("Retry-After") == ("3" if "retry" in fault else None)


def test_a_file_is_found_by_its_id_and_its_address_dies(sandbox: WhatsAppSandbox) -> None:
    content = b"\x89PNG"
    stored = call(
        sandbox, "POST", "/_control/media", data=content, headers={"Content-Type": "image/png"}
    ).json()
    _, told = graph(sandbox, "GET", f"/v23.0/{stored['id']}")
    assert (told["mime_type"], told["file_size"]) == ("image/png", 4)
    assert told["sha256"] == hashlib.sha256(content).hexdigest()
    assert call(sandbox, "GET", told["url"]).status_code == 401
    assert call(sandbox, "GET", told["url"], headers=TOKEN).content == content
    sandbox.clock.advance(300)
    assert call(sandbox, "GET", told["url"], headers=TOKEN).status_code == 404
    assert graph(sandbox, "GET", f"/v23.0/{stored['id']}")[0] == 200
    sandbox.clock.advance(7 * 24 * 3600)
    assert graph(sandbox, "GET", f"/v23.0/{stored['id']}?phone_number_id=1")[0] == 400


def test_reset_forgets_what_was_said(sandbox: WhatsAppSandbox) -> None:
    control(sandbox, "say", {"from": "491", "text": "x"})
    call(sandbox, "POST", "/_control/reset")
    assert call(sandbox, "GET", "/_control/messages").json() == {"said": [], "sent": []}


def test_it_runs_without_anybody_to_tell() -> None:
    with SandboxServer(create()) as server:
        said = {"from": "491", "text": "x"}
        assert requests.post(f"{server.url}/_control/say", json=said, timeout=5).status_code == 201
        for path in ("post", "handshake"):
            answer = requests.post(f"{server.url}/_control/{path}", json={"body": "x"}, timeout=5)
            assert answer.status_code == 400


def test_payloads_are_plain_ascii_json() -> None:
    update = payloads.text(ANA, 'ß/@%<"\\', id="wamid.M", at=AT)
    body = payloads.encode(payloads.envelope([update]))
    assert re.fullmatch(rb"[\x20-\x7e]+", body)
    assert json.loads(body) == payloads.envelope([update])
