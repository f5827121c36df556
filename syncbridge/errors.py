"""Every error SyncBridge raises on purpose, sorted by what to do about it.

::

    SyncBridgeError
    ├── ConfigError(problems)             do not start; every problem with its place and remedy
    ├── StoreBusy                         the database refused for now: try the same work again
    ├── RemoteError(connection, request_id)
    │     ├── Transient(retry_after_s)    try again:        RateLimited · Unavailable
    │     ├── OutcomeUnknown              read back first:  a write that timed out
    │     ├── Rejected(problems)          this record only: Invalid · NotFound · Duplicate(existing)
    │     │                               · VersionMismatch · Forbidden
    │     ├── Moved(to)                   relink:           merged into, converted to
    │     └── Suspended(until)            this connection:  CredentialsRevoked · ScopeMissing
    │                                     · QuotaExhausted
    ├── WebhookRefused(reason, status)    answer 4xx, store nothing, count it
    ├── NotThere(what)                    a person named something we do not have
    └── InvariantBroken                   our bug: never retried, never swallowed
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


class SyncBridgeError(Exception):
    """The base of every error raised on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where it stands and what mends it."""

    #: A file and line, a settings key, a variable or a remote field.
    place: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.what}" + (f" ({self.remedy})" if self.remedy else "")


class ConfigError(SyncBridgeError):
    """The settings, a mapping or a connection's set-up cannot be used: do not start."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class StoreBusy(SyncBridgeError):
    """The database could not take the work now; nothing of it was kept, so it may be repeated."""


class RemoteError(SyncBridgeError):
    """Another system did not do what was asked."""

    #: The word stored in attempts, metrics and dead letters.
    cause = "remote_error"

    def __init__(self, message: str, *, connection: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.connection = connection
        self.request_id = request_id


class Transient(RemoteError):
    """The same call may succeed soon, and nothing was written by this one."""

    cause = "transient"

    def __init__(
        self,
        message: str,
        *,
        retry_after_s: float | None = None,
        connection: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(message, connection=connection, request_id=request_id)
        self.retry_after_s = retry_after_s


class RateLimited(Transient):
    """The other system asked us to slow down."""

    cause = "rate_limited"


class Unavailable(Transient):
    """The other system is down, or the request never left this machine."""

    cause = "unavailable"


class OutcomeUnknown(RemoteError):
    """A write was sent and no answer came: it may have taken effect, so read before repeating."""

    cause = "outcome_unknown"


class Rejected(RemoteError):
    """This record will not be accepted as it is; others are not concerned."""

    cause = "rejected"

    def __init__(
        self,
        message: str,
        *,
        problems: Sequence[Problem] = (),
        connection: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(message, connection=connection, request_id=request_id)
        self.problems = tuple(problems)


class Invalid(Rejected):
    """A value breaks the other system's rules; `problems` names the fields."""

    cause = "invalid"


class NotFound(Rejected):
    """The record does not exist there (deleted, or never created)."""

    cause = "not_found"


class Duplicate(Rejected):
    """A unique value is taken there by another record, `existing` (its remote id) if told."""

    cause = "duplicate"

    def __init__(
        self,
        message: str,
        *,
        existing: str | None = None,
        problems: Sequence[Problem] = (),
        connection: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(message, problems=problems, connection=connection, request_id=request_id)
        self.existing = existing


class VersionMismatch(Rejected):
    """The record changed there since we read it: read it again and reconcile first."""

    cause = "version_mismatch"


class Forbidden(Rejected):
    """We may not write this one record."""

    cause = "forbidden"


class Moved(RemoteError):
    """The record lives on under another id, `to`: it was merged or converted."""

    cause = "moved"

    def __init__(
        self, message: str, *, to: str, connection: str = "", request_id: str = ""
    ) -> None:
        super().__init__(message, connection=connection, request_id=request_id)
        self.to = to


class Suspended(RemoteError):
    """The whole connection has to wait, until `until` (aware, UTC) or, if None, for a person."""

    cause = "suspended"

    def __init__(
        self,
        message: str,
        *,
        until: datetime | None = None,
        connection: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(message, connection=connection, request_id=request_id)
        self.until = until


class CredentialsRevoked(Suspended):
    """The token is expired, revoked or wrong."""

    cause = "credentials_revoked"


class ScopeMissing(Suspended):
    """The token is good but lacks a permission; the message names it."""

    cause = "scope_missing"


class QuotaExhausted(Suspended):
    """A daily (or longer) quota is used up."""

    cause = "quota_exhausted"


class WebhookRefused(SyncBridgeError):
    """A delivery is not to be believed or not to be read: answer `status`, store nothing."""

    def __init__(self, reason: str, *, status: int = 401) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class NotThere(SyncBridgeError):
    """A person asked for something that is not in the store."""


class InvariantBroken(SyncBridgeError):
    """Something that cannot happen happened: our bug."""
