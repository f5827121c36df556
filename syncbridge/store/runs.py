"""Connections' own state, cursors, batch runs, counters and heartbeats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from syncbridge.store.session import fixed, insert
from syncbridge.store.tables import connections, cursors
from syncbridge.store.work_tables import counters, heartbeats, runs


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """What changes about a connection while it works; its settings stand elsewhere."""

    name: str
    live_at_ms: int | None = None
    live_by: str | None = None
    paused_at_ms: int | None = None
    suspended_at_ms: int | None = None
    #: 0: until a person acts.
    suspended_until_ms: int | None = None
    suspended_reason: str | None = None
    account_id: str | None = None
    account_name: str | None = None
    time_zone: str | None = None
    #: The first whole list was read.
    caught_up_at_ms: int | None = None
    prepared_at_ms: int | None = None
    pulled_at_ms: int | None = None

    def is_suspended(self, now_ms: int) -> bool:
        """Say whether calls have to wait now."""
        if self.suspended_at_ms is None:
            return False
        return not self.suspended_until_ms or self.suspended_until_ms > now_ms


def load_connections(conn: Connection) -> dict[str, ConnectionState]:
    """Answer the state of every connection that was ever seen."""
    return {
        row.name: ConnectionState(**{name: getattr(row, name) for name in row._fields})
        for row in conn.execute(select(connections))
    }


def set_connection(conn: Connection, name: str, **values: Any) -> None:
    """Record columns of a connection's state, making its row when there is none."""
    statement = insert(conn, connections).values(name=name, **values)
    conn.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def load_cursor(conn: Connection, connection: str, feed: str) -> str | None:
    """Answer where a feed goes on; None: at its very beginning."""
    position: str | None = conn.execute(
        select(cursors.c.position).where(cursors.c.connection == connection, cursors.c.feed == feed)
    ).scalar_one_or_none()
    return position


def save_cursor(
    conn: Connection, connection: str, feed: str, position: str, *, saved_at_ms: int
) -> None:
    """Record where a feed goes on, in the transaction that stores what was read."""
    statement = insert(conn, cursors).values(
        connection=connection, feed=feed, position=position, saved_at_ms=saved_at_ms
    )
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["connection", "feed"],
            set_={"position": position, "saved_at_ms": saved_at_ms},
        )
    )


def drop_cursor(conn: Connection, connection: str, feed: str) -> None:
    """Let a feed begin anew."""
    conn.execute(delete(cursors).where(cursors.c.connection == connection, cursors.c.feed == feed))


def begin_run(
    conn: Connection, connection: str, kind: str, *, now_ms: int, lease_until_ms: int
) -> int | None:
    """Begin a batch run; None when another run of the connection holds a living lease."""
    conn.execute(
        update(runs)
        .where(
            runs.c.connection == connection,
            runs.c.state == fixed("running"),
            runs.c.lease_until_ms < now_ms,
        )
        .values(state="killed", ended_at_ms=now_ms)
    )
    statement = insert(conn, runs).values(
        connection=connection,
        kind=kind,
        state="running",
        started_at_ms=now_ms,
        lease_until_ms=lease_until_ms,
    )
    row = conn.execute(statement.on_conflict_do_nothing().returning(runs.c.id)).one_or_none()
    return row[0] if row else None


def was_cut_short(conn: Connection, run_id: int) -> bool:
    """Say whether the run before this one, of its connection and kind, did not get through."""
    this = select(runs).where(runs.c.id == run_id).subquery()
    before = (
        select(runs.c.state)
        .join(this, (runs.c.connection == this.c.connection) & (runs.c.kind == this.c.kind))
        .where(runs.c.id < run_id)
        .order_by(runs.c.id.desc())
        .limit(1)
    )
    return conn.execute(before).scalar_one_or_none() in {"killed", "failed"}


def extend_run(conn: Connection, run_id: int, *, lease_until_ms: int) -> None:
    """Show that a run is alive."""
    conn.execute(update(runs).where(runs.c.id == run_id).values(lease_until_ms=lease_until_ms))


def end_run(
    conn: Connection, run_id: int, *, state: str, report: Mapping[str, Any], now_ms: int
) -> None:
    """Record how a run ended."""
    conn.execute(
        update(runs)
        .where(runs.c.id == run_id)
        .values(state=state, report=dict(report), ended_at_ms=now_ms)
    )


def last_runs(conn: Connection, limit: int = 50) -> list[Row[Any]]:
    """Answer the newest runs first."""
    return list(conn.execute(select(runs).order_by(runs.c.id.desc()).limit(limit)))


def count(conn: Connection, connection: str, counts: Mapping[str, int]) -> None:
    """Add to a connection's counters."""
    rows = [
        {"connection": connection, "name": name, "count": number}
        for name, number in sorted(counts.items())
        if number
    ]
    if rows:
        statement = insert(conn, counters)
        statement = statement.on_conflict_do_update(
            index_elements=["connection", "name"],
            set_={"count": counters.c.count + statement.excluded.count},
        )
        conn.execute(statement, rows)


def read_counters(conn: Connection) -> dict[str, dict[str, int]]:
    """Answer every counter: {connection: {name: count}}."""
    answer: dict[str, dict[str, int]] = {}
    for row in conn.execute(select(counters)):
        answer.setdefault(row.connection, {})[row.name] = row._mapping["count"]
    return answer


def beat(conn: Connection, worker: str, role: str, *, now_ms: int) -> None:
    """Show that a worker is alive."""
    statement = insert(conn, heartbeats).values(worker=worker, role=role, beat_at_ms=now_ms)
    conn.execute(
        statement.on_conflict_do_update(index_elements=["worker"], set_={"beat_at_ms": now_ms})
    )


def read_heartbeats(conn: Connection, *, since_ms: int) -> list[Row[Any]]:
    """Answer the workers that showed themselves since."""
    query = select(heartbeats).where(heartbeats.c.beat_at_ms >= since_ms)
    return list(conn.execute(query.order_by(heartbeats.c.worker)))
