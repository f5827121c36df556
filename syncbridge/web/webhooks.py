"""Where vendors call us: verified, stored, acknowledged."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request

from syncbridge.bootstrap import Service
from syncbridge.engine import intake
from syncbridge.errors import NotThere, StoreBusy, WebhookRefused
from syncbridge.remote.base import WebhookRequest

blueprint = Blueprint("webhooks", __name__)


def _service() -> Service:
    service: Service = current_app.extensions["syncbridge"]
    return service


@blueprint.get("/webhooks/<connection>")
def handshake(connection: str) -> Response:
    """Prove to the vendor that this address is ours."""
    spoke = _service().engine.spoke(connection)
    body = spoke.connector.handshake(request.args.to_dict())
    return Response(body, mimetype="text/plain")


@blueprint.post("/webhooks/<connection>")
def receive(connection: str) -> Response:
    """Acknowledge a delivery once it is durable; a repeated one changes nothing."""
    service = _service()
    delivery = WebhookRequest(
        body=request.get_data(cache=False),
        headers={name.lower(): value for name, value in request.headers.items()},
        method=request.method,
        url=_url(service),
        received_at=service.engine.now(),
    )
    intake.receive(service.engine, connection, delivery)
    return Response("ok", mimetype="text/plain")


def _url(service: Service) -> str:
    """Answer the URL as the vendor called it: behind a proxy only `public_url` knows."""
    public_url = service.settings.service.public_url
    if public_url is None:
        return request.url
    query = request.query_string.decode("latin-1")
    return f"{public_url}{request.path}" + (f"?{query}" if query else "")


@blueprint.errorhandler(WebhookRefused)
def refuse(refusal: WebhookRefused) -> Response:
    """Say no, with the reason."""
    return Response(refusal.reason, status=refusal.status, mimetype="text/plain")


@blueprint.errorhandler(NotThere)
def not_there(error: NotThere) -> Response:
    """Say that there is no such connection."""
    return Response(str(error), status=404, mimetype="text/plain")


@blueprint.errorhandler(StoreBusy)
def busy(_error: StoreBusy) -> Response:
    """Ask the vendor to deliver again: nothing was stored."""
    return Response("not stored, please deliver again", status=503, mimetype="text/plain")
