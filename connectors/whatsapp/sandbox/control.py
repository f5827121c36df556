"""The control API: people speak, recorded deliveries are posted, files appear."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import requests
from flask import Blueprint, request

from connectors.whatsapp.sandbox.payloads import Update, encode
from connectors.whatsapp.sandbox.speech import Misspoken, spoken

if TYPE_CHECKING:
    from connectors.whatsapp.sandbox.app import WhatsAppSandbox

_Answer = tuple[dict[str, Any], int]

#: Meta puts no more into one delivery.
_MOST_UPDATES = 1000
_HANDSHAKE_S = 5.0


def control_blueprint(sandbox: WhatsAppSandbox) -> Blueprint:
    """The routes below `/_control/` besides those that every sandbox has."""
    control = Blueprint("whatsapp", __name__, url_prefix="/_control")

    @control.errorhandler(Misspoken)
    def refuse(exc: Misspoken) -> _Answer:
        return {"error": str(exc)}, 400

    @control.post("/say")
    def say() -> _Answer:
        update = spoken(_object(), sandbox.world, at=sandbox.seconds())
        sandbox.tell(update)
        return {"id": _id_of(update)}, 201

    @control.post("/batch")
    def batch() -> _Answer:
        asked = _object().get("updates")
        if not isinstance(asked, list) or not 0 < len(asked) <= _MOST_UPDATES:
            raise Misspoken(f'post {{"updates": […]}} with 1 to {_MOST_UPDATES} of them')
        updates = [spoken(said, sandbox.world, at=sandbox.seconds()) for said in asked]
        sandbox.tell(*updates)
        return {"ids": [_id_of(update) for update in updates]}, 201

    @control.post("/post")
    def post() -> _Answer:
        return _post(sandbox, _object())

    @control.post("/media")
    def media() -> _Answer:
        mime_type = request.content_type or "application/octet-stream"
        file = sandbox.world.keep(request.get_data(), mime_type, at=sandbox.seconds())
        return {"id": file.id, "mime_type": mime_type, "sha256": file.sha256}, 201

    @control.post("/handshake")
    def handshake() -> _Answer:
        return _handshake(sandbox)

    @control.get("/messages")
    def messages() -> _Answer:
        return {"said": list(sandbox.world.said), "sent": list(sandbox.world.sent)}, 200

    return control


def _id_of(update: Update) -> str | None:
    """The message's id; None for what is no message."""
    told = update.get("item", {}).get("id")
    return None if told is None else str(told)


def _object() -> dict[str, Any]:
    posted = request.get_json(force=True, silent=True)
    if not isinstance(posted, dict):
        raise Misspoken("post a JSON object")
    return posted


def _post(sandbox: WhatsAppSandbox, asked: dict[str, Any]) -> _Answer:
    payload, body = asked.get("payload"), asked.get("body")
    repeat = asked.get("repeat", 1)
    if not isinstance(repeat, int) or not 0 < repeat <= _MOST_UPDATES:
        raise Misspoken(f"repeat is a number from 1 to {_MOST_UPDATES}")
    if isinstance(payload, dict):
        raw = encode(payload)
    elif isinstance(body, str):
        raw = body.encode("utf-8", "surrogateescape")
    else:
        raise Misspoken('post {"payload": {…}}, or {"body": "…"} for what need not be JSON')
    sandbox.post(raw, repeat=repeat, is_signed=asked.get("sign", True) is not False)
    return {"posts": repeat, "bytes": len(raw)}, 201


def _handshake(sandbox: WhatsAppSandbox) -> _Answer:
    if sandbox.webhooks is None:
        raise Misspoken("this sandbox was started without a webhook URL")
    challenge = str(secrets.randbelow(10**10))
    query = {
        "hub.mode": "subscribe",
        "hub.challenge": challenge,
        "hub.verify_token": sandbox.verify_token,
    }
    try:
        answer = requests.get(
            sandbox.webhooks.url, params=query, timeout=_HANDSHAKE_S, allow_redirects=False
        )
    except requests.RequestException as exc:
        return {"is_ours": False, "status": None, "error": type(exc).__name__}, 200
    is_ours = answer.status_code == 200 and answer.text == challenge
    return {"is_ours": is_ours, "status": answer.status_code}, 200
