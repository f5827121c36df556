"""Deliveries as they came, and the events they were split into."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from syncbridge.clock import to_ms
from syncbridge.model.event import Body, Event, RecordTouched
from syncbridge.model.states import DeliveryState, EventState
from syncbridge.store import runs
from syncbridge.store.codec import dump_body, load_body, topic_of
from syncbridge.store.session import fixed, insert
from syncbridge.store.tables import deliveries, events, leftovers

#: An event's key is unique; longer ones would not fit the column.
_KEY_CHARS = 700

#: Events said by or about a person: applied as they stand.
PEOPLE = "people"
#: Doorbells of records: applied by reading the record again.
RECORDS = "records"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One verified POST that is to be stored."""

    connection: str
    #: Of the raw bytes.
    digest: str
    #: Sealed.
    body: bytes
    received_at_ms: int
    correlation_id: str


_ARRIVAL = Arrival.__slots__


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST that waits to be split."""

    id: int
    connection: str
    body: bytes
    received_at_ms: int
    correlation_id: str


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event that waits to be applied."""

    id: int
    connection: str
    body: Body
    said_at_ms: int
    received_at_ms: int
    tries: int
    correlation_id: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event came from."""

    connection: str
    received_at_ms: int
    correlation_id: str
    delivery_id: int | None = None


def receive(conn: Connection, arrivals: Sequence[Arrival]) -> list[bool]:
    """Store verified deliveries; answer for each whether its bytes are new to its connection.

    Repeated ones are only counted.
    """
    rows = [
        {"state": DeliveryState.RECEIVED} | {name: getattr(arrival, name) for name in _ARRIVAL}
        for arrival in arrivals
    ]
    added = conn.execute(_receiving(conn.dialect.name), rows).rowcount
    if added == len(arrivals):
        return [True] * added
    ours = set(
        conn.execute(
            select(deliveries.c.correlation_id).where(
                deliveries.c.correlation_id.in_([arrival.correlation_id for arrival in arrivals]),
                deliveries.c.digest.in_([arrival.digest for arrival in arrivals]),
            )
        ).scalars()
    )
    repeated = Counter(one.connection for one in arrivals if one.correlation_id not in ours)
    for connection, count in sorted(repeated.items()):
        runs.count(conn, connection, {"repeated_deliveries": count})
    return [arrival.correlation_id in ours for arrival in arrivals]


@cache
def _receiving(dialect: str) -> sqlite.Insert | postgresql.Insert:
    """Build the statement once: every acknowledgement runs it."""
    statement = sqlite.insert(deliveries) if dialect == "sqlite" else postgresql.insert(deliveries)
    return statement.on_conflict_do_nothing(index_elements=["connection", "digest"])


def unsplit(conn: Connection, limit: int) -> list[Delivery]:
    """Take the oldest deliveries that were not split yet; others skip them until we commit."""
    rows = conn.execute(
        select(deliveries)
        .where(deliveries.c.state == fixed(DeliveryState.RECEIVED))
        .order_by(deliveries.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [
        Delivery(row.id, row.connection, row.body, row.received_at_ms, row.correlation_id)
        for row in rows
    ]


def mark_split(conn: Connection, ids: Collection[int]) -> None:
    """Record that all events of these deliveries are stored."""
    if ids:
        conn.execute(
            update(deliveries).where(deliveries.c.id.in_(ids)).values(state=DeliveryState.SPLIT)
        )


def set_delivery_aside(conn: Connection, delivery_id: int, reason: str) -> None:
    """Keep a delivery that cannot be read, with the reason, and never take it again."""
    conn.execute(
        update(deliveries)
        .where(deliveries.c.id == delivery_id)
        .values(state=DeliveryState.SET_ASIDE, reason=reason)
    )


def add_events(
    conn: Connection, arrivals: Sequence[tuple[Event, Origin]], *, due_at_ms: int
) -> int:
    """Store events, each key once per connection; answer how many were new."""
    if not arrivals:
        return 0
    rows = [_event_row(event, origin, due_at_ms) for event, origin in arrivals]
    statement = insert(conn, events).on_conflict_do_nothing(index_elements=["connection", "key"])
    added = conn.execute(statement.returning(events.c.id), rows)
    return len(added.all())


def queue_of(body: Body) -> str:
    """Answer who applies an event: `PEOPLE` or `RECORDS`."""
    return RECORDS if isinstance(body, RecordTouched) else PEOPLE


def _event_row(event: Event, origin: Origin, due_at_ms: int) -> dict[str, Any]:
    body = event.body
    subject = f"{body.kind}/{body.remote_id}" if isinstance(body, RecordTouched) else ""
    return {
        "connection": origin.connection,
        "key": event.key[:_KEY_CHARS],
        "topic": topic_of(body),
        "queue": queue_of(body),
        "subject": subject,
        "body": dump_body(body),
        "state": EventState.DUE,
        "due_at_ms": due_at_ms,
        "said_at_ms": to_ms(event.at),
        "received_at_ms": origin.received_at_ms,
        "delivery_id": origin.delivery_id,
        "correlation_id": origin.correlation_id,
    }


def due_events(
    conn: Connection,
    *,
    queue: str,
    now_ms: int,
    limit: int,
    connection: str | None = None,
    only: Collection[int] | None = None,
) -> list[StoredEvent]:
    """Take due events in the order they came; others skip them until we commit."""
    query = (
        select(events)
        .where(
            events.c.state == fixed(EventState.DUE),
            events.c.queue == queue,
            events.c.due_at_ms <= now_ms,
        )
        .order_by(events.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    if connection is not None:
        query = query.where(events.c.connection == connection)
    if only is not None:
        query = query.where(events.c.id.in_(only))
    return [_stored(row) for row in conn.execute(query)]


def _stored(row: Row[Any]) -> StoredEvent:
    return StoredEvent(
        id=row.id,
        connection=row.connection,
        body=load_body(row.topic, row.body),
        said_at_ms=row.said_at_ms,
        received_at_ms=row.received_at_ms,
        tries=row.tries,
        correlation_id=row.correlation_id,
    )


def postpone(
    conn: Connection, ids: Collection[int], *, due_at_ms: int, is_try: bool = False
) -> None:
    """Make events due later; a killed worker's events come back by themselves that way."""
    if ids:
        values: dict[str, Any] = {"due_at_ms": due_at_ms}
        if is_try:
            values["tries"] = events.c.tries + 1
        conn.execute(update(events).where(events.c.id.in_(ids)).values(values))


