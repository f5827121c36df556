"""A CRM of a simulated world: its records, its clock, its index, and what it tells of changes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random

from syncbridge.clock import from_ms
from syncbridge.mapping.declaration import ContactMapping
from syncbridge.model.event import Event, RecordTouched, Touch
from syncbridge.model.record import Kind
from syncbridge.testing.clock import MovableClock
from syncbridge.testing.simulation.ledger import Displacement, Ledger
from syncbridge.testing.simulation.plan import CrmTraits

#: The longest time between a late transaction's stamp and its commit.
MOST_LATE_MS = 8_000
#: How far each round of a feed looks back: more than index and commits can be late together.
_NO_EDITS: frozenset[int] = frozenset()


@dataclass(slots=True)
class SimContact:
    """One contact of a simulated CRM."""

    id: str
    values: dict[str, str] = field(default_factory=dict)
    #: Remote field -> the vendor's time of its last change.
    times: dict[str, int] = field(default_factory=dict)
    modified_ms: int = 0
    external_id: str = ""
    is_archived: bool = False
    is_ours: bool = False
    #: It was deleted and came back at least once.
    was_restored: bool = False
    #: Canonical field -> the edits its value comes from.
    origins: dict[str, frozenset[int]] = field(default_factory=dict)
    #: Edits by people that no answer of this CRM has shown us yet.
    unseen: set[int] = field(default_factory=set)
    #: Canonical field -> the value that we were shown, or wrote, last.
    seen: dict[str, str | None] = field(default_factory=dict)
    #: (canonical field, value) of everything that ever stood there.
    ever: set[tuple[str, str | None]] = field(default_factory=set)
    #: The engine's operation that read it last by id.
    read_in: int = -1
    is_known: bool = False
    #: Until then a transaction of somebody else holds it.
    locked_until_ms: int = 0


@dataclass(slots=True)
class SimEntry:
    """One entry in a timeline of a simulated CRM."""

    id: str
    contact_id: str
    marker: str
    at_ms: int
    #: Every text it ever had.
    texts: list[str]
    made_ms: int


@dataclass(frozen=True, slots=True)
class _Indexed:
    """A record as the index shows it, from an instant on."""

    from_ms: int
    modified_ms: int
    values: Mapping[str, str]
    is_archived: bool


@dataclass(frozen=True, slots=True)
class _Late:
    """A change that carries an older stamp than the moment it becomes visible."""

    commit_ms: int
    contact_id: str
    stamp_ms: int
    values: Mapping[str, str | None]
    edits: Mapping[str, int]


class CrmVendor:
    """The state of one simulated CRM, and what people and we do to it."""

    def __init__(
        self,
        traits: CrmTraits,
        mapping: ContactMapping,
        clock: MovableClock,
        ledger: Ledger,
        *,
        tell: Callable[[str, list[Event]], None],
        chance: Random,
    ) -> None:
        self.traits = traits
        self.mapping = mapping
        self.contacts: dict[str, SimContact] = {}
        self.entries: dict[str, SimEntry] = {}
        #: Remote field -> canonical field.
        self.canonical = {one.remote: one.canonical for one in mapping.fields}
        self._remote = {one.canonical: one.remote for one in mapping.fields}
        self._clock = clock
        self._ledger = ledger
        self._tell = tell
        self._chance = chance
        self.index: dict[str, deque[_Indexed]] = {}
        self._late: list[_Late] = []
        self._told = 0
        self._made = 100 * (1 + ord(traits.name[-1]))

    @property
    def now_ms(self) -> int:
        """Its own clock, as coarse and as wrong as it is."""
        window = self.traits.window_ms
        return (self._clock.ms + self.traits.skew_ms) // window * window

    def live(self) -> list[SimContact]:
        """Answer the contacts that are not in the bin, oldest first."""
        return [one for one in self.contacts.values() if not one.is_archived]

    def shown(self, contact: SimContact, name: str) -> str | None:
        """Answer a contact's value by the canonical name, without the vendor's blanks."""
        return plain(name, contact.values.get(self._remote.get(name, "")), self.mapping)

    def has(self, name: str) -> bool:
        """Say whether it has a field, by its canonical name."""
        return name in self._remote

    # What people do.

    def create(self, values: Mapping[str, str]) -> SimContact:
        """Somebody makes a contact."""
        contact = self._new()
        self._notify(contact, Touch.CREATED)
        edits = self._edits(contact, values)
        self._change(contact, self._remotely(values), stamp_ms=self.now_ms, edits=edits)
        return contact

    def edit(self, contact: SimContact, values: Mapping[str, str | None], *, late_ms: int) -> None:
        """Somebody changes fields; with `late_ms` the change shows up later, with today's stamp."""
        edits = self._edits(contact, values)
        remote = self._remotely(values)
        stamp_ms = self.now_ms
        if late_ms:
            contact.locked_until_ms = self._clock.ms + late_ms
            self._late.append(_Late(contact.locked_until_ms, contact.id, stamp_ms, remote, edits))
        else:
            self._change(contact, remote, stamp_ms=stamp_ms, edits=edits)

    def archive(self, contact: SimContact) -> None:
        """Somebody puts a contact into the bin."""
        contact.is_archived = True
        self._touch(contact)
        self._notify(contact, Touch.DELETED)

    def restore(self, contact: SimContact) -> None:
        """Somebody takes a contact out of the bin."""
        contact.is_archived = False
        contact.was_restored = True
        self._touch(contact)
        self._notify(contact, Touch.RESTORED)

    def commit_late(self) -> None:
        """Let the transactions become visible whose time has come."""
        due = [one for one in self._late if one.commit_ms <= self._clock.ms]
        for one in due:
            self._late.remove(one)
            contact = self.contacts[one.contact_id]
            self._change(contact, one.values, stamp_ms=one.stamp_ms, edits=one.edits)

    def _edits(self, contact: SimContact, values: Mapping[str, str | None]) -> dict[str, int]:
        return {
            name: self._ledger.note(
                self.traits.name,
                contact.id,
                name,
                value,
                at_ms=self._clock.ms,
                over=contact.origins.get(name, _NO_EDITS),
                is_first=not contact.is_known,
                is_void=value is None and contact.seen.get(name) is None,
            ).id
            for name, value in values.items()
        }

    def _remotely(self, values: Mapping[str, str | None]) -> dict[str, str | None]:
        return {self._remote[name]: value for name, value in values.items()}

    # What we do.

    def write(self, contact: SimContact, values: Mapping[str, str | None], operation: int) -> None:
        """Our own write arrives."""
        self._ledger.writes += 1
        changed: dict[str, str | None] = {}
        for remote, value in values.items():
            name = self.canonical.get(remote)
            meant = plain(name or "", value, self.mapping)
            if self.render(remote, value) != contact.values.get(remote):
                changed[remote] = value
            if name is None or meant == self.shown(contact, name):
                continue
            gone = contact.origins.get(name, _NO_EDITS)
            by = self._ledger.origins(name, meant)
            in_window = bool(gone & contact.unseen) and contact.read_in == operation
            self._ledger.displacements.append(
                Displacement(
                    self.traits.name,
                    contact.id,
                    name,
                    gone,
                    by,
                    meant,
                    self._clock.ms,
                    in_window,
                )
            )
            contact.origins[name] = by
            contact.ever.add((name, meant))
            contact.seen[name] = meant
            contact.unseen -= gone
        if values and not changed and contact.is_known:
            self._ledger.vain.append((self.traits.name, contact.id, self._clock.ms))
        contact.is_known = True
        self._change(contact, changed, stamp_ms=self.now_ms, edits={})

    def make(self, external_id: str) -> SimContact:
        """Our own create arrives."""
        contact = self._new()
        contact.external_id = external_id
        contact.is_ours = True
        self._notify(contact, Touch.CREATED)
        return contact

    def log(self, contact_id: str, marker: str, at_ms: int, text: str) -> SimEntry:
        """Our new entry arrives."""
        self._ledger.writes += 1
        self._made += 1
        entry = SimEntry(str(self._made), contact_id, marker, at_ms, [text], self._clock.ms)
        self.entries[entry.id] = entry
        return entry

    def _new(self) -> SimContact:
        self._made += 1
        contact = SimContact(str(self._made), modified_ms=self.now_ms)
        self.contacts[contact.id] = contact
        return contact

    def _change(
        self,
        contact: SimContact,
        values: Mapping[str, str | None],
        *,
        stamp_ms: int,
        edits: Mapping[str, int],
    ) -> None:
        for remote, value in values.items():
            rendered = self.render(remote, value)
            if rendered:
                contact.values[remote] = rendered
            else:
                contact.values.pop(remote, None)
            contact.times[remote] = stamp_ms
        for name, edit in edits.items():
            contact.origins[name] = frozenset({edit})
            contact.ever.add((name, self._ledger.edits[edit].value))
            contact.unseen.add(edit)
        self._touch(contact, stamp_ms)
        for remote in values:
            self._notify(contact, Touch.CHANGED, remote)

    def _touch(self, contact: SimContact, stamp_ms: int | None = None) -> None:
        stamp = self.now_ms if stamp_ms is None else stamp_ms
        contact.modified_ms = max(contact.modified_ms, stamp)
        self.index.setdefault(contact.id, deque()).append(
            _Indexed(
                self._clock.ms + self.traits.lag_ms,
                contact.modified_ms,
                dict(contact.values),
                contact.is_archived,
            )
        )

    def render(self, remote: str, value: str | None) -> str | None:
        """Answer a value as this CRM keeps it."""
        is_phone = self.canonical.get(remote) in ("phone", "mobile_phone")
        if value and is_phone and self.traits.reformats and value.startswith("+"):
            return f"{value[:3]} {value[3:6]} {value[6:]}"
        return value

    def _notify(self, contact: SimContact, touch: Touch, remote: str = "") -> None:
        if not self.traits.has_webhooks:
            return
        hints = {}
        if remote and self.traits.tells_values:
            hints = {remote: contact.values.get(remote, "")}
        self._told += 1
        body = RecordTouched(Kind.CONTACT, contact.id, touch, hints=hints)
        event = Event(f"{self._told}:{touch}:{contact.id}", from_ms(self.now_ms), body)
        self._tell(self.traits.name, [event])

    # What it shows.

    def show(self, contact: SimContact, operation: int) -> None:
        """Note that we were shown a contact as it is."""
        contact.unseen.clear()
        contact.read_in = operation
        contact.is_known = True
        contact.seen = {name: self.shown(contact, name) for name in self._remote}

    def indexed(self) -> list[tuple[SimContact, _Indexed]]:
        """Answer every record as the index shows it now."""
        found = []
        for contact_id, states in self.index.items():
            while len(states) > 1 and states[1].from_ms <= self._clock.ms:
                states.popleft()
            if states[0].from_ms <= self._clock.ms:
                found.append((self.contacts[contact_id], states[0]))
        return found


def plain(name: str, value: str | None, mapping: ContactMapping) -> str | None:
    """Answer a value as everybody means it: no blanks in phones, no default for a name."""
    if not value:
        return None
    if name in ("phone", "mobile_phone", "whatsapp_number"):
        return value.replace(" ", "")
    if value in mapping.default.values():
        return None
    return value.strip()


def without(mapping: ContactMapping, lacking: tuple[str, ...]) -> ContactMapping:
    """Answer a mapping for a CRM that does not have these fields."""
    kept = tuple(one for one in mapping.fields if one.canonical not in lacking)
    return replace(mapping, fields=kept)
