"""What the commands share: options, exit codes, and how they speak to people and programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])
#: Columns of a table that is not shown on a terminal, where nothing may be cut off.
_WIDTH = 200


class Exit(IntEnum):
    """How a command ended."""

    OK = 0
    #: What was asked for did not happen.
    FAILED = 1
    #: The command line itself is wrong.
    USAGE = 2
    #: It is done as far as it goes: something waits for a person or for later, and was named.
    WAITING = 3
    #: sysexits' TEMPFAIL: another run, or another writer, is under way; try again later.
    BUSY = 75
    #: sysexits' CONFIG: settings, mapping, key or database cannot be used.
    CONFIG = 78
    #: A person pressed Ctrl-C.
    INTERRUPTED = 130


def config_option(command: _Command) -> _Command:
    """Add `--config`."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        help="The settings file; else SYNCBRIDGE_CONFIG, else ./syncbridge.toml.",
    )(command)


def json_option(command: _Command) -> _Command:
    """Add `--json`."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Answer with JSON on standard output."
    )(command)


def answer(value: object, *, as_json: bool, show: Callable[[], None]) -> None:
    """Give a program the value, or show it to a person."""
    if as_json:
        click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))
    else:
        show()


def warn(text: str) -> None:
    """Tell a person something that is no result, on standard error."""
    click.echo(plain(text), err=True)


def plain(value: object) -> str:
    """Answer one line fit for a terminal; what customers wrote must not steer it."""
    text = "" if value is None else str(value)
    return "".join(char if char.isprintable() else " " for char in text)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows below their columns; a column that is empty in all rows is left out."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    texts = [[plain(cell) for cell in row] for row in rows]
    kept = [n for n in range(len(columns)) if any(row[n] for row in texts)]
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for n in kept:
        table.add_column(columns[n], overflow="fold")
    for row in texts:
        table.add_row(*(row[n] for n in kept))
    width = None if sys.stdout.isatty() else _WIDTH
    Console(width=width, markup=False, highlight=False, emoji=False).print(table)


def show_pairs(pairs: Iterable[tuple[str, object]]) -> None:
    """Print names and values, one a line; those without a value are left out."""
    kept = [(name, plain(value)) for name, value in pairs if value not in (None, "")]
    width = max((len(name) for name, _ in kept), default=0)
    for name, value in kept:
        click.echo(f"{name:<{width}}  {value}")


@contextmanager
def progress(what: str) -> Iterator[Callable[[str], None]]:
    """Show on a terminal that something goes on; the given function says how far it got.

    Its end is not known beforehand (vendors page without a total), so there is no percentage.
    """
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True, markup=False, highlight=False, emoji=False)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        TextColumn("{task.fields[far]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as shown:
        task = shown.add_task(what, total=None, far="")
        yield lambda far: shown.update(task, far=far)
