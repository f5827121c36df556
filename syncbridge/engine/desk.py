"""Snapshots of one connection, brought to the persons they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from syncbridge.clock import to_ms
from syncbridge.engine.batch import Batch, phone_identities
from syncbridge.engine.context import Spoke
from syncbridge.engine.dossier import Dossier
from syncbridge.engine.resolve import readings, report
from syncbridge.mapping.transforms import Context
from syncbridge.mapping.translate import to_canonical
from syncbridge.match.exact import Known, match
from syncbridge.merge.plan import Plan
from syncbridge.merge.threeway import FieldReading
from syncbridge.model.identity import Identity, IdentityKind
from syncbridge.model.link import Link
from syncbridge.model.record import Kind, Snapshot
from syncbridge.model.stamp import Stamp
from syncbridge.model.states import LinkRole, LinkState
from syncbridge.normalize.text import email_key
from syncbridge.remote.base import Gone
from syncbridge.store import outbox, records
from syncbridge.store.ids import new_id
from syncbridge.store.session import lock_names


class Desk:
    """One transaction's snapshots of one connection, with the links and persons they concern."""

    def __init__(self, batch: Batch, spoke: Spoke) -> None:
        self.batch = batch
        self.spoke = spoke
        self.links: dict[str, Link] = {}
        self._sending: set[str] = set()

    def load(
        self,
        snapshots: Sequence[Snapshot],
        remote_ids: Iterable[str],
        *,
        claimed: frozenset[str] = frozenset(),
    ) -> None:
        """Load every link and person the snapshots may belong to.

        Args:
            snapshots: what was read.
            remote_ids: what was asked for.
            claimed: links whose write is ours to begin, so that nobody else is writing them.
        """
        tx = self.batch.tx
        ids = {*remote_ids, *(one.ref.remote_id for one in snapshots)}
        ids |= {alias for one in snapshots for alias in one.aliases}
        # A record that nobody knows has no row to lock: two who met it at once would both take
        # it for a stranger, and begin two persons.
        lock_names(tx, [f"record:{self.spoke.name}:{remote_id}" for remote_id in ids])
        self.links = records.links_by_ref(tx, self.spoke.name, Kind.CONTACT, ids)
        ours = {one.external_id for one in snapshots if one.external_id}
        by_id = records.load_links(tx, ours)
        for snapshot in snapshots:
            link = by_id.get(snapshot.external_id or "")
            if link is not None and self._is_its_record(link, snapshot):
                self.links.setdefault(snapshot.ref.remote_id, link)
        identities = [one for snapshot in snapshots for one in self.identities(snapshot)]
        self.batch.look_up(identities, {link.subject_id for link in self.links.values()})
        concerned = {link.id for link in self.links.values()}
        for dossier in self.batch.loaded():
            concerned |= {one.id for one in dossier.links.values()}
        self._sending = outbox.sending_links(tx, concerned) - claimed

    def _is_its_record(self, link: Link, snapshot: Snapshot) -> bool:
        """Say whether a record that carries our external id is the link's; a restored twin is not.

        A record that was deleted while its making was not known to us is made anew: then two carry
        the id, and the link has one of them already.
        """
        ids = (None, snapshot.ref.remote_id, *snapshot.aliases)
        return link.connection == self.spoke.name and link.remote_id in ids

    def identities(self, snapshot: Snapshot) -> list[Identity]:
        """Answer what a record can be recognised by, beside its id."""
        found: list[Identity] = []
        shown = to_canonical(self.spoke.mapping, snapshot.values, Context(region=self.spoke.region))
        for name in ("email",):
            reading = shown.get(name)
            if reading and reading.value and (key := email_key(reading.value)):
                found.append(Identity(IdentityKind.EMAIL, key[:200]))
        for name in ("phone", "mobile_phone", "whatsapp_number"):
            reading = shown.get(name)
            if reading and reading.value:
                weak = phone_identities(reading.value)
                found += weak
                found += [Identity(IdentityKind.WHATSAPP, one.value) for one in weak]
        return list(dict.fromkeys(found))

    def take(
        self, remote_id: str, answer: Snapshot | Gone | None, epoch: int | None, correlation_id: str
    ) -> bool:
        """Reconcile one record; False if the answer is stale and it has to be read again.

        Args:
            remote_id: the id that was asked for.
            answer: what came; None when the connector gave nothing.
            epoch: the link's epoch before the request; None when the record was unknown.
            correlation_id: of the doorbell.
        """
        link = self._link(remote_id, answer)
        asked = self.links.get(remote_id)
        if link is not None and asked is not None and asked.id != link.id:
            self._join(asked, link, answer, correlation_id)
        if link is not None:
            current = self.batch.dossier(link.subject_id).links.get(link.id, link)
            is_moving = epoch is not None and current.epoch != epoch
            if is_moving or current.id in self._sending or _is_overtaken(answer, current):
                return False
            link = current
        if answer is None or isinstance(answer, Gone):
            if link is not None:
                self._lose(link, answer, correlation_id)
            return True
        if link is None and self._may_be_ours(answer):
            return False
        self._hear(answer, link, correlation_id)
        return True

    def _link(self, remote_id: str, answer: Snapshot | Gone | None) -> Link | None:
        if isinstance(answer, Snapshot):
            found = self.links.get(answer.ref.remote_id)
            if found is not None:
                return found
        return self.links.get(remote_id)

    def _may_be_ours(self, snapshot: Snapshot) -> bool:
        """Say whether an unknown record may be the one a write on its way is just making."""
        for dossier in self._candidates(snapshot):
            link = dossier.primary(self.spoke.name)
            if link is not None and link.id in self._sending:
                return True
        return False

    def _candidates(self, snapshot: Snapshot) -> list[Dossier]:
        ids = [
            holder
            for identity in self.identities(snapshot)
            for holder in self.batch.holders_of(identity)
        ]
        return [self.batch.dossier(person_id) for person_id in dict.fromkeys(ids)]

    def _lose(self, link: Link, answer: Gone | None, correlation_id: str) -> None:
        """Believe a deletion only on positive evidence: the record is in the vendor's bin."""
        dossier = self.batch.dossier(link.subject_id)
        is_certain = answer is not None and answer.is_archived
        if is_certain:
            dossier.put(replace(link, state=LinkState.GONE))
        self.batch.note(
            dossier,
            "record_gone" if is_certain else "record_missing",
            f"the record was {'archived' if is_certain else 'not found, which proves nothing,'} "
            f"in {self.spoke.name}",
            correlation_id=correlation_id,
            connection=self.spoke.name,
            details={"remote_id": link.remote_id},
        )

    def _join(
        self, asked: Link, kept: Link, answer: Snapshot | Gone | None, correlation_id: str
    ) -> None:
        """Two records became one there: messages of both go to it, one person's fields are kept."""
        dossier = self.batch.dossier(asked.subject_id)
        current = dossier.links.get(asked.id, asked)
        if not isinstance(answer, Snapshot) or current.remote_id == answer.ref.remote_id:
            return
        dossier.put(
            replace(
                current,
                remote_id=answer.ref.remote_id,
                held=frozenset(self.spoke.written_fields),
                epoch=current.epoch + 1,
            )
        )
        if asked.subject_id != kept.subject_id:
            self.batch.ask(
                "merged_there",
                asked.subject_id,
                kept.subject_id,
                f"their records were merged in {self.spoke.name}",
            )
        self.batch.note(
            dossier,
            "merged_there",
            f"the record was merged into another in {self.spoke.name}: messages go there, fields "
            "are left to the other person until somebody decides",
            correlation_id=correlation_id,
            connection=self.spoke.name,
            details={"remote_id": answer.ref.remote_id},
        )

    def _hear(self, snapshot: Snapshot, link: Link | None, correlation_id: str) -> None:
        if link is None:
            dossier, link = self._meet(snapshot, correlation_id)
        else:
            dossier = self.batch.dossier(link.subject_id)
            link = dossier.links.get(link.id, link)
        dossier.correlation_id = correlation_id
        link = self._settle_ids(dossier, link, snapshot)
        plan = self.hear(dossier, link, snapshot)
        report(self.batch, dossier, link, plan, correlation_id)
        self.batch.refresh_weak(dossier)

    def hear(self, dossier: Dossier, link: Link, snapshot: Snapshot) -> Plan:
        """Reconcile a snapshot of a link's record with its person."""
        skew_ms = self.spoke.connector.skew_ms
        plan = dossier.hear(link, snapshot_readings(self.spoke, snapshot, link, skew_ms=skew_ms))
        dossier.put(
            replace(
                dossier.links[link.id],
                version=snapshot.version,
                fingerprint=snapshot.fingerprint,
                mapping_version=self.spoke.mapping.version,
                seen_at_ms=to_ms(snapshot.read_at),
            )
        )
        return plan

    def _settle_ids(self, dossier: Dossier, link: Link, snapshot: Snapshot) -> Link:
        """Let the link point to the record's present id; the old ones still mean it."""
        current = snapshot.ref.remote_id
        for alias in (current, *snapshot.aliases):
            self.batch.alias(link, alias)
        if link.remote_id == current and link.state is LinkState.LINKED:
            return link
        if link.remote_id not in (None, current):
            self.batch.alias(link, link.remote_id or current)
        is_first = link.remote_id is None
        primary = dossier.primary(self.spoke.name)
        # A restored record whose place was taken meanwhile comes back as a duplicate.
        is_taken = primary is not None and primary.id != link.id
        link = dossier.put(
            replace(
                link,
                remote_id=current,
                state=LinkState.LINKED,
                role=LinkRole.SECONDARY if is_taken else link.role,
            )
        )
        if is_first:
            outbox.unblock(self.batch.tx, [link.id], now_ms=self.batch.now_ms)
        return link

    def _meet(self, snapshot: Snapshot, correlation_id: str) -> tuple[Dossier, Link]:
        """Find whose record an unknown one is, or begin a person for it."""
        known = [
            Known(dossier.id, dossier.values, has_record=self._has_record(dossier))
            for dossier in self._candidates(snapshot)
        ]
        shown = to_canonical(self.spoke.mapping, snapshot.values, Context(region=self.spoke.region))
        verdict = match({name: reading.value for name, reading in shown.items()}, known)
        if verdict.person_id is None:
            dossier = self.batch.new_person(correlation_id)
        else:
            dossier = self.batch.dossier(verdict.person_id)
        for other in verdict.doubtful:
            self.batch.ask("maybe_same", dossier.id, other, verdict.reason)
        self.batch.note(
            dossier,
            "matched" if verdict.person_id else "person_begun",
            verdict.reason,
            correlation_id=correlation_id,
            connection=self.spoke.name,
            details={"remote_id": snapshot.ref.remote_id},
        )
        return dossier, self._new_link(dossier)

    def _has_record(self, dossier: Dossier) -> bool:
        link = dossier.primary(self.spoke.name)
        return link is not None and link.remote_id is not None

    def _new_link(self, dossier: Dossier) -> Link:
        primary = dossier.primary(self.spoke.name)
        if primary is not None and primary.remote_id is None:
            # The record we were about to make is there already: nothing has to be created.
            return primary
        role = LinkRole.SECONDARY if primary is not None else LinkRole.PRIMARY
        return dossier.put(Link(new_id(), self.spoke.name, Kind.CONTACT, dossier.id, role=role))


def _is_overtaken(answer: Snapshot | Gone | None, link: Link) -> bool:
    """Say whether a later answer was heard already: this one would take back what it told."""
    return isinstance(answer, Snapshot) and to_ms(answer.read_at) < link.seen_at_ms


def snapshot_readings(
    spoke: Spoke, snapshot: Snapshot, link: Link, *, skew_ms: int = 0
) -> dict[str, FieldReading]:
    """Answer a snapshot's fields with their stamps, corrected for the vendor's clock."""
    since_ms = link.seen_at_ms or None
    at = snapshot.modified_at or snapshot.read_at
    default = Stamp(
        at_ms=to_ms(at) - skew_ms,
        connection=spoke.name,
        rank=spoke.rank,
        since_ms=since_ms,
        version=snapshot.version,
    )
    stamps = {
        remote: replace(default, at_ms=to_ms(written_at) - skew_ms, since_ms=None)
        for remote, written_at in snapshot.field_times.items()
    }
    return readings(spoke, snapshot.values, stamps, default)
