"""A scripted server and clients that speak to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from syncbridge.remote.http import HttpClient, Patience
from tests.unit.remote.scripted import NOW, Wire


@pytest.fixture
def wire() -> Iterator[Wire]:
    server = Wire()
    yield server
    server.close()


@pytest.fixture
def client_of(wire: Wire) -> Iterator[Callable[..., HttpClient]]:
    made: list[HttpClient] = []

    def build(**options: object) -> HttpClient:
        patience = options.pop("patience", None) or Patience(deadline_s=5, sleep=lambda _: None)
        settings = {"connection": "c", "now": lambda: NOW, "patience": patience} | options
        made.append(HttpClient(str(settings.pop("base_url", wire.url)), **settings))
        return made[-1]

    yield build
    for client in made:
        client.close()


@pytest.fixture
def stopwatch() -> Callable[[], float]:
    began = time.monotonic()
    return lambda: time.monotonic() - began
