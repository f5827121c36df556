"""`syncbridge sandbox`: one imitated vendor's account, for rehearsals and tests."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

import click

from syncbridge.cli.console import Exit, json_option
from syncbridge.errors import ConfigError, Problem
from syncbridge.remote.registry import connector_class
from syncbridge.sandbox import Sandbox, parse_fault, serve_forever

_FAULT_HELP = "What goes wrong, such as 429:every=7 or timeout-after:times=1; may be repeated."


def _check_faults(
    _ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]
) -> tuple[str, ...]:
    for spec in value:
        try:
            parse_fault(spec)
        except ValueError as exc:
            raise click.BadParameter(str(exc)) from exc
    return value


@click.command()
@click.argument("name")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--webhook-url", help="Where its webhooks go; left out: it sends none.")
@click.option("--app-secret", help="Signs the webhooks (HubSpot: client secret).  [sandbox]")
@click.option("--fault", "faults", multiple=True, callback=_check_faults, help=_FAULT_HELP)
@click.option("--portal-id", type=int, help="The account's id, where the vendor numbers accounts.")
@json_option
def sandbox(name: str, host: str, port: int, as_json: bool, **options: Any) -> int:
    """Serve an imitated vendor's account.

    It starts empty, needs no settings and accepts the token and secret "sandbox". The control API
    below /_control steers it.
    """
    account = imitated(name, **options)

    def on_ready(url: str) -> None:
        ready = json.dumps({"sandbox": name, "url": url, "control": f"{url}/_control"})
        text = f"imitated {name} on {url} (control API: {url}/_control/health)"
        click.echo(ready if as_json else text)

    try:
        serve_forever(account, host, port, on_ready=on_ready)
    except OSError as exc:
        problem = Problem(f"{host}:{port}", f"cannot be listened on: {exc}", "choose --port")
        raise ConfigError([problem]) from exc
    return Exit.OK


def imitated(
    name: str,
    *,
    webhook_url: str | None = None,
    app_secret: str | None = None,
    faults: tuple[str, ...] = (),
    portal_id: int | None = None,
) -> Sandbox:
    """Build a connector's imitation; what is None keeps the imitation's own default.

    Raises:
        UsageError: no connector has that name, or its imitation knows no such option.
        ConfigError: the connector has no imitation.
    """
    create = _creator(name)
    known = inspect.signature(create).parameters
    secret = "app_secret" if "app_secret" in known else "client_secret"
    given = {secret: app_secret, "portal_id": portal_id}
    wanted = {option: value for option, value in given.items() if value is not None}
    for option in wanted:
        if option not in known:
            raise click.UsageError(f"the imitated {name} has no --{option.replace('_', '-')}")
    return create(webhook_url=webhook_url, faults=faults, **wanted)


def _creator(name: str) -> Callable[..., Sandbox]:
    try:
        package = connector_class(name).__module__.rpartition(".")[0]
    except ConfigError as exc:
        raise click.UsageError(str(exc)) from exc
    try:
        create: Callable[..., Sandbox] = import_module(f"{package}.sandbox").create
    except ModuleNotFoundError as exc:
        if exc.name != f"{package}.sandbox":
            raise
        raise ConfigError([Problem(name, "ships no imitation of its vendor")]) from exc
    return create
