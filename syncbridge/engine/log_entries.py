"""Entries in contacts' timelines: computed, looked for after an unknown outcome, then sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from syncbridge.engine.batch import Batch
from syncbridge.engine.compose import Sent, display_name, message_write, messages_of_entries
from syncbridge.engine.context import Engine, Spoke
from syncbridge.engine.retry import after_failure
from syncbridge.engine.suspend import suspend
from syncbridge.errors import RemoteError, Suspended
from syncbridge.model.link import Link
from syncbridge.model.states import EntryState, LinkState
from syncbridge.remote.base import Outcome
from syncbridge.store import conversations, outbox, records
from syncbridge.store.conversations import StoredMessage
from syncbridge.store.outbox import Debt, Entry, Settlement, Start
from syncbridge.store.session import Transaction

#: An unknown create is repeated only after the entry was looked for this often and not found.
_EMPTY_READS = 2
_EXCERPT_CHARS = 80


def start_messages(
    engine: Engine, spoke: Spoke, entries: Sequence[Entry], *, lease_until_ms: int
) -> list[Sent]:
    """Record that these entries leave now, and answer their writes.

    Entries whose outcome is not known are looked for first: found ones are settled, others wait
    until they were not found twice. Two transactions at most.
    """
    composed = engine.store.transact(lambda tx: _compose(engine, spoke, tx, entries))
    doubtful = [item for item in composed if _must_look(item)]
    ready = [item for item in composed if not _must_look(item)]
    ready += _look(engine, spoke, doubtful) if doubtful else []
    if not ready:
        return []
    now_ms = engine.now_ms()

    def work(tx: Transaction) -> list[Sent]:
        links = records.load_links(tx, [item.write.link_id for item in ready], for_update=True)
        starts = [Start(item.entry, item.rev, item.payload) for item in ready]
        may_leave = outbox.start(tx, starts, now_ms=now_ms, lease_until_ms=lease_until_ms)
        leaving = [item for item in ready if item.entry.id in may_leave]
        moving = [links[item.write.link_id] for item in leaving]
        records.update_links(tx, [replace(link, epoch=link.epoch + 1) for link in moving])
        return leaving

    return engine.store.transact(work)


def _must_look(item: Sent) -> bool:
    return item.entry.is_unknown and item.is_create and item.entry.empty_reads < _EMPTY_READS


def _compose(engine: Engine, spoke: Spoke, tx: Transaction, entries: Sequence[Entry]) -> list[Sent]:
    """Compute the writes; entries whose contact is not there wait for it."""
    batch = Batch(engine, tx)
    links = records.load_links(tx, [entry.link_id for entry in entries])
    messages = messages_of_entries(tx, list(links.values()))
    batch.look_up((), {one[0].person_id for one in messages.values() if one})
    excerpts = _excerpts(tx, messages)
    sent: list[Sent] = []
    waiting: list[tuple[Entry, Link]] = []
    empty: list[Entry] = []
    for entry in entries:
        link, found = links[entry.link_id], messages.get(entry.link_id)
        if not found or link.state is LinkState.GONE:
            empty.append(entry)
            continue
        dossier = batch.dossier(found[0].person_id)
        dossier.correlation_id = entry.correlation_id
        dossier.is_reviving = True
        batch.spread(dossier)
        owner = dossier.primary(spoke.name)
        if owner is None or owner.remote_id is None:
            if owner is not None:
                waiting.append((entry, owner))
            continue
        sent.append(
            message_write(
                link,
                entry,
                contact_id=owner.remote_id,
                messages=found,
                name=display_name(dossier),
                excerpts=excerpts,
                file_url=engine.file_url,
            )
        )
    batch.store()
    _block(tx, waiting, now_ms=batch.now_ms)
    done = [(Settlement(entry.id, None, EntryState.SETTLED), entry.attempt) for entry in empty]
    outbox.settle(tx, done, now_ms=batch.now_ms)
    return sent


def _block(tx: Transaction, waiting: Sequence[tuple[Entry, Link]], *, now_ms: int) -> None:
    """Let entries wait for the record they belong to."""
    settled = [
        (Settlement(entry.id, None, EntryState.SETTLED), entry.attempt) for entry, _ in waiting
    ]
    outbox.settle(tx, settled, now_ms=now_ms)
    debts = [
        Debt(entry.link_id, entry.connection, entry.kind, entry.correlation_id, owner.id)
        for entry, owner in waiting
    ]
    outbox.owe(tx, debts, now_ms=now_ms)


def _excerpts(tx: Transaction, messages: Mapping[str, list[StoredMessage]]) -> dict[str, str]:
    """Answer how the messages begin that others answer: message id at the channel -> words."""
    asked: dict[str, set[str]] = {}
    for found in messages.values():
        for message in found:
            if message.reply_to:
                asked.setdefault(message.connection, set()).add(message.reply_to)
    return {
        ref.remote_id: ref.text[:_EXCERPT_CHARS]
        for connection, ids in asked.items()
        for ref in conversations.find_messages(tx, connection, ids, ())
    }


def _look(engine: Engine, spoke: Spoke, doubtful: Sequence[Sent]) -> list[Sent]:
    """Look whether unknown creates took effect; answer those that may be repeated."""
    try:
        found = spoke.connector.find_all([item.write for item in doubtful])
    except RemoteError as exc:
        for item in doubtful:
            _postpone(engine, spoke, item.entry, exc)
        return []
    again: list[Sent] = []
    for item in doubtful:
        outcome = found.get(item.write.link_id)
        if outcome is not None:
            _settle_found(engine, item, outcome)
        elif item.entry.empty_reads + 1 >= _EMPTY_READS:
            again.append(item)
        else:
            _look_later(engine, item)
    return again


def _look_later(engine: Engine, item: Sent) -> None:
    """Leave a create that was not found alone for a while, to be looked for once more."""
    now_ms = engine.now_ms()
    later = Settlement(
        entry_id=item.entry.id,
        attempt=None,
        state=EntryState.DUE,
        outcome="outcome_unknown",
        message="not found there yet; looked for once more before it is repeated",
        tries=item.entry.tries,
        is_unknown=True,
        empty_reads=item.entry.empty_reads + 1,
        due_at_ms=now_ms + int(engine.retry.readback_wait_s * 1000),
    )
    engine.store.transact(
        lambda tx: outbox.settle(tx, [(later, item.entry.attempt)], now_ms=now_ms)
    )


def _settle_found(engine: Engine, item: Sent, found: Outcome) -> None:
    """The write had taken effect: nothing is repeated; what changed since is a change like any."""
    now_ms = engine.now_ms()

    def work(tx: Transaction) -> None:
        links = records.load_links(tx, [item.write.link_id], for_update=True)
        link = links[item.write.link_id]
        sent_rev = item.entry.rev
        link = replace(
            link,
            remote_id=found.remote_id,
            state=LinkState.LINKED,
            done_rev=max(link.done_rev, sent_rev),
            epoch=link.epoch + 1,
        )
        records.update_links(tx, [link])
        if found.remote_id is not None:
            records.add_refs(tx, [(link, found.remote_id)])
        state = EntryState.DUE if link.is_behind else EntryState.SETTLED
        done = Settlement(
            item.entry.id, item.entry.attempt, state, message="found there: it had taken effect"
        )
        outbox.settle(tx, [(done, item.entry.attempt)], now_ms=now_ms)

    engine.store.transact(work)


def _postpone(engine: Engine, spoke: Spoke, entry: Entry, exc: RemoteError) -> None:
    now_ms = engine.now_ms()
    settlement = after_failure(
        entry, exc, engine.retry, now_ms=now_ms, attempt=None, is_repeatable=False
    )

    def work(tx: Transaction) -> None:
        kept = replace(settlement, is_unknown=True)
        outbox.settle(tx, [(kept, entry.attempt)], now_ms=now_ms)
        if isinstance(exc, Suspended):
            suspend(engine, tx, spoke.name, exc)

    engine.store.transact(work)
