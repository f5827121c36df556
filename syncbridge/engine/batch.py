"""One transaction's work on many persons: loaded in bulk, changed in memory, stored in bulk."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from syncbridge.engine.context import Engine, Table
from syncbridge.engine.dossier import Dossier
from syncbridge.model.golden import Contribution
from syncbridge.model.identity import Identity, IdentityKind
from syncbridge.model.link import Link
from syncbridge.model.record import Kind
from syncbridge.model.states import LinkRole, LinkState
from syncbridge.normalize.phone import phone_keys
from syncbridge.normalize.text import email_key
from syncbridge.store import outbox, records, review
from syncbridge.store.ids import new_id
from syncbridge.store.outbox import Debt
from syncbridge.store.records import Holder, StoredPerson
from syncbridge.store.review import FoundConflict, Note, Question
from syncbridge.store.session import Transaction, lock_names

#: Canonical fields whose values are weak identities.
PHONE_FIELDS = ("phone", "mobile_phone", "whatsapp_number")
EMAIL_FIELDS = ("email",)


class Batch:
    """The persons a transaction works on, and everything it will store about them."""

    def __init__(self, engine: Engine, tx: Transaction) -> None:
        self.engine = engine
        self.tx = tx
        self.now_ms = engine.now_ms()
        self.debts: dict[str, Debt] = {}
        self._dossiers: dict[str, Dossier] = {}
        self._holders: dict[Identity, list[str]] = {}
        self._held: dict[str, set[Identity]] = {}
        self._new_holders: list[Holder] = []
        self._dropped: list[Holder] = []
        self._conflicts: list[FoundConflict] = []
        self._questions: list[Question] = []
        self._notes: list[Note] = []
        self._new_refs: list[tuple[Link, str]] = []

    # Loading.

    def look_up(
        self,
        identities: Collection[Identity],
        person_ids: Iterable[str] = (),
        *,
        names: Iterable[str] = (),
    ) -> None:
        """Lock identities, then load whoever holds them and the persons named, all at once.

        Args:
            identities: to look for.
            person_ids: persons to load besides.
            names: further names to lock together with the identities, in the one order.
        """
        wanted = set(identities) - self._holders.keys()
        lock_names(self.tx, [*map(str, wanted), *names])
        for identity in wanted:
            self._holders[identity] = []
        for holder in records.holders(self.tx, wanted):
            self._holders[holder.identity].append(holder.person_id)
        found = {person for identity in wanted for person in self._holders[identity]}
        self._load(found | set(person_ids))

    def _load(self, person_ids: Collection[str]) -> None:
        missing = sorted(set(person_ids) - self._dossiers.keys())
        if not missing:
            return
        stored = records.load_persons(self.tx, missing, for_update=True)
        for person_id, person in stored.items():
            self._dossiers[person_id] = Dossier(person, self.engine.rules)
            self._held[person_id] = set()
        for holder in records.identities_of(self.tx, list(stored)):
            self._held[holder.person_id].add(holder.identity)

    def dossier(self, person_id: str) -> Dossier:
        """Answer a person that was loaded before, or is loaded now."""
        if person_id not in self._dossiers:
            self._load([person_id])
        return self._dossiers[person_id]

    def loaded(self) -> list[Dossier]:
        """Answer everybody who is in the batch."""
        return list(self._dossiers.values())

    def new_person(self, correlation_id: str) -> Dossier:
        """Begin a person."""
        stored = StoredPerson(id=new_id(), created_at_ms=self.now_ms)
        dossier = Dossier(stored, self.engine.rules)
        dossier.correlation_id = correlation_id
        self._dossiers[dossier.id] = dossier
        self._held[dossier.id] = set()
        return dossier

    # Identities.

    def holders_of(self, identity: Identity) -> list[str]:
        """Answer who holds an identity that was looked up, oldest first."""
        return self._holders.get(identity, [])

    def identities_of(self, dossier: Dossier) -> set[Identity]:
        """Answer what a person can be recognised by."""
        return self._held[dossier.id]

    def give(self, dossier: Dossier, identity: Identity) -> bool:
        """Let a person hold an identity; False if a strong one is another's."""
        held = self._held[dossier.id]
        if identity in held:
            return True
        others = self._holders.setdefault(identity, [])
        if identity.kind.is_strong and others:
            return others[0] == dossier.id
        others.append(dossier.id)
        held.add(identity)
        self._new_holders.append(Holder(identity, dossier.id))
        return True

    def refresh_weak(self, dossier: Dossier) -> None:
        """Make a person's weak identities those that their records carry now."""
        carried = weak_identities(dossier.contributions)
        held = self._held[dossier.id]
        for identity in sorted(carried - held):
            self.give(dossier, identity)
        for identity in sorted(held - carried):
            if not identity.kind.is_strong:
                held.discard(identity)
                self._dropped.append(Holder(identity, dossier.id))

    # What was found.

    def note(
        self,
        dossier: Dossier | None,
        topic: str,
        text: str,
        *,
        correlation_id: str,
        connection: str = "",
        details: Mapping[str, object] | None = None,
    ) -> None:
        """Put a decision on record."""
        self._notes.append(
            Note(
                topic=topic,
                text=text,
                correlation_id=correlation_id,
                person_id=dossier.id if dossier else None,
                connection=connection,
                details=details,
            )
        )

    def clash(self, found: FoundConflict) -> None:
        """Queue a conflict."""
        self._conflicts.append(found)

    def ask(self, topic: str, one: str, other: str, evidence: str) -> None:
        """Queue the question whether two persons are one."""
        first, second = sorted((one, other))
        self._questions.append(Question(topic, first, second, evidence))

    def alias(self, link: Link, remote_id: str) -> None:
        """Remember another remote id of a link's record."""
        self._new_refs.append((link, remote_id))

    def owe(self, link: Link, correlation_id: str, needs: Link | None = None) -> None:
        """Remember that a record fell behind."""
        blocked_by = needs.id if needs is not None and needs.remote_id is None else None
        self.debts[link.id] = Debt(link.id, link.connection, link.kind, correlation_id, blocked_by)

    # Storing.

    def spread(self, dossier: Dossier) -> None:
        """Owe every CRM what it lacks of a person, beginning records that do not exist yet."""
        for spoke in self.engine.crms:
            link = dossier.primary(spoke.name)
            if link is None:
                # Whoever deleted the record meant it; only something new makes another.
                if dossier.was_deleted(spoke.name) and not dossier.is_reviving:
                    continue
                link = dossier.put(
                    Link(new_id(), spoke.name, Kind.CONTACT, dossier.id, role=LinkRole.PRIMARY)
                )
            if dossier.raise_rev(link, spoke.written_fields):
                self.owe(dossier.links[link.id], dossier.correlation_id)

    def spread_all(self) -> None:
        """Owe every CRM what it lacks of every person of the batch."""
        for dossier in list(self._dossiers.values()):
            self.spread(dossier)

    def store(self) -> None:
        """Write everything, in the order in which rows are locked everywhere."""
        ordered = [self._dossiers[key] for key in sorted(self._dossiers)]
        tx, now_ms = self.tx, self.now_ms
        records.insert_persons(
            tx,
            [(replace(one.stored, rev=1), one.golden) for one in ordered if one.is_new],
        )
        records.update_persons(
            tx,
            [
                (one.stored, one.golden)
                for one in ordered
                if not one.is_new and one.is_golden_changed
            ],
            changed_at_ms=now_ms,
        )
        records.add_identities(tx, self._new_holders, valid_from_at_ms=now_ms)
        records.drop_weak_identities(tx, self._dropped)
        records.save_contributions(tx, [(one.id, said) for one in ordered for said in one.said()])
        # A record that is gone makes room before another of the same person takes its place.
        changed = [link for one in ordered for link in one.changed_links()]
        records.update_links(tx, sorted(changed, key=lambda link: link.state is not LinkState.GONE))
        records.insert_links(
            tx, [link for one in ordered for link in one.new_links()], created_at_ms=now_ms
        )
        records.add_refs(tx, self._new_refs)
        outbox.owe(tx, list(self.debts.values()), now_ms=now_ms)
        review.add_conflicts(tx, self._conflicts, found_at_ms=now_ms)
        review.ask(tx, self._questions, found_at_ms=now_ms)
        review.write_journal(tx, self._notes, at_ms=now_ms)

    def ring(self) -> None:
        """Ring for the work that was left behind; to be called after the commit."""
        for connection in sorted({debt.connection for debt in self.debts.values()}):
            self.engine.bell.ring(Table.OUTBOX, connection)


def weak_identities(contributions: Mapping[str, Contribution]) -> set[Identity]:
    """Answer the phones and e-mail addresses that any source carries, cleared ones left out."""
    found: set[Identity] = set()
    for contribution in contributions.values():
        for name in PHONE_FIELDS:
            said = contribution.fields.get(name)
            if said and said.value:
                found.update(phone_identities(said.value)[:1])
        for name in EMAIL_FIELDS:
            said = contribution.fields.get(name)
            if said and said.value and (key := email_key(said.value)):
                found.add(Identity(IdentityKind.EMAIL, key[:200]))
    return found


def phone_identities(e164: str) -> list[Identity]:
    """Answer the keys of a number, the exact one first; [] when it is no number."""
    return [Identity(IdentityKind.PHONE, key[:200]) for key in phone_keys(e164)]
