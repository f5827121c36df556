"""`syncbridge person`: what happened to somebody, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from syncbridge.cli.console import (
    Exit,
    answer,
    config_option,
    json_option,
    plain,
    show_table,
)
from syncbridge.cli.opening import opened
from syncbridge.engine import views


@click.command()
@click.argument("asked", metavar="PHONE|EMAIL|ID")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(1, 5000))
@config_option
@json_option
def person(asked: str, limit: int, config: Path | None, as_json: bool) -> int:
    """Tell what is known of a person, what happened, and why."""
    with opened(config) as service:
        person_id = views.find_person(service.engine, asked)
        found = views.person(service.engine, person_id, limit=limit)
    answer(found, as_json=as_json, show=lambda: _show(found))
    return Exit.OK


def _show(found: dict[str, Any]) -> None:
    click.echo(plain(f"{found['name'] or 'without a name'} ({found['id']})"))
    show_table(
        ("field", "value", "from", "at"),
        ((name, one["value"], one["from"], one["at"]) for name, one in found["fields"].items()),
    )
    columns = ("connection", "remote_id", "role", "state", "entry", "cause")
    show_table(columns, ([one[key] for key in columns] for one in found["records"]))
    for conflict in found["conflicts"]:
        click.echo(
            plain(
                f"open conflict {conflict['id']}: {conflict['field']} "
                f"ours {conflict['ours']!r}, {conflict['connection']} {conflict['theirs']!r}"
            )
        )
    for moment in found["timeline"]:
        click.echo(plain(f"{moment['at']}  {_moment(moment)}"))


def _moment(moment: dict[str, Any]) -> str:
    if moment["what"] != "message":
        return f"{moment['what']}: {moment['text']}"
    logged = ", ".join(
        f"{one['connection']} {one['remote_id'] or one['state'] or 'owed'}"
        for one in moment["logged"]
    )
    text = f"{moment['direction']} {moment['kind']}: {moment['text'] or ''}"
    return text + (f"  [{logged}]" if logged else "  [not logged]")
