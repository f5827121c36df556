"""How errors are told: one JSON shape to programs, a page to people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from syncbridge.errors import NotThere, RemoteError, StoreBusy

#: Requests below this prefix come from programs.
API_PREFIX = "/api/"

_CODES = {
    400: ("bad_request", "send what /api/docs describes"),
    401: ("unauthorized", "send the header Authorization: Bearer TOKEN"),
    403: ("forbidden", "load the page again and send the form once more"),
    404: ("not_there", "look it up in a list first"),
    405: ("method_not_allowed", "see /api/docs for what this address takes"),
    409: ("conflict", "look at how it stands now"),
    413: ("too_large", "send less at once"),
    415: ("unsupported_media_type", "send JSON with Content-Type: application/json"),
    422: ("invalid", "correct the named fields; /api/docs describes them"),
    500: ("internal_error", "look into the log of the service"),
    502: ("remote_error", "see on the overview how the connection stands, then try again"),
    503: ("busy", "nothing was changed: try again in a moment"),
}


class Refused(Exception):
    """What was asked cannot be done as it was asked; nothing was changed."""

    def __init__(self, status: int, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.remedy = remedy


def tell_errors(app: Flask) -> None:
    """Have every error answered by this module."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(NotThere, _not_there)
    app.register_error_handler(RemoteError, _remote)
    app.register_error_handler(StoreBusy, _busy)


def tell_http(error: HTTPException) -> Response:
    """Answer an error that Flask or flask-smorest found."""
    status = error.code or 500
    if status < 400:
        return Response(error.get_body(), status, error.get_headers())
    messages = getattr(error, "data", None)
    message = "; ".join(_problems(messages.get("messages", {}))) if messages else ""
    if status == 404:
        message = f"there is nothing at {request.path}"
    return tell(status, message or error.description or error.name)


def tell(status: int, message: str, remedy: str = "") -> Response:
    """Answer an error in the shape that the asker can read."""
    code, usual = _CODES.get(status, ("error", ""))
    if request.path.startswith(API_PREFIX):
        error = {"code": code, "message": message, "remedy": remedy or usual}
        answer = jsonify(error=error)
        if status == 401:
            answer.headers["WWW-Authenticate"] = "Bearer"
    else:
        answer = Response(
            render_template("error.html", status=status, message=message, remedy=remedy),
            mimetype="text/html",
        )
    answer.status_code = status
    return answer


def _problems(messages: Mapping[Any, Any], place: str = "") -> Iterator[str]:
    """Answer webargs' nested messages as sentences, without the name of the location."""
    for name, found in messages.items():
        inner = f"{place}.{name}" if place else str(name)
        if isinstance(found, Mapping):
            yield from _problems(found, "" if inner in {"json", "query"} else inner)
        else:
            yield f"{inner}: {' '.join(map(str, found))}"


def _refused(error: Refused) -> Response:
    return tell(error.status, error.message, error.remedy)


def _not_there(error: NotThere) -> Response:
    return tell(404, str(error))


def _remote(error: RemoteError) -> Response:
    return tell(502, f"{error.connection}: {error}" if error.connection else str(error))


def _busy(_error: StoreBusy) -> Response:
    return tell(503, "the database could not take this now")
