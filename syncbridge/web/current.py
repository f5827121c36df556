"""The service that the present request is answered by."""

from __future__ import annotations

from flask import Flask, current_app

from syncbridge.bootstrap import Service
from syncbridge.engine.context import Engine

_EXTENSION = "syncbridge"


def attach(app: Flask, service: Service) -> None:
    """Let views of this application find the service."""
    app.extensions[_EXTENSION] = service


def service() -> Service:
    """Answer the service; only while a request is answered."""
    found: Service = current_app.extensions[_EXTENSION]
    return found


def engine() -> Engine:
    """Answer its engine."""
    return service().engine
