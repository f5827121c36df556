"""Where vendors call us: verified, stored, acknowledged.

This door stands before Flask. It is called thousands of times a second, and Flask's routing,
contexts, cookies and signals cost more than checking and storing a delivery together.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl
from wsgiref.util import request_uri

from syncbridge.bootstrap import Service
from syncbridge.engine import intake
from syncbridge.errors import NotThere, StoreBusy, WebhookRefused
from syncbridge.remote.base import WebhookRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Below this prefix stands the name of a connection.
PREFIX = "/webhooks/"

_TOO_LARGE = "the body is larger than {} bytes: send fewer updates in one delivery"
_BUSY = "not stored, please deliver again"


class WebhookDoor:
    """A WSGI application that answers `/webhooks/<connection>` and passes on everything else."""

    def __init__(self, service: Service, others: WSGIApplication) -> None:
        self._engine = service.engine
        self._public_url = service.settings.service.public_url
        self._max_bytes = service.settings.service.max_body_bytes
        self._others = others

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = environ["PATH_INFO"]
        if not path.startswith(PREFIX):
            return self._others(environ, start_response)
        status, text = self._answer(environ, path[len(PREFIX) :])
        body = text.encode("utf-8", "replace")
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("X-Content-Type-Options", "nosniff"),
        ]
        start_response(f"{status.value} {status.phrase}", headers)
        return (body,)

    def _answer(self, environ: WSGIEnvironment, connection: str) -> tuple[HTTPStatus, str]:
        """Answer a status and its text; whatever a stranger sends, it is one of these."""
        try:
            match environ["REQUEST_METHOD"]:
                case "POST":
                    return self._receive(environ, connection)
                case "GET" | "HEAD":
                    return self._shake_hands(environ, connection)
        except WebhookRefused as refusal:
            return HTTPStatus(refusal.status), refusal.reason
        except NotThere as error:
            return HTTPStatus.NOT_FOUND, str(error)
        except StoreBusy:
            return HTTPStatus.SERVICE_UNAVAILABLE, _BUSY
        return HTTPStatus.METHOD_NOT_ALLOWED, "deliveries are posted"

    def _receive(self, environ: WSGIEnvironment, connection: str) -> tuple[HTTPStatus, str]:
        """Acknowledge a delivery once it is durable; a repeated one changes nothing."""
        body = self._read(environ)
        if body is None:
            self._engine.spoke(connection)
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            intake.count_refusal(self._engine, connection, status.value)
            return status, _TOO_LARGE.format(self._max_bytes)
        delivery = WebhookRequest(
            body=body,
            headers=_headers(environ),
            method="POST",
            url=self._url(environ),
            received_at=self._engine.now(),
        )
        intake.receive(self._engine, connection, delivery)
        return HTTPStatus.OK, "ok"

    def _shake_hands(self, environ: WSGIEnvironment, connection: str) -> tuple[HTTPStatus, str]:
        """Prove to the vendor that this address is ours."""
        query = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        return HTTPStatus.OK, self._engine.spoke(connection).connector.handshake(dict(query))

    def _read(self, environ: WSGIEnvironment) -> bytes | None:
        """Answer the body, or None when it is too large to be read."""
        stated = environ.get("CONTENT_LENGTH") or ""
        if not stated.isdecimal():
            # A server that reads a chunked body to its end says so; else nothing was sent.
            stated = self._max_bytes + 1 if environ.get("wsgi.input_terminated") else 0
        wanted = int(stated)
        if wanted > self._max_bytes and not environ.get("wsgi.input_terminated"):
            return None
        stream: Any = environ["wsgi.input"]
        body: bytes = stream.read(min(wanted, self._max_bytes + 1))
        return body if len(body) <= self._max_bytes else None

    def _url(self, environ: WSGIEnvironment) -> str:
        """Answer the URL as the vendor called it: behind a proxy only `public_url` knows."""
        if self._public_url is None:
            return request_uri(environ)
        query = environ.get("QUERY_STRING")
        return f"{self._public_url}{environ['PATH_INFO']}" + (f"?{query}" if query else "")


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    """Answer the headers with names in lower case."""
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    return headers
