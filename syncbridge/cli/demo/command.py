"""`syncbridge demo`: for people to look at, or headless as the proof that everything works."""

from __future__ import annotations

import contextlib
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import click

from syncbridge.cli.console import Exit
from syncbridge.cli.demo.doors import Phones
from syncbridge.cli.demo.headless import Verdict, perform, store_files
from syncbridge.cli.demo.processes import House
from syncbridge.cli.demo.stage import Stage
from syncbridge.cli.demo.story.steps import CRMS, WA
from syncbridge.cli.demo.story.whole import short_story, whole_story

#: So many findings are told one by one; the rest is counted.
_TOLD = 40


@click.command()
@click.option("--headless", is_flag=True, help="Play the whole story, report, and end.")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="Write it there.")
@click.option("--json", "as_json", is_flag=True, help="Print the report on standard output.")
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep settings, database and logs there; left out: a directory that is deleted.",
)
@click.option(
    "--port",
    default=0,
    type=click.IntRange(0, 65535),
    help="Of the service; 0 takes a free one.",
)
def demo(
    headless: bool, report: Path | None, as_json: bool, directory: Path | None, port: int
) -> int:
    """Show everything at work, with imitated accounts.

    Starts an imitated WhatsApp and two imitated HubSpot accounts together with the service, and
    plays a story. Needs no settings, reaches nothing outside this machine, and ends everything
    with Ctrl-C.

    With --headless the whole story is played, with every fault and two kills; the exit code says
    whether everything was as it should be.
    """
    with _place(directory) as place:
        if headless or report is not None:
            return _prove(place, report, as_json=as_json)
        _show(place, port)
    return Exit.OK


@contextlib.contextmanager
def _place(directory: Path | None) -> Iterator[Path]:
    if directory is not None:
        yield directory
        return
    with tempfile.TemporaryDirectory(prefix="syncbridge-demo-") as made:
        yield Path(made)


def _prove(directory: Path, target: Path | None, *, as_json: bool) -> int:
    verdict = perform(directory, whole_story, say=lambda words: click.echo(words, err=True))
    text = json.dumps(verdict.report.as_json(), indent=2)
    if target is not None:
        target.write_text(text + "\n")
    if as_json or target is None:
        click.echo(text)
    _tell(verdict)
    return Exit.FAILED if verdict.misses else Exit.OK


def _tell(verdict: Verdict) -> None:
    for detail in verdict.details[:_TOLD]:
        click.echo(f"  {detail}", err=True)
    if len(verdict.details) > _TOLD:
        click.echo(f"  … and {len(verdict.details) - _TOLD} more", err=True)
    for missed in verdict.misses:
        click.echo(f"missed: {missed}", err=True)
    if not verdict.misses:
        click.echo(f"Everything was as it should be, in {verdict.elapsed_s:.0f} s.", err=True)


def _show(directory: Path, port: int) -> None:
    with House(directory, port=port) as house:
        script = short_story(store_files(Phones(house.urls[WA])), _now_s())
        stage = Stage(house, script, say=click.echo)
        click.echo(f"Watch it, once the service is up: {_pages(house)}\n")
        stage.play()
        _tell_where(house)
        _wait_for_the_end(house)


def _tell_where(house: House) -> None:
    service = house.urls["service"]
    click.echo("\nThe story is over; everything goes on running. Look around:")
    for what, where in (
        ("pages", _pages(house)),
        ("API", f"{service}/api/docs  (bearer token: {house.token})"),
        ("WhatsApp", f"{house.urls[WA]}/_control/messages"),
        *((f"HubSpot {name}", f"{house.urls[name]}/_control/records/contacts") for name in CRMS),
        ("settings", f"{house.config}"),
    ):
        click.echo(f"  {what:<12} {where}")
    click.echo("\nWrite a message yourself, and see it in both CRMs:")
    said = '{"from": "4915112345678", "name": "You", "text": "Hello!"}'
    click.echo(f"  curl {house.urls[WA]}/_control/say -d '{said}'")
    click.echo("Ctrl-C ends it all.")


def _pages(house: House) -> str:
    return f"{house.urls['service']}/?token={house.token}"


def _wait_for_the_end(house: House) -> None:
    waiting = threading.Event()
    with contextlib.suppress(KeyboardInterrupt):
        while not waiting.wait(1.0):
            if name := house.has_ended():
                raise click.ClickException(f"{name} ended; see {house.log_of(name)}")
    click.echo("Ending.")


def _now_s() -> int:
    return int(time.time())
