"""The one interface to another system: what a connector declares and what it does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal, Self

from syncbridge.clock import Clock
from syncbridge.errors import ConfigError, Problem, RemoteError, WebhookRefused
from syncbridge.model.event import Parsed
from syncbridge.model.record import Kind, Snapshot
from syncbridge.remote.answer import ErrorTable
from syncbridge.remote.http import HttpClient, Patience

_PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class Option:
    """One key of a connection's settings that the connector understands."""

    name: str
    #: One sentence for people: what it is and where to find it.
    help: str
    required: bool = False
    #: Held in a `Secret`, encrypted at rest, never shown.
    secret: bool = False
    default: str | int | float | bool | None = None
    type: type[str | int | float | bool] = str


@dataclass(frozen=True, slots=True)
class Once:
    """How a connector makes sure that a create which is repeated makes one record."""

    how: Literal["upsert", "readback", "none"]
    #: `upsert`: the unique remote field; `readback`: the remote field that carries the marker.
    field: str = ""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a connector can do; the engine asks for nothing else."""

    reads: frozenset[Kind] = frozenset()
    writes: frozenset[Kind] = frozenset()
    #: Feeds that `pull` understands, each with the kind of its records.
    feeds: Mapping[str, Kind] = field(default_factory=dict)
    once: Mapping[Kind, Once] = field(default_factory=dict)
    #: Records one `push` or `read` may carry.
    push_batch: int = 100
    read_batch: int = 50
    #: The coarsest clock of its stamps, in milliseconds.
    window_ms: int = 1
    #: `read` answers per-field times.
    has_history: bool = False
    #: `fetch_media` works.
    has_media: bool = False
    #: Messages are read from here (a channel), rather than logged there (a CRM).
    is_channel: bool = False


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """One POST as it came, before anything was believed."""

    body: bytes
    #: Header names in lower case.
    headers: Mapping[str, str]
    method: str
    #: The URL as the vendor called it, with its query: from `public_url`, not from the socket.
    url: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """Whose data a connection reads and writes."""

    #: The vendor's id of the account, by which webhooks are routed.
    id: str
    name: str = ""
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing `check` found, good or bad."""

    is_good: bool
    what: str
    #: What a person has to do; "" when nothing.
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """The record asked for is not there any more."""

    remote_id: str
    #: It is in the vendor's bin (positive evidence), not merely unknown.
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a feed: light snapshots, and where to go on."""

    snapshots: tuple[Snapshot, ...]
    #: Where the next page begins; to be saved in the transaction that stores this one.
    cursor: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class ContactWrite:
    """A contact to be created, or fields of one to be changed."""

    #: The link's uuid: our external id there, and the name of this write in its outcome.
    link_id: str
    #: None: create, or find by the external id.
    remote_id: str | None
    #: Remote field -> remote value; None clears.
    values: Mapping[str, str | None]
    version: str = ""


@dataclass(frozen=True, slots=True)
class MessageWrite:
    """An entry in a contact's timeline: a message, or a session of messages."""

    link_id: str
    #: None: create.
    remote_id: str | None
    #: The contact it belongs to, by its id there.
    contact_id: str
    #: Short and unique; stands at the end of the text, so that an unknown outcome can be read back.
    marker: str
    #: Plain text, lines separated by "\\n", without the marker.
    text: str
    at: datetime
    direction: str = "inbound"


Write = ContactWrite | MessageWrite


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one write."""

    link_id: str
    remote_id: str | None = None
    #: Remote values as the answer carried them; empty when it carried none.
    values: Mapping[str, str | None] = field(default_factory=dict)
    version: str = ""
    #: None: it took effect.
    error: RemoteError | None = None


@dataclass(frozen=True, slots=True)
class MediaFile:
    """The bytes of a message's file."""

    content: bytes
    mime_type: str


@dataclass(frozen=True, slots=True)
class ConnectionSetup:
    """What a connector is built from; it reads nothing else."""

    name: str
    #: Option name -> value, secrets in clear: for headers and signatures only.
    options: Mapping[str, str | int | float | bool | None]
    http: HttpClient
    now: Clock
    #: Remote fields to ask for, by kind: what the mapping mentions.
    fields: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)

    def text(self, option: str) -> str:
        """Answer an option as text, "" when it is not set."""
        value = self.options.get(option)
        return "" if value is None else str(value)


