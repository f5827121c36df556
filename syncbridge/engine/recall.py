"""Contacts that an attempt of unknown outcome made: found by our id before they are made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from syncbridge.engine.batch import Batch
from syncbridge.engine.compose import contact_write
from syncbridge.engine.context import Engine, Spoke
from syncbridge.engine.settle import moved_base
from syncbridge.model.golden import Base
from syncbridge.model.link import Link
from syncbridge.model.states import LinkState
from syncbridge.remote.base import ContactWrite, Outcome
from syncbridge.store import outbox, records
from syncbridge.store.outbox import Entry
from syncbridge.store.session import Transaction


def recall(engine: Engine, spoke: Spoke, entries: Sequence[Entry]) -> None:
    """Link the records that claimed entries made after all.

    Repeating such a create makes no second record, but it would undo what somebody changed in the
    first one since. Looked for together, then one transaction.

    Raises:
        RemoteError: it could not be looked; nothing was recorded.
    """
    doubtful = {entry.link_id: entry for entry in entries if entry.is_unknown and entry.attempt}
    if not doubtful:
        return
    links = engine.store.read(lambda tx: records.load_links(tx, list(doubtful)))
    missing = [ContactWrite(link.id, None, {}) for link in links.values() if not link.remote_id]
    found = spoke.connector.find_all(missing) if missing else {}
    if found:
        owners = {link_id: links[link_id].subject_id for link_id in found}
        engine.store.transact(lambda tx: _link(engine, spoke, tx, doubtful, found, owners))


def _link(
    engine: Engine,
    spoke: Spoke,
    tx: Transaction,
    entries: Mapping[str, Entry],
    found: Mapping[str, Outcome],
    owners: Mapping[str, str],
) -> None:
    batch = Batch(engine, tx)
    batch.look_up((), owners.values())
    for link_id, outcome in found.items():
        dossier = batch.dossier(owners[link_id])
        link = dossier.links[link_id]
        if link.remote_id is not None or outcome.remote_id is None:
            continue
        entry = entries[link_id]
        sent = contact_write(spoke, dossier, link, entry)
        base: Base = {}
        # Nothing was said since, so this is what was sent then; else they meet as strangers do.
        if sent is not None and isinstance(sent.write, ContactWrite) and entry.rev == sent.rev:
            base = moved_base(spoke, sent, sent.write, outcome, link.base)
        dossier.put(_made(spoke, link, outcome, base, entry))
        batch.alias(link, outcome.remote_id)
        batch.note(
            dossier,
            "found_again",
            f"an attempt without an answer had made the record in {spoke.name}",
            correlation_id=entry.correlation_id,
            connection=spoke.name,
            details={"remote_id": outcome.remote_id},
        )
    batch.store()
    outbox.unblock(tx, list(found), now_ms=engine.now_ms())


def _made(spoke: Spoke, link: Link, outcome: Outcome, base: Base, entry: Entry) -> Link:
    return replace(
        link,
        remote_id=outcome.remote_id,
        state=LinkState.LINKED,
        base=base,
        mapping_version=spoke.mapping.version,
        done_rev=max(link.done_rev, entry.rev),
        epoch=link.epoch + 1,
    )
