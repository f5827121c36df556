"""Owed writes, carried out: claim, guard, send, settle; each step its own transaction.

A kill between any two of them leaves a claim that runs out (due again) or an attempt that runs
out (not known: read back first).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from syncbridge.engine.batch import Batch
from syncbridge.engine.compose import Sent, contact_write
from syncbridge.engine.context import Engine, Spoke, Table
from syncbridge.engine.desk import Desk
from syncbridge.engine.log_entries import start_messages
from syncbridge.engine.recall import recall
from syncbridge.engine.retry import after_failure
from syncbridge.engine.settle import settle
from syncbridge.engine.suspend import suspend
from syncbridge.errors import Rejected, RemoteError, Suspended
from syncbridge.model.link import Link
from syncbridge.model.record import Kind, Snapshot
from syncbridge.model.states import EntryState, LinkState, Mode
from syncbridge.remote.base import Outcome
from syncbridge.store import outbox, records, runs
from syncbridge.store.outbox import Entry, Settlement, Start
from syncbridge.store.runs import ConnectionState
from syncbridge.store.session import Transaction

#: Contacts come first: messages need them.
_ORDER = (Kind.CONTACT, Kind.MESSAGE, Kind.CONVERSATION)


def deliver(engine: Engine, connection: str) -> int:
    """Carry out a batch of each kind of a connection's due writes; answer how many were taken.

    Nothing is written while the connection observes, is paused or waits, nor before its first
    whole list was read: until then nobody knows what is there already.

    Raises:
        StoreBusy: the database refused; what was claimed comes back when its lease runs out.
    """
    spoke = engine.spoke(connection)
    state = engine.store.read(runs.load_connections).get(connection)
    if why_not(engine, spoke, state):
        return 0
    taken = 0
    for kind in _ORDER:
        # A batch of each in turn: a long list of contacts must not keep a message waiting.
        entries = _claim(engine, spoke, kind)
        if entries:
            _carry_out(engine, spoke, kind, entries)
        taken += len(entries)
    return taken


def why_not(engine: Engine, spoke: Spoke, state: ConnectionState | None) -> str:
    """Answer in words why a connection writes nothing now; "" when it may."""
    if spoke.mode is not Mode.LIVE and (state is None or state.live_at_ms is None):
        return "it observes: nothing is written until somebody lets it go live"
    if state is None:
        return "it was not prepared yet"
    if state.paused_at_ms is not None:
        return "somebody paused it"
    if state.is_suspended(engine.now_ms()):
        return f"it waits: {state.suspended_reason}"
    if spoke.connector.capabilities.feeds and state.caught_up_at_ms is None:
        return "what it holds already is still being read"
    return ""


def _lease_ms(engine: Engine) -> int:
    return engine.now_ms() + int(engine.retry.lease_s * 1000)


def _claim(engine: Engine, spoke: Spoke, kind: Kind) -> list[Entry]:
    return engine.store.transact(
        lambda tx: outbox.claim(
            tx,
            spoke.name,
            kind,
            now_ms=engine.now_ms(),
            lease_until_ms=_lease_ms(engine),
            worker=engine.worker,
            limit=spoke.connector.capabilities.push_batch,
        )
    )


def _carry_out(engine: Engine, spoke: Spoke, kind: Kind, entries: list[Entry]) -> None:
    if kind is Kind.CONTACT:
        try:
            guard(engine, spoke, entries)
        except RemoteError as exc:
            _fail_unsent(engine, spoke, entries, exc)
            return
        sent = engine.store.transact(lambda tx: _start_contacts(engine, spoke, tx, entries))
    else:
        sent = start_messages(engine, spoke, entries, lease_until_ms=_lease_ms(engine))
    if sent:
        outcomes = push(spoke, sent)
        settle(engine, spoke, sent, {outcome.link_id: outcome for outcome in outcomes})
    engine.bell.ring(Table.OUTBOX, spoke.name)


def guard(engine: Engine, spoke: Spoke, entries: Sequence[Entry]) -> None:
    """Read the records that are about to be overwritten and reconcile what changed meanwhile.

    Records that an earlier attempt made without our knowing are found first, so that they count.

    Raises:
        RemoteError: they could not be read, so nothing may be written.
    """
    recall(engine, spoke, entries)
    links = engine.store.read(
        lambda tx: records.load_links(tx, [entry.link_id for entry in entries])
    )
    known = [link for link in links.values() if link.remote_id and link.state is LinkState.LINKED]
    size = spoke.connector.capabilities.read_batch
    for position in range(0, len(known), size):
        _guard_some(engine, spoke, known[position : position + size])


def _guard_some(engine: Engine, spoke: Spoke, links: Sequence[Link]) -> None:
    by_remote = {link.remote_id: link for link in links if link.remote_id}
    found = spoke.connector.read(Kind.CONTACT, list(by_remote))

    def work(tx: Transaction) -> Batch:
        batch = Batch(engine, tx)
        desk = Desk(batch, spoke)
        snapshots = [answer for answer in found.values() if isinstance(answer, Snapshot)]
        desk.load(snapshots, list(by_remote), claimed=frozenset(link.id for link in links))
        for remote_id, link in by_remote.items():
            desk.take(remote_id, found.get(remote_id), link.epoch, link.id)
        batch.spread_all()
        batch.store()
        return batch

    engine.store.transact(work).ring()


def _start_contacts(
    engine: Engine, spoke: Spoke, tx: Transaction, entries: Sequence[Entry]
) -> list[Sent]:
    """Compute the payloads now and record that they leave; settle what owes nothing any more."""
    now_ms = engine.now_ms()
    batch = Batch(engine, tx)
    owners = {
        link.id: link.subject_id
        for link in records.load_links(tx, [entry.link_id for entry in entries]).values()
    }
    batch.look_up((), owners.values())
    sent: list[Sent] = []
    idle: list[tuple[Settlement, int]] = []
    changed: list[Link] = []
    for entry in entries:
        dossier = batch.dossier(owners[entry.link_id])
        link = dossier.links[entry.link_id]
        item = None
        if link.state is not LinkState.GONE:
            item = contact_write(spoke, dossier, link, entry)
        if item is None:
            changed.append(replace(link, done_rev=link.wanted_rev))
            idle.append((Settlement(entry.id, None, EntryState.SETTLED), entry.attempt))
        else:
            sent.append(item)
    outbox.settle(tx, idle, now_ms=now_ms)
    starts = [Start(item.entry, item.rev, item.payload) for item in sent]
    may_leave = outbox.start(tx, starts, now_ms=now_ms, lease_until_ms=_lease_ms(engine))
    sent = [item for item in sent if item.entry.id in may_leave]
    leaving = [batch.dossier(owners[one.entry.link_id]).links[one.entry.link_id] for one in sent]
    changed += [replace(link, epoch=link.epoch + 1) for link in leaving]
    records.update_links(tx, changed)
    return sent


def push(spoke: Spoke, sent: Sequence[Sent]) -> list[Outcome]:
    """Send writes in one call; a call refused as a whole is halved until the bad one is alone."""
    outcomes = spoke.connector.push([item.write for item in sent])
    if len(sent) == 1 or not _is_refused_whole(outcomes, len(sent)):
        return outcomes
    middle = len(sent) // 2
    return [*push(spoke, sent[:middle]), *push(spoke, sent[middle:])]


def _is_refused_whole(outcomes: Sequence[Outcome], size: int) -> bool:
    """Say whether every write got the same definite refusal, so that one may spoil the others."""
    refusals = {str(outcome.error) for outcome in outcomes if isinstance(outcome.error, Rejected)}
    refused = sum(isinstance(outcome.error, Rejected) for outcome in outcomes)
    return refused == size and len(refusals) == 1


def _fail_unsent(engine: Engine, spoke: Spoke, entries: Sequence[Entry], exc: RemoteError) -> None:
    """Record that no call left because the guard could not read."""
    now_ms = engine.now_ms()

    def work(tx: Transaction) -> None:
        settled = [
            (
                after_failure(
                    entry,
                    exc,
                    engine.retry,
                    now_ms=now_ms,
                    attempt=None,
                    is_repeatable=False,
                ),
                entry.attempt,
            )
            for entry in entries
        ]
        outbox.settle(tx, settled, now_ms=now_ms)
        runs.count(tx, spoke.name, {f"read_{exc.cause}": 1})
        if isinstance(exc, Suspended):
            suspend(engine, tx, spoke.name, exc)

    engine.store.transact(work)
