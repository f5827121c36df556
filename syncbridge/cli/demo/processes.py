"""The processes of the demo: imitated accounts and the service, on free ports of this machine."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from syncbridge.cli.demo.doors import get, is_up
from syncbridge.cli.demo.story.steps import CRMS, HS, HS2, WA

#: How long a process may take until it answers.
_START_S = 30.0
_END_S = 12.0
_LOOK_S = 0.05
#: Portal ids of the two CRM accounts.
_PORTALS = {HS: "1000001", HS2: "1000002"}

#: Everything live from the beginning, and impatient: nobody watches a demo for hours.
_SETTINGS = """\
[service]
database_url = "sqlite:///{directory}/syncbridge.db"
public_url = "{service}"
poll_interval_s = {poll_s}
api_token = "{token}"

[retry]
compensation_tries = 3
compensation_interval_s = 2
readback_wait_s = 2
lease_s = 15
probe_s = 1

[connections.wa]
connector = "whatsapp"
mode = "live"
base_url = "{wa}"
phone_number_id = "1234567890"
app_secret = "sandbox"
verify_token = "sandbox"
access_token = "sandbox"

[connections.hs]
connector = "hubspot"
mode = "live"
base_url = "{hs}"
portal_id = "1000001"
access_token = "sandbox"
client_secret = "sandbox"
rank = 10

[connections.hs2]
connector = "hubspot"
mode = "live"
base_url = "{hs2}"
portal_id = "1000002"
access_token = "sandbox"
client_secret = "sandbox"
rank = 20
"""
#: Between two looks for edits whose webhook was lost.
POLL_S = 5


class House:
    """Three imitated accounts and the service that joins them; leaving it ends them all."""

    def __init__(self, directory: Path, *, port: int = 0) -> None:
        self.directory = directory
        ports = [port or free_port(), *(free_port() for _ in range(3))]
        names = ("service", WA, *CRMS)
        self.urls = {
            name: f"http://127.0.0.1:{number}" for name, number in zip(names, ports, strict=True)
        }
        self.config = directory / "syncbridge.toml"
        #: Opens the API and the pages.
        self.token = secrets.token_urlsafe(16)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        """Write the settings and start the accounts; the service starts with `start`."""
        self.directory.mkdir(parents=True, exist_ok=True)
        text = _SETTINGS.format(
            directory=self.directory.resolve(), poll_s=POLL_S, token=self.token, **self.urls
        )
        self.config.write_text(text)
        try:
            self._start_account(WA, "whatsapp")
            for name in CRMS:
                self._start_account(name, "hubspot", "--portal-id", _PORTALS[name])
            for name in (WA, *CRMS):
                self._await(name, "/_control/health")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End everything that was started."""
        self.close()

    def _start_account(self, name: str, kind: str, *options: str) -> None:
        port = self.urls[name].rpartition(":")[2]
        url = f"{self.urls['service']}/webhooks/{name}"
        self._begin(name, ["sandbox", kind, "--port", port, "--webhook-url", url, *options])

    def start(self) -> None:
        """Start the service, and wait until it answers.

        Raises:
            TimeoutError: it does not.
        """
        port = self.urls["service"].rpartition(":")[2]
        self._begin("service", ["up", "--config", str(self.config), "--port", port])
        self._await("service", "/healthz")

    def kill(self) -> None:
        """Kill the service as a power cut would."""
        child = self._running.pop("service")
        child.kill()
        child.wait()

    def log_of(self, name: str) -> Path:
        """Answer where a process writes what it has to say."""
        return self.directory / f"{name}.log"

    def _begin(self, name: str, args: Sequence[str]) -> None:
        command = [sys.executable, "-m", "syncbridge.cli.demo.child", str(os.getpid()), *args]
        with self.log_of(name).open("ab") as log:
            # In a session of its own: Ctrl-C reaches the demo alone, which then ends the others.
            self._running[name] = subprocess.Popen(  # noqa: S603 - our own program
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _await(self, name: str, path: str) -> None:
        deadline_s = time.monotonic() + _START_S
        while not is_up(self.urls[name] + path):
            child = self._running[name]
            if child.poll() is not None or time.monotonic() > deadline_s:
                raise TimeoutError(f"{name} does not answer; see {self.log_of(name)}")
            time.sleep(_LOOK_S)

    def close(self) -> None:
        """End everything, the service first; may be called twice."""
        children = [self._running.pop(name) for name in ("service", WA, *CRMS) if self._has(name)]
        for child in children:
            with suppress(ProcessLookupError):
                child.send_signal(signal.SIGTERM)
        for child in children:
            try:
                child.wait(_END_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def _has(self, name: str) -> bool:
        return name in self._running

    def has_ended(self) -> str:
        """Answer the name of a process that ended by itself; "" while all are there."""
        return next((name for name, child in self._running.items() if child.poll() is not None), "")

    def status(self) -> object:
        """Answer how the service stands, by its API."""
        return get(f"{self.urls['service']}/api/v1/status", token=self.token)


def free_port() -> int:
    """Answer a port of this machine that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
