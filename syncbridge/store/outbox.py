"""Owed writes: claimed under a lease, sent once, settled with what came of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, case, or_, select, update

from syncbridge.model.record import Kind
from syncbridge.model.states import EntryState
from syncbridge.store.session import fixed, insert
from syncbridge.store.work_tables import attempts, outbox

#: The verb of an entry that brings a record up to date, whatever happened.
STATE = "state"
#: A vendor's longer ids are cut: what came of a call must never fail to be recorded.
_REQUEST_ID_CHARS = 120


@dataclass(frozen=True, slots=True)
class Entry:
    """One owed write."""

    id: int
    connection: str
    kind: Kind
    link_id: str
    verb: str
    target: str
    needs_link_id: str | None
    state: EntryState
    #: The rev whose payload is on its way.
    rev: int
    attempt: int
    tries: int
    is_unknown: bool
    empty_reads: int
    due_at_ms: int
    cause: str | None
    message: str | None
    advice: str | None
    correlation_id: str
    created_at_ms: int


def _in_state(*states: EntryState) -> ColumnElement[bool]:
    """Compare with literals: statements for many rows take no lists as parameters."""
    return or_(*(outbox.c.state == fixed(state) for state in states))


def entry_of(row: Row[Any]) -> Entry:
    """Answer a row as an entry."""
    values = {name: getattr(row, name) for name in Entry.__slots__}
    values["kind"] = Kind(row.kind)
    values["state"] = EntryState(row.state)
    return Entry(**values)


@dataclass(frozen=True, slots=True)
class Debt:
    """A record that fell behind."""

    link_id: str
    connection: str
    kind: Kind
    correlation_id: str
    #: The link that must have its record first; None when it has it already, or none is needed.
    needs_link_id: str | None = None


def owe(conn: Connection, debts: Sequence[Debt], *, now_ms: int) -> None:
    """Make an entry due for each record that fell behind; one on its way is left alone.

    Settling compares revs, so an entry that is being sent becomes due again by itself. A dead one
    gets a new chance: its payload is another now.
    """
    if not debts:
        return
    statement = insert(conn, outbox)
    waiting = statement.excluded
    is_over = _in_state(EntryState.SETTLED, EntryState.DEAD, EntryState.DISCARDED)
    statement = statement.on_conflict_do_update(
        index_elements=["link_id", "verb", "target"],
        set_={
            "state": case((is_over, waiting.state), else_=outbox.c.state),
            "due_at_ms": case((is_over, waiting.due_at_ms), else_=outbox.c.due_at_ms),
            "tries": case((is_over, 0), else_=outbox.c.tries),
            "correlation_id": case(
                (is_over, waiting.correlation_id), else_=outbox.c.correlation_id
            ),
            "needs_link_id": case((is_over, waiting.needs_link_id), else_=outbox.c.needs_link_id),
        },
    )
    rows = [
        {
            "connection": debt.connection,
            "kind": debt.kind,
            "link_id": debt.link_id,
            "verb": STATE,
            "target": "",
            "needs_link_id": debt.needs_link_id,
            "state": EntryState.BLOCKED if debt.needs_link_id else EntryState.DUE,
            "due_at_ms": now_ms,
            "correlation_id": debt.correlation_id,
            "created_at_ms": now_ms,
        }
        for debt in debts
    ]
    conn.execute(statement, rows)


def unblock(conn: Connection, link_ids: Collection[str], *, now_ms: int) -> int:
    """Make the entries due that waited for the records of these links."""
    if not link_ids:
        return 0
    return conn.execute(
        update(outbox)
        .where(outbox.c.state == fixed(EntryState.BLOCKED), outbox.c.needs_link_id.in_(link_ids))
        .values(state=EntryState.DUE, due_at_ms=now_ms, needs_link_id=None)
    ).rowcount


def claim(
    conn: Connection,
    connection: str,
    kind: Kind,
    *,
    now_ms: int,
    lease_until_ms: int,
    worker: str,
    limit: int,
) -> list[Entry]:
    """Take due entries for a while, the longest due first."""
    rows = conn.execute(
        select(outbox)
        .where(
            outbox.c.state == fixed(EntryState.DUE),
            outbox.c.connection == connection,
            outbox.c.kind == kind,
            outbox.c.due_at_ms <= now_ms,
        )
        .order_by(outbox.c.due_at_ms, outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if rows:
        conn.execute(
            update(outbox)
            .where(outbox.c.id.in_([row.id for row in rows]))
            .values(state=EntryState.CLAIMED, lease_until_ms=lease_until_ms, worker=worker)
        )
    return [entry_of(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Start:
    """An entry whose call is about to leave."""

    entry: Entry
    rev: int
    #: Digest of the payload.
    payload: str


_START = (
    update(outbox)
    .where(outbox.c.id == bindparam("entry_id"), outbox.c.state == fixed(EntryState.CLAIMED))
    .values(
        state=EntryState.SENDING,
        attempt=bindparam("attempt_no"),
        rev=bindparam("sent_rev"),
        lease_until_ms=bindparam("lease"),
    )
)


def start(
    conn: Connection, starts: Sequence[Start], *, now_ms: int, lease_until_ms: int
) -> set[int]:
    """Record, before the call leaves, that these entries are being sent; answer which may leave.

    An entry whose lease ran out while its worker was reading may be another's by now.
    """
    standing = _claimed(conn, [item.entry.id for item in starts])
    starts = [item for item in starts if (item.entry.id, item.entry.attempt) in standing]
    if not starts:
        return set()
    conn.execute(
        _START,
        [
            {
                "entry_id": item.entry.id,
                "attempt_no": item.entry.attempt + 1,
                "sent_rev": item.rev,
                "lease": lease_until_ms,
            }
            for item in starts
        ],
    )
    conn.execute(
        attempts.insert(),
        [
            {
                "entry_id": item.entry.id,
                "attempt": item.entry.attempt + 1,
                "started_at_ms": now_ms,
                "payload": item.payload,
            }
            for item in starts
        ],
    )
    return {item.entry.id for item in starts}


def _claimed(conn: Connection, entry_ids: Collection[int]) -> set[tuple[int, int]]:
    """Answer which entries are claimed, and the attempt each stands at."""
    query = (
        select(outbox.c.id, outbox.c.attempt)
        .where(outbox.c.id.in_(entry_ids), outbox.c.state == fixed(EntryState.CLAIMED))
        .order_by(outbox.c.id)
        .with_for_update()
    )
    return {(row.id, row.attempt) for row in conn.execute(query)}


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is recorded of an entry after its call."""

    entry_id: int
    #: The attempt this is about; a later one is not touched. None: no call left.
    attempt: int | None
    state: EntryState
    outcome: str = "done"
    message: str | None = None
    request_id: str = ""
    advice: str | None = None
    tries: int = 0
    is_unknown: bool = False
    empty_reads: int = 0
    due_at_ms: int = 0


