"""The web server, alone (`syncbridge web`) or as a part of `syncbridge up`."""

from __future__ import annotations

import json
import logging
import signal
import threading
from pathlib import Path

import click
from waitress.server import create_server

from syncbridge.bootstrap import Service, access_token, build, celery_values, doorbell
from syncbridge.bootstrap import read_settings as read
from syncbridge.cli.console import Exit, config_option, json_option
from syncbridge.cli.opening import log_to_stderr
from syncbridge.errors import ConfigError, Problem
from syncbridge.web.app import create_app

#: Threads that answer requests: more than acknowledgements that wait for one commit together.
_WEB_THREADS = 32

_log = logging.getLogger(__name__)

#: The server itself reads so many times the largest webhook: what is too large is then refused by
#: us, with a reason and a count.
_READ_AHEAD = 4


class WebServer:
    """The service's web application on a port, in a thread of its own."""

    def __init__(self, service: Service, host: str, port: int) -> None:
        """Bind the port; port 0 takes a free one.

        Raises:
            ConfigError: it cannot be listened on.
        """
        try:
            self._server = create_server(
                create_app(service),
                host=host,
                port=port,
                threads=_WEB_THREADS,
                max_request_body_size=_READ_AHEAD * service.settings.service.max_body_bytes,
                ident=None,
            )
        except OSError as exc:
            problem = Problem(f"{host}:{port}", f"cannot be listened on: {exc}", "choose --port")
            raise ConfigError([problem]) from exc
        self.url = f"http://{host}:{self._server.effective_port}"

    def start(self) -> None:
        """Answer requests from now on."""
        threading.Thread(target=self._server.run, name="web", daemon=True).start()

    def stop(self) -> None:
        """Take no more requests."""
        self._server.close()


def until_told_to_end() -> threading.Event:
    """Answer an event that SIGINT and SIGTERM set; main thread only."""
    ending = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ending.set())
    return ending


def announce(service: Service, url: str, *, as_json: bool) -> None:
    """Say where everything is, once it answers."""
    public_url = service.settings.service.public_url or url
    hooks = {name: f"{public_url}/webhooks/{name}" for name in sorted(service.engine.spokes)}
    pages = f"{url}/?token={access_token(service)}"
    if as_json:
        ready = {"url": url, "pages": pages, "api": f"{url}/api/docs", "webhooks": hooks}
        click.echo(json.dumps(ready))
        return
    click.echo(f"SyncBridge is up on {url}")
    click.echo(f"  pages     {pages}")
    click.echo(f"  API       {url}/api/docs")
    for name, hook in hooks.items():
        click.echo(f"  webhooks  {hook}  (connection {name})")


@click.command()
@config_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535))
@json_option
def web(config: Path | None, host: str, port: int, as_json: bool) -> int:
    """Serve webhooks, API and pages only; the work is done by Celery's workers.

    Needs service.broker_url and a database that several processes can share, up to date
    (`syncbridge migrate`).
    """
    settings = read(config)
    log_to_stderr(settings.service.log_level)
    celery_values(settings)
    service = build(settings, bell=doorbell(settings))
    try:
        ending = until_told_to_end()
        server = WebServer(service, host, port)
        server.start()
        announce(service, server.url, as_json=as_json)
        ending.wait()
        _log.info("ending")
        server.stop()
    finally:
        service.close()
    return Exit.OK
