"""A service for the time of one command."""

from __future__ import annotations

import getpass
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from syncbridge.bootstrap import Service, build, doorbell, read_settings


@contextmanager
def opened(config: Path | None) -> Iterator[Service]:
    """Open the service that the settings describe; its work is done elsewhere.

    Raises:
        ConfigError: the settings, the key or the database cannot be used.
    """
    settings = read_settings(config)
    log_to_stderr(settings.service.log_level if settings.service.log_level == "DEBUG" else "ERROR")
    service = build(settings, bell=doorbell(settings))
    try:
        yield service
    finally:
        service.close()


def log_to_stderr(level: str) -> None:
    """Send what is logged to standard error, where it never mixes with results."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # It tells each of its steps; what a migration came to, we say ourselves.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # One line for every delivery that waits a moment, just when there are most of them.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def whoever() -> str:
    """Answer who acts, for the journal: the user of the machine."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "cli"
