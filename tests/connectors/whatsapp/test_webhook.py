"""The handshake and the signature."""

import json
from pathlib import Path

import pytest

from connectors.whatsapp.sandbox import payloads
from connectors.whatsapp.webhook import answer_handshake, check_signature, signature
from syncbridge.errors import WebhookRefused

SECRET = "app-secret-1"
#: Signed with `openssl dgst -sha256 -hmac`.
VECTORS = [
    (
        b'{"object":"whatsapp_business_account","entry":[]}',
        "0ca28c0f1996234eb6829e59ad3c11a18161f6eb043943d601e420c312432cdf",
    ),
    (
        rb'{"t":"caf\u00e9 \ud83d\ude00 https:\/\/x.y a\u0040b 100\u0025"}',
        "19c028d39441117d20dcd091d148038ce3da9b5d46ee235546af129f63f8f0f4",
    ),
    (
        '{"t":"café 😀"}'.encode(),
        "1caa1f45258a88e6b4d1f710027e202c837971f8009af9313f047f604be4c7b2",
    ),
]
RECORDED = (
    Path(__file__).parents[4]
    / "shared/specs/whatsapp/webhooks/signature_test_vectors.json"
)  # fmt: skip
CHALLENGE = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "word"}


@pytest.mark.parametrize(("body", "digest"), VECTORS)
def test_a_body_signed_by_meta_is_believed(body: bytes, digest: str) -> None:
    check_signature(body, {"x-hub-signature-256": f"sha256={digest}"}, SECRET)
    assert payloads.sign(body, SECRET) == f"sha256={digest}"


@pytest.mark.parametrize(("body", "digest"), VECTORS[1:])
def test_a_body_written_anew_is_not(body: bytes, digest: str) -> None:
    for rewritten in (json.dumps(json.loads(body)), json.dumps(json.loads(body), indent=1)):
        with pytest.raises(WebhookRefused):
            check_signature(rewritten.encode(), {"x-hub-signature-256": f"sha256={digest}"}, SECRET)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-hub-signature-256": ""},
        {"x-hub-signature-256": VECTORS[0][1]},
        {"x-hub-signature-256": f"sha1={VECTORS[0][1]}"},
        {"x-hub-signature-256": f"sha256={VECTORS[1][1]}"},
        {"x-hub-signature-256": "sha256=é\udcff"},
        {"x-hub-signature": f"sha256={VECTORS[0][1]}"},
    ],
)
def test_a_missing_or_wrong_signature_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(WebhookRefused) as caught:
        check_signature(VECTORS[0][0], headers, SECRET)
    assert caught.value.status == 401


def test_without_a_secret_nothing_is_believed() -> None:
    body = VECTORS[0][0]
    with pytest.raises(WebhookRefused):
        check_signature(body, {"x-hub-signature-256": signature(body, "")}, "")


@pytest.mark.skipif(not RECORDED.is_file(), reason="the recorded vectors are not here")
def test_recorded_vectors_are_believed() -> None:
    recorded = json.loads(RECORDED.read_text())
    for vector in recorded["vectors"]:
        headers = {"x-hub-signature-256": vector["x_hub_signature_256"]}
        check_signature(bytes.fromhex(vector["raw_body_hex"]), headers, recorded["app_secret"])


def test_the_handshake_answers_the_challenge() -> None:
    assert answer_handshake(CHALLENGE, "word") == "1158201444"


@pytest.mark.parametrize(
    ("changed", "token", "status"),
    [
        ({"hub.verify_token": "other"}, "word", 403),
        ({"hub.verify_token": ""}, "", 403),
        ({"hub.verify_token": "wörd"}, "word", 403),
        ({"hub.mode": "unsubscribe"}, "word", 400),
        ({"hub.challenge": ""}, "word", 400),
    ],
)
def test_another_handshake_is_refused(changed: dict[str, str], token: str, status: int) -> None:
    with pytest.raises(WebhookRefused) as caught:
        answer_handshake(CHALLENGE | changed, token)
    assert caught.value.status == status
