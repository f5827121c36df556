"""How fast deliveries are acknowledged and become owed writes, and what that costs.

    python tests/bench/ingest.py [--seconds N]

prints one JSON object; each database has its key, `postgresql` is null when no server answers:

- `acks_per_s`, `p50_ms`, `p99_ms`: 32 kept connections of another process post signed WhatsApp
  deliveries, all different, each with one text from one of 1,000 senders, as fast as they are
  acknowledged, for N seconds. An acknowledgement counts once the 200 is read; the delivery is
  durable then (SQLite: WAL with synchronous=FULL on a file; PostgreSQL: as the server is set up).
  The service splits and applies what has come at the same time.
- `inbox_to_outbox_per_s`: a service is started with 5,000 more deliveries waiting in its inbox, of
  the same senders; how many become, each second, persons, conversations, messages and entries owed
  to two CRM connections, counted from the first batch that was seen done to the last.
- `cpu_s_per_1000`: processor seconds of the service for a thousand messages, from the first
  delivery of the load to the last entry. A database server's own are not in it.
- `peak_rss_mb`: the most memory the service process ever held, in millions of bytes.

Beside these: `decided_meanwhile_per_s`, messages applied while the load lasted; `messages` of the
load; `load_cpu_s_per_1000`, what the load itself took from the same processors. Every acknowledged
message must be in the outbox twice at the end, else it fails.

The service is `syncbridge up`, as anybody would start it; nothing is warmed up.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from load import delivery
from psycopg import sql
from served import APP_SECRET, KEY_FILE, PATH, Served, serve
from sqlalchemy import Connection, create_engine, text

from syncbridge.clock import system_clock, to_ms
from syncbridge.store import inbox
from syncbridge.store.cipher import Cipher, key_from_file
from syncbridge.store.ids import new_id
from syncbridge.store.inbox import Arrival
from syncbridge.store.session import open_store

_CRMS = 2
_SENDERS = 1_000
_WAITING_AT_START = 5_000
#: More deliveries are made than can be acknowledged.
_MOST_A_S = 4_500
#: How long the rest may take after the load, before it is given up.
_DRAIN_S = 600.0
_LOOK_S = 0.05
_POSTGRESQL = os.environ.get(
    "SYNCBRIDGE_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres"
)
_WAITING = text(
    "SELECT (SELECT count(*) FROM deliveries WHERE state = 'received')"
    " + (SELECT count(*) FROM events WHERE state = 'due')"
)


def measure(url: str, directory: Path, seconds: float) -> dict[str, float]:
    """Load a fresh service on a database and answer the figures.

    Raises:
        RuntimeError: something acknowledged is not in the outbox.
    """
    engine = create_engine(url)
    try:
        with engine.connect() as conn:
            conn = conn.execution_options(isolation_level="AUTOCOMMIT")
            with serve(url, directory) as served:
                before_s = served.cpu_s()
                load = _load(served, seconds)
                meanwhile = _count(conn, "messages")
                _drain(conn)
                cpu_s, peak_rss_mb = served.cpu_s() - before_s, served.peak_rss_mb()
            acks = int(load["acks"])
            _require_all(conn, acks)
            _leave_waiting(url, directory, first=int(seconds * _MOST_A_S))
            with serve(url, directory) as served:
                rate = _drain(conn)
                peak_rss_mb = max(peak_rss_mb, served.peak_rss_mb())
            _require_all(conn, acks + _WAITING_AT_START)
    finally:
        engine.dispose()
    figures = {
        **{name: load[name] for name in ("acks_per_s", "p50_ms", "p99_ms")},
        "inbox_to_outbox_per_s": rate,
        "cpu_s_per_1000": cpu_s / acks * 1000,
        "peak_rss_mb": peak_rss_mb,
        "decided_meanwhile_per_s": meanwhile / load["lasted_s"],
        "messages": acks,
        "load_cpu_s_per_1000": load["load_cpu_s"] / acks * 1000,
    }
    return {name: round(figure, 2) for name, figure in figures.items()}


def _load(served: Served, seconds: float) -> dict[str, float]:
    command = [sys.executable, Path(__file__).with_name("load.py")]
    command += [str(served.port), PATH, APP_SECRET, "--seconds", str(seconds)]
    command += ["--deliveries", str(int(seconds * _MOST_A_S)), "--senders", str(_SENDERS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as load:
        assert load.stdin is not None
        assert load.stdout is not None
        load.stdout.readline()
        figures, _ = load.communicate(b"go\n")
    if load.returncode:
        raise RuntimeError("the load did not get through")
    report: dict[str, float] = json.loads(figures)
    return report


def _leave_waiting(url: str, directory: Path, *, first: int) -> None:
    """Put deliveries into the inbox of a service that is not running."""
    cipher = Cipher(key_from_file(directory / KEY_FILE))
    bodies = [delivery(first + more, _SENDERS) for more in range(_WAITING_AT_START)]
    arrivals = [
        Arrival(
            connection="wa",
            digest=hashlib.sha256(body).hexdigest(),
            body=cipher.seal(body),
            received_at_ms=to_ms(system_clock()),
            correlation_id=new_id(),
        )
        for body in bodies
    ]
    store = open_store(url)
    try:
        store.transact(lambda tx: inbox.receive(tx, arrivals))
    finally:
        store.close()


def _drain(conn: Connection) -> float:
    """Wait until nothing waits; answer messages a second, from the first look that saw some."""
    deadline_s = time.monotonic() + _DRAIN_S
    began_s, before = time.monotonic(), _count(conn, "messages")
    first = before
    while conn.execute(_WAITING).scalar_one():
        if time.monotonic() > deadline_s:
            raise RuntimeError(f"messages still wait after {_DRAIN_S:.0f} s")
        time.sleep(_LOOK_S)
        if before == first:
            began_s, before = time.monotonic(), _count(conn, "messages")
    return (_count(conn, "messages") - before) / (time.monotonic() - began_s)


def _count(conn: Connection, table: str) -> int:
    count: int = conn.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()  # noqa: S608
    return count


def _require_all(conn: Connection, acks: int) -> None:
    messages = _count(conn, "messages")
    owed = conn.execute(text("SELECT count(*) FROM outbox WHERE kind = 'message'")).scalar_one()
    if messages != acks or owed != acks * _CRMS:
        raise RuntimeError(f"{acks} acknowledged, {messages} messages, {owed} entries owed")


@contextmanager
def _postgresql_url() -> Iterator[str | None]:
    """Give a fresh database; None when no server answers."""
    try:
        server = psycopg.connect(_POSTGRESQL, autocommit=True, connect_timeout=2)
    except psycopg.OperationalError as exc:
        print(f"no PostgreSQL: {exc}", file=sys.stderr)
        yield None
        return
    name = f"syncbridge_bench_{uuid.uuid4().hex[:12]}"
    with server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            parts = urlsplit(_POSTGRESQL)
            yield parts._replace(scheme="postgresql+psycopg", path=f"/{name}").geturl()
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
            server.execute(drop.format(sql.Identifier(name)))


def main() -> None:
    """Measure both databases, one after the other."""
    parser = argparse.ArgumentParser(description="Measure ingest; JSON on standard output.")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long the load lasts")
    parser.add_argument("--only", choices=("sqlite", "postgresql"), help="leave the other out")
    given = parser.parse_args()
    report: dict[str, Any] = {"sqlite": None, "postgresql": None}
    with tempfile.TemporaryDirectory(prefix="syncbridge-bench-") as name:
        directory = Path(name)
        if given.only != "postgresql":
            url = f"sqlite:///{directory}/bench.db"
            report["sqlite"] = measure(url, directory, given.seconds)
        if given.only != "sqlite":
            with _postgresql_url() as found:
                if found:
                    report["postgresql"] = measure(found, directory, given.seconds)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
