"""What every use case works with: the store, the connections, the clock and the bell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Protocol

from syncbridge.clock import Clock, to_ms
from syncbridge.errors import NotThere
from syncbridge.mapping.declaration import ContactMapping
from syncbridge.model.golden import FieldRule
from syncbridge.model.record import Kind
from syncbridge.model.states import Mode
from syncbridge.remote.base import Connector
from syncbridge.store import inbox
from syncbridge.store.cipher import Cipher
from syncbridge.store.gathering import Gathering
from syncbridge.store.inbox import Arrival
from syncbridge.store.session import Store


class Table(StrEnum):
    """What a ring says: look at this table."""

    DELIVERIES = "deliveries"
    EVENTS = "events"
    RECORDS = "records"
    OUTBOX = "outbox"
    MEDIA = "media"


class Doorbell(Protocol):
    """Says that a table has something new; a ring lost, repeated or late changes nothing."""

    def ring(self, table: Table, connection: str = "") -> None:
        """Ring after the commit that made the work visible."""


class SilentBell:
    """A bell that nobody hears: the sweep alone finds the work."""

    def ring(self, table: Table, connection: str = "") -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long we go on trying, in seconds."""

    compensation_tries: int = 3
    compensation_interval_s: float = 300.0
    lease_s: float = 60.0
    #: How long an unknown outcome is left alone before it is read back.
    readback_wait_s: float = 60.0
    #: How long an event waits for the message it refers to before it is applied as an orphan.
    park_s: float = 86_400.0
    #: How soon a connection that waits for a person is tried again by itself: its token may have
    #: been renewed on the vendor's side without anybody telling us.
    probe_s: float = 60.0


@dataclass(frozen=True)
class Spoke:
    """One connection as the engine sees it: how to reach it and how to understand it."""

    name: str
    connector: Connector
    mapping: ContactMapping
    #: Lower wins a tie.
    rank: int = 100
    #: ISO alpha-2 country of phone numbers without a country code.
    region: str = "DE"
    mode: Mode = Mode.OBSERVE
    #: True: one entry per session of messages, else one per message.
    logs_sessions: bool = False
    session_gap_ms: int = 24 * 3_600_000
    #: Scope of user ids: the business portfolio.
    scope: str = ""
    #: The account it owns, where the settings tell it.
    account_id: str = ""

    @property
    def is_channel(self) -> bool:
        """Say whether messages come from here."""
        return self.connector.capabilities.is_channel

    @cached_property
    def writes_contacts(self) -> bool:
        """Say whether persons become records here."""
        return Kind.CONTACT in self.connector.capabilities.writes

    @cached_property
    def writes_messages(self) -> bool:
        """Say whether messages are logged here."""
        return Kind.MESSAGE in self.connector.capabilities.writes

    @cached_property
    def written_fields(self) -> tuple[str, ...]:
        """The canonical fields this connection's mapping writes."""
        return tuple(field.canonical for field in self.mapping.fields if field.writes)

    @cached_property
    def canonical_of(self) -> dict[str, tuple[str, ...]]:
        """Remote field -> the canonical fields read from it."""
        found: dict[str, tuple[str, ...]] = {}
        for declared in self.mapping.fields:
            if declared.reads:
                names = found.get(declared.remote, ())
                found[declared.remote] = (*names, declared.canonical)
        return found


@dataclass(frozen=True)
class Engine:
    """The whole service without its entry points."""

    store: Store
    cipher: Cipher
    spokes: Mapping[str, Spoke]
    #: Canonical field -> how it behaves.
    rules: Mapping[str, FieldRule]
    now: Clock
    bell: Doorbell = field(default_factory=SilentBell)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    #: Where people reach us, without a slash at the end; "" while nobody does.
    public_url: str = ""
    #: Names this process in leases and heartbeats.
    worker: str = "worker"

    def now_ms(self) -> int:
        """Answer the present instant in milliseconds."""
        return to_ms(self.now())

    def file_url(self, message_id: str) -> str:
        """Answer the link to a message's file that opens it for whoever has the link."""
        if not self.public_url:
            return ""
        return f"{self.public_url}/files/{message_id}/{self.cipher.sign(message_id)}"

    def spoke(self, name: str) -> Spoke:
        """Answer a connection by name.

        Raises:
            NotThere: the settings have no such connection.
        """
        found = self.spokes.get(name)
        if found is None:
            known = ", ".join(sorted(self.spokes)) or "none"
            raise NotThere(f"there is no connection {name!r}; the settings have: {known}")
        return found

    @cached_property
    def receiving(self) -> Gathering[Arrival, bool]:
        """Where deliveries wait for their common commit."""
        return Gathering(self.store, inbox.receive)

    @cached_property
    def crms(self) -> tuple[Spoke, ...]:
        """The connections that persons are written to, in the order of their names."""
        return tuple(spoke for _, spoke in sorted(self.spokes.items()) if spoke.writes_contacts)