def take_back(conn: Connection, queue: str, *, now_ms: int) -> int:
    """Make events of a queue due now that were to wait; answer how many.

    At the start of the only process of a database nobody holds them any more.
    """
    return conn.execute(
        update(events)
        .where(
            events.c.state == fixed(EventState.DUE),
            events.c.queue == queue,
            events.c.due_at_ms > now_ms,
        )
        .values(due_at_ms=now_ms)
    ).rowcount


def untry(conn: Connection, ids: Collection[int], *, due_at_ms: int) -> None:
    """Make events due later as if they had never been tried: nothing is wrong with them."""
    if ids:
        conn.execute(
            update(events).where(events.c.id.in_(ids)).values(due_at_ms=due_at_ms, tries=0)
        )


def has_waiting(conn: Connection, connection: str, queue: str) -> bool:
    """Say whether any event of a connection is due, now or later."""
    query = (
        select(events.c.id)
        .where(
            events.c.state == fixed(EventState.DUE),
            events.c.queue == queue,
            events.c.connection == connection,
        )
        .limit(1)
    )
    return conn.execute(query).first() is not None


def mark_applied(conn: Connection, ids: Collection[int]) -> None:
    """Record that events took effect; what they said stands in other tables now."""
    if ids:
        conn.execute(
            update(events)
            .where(events.c.id.in_(ids))
            .values(state=EventState.APPLIED, body=None, waits_for=None)
        )


def set_event_aside(conn: Connection, event_id: int, reason: str) -> None:
    """Keep an event that cannot be applied, with the reason, and go on without it."""
    conn.execute(
        update(events)
        .where(events.c.id == event_id)
        .values(state=EventState.SET_ASIDE, reason=reason)
    )


def add_leftovers(
    conn: Connection, rows: Sequence[tuple[str, int | None, str, str, bytes]], *, seen_at_ms: int
) -> None:
    """Keep parts that were not understood: (connection, delivery, reason, place, sealed part)."""
    if rows:
        conn.execute(
            leftovers.insert(),
            [
                {
                    "connection": connection,
                    "delivery_id": delivery_id,
                    "reason": reason,
                    "place": place,
                    "fragment": fragment,
                    "seen_at_ms": seen_at_ms,
                }
                for connection, delivery_id, reason, place, fragment in rows
            ],
        )


def depth(conn: Connection) -> dict[str, int]:
    """Answer how many deliveries and events wait, by name."""
    waiting = conn.execute(
        select(func.count()).where(deliveries.c.state == fixed(DeliveryState.RECEIVED))
    ).scalar_one()
    by_state = conn.execute(
        select(events.c.state, func.count())
        .where(events.c.state != EventState.APPLIED)
        .group_by(events.c.state)
    )
    return {"deliveries": waiting, **{row[0]: row[1] for row in by_state}}


def forget_bodies(conn: Connection, *, before_ms: int, limit: int = 500) -> int:
    """Drop raw deliveries received before, whose events are all settled; digests stay."""
    open_events = (
        select(events.c.delivery_id)
        .where(events.c.delivery_id == deliveries.c.id)
        .where(events.c.state.in_((EventState.DUE, EventState.PARKED)))
        .exists()
    )
    old = (
        select(deliveries.c.id)
        .where(
            deliveries.c.state == DeliveryState.SPLIT,
            deliveries.c.received_at_ms < before_ms,
            deliveries.c.body.is_not(None),
            ~open_events,
        )
        .limit(limit)
    )
    return conn.execute(
        update(deliveries).where(deliveries.c.id.in_(old)).values(body=None)
    ).rowcount


def forget_applied(conn: Connection, *, before_ms: int, limit: int = 2_000) -> int:
    """Delete applied events older than any vendor's repetition; answer how many."""
    old = (
        select(events.c.id)
        .where(events.c.state == EventState.APPLIED, events.c.received_at_ms < before_ms)
        .limit(limit)
    )
    return conn.execute(delete(events).where(events.c.id.in_(old))).rowcount