class Connector(ABC):
    """Speaks to one kind of system, for one configured account of it.

    A connector translates between the vendor's wire and our nouns. It keeps no state between
    calls, decides nothing about the data and may be used by several threads at once.
    Every method that does I/O raises `RemoteError`.
    """

    name: ClassVar[str]
    options: ClassVar[tuple[Option, ...]]
    capabilities: ClassVar[Capabilities]
    #: Where the vendor itself lives, used when the settings give no `base_url`.
    default_base_url: ClassVar[str]
    #: What the vendor's refusals mean; what it does not name is plain HTTP.
    error_table: ClassVar[ErrorTable] = ErrorTable()
    #: Hosts, and parents of hosts, that files may be loaded from besides the base URL.
    other_hosts: ClassVar[tuple[str, ...]] = ()

    def __init__(self, setup: ConnectionSetup) -> None:
        self.setup = setup

    @classmethod
    def connect(
        cls,
        name: str,
        options: Mapping[str, str | int | float | bool | None],
        *,
        now: Clock,
        base_url: str = "",
        fields: Mapping[Kind, tuple[str, ...]] | None = None,
        patience: Patience = _PATIENCE,
    ) -> Self:
        """Build the connector with its own HTTP client; nothing is connected yet.

        Args:
            name: the connection's name.
            options: as configured, secrets in clear; what is left out takes its default.
            now: the clock.
            base_url: where the vendor lives; "" for its own address.
            fields: remote fields to ask for.
            patience: deadline and quick retries of every call.
        """
        known = {option.name: option.default for option in cls.options} | dict(options)
        http = HttpClient(
            base_url or cls.default_base_url,
            connection=name,
            now=now,
            headers=cls.headers(known),
            table=cls.table(known),
            patience=patience,
            other_hosts=cls.other_hosts,
        )
        return cls(ConnectionSetup(name, known, http, now, fields or {}))

    @classmethod
    def headers(cls, options: Mapping[str, str | int | float | bool | None]) -> Mapping[str, str]:
        """Answer the headers of every call: the credentials."""
        return {}

    @classmethod
    def table(cls, options: Mapping[str, str | int | float | bool | None]) -> ErrorTable:
        """Answer what the vendor's refusals mean, where that depends on the options."""
        return cls.error_table

    @classmethod
    def problems(cls, options: Mapping[str, object]) -> list[Problem]:
        """Answer what is wrong with the options beyond their types; no I/O."""
        return []

    @property
    def skew_ms(self) -> int:
        """How far the vendor's clock is ahead of ours, as measured from its answers."""
        return self.setup.http.skew_ms

    # Webhooks: pure, no I/O.

    def handshake(self, query: Mapping[str, str]) -> str:
        """Answer the body that proves to the vendor that this address is ours.

        Raises:
            WebhookRefused: the query does not know our verify token, or there is no handshake.
        """
        raise WebhookRefused("this connector has no handshake", status=405)

    @abstractmethod
    def verify(self, request: WebhookRequest) -> None:
        """Return only if the vendor signed these bytes for us, recently where it signs a time.

        Raises:
            WebhookRefused: with the reason in words.
        """

    @abstractmethod
    def parse(self, body: bytes) -> Parsed:
        """Split a verified delivery into events; never fails for one bad part.

        Raises:
            WebhookRefused: the body as a whole is not what this vendor sends (status 400).
        """

    # Reading.

    @abstractmethod
    def account(self) -> Account:
        """Ask whose account this is."""

    @abstractmethod
    def check(self) -> list[Finding]:
        """Look whether everything the connection needs is there; changes nothing."""

    def prepare(self) -> list[Finding]:
        """Make what is missing there and may be made (our unique property); may be repeated."""
        return []

    def read(self, kind: Kind, remote_ids: Sequence[str]) -> dict[str, Snapshot | Gone]:
        """Read records by id, at most `capabilities.read_batch` of them.

        Returns:
            For each requested id its snapshot or `Gone`. A snapshot whose own id differs from the
            requested one tells that the record was merged or converted.
        """
        raise self._unable("read records")

    def pull(self, feed: str, cursor: str | None) -> Page:
        """Read the next stretch of a feed; None begins with everything there is.

        The last page of the whole list and all later ones answer a cursor from which only changes
        are listed, with an overlap: the caller recognises what it knows already.
        """
        raise self._unable("list records")

    def fetch_media(self, remote_id: str) -> MediaFile:
        """Load a message's file while the vendor still has it."""
        raise self._unable("load files")

    # Writing.

    def push(self, writes: Sequence[Write]) -> list[Outcome]:
        """Carry out writes of one type, at most `capabilities.push_batch`; an outcome for each.

        A failure of the whole call is given as the error of every outcome, so this raises nothing
        of the RemoteError tree.
        """
        raise self._unable("write")

    def find(self, write: Write) -> Outcome | None:
        """After an unknown outcome, answer the record that the write made; None if there is none.

        Reads by id or association, never through a search index that lags.
        """
        raise self._unable("look for a written record")

    def find_all(self, writes: Sequence[Write]) -> dict[str, Outcome]:
        """Look for several creates of unknown outcome; answer those found, by link id.

        A connector whose vendor can be asked for many at once answers with fewer calls than one a
        write.
        """
        found = ((write.link_id, self.find(write)) for write in writes)
        return {link_id: outcome for link_id, outcome in found if outcome is not None}

    def _unable(self, what: str) -> ConfigError:
        return ConfigError(
            [Problem(self.setup.name, f"the {self.name} connector cannot {what}", "")]
        )
