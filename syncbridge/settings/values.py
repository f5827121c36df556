"""What the settings are once they are read: frozen values, complete and checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class Secret:
    """A value that shows itself only to who asks for it by name.

    Its `repr`, `str` and any formatting read `Secret(***)`; it cannot be pickled.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """Answer the value itself: hand it to its one user, never to a log or a message."""
        return self.__value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self.__value

    def __hash__(self) -> int:
        return hash((Secret, self.__value))

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not written anywhere")


class Mode(StrEnum):
    """What a connection may do to the other system."""

    #: Pull, match and plan; write nothing.
    OBSERVE = "observe"
    LIVE = "live"


class ConversationEntries(StrEnum):
    """How messages become entries in a CRM."""

    MESSAGE = "message"
    #: One entry per conversation session.
    SESSION = "session"


class Options(Mapping[str, object]):
    """A connection's keys that belong to its connector, not yet checked against it.

    A value that the settings took from `env:` or `file:` is a `Secret`, whatever it is.
    """

    def __init__(self, values: Mapping[str, object], places: Mapping[str, str]) -> None:
        self._values = dict(values)
        self._places = dict(places)

    def place(self, key: str) -> str | None:
        """Answer where the key stands (`file:line key` or the variable), if anywhere."""
        return self._places.get(key)

    def __getitem__(self, key: str) -> object:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        # Which option is secret is the connector's to say, so no value is shown here.
        return f"Options({', '.join(sorted(self._values))})"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """The `[service]` table: this instance as a whole."""

    #: SQLAlchemy's URL, always with a driver that is installed. May hold a password: not shown.
    database_url: str = field(repr=False)
    #: Where vendors and people reach us, without a slash at the end; None while nobody does.
    public_url: str | None
    #: ISO 3166 code of the country whose national phone numbers are meant.
    default_region: str
    #: Set: Celery on that broker. None: the in-process bell. May hold a password: not shown.
    broker_url: str | None = field(repr=False)
    #: Begins the names of queues: instances may share a broker.
    queue_prefix: str
    #: Outranks the key file.
    encryption_key: Secret | None
    #: Where the key lies, or is made on the first start, when `encryption_key` is None.
    encryption_key_file: Path
    #: Opens the API and the pages; None: one is made on the first start and kept in a file.
    api_token: Secret | None
    max_body_bytes: int
    log_level: str
    poll_interval_s: float
    workers_per_connection: int
    #: A directory of mapping files that outrank the shipped ones.
    mappings_dir: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrySettings:
    """The `[retry]` table: how often and how long we try."""

    #: Calls in one attempt, the first included, when the transport fails.
    quick_tries: int
    #: The mean of the first pause between them; each following one doubles.
    quick_base_s: float
    #: Attempts after the first, before the dead letter.
    compensation_tries: int
    compensation_interval_s: float
    #: A claim older than this is due again; a remote call always ends sooner.
    lease_s: float
    #: How long an entry whose outcome is unknown is left alone before it is looked for there.
    readback_wait_s: float
    #: How soon a connection that waits for a person is tried again by itself.
    probe_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    """One `[connections.NAME]` table: a configured account."""

    name: str
    #: The entry point's name in the group `syncbridge.connectors`.
    connector: str
    mode: Mode
    #: Without a slash at the end; None is the vendor's own.
    base_url: str | None
    #: Lower wins a tie.
    rank: int
    conversation_entries: ConversationEntries
    #: A pause longer than this begins a new session.
    session_gap_h: float
    #: Filled from the service when the connection names none.
    default_region: str
    options: Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an operator decides."""

    service: ServiceSettings
    retry: RetrySettings
    connections: Mapping[str, ConnectionSettings]
    #: The file they came from; None when there is none.
    source: Path | None
