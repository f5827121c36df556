"""The API under /api/v1, and its description under /api/docs."""

from __future__ import annotations

from flask import Flask, Response
from flask_smorest import Api  # type: ignore[import-untyped]
from werkzeug.exceptions import HTTPException

from syncbridge.web.api import conflicts, connections, deadletters, persons
from syncbridge.web.api.docs import blueprint as docs
from syncbridge.web.api.schemas import Error
from syncbridge.web.refusals import tell_http

_ABOUT = """\
Everything the pages do. Send the header `Authorization: Bearer TOKEN`; the token is
`service.api_token` of the settings or, where none is set, stands in `syncbridge.token` beside the
key file. Instants are ISO 8601 in UTC. Every error has the one shape of `Error`.
"""


class _Api(Api):  # type: ignore[misc]
    """flask-smorest, telling errors the way of the house."""

    ERROR_SCHEMA = Error

    def handle_http_exception(self, error: HTTPException) -> Response:
        """Answer an error of Flask's, on whichever path it came up."""
        return tell_http(error)


def install(app: Flask) -> None:
    """Add the API to an application."""
    app.config |= {
        "API_TITLE": "SyncBridge",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.0.3",
        "OPENAPI_URL_PREFIX": "/api",
        "OPENAPI_JSON_PATH": "openapi.json",
    }
    options = {"info": {"description": _ABOUT}, "security": [{"token": []}]}
    api = _Api(app, spec_kwargs=options)
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for section in (
        connections.section,
        conflicts.section,
        deadletters.section,
        persons.section,
    ):
        api.register_blueprint(section.blueprint)
    app.register_blueprint(docs)
    app.extensions["syncbridge-openapi"] = api.spec.to_dict()
