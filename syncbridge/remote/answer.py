"""What came back from another system, and which of our errors a refusal is."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any

from syncbridge.errors import (
    CredentialsRevoked,
    Duplicate,
    Forbidden,
    Invalid,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    RemoteError,
    Transient,
    Unavailable,
    VersionMismatch,
)

#: Vendors' sentences can be pages of HTML; this much of one is kept.
_MESSAGE_CHARS = 500

#: A gateway gave up waiting: the system behind it may still have carried the call out.
_AMBIGUOUS = frozenset({408, 502, 504, 520, 524})
#: Answers of a gateway that never reached the system behind it.
_NOT_REACHED = frozenset({521, 522, 523, 525, 526})


@dataclass(frozen=True, slots=True)
class Answer:
    """One complete answer."""

    status: int
    #: Header names in lower case.
    headers: Mapping[str, str]
    #: The body as JSON; None where it is empty or not JSON.
    json: Any
    content: bytes
    #: The vendor's clock when it answered, to the second, aware UTC.
    date: datetime | None

    @property
    def object(self) -> Mapping[str, Any]:
        """The body where it is a JSON object, else an empty one."""
        return self.json if isinstance(self.json, dict) else {}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer other than 2xx, with what is needed to judge it."""

    answer: Answer
    is_write: bool
    now: datetime
    #: What the vendor said, in its words; values of the record may be among them.
    message: str

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.answer.status

    @property
    def body(self) -> Mapping[str, Any]:
        """The body where it is a JSON object, else an empty one."""
        return self.answer.object

    @property
    def retry_after_s(self) -> float | None:
        """Seconds the `Retry-After` header asks for, as a number or a date; None without one."""
        text = self.answer.headers.get("retry-after", "").strip()
        if re.fullmatch(r"\d{1,9}(\.\d+)?", text):
            return float(text)
        until = http_date(text)
        return None if until is None else max(0.0, (until - self.now).total_seconds())

    @property
    def has_envelope(self) -> bool:
        """Say whether the vendor itself answered, rather than a gateway before it."""
        return bool(self.body)


def _always(_: Refusal) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One of a vendor's peculiarities: which refusals are meant, and what they are to us."""

    #: Statuses it is about; empty for any.
    status: Collection[int]
    #: Builds the error; connection and request id are filled in afterwards.
    make: Callable[[Refusal], RemoteError]
    #: Where the vendor says so.
    page: str
    when: Callable[[Refusal], bool] = _always

    def is_about(self, refusal: Refusal) -> bool:
        """Say whether this row decides."""
        return (not self.status or refusal.status in self.status) and self.when(refusal)


def body_message(answer: Answer) -> str:
    """Answer the `message` of a JSON body, "" where there is none."""
    return str(answer.object.get("message") or "")


@dataclass(frozen=True, slots=True)
class ErrorTable:
    """A vendor's refusals: the first row that is about one decides, then plain HTTP does."""

    rows: tuple[ErrorRow, ...] = ()
    #: Headers that carry the vendor's name for the call, in lower case, the best first.
    request_id_headers: tuple[str, ...] = ()
    #: Key of the body that carries it, asked first.
    request_id_key: str = ""
    #: What the vendor said, as one sentence.
    describe: Callable[[Answer], str] = field(default=body_message)

    def error_for(
        self, answer: Answer, *, is_write: bool, now: datetime, connection: str
    ) -> RemoteError:
        """Answer the error that this refusal is."""
        message = self.describe(answer)[:_MESSAGE_CHARS] or f"answered HTTP {answer.status}"
        refusal = Refusal(answer, is_write, now, message)
        row = next((row for row in self.rows if row.is_about(refusal)), None)
        error = (row.make if row else plain_error)(refusal)
        error.connection = connection
        error.request_id = self.request_id(answer)
        return error

    def request_id(self, answer: Answer) -> str:
        """Answer the vendor's name for the call, "" where it gave none."""
        named = answer.object.get(self.request_id_key) if self.request_id_key else None
        found = (answer.headers.get(name) for name in self.request_id_headers)
        return str(named or next((value for value in found if value), ""))


#: Statuses that mean the same everywhere.
_PLAIN: Mapping[int, Callable[[str], RemoteError]] = MappingProxyType(
    {
        401: CredentialsRevoked,
        403: Forbidden,
        404: NotFound,
        409: Duplicate,
        410: NotFound,
        412: VersionMismatch,
    }
)


def plain_error(refusal: Refusal) -> RemoteError:
    """Answer what HTTP itself says a refusal is, where the vendor's table is silent.

    RFC 9110 §15. A write answered by a gateway may have taken effect; one that the vendor itself
    refused, with a body of its own, did not.
    """
    status, message = refusal.status, refusal.message
    if status in _PLAIN:
        return _PLAIN[status](message)
    if status == 429:
        return RateLimited(message, retry_after_s=refusal.retry_after_s)
    if status in _AMBIGUOUS or (status >= 500 and not refusal.has_envelope):
        return _after_a_gateway(refusal)
    if status >= 500:
        return Unavailable(message, retry_after_s=refusal.retry_after_s)
    if status < 400:
        return Unavailable(f"answered HTTP {status}, a redirect, which is not followed")
    if status in (423, 425):
        return Transient(message, retry_after_s=refusal.retry_after_s)
    return Invalid(message)


def _after_a_gateway(refusal: Refusal) -> RemoteError:
    if refusal.is_write and refusal.status not in _NOT_REACHED:
        return OutcomeUnknown(refusal.message)
    return Unavailable(refusal.message, retry_after_s=refusal.retry_after_s)


def http_date(text: str) -> datetime | None:
    """Read an HTTP date (RFC 9110 §5.6.7) as aware UTC; None where it is not one."""
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