_SETTLE = (
    update(outbox)
    .where(
        outbox.c.id == bindparam("entry_id"),
        _in_state(EntryState.SENDING, EntryState.CLAIMED),
        outbox.c.attempt == bindparam("attempt_no"),
    )
    .values(
        state=bindparam("new_state"),
        tries=bindparam("new_tries"),
        is_unknown=bindparam("unknown"),
        empty_reads=bindparam("reads"),
        due_at_ms=bindparam("due"),
        cause=bindparam("new_cause"),
        message=bindparam("new_message"),
        advice=bindparam("new_advice"),
        lease_until_ms=None,
        settled_at_ms=bindparam("settled"),
    )
)
_END = (
    update(attempts)
    .where(
        attempts.c.entry_id == bindparam("of_entry"), attempts.c.attempt == bindparam("attempt_no")
    )
    .values(
        ended_at_ms=bindparam("ended"),
        outcome=bindparam("new_outcome"),
        message=bindparam("new_message"),
        request_id=bindparam("request"),
    )
)


def settle(conn: Connection, done: Sequence[tuple[Settlement, int]], *, now_ms: int) -> None:
    """Record what came of entries: (settlement, the attempt the entry stands at)."""
    if not done:
        return
    conn.execute(_SETTLE, [_settle_row(item, attempt, now_ms) for item, attempt in done])
    ended = [item for item, _ in done if item.attempt is not None]
    if ended:
        conn.execute(
            _END,
            [
                {
                    "of_entry": item.entry_id,
                    "attempt_no": item.attempt,
                    "ended": now_ms,
                    "new_outcome": item.outcome,
                    "new_message": item.message,
                    "request": item.request_id[:_REQUEST_ID_CHARS] or None,
                }
                for item in ended
            ],
        )


