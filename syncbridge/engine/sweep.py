"""The only guarantee that work is found: looks at the tables, whether a bell rang or not."""

from __future__ import annotations

from syncbridge.engine.batch import Batch
from syncbridge.engine.context import Engine, Table
from syncbridge.engine.retry import advise
from syncbridge.errors import OutcomeUnknown
from syncbridge.model.record import Kind
from syncbridge.store import conversations, inbox, outbox, parking, records, runs
from syncbridge.store.session import Transaction

#: Raw deliveries are dropped so long after their events were settled.
_KEEP_BODIES_MS = 14 * 86_400_000
#: Keys of applied events are kept longer than any vendor repeats a delivery.
_KEEP_KEYS_MS = 30 * 86_400_000
_SPREAD_CHUNK = 200


def sweep(engine: Engine) -> None:
    """Take back expired leases, release what was parked too long, and ring every bell.

    One short transaction.
    """
    now_ms = engine.now_ms()

    def work(tx: Transaction) -> None:
        _expire(engine, tx, now_ms, readback_at_ms=now_ms)
        parking.release_parked(tx, now_ms=now_ms)
        runs.beat(tx, engine.worker, "sweep", now_ms=now_ms)

    engine.store.transact(work)
    for table in (Table.DELIVERIES, Table.EVENTS):
        engine.bell.ring(table)
    for name, spoke in engine.spokes.items():
        if spoke.connector.capabilities.feeds:
            engine.bell.ring(Table.RECORDS, name)
            engine.bell.ring(Table.OUTBOX, name)
        if spoke.connector.capabilities.has_media:
            engine.bell.ring(Table.MEDIA, name)


def recover(engine: Engine) -> int:
    """At the start of the only process of a database: take back what the last one held.

    One transaction. Answers how many entries came back.
    """
    now_ms = engine.now_ms()
    wait_ms = int(engine.retry.readback_wait_s * 1000)

    def work(tx: Transaction) -> int:
        # What was being read or fetched: the next minute's edits must not wait behind it.
        inbox.take_back(tx, inbox.RECORDS, now_ms=now_ms)
        conversations.take_back_media(tx, now_ms=now_ms)
        return _expire(engine, tx, now_ms, readback_at_ms=now_ms + wait_ms, all_leases=True)

    return engine.store.transact(work)


def _expire(
    engine: Engine, tx: Transaction, now_ms: int, *, readback_at_ms: int, all_leases: bool = False
) -> int:
    return outbox.expire(
        tx,
        now_ms=now_ms,
        readback_at_ms=readback_at_ms,
        tries=engine.retry.compensation_tries,
        advice=advise(OutcomeUnknown.cause),
        all_leases=all_leases,
    )


def forget(engine: Engine) -> int:
    """Drop what is only kept for repetition's sake; answer how many rows. One transaction."""
    now_ms = engine.now_ms()

    def work(tx: Transaction) -> int:
        bodies = inbox.forget_bodies(tx, before_ms=now_ms - _KEEP_BODIES_MS)
        return bodies + inbox.forget_applied(tx, before_ms=now_ms - _KEEP_KEYS_MS)

    return engine.store.transact(work)


def spread_everybody(engine: Engine) -> int:
    """Give every person a record in every CRM that has none yet; answer how many were given.

    Needed when a connection is added to a company that has persons already. A transaction for
    each few hundred persons; may be repeated.
    """
    given = 0
    for spoke in engine.crms:
        after = ""
        while ids := _unlinked(engine, spoke.name, after):
            given += _spread(engine, ids)
            after = ids[-1]
    return given


def _unlinked(engine: Engine, connection: str, after: str) -> list[str]:
    return engine.store.read(
        lambda tx: records.unlinked_subjects(
            tx, connection, Kind.CONTACT, after=after, limit=_SPREAD_CHUNK
        )
    )


def _spread(engine: Engine, person_ids: list[str]) -> int:
    def work(tx: Transaction) -> Batch:
        batch = Batch(engine, tx)
        batch.look_up((), person_ids)
        batch.spread_all()
        batch.store()
        return batch

    batch = engine.store.transact(work)
    batch.ring()
    return len(person_ids)
