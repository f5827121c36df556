"""The part of the Graph API that a message's way needs: number, messages, files."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from connectors.whatsapp.sandbox.errors import bad_token, missing, refusal
from connectors.whatsapp.sandbox.outgoing import digits_of, fault_of
from connectors.whatsapp.sandbox.payloads import Person, status
from connectors.whatsapp.sandbox.world import ADDRESS_LIVES_S

if TYPE_CHECKING:
    from connectors.whatsapp.sandbox.app import WhatsAppSandbox

#: What becomes of every message that is accepted.
_COURSE = ("sent", "delivered", "read")


def graph_blueprint(sandbox: WhatsAppSandbox) -> Blueprint:
    """The routes; the version in them may be any."""
    graph = Blueprint("graph", __name__)

    @graph.before_request
    def need_token() -> Response | None:
        given = request.headers.get("Authorization", "")
        expected = f"Bearer {sandbox.access_token}"
        return None if hmac.compare_digest(given.encode(), expected.encode()) else bad_token()

    @graph.get("/<version>/<object_id>")
    def read(object_id: str, **_: str) -> Response:
        file = sandbox.world.file(object_id, at=sandbox.seconds())
        if file is not None:
            return _file_address(sandbox, file.id)
        if "phone_number_id" in request.args or not object_id.isdecimal():
            return missing(object_id)
        return _number(sandbox, object_id)

    @graph.post("/<version>/<number_id>/messages")
    def send(number_id: str, **_: str) -> Response:
        return _send(sandbox, number_id)

    @graph.get("/attachments/<media_id>/<int:until>")
    def download(media_id: str, until: int) -> Response:
        file = sandbox.world.file(media_id, at=sandbox.seconds())
        if file is None or sandbox.seconds() >= until:
            return Response("URL signature expired", status=404, mimetype="text/plain")
        return Response(file.content, mimetype=file.mime_type)

    return graph


def _number(sandbox: WhatsAppSandbox, number_id: str) -> Response:
    known = {
        "display_phone_number": f"+{sandbox.world.business}",
        "verified_name": "Sandbox Trading",
        "quality_rating": "GREEN",
        "name_status": "APPROVED",
        "code_verification_status": "VERIFIED",
    }
    asked = request.args.get("fields")
    names = asked.split(",") if asked else known
    # Fields that are not known are left out, as the Graph API does with empty ones.
    return jsonify({name: known[name] for name in names if name in known} | {"id": number_id})


def _file_address(sandbox: WhatsAppSandbox, media_id: str) -> Response:
    file = sandbox.world.files[media_id]
    until = sandbox.seconds() + ADDRESS_LIVES_S
    return jsonify(
        messaging_product="whatsapp",
        url=f"{request.host_url}attachments/{media_id}/{until}",
        mime_type=file.mime_type,
        sha256=file.sha256,
        file_size=len(file.content),
        id=media_id,
    )


def _send(sandbox: WhatsAppSandbox, number_id: str) -> Response:
    posted = request.get_json(force=True, silent=True)
    if not isinstance(posted, dict):
        return refusal(400, 100, "Invalid parameter", details="The body is not a JSON object.")
    if posted.get("status") == "read":
        return _mark_read(posted)
    fault = fault_of(posted)
    if fault is not None:
        return refusal(400, fault.code, "Invalid parameter", details=fault.details)
    return _accept(sandbox, number_id, posted)


def _mark_read(posted: dict[str, Any]) -> Response:
    if not str(posted.get("message_id") or "").startswith("wamid."):
        details = "message_id is not the id of a message"
        return refusal(400, 131009, "Parameter value is not valid", details=details)
    return jsonify(success=True)


def _accept(sandbox: WhatsAppSandbox, number_id: str, posted: dict[str, Any]) -> Response:
    # Where both are given the number goes before the user id.
    number = digits_of(posted.get("to") or "")
    to = Person(number) if number else Person(user_id=str(posted["recipient"]))
    message_id = sandbox.world.next_id(number, is_inbound=False)
    at = sandbox.seconds()
    about = {"id": message_id, "phone_number_id": number_id, "at": at}
    sandbox.world.sent.append({**about, "message": posted})
    data = posted.get("biz_opaque_callback_data", "")
    for word in _COURSE:
        update = status(message_id, word, at=at, to=to, biz_opaque_callback_data=data)
        sandbox.tell({**update, "account": number_id})
    contact = {"input": posted.get("to") or posted["recipient"]}
    contact |= {"wa_id": number} if number else {"user_id": to.user_id}
    return jsonify(messaging_product="whatsapp", contacts=[contact], messages=[{"id": message_id}])
