"""Faults of the line: whether the request had left this machine, and what happened in words."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import requests
from urllib3.exceptions import NewConnectionError

#: With one of these in its ancestry no byte of the request reached the other system.
_BEFORE = (requests.ConnectTimeout, NewConnectionError, ssl.SSLCertVerificationError)


def has_left(exc: BaseException) -> bool:
    """Say whether the request may have reached the other system; True when in doubt."""
    return not any(isinstance(cause, _BEFORE) for cause in _ancestry(exc))


def in_words(exc: BaseException) -> str:
    """Tell a fault of the line to people, without the URL and the headers of the call."""
    causes = list(_ancestry(exc))
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "no trustworthy TLS connection could be made"
    if any(isinstance(cause, requests.ConnectTimeout) for cause in causes):
        return "no connection in time"
    if not has_left(exc):
        return "no connection could be made"
    if any(isinstance(cause, requests.Timeout | TimeoutError) for cause in causes):
        return "no answer in time"
    return "the connection broke before the answer was complete"


def _ancestry(exc: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all that it was made from, however the libraries wrapped it."""
    seen: set[int] = set()
    queue: list[object] = [exc]
    while queue:
        cause = queue.pop()
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        queue += [cause.__cause__, cause.__context__, getattr(cause, "reason", None), *cause.args]
