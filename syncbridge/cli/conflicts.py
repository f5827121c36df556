"""`syncbridge conflicts`: what both sides changed, for a person to see and decide."""

from __future__ import annotations

from pathlib import Path

import click

from syncbridge.cli.console import (
    Exit,
    answer,
    config_option,
    json_option,
    show_pairs,
    show_table,
)
from syncbridge.cli.opening import opened, whoever
from syncbridge.engine import views
from syncbridge.web.decisions import decide
from syncbridge.web.refusals import Refused

_COLUMNS = ("id", "name", "field", "base", "ours", "theirs", "connection", "now", "reason", "state")


@click.group()
def conflicts() -> None:
    """See and decide what both sides changed."""


@conflicts.command("list")
@click.option("--initial", is_flag=True, help="Differences of the first meeting instead.")
@click.option("--all", "is_all", is_flag=True, help="Decided ones too.")
@click.option("--after", default=0, help="Only those with a higher id.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 1000))
@config_option
@json_option
def list_them(
    initial: bool, is_all: bool, after: int, limit: int, config: Path | None, as_json: bool
) -> int:
    """List open conflicts, oldest first."""
    with opened(config) as service:
        found = views.conflicts(
            service.engine, is_initial=initial, is_open=not is_all, after=after, limit=limit
        )

    def show() -> None:
        show_table(_COLUMNS, ([one.get(key) for key in _COLUMNS] for one in found))
        click.echo(f"{len(found)} listed")

    answer(found, as_json=as_json, show=show)
    return Exit.OK


@conflicts.command()
@click.argument("conflict_id", metavar="ID", type=int)
@config_option
@json_option
def show(conflict_id: int, config: Path | None, as_json: bool) -> int:
    """Show one conflict: what stood before, both sides, and why it was decided so."""
    with opened(config) as service:
        found = views.conflict(service.engine, conflict_id)
    answer(found, as_json=as_json, show=lambda: show_pairs(found.items()))
    return Exit.OK


@conflicts.command()
@click.argument("conflict_id", metavar="ID", type=int)
@click.option("--ours", is_flag=True, help="Our value.")
@click.option("--theirs", is_flag=True, help="The connection's value.")
@click.option("--value", help="Another value; empty clears the field.")
@click.option("--by", help="Who decides; left out: you.")
@config_option
@json_option
def resolve(
    conflict_id: int,
    ours: bool,
    theirs: bool,
    value: str | None,
    by: str | None,
    config: Path | None,
    as_json: bool,
) -> int:
    """Decide a conflict; the value is written to every record of the person."""
    if [ours, theirs, value is not None].count(True) != 1:
        raise click.UsageError("give one of --ours, --theirs and --value")
    choice = "ours" if ours else "theirs" if theirs else "value"
    with opened(config) as service:
        try:
            found = decide(service, conflict_id, choice=choice, by=by or whoever(), value=value)
        except Refused as refusal:
            raise click.ClickException(f"{refusal.message} ({refusal.remedy})") from refusal
    text = f"{found['field']} of {found['name'] or found['person']} is {found['resolution']!r}."
    answer(found, as_json=as_json, show=lambda: click.echo(text))
    return Exit.OK
