"""`syncbridge connections` and `syncbridge go-live`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from syncbridge.cli.console import (
    Exit,
    answer,
    config_option,
    json_option,
    plain,
    progress,
    show_table,
    warn,
)
from syncbridge.cli.opening import opened, whoever
from syncbridge.engine import review, views
from syncbridge.engine.review import WritePlan


@click.group()
def connections() -> None:
    """List connections, pause or resume one."""


@connections.command("list")
@config_option
@json_option
def list_them(config: Path | None, as_json: bool) -> int:
    """List connections, and why they write nothing where they do not."""
    with opened(config) as service:
        found = views.status(service.engine)["connections"]

    def show() -> None:
        show_table(
            ("name", "connector", "account", "mode", "read at", "holds"),
            (
                (
                    *(one[key] for key in ("name", "connector")),
                    one["account_name"] or one["account"],
                    *(one[key] for key in ("mode", "pulled_at", "holds")),
                )
                for one in found
            ),
        )

    answer(found, as_json=as_json, show=show)
    return Exit.OK


@connections.command()
@click.argument("connection")
@config_option
@json_option
def pause(connection: str, config: Path | None, as_json: bool) -> int:
    """Write nothing to CONNECTION until it is resumed; reading goes on, nothing is lost."""
    return _set_paused(connection, config, is_paused=True, as_json=as_json)


@connections.command()
@click.argument("connection")
@config_option
@json_option
def resume(connection: str, config: Path | None, as_json: bool) -> int:
    """Write to CONNECTION again."""
    return _set_paused(connection, config, is_paused=False, as_json=as_json)


def _set_paused(connection: str, config: Path | None, *, is_paused: bool, as_json: bool) -> int:
    with opened(config) as service:
        review.set_paused(service.engine, connection, is_paused=is_paused, by=whoever())
    word = "paused" if is_paused else "resumed"
    value = {"connection": connection, "is_paused": is_paused}
    answer(value, as_json=as_json, show=lambda: click.echo(f"{connection} is {word}."))
    return Exit.OK


@click.command("go-live")
@click.argument("connection")
@click.option("--yes", is_flag=True, help="Do not ask.")
@config_option
@json_option
def go_live(connection: str, yes: bool, config: Path | None, as_json: bool) -> int:
    """Show what CONNECTION would write, then let it.

    Without --yes it asks; where nobody can be asked it changes nothing and ends with 3.
    """
    with opened(config) as service:
        with progress("planning"):
            plan = review.plan_writes(service.engine, connection)
        if not as_json:
            _show_plan(plan)
        is_accepted = yes or (not as_json and _ask(connection))
        if is_accepted:
            review.go_live(service.engine, connection, by=whoever())
    value = {"is_live": is_accepted, "plan": asdict(plan)}
    text = f"{connection} is live." if is_accepted else "Nothing was changed."
    answer(value, as_json=as_json, show=lambda: click.echo(text))
    return Exit.OK if is_accepted else Exit.WAITING


def _ask(connection: str) -> bool:
    if not sys.stdin.isatty():
        warn("nobody is there to be asked: --yes accepts the plan")
        return False
    return click.confirm(f"Let {connection} write this?", default=False)


def _show_plan(plan: WritePlan) -> None:
    least = "at least " if plan.is_cut else ""
    click.echo(
        f"{plan.connection} would get {least}{plan.creates} new records, {plan.updates} changed "
        f"ones and {plan.messages} messages."
    )
    if plan.holds:
        click.echo(plain(f"At present {plan.holds.rstrip('.')}."))
    for sample in plan.samples:
        values = ", ".join(f"{name} = {value!r}" for name, value in sample["values"].items())
        click.echo(plain(f"  {sample['verb']} {sample['name']}: {values}"))
