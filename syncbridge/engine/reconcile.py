"""Records of CRMs: read again when their doorbell rang, then reconciled with what we hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from syncbridge.engine.batch import Batch
from syncbridge.engine.context import Engine, Spoke, Table
from syncbridge.engine.desk import Desk
from syncbridge.engine.suspend import suspend
from syncbridge.errors import RemoteError, Suspended, Transient
from syncbridge.merge.echo import is_echo
from syncbridge.model.event import RecordTouched, Touch
from syncbridge.model.link import Link
from syncbridge.model.record import Kind, Snapshot
from syncbridge.model.states import LinkState
from syncbridge.remote.base import Gone
from syncbridge.store import inbox, records, runs
from syncbridge.store.inbox import StoredEvent
from syncbridge.store.session import Transaction

#: How long doorbells taken for reading stay with us before others may take them.
_HOLD_MS = 60_000
#: How soon a record is read again that was being written while it was read. The pause grows with
#: the age of its bell: a write of unknown outcome may take minutes to be cleared up.
_AGAIN_MS = 1_000
_PAUSE_MS = 5_000
#: How often a record whose bell breaks our code is tried before the bell is set aside.
_POISON_TRIES = 3


@dataclass(frozen=True, slots=True)
class _Taken:
    """Doorbells of one connection, and what was known of their records before reading."""

    #: Remote id -> the ids of its doorbells.
    bells: Mapping[str, tuple[int, ...]]
    #: Remote id -> its link's epoch; missing for unknown records.
    epochs: Mapping[str, int]
    correlations: Mapping[str, str]
    #: Remote id -> when its oldest bell was heard, milliseconds.
    heard_at_ms: Mapping[str, int]


def refresh_records(engine: Engine, connection: str) -> int:
    """Read the records whose doorbells rang and reconcile them; answer how many bells were taken.

    Many bells of one record are one read. A transaction before the call, one after; a crash
    between them makes the bells due again.
    """
    spoke = engine.spoke(connection)
    state = engine.store.read(runs.load_connections).get(connection)
    if state is not None and state.is_suspended(engine.now_ms()):
        return 0
    taken, count = engine.store.transact(lambda tx: _take(engine, spoke, tx))
    if taken.bells:
        try:
            found = spoke.connector.read(Kind.CONTACT, list(taken.bells))
        except RemoteError as exc:
            _give_back(engine, spoke, taken, exc)
        else:
            apply_readings(engine, spoke, taken, found)
    return count


def _take(engine: Engine, spoke: Spoke, tx: Transaction) -> tuple[_Taken, int]:
    """Take due bells, answering those that only echo our own writes without a read."""
    now_ms = engine.now_ms()
    due = inbox.due_events(
        tx,
        queue=inbox.RECORDS,
        connection=spoke.name,
        now_ms=now_ms,
        limit=spoke.connector.capabilities.read_batch * 4,
    )
    touched = [(event, event.body) for event in due if isinstance(event.body, RecordTouched)]
    ids = {body.remote_id for _, body in touched}
    links = records.links_by_ref(tx, spoke.name, Kind.CONTACT, ids)
    silent, bells = [], dict[str, list[StoredEvent]]()
    for event, body in touched:
        if event.tries >= _POISON_TRIES:
            _set_aside(tx, event)
        elif _is_silent(spoke, body, links.get(body.remote_id)):
            silent.append(event.id)
        else:
            bells.setdefault(body.remote_id, []).append(event)
    wanted = _together(bells, spoke.connector.capabilities.read_batch)
    inbox.mark_applied(tx, silent)
    runs.count(tx, spoke.name, {"echoes": len(silent)})
    held = [event.id for events in wanted.values() for event in events]
    # Counted as a try until it went well: a bell that breaks our code comes back alone, then never.
    inbox.postpone(tx, held, due_at_ms=now_ms + _HOLD_MS, is_try=True)
    taken = _Taken(
        bells={key: tuple(event.id for event in events) for key, events in wanted.items()},
        epochs={key: links[key].epoch for key in wanted if key in links},
        correlations={key: events[-1].correlation_id for key, events in wanted.items()},
        heard_at_ms={key: events[0].received_at_ms for key, events in wanted.items()},
    )
    return taken, len(silent) + len(held)


def _together(bells: Mapping[str, list[StoredEvent]], limit: int) -> dict[str, list[StoredEvent]]:
    """Answer the records to read in one call; one that failed before is read alone."""
    for remote_id, events in bells.items():
        if events[0].tries:
            return {remote_id: events}
    return dict(list(bells.items())[:limit])


def _set_aside(tx: Transaction, event: StoredEvent) -> None:
    reason = "reconciling this record breaks our code; see the log"
    inbox.set_event_aside(tx, event.id, reason)
    runs.count(tx, event.connection, {"events_set_aside": 1})


def _is_silent(spoke: Spoke, touched: RecordTouched, link: Link | None) -> bool:
    """Say whether a bell tells nothing that both sides do not agree on already."""
    if link is None or link.state is not LinkState.LINKED:
        return False
    if touched.touch is Touch.CREATED:
        return not touched.hints and bool(link.base)
    return touched.touch is Touch.CHANGED and is_echo(touched.hints, link.base, spoke.canonical_of)


def _give_back(engine: Engine, spoke: Spoke, taken: _Taken, exc: RemoteError) -> None:
    held = [bell for bells in taken.bells.values() for bell in bells]
    pause_ms = _PAUSE_MS
    if isinstance(exc, Transient) and exc.retry_after_s:
        pause_ms = int(exc.retry_after_s * 1000)
    due_at_ms = engine.now_ms() + pause_ms

    def work(tx: Transaction) -> None:
        inbox.untry(tx, held, due_at_ms=due_at_ms)
        runs.count(tx, spoke.name, {f"read_{exc.cause}": 1})
        if isinstance(exc, Suspended):
            suspend(engine, tx, spoke.name, exc)

    engine.store.transact(work)


def apply_readings(
    engine: Engine, spoke: Spoke, taken: _Taken, found: Mapping[str, Snapshot | Gone]
) -> None:
    """Reconcile what was read. One transaction."""
    batches: list[Batch] = []

    def work(tx: Transaction) -> None:
        batches.clear()
        batch = Batch(engine, tx)
        batches.append(batch)
        desk = Desk(batch, spoke)
        desk.load(
            [answer for answer in found.values() if isinstance(answer, Snapshot)],
            list(found),
        )
        now_ms = engine.now_ms()
        done: list[int] = []
        for remote_id, bells in taken.bells.items():
            answer = found.get(remote_id)
            epoch = taken.epochs.get(remote_id)
            is_fresh = desk.take(remote_id, answer, epoch, taken.correlations[remote_id])
            if is_fresh:
                done += bells
            else:
                pause_ms = max(_AGAIN_MS, (now_ms - taken.heard_at_ms[remote_id]) // 2)
                inbox.untry(tx, bells, due_at_ms=now_ms + pause_ms)
        batch.spread_all()
        batch.store()
        inbox.mark_applied(tx, done)

    engine.store.transact(work)
    for batch in batches:
        batch.ring()
    engine.bell.ring(Table.RECORDS, spoke.name)
