"""Connections that have to wait: for a quota, for a token, or for a person."""

from __future__ import annotations

import logging

from syncbridge.clock import to_ms
from syncbridge.engine.context import Engine
from syncbridge.errors import Suspended
from syncbridge.store import review, runs
from syncbridge.store.ids import new_id
from syncbridge.store.session import Transaction

_log = logging.getLogger(__name__)


def suspend(engine: Engine, tx: Transaction, connection: str, exc: Suspended) -> None:
    """Let a connection wait, within a transaction; nothing that waits for it loses a try."""
    now_ms = engine.now_ms()
    until_ms = to_ms(exc.until) if exc.until else now_ms + int(engine.retry.probe_s * 1000)
    known = runs.load_connections(tx).get(connection)
    runs.set_connection(
        tx,
        connection,
        suspended_at_ms=known.suspended_at_ms if known and known.suspended_at_ms else now_ms,
        suspended_until_ms=until_ms,
        suspended_reason=f"{exc.cause}: {exc}",
    )
    if known is None or known.suspended_at_ms is None:
        _log.warning("%s waits: %s", connection, exc.cause)
        note = review.Note(
            topic="suspended",
            text=f"{connection} waits: {exc}",
            correlation_id=new_id(),
            connection=connection,
        )
        review.write_journal(tx, [note], at_ms=now_ms)


def resume_if_over(engine: Engine, tx: Transaction, connection: str) -> None:
    """Record, within a transaction, that reading went well; a quota runs until it is renewed."""
    known = runs.load_connections(tx).get(connection)
    if known is not None and not known.is_suspended(engine.now_ms()):
        resume_if_suspended(tx, connection)


def resume_if_suspended(tx: Transaction, connection: str) -> None:
    """Record, within a transaction, that a connection answered again."""
    known = runs.load_connections(tx).get(connection)
    if known is not None and known.suspended_at_ms is not None:
        _log.info("%s answers again", connection)
        runs.set_connection(
            tx,
            connection,
            suspended_at_ms=None,
            suspended_until_ms=None,
            suspended_reason=None,
        )
