"""`syncbridge migrate` and `syncbridge new-key`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from syncbridge.bootstrap import migrate_database, read_settings
from syncbridge.cli.console import Exit, answer, config_option, json_option
from syncbridge.errors import ConfigError, Problem
from syncbridge.store.cipher import new_key as make_key


@click.command()
@config_option
@json_option
def migrate(config: Path | None, as_json: bool) -> int:
    """Bring the database up to date.

    An empty one gets its tables; an old SQLite file is copied aside first. Done already: nothing
    happens.
    """
    done = migrate_database(read_settings(config))

    def show() -> None:
        click.echo(f"The database stands at {done.revision}.")
        if done.copy:
            click.echo(f"As it was before, it is in {done.copy}.")

    answer({"revision": done.revision, "copy": done.copy}, as_json=as_json, show=show)
    return Exit.OK


@click.command("new-key")
@click.option(
    "--file", "path", type=click.Path(path_type=Path), help="Write it there, readable by you alone."
)
@json_option
def new_key(path: Path | None, as_json: bool) -> int:
    """Make an encryption key, for service.encryption_key or its file."""
    key = make_key()
    if path is None:
        answer({"key": key}, as_json=as_json, show=lambda: click.echo(key))
        return Exit.OK
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as exc:
        remedy = "a key that is in use is never overwritten"
        what = f"cannot be made: {exc.strerror}"
        raise ConfigError([Problem(str(path), what, remedy)]) from exc
    with os.fdopen(handle, "w") as file:
        file.write(key + "\n")
    answer({"file": str(path)}, as_json=as_json, show=lambda: click.echo(f"Written to {path}."))
    return Exit.OK
