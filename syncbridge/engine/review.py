"""What people decide: conflicts, dead letters, pausing, and letting a connection write."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from syncbridge.engine.batch import Batch
from syncbridge.engine.compose import contact_write, display_name
from syncbridge.engine.context import Engine, Table
from syncbridge.engine.deliver import why_not
from syncbridge.engine.dossier import Dossier
from syncbridge.errors import NotThere
from syncbridge.merge.plan import Decision
from syncbridge.model.record import Kind
from syncbridge.model.states import ConflictState, EntryState, LinkState
from syncbridge.remote.base import ContactWrite
from syncbridge.store import letters, records, review, runs
from syncbridge.store.ids import new_id
from syncbridge.store.review import Note, StoredConflict
from syncbridge.store.session import Transaction, lock_names

#: Entries a plan is computed from at most; beyond, its counts say "at least".
_PLAN_ENTRIES = 5_000


def resolve_conflict(
    engine: Engine, conflict_id: int, *, choice: str, by: str, value: str | None = None
) -> StoredConflict:
    """Decide a conflict: the value becomes the golden one and is written to every record.

    One transaction. Deciding for what stands already writes nothing, but stands.

    Args:
        engine: the service.
        conflict_id: as listed.
        choice: "ours", "theirs" or "value".
        by: who decided.
        value: with "value": the value itself; None clears the field.

    Raises:
        NotThere: no such conflict, or it was resolved before.
    """
    batches: list[Batch] = []

    def work(tx: Transaction) -> StoredConflict:
        # Of two who decide at once the second is told, instead of undoing the first's decision.
        lock_names(tx, [f"conflict:{conflict_id}"])
        found = review.load_conflict(tx, conflict_id)
        if found is None:
            raise NotThere(f"there is no conflict {conflict_id}")
        if found.state is not ConflictState.OPEN:
            raise NotThere(
                f"conflict {conflict_id} was resolved by {found.resolved_by}; "
                "decide the next one, or change the field in a CRM"
            )
        chosen = _chosen(found, choice, value)
        batch = Batch(engine, tx)
        batches.append(batch)
        _decide(batch, found, chosen, by)
        review.mark_resolved(tx, [conflict_id], resolution=chosen, by=by, at_ms=engine.now_ms())
        return found

    found = engine.store.transact(work)
    batches[-1].ring()
    return found


def _chosen(found: StoredConflict, choice: str, value: str | None) -> str | None:
    if choice == "value":
        return value
    return found.conflict.ours if choice == "ours" else found.conflict.theirs


def _decide(batch: Batch, found: StoredConflict, chosen: str | None, by: str) -> None:
    dossier = batch.dossier(found.person_id)
    dossier.correlation_id = new_id()
    name = found.conflict.field
    standing = dossier.values.get(name)
    # Also for what stands already: an older edit that is only seen later must not outrank it.
    dossier.decide(Decision(name, chosen, batch.now_ms))
    batch.refresh_weak(dossier)
    batch.note(
        dossier,
        "conflict_resolved",
        f"{by} decided {name}",
        correlation_id=dossier.correlation_id,
        details={"conflict": found.id, "value": chosen, "before": standing},
    )
    batch.spread_all()
    batch.store()


def replay(engine: Engine, entry_ids: Collection[int], *, by: str) -> int:
    """Try dead letters again with today's mapping and values; answer how many. One transaction."""
    now_ms = engine.now_ms()

    def work(tx: Transaction) -> int:
        replayed = letters.replay(tx, entry_ids, now_ms=now_ms)
        _note_entries(tx, replayed, "replayed", f"{by} replayed a dead letter", now_ms=now_ms)
        return len(replayed)

    count = engine.store.transact(work)
    engine.bell.ring(Table.OUTBOX)
    return count


