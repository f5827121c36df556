"""The commands, and how their errors are told."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click
from typing_extensions import override

from syncbridge import __version__
from syncbridge.cli.console import Exit
from syncbridge.errors import ConfigError, Problem, StoreBusy, SyncBridgeError

#: Command -> (where it is, what it does): only the one that is called is imported, so that help
#: and completion stay quick.
COMMANDS = {
    "demo": ("demo:demo", "Show everything at work, with imitated accounts."),
    "up": ("up:up", "Run the whole service in this process."),
    "web": ("serve:web", "Serve webhooks, API and pages only; Celery does the work."),
    "sandbox": ("sandbox:sandbox", "Serve an imitated vendor's account."),
    "check": ("check:check", "Look whether everything is there that the connections need."),
    "status": ("status:status", "Show how the service stands."),
    "sync": ("sync:sync", "Read what changed, then deliver what is due, and end."),
    "resync": ("sync:resync", "Read a connection's lists again."),
    "go-live": ("connections:go_live", "Show what a connection would write, then let it."),
    "connections": ("connections:connections", "List connections, pause or resume one."),
    "conflicts": ("conflicts:conflicts", "See and decide what both sides changed."),
    "deadletters": ("deadletters:deadletters", "See, replay or discard what could not be written."),
    "dedupe": ("dedupe:dedupe", "Find people who are there twice."),
    "person": ("person:person", "Tell what happened to a person, and why."),
    "runs": ("status:runs", "List the last batch runs."),
    "migrate": ("database:migrate", "Bring the database up to date."),
    "simulate": ("simulate:simulate", "Prove the service on simulated worlds."),
    "new-key": ("database:new_key", "Make an encryption key."),
}


class Commands(click.Group):
    """Commands that are imported when they are called."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        found: click.Command = getattr(import_module(f"syncbridge.cli.{module}"), name)
        return found

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="syncbridge")
@click.option("--traceback", is_flag=True, help="Show where an error comes from.")
def cli(traceback: bool) -> None:
    """Keep contacts and conversations in agreement between WhatsApp and a CRM.

    Every command takes --json, which answers a program on standard output; progress and logs go
    to standard error. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 something waits for a person
    or for later, 75 another run is under way, 78 the settings cannot be used.
    """


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit; problems are told one a line, without a traceback."""
    given = list(sys.argv[1:] if args is None else args)
    sys.exit(run(given))


def run(args: Sequence[str]) -> int:
    """Run one command and answer its exit code."""
    try:
        return int(cli.main(list(args), prog_name="syncbridge", standalone_mode=False) or Exit.OK)
    except (click.exceptions.Abort, KeyboardInterrupt):
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read us has enough; the interpreter must not stumble over it once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED
    except Exception as exc:
        if "--traceback" in args:
            raise
        return _tell(exc, as_json="--json" in args)


def _tell(exc: Exception, *, as_json: bool) -> int:
    """Say what went wrong and answer the exit code that means it."""
    problems: Sequence[Problem] = ()
    code, text = Exit.FAILED, str(exc)
    match exc:
        case click.UsageError():
            code, text = Exit.USAGE, exc.format_message()
            exc.show()
        case click.ClickException():
            text = exc.format_message()
        case ConfigError():
            code, problems = Exit.CONFIG, exc.problems
        case StoreBusy():
            code = Exit.BUSY
            text = f"the database is busy ({exc}): nothing was changed, try again in a moment"
        case SyncBridgeError():
            pass
        case _:
            text = f"{type(exc).__name__}: {exc} (our bug: --traceback shows where)"
    if code is not Exit.USAGE:
        for line in [str(problem) for problem in problems] or [text]:
            click.echo(f"error: {line}", err=True)
    if as_json:
        listed = [{"place": p.place, "what": p.what, "remedy": p.remedy} for p in problems]
        click.echo(json.dumps({"error": text, "problems": listed}, ensure_ascii=False, indent=2))
    return code
