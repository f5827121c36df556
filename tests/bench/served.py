"""The service under test: `syncbridge up` as a process of its own, looked at from outside."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: Signs the deliveries.
APP_SECRET = "bench"
PATH = "/webhooks/wa"
#: Beside the settings.
KEY_FILE = "bench.key"
_TICKS_A_S = os.sysconf("SC_CLK_TCK")
_START_S = 30.0
_END_S = 20.0

# Both CRMs observe, and nobody listens where they are said to be: what is measured ends at the
# outbox.
_SETTINGS = """
[service]
database_url = "{url}"
encryption_key_file = "{directory}/{key_file}"
log_level = "ERROR"
[connections.wa]
connector = "whatsapp"
base_url = "http://127.0.0.1:9"
phone_number_id = "1234567890"
app_secret = "{secret}"
verify_token = "bench"
access_token = "bench"
[connections.hs]
connector = "hubspot"
base_url = "http://127.0.0.1:9"
access_token = "bench"
client_secret = "bench"
rank = 10
[connections.hs2]
connector = "hubspot"
base_url = "http://127.0.0.1:9"
access_token = "bench"
client_secret = "bench"
"""


@dataclass(frozen=True)
class Served:
    """A running service, as the operating system sees it."""

    pid: int
    port: int

    def cpu_s(self) -> float:
        """Answer the processor seconds it has used, in all its threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS_A_S

    def peak_rss_mb(self) -> float:
        """Answer the most memory it ever held, in megabytes of a million bytes."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
        raise RuntimeError("the system does not tell a process's peak")


@contextmanager
def serve(url: str, directory: Path) -> Iterator[Served]:
    """Start the service on a database URL and end it afterwards."""
    config = directory / "syncbridge.toml"
    settings = _SETTINGS.format(url=url, directory=directory, key_file=KEY_FILE, secret=APP_SECRET)
    config.write_text(settings)
    port = _free_port()
    command = [sys.executable, "-m", "syncbridge", "up", "--config", config, "--port", str(port)]
    process = subprocess.Popen(command, stdout=sys.stderr)
    try:
        _wait_for(process, port)
        yield Served(process.pid, port)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline_s = time.monotonic() + _START_S
    while time.monotonic() < deadline_s and process.poll() is None:
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            asked.request("GET", "/healthz")
            if asked.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            asked.close()
    raise RuntimeError(f"the service did not start within {_START_S:.0f} s")
