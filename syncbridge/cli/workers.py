"""The embedded workers: threads that look at the tables, woken by the bell or by the second."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from syncbridge.bootstrap import Service
from syncbridge.clock import monotonic_s
from syncbridge.engine import resync, rounds, sweep
from syncbridge.engine.context import Engine, Table
from syncbridge.errors import RemoteError, StoreBusy
from syncbridge.queue.bell import InProcessBell

#: How long a row may wait unseen when a ring was lost.
_SWEEP_S = 1.0
_FORGET_S = 3_600.0
#: While acknowledgements are waited for, how long deciding rests for each second it worked.
_REST = 3.0
#: How soon a connection that did not answer at the start is asked again.
_ASK_AGAIN_S = 5.0
#: How long threads may take to end; a call on its way is then left to the next start.
_END_S = 7.0

_log = logging.getLogger(__name__)


class Workers:
    """Threads for everything that happens after a delivery was acknowledged."""

    def __init__(self, service: Service, bell: InProcessBell, *, is_alone: bool = True) -> None:
        """Look at the tables of `service`; `is_alone`: nobody else works on its database."""
        self._service = service
        self._bell = bell
        self._is_alone = is_alone
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin; what a killed predecessor held is taken back first.

        Where others work on the same database, their leases are left to run out.
        """
        engine = self._service.engine
        back = sweep.recover(engine) if self._is_alone else 0
        if back:
            _log.info("took back %d entries of a process that ended without settling", back)
        self._begin("decide", self._decide)
        count = self._service.settings.service.workers_per_connection
        for table, name in rounds.posts(engine):
            if name:
                for number in range(count if table is Table.OUTBOX else 1):
                    self._begin(f"{table}-{name}-{number}", self._attend, table, name)
        for name, spoke in engine.spokes.items():
            if spoke.connector.capabilities.feeds:
                self._begin(f"poll-{name}", self._poll, name)
        self._begin("sweep", self._sweep)

    def stop(self) -> None:
        """End after the present batches, within seconds."""
        self._ending.set()
        self._bell.ring_all()
        deadline_s = monotonic_s() + _END_S
        for thread in self._threads:
            thread.join(max(0.0, deadline_s - monotonic_s()))

    def _begin(self, name: str, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _decide(self) -> None:
        """Split deliveries and apply events, in one thread: they are one writer's work.

        A vendor that waits goes first: it gives up, and delivers everything again; what it has
        delivered is safe, and can wait.
        """
        engine = self._service.engine
        while not self._ending.is_set():
            began_s = monotonic_s()
            split = self._safely(rounds.work, engine, Table.DELIVERIES)
            applied = self._safely(rounds.work, engine, Table.EVENTS)
            if not split and not applied:
                self._bell.wait(Table.DELIVERIES, "", _SWEEP_S)
            elif engine.receiving.is_crowded:
                self._ending.wait((monotonic_s() - began_s) * _REST)

    def _attend(self, table: Table, connection: str) -> None:
        engine = self._service.engine
        while not self._ending.is_set():
            if not self._safely(rounds.work, engine, table, connection):
                self._bell.wait(table, connection, _SWEEP_S)

    def _poll(self, connection: str) -> None:
        """Prepare a connection as soon as it answers, then read it again and again."""
        engine = self._service.engine
        interval_s = self._service.settings.service.poll_interval_s
        while not self._ending.is_set():
            is_prepared = self._safely(_prepare, engine, connection)
            self._safely(resync.poll, engine, connection)
            self._ending.wait(interval_s if is_prepared else _ASK_AGAIN_S)

    def _sweep(self) -> None:
        engine = self._service.engine
        forgot_at_s = monotonic_s()
        self._safely(sweep.spread_everybody, engine)
        while not self._ending.wait(_SWEEP_S):
            self._safely(sweep.sweep, engine)
            if monotonic_s() - forgot_at_s > _FORGET_S:
                forgot_at_s = monotonic_s()
                self._safely(sweep.forget, engine)

    def _safely(self, work: Callable[..., object], *args: object) -> object:
        """Do a piece of work; a thread never ends because one of them failed."""
        try:
            return work(*args)
        except StoreBusy as exc:
            if not self._ending.is_set():
                _log.warning("the database refused: %s", exc)
                self._ending.wait(_SWEEP_S)
        except Exception:  # noqa: BLE001 - logged; the rows are as they were and are taken again
            _log.exception("%s failed", getattr(work, "__name__", work))
            self._ending.wait(_SWEEP_S)
        return 0


def _prepare(engine: Engine, connection: str) -> bool:
    """Make what the connection needs there, once; answer whether that is done."""
    try:
        missing = resync.ensure_prepared(engine, connection)
    except RemoteError as exc:
        _log.warning("%s did not answer yet: %s", connection, exc)
        return False
    for problem in missing:
        _log.warning("%s: %s", connection, problem)
    return True
