from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from io import BytesIO
from types import SimpleNamespace

import pytest

from connectors.whatsapp.sandbox.payloads import encode, envelope, message, sign, wamid
from syncbridge.engine import rounds, views
from syncbridge.engine.context import Table
from syncbridge.errors import StoreBusy
from syncbridge.web.webhooks import WebhookDoor
from tests.service.web_world import ANNA, PUBLIC_URL, world


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with world(tmp_path_factory.mktemp("webhooks")) as found:
        yield found


def status_of(made, connection="wa"):
    (found,) = [
        one for one in views.status(made.service.engine)["connections"] if one["name"] == connection
    ]
    return found["counters"]


def waiting(made):
    return views.status(made.service.engine)["inbox"].get("deliveries", 0)


def set_aside(made):
    while rounds.work(made.service.engine, Table.DELIVERIES):
        pass
    counted = status_of(made).items()
    return sum(
        number
        for name, number in counted
        if name == "deliveries_set_aside" or name.startswith("leftover_")
    )


def delivery(serial):
    said = message(ANNA, "text", {"body": "Hallo"}, id=wamid(ANNA.number, serial), at=1_777_885_200)
    return encode(envelope([said]))


def hubspot_signed(made, body, *, age_s=0, url=f"{PUBLIC_URL}/webhooks/hs"):
    stamp = str(int((made.clock.at.timestamp() - age_s) * 1000))
    signed = f"POST{url}".encode() + body + stamp.encode()
    mac = hmac.new(b"sandbox", signed, hashlib.sha256).digest()
    return {
        "X-HubSpot-Signature-v3": base64.b64encode(mac).decode(),
        "X-HubSpot-Request-Timestamp": stamp,
    }


def test_a_signed_delivery_is_acknowledged_and_waits(made):
    before = waiting(made)

    answer = made.deliver(delivery(1))

    assert (answer.status_code, answer.text) == (200, "ok")
    assert waiting(made) == before + 1


def test_a_repeated_delivery_is_acknowledged_and_changes_nothing(made):
    made.deliver(delivery(2))
    before, repeated = waiting(made), status_of(made).get("repeated_deliveries", 0)

    answer = made.deliver(delivery(2))

    assert answer.status_code == 200
    assert waiting(made) == before
    assert status_of(made)["repeated_deliveries"] == repeated + 1


@pytest.mark.parametrize("signature", ["", "sha256=" + "0" * 64, "sha256=ü", "nonsense"])
def test_what_is_not_signed_by_the_vendor_is_refused_and_only_counted(made, signature):
    before, refused = waiting(made), status_of(made).get("refused_401", 0)

    answer = made.deliver(delivery(3), **{"X-Hub-Signature-256": signature})

    assert answer.status_code == 401
    assert "signature" in answer.text.lower()
    assert waiting(made) == before
    assert status_of(made)["refused_401"] == refused + 1


def test_a_delivery_that_is_too_large_is_refused_and_counted(made):
    before, refused = waiting(made), status_of(made).get("refused_413", 0)

    answer = made.deliver(b" " * 20_001)

    assert answer.status_code == 413
    assert "larger than 20000 bytes" in answer.text
    assert waiting(made) == before
    assert status_of(made)["refused_413"] == refused + 1


def test_the_largest_delivery_allowed_is_taken(made):
    assert made.deliver(b" " * 20_000).status_code == 200


def environ(body, *, connection="wa", **more):
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": f"/webhooks/{connection}",
        "wsgi.input": BytesIO(body),
        "wsgi.url_scheme": "http",
        "HTTP_HOST": "localhost",
        "SERVER_NAME": "localhost",
        **more,
    }


def test_a_chunked_delivery_without_end_is_read_no_further_than_allowed(made):
    endless = BytesIO(b" " * 1_000_000)
    said = []

    made.app(
        environ(b"", **{"wsgi.input": endless, "wsgi.input_terminated": True}),
        lambda status, _headers: said.append(status),
    )

    assert said == ["413 Request Entity Too Large"]
    assert endless.tell() == 20_001


@pytest.mark.parametrize("length", ["", "-1", "many", "²"])
def test_a_delivery_without_a_length_is_an_empty_one(made, length):
    said = []

    made.app(environ(b"x", CONTENT_LENGTH=length), lambda status, _headers: said.append(status))

    assert said == ["401 Unauthorized"]


def test_the_handshake_proves_that_the_address_is_ours(made):
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "sandbox"}
    client = made.app.test_client()

    assert client.get("/webhooks/wa", query_string=asked).text == "1158201444"
    wrong = client.get("/webhooks/wa", query_string={**asked, "hub.verify_token": "other"})
    assert wrong.status_code == 403
    assert client.get("/webhooks/wa").status_code == 400


@pytest.mark.parametrize("path", ["/webhooks/nobody", "/webhooks/", "/webhooks/wa/", "/webhooks/ä"])
@pytest.mark.parametrize("size", [2, 30_000])
def test_a_connection_that_nobody_knows_is_not_there(made, path, size):
    answer = made.app.test_client().post(path, data=b"x" * size)

    assert answer.status_code == 404
    assert "there is no connection" in answer.text


def test_other_methods_are_refused(made):
    assert made.app.test_client().put("/webhooks/wa").status_code == 405


@pytest.mark.parametrize(("age_s", "status"), [(0, 200), (299, 200), (301, 401), (-301, 401)])
def test_a_crm_delivery_counts_only_while_it_is_fresh(made, age_s, status):
    body = json.dumps([{"eventId": age_s, "portalId": 1_000_001}]).encode()

    answer = made.app.test_client().post(
        "/webhooks/hs", data=body, headers=hubspot_signed(made, body, age_s=age_s)
    )

    assert answer.status_code == status


def test_a_crm_signs_the_address_it_was_given(made):
    body = b"[]"
    elsewhere = hubspot_signed(made, body, url="https://other.example.com/webhooks/hs")

    answer = made.app.test_client().post("/webhooks/hs", data=body, headers=elsewhere)

    assert answer.status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe\x00",
        b'{"object": "whatsapp_business_account", "entry": [',
        b"[" * 5_000 + b"]" * 5_000,
        b"null",
        b'"text"',
        b'{"object": "page", "entry": []}',
        b'{"object": "whatsapp_business_account", "entry": 7}',
    ],
    ids=["empty", "text", "bytes", "cut", "deep", "null", "string", "foreign", "shape"],
)
def test_a_signed_body_that_cannot_be_read_is_set_aside_and_stops_nothing(made, body):
    before = set_aside(made)
    assert made.deliver(body).status_code == 200
    assert made.deliver(delivery(1_000 + len(body))).status_code == 200

    assert set_aside(made) == before + 1
    assert waiting(made) == 0


class _BusyStore:
    def transact(self, work):
        raise StoreBusy("the disk is full")


def test_what_cannot_be_stored_is_not_acknowledged(made):
    service = SimpleNamespace(
        engine=replace(made.service.engine, store=_BusyStore()),
        settings=made.service.settings,
    )
    door = WebhookDoor(service, made.app)
    body, said = delivery(9), []

    answer = door(
        environ(
            body, CONTENT_LENGTH=str(len(body)), HTTP_X_HUB_SIGNATURE_256=sign(body, "sandbox")
        ),
        lambda status, _headers: said.append(status),
    )

    assert said == ["503 Service Unavailable"]
    assert b"again" in b"".join(answer)
