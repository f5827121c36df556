"""`syncbridge up`: the whole service in one process."""

from __future__ import annotations

import contextlib
import fcntl
import logging
from collections.abc import Iterator
from pathlib import Path

import click

from syncbridge.bootstrap import Service, build, read_settings
from syncbridge.cli.console import Exit, config_option, json_option
from syncbridge.cli.opening import log_to_stderr
from syncbridge.cli.serve import WebServer, announce, until_told_to_end
from syncbridge.cli.workers import Workers
from syncbridge.errors import ConfigError, Problem
from syncbridge.queue.bell import InProcessBell

_log = logging.getLogger(__name__)


@click.command()
@config_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535))
@json_option
def up(config: Path | None, host: str, port: int, as_json: bool) -> int:
    """Run the whole service in this process: web, workers, scheduler.

    Brings the database up to date first (an old SQLite file is copied aside), makes an encryption
    key where none is set, and ends within ten seconds of SIGINT or SIGTERM, losing nothing.
    """
    settings = read_settings(config)
    if settings.service.broker_url is not None:
        remedy = "run `syncbridge web` and Celery's workers, or leave broker_url out"
        problem = Problem("service.broker_url", "is set, so Celery does the work", remedy)
        raise ConfigError([problem])
    log_to_stderr(settings.service.log_level)
    with only_process(settings.service.database_url) as is_alone:
        bell = InProcessBell()
        service = build(settings, bell=bell, is_migrating=True)
        try:
            _run(service, Workers(service, bell, is_alone=is_alone), host, port, as_json=as_json)
        finally:
            service.close()
    return Exit.OK


def _run(service: Service, workers: Workers, host: str, port: int, *, as_json: bool) -> None:
    ending = until_told_to_end()
    server = WebServer(service, host, port)
    server.start()
    workers.start()
    announce(service, server.url, as_json=as_json)
    ending.wait()
    _log.info("ending")
    server.stop()
    workers.stop()


@contextlib.contextmanager
def only_process(database_url: str) -> Iterator[bool]:
    """Hold an SQLite file for this service alone; other databases may be shared.

    Other commands may read and write the file meanwhile. Gives whether it is held.

    Raises:
        ConfigError: another process serves this file.
    """
    path = sqlite_path(database_url)
    if path is None:
        yield False
        return
    target = Path(f"{path}.lock")
    try:
        target.touch()
    except OSError as exc:
        what = f"cannot be used: {exc.strerror}"
        raise ConfigError([Problem(path, what, "name a directory you may write to")]) from exc
    with target.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            problem = Problem(path, "is served by another process", "end that one first")
            raise ConfigError([problem]) from exc
        yield True


def sqlite_path(database_url: str) -> str | None:
    """Answer the file of an SQLite URL; None for other databases and for one in memory."""
    scheme, _, rest = database_url.partition(":///")
    path = rest.partition("?")[0]
    if not scheme.startswith("sqlite") or not path or path == ":memory:":
        return None
    return path
