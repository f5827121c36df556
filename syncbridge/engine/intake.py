"""Deliveries: believed, stored, acknowledged; then split into events."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from syncbridge.clock import to_ms
from syncbridge.engine.context import Engine, Spoke, Table
from syncbridge.errors import WebhookRefused
from syncbridge.model.event import Event, Parsed
from syncbridge.remote.base import WebhookRequest
from syncbridge.store import inbox, runs
from syncbridge.store.ids import new_id
from syncbridge.store.inbox import Arrival, Delivery, Origin
from syncbridge.store.session import Transaction

#: Deliveries split in one transaction while nobody waits for an acknowledgement; each may hold up
#: to a thousand events.
SPLIT_BATCH = 120
#: And while many do: few enough that those never wait long behind it.
CROWDED_SPLIT_BATCH = 12
#: Events stored by one transaction before it makes room for acknowledgements.
_EVENTS_A_COMMIT = 500

_log = logging.getLogger(__name__)


def receive(engine: Engine, connection: str, request: WebhookRequest) -> bool:
    """Store a delivery for good; answer False if the same bytes came before.

    One short transaction, shared with whoever delivers at the same time. When this returns the
    vendor may be told 200.

    Raises:
        NotThere: no such connection.
        WebhookRefused: not signed for us; nothing was stored, only counted.
        StoreBusy: not stored: the vendor has to try again.
    """
    spoke = engine.spoke(connection)
    try:
        spoke.connector.verify(request)
    except WebhookRefused as refusal:
        count_refusal(engine, connection, refusal.status)
        raise
    arrival = Arrival(
        connection=connection,
        digest=hashlib.sha256(request.body).hexdigest(),
        body=engine.cipher.seal(request.body),
        received_at_ms=to_ms(request.received_at),
        correlation_id=new_id(),
    )
    is_new = engine.receiving.put(arrival)
    if is_new:
        engine.bell.ring(Table.DELIVERIES)
    return is_new


def count_refusal(engine: Engine, connection: str, status: int) -> None:
    """Count a delivery that was refused. One short transaction."""
    engine.store.transact(lambda tx: runs.count(tx, connection, {f"refused_{status}": 1}))


@dataclass(slots=True)
class _Split:
    """What one delivery came to."""

    delivery: Delivery
    arrivals: list[tuple[Event, Origin]] = field(default_factory=list)
    leftovers: list[tuple[str, int | None, str, str, bytes]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    refusal: str = ""


def split_deliveries(engine: Engine) -> int:
    """Split waiting deliveries into events; answer how many deliveries were taken.

    One transaction: a crash leaves them waiting.
    """
    rung: set[tuple[Table, str]] = set()
    limit = CROWDED_SPLIT_BATCH if engine.receiving.is_crowded else SPLIT_BATCH

    def work(tx: Transaction) -> int:
        rung.clear()
        taken = inbox.unsplit(tx, limit)
        owners = _owners(engine, tx) if taken else {}
        splits, arrived = list[_Split](), 0
        for delivery in taken:
            split = _split(engine, delivery, owners)
            splits.append(split)
            arrived += len(split.arrivals)
            if arrived > _EVENTS_A_COMMIT:
                break
        _store(tx, splits, engine.now_ms())
        rung.update(*map(_rings, splits))
        return len(splits)

    count = engine.store.transact(work)
    for table, connection in sorted(rung):
        engine.bell.ring(table, connection)
    if count:
        engine.bell.ring(Table.DELIVERIES)
    return count


def _rings(split: _Split) -> set[tuple[Table, str]]:
    return {
        (
            Table.RECORDS if inbox.queue_of(event.body) == inbox.RECORDS else Table.EVENTS,
            origin.connection,
        )
        for event, origin in split.arrivals
    }


def _owners(engine: Engine, tx: Transaction) -> dict[tuple[str, str], str]:
    """Answer which connection owns which account: (connector name, account id) -> connection."""
    states = runs.load_connections(tx)
    owners: dict[tuple[str, str], str] = {}
    for name, spoke in sorted(engine.spokes.items()):
        state = states.get(name)
        account = spoke.account_id or (state.account_id if state else "") or ""
        if account:
            owners.setdefault((spoke.connector.name, account), name)
    return owners


def _split(engine: Engine, delivery: Delivery, owners: Mapping[tuple[str, str], str]) -> _Split:
    split = _Split(delivery)
    spoke = engine.spokes.get(delivery.connection)
    if spoke is None:
        split.refusal = f"the settings have no connection {delivery.connection!r} any more"
        return split
    body = engine.cipher.open(delivery.body)
    try:
        parsed = spoke.connector.parse(body)
    except WebhookRefused as refusal:
        split.refusal = refusal.reason
        return split
    except Exception as exc:  # noqa: BLE001 - one that breaks a connector must not stop the others
        _log.exception("delivery %d cannot be split", delivery.id)
        split.refusal = f"{type(exc).__name__}: this delivery breaks our code; see the log"
        return split
    _route(engine, spoke, split, parsed, owners)
    return split


def _route(
    engine: Engine,
    spoke: Spoke,
    split: _Split,
    parsed: Parsed,
    owners: Mapping[tuple[str, str], str],
) -> None:
    """Give each event to the connection that owns its account; set foreign ones aside."""
    delivery = split.delivery
    for event in parsed.events:
        owner = _owner(spoke, event, owners)
        if owner is None:
            split.counts["foreign_events"] += 1
            split.leftovers.append(
                (
                    spoke.name,
                    delivery.id,
                    "foreign_account",
                    event.account,
                    engine.cipher.seal(event.key.encode()),
                )
            )
            continue
        origin = Origin(owner, delivery.received_at_ms, delivery.correlation_id, delivery.id)
        split.arrivals.append((event, origin))
    for leftover in parsed.leftovers:
        split.counts[f"leftover_{leftover.reason}"[:64]] += 1
        sealed = engine.cipher.seal(leftover.fragment.encode(errors="replace"))
        split.leftovers.append(
            (spoke.name, delivery.id, leftover.reason[:60], leftover.place, sealed)
        )


def _owner(spoke: Spoke, event: Event, owners: Mapping[tuple[str, str], str]) -> str | None:
    if not event.account:
        return spoke.name
    owner = owners.get((spoke.connector.name, event.account))
    if owner is not None:
        return owner
    # Whose account an unasked connection is, is not known before its vendor first answered: what
    # was signed with its secret and delivered to its address is its own.
    has_account = any(name == spoke.name for name in owners.values())
    return None if has_account else spoke.name


def _store(tx: Transaction, splits: list[_Split], now_ms: int) -> None:
    """Store what all these deliveries came to, each sort of row at once."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    arrivals: dict[str, list[tuple[Event, Origin]]] = defaultdict(list)
    done = []
    for split in splits:
        delivery = split.delivery
        if split.refusal:
            inbox.set_delivery_aside(tx, delivery.id, split.refusal)
            counts[delivery.connection]["deliveries_set_aside"] += 1
        else:
            done.append(delivery.id)
            arrivals[delivery.connection] += split.arrivals
            counts[delivery.connection] += split.counts
    for connection, arrived in arrivals.items():
        added = inbox.add_events(tx, arrived, due_at_ms=now_ms)
        counts[connection]["events"] += added
        counts[connection]["repeated_events"] += len(arrived) - added
    leftovers = [leftover for split in splits if not split.refusal for leftover in split.leftovers]
    inbox.add_leftovers(tx, leftovers, seen_at_ms=now_ms)
    inbox.mark_split(tx, done)
    for connection, counted in sorted(counts.items()):
        runs.count(tx, connection, counted)
