"""`syncbridge sync` and `syncbridge resync`: batch runs, for people and for cron."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

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
from syncbridge.cli.opening import opened
from syncbridge.engine import resync as engine_resync
from syncbridge.engine import review, rounds, views
from syncbridge.engine.context import Engine
from syncbridge.engine.resync import PullReport, Rehearsal, RunResult


def _run(engine: Engine, connection: str, *, is_full: bool = False) -> RunResult:
    with progress(f"reading {connection}") as tell:
        return engine_resync.resync(
            engine, connection, is_full=is_full, progress=lambda report: tell(_far(report))
        )


def _far(report: PullReport) -> str:
    return f"{report.listed} listed, {report.changed} changed"


def _result(connection: str, result: RunResult) -> dict[str, Any]:
    return {
        "connection": connection,
        "state": result.state,
        "run": result.run_id,
        **asdict(result.report),
    }


def _code(results: list[dict[str, Any]], left: list[str]) -> Exit:
    states = {one["state"] for one in results}
    if "failed" in states:
        return Exit.FAILED
    if "busy" in states:
        return Exit.BUSY
    return Exit.WAITING if left else Exit.OK


def left_over(engine: Engine) -> list[str]:
    """Answer in words what is still owed, for each connection that owes something."""
    found = []
    for one in views.status(engine)["connections"]:
        owed = {state: count for state, count in one["outbox"].items() if state not in _OVER}
        if owed:
            counts = ", ".join(f"{count} {state}" for state, count in sorted(owed.items()))
            why = f" ({one['holds']})" if one["holds"] else ""
            found.append(f"{one['name']}: {counts}{why}")
    return found


#: States of the outbox that owe nothing.
_OVER = frozenset({"settled", "discarded"})


@click.command()
@click.argument("connection", required=False)
@config_option
@json_option
def sync(connection: str | None, config: Path | None, as_json: bool) -> int:
    """Read what changed since the last look, then deliver what is due, and end.

    Reads every connection, or only CONNECTION; what is due is done for all of them, until nothing
    is due now. Ends with 3 when something is left for later or for a person, and names it.
    """
    with opened(config) as service:
        engine = service.engine
        names = [connection] if connection else _readable(engine)
        results = [_result(name, _run(engine, name)) for name in names]
        with progress("delivering") as tell:
            done = rounds.work_all(engine, lambda count: tell(f"{count} done"))
        left = left_over(engine)
    value = {"connections": results, "worked": done, "left": left}
    answer(value, as_json=as_json, show=lambda: _show(results, left))
    return _code(results, left)


def _readable(engine: Engine) -> list[str]:
    return sorted(
        name for name, spoke in engine.spokes.items() if spoke.connector.capabilities.feeds
    )


def _show(results: list[dict[str, Any]], left: list[str]) -> None:
    show_table(
        ("connection", "state", "pages", "listed", "changed", "error"),
        ([one[key] for key in _SHOWN] for one in results),
    )
    if any(one["state"] == "busy" for one in results):
        warn("another run is under way: see `syncbridge runs`")
    for line in left:
        click.echo(plain(f"left for later: {line}"))


_SHOWN = ("connection", "state", "pages", "listed", "changed", "error")


@click.command()
@click.argument("connection")
@click.option("--full", "is_full", is_flag=True, help="The whole lists, not only what changed.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be read and is owed.")
@config_option
@json_option
def resync(
    connection: str, is_full: bool, dry_run: bool, config: Path | None, as_json: bool
) -> int:
    """Read CONNECTION's lists again and reconcile what differs.

    Never two runs of one connection at once (exit code 75); a full run that was cut short goes on
    where it stood. What is owed in the end is written by the running service, or by `sync`.
    """
    with opened(config) as service:
        if dry_run:
            return _rehearse(service.engine, connection, is_full=is_full, as_json=as_json)
        results = [_result(connection, _run(service.engine, connection, is_full=is_full))]
        now = views.status(service.engine)
        left = left_over(service.engine)
    answer({**results[0], "left": left}, as_json=as_json, show=lambda: _show(results, left))
    if left and not now["workers"]:
        warn("nobody is at work: start the service, or run `syncbridge sync`")
    return _code(results, [])


def _rehearse(engine: Engine, connection: str, *, is_full: bool, as_json: bool) -> int:
    with progress(f"reading {connection}") as tell:
        found = engine_resync.rehearse(
            engine, connection, is_full=is_full, progress=lambda report: tell(_far(report))
        )
    owed = [asdict(review.plan_writes(engine, spoke.name)) for spoke in engine.crms]
    value = {
        "connection": connection,
        "dry_run": True,
        **asdict(found.report),
        "samples": _samples(found),
        "owed": owed,
    }
    answer(value, as_json=as_json, show=lambda: _show_rehearsal(value))
    return Exit.OK


def _samples(found: Rehearsal) -> list[dict[str, Any]]:
    return [
        {
            "remote_id": snapshot.ref.remote_id,
            "reason": difference.reason,
            "fields": {
                name: {"agreed": agreed, "shown": shown}
                for name, (agreed, shown) in difference.fields.items()
            },
        }
        for snapshot, difference in found.samples
    ]


def _show_rehearsal(value: dict[str, Any]) -> None:
    click.echo(
        f"{value['connection']} lists {value['listed']} records; {value['changed']} differ and "
        "would be read. Nothing was written."
    )
    for one in value["samples"]:
        changes = (
            f"{name}: {pair['agreed']!r} -> {pair['shown']!r}"
            for name, pair in one["fields"].items()
        )
        click.echo(plain(f"  {one['remote_id']}: {one['reason']}  " + "; ".join(changes)))
    for one in value["owed"]:
        click.echo(
            plain(
                f"owed to {one['connection']}: {one['creates']} new, {one['updates']} changed, "
                f"{one['messages']} messages" + (f" ({one['holds']})" if one["holds"] else "")
            )
        )
