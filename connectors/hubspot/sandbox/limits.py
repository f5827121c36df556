"""HubSpot's request limits: a rolling burst, searches per second, and calls per day."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from connectors.hubspot.sandbox.problems import rate_limited
from syncbridge.sandbox import SandboxClock


@dataclass(frozen=True)
class Limits:
    """What an account may call."""

    #: calls in any 10 seconds
    burst: int = 190
    #: calls from midnight to midnight in the account's zone
    daily: int = 625_000
    #: searches in any second
    searches: int = 5


class _Window:
    def __init__(self, most: int, length_ms: int) -> None:
        self._most, self._length_ms = most, length_ms
        self._times: deque[int] = deque()

    def has_room(self, now_ms: int) -> bool:
        while self._times and self._times[0] <= now_ms - self._length_ms:
            self._times.popleft()
        return len(self._times) < self._most

    def take(self, now_ms: int) -> None:
        self._times.append(now_ms)

    @property
    def left(self) -> int:
        return self._most - len(self._times)


class Quota:
    """Counts the calls of an account against its limits."""

    def __init__(self, limits: Limits, clock: SandboxClock, zone: ZoneInfo) -> None:
        """Start with everything left."""
        self._limits, self._clock, self._zone = limits, clock, zone
        self.clear()

    def clear(self) -> None:
        """Give everything back."""
        self._burst = _Window(self._limits.burst, 10_000)
        self._searches = _Window(self._limits.searches, 1_000)
        self._used_today = 0
        self._today = self._clock.now().astimezone(self._zone).date()

    def take(self, *, search: bool) -> None:
        """Count one call.

        Raises:
            ApiProblem: 429 with the policy that is exhausted; then nothing is counted.
        """
        now = self._clock.now()
        now_ms = int(now.timestamp() * 1000)
        today = now.astimezone(self._zone).date()
        if today != self._today:
            self._today, self._used_today = today, 0
        if self._used_today >= self._limits.daily:
            raise rate_limited("DAILY")
        if not self._burst.has_room(now_ms):
            raise rate_limited("TEN_SECONDLY_ROLLING")
        if search and not self._searches.has_room(now_ms):
            raise rate_limited("SECONDLY")
        self._used_today += 1
        self._burst.take(now_ms)
        if search:
            self._searches.take(now_ms)

    def headers(self) -> dict[str, str]:
        """What every answer but that of a search tells about the limits."""
        return {
            "X-HubSpot-RateLimit-Max": str(self._limits.burst),
            "X-HubSpot-RateLimit-Remaining": str(self._burst.left),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Daily": str(self._limits.daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(self._limits.daily - self._used_today),
        }
