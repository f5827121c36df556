"""What people look at: conflicts, open questions, and the journal of every decision."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, update

from syncbridge.model.link import Conflict
from syncbridge.model.states import ConflictState
from syncbridge.store.session import insert
from syncbridge.store.work_tables import conflicts, journal, reviews


@dataclass(frozen=True, slots=True)
class FoundConflict:
    """A conflict, and whose it is."""

    person_id: str
    link_id: str
    connection: str
    correlation_id: str
    conflict: Conflict


@dataclass(frozen=True, slots=True)
class StoredConflict:
    """A conflict in the queue."""

    id: int
    person_id: str
    link_id: str
    connection: str
    conflict: Conflict
    state: ConflictState
    resolution: str | None
    resolved_by: str | None
    resolved_at_ms: int | None
    found_at_ms: int


def add_conflicts(conn: Connection, found: Sequence[FoundConflict], *, found_at_ms: int) -> None:
    """Queue conflicts; every one is open until a person has seen it."""
    if found:
        conn.execute(conflicts.insert(), [_conflict_row(item, found_at_ms) for item in found])


def _conflict_row(item: FoundConflict, found_at_ms: int) -> dict[str, Any]:
    row = {name: getattr(item.conflict, name) for name in Conflict.__slots__}
    return {
        **row,
        "person_id": item.person_id,
        "link_id": item.link_id,
        "connection": item.connection,
        "correlation_id": item.correlation_id,
        "state": ConflictState.OPEN,
        "found_at_ms": found_at_ms,
    }


def _stored(row: Row[Any]) -> StoredConflict:
    return StoredConflict(
        id=row.id,
        person_id=row.person_id,
        link_id=row.link_id,
        connection=row.connection,
        conflict=Conflict(**{name: getattr(row, name) for name in Conflict.__slots__}),
        state=ConflictState(row.state),
        resolution=row.resolution,
        resolved_by=row.resolved_by,
        resolved_at_ms=row.resolved_at_ms,
        found_at_ms=row.found_at_ms,
    )


def list_conflicts(
    conn: Connection,
    *,
    is_initial: bool | None = False,
    state: ConflictState | None = ConflictState.OPEN,
    person_id: str | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[StoredConflict]:
    """Answer conflicts in the order they were found; None asks for either."""
    query = select(conflicts).where(conflicts.c.id > after)
    if is_initial is not None:
        query = query.where(conflicts.c.is_initial.is_(is_initial))
    if state is not None:
        query = query.where(conflicts.c.state == state)
    if person_id is not None:
        query = query.where(conflicts.c.person_id == person_id)
    return [_stored(row) for row in conn.execute(query.order_by(conflicts.c.id).limit(limit))]


def load_conflict(conn: Connection, conflict_id: int) -> StoredConflict | None:
    """Answer one conflict, locked until we commit."""
    query = select(conflicts).where(conflicts.c.id == conflict_id).with_for_update()
    row = conn.execute(query).one_or_none()
    return _stored(row) if row else None


def mark_resolved(
    conn: Connection, conflict_ids: Collection[int], *, resolution: str | None, by: str, at_ms: int
) -> None:
    """Record a person's decision."""
    conn.execute(
        update(conflicts)
        .where(conflicts.c.id.in_(conflict_ids))
        .values(
            state=ConflictState.RESOLVED,
            resolution=resolution,
            resolved_by=by,
            resolved_at_ms=at_ms,
        )
    )


def count_conflicts(conn: Connection) -> dict[str, int]:
    """Answer how many are open: {"conflicts": n, "initial_differences": n}."""
    rows = conn.execute(
        select(conflicts.c.is_initial, func.count())
        .where(conflicts.c.state == ConflictState.OPEN)
        .group_by(conflicts.c.is_initial)
    )
    counts = {bool(row[0]): row[1] for row in rows}
    return {"conflicts": counts.get(False, 0), "initial_differences": counts.get(True, 0)}


@dataclass(frozen=True, slots=True)
class Question:
    """Something only a person can answer: are these two the same?"""

    topic: str
    person_id: str
    other_id: str
    evidence: str


def ask(conn: Connection, questions: Sequence[Question], *, found_at_ms: int) -> None:
    """Queue questions; one that was asked before is not asked again."""
    if questions:
        conn.execute(
            insert(conn, reviews).on_conflict_do_nothing(
                index_elements=["topic", "person_id", "other_id"]
            ),
            [
                {
                    "topic": question.topic,
                    "person_id": question.person_id,
                    "other_id": question.other_id,
                    "evidence": question.evidence,
                    "state": ConflictState.OPEN,
                    "found_at_ms": found_at_ms,
                }
                for question in questions
            ],
        )


def open_questions(conn: Connection, person_id: str | None = None) -> list[Row[Any]]:
    """Answer open questions: topic, person_id, other_id, evidence, found_at_ms."""
    query = select(reviews).where(reviews.c.state == ConflictState.OPEN)
    if person_id is not None:
        query = query.where(or_(reviews.c.person_id == person_id, reviews.c.other_id == person_id))
    return list(conn.execute(query.order_by(reviews.c.id).limit(500)))


@dataclass(frozen=True, slots=True)
class Note:
    """One decision for the journal: what was decided and why, in words."""

    topic: str
    text: str
    correlation_id: str
    person_id: str | None = None
    connection: str = ""
    details: Mapping[str, Any] | None = None


def write_journal(conn: Connection, notes: Sequence[Note], *, at_ms: int) -> None:
    """Append decisions to the journal."""
    if notes:
        conn.execute(
            journal.insert(),
            [
                {**{name: getattr(note, name) for name in Note.__slots__}, "at_ms": at_ms}
                for note in notes
            ],
        )


def read_journal(
    conn: Connection,
    *,
    person_id: str | None = None,
    correlation_id: str | None = None,
    limit: int = 300,
) -> list[Row[Any]]:
    """Answer the newest decisions about a person or of one correlation, oldest of them first."""
    query = select(journal)
    if person_id is not None:
        query = query.where(journal.c.person_id == person_id)
    if correlation_id is not None:
        query = query.where(journal.c.correlation_id == correlation_id)
    return list(conn.execute(query.order_by(journal.c.id.desc()).limit(limit)))[::-1]
