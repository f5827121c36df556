"""What time it is, and instants as whole milliseconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

#: Answers the present instant, aware and in UTC. The engine never reads the clock another way.
Clock = Callable[[], datetime]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def system_clock() -> datetime:
    """Answer the machine's present instant."""
    return datetime.now(UTC)


def monotonic_s() -> float:
    """Seconds of a clock that never steps back: for durations, never for stamps."""
    return time.monotonic()


def to_ms(at: datetime) -> int:
    """Answer whole milliseconds since 1970-01-01 UTC, rounded down.

    Raises:
        ValueError: the datetime is naive.
    """
    if at.tzinfo is None:
        raise ValueError("naive datetime: an instant needs its zone")
    return (at - _EPOCH) // _MILLISECOND


def from_ms(at_ms: int) -> datetime:
    """Answer the aware UTC datetime of whole milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=at_ms)
