"""`syncbridge up`: the whole service in one process."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

from waitress.server import create_server

from syncbridge.bootstrap import Service, build, read_settings
from syncbridge.cli.workers import Workers
from syncbridge.errors import ConfigError, Problem
from syncbridge.queue.bell import InProcessBell
from syncbridge.web.app import create_app

#: Threads that answer requests: more than acknowledgements that wait for one commit together.
_WEB_THREADS = 32

_log = logging.getLogger(__name__)


def serve(config: Path | None, host: str, port: int) -> None:
    """Run until SIGINT or SIGTERM, then end within ten seconds, losing nothing.

    Raises:
        ConfigError: it cannot start; every problem at once.
    """
    settings = read_settings(config)
    logging.basicConfig(
        level=settings.service.log_level,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    with only_process(settings.service.database_url):
        bell = InProcessBell()
        service = build(settings, bell=bell, is_migrating=True)
        try:
            _run(service, bell, host, port)
        finally:
            service.close()


def _run(service: Service, bell: InProcessBell, host: str, port: int) -> None:
    ending = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ending.set())
    try:
        server = create_server(
            create_app(service),
            host=host,
            port=port,
            threads=_WEB_THREADS,
            max_request_body_size=service.settings.service.max_body_bytes + 1,
            ident=None,
        )
    except OSError as exc:
        problem = Problem(f"{host}:{port}", f"cannot be listened on: {exc}", "choose --port")
        raise ConfigError([problem]) from exc
    web = threading.Thread(target=server.run, name="web", daemon=True)
    web.start()
    workers = Workers(service, bell)
    workers.start()
    _log.info("SyncBridge is up on http://%s:%d", host, port)
    ending.wait()
    _log.info("ending")
    server.close()
    workers.stop()


@contextlib.contextmanager
def only_process(database_url: str) -> Iterator[None]:
    """Hold an SQLite file for this process alone; other databases may be shared.

    Raises:
        ConfigError: another process serves this file.
    """
    path = sqlite_path(database_url)
    if path is None:
        yield
        return
    with Path(f"{path}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            problem = Problem(path, "is served by another process", "end that one first")
            raise ConfigError([problem]) from exc
        yield


def sqlite_path(database_url: str) -> str | None:
    """Answer the file of an SQLite URL; None for other databases and for one in memory."""
    scheme, _, rest = database_url.partition(":///")
    if not scheme.startswith("sqlite") or not rest or rest == ":memory:":
        return None
    return rest
