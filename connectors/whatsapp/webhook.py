"""Is it Meta that calls? The handshake of a new address, and the signature of each delivery."""

from __future__ import annotations

from collections.abc import Mapping

from syncbridge.errors import WebhookRefused
from syncbridge.remote.webhook import hmac_sha256, is_same

SIGNATURE_HEADER = "x-hub-signature-256"
_SCHEME = "sha256="


def signature(body: bytes, app_secret: str) -> str:
    """Answer the value of `X-Hub-Signature-256` for these bytes."""
    return _SCHEME + hmac_sha256(app_secret, body).hex()


def check_signature(body: bytes, headers: Mapping[str, str], app_secret: str) -> None:
    """Return only if the bytes were signed with the app's secret.

    Meta signs the bytes as sent, escapes and all: JSON that was parsed and written again does not
    match. No time is signed, so a replay is recognised by the events' keys alone.

    Args:
        body: exactly as received.
        headers: names in lower case.
        app_secret: the app's, neither the verify token nor the access token.

    Raises:
        WebhookRefused: the signature is missing or wrong (status 401).
    """
    given = headers.get(SIGNATURE_HEADER, "").strip()
    if not given:
        raise WebhookRefused("the X-Hub-Signature-256 header is missing")
    if not app_secret or not is_same(signature(body, app_secret), given.lower()):
        raise WebhookRefused("the signature does not match the body")


def answer_handshake(query: Mapping[str, str], verify_token: str) -> str:
    """Answer the challenge of Meta's GET, which carries no signature.

    Raises:
        WebhookRefused: it is no subscription (400), or the token is not ours (403).
    """
    if query.get("hub.mode") != "subscribe" or not query.get("hub.challenge"):
        raise WebhookRefused("not a subscription: hub.mode or hub.challenge is missing", status=400)
    if not verify_token or not is_same(verify_token, query.get("hub.verify_token", "")):
        raise WebhookRefused("hub.verify_token is not ours", status=403)
    return query["hub.challenge"]