def _settle_row(item: Settlement, attempt: int, now_ms: int) -> Mapping[str, Any]:
    is_good = item.outcome == "done"
    return {
        "entry_id": item.entry_id,
        "attempt_no": attempt,
        "new_state": item.state,
        "new_tries": item.tries,
        "unknown": item.is_unknown,
        "reads": item.empty_reads,
        "due": item.due_at_ms or now_ms,
        "new_cause": None if is_good else item.outcome,
        "new_message": item.message,
        "new_advice": item.advice,
        "settled": now_ms if item.state is EntryState.SETTLED else None,
    }


def release(conn: Connection, entry_ids: Collection[int], *, due_at_ms: int) -> None:
    """Give claimed entries back untouched."""
    if entry_ids:
        conn.execute(
            update(outbox)
            .where(outbox.c.id.in_(entry_ids), outbox.c.state == fixed(EntryState.CLAIMED))
            .values(state=EntryState.DUE, lease_until_ms=None, due_at_ms=due_at_ms)
        )


def expire(
    conn: Connection,
    *,
    now_ms: int,
    readback_at_ms: int,
    tries: int,
    advice: str,
    all_leases: bool = False,
) -> int:
    """Take back entries whose lease ran out: a claimed one is due, a sent one is not known.

    An unknown outcome uses up a try, so that a call that kills its worker is buried in the end.

    Args:
        conn: an open transaction.
        now_ms: the present instant.
        readback_at_ms: when an unknown outcome may be looked up at the earliest.
        tries: how many an entry has before it is buried.
        advice: what a person should do about one that is.
        all_leases: also those still running, when no other process can hold one.
    """
    ran_out = (outbox.c.lease_until_ms < now_ms) if not all_leases else (outbox.c.id > 0)
    claimed = conn.execute(
        update(outbox)
        .where(outbox.c.state == fixed(EntryState.CLAIMED), ran_out)
        .values(state=EntryState.DUE, lease_until_ms=None, due_at_ms=now_ms)
    ).rowcount
    unknown = select(outbox.c.id, outbox.c.attempt, outbox.c.tries).where(
        outbox.c.state == fixed(EntryState.SENDING), ran_out
    )
    rows = conn.execute(unknown.with_for_update(skip_locked=True)).all()
    lost = [
        (
            Settlement(
                entry_id=row.id,
                attempt=row.attempt,
                state=EntryState.DUE if row.tries < tries else EntryState.DEAD,
                outcome="outcome_unknown",
                message="the worker ended before the answer came",
                advice=None if row.tries < tries else advice,
                tries=row.tries + 1,
                is_unknown=True,
                due_at_ms=readback_at_ms,
            ),
            row.attempt,
        )
        for row in rows
    ]
    settle(conn, lost, now_ms=now_ms)
    return claimed + len(lost)


def sending_links(conn: Connection, link_ids: Collection[str]) -> set[str]:
    """Answer which of these links are being written right now, or may have been."""
    if not link_ids:
        return set()
    query = select(outbox.c.link_id).where(
        outbox.c.link_id.in_(link_ids),
        or_(
            outbox.c.state == EntryState.SENDING,
            outbox.c.is_unknown & (outbox.c.state.in_((EntryState.DUE, EntryState.CLAIMED))),
        ),
    )
    return set(conn.execute(query).scalars())
