"""Entries as people look at them: what is owed, what is dead, what was tried."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from syncbridge.model.states import EntryState
from syncbridge.store.outbox import Entry, entry_of
from syncbridge.store.session import fixed
from syncbridge.store.work_tables import attempts, outbox


def entries_of(conn: Connection, link_ids: Collection[str]) -> list[Entry]:
    """Answer all entries of these links."""
    if not link_ids:
        return []
    rows = conn.execute(select(outbox).where(outbox.c.link_id.in_(link_ids)).order_by(outbox.c.id))
    return [entry_of(row) for row in rows]


def dead_letters(
    conn: Connection, *, connection: str | None = None, after: int = 0, limit: int = 100
) -> list[Entry]:
    """Answer the dead letters, oldest first."""
    query = select(outbox).where(outbox.c.state == fixed(EntryState.DEAD), outbox.c.id > after)
    if connection:
        query = query.where(outbox.c.connection == connection)
    return [entry_of(row) for row in conn.execute(query.order_by(outbox.c.id).limit(limit))]


def owed_entries(conn: Connection, connection: str, *, limit: int) -> list[Entry]:
    """Answer what is owed to a connection and not settled, in order; nothing is taken."""
    query = (
        select(outbox)
        .where(
            outbox.c.connection == connection,
            outbox.c.state.not_in((EntryState.SETTLED, EntryState.DISCARDED)),
        )
        .order_by(outbox.c.id)
        .limit(limit)
    )
    return [entry_of(row) for row in conn.execute(query)]


def load_entry(conn: Connection, entry_id: int) -> Entry | None:
    """Answer one entry."""
    row = conn.execute(select(outbox).where(outbox.c.id == entry_id)).one_or_none()
    return entry_of(row) if row else None


def attempts_of(conn: Connection, entry_id: int) -> list[Row[Any]]:
    """Answer the attempts of an entry: attempt, started, ended, outcome, message, request id."""
    query = select(attempts).where(attempts.c.entry_id == entry_id).order_by(attempts.c.attempt)
    return list(conn.execute(query))


def replay(conn: Connection, entry_ids: Collection[int], *, now_ms: int) -> list[int]:
    """Try dead or discarded letters again, with all their tries; answer which of these it were."""
    replayed = conn.execute(
        update(outbox)
        .where(
            outbox.c.id.in_(entry_ids),
            outbox.c.state.in_((EntryState.DEAD, EntryState.DISCARDED)),
        )
        .values(state=EntryState.DUE, tries=0, empty_reads=0, due_at_ms=now_ms, advice=None)
        .returning(outbox.c.id)
    )
    return list(replayed.scalars())


def discard(
    conn: Connection, entry_ids: Collection[int], *, by: str, reason: str, now_ms: int
) -> list[int]:
    """Give dead letters up, with the reason; answer which of these it were."""
    discarded = conn.execute(
        update(outbox)
        .where(outbox.c.id.in_(entry_ids), outbox.c.state == fixed(EntryState.DEAD))
        .values(state=EntryState.DISCARDED, discarded_by=by, message=reason, settled_at_ms=now_ms)
        .returning(outbox.c.id)
    )
    return list(discarded.scalars())


def depth(conn: Connection) -> dict[str, dict[str, int]]:
    """Answer how many entries of each connection are in each state, settled ones left out."""
    answer: dict[str, dict[str, int]] = {}
    rows = conn.execute(
        select(outbox.c.connection, outbox.c.state, func.count())
        .where(outbox.c.state.not_in((EntryState.SETTLED, EntryState.DISCARDED)))
        .group_by(outbox.c.connection, outbox.c.state)
    )
    for connection, state, count in rows:
        answer.setdefault(connection, {})[state] = count
    return answer
