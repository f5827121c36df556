"""The connector of a simulated CRM."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ClassVar

from typing_extensions import override

from syncbridge.clock import from_ms, to_ms
from syncbridge.errors import Duplicate, Invalid, NotFound, OutcomeUnknown, RemoteError, Transient
from syncbridge.model.event import Parsed
from syncbridge.model.record import Kind, Ref, Snapshot
from syncbridge.remote.base import (
    Account,
    Capabilities,
    Connector,
    ContactWrite,
    Finding,
    Gone,
    MessageWrite,
    Once,
    Option,
    Outcome,
    Page,
    WebhookRequest,
    Write,
)
from syncbridge.testing import wire as envelope
from syncbridge.testing.clock import MovableClock
from syncbridge.testing.simulation.crm import MOST_LATE_MS, CrmVendor, SimContact
from syncbridge.testing.simulation.plan import CrmTraits
from syncbridge.testing.simulation.trouble import Wire

FEED = "contacts"


class SimCrm(Connector):
    """Speaks to a simulated CRM over the wire of its world."""

    name: ClassVar[str] = "sim_crm"
    default_base_url: ClassVar[str] = "http://sim.invalid"
    options: ClassVar[tuple[Option, ...]] = ()
    capabilities: ClassVar[Capabilities] = Capabilities()

    def __init__(
        self,
        vendor: CrmVendor,
        wire: Wire,
        clock: MovableClock,
        operation: Callable[[], int],
    ) -> None:
        self.vendor = vendor
        self._name = vendor.traits.name
        self._wire = wire
        self._clock = clock
        self._operation = operation
        #: Writes that are refused whenever they are sent within one operation.
        self._refused: set[tuple[int, str]] = set()

    @property
    @override
    def skew_ms(self) -> int:
        return self.vendor.traits.skew_ms

    @override
    def verify(self, request: WebhookRequest) -> None:
        envelope.verify(request)

    @override
    def parse(self, body: bytes) -> Parsed:
        return envelope.parse(body)

    @override
    def account(self) -> Account:
        return self._wire.call(self._name, lambda: Account(self._name))

    @override
    def check(self) -> list[Finding]:
        return []

    # Reading.

    @override
    def read(self, kind: Kind, remote_ids: Sequence[str]) -> dict[str, Snapshot | Gone]:
        def effect() -> dict[str, Snapshot | Gone]:
            self.vendor.commit_late()
            return {remote_id: self._read(remote_id) for remote_id in remote_ids}

        return self._wire.call(self._name, effect)

    def _read(self, remote_id: str) -> Snapshot | Gone:
        contact = self.vendor.contacts.get(remote_id)
        if contact is None or contact.is_archived:
            return Gone(remote_id, is_archived=contact is not None)
        self.vendor.show(contact, self._operation())
        times = contact.times if self.vendor.traits.has_history else {}
        return replace(
            self._snapshot(contact, contact.values, contact.modified_ms),
            field_times={name: from_ms(at_ms) for name, at_ms in times.items()},
        )

    def _snapshot(self, contact: SimContact, values: dict[str, str], modified_ms: int) -> Snapshot:
        asked = self.vendor.mapping.remote_fields
        return Snapshot(
            ref=Ref(self._name, Kind.CONTACT, contact.id),
            values={name: values.get(name) for name in asked},
            read_at=self._clock(),
            version=str(modified_ms),
            modified_at=from_ms(modified_ms),
            external_id=contact.external_id or None,
        )

    @override
    def pull(self, feed: str, cursor: str | None) -> Page:
        def effect() -> Page:
            self.vendor.commit_late()
            if cursor is None:
                return self._list(self.vendor.now_ms, "")
            place = json.loads(cursor)
            if "after" in place:
                return self._list(place["since"], place["after"])
            return self._changes(place["seen"], tuple(place["from"]))

        return self._wire.call(self._name, effect)

    def _list(self, since_ms: int, after: str) -> Page:
        page = self.vendor.traits.page
        rest = sorted(
            (one for one in self.vendor.live() if int(one.id) > int(after or 0)),
            key=lambda one: int(one.id),
        )
        shown = tuple(self._snapshot(one, one.values, one.modified_ms) for one in rest[:page])
        if len(rest) > page:
            cursor = {"since": since_ms, "after": rest[page - 1].id}
            return Page(shown, json.dumps(cursor), has_more=True)
        return Page(shown, json.dumps({"seen": since_ms, "from": []}), has_more=False)

    def _changes(self, seen_ms: int, place: tuple[int, ...]) -> Page:
        traits = self.vendor.traits
        overlap_ms = traits.lag_ms + traits.window_ms + MOST_LATE_MS + 1_000
        start = place or (seen_ms - overlap_ms, 0)
        rows = sorted(
            (
                ((state.modified_ms, int(contact.id)), contact, state)
                for contact, state in self.vendor.indexed()
                if (state.modified_ms, int(contact.id)) > start
                and (traits.lists_archived or not state.is_archived)
            ),
            key=lambda row: row[0],
        )
        page = rows[: traits.page]
        shown = tuple(
            replace(
                self._snapshot(contact, dict(state.values), state.modified_ms),
                archived=state.is_archived,
            )
            for _, contact, state in page
        )
        has_more = len(rows) > len(page)
        newest = max([seen_ms, *(key[0] for key, _, _ in page)])
        following = {"seen": newest, "from": page[-1][0] if has_more else []}
        return Page(shown, json.dumps(following), has_more=has_more)

    # Writing.

    @override
    def push(self, writes: Sequence[Write]) -> list[Outcome]:
        def effect() -> list[Outcome]:
            self.vendor.commit_late()
            return self._push(writes)

        try:
            return self._wire.call(self._name, effect, is_write=True)
        except RemoteError as exc:
            return [Outcome(write.link_id, error=exc) for write in writes]

    def _push(self, writes: Sequence[Write]) -> list[Outcome]:
        operation = self._operation()
        if self._wire.takes(self._name, "refuse"):
            self._refused.add((operation, writes[len(writes) // 2].link_id))
        refused = [one for one in writes if (operation, one.link_id) in self._refused]
        if refused and self.vendor.traits.is_all_or_nothing:
            error = Invalid("a record of this batch is not accepted", connection=self._name)
            return [Outcome(write.link_id, error=error) for write in writes]
        # The line breaks in the middle of the answer: what follows took effect all the same.
        is_cut = self._wire.takes(self._name, "cut")
        outcomes = []
        for position, write in enumerate(writes):
            if write in refused:
                error = Invalid("this record is not accepted", connection=self._name)
                outcomes.append(Outcome(write.link_id, error=error))
                continue
            outcome = self._write(write, operation)
            if is_cut and position >= len(writes) // 2:
                unknown = OutcomeUnknown("the answer broke off", connection=self._name)
                outcome = Outcome(write.link_id, error=unknown)
            outcomes.append(outcome)
        return outcomes

    def _write(self, write: Write, operation: int) -> Outcome:
        if isinstance(write, MessageWrite):
            return self._log(write)
        contact = self._target(write)
        if contact is None and write.remote_id is not None:
            return self._error(write, NotFound("no such contact", connection=self._name))
        if contact is not None and contact.locked_until_ms > self._clock.ms:
            return self._error(write, Transient("the record is locked", connection=self._name))
        taken_by = self._taken_by(write, contact)
        if taken_by is not None:
            error = Duplicate("this e-mail is taken", existing=taken_by, connection=self._name)
            return self._error(write, error)
        if contact is None:
            contact = self.vendor.make(write.link_id)
        self.vendor.write(contact, write.values, operation)
        shown = {name: contact.values.get(name) for name in write.values}
        return Outcome(
            write.link_id,
            contact.id,
            shown if self.vendor.traits.answers_values else {},
            str(contact.modified_ms),
        )

    def _error(self, write: Write, error: RemoteError) -> Outcome:
        return Outcome(write.link_id, error=error)

    def _target(self, write: ContactWrite) -> SimContact | None:
        for contact in self.vendor.live():
            named = contact.external_id == write.link_id
            if contact.id == write.remote_id or (write.remote_id is None and named):
                return contact
        return None

    def _taken_by(self, write: ContactWrite, contact: SimContact | None) -> str | None:
        email = write.values.get("email")
        if not email or not self.vendor.traits.has_unique_email:
            return None
        for other in self.vendor.live():
            if other is not contact and other.values.get("email") == email:
                return other.id
        return None

    def _log(self, write: MessageWrite) -> Outcome:
        if write.remote_id is not None:
            entry = self.vendor.entries.get(write.remote_id)
            if entry is None:
                return self._error(write, NotFound("no such entry", connection=self._name))
            entry.texts.append(write.text)
            return Outcome(write.link_id, entry.id)
        owner = self.vendor.contacts.get(write.contact_id)
        if owner is None or owner.is_archived:
            return self._error(write, NotFound("no such contact", connection=self._name))
        entry = self.vendor.log(write.contact_id, write.marker, to_ms(write.at), write.text)
        return Outcome(write.link_id, entry.id)

    @override
    def find(self, write: Write) -> Outcome | None:
        def effect() -> Outcome | None:
            self.vendor.commit_late()
            if isinstance(write, MessageWrite):
                return self._find_entry(write)
            contact = self._target(write)
            if contact is None:
                return None
            shown = {name: contact.values.get(name) for name in write.values}
            return Outcome(write.link_id, contact.id, shown, str(contact.modified_ms))

        return self._wire.call(self._name, effect)

    def _find_entry(self, write: MessageWrite) -> Outcome | None:
        for entry in self.vendor.entries.values():
            is_listed = entry.made_ms + self.vendor.traits.lag_ms <= self._clock.ms
            if write.remote_id == entry.id or (entry.marker == write.marker and is_listed):
                return Outcome(write.link_id, entry.id)
        return None


def connector_of(
    vendor: CrmVendor, wire: Wire, clock: MovableClock, operation: Callable[[], int]
) -> SimCrm:
    """Answer a connector with the capabilities of the vendor's traits."""
    declared = type("SimCrm", (SimCrm,), {"capabilities": capabilities_of(vendor.traits)})
    made: SimCrm = declared(vendor, wire, clock, operation)
    return made


def capabilities_of(traits: CrmTraits) -> Capabilities:
    """Answer what a CRM's connector declares."""
    writes = {Kind.CONTACT, Kind.MESSAGE} if traits.writes_messages else {Kind.CONTACT}
    return Capabilities(
        reads=frozenset({Kind.CONTACT}),
        writes=frozenset(writes),
        feeds={FEED: Kind.CONTACT},
        once={
            Kind.CONTACT: Once("upsert", "syncbridge_id"),
            Kind.MESSAGE: Once("readback", "body"),
        },
        push_batch=traits.push_batch,
        read_batch=traits.read_batch,
        window_ms=traits.window_ms,
        has_history=traits.has_history,
    )
