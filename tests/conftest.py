"""Services that some tests need: where they are, and what their absence means.

A test marked `postgresql`, `rabbitmq`, `redis` or `chromium` is skipped when the service does not
answer, and fails instead with CI=true.
"""

from __future__ import annotations

import os
import shutil
import socket
import uuid
from collections.abc import Callable, Iterator
from functools import cache
from urllib.parse import urlsplit

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

# A loaded machine is no bug, and CI has to say the same twice; people keep looking further.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "here")

_URLS = {
    "postgresql": ("SYNCBRIDGE_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres"),
    "rabbitmq": ("SYNCBRIDGE_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//"),
    "redis": ("SYNCBRIDGE_TEST_REDIS", "redis://127.0.0.1:6379/15"),
}
_PORTS = {"amqp": 5672, "amqps": 5671, "redis": 6379, "rediss": 6379}
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def _url(service: str) -> str:
    variable, default = _URLS[service]
    return os.environ.get(variable, default)


def _is_listening(service: str) -> bool:
    parts = urlsplit(_url(service))
    address = parts.hostname or "127.0.0.1", parts.port or _PORTS[parts.scheme]
    try:
        with socket.create_connection(address, timeout=2):
            return True
    except OSError:
        return False


def _accepts_a_session() -> bool:
    try:
        with psycopg.connect(_url("postgresql"), connect_timeout=2):
            return True
    except psycopg.Error:
        return False


def _chromium() -> str | None:
    named = os.environ.get("SYNCBRIDGE_TEST_CHROMIUM")
    return named or next(filter(None, map(shutil.which, _CHROMIUM)), None)


_PROBES: dict[str, Callable[[], bool]] = {
    "postgresql": _accepts_a_session,
    "rabbitmq": lambda: _is_listening("rabbitmq"),
    "redis": lambda: _is_listening("redis"),
    "chromium": lambda: _chromium() is not None,
}


@cache
def _is_there(service: str) -> bool:
    return _PROBES[service]()


def _variable(service: str) -> str:
    return _URLS[service][0] if service in _URLS else "SYNCBRIDGE_TEST_CHROMIUM"


def pytest_runtest_setup(item: pytest.Item) -> None:
    for service in _PROBES:
        if item.get_closest_marker(service) and not _is_there(service):
            reason = f"no {service} here (start one, or set {_variable(service)})"
            if os.environ.get("CI") == "true":
                pytest.fail(f"CI=true and {reason}", pytrace=False)
            pytest.skip(reason)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for a service's fixture needs the service."""
    for item in items:
        for name in getattr(item, "fixturenames", ()):
            service = name.removesuffix("_url").removesuffix("_path")
            if name != service and service in _PROBES:
                item.add_marker(service)


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """An empty database of its own, dropped afterwards; a URL as SQLAlchemy wants it."""
    name = f"syncbridge_test_{uuid.uuid4().hex[:12]}"
    quoted = sql.Identifier(name)
    with psycopg.connect(_url("postgresql"), autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(quoted))
    try:
        parts = urlsplit(_url("postgresql"))
        yield parts._replace(scheme="postgresql+psycopg", path=f"/{name}").geturl()
    finally:
        with psycopg.connect(_url("postgresql"), autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(quoted))


@pytest.fixture
def rabbitmq_url() -> str:
    return _url("rabbitmq")


@pytest.fixture
def redis_url() -> str:
    """A database that tests may write to; each test takes keys or queues of its own."""
    return _url("redis")


@pytest.fixture
def chromium_path() -> str:
    path = _chromium()
    assert path is not None
    return path
