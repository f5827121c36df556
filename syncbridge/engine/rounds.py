"""One round of work on one table: what every worker does, in a thread or in a Celery task."""

from __future__ import annotations

from collections.abc import Callable

from syncbridge.engine.context import Engine, Table
from syncbridge.engine.converse import apply_events
from syncbridge.engine.deliver import deliver
from syncbridge.engine.intake import split_deliveries
from syncbridge.engine.media import fetch_media
from syncbridge.engine.reconcile import refresh_records


def work(engine: Engine, table: Table, connection: str = "") -> int:
    """Do one batch of what waits in a table; answer how much was taken, 0 when nothing waited.

    Args:
        engine: the service.
        table: where to look.
        connection: whose work; records, outbox and media are looked at for one connection.
    """
    match table:
        case Table.DELIVERIES:
            return split_deliveries(engine)
        case Table.EVENTS:
            return apply_events(engine)
        case Table.RECORDS:
            return refresh_records(engine, connection)
        case Table.OUTBOX:
            return deliver(engine, connection)
        case Table.MEDIA:
            return fetch_media(engine, connection)


def work_off(engine: Engine, table: Table, connection: str = "", *, bound: int = 200) -> int:
    """Do what waits in a table, a batch at a time; answer how much was taken.

    After `bound` batches it rings and ends, so that whoever lent the thread gets it back.

    Args:
        engine: the service.
        table: where to look.
        connection: whose work; "" means everybody's.
        bound: how many batches, for each connection.
    """
    count = 0
    for posted, owner in posts(engine):
        if posted is table and (not owner or connection in ("", owner)):
            count += _work_off(engine, table, owner, bound)
    return count


def _work_off(engine: Engine, table: Table, connection: str, bound: int) -> int:
    count = 0
    for _ in range(bound):
        taken = work(engine, table, connection)
        count += taken
        if not taken:
            return count
    engine.bell.ring(table, connection)
    return count


def work_all(engine: Engine, told: Callable[[int], None] = lambda _: None) -> int:
    """Do everything that is due now, at every post, until a look at all of them finds nothing.

    Args:
        engine: the service.
        told: called with what was taken so far.
    """
    count = 0
    while True:
        before = count
        for table, connection in posts(engine):
            while taken := work(engine, table, connection):
                count += taken
                told(count)
        if count == before:
            return count


def posts(engine: Engine) -> list[tuple[Table, str]]:
    """Answer every (table, connection) that somebody has to look at."""
    found = [(Table.DELIVERIES, ""), (Table.EVENTS, "")]
    for name, spoke in sorted(engine.spokes.items()):
        if spoke.connector.capabilities.feeds:
            found += [(Table.RECORDS, name), (Table.OUTBOX, name)]
        if spoke.connector.capabilities.has_media:
            found.append((Table.MEDIA, name))
    return found
