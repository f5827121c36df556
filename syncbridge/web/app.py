"""The Flask application, built on demand from a service."""

from __future__ import annotations

from flask import Flask, Response, jsonify

from syncbridge.bootstrap import Service
from syncbridge.web import files
from syncbridge.web.webhooks import WebhookDoor


def create_app(service: Service) -> Flask:
    """Answer the application that serves a service."""
    app = Flask("syncbridge.web")
    app.config["MAX_CONTENT_LENGTH"] = service.settings.service.max_body_bytes
    app.extensions["syncbridge"] = service
    app.wsgi_app = WebhookDoor(service, app.wsgi_app)  # type: ignore[method-assign]

    app.register_blueprint(files.blueprint)

    @app.get("/healthz")
    def healthz() -> Response:
        """Say that the process is alive and its database answers."""
        service.store.read(lambda tx: tx.exec_driver_sql("SELECT 1").scalar())
        return jsonify(status="ok")

    return app
