"""The Flask application, built on demand from a service."""

from __future__ import annotations

from flask import Flask, Response, request

from syncbridge.bootstrap import Service
from syncbridge.web import access, api, console, current, files, health, refusals
from syncbridge.web.webhooks import WebhookDoor

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def create_app(service: Service) -> Flask:
    """Answer the application that serves a service: webhooks, API, pages, files, health.

    Raises:
        ConfigError: no access token is set and its file cannot be made.
    """
    app = Flask("syncbridge.web")
    app.config["MAX_CONTENT_LENGTH"] = service.settings.service.max_body_bytes
    current.attach(app, service)
    access.install(app, service)
    refusals.tell_errors(app)
    api.install(app)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(files.blueprint)
    console.install(app)
    app.after_request(_add_headers)
    app.wsgi_app = WebhookDoor(service, app.wsgi_app)  # type: ignore[method-assign]
    return app


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        # Pages and answers show personal data: nobody on the way keeps them.
        response.headers["Cache-Control"] = "no-store"
    return response
