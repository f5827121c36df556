"""Whether the process lives, and whether the service can do its work; no sign-in is needed."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from syncbridge.engine import views
from syncbridge.web.current import engine, service

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say that the process is alive and its database answers."""
    service().store.read(lambda tx: tx.exec_driver_sql("SELECT 1").scalar())
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Say whether a worker is alive and every CRM is prepared, or what is missing (503)."""
    stands = views.status(engine())
    missing = [] if stands["workers"] else ["no worker is alive"]
    missing += [
        f"{one['name']} was not prepared yet"
        for one in stands["connections"]
        if not one["is_channel"] and one["prepared_at"] is None
    ]
    answer = jsonify(status="not ready" if missing else "ready", missing=missing)
    answer.status_code = 503 if missing else 200
    return answer
