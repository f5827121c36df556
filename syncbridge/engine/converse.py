"""Channel events, taken from the inbox and applied: many at once, a bad one alone."""

from __future__ import annotations

import logging

from syncbridge.engine.batch import Batch
from syncbridge.engine.context import Engine, Table
from syncbridge.engine.scene import Scene
from syncbridge.errors import StoreBusy
from syncbridge.store import inbox, runs
from syncbridge.store.inbox import StoredEvent
from syncbridge.store.session import Transaction

#: Events applied in one transaction while nobody waits for an acknowledgement.
BATCH = 240
#: And while many do: few enough that those never wait long behind it.
CROWDED_BATCH = 12
#: How often an event that breaks our code is tried before it is set aside.
_POISON_TRIES = 3
_POISON_PAUSE_MS = 5_000

_log = logging.getLogger(__name__)


def apply_events(engine: Engine) -> int:
    """Apply due events of channels in the order they came; answer how many were taken.

    One transaction for all of them. If one breaks it, each is applied in a transaction of its own,
    so that a bad event never stops the others.

    Raises:
        StoreBusy: nothing was applied.
    """
    limit = CROWDED_BATCH if engine.receiving.is_crowded else BATCH
    try:
        return _apply(engine, limit=limit)
    except StoreBusy:
        raise
    except Exception:  # noqa: BLE001 - whatever it is, the other events must go on
        _log.exception("a batch of events failed; each is applied alone")
    now_ms = engine.now_ms()
    waiting = engine.store.read(
        lambda tx: inbox.due_events(tx, queue=inbox.PEOPLE, now_ms=now_ms, limit=limit)
    )
    for event in waiting:
        _apply_alone(engine, event)
    return len(waiting)


def _apply_alone(engine: Engine, event: StoredEvent) -> None:
    try:
        _apply(engine, limit=1, only=[event.id])
    except StoreBusy:
        raise
    except Exception as exc:  # noqa: BLE001 - set aside with its name, never lost
        _log.exception("event %d failed", event.id)
        reason = f"{type(exc).__name__}: this event breaks our code; see the log"
        engine.store.transact(lambda tx: _bury(engine, tx, event, reason))


def _bury(engine: Engine, tx: Transaction, event: StoredEvent, reason: str) -> None:
    if event.tries + 1 < _POISON_TRIES:
        due_at_ms = engine.now_ms() + _POISON_PAUSE_MS
        inbox.postpone(tx, [event.id], due_at_ms=due_at_ms, is_try=True)
        return
    inbox.set_event_aside(tx, event.id, reason)
    runs.count(tx, event.connection, {"events_set_aside": 1})


def _apply(engine: Engine, *, limit: int, only: list[int] | None = None) -> int:
    batches: list[Batch] = []

    def work(tx: Transaction) -> int:
        batches.clear()
        now_ms = engine.now_ms()
        taken = inbox.due_events(tx, queue=inbox.PEOPLE, now_ms=now_ms, limit=limit, only=only)
        if taken:
            batch = Batch(engine, tx)
            batches.append(batch)
            Scene(batch, taken).play()
        return len(taken)

    count = engine.store.transact(work)
    for batch in batches:
        batch.ring()
        engine.bell.ring(Table.EVENTS)
        engine.bell.ring(Table.MEDIA)
    return count
