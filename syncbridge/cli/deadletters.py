"""`syncbridge deadletters`: what no retry could write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from syncbridge.cli.console import (
    Exit,
    answer,
    config_option,
    json_option,
    show_pairs,
    show_table,
    warn,
)
from syncbridge.cli.opening import opened, whoever
from syncbridge.engine import review, views
from syncbridge.engine.context import Engine

_COLUMNS = ("id", "connection", "kind", "verb", "name", "cause", "message", "advice", "tries")
_PAGE = 500


@click.group()
def deadletters() -> None:
    """See, replay or discard what could not be written."""


@deadletters.command("list")
@click.option("--connection", help="Only this connection's.")
@click.option("--after", default=0, help="Only those with a higher id.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 1000))
@config_option
@json_option
def list_them(
    connection: str | None, after: int, limit: int, config: Path | None, as_json: bool
) -> int:
    """List dead letters, oldest first, each with its cause and what to do."""
    with opened(config) as service:
        found = views.dead_letters(service.engine, connection=connection, after=after, limit=limit)

    def show() -> None:
        show_table(_COLUMNS, ([one.get(key) for key in _COLUMNS] for one in found))
        click.echo(f"{len(found)} listed")

    answer(found, as_json=as_json, show=show)
    return Exit.OK


@deadletters.command()
@click.argument("entry_id", metavar="ID", type=int)
@config_option
@json_option
def show(entry_id: int, config: Path | None, as_json: bool) -> int:
    """Show one dead letter with its attempts."""
    with opened(config) as service:
        found = views.dead_letter(service.engine, entry_id)
    attempts = found["attempts"]
    columns = ("attempt", "started_at", "ended_at", "outcome", "message", "request_id")

    def tell() -> None:
        show_pairs((name, value) for name, value in found.items() if name != "attempts")
        show_table(columns, ([one[key] for key in columns] for one in attempts))

    answer(found, as_json=as_json, show=tell)
    return Exit.OK


@deadletters.command()
@click.argument("ids", nargs=-1, type=int)
@click.option("--all", "is_all", is_flag=True, help="Every dead letter there is.")
@click.option("--connection", help="With --all: only this connection's.")
@config_option
@json_option
def replay(
    ids: tuple[int, ...],
    is_all: bool,
    connection: str | None,
    config: Path | None,
    as_json: bool,
) -> int:
    """Try dead letters again, with today's mapping and values."""
    if bool(ids) == is_all:
        raise click.UsageError("give ids, or --all")
    if connection is not None and not is_all:
        raise click.UsageError("--connection goes with --all")
    with opened(config) as service:
        chosen = _all_ids(service.engine, connection) if is_all else list(ids)
        count = review.replay(service.engine, chosen, by=whoever()) if chosen else 0
    return _tell("replayed", count, len(chosen), as_json=as_json)


@deadletters.command()
@click.argument("ids", nargs=-1, type=int, required=True)
@click.option("--reason", required=True, help="Why they are given up; kept in the journal.")
@config_option
@json_option
def discard(ids: tuple[int, ...], reason: str, config: Path | None, as_json: bool) -> int:
    """Give dead letters up."""
    with opened(config) as service:
        count = review.discard(service.engine, ids, by=whoever(), reason=reason)
    return _tell("discarded", count, len(ids), as_json=as_json)


def _all_ids(engine: Engine, connection: str | None) -> list[int]:
    if connection is not None:
        engine.spoke(connection)
    found: list[int] = []
    while page := views.dead_letters(
        engine, connection=connection, after=found[-1] if found else 0, limit=_PAGE
    ):
        found += [one["id"] for one in page]
    return found


def _tell(word: str, count: int, asked: int, *, as_json: bool) -> int:
    """Answer how many were done; fail when an id named no dead letter."""
    value: dict[str, Any] = {word: count, "asked": asked}
    answer(value, as_json=as_json, show=lambda: click.echo(f"{word} {count} of {asked}"))
    if count < asked:
        warn(f"{asked - count} of them are no dead letters (any more)")
    return Exit.OK if count == asked else Exit.FAILED
