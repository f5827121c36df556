"""A clock that stands still until somebody moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from syncbridge.clock import to_ms

_START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class MovableClock:
    """Answers the same instant again and again; `advance` is the only thing that moves it."""

    def __init__(self, start: datetime = _START) -> None:
        self.at = start

    def __call__(self) -> datetime:
        """Answer the instant it stands at."""
        return self.at

    @property
    def ms(self) -> int:
        """The present instant in milliseconds."""
        return to_ms(self.at)

    def advance(self, seconds: float = 0.0, *, ms: int = 0) -> datetime:
        """Move on, never back; answer the new instant."""
        if seconds < 0 or ms < 0:
            raise ValueError("a clock does not step back")
        self.at += timedelta(seconds=seconds, milliseconds=ms)
        return self.at
