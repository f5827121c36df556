"""Programs started as people start them, between imitated accounts of their own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import requests

import connectors.hubspot.sandbox as imitated_hubspot
import connectors.whatsapp.sandbox as imitated_whatsapp
from connectors.hubspot.sandbox import HubSpotSandbox
from connectors.whatsapp.sandbox.app import WhatsAppSandbox
from syncbridge.sandbox import SandboxServer, WebhookRules

ROOT = Path(__file__).parents[2]
T = TypeVar("T")

_SETTINGS = """
[service]
database_url = "{database_url}"
poll_interval_s = 1
{service}
[retry]
compensation_interval_s = 1
readback_wait_s = 1
lease_s = 30
[connections.wa]
connector = "whatsapp"
mode = "live"
base_url = "{whatsapp}"
phone_number_id = "1234567890"
app_secret = "sandbox"
verify_token = "sandbox"
access_token = "sandbox"
[connections.hs]
connector = "hubspot"
mode = "{mode}"
base_url = "{hubspot}"
access_token = "sandbox"
client_secret = "sandbox"
rank = 10
"""


def eventually(ask: Callable[[], T], *, within_s: float = 20.0) -> T:
    """Ask until the answer is true, and answer it; fail when time is up."""
    deadline_s = time.monotonic() + within_s
    while True:
        found = ask()
        if found:
            return found
        assert time.monotonic() < deadline_s, f"not within {within_s} s: {found!r}"
        threading.Event().wait(0.05)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@dataclass
class Accounts:
    """The two imitated accounts, and the settings that connect them."""

    whatsapp: WhatsAppSandbox
    hubspot: HubSpotSandbox
    whatsapp_url: str
    hubspot_url: str

    def settings(
        self, directory: Path, *, database_url: str = "", mode: str = "live", service: str = ""
    ) -> Path:
        """Write a settings file and answer it."""
        path = directory / "syncbridge.toml"
        text = _SETTINGS.format(
            database_url=database_url or f"sqlite:///{directory}/sync.db",
            whatsapp=self.whatsapp_url,
            hubspot=self.hubspot_url,
            mode=mode,
            service=service,
        )
        path.write_text(text)
        return path

    def call(self, ready: dict[str, Any]) -> None:
        """Send webhooks to a service that has become ready, again and again until it takes them."""
        patient = (0.2,) * 100
        self.whatsapp.send_to(ready["webhooks"]["wa"], retry_delays_s=patient)
        rules = WebhookRules(100, retry_delays_s=patient, concurrency=4)
        self.hubspot.send_webhooks(ready["webhooks"]["hs"], "sandbox", rules)

    def say(self, number: str, text: str, name: str = "Anna") -> None:
        """Let somebody write."""
        said = {"from": number, "name": name, "text": text}
        answer = requests.post(f"{self.whatsapp_url}/_control/say", json=said, timeout=5)
        assert answer.status_code == 201, answer.text

    def counts(self) -> tuple[int, int]:
        """How many contacts and communications stand in the CRM."""
        found = requests.get(f"{self.hubspot_url}/_control/counts", timeout=5).json()
        return found["contacts"], found["communications"]

    def bodies(self) -> list[str]:
        """What is written in the communications of the CRM."""
        url = f"{self.hubspot_url}/_control/records/communications"
        found = requests.get(url, timeout=5).json()["results"]
        return [one["properties"]["hs_communication_body"] for one in found]


@contextmanager
def imitated_accounts(hubspot_port: int = 0) -> Iterator[Accounts]:
    whatsapp = imitated_whatsapp.create()
    hubspot = imitated_hubspot.create(index_lag_s=0.0)
    with SandboxServer(whatsapp) as one, SandboxServer(hubspot, port=hubspot_port) as other:
        yield Accounts(whatsapp, hubspot, one.url, other.url)


class Program:
    """A process of ours; what it logs is in `log`."""

    def __init__(self, command: Sequence[str], directory: Path, **environ: str) -> None:
        self.log = directory / f"{command[0]}-{uuid.uuid4().hex[:8]}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=directory,
                env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
                stdout=subprocess.PIPE,
                stderr=log,
            )

    def ready(self) -> dict[str, Any]:
        """Wait for the line that says where it listens."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith(b'{"'), self.log.read_text()
        found: dict[str, Any] = json.loads(line)
        return found

    def logged(self, text: str) -> bool:
        return text in self.log.read_text()

    def interrupt(self, *, within_s: float = 10.0) -> int:
        """Press Ctrl-C and answer the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(within_s)

    def kill(self) -> None:
        """Kill -9."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        if self.process.poll() is None:
            self.kill()
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def running(command: Sequence[str], directory: Path, **environ: str) -> Iterator[Program]:
    program = Program(command, directory, **environ)
    try:
        yield program
    finally:
        program.close()


def up(port: int = 0) -> list[str]:
    """The command that starts the whole service from ./syncbridge.toml."""
    return ["syncbridge", "up", "--json", "--port", str(port)]
