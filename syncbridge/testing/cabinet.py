"""The records of a CRM in memory, and what people do to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime

from syncbridge.clock import Clock
from syncbridge.model.event import Event, RecordTouched, Touch
from syncbridge.model.record import Kind, Ref, Snapshot
from syncbridge.remote.base import ContactWrite, MessageWrite


@dataclass(slots=True)
class MemoryContact:
    """One contact."""

    id: str
    #: The number of its last change in this CRM; also its version.
    seq: int
    modified_at: datetime
    #: Our link's uuid; "" until we wrote it.
    external_id: str = ""
    #: Remote field -> value; empty fields are left out.
    values: dict[str, str] = field(default_factory=dict)
    #: Remote field -> when it was last written, and whether by us.
    written: dict[str, tuple[datetime, bool]] = field(default_factory=dict)
    is_archived: bool = False
    #: The contact that this one was merged into; "" when it was not.
    merged_into: str = ""


@dataclass(slots=True)
class MemoryEntry:
    """One entry in a contact's timeline."""

    id: str
    contact_id: str
    text: str
    marker: str
    at: datetime
    seq: int
    #: How often it was written: 1 when it was never changed.
    written: int = 1


class Cabinet:
    """Contacts and entries; every change is told to `tell` as a CRM's webhook would."""

    def __init__(self, connection: str, now: Clock) -> None:
        self.connection = connection
        self.contacts: dict[str, MemoryContact] = {}
        self.entries: dict[str, MemoryEntry] = {}
        self.seq = 0
        #: Webhooks that were not delivered yet, oldest first.
        self.told: list[Event] = []
        #: Says which webhooks are never sent; a CRM may lose them.
        self.loses: Callable[[Event], bool] | None = None
        self._now = now

    # What people do.

    def add(self, **values: str) -> str:
        """Make a contact by hand; answer its id."""
        contact = MemoryContact(self._next_id(), self.seq, self._now())
        self.contacts[contact.id] = contact
        self._tell(contact, Touch.CREATED, {})
        self._write(contact, values, is_ours=False)
        return contact.id

    def edit(self, remote_id: str, **values: str | None) -> None:
        """Change fields by hand, in one saving; None or "" clears."""
        self._write(self.contacts[remote_id], values, is_ours=False)

    def archive(self, remote_id: str) -> None:
        """Move a contact to the bin."""
        contact = self._touch(self.contacts[remote_id])
        contact.is_archived = True
        self._tell(contact, Touch.DELETED, {})

    def restore(self, remote_id: str) -> None:
        """Take a contact out of the bin."""
        contact = self._touch(self.contacts[remote_id])
        contact.is_archived = False
        self._tell(contact, Touch.RESTORED, {})

    def merge(self, loser: str, into: str) -> None:
        """Merge two contacts by hand: entries move, the survivor's empty fields are filled."""
        lost, survivor = self.contacts[loser], self._touch(self.contacts[into])
        lost.is_archived, lost.merged_into = True, into
        for name, value in lost.values.items():
            survivor.values.setdefault(name, value)
        for entry in self.entries.values():
            if entry.contact_id == loser:
                entry.contact_id = into
        self._tell(survivor, Touch.MERGED, {})

    def take_over(self, other: Cabinet) -> None:
        """Hold from now on copies of what another cabinet holds."""
        self.contacts, self.entries = deepcopy(other.contacts), deepcopy(other.entries)
        self.seq, self.told = other.seq, list(other.told)

    # What a connector does.

    def upsert(self, write: ContactWrite, shown: Mapping[str, str | None]) -> MemoryContact:
        """Make the contact that carries our id, or change it."""
        remote_id = write.remote_id or self.id_of(write.link_id)
        contact = self.contacts[self.survivor(remote_id)] if remote_id else None
        if contact is None:
            contact = MemoryContact(self._next_id(), self.seq, self._now(), write.link_id)
            self.contacts[contact.id] = contact
            self._tell(contact, Touch.CREATED, {})
        self._write(contact, shown, is_ours=True)
        return contact

    def log(self, write: MessageWrite) -> MemoryEntry:
        """Make an entry, or replace the text of one."""
        text = f"{write.text}\n{write.marker}"
        if write.remote_id is None:
            contact_id = self.survivor(write.contact_id)
            entry = MemoryEntry(self._next_id(), contact_id, text, write.marker, write.at, self.seq)
            self.entries[entry.id] = entry
            return entry
        entry = self.entries[write.remote_id]
        self.seq += 1
        entry.text, entry.seq, entry.written = text, self.seq, entry.written + 1
        return entry

    def marked(self, write: MessageWrite) -> MemoryEntry | None:
        """Answer a contact's entry that carries a write's marker."""
        if write.remote_id is not None:
            return self.entries.get(write.remote_id)
        owner = self.survivor(write.contact_id)
        for entry in self.entries.values():
            if entry.contact_id == owner and write.marker in entry.text:
                return entry
        return None

    # Looking.

    @property
    def all_living(self) -> list[MemoryContact]:
        """The contacts that are not in the bin."""
        return [one for one in self.contacts.values() if not one.is_archived]

    def survivor(self, remote_id: str) -> str:
        """Answer the id that now means this record."""
        contact = self.contacts.get(remote_id)
        while contact is not None and contact.merged_into:
            contact = self.contacts[contact.merged_into]
        return contact.id if contact else remote_id

    def living(self, remote_id: str) -> MemoryContact | None:
        """Answer the contact meant by an id, None if it is in the bin or was never there."""
        contact = self.contacts.get(self.survivor(remote_id))
        return None if contact is None or contact.is_archived else contact

    def id_of(self, link_id: str) -> str | None:
        """Answer the record that carries our id."""
        for contact in self.contacts.values():
            if contact.external_id == link_id:
                return contact.id
        return None

    def snapshot(self, contact: MemoryContact, *, has_history: bool) -> Snapshot:
        """Answer a contact as it is read now: every field, the empty ones as None."""
        aliases = tuple(
            one.id for one in self.contacts.values() if one.id != contact.id
            and self.survivor(one.id) == contact.id
        )  # fmt: skip
        written = contact.written if has_history else {}
        return Snapshot(
            Ref(self.connection, Kind.CONTACT, contact.id),
            {name: contact.values.get(name) for name in FIELDS},
            self._now(),
            version=str(contact.seq),
            modified_at=contact.modified_at,
            field_times={name: at for name, (at, _) in written.items()},
            written_by_us={name: is_ours for name, (_, is_ours) in written.items()},
            external_id=contact.external_id or None,
            aliases=aliases,
        )

    def _next_id(self) -> str:
        self.seq += 1
        return f"{1000 + self.seq}"

    def _touch(self, contact: MemoryContact) -> MemoryContact:
        self.seq += 1
        contact.seq, contact.modified_at = self.seq, self._now()
        return contact

    def _write(
        self, contact: MemoryContact, values: Mapping[str, str | None], *, is_ours: bool
    ) -> None:
        changed = {
            name: value or "" for name, value in values.items()
            if (value or "") != contact.values.get(name, "")
        }  # fmt: skip
        if not changed:
            return
        self._touch(contact)
        for name, value in changed.items():
            contact.values[name] = value
            if not value:
                del contact.values[name]
            contact.written[name] = (self._now(), is_ours)
        for name, value in changed.items():
            self._tell(contact, Touch.CHANGED, {name: value})

    def _tell(self, contact: MemoryContact, touch: Touch, hints: Mapping[str, str]) -> None:
        body = RecordTouched(Kind.CONTACT, contact.id, touch, hints=dict(hints))
        key = f"hook:{len(self.told)}:{self.seq}:{contact.id}:{touch}:{sorted(hints)}"
        event = Event(key, self._now(), body)
        if self.loses is None or not self.loses(event):
            self.told.append(event)


#: The fields of a contact, as HubSpot names them: its mapping is used for this CRM too.
FIELDS = (
    "firstname lastname email phone mobilephone company jobtitle address city state zip country "
    "hs_language whatsapp_name hs_whatsapp_phone_number"
).split()