def discard(engine: Engine, entry_ids: Collection[int], *, by: str, reason: str) -> int:
    """Give dead letters up; answer how many. One transaction; `replay` undoes it."""
    now_ms = engine.now_ms()

    def work(tx: Transaction) -> int:
        discarded = letters.discard(tx, entry_ids, by=by, reason=reason, now_ms=now_ms)
        text = f"{by} discarded a dead letter: {reason}"
        _note_entries(tx, discarded, "discarded", text, now_ms=now_ms)
        return len(discarded)

    return engine.store.transact(work)


def _note_entries(
    tx: Transaction, entry_ids: Collection[int], topic: str, text: str, *, now_ms: int
) -> None:
    notes = []
    for entry_id in entry_ids:
        entry = letters.load_entry(tx, entry_id)
        if entry is not None:
            notes.append(
                Note(
                    topic=topic,
                    text=text,
                    correlation_id=entry.correlation_id,
                    person_id=records.person_of_link(tx, entry.link_id),
                    connection=entry.connection,
                    details={"entry": entry_id},
                )
            )
    review.write_journal(tx, notes, at_ms=now_ms)


def set_paused(engine: Engine, connection: str, *, is_paused: bool, by: str) -> None:
    """Stop or resume all writing to a connection; reading goes on. One transaction."""
    engine.spoke(connection)
    now_ms = engine.now_ms()

    def work(tx: Transaction) -> None:
        runs.set_connection(tx, connection, paused_at_ms=now_ms if is_paused else None)
        word = "paused" if is_paused else "resumed"
        note = Note(word, f"{by} {word} {connection}", new_id(), connection=connection)
        review.write_journal(tx, [note], at_ms=now_ms)

    engine.store.transact(work)
    engine.bell.ring(Table.OUTBOX, connection)


@dataclass(slots=True)
class WritePlan:
    """What a connection would write if it were live."""

    connection: str
    creates: int = 0
    updates: int = 0
    messages: int = 0
    #: Why nothing is written at present; "" when the connection is live.
    holds: str = ""
    #: A few of each: person, verb, values.
    samples: list[dict[str, Any]] = field(default_factory=list)
    is_cut: bool = False


def plan_writes(engine: Engine, connection: str, *, samples: int = 5) -> WritePlan:
    """Compute what is owed to a connection, by the code that writes it. Reads only."""
    spoke = engine.spoke(connection)
    plan = WritePlan(connection)

    def work(tx: Transaction) -> None:
        plan.holds = why_not(engine, spoke, runs.load_connections(tx).get(connection))
        entries = letters.owed_entries(tx, connection, limit=_PLAN_ENTRIES)
        plan.is_cut = len(entries) == _PLAN_ENTRIES
        contacts = [entry for entry in entries if entry.kind is Kind.CONTACT]
        plan.messages = len(entries) - len(contacts)
        links = records.load_links(tx, [entry.link_id for entry in contacts])
        # Not by a batch: that would hold the persons against those who work on them.
        known = records.load_persons(tx, {link.subject_id for link in links.values()})
        for entry in contacts:
            link = links[entry.link_id]
            dossier = Dossier(known[link.subject_id], engine.rules)
            item = None
            if link.state is not LinkState.GONE and entry.state is not EntryState.DEAD:
                item = contact_write(spoke, dossier, link, entry)
            if item is None or not isinstance(item.write, ContactWrite):
                continue
            plan.creates += item.is_create
            plan.updates += not item.is_create
            if len(plan.samples) < samples:
                plan.samples.append(
                    {
                        "person": dossier.id,
                        "name": display_name(dossier),
                        "verb": "create" if item.is_create else "update",
                        "values": dict(item.write.values),
                    }
                )

    engine.store.read(work)
    return plan


def go_live(engine: Engine, connection: str, *, by: str) -> None:
    """Let a connection write from now on. One transaction."""
    engine.spoke(connection)
    now_ms = engine.now_ms()

    def work(tx: Transaction) -> None:
        runs.set_connection(tx, connection, live_at_ms=now_ms, live_by=by)
        note = Note("went_live", f"{by} let {connection} write", new_id(), connection=connection)
        review.write_journal(tx, [note], at_ms=now_ms)

    engine.store.transact(work)
    engine.bell.ring(Table.OUTBOX, connection)
