"""What came of writes: recorded on links and entries, and the base moved where it is known."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from syncbridge.clock import from_ms
from syncbridge.engine.compose import Sent
from syncbridge.engine.context import Engine, Spoke
from syncbridge.engine.retry import advise, after_failure
from syncbridge.engine.suspend import resume_if_suspended, suspend
from syncbridge.errors import Duplicate, Moved, NotFound, OutcomeUnknown, Suspended
from syncbridge.model.event import Event, RecordTouched, Touch
from syncbridge.model.golden import Base, BaseValue
from syncbridge.model.link import Link
from syncbridge.model.record import Kind
from syncbridge.model.states import EntryState, LinkState
from syncbridge.remote.base import ContactWrite, MessageWrite, Outcome
from syncbridge.store import inbox, outbox, records, review, runs
from syncbridge.store.inbox import Origin
from syncbridge.store.outbox import Settlement
from syncbridge.store.review import Note
from syncbridge.store.session import Transaction

#: How soon an entry is tried again whose contact was missing: by then it was read again.
_MISSED_MS = 3_000

_log = logging.getLogger(__name__)


def settle(
    engine: Engine, spoke: Spoke, sent: Sequence[Sent], outcomes: Mapping[str, Outcome]
) -> None:
    """Record the outcomes of a batch of writes, by link id. One transaction.

    A write that no outcome names is not known: it is read back.
    """

    def work(tx: Transaction) -> None:
        desk = _Settling(engine, spoke, tx)
        desk.load([item.write.link_id for item in sent])
        for item in sent:
            link_id = item.write.link_id
            silence = OutcomeUnknown("the answer did not name this write", connection=spoke.name)
            desk.settle(item, outcomes.get(link_id) or Outcome(link_id, error=silence))
        desk.store()

    engine.store.transact(work)


class _Settling:
    """One transaction's settlements, gathered to be stored in bulk."""

    def __init__(self, engine: Engine, spoke: Spoke, tx: Transaction) -> None:
        self.engine = engine
        self.spoke = spoke
        self.tx = tx
        self.now_ms = engine.now_ms()
        self.links: dict[str, Link] = {}
        self._settlements: list[tuple[Settlement, int]] = []
        self._changed: dict[str, Link] = {}
        self._refs: list[tuple[Link, str]] = []
        self._linked: list[str] = []
        self._notes: list[Note] = []
        self._suspension: Suspended | None = None
        self._has_success = False

    def load(self, link_ids: Sequence[str]) -> None:
        """Lock the links."""
        self.links = records.load_links(self.tx, link_ids, for_update=True)

    def settle(self, item: Sent, outcome: Outcome) -> None:
        """Record one outcome."""
        link = self.links.get(item.write.link_id)
        if link is None:
            return
        link = replace(link, epoch=link.epoch + 1)
        self._put(link)
        if outcome.error is None:
            self._succeed(item, outcome, link)
        else:
            self._fail(item, outcome, link)

    def _put(self, link: Link) -> None:
        self.links[link.id] = link
        self._changed[link.id] = link

    def _succeed(self, item: Sent, outcome: Outcome, link: Link) -> None:
        self._has_success = True
        remote_id = outcome.remote_id or link.remote_id
        is_first = link.remote_id is None
        base = link.base
        if isinstance(item.write, ContactWrite):
            base = moved_base(self.spoke, item, item.write, outcome, link.base)
        link = replace(
            link,
            remote_id=remote_id,
            state=LinkState.LINKED,
            base=base,
            mapping_version=self.spoke.mapping.version,
            version=outcome.version or link.version,
            done_rev=max(link.done_rev, item.rev),
            seen_at_ms=self.now_ms,
        )
        self._put(link)
        if remote_id is not None and is_first:
            self._refs.append((link, remote_id))
            if link.kind is Kind.CONTACT:
                self._linked.append(link.id)
        self._record(
            item,
            Settlement(
                entry_id=item.entry.id,
                attempt=item.entry.attempt + 1,
                state=EntryState.DUE if link.is_behind else EntryState.SETTLED,
                tries=0,
            ),
        )

    def _fail(self, item: Sent, outcome: Outcome, link: Link) -> None:
        error = outcome.error
        if error is None:
            return
        if isinstance(error, Suspended):
            self._suspension = error
        settlement = after_failure(
            item.entry,
            error,
            self.engine.retry,
            now_ms=self.now_ms,
            attempt=item.entry.attempt + 1,
            is_repeatable=self._is_repeatable(item),
        )
        if isinstance(error, Moved):
            self._relink(link, error.to)
        elif isinstance(error, Duplicate) and error.existing:
            settlement = self._adopt(link, error.existing, settlement)
        elif isinstance(error, NotFound) and link.remote_id is not None:
            settlement = self._lose(item, link, settlement)
        elif isinstance(error, NotFound) and isinstance(item.write, MessageWrite):
            settlement = self._miss_owner(item, item.write, settlement)
        self._record(item, settlement)

    def _is_repeatable(self, item: Sent) -> bool:
        """Say whether the same write twice makes one record: anything but a blind create."""
        once = self.spoke.connector.capabilities.once.get(_kind_there(item.entry.kind))
        return not item.is_create or (once is not None and once.how == "upsert")

    def _relink(self, link: Link, remote_id: str) -> None:
        if link.remote_id is not None:
            self._refs.append((link, link.remote_id))
        link = replace(link, remote_id=remote_id, state=LinkState.LINKED)
        self._put(link)
        self._refs.append((link, remote_id))
        if link.kind is Kind.CONTACT:
            self._linked.append(link.id)

    def _adopt(self, link: Link, existing: str, settlement: Settlement) -> Settlement:
        """Take the record that has our unique value for ours, unless it is somebody else's."""
        owner = records.links_by_ref(self.tx, self.spoke.name, link.kind, [existing]).get(existing)
        is_another = owner is not None and owner.id != link.id
        if is_another or link.remote_id is not None:
            if owner is not None and is_another:
                one, other = sorted((link.subject_id, owner.subject_id))
                evidence = f"{self.spoke.name} says that both have one unique value"
                question = review.Question("same_unique_value", one, other, evidence)
                review.ask(self.tx, [question], found_at_ms=self.now_ms)
            return replace(
                settlement, state=EntryState.DEAD, advice=advise("duplicate"), due_at_ms=0
            )
        self._relink(link, existing)
        self._notes.append(
            Note(
                topic="adopted",
                text=f"{self.spoke.name} had this person already: its record was taken over",
                correlation_id=link.id,
                person_id=link.subject_id,
                connection=self.spoke.name,
                details={"remote_id": existing},
            )
        )
        return replace(settlement, state=EntryState.DUE, advice=None, due_at_ms=self.now_ms)

    def _lose(self, item: Sent, link: Link, settlement: Settlement) -> Settlement:
        """The record is gone there: somebody deleted it, and it is not made anew by a change.

        Of a contact, the next message begins a new one; an entry of the timeline stays deleted.
        """
        self._put(replace(link, state=LinkState.GONE, done_rev=item.rev))
        self._notes.append(
            Note(
                topic="record_gone",
                text=f"the {link.kind} is not there any more in {self.spoke.name}: not written",
                correlation_id=item.entry.correlation_id,
                person_id=records.person_of_link(self.tx, link.id),
                connection=self.spoke.name,
                details={"remote_id": link.remote_id},
            )
        )
        return replace(settlement, state=EntryState.SETTLED, advice=None)

    def _miss_owner(self, item: Sent, write: MessageWrite, settlement: Settlement) -> Settlement:
        """The contact of a new entry is not there: it is read again, then the entry is tried."""
        if settlement.tries > self.engine.retry.compensation_tries:
            return settlement
        touched = RecordTouched(Kind.CONTACT, write.contact_id, Touch.DELETED)
        key = f"missed:{write.contact_id}:{item.entry.id}:{item.entry.attempt}"
        origin = Origin(self.spoke.name, self.now_ms, item.entry.correlation_id)
        bell = Event(key, from_ms(self.now_ms), touched)
        inbox.add_events(self.tx, [(bell, origin)], due_at_ms=self.now_ms)
        pause_ms = _MISSED_MS if item.entry.tries == 0 else settlement.due_at_ms - self.now_ms
        return replace(
            settlement, state=EntryState.DUE, advice=None, due_at_ms=self.now_ms + pause_ms
        )

    def _record(self, item: Sent, settlement: Settlement) -> None:
        self._settlements.append((settlement, item.entry.attempt + 1))
        if settlement.state is EntryState.DEAD:
            # The vendor's words may hold personal data: they stand in the letter, not in the log.
            _log.warning(
                "%s: entry %d is a dead letter: %s",
                self.spoke.name,
                settlement.entry_id,
                settlement.outcome,
            )

    def store(self) -> None:
        """Write everything."""
        records.update_links(self.tx, list(self._changed.values()))
        records.add_refs(self.tx, self._refs)
        outbox.settle(self.tx, self._settlements, now_ms=self.now_ms)
        outbox.unblock(self.tx, self._linked, now_ms=self.now_ms)
        review.write_journal(self.tx, self._notes, at_ms=self.now_ms)
        counts: dict[str, int] = {}
        for settlement, _ in self._settlements:
            key = f"write_{settlement.outcome}"
            counts[key] = counts.get(key, 0) + 1
        runs.count(self.tx, self.spoke.name, counts)
        if self._suspension is not None:
            suspend(self.engine, self.tx, self.spoke.name, self._suspension)
        elif self._has_success:
            resume_if_suspended(self.tx, self.spoke.name)


def _kind_there(kind: Kind) -> Kind:
    """Answer the kind of record an entry of ours becomes: sessions are entries like messages."""
    return Kind.MESSAGE if kind is Kind.CONVERSATION else kind


def moved_base(
    spoke: Spoke, item: Sent, write: ContactWrite, outcome: Outcome, base: Base
) -> dict[str, BaseValue]:
    """Answer the base after a write: as they rendered it where they told, as we meant it always.

    After a create, every field that was not written is agreed to be empty, so that what a person
    puts there later is an edit.
    """
    moved = dict(base)
    by_remote = {
        declared.remote: declared.canonical for declared in spoke.mapping.fields if declared.writes
    }
    for remote, value in write.values.items():
        canonical = by_remote.get(remote)
        if canonical is not None:
            shown = outcome.values.get(remote, value)
            moved[canonical] = BaseValue(shown or None, item.meant.get(canonical))
    if item.is_create:
        for canonical in by_remote.values():
            moved.setdefault(canonical, BaseValue(None, None))
    for canonical, value in item.meant.items():
        # Meant but not rendered: cleared in the same breath as made, so agreed all the same.
        moved.setdefault(canonical, BaseValue(None, value))
    return moved
