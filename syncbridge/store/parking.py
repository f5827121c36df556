"""Events that refer to a message nobody has seen yet: parked until it comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, bindparam, select, update

from syncbridge.model.states import EventState
from syncbridge.store.session import fixed
from syncbridge.store.tables import events

_PARK = (
    update(events)
    .where(events.c.id == bindparam("event_id"))
    .values(
        state=EventState.PARKED, waits_for=bindparam("message"), due_at_ms=bindparam("until_ms")
    )
)


def park(conn: Connection, waiting: Mapping[int, str], *, until_ms: int) -> None:
    """Set events aside until the message each refers to was stored, or `until_ms`."""
    if waiting:
        rows = [
            {"event_id": event_id, "message": message, "until_ms": until_ms}
            for event_id, message in waiting.items()
        ]
        conn.execute(_PARK, rows)


def wake(conn: Connection, connection: str, waits_for: Iterable[str], *, now_ms: int) -> int:
    """Make the events due that waited for any of these; answer how many."""
    wanted = set(waits_for) - {""}
    if not wanted:
        return 0
    return conn.execute(
        update(events)
        .where(
            events.c.connection == connection,
            events.c.state == fixed(EventState.PARKED),
            events.c.waits_for.in_(wanted),
        )
        .values(state=EventState.DUE, due_at_ms=now_ms, waits_for=None)
    ).rowcount


def release_parked(conn: Connection, *, now_ms: int, limit: int = 500) -> int:
    """Make events due whose time of waiting is over: they are applied as orphans."""
    overdue = (
        select(events.c.id)
        .where(events.c.state == fixed(EventState.PARKED), events.c.due_at_ms <= now_ms)
        .limit(limit)
    )
    return conn.execute(
        update(events)
        .where(events.c.id.in_(overdue))
        .values(state=EventState.DUE, tries=events.c.tries + 1)
    ).rowcount


def keep_orphan(conn: Connection, event_id: int, *, waits_for: str, until_ms: int) -> None:
    """Keep an event whose message never came; it is attached if that comes after all."""
    conn.execute(
        update(events)
        .where(events.c.id == event_id)
        .values(state=EventState.PARKED, waits_for=waits_for, due_at_ms=until_ms, reason="orphan")
    )
