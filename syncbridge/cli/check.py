"""`syncbridge check`: what the connections need and do not have, each with its remedy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from syncbridge.bootstrap import connect, database_state, read_settings, require_key
from syncbridge.cli.console import Exit, answer, config_option, json_option, plain, progress
from syncbridge.engine.context import Spoke
from syncbridge.errors import ConfigError, NotThere, RemoteError, Suspended, Transient
from syncbridge.remote.base import Finding


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, and what was looked at."""

    place: str
    finding: Finding


@click.command()
@click.argument("connection", required=False)
@config_option
@json_option
def check(connection: str | None, config: Path | None, as_json: bool) -> int:
    """Look whether everything is there that the connections need.

    Reads the settings, the database, the key and every vendor account (or only CONNECTION's);
    changes nothing anywhere. Ends with 1 when something is wrong.
    """
    found: list[Found] = []
    with progress("asking") as tell:
        for one in examine(config, connection):
            found.append(one)
            tell(one.place)
    is_good = all(one.finding.is_good for one in found)
    value = {
        "is_good": is_good,
        "findings": [
            {
                "place": one.place,
                "is_good": one.finding.is_good,
                "what": one.finding.what,
                "remedy": one.finding.remedy,
            }
            for one in found
        ],
    }
    answer(value, as_json=as_json, show=lambda: _show(found))
    return Exit.OK if is_good else Exit.FAILED


def _show(found: list[Found]) -> None:
    for one in found:
        click.echo(plain(f"{'ok ' if one.finding.is_good else 'BAD'}  {one.place}: ") + _text(one))


def _text(one: Found) -> str:
    remedy = f"\n     -> {plain(one.finding.remedy)}" if one.finding.remedy else ""
    return plain(one.finding.what) + remedy


def examine(config: Path | None, connection: str | None = None) -> Iterator[Found]:
    """Answer findings one after another; calls vendors.

    Raises:
        NotThere: the settings have no such connection.
    """
    try:
        settings = read_settings(config)
        spokes = connect(settings)
    except ConfigError as exc:
        yield from _problems("settings", exc)
        return
    source = settings.source or "variables alone: there is no settings file"
    yield Found("settings", Finding(is_good=True, what=str(source)))
    try:
        yield Found("key", Finding(is_good=True, what=require_key(settings)))
    except ConfigError as exc:
        yield from _problems("key", exc)
    try:
        yield Found("database", Finding(is_good=True, what=database_state(settings)))
    except ConfigError as exc:
        yield from _problems("database", exc)
    if not spokes:
        what = "the settings name none"
        yield Found("connections", Finding(is_good=False, what=what, remedy="add [connections.…]"))
    yield from _vendors(spokes, connection)


def _vendors(spokes: list[Spoke], connection: str | None) -> Iterator[Found]:
    asked = [spoke for spoke in spokes if connection in (None, spoke.name)]
    if connection is not None and not asked:
        known = ", ".join(sorted(spoke.name for spoke in spokes)) or "none"
        raise NotThere(f"there is no connection {connection!r}; the settings have: {known}")
    for spoke in asked:
        try:
            yield from (Found(spoke.name, finding) for finding in spoke.connector.check())
        except RemoteError as exc:
            yield Found(spoke.name, Finding(is_good=False, what=str(exc), remedy=_remedy(exc)))


def _problems(place: str, exc: ConfigError) -> Iterator[Found]:
    for problem in exc.problems:
        what = f"{problem.place}: {problem.what}"
        yield Found(place, Finding(is_good=False, what=what, remedy=problem.remedy))


def _remedy(exc: RemoteError) -> str:
    match exc:
        case Transient():
            return "see whether this machine reaches the vendor, and check base_url"
        case Suspended():
            return "renew the connection's token or its rights, then check again"
    return "check the connection's settings against the vendor's page"
