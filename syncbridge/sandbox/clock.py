"""The clock of an imitated vendor: real time, or a test's, plus whatever the control API added."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def utc_now() -> datetime:
    """The machine's time, aware, in UTC."""
    return datetime.now(UTC)


class SandboxClock:
    """A clock that can be moved forward but never back.

    Vendors stamp records, age tokens and schedule webhook retries by it. Thread-safe.
    """

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        """Take `now`, which returns aware datetimes, as the time before any advance."""
        self._now = now
        self._ahead = timedelta()
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """The vendor's time, aware, in UTC."""
        with self._lock:
            ahead = self._ahead
        return self._now().astimezone(UTC) + ahead

    def now_ms(self) -> int:
        """The vendor's time as milliseconds since 1970."""
        return int(self.now().timestamp() * 1000)

    def advance(self, seconds: float) -> datetime:
        """Move the clock forward and wake everything that waits for a time.

        Returns:
            The new time.

        Raises:
            ValueError: `seconds` is negative.
        """
        if seconds < 0:
            raise ValueError("a vendor's clock does not run backwards; give seconds >= 0")
        with self._lock:
            self._ahead += timedelta(seconds=seconds)
        for listener in self._listeners:
            listener()
        return self.now()

    def on_advance(self, listener: Callable[[], None]) -> None:
        """Have `listener` called, without arguments, after every advance."""
        self._listeners.append(listener)
