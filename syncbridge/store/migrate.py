"""Bringing a database to the tables this program works with."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from syncbridge.errors import ConfigError, Problem

_HERE = Path(__file__).parent / "migrations"


def _config(conn: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["connection"] = conn
    return config


def current_revision(conn: Connection) -> str | None:
    """Answer the step a database stands at; None when it is empty."""
    return MigrationContext.configure(conn).get_current_revision()


def head_revision() -> str | None:
    """Answer the step this program works with."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def migrate(engine: Engine, *, url: str) -> str | None:
    """Bring a database up to date; an old SQLite file is copied aside first.

    Returns:
        Where the copy is, or None when none was needed.

    Raises:
        ConfigError: the database was made by a newer program, is not ours, or does not answer.
    """
    current = standing(engine, url=url)
    if current == head_revision():
        return None
    copy = _copy_aside(url, current) if current is not None else None
    with engine.connect() as conn:
        command.upgrade(_config(conn), "head")
        conn.commit()
    return copy


def standing(engine: Engine, *, url: str) -> str | None:
    """Answer the step a database of ours stands at; None when it is empty.

    Raises:
        ConfigError: the database was made by a newer program, is not ours, or does not answer.
    """
    shown = make_url(url).render_as_string()
    try:
        with engine.connect() as conn:
            current = current_revision(conn)
            tables = inspect(conn).get_table_names()
    except DBAPIError as exc:
        why = str(exc.orig).strip().partition("\n")[0]
        remedy = "see whether it runs, and check service.database_url"
        raise ConfigError([Problem(shown, f"does not answer: {why}", remedy)]) from exc
    if current is None and tables:
        raise ConfigError(
            [Problem(shown, "holds tables of something else", "name an empty database")]
        )
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if current is not None and current not in known:
        what = f"was made by a newer SyncBridge (schema {current}, ours is {head_revision()})"
        remedy = "start that version, or restore the copy made before its migration"
        raise ConfigError([Problem(shown, what, remedy)])
    return current


def require_current(engine: Engine, *, url: str) -> None:
    """Return only if a database has the tables this program works with; changes nothing.

    Raises:
        ConfigError: it is empty or has to be migrated first.
    """
    current = standing(engine, url=url)
    if current == head_revision():
        return
    what = "is empty" if current is None else f"is of an older SyncBridge (schema {current})"
    remedy = "run `syncbridge migrate`; `syncbridge up` does it by itself"
    raise ConfigError([Problem(make_url(url).render_as_string(), what, remedy)])


def _copy_aside(url: str, revision: str) -> str | None:
    database = make_url(url).database
    if make_url(url).get_backend_name() != "sqlite" or not database:
        return None
    target = Path(f"{database}.before-{revision}")
    with (
        closing(sqlite3.connect(database)) as source,
        closing(sqlite3.connect(target)) as destination,
    ):
        source.backup(destination)
    return str(target)
