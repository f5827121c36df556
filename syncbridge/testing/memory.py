"""A CRM in memory: contacts and entries, edited as people do, failing as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

from typing_extensions import override

from syncbridge.errors import Duplicate, Invalid, Moved, NotFound, Problem, RemoteError
from syncbridge.model.event import Parsed
from syncbridge.model.record import Kind, Snapshot
from syncbridge.remote.base import (
    Account,
    Capabilities,
    ConnectionSetup,
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
from syncbridge.testing import wire
from syncbridge.testing.cabinet import Cabinet, MemoryContact, MemoryEntry
from syncbridge.testing.script import Script, Step


class MemoryCrm(Connector):
    """Has what HubSpot has: upsert by our id, entries without a key, history, a feed of changes.

    `cabinet` holds the records and is edited as a person would; `script` says which calls fail.
    """

    name: ClassVar[str] = "memory_crm"
    options: ClassVar[tuple[Option, ...]] = ()
    default_base_url: ClassVar[str] = "http://crm.invalid"
    capabilities: ClassVar[Capabilities] = Capabilities(
        reads=frozenset({Kind.CONTACT}),
        writes=frozenset({Kind.CONTACT, Kind.MESSAGE}),
        feeds=MappingProxyType({"contacts": Kind.CONTACT}),
        once=MappingProxyType(
            {
                Kind.CONTACT: Once("upsert", "our_id"),
                Kind.MESSAGE: Once("readback", "body"),
            }
        ),
        push_batch=20,
        read_batch=10,
        has_history=True,
    )

    def __init__(self, setup: ConnectionSetup) -> None:
        super().__init__(setup)
        self.script = Script()
        self.cabinet = Cabinet(setup.name, setup.now)
        #: Contacts on one page of the feed.
        self.page_size = 10
        #: Remote field -> says whether a value is accepted.
        self.accepts: dict[str, Callable[[str], bool]] = {}
        #: Remote field -> how the CRM renders what it is given.
        self.renders: dict[str, Callable[[str], str]] = {}
        #: Remote fields whose values only one record may have.
        self.unique: set[str] = set()
        #: One invalid record spoils its whole call, as in batches that are all or nothing.
        self.is_atomic = False
        #: Every write that arrived, in order, whether it was accepted or not.
        self.writes: list[Write] = []
        self._lock = threading.Lock()

    @override
    def verify(self, request: WebhookRequest) -> None:
        wire.verify(request)

    @override
    def parse(self, body: bytes) -> Parsed:
        return wire.parse(body)

    @override
    def account(self) -> Account:
        self.script.begin("account")
        return Account(f"account-{self.setup.name}", self.setup.name)

    @override
    def check(self) -> list[Finding]:
        return [Finding(is_good=True, what="a CRM in memory is always there")]

    @override
    def prepare(self) -> list[Finding]:
        self.script.begin("prepare")
        return []

    # Reading.

    @override
    def read(self, kind: Kind, remote_ids: Sequence[str]) -> dict[str, Snapshot | Gone]:
        if kind is not Kind.CONTACT or len(remote_ids) > self.capabilities.read_batch:
            raise Invalid(f"cannot read {len(remote_ids)} of {kind}", connection=self.setup.name)
        step = self.script.begin("read")
        with self._lock:
            answer = {remote_id: self._shown(remote_id) for remote_id in remote_ids}
        self.script.end("read", step)
        return answer

    def _shown(self, remote_id: str) -> Snapshot | Gone:
        contact = self.cabinet.living(remote_id)
        if contact is not None:
            return self.cabinet.snapshot(contact, has_history=True)
        return Gone(remote_id, is_archived=remote_id in self.cabinet.contacts)

    @override
    def pull(self, feed: str, cursor: str | None) -> Page:
        step = self.script.begin("pull")
        at: dict[str, Any] = {"after": "", "mark": self.cabinet.seq}
        if cursor is not None:
            at = json.loads(cursor)
        with self._lock:
            if "after" in at:
                page = self._list(str(at["after"]), int(at["mark"]))
            else:
                page = self._changes(int(at["since"]))
        self.script.end("pull", step)
        return page

    def _list(self, after: str, mark: int) -> Page:
        rows = [one for key, one in sorted(self.cabinet.contacts.items()) if key > after]
        some, has_more = rows[: self.page_size], len(rows) > self.page_size
        following = {"after": some[-1].id, "mark": mark} if has_more else {"since": mark}
        return self._page(some, following, has_more=has_more)

    def _changes(self, since: int) -> Page:
        rows = sorted(self.cabinet.contacts.values(), key=lambda one: one.seq)
        # An overlap: the last change that was listed is listed again.
        newer = [one for one in rows if one.seq >= since]
        some, has_more = newer[: self.page_size], len(newer) > self.page_size
        following = some[-1].seq if has_more else max([since, *(one.seq for one in some)])
        return self._page(some, {"since": following}, has_more=has_more)

    def _page(
        self, rows: Sequence[MemoryContact], cursor: Mapping[str, object], *, has_more: bool
    ) -> Page:
        shown = tuple(
            self.cabinet.snapshot(one, has_history=False) for one in rows if not one.is_archived
        )
        return Page(shown, json.dumps(cursor), has_more)

    # Writing.

    @override
    def push(self, writes: Sequence[Write]) -> list[Outcome]:
        if len(writes) > self.capabilities.push_batch:
            raise Invalid(f"{len(writes)} writes at once", connection=self.setup.name)
        step = self.script.take("push")
        self.writes += writes
        if step.meanwhile is not None and not step.is_after:
            step.meanwhile()
        with self._lock:
            outcomes = self._push(writes, step)
        self.script.end("push", step)
        return outcomes

    def _push(self, writes: Sequence[Write], step: Step) -> list[Outcome]:
        refusals = {write.link_id: self._refusal(write) for write in writes}
        bad = next((error for error in refusals.values() if isinstance(error, Invalid)), None)
        if self.is_atomic and bad is not None:
            return [Outcome(write.link_id, error=bad) for write in writes]
        return [self._outcome(write, step, refusals[write.link_id]) for write in writes]

    def _outcome(self, write: Write, step: Step, refusal: RemoteError | None) -> Outcome:
        is_concerned = step.error is not None and (step.only is None or step.only(write))
        if is_concerned and not step.is_after:
            return Outcome(write.link_id, error=step.error)
        done = Outcome(write.link_id, error=refusal) if refusal else self._do(write)
        return Outcome(write.link_id, error=step.error) if is_concerned else done

    def _refusal(self, write: Write) -> RemoteError | None:
        if isinstance(write, MessageWrite):
            return self._entry_refusal(write)
        name = self.setup.name
        if write.remote_id is not None:
            if self.cabinet.living(write.remote_id) is None:
                return NotFound("no such contact", connection=name)
            if (now := self.cabinet.survivor(write.remote_id)) != write.remote_id:
                return Moved("merged into another", to=now, connection=name)
        for field, value in write.values.items():
            accepts = self.accepts.get(field)
            if value and accepts is not None and not accepts(value):
                problem = Problem(field, f"{field} is not accepted", "correct it")
                return Invalid("a value is not valid", problems=[problem], connection=name)
        return self._duplicate(write)

    def _duplicate(self, write: ContactWrite) -> RemoteError | None:
        own = write.remote_id or self.cabinet.id_of(write.link_id)
        for field in self.unique & write.values.keys():
            for other in self.cabinet.contacts.values():
                is_taken = other.values.get(field) == write.values[field] is not None
                if is_taken and other.id != own and not other.is_archived:
                    what = f"{field} is taken"
                    return Duplicate(what, existing=other.id, connection=self.setup.name)
        return None

    def _entry_refusal(self, write: MessageWrite) -> RemoteError | None:
        name = self.setup.name
        if write.remote_id is not None and write.remote_id not in self.cabinet.entries:
            return NotFound("no such entry", connection=name)
        if self.cabinet.living(write.contact_id) is None:
            return NotFound("no such contact", connection=name)
        return None

    def _do(self, write: Write) -> Outcome:
        if isinstance(write, MessageWrite):
            entry = self.cabinet.log(write)
            return Outcome(write.link_id, entry.id, {}, str(entry.seq))
        shown = {
            name: self.renders.get(name, str)(value) if value else None
            for name, value in write.values.items()
        }
        contact = self.cabinet.upsert(write, shown)
        return Outcome(write.link_id, contact.id, shown, str(contact.seq))

    @override
    def find(self, write: Write) -> Outcome | None:
        step = self.script.begin("find")
        with self._lock:
            found = self._found(write)
        self.script.end("find", step)
        return found

    def _found(self, write: Write) -> Outcome | None:
        if isinstance(write, MessageWrite):
            entry = self.cabinet.marked(write)
            return Outcome(write.link_id, entry.id, {}, str(entry.seq)) if entry else None
        contact = self.cabinet.living(write.remote_id or self.cabinet.id_of(write.link_id) or "")
        if contact is None:
            return None
        shown = {name: contact.values.get(name) for name in write.values}
        return Outcome(write.link_id, contact.id, shown, str(contact.seq))

    # What tests ask.

    @property
    def contacts(self) -> list[MemoryContact]:
        """The living contacts, oldest first."""
        return self.cabinet.all_living

    @property
    def entries(self) -> list[MemoryEntry]:
        """The entries, oldest first."""
        return list(self.cabinet.entries.values())
