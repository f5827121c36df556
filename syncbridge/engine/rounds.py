"""One round of work on one table: what every worker does, in a thread or in a Celery task."""

from __future__ import annotations

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


def posts(engine: Engine) -> list[tuple[Table, str]]:
    """Answer every (table, connection) that somebody has to look at."""
    found = [(Table.DELIVERIES, ""), (Table.EVENTS, "")]
    for name, spoke in sorted(engine.spokes.items()):
        if spoke.connector.capabilities.feeds:
            found += [(Table.RECORDS, name), (Table.OUTBOX, name)]
        if spoke.connector.capabilities.has_media:
            found.append((Table.MEDIA, name))
    return found
