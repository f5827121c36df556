"""`syncbridge status` and `syncbridge runs`."""

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
)
from syncbridge.cli.opening import opened
from syncbridge.engine import views


@click.command()
@config_option
@json_option
@click.option("--exit-code", is_flag=True, help="End with 3 when something waits for a person.")
def status(config: Path | None, as_json: bool, exit_code: bool) -> int:
    """Show how the service stands."""
    with opened(config) as service:
        now = views.status(service.engine)
    waits = waiting(now)
    answer({**now, "waiting": waits}, as_json=as_json, show=lambda: _show(now, waits))
    return Exit.WAITING if exit_code and waits else Exit.OK


def waiting(now: dict[str, Any]) -> list[str]:
    """Answer in words what waits for a person."""
    found = []
    for key, command in (("conflicts", "conflicts list"), ("dead_letters", "deadletters list")):
        if now[key]:
            found.append(f"{now[key]} {key.replace('_', ' ')} (syncbridge {command})")
    if now["questions"]:
        found.append(f"{now['questions']} doubtful matches")
    for one in now["connections"]:
        if one["holds"] and one["outbox"]:
            found.append(f"{one['name']} writes nothing: {one['holds']}")
        elif one["suspended"]:
            found.append(f"{one['name']} is suspended: {one['suspended']}")
    return found


def _show(now: dict[str, Any], waits: list[str]) -> None:
    show_table(
        (
            "connection",
            "connector",
            "account",
            "mode",
            "read",
            "outbox",
            "refused",
            "aside",
            "holds",
        ),
        (
            (
                one["name"],
                one["connector"],
                one["account_name"] or one["account"],
                one["mode"],
                one["pulled_at"],
                _counts(one["outbox"]),
                _count_of(one, "refused_"),
                _count_of(one, "deliveries_set_aside", "foreign_events", "leftover_"),
                one["holds"] or one["suspended"] or ("paused" if one["is_paused"] else ""),
            )
            for one in now["connections"]
        ),
    )
    show_pairs(
        [
            ("persons", now["persons"]),
            ("inbox", _counts(now["inbox"]) or "empty"),
            ("open conflicts", now["conflicts"]),
            ("initial differences", now["initial_differences"]),
            ("dead letters", now["dead_letters"]),
            ("at work", ", ".join(now["workers"]) or "nobody"),
        ]
    )
    for line in waits:
        click.echo(f"waits for a person: {line}")


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in sorted(counts.items()) if count)


def _count_of(connection: dict[str, Any], *prefixes: str) -> str:
    """Answer the sum of counters that begin so; "" for none, which leaves an empty column out."""
    counters = connection["counters"].items()
    return str(sum(count for name, count in counters if name.startswith(prefixes)) or "")


@click.command()
@config_option
@json_option
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
def runs(config: Path | None, as_json: bool, limit: int) -> int:
    """List the last batch runs, newest first."""
    with opened(config) as service:
        found = views.last_runs(service.engine, limit)

    def show() -> None:
        show_table(
            ("id", "connection", "kind", "state", "started", "ended", "listed", "changed", "error"),
            (
                (
                    *(one[key] for key in ("id", "connection", "kind", "state")),
                    *(one[key] for key in ("started_at", "ended_at")),
                    *((one["report"] or {}).get(key) for key in ("listed", "changed", "error")),
                )
                for one in found
            ),
        )

    answer(found, as_json=as_json, show=show)
    return Exit.OK
