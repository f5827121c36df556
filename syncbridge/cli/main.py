"""The commands, and how their errors are told."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from syncbridge import __version__
from syncbridge.errors import ConfigError, SyncBridgeError

#: sysexits.h: the settings are wrong.
EXIT_CONFIG = 78


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="syncbridge")
def cli() -> None:
    """Keep contacts and conversations in agreement between WhatsApp and a CRM."""


@cli.command()
@click.option("--config", type=click.Path(path_type=Path), help="The settings file.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535))
def up(config: Path | None, host: str, port: int) -> None:
    """Run the whole service in this process: web, workers, scheduler."""
    from syncbridge.cli.up import serve

    serve(config, host, port)


def main() -> None:
    """Run the command line; problems are told one a line, without a traceback."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as exc:
        exc.show()
        sys.exit(exc.exit_code)
    except ConfigError as exc:
        for problem in exc.problems:
            click.echo(f"error: {problem}", err=True)
        sys.exit(EXIT_CONFIG)
    except SyncBridgeError as exc:
        click.echo(f"error: {exc}", err=True)
        sys.exit(1)
