"""Counters of the calls a sandbox was asked: what the story's report and the quota tests read."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

#: What stands for the status of a call whose connection was dropped.
DROPPED = "dropped"


class CallLog:
    """Calls counted by method and route, by status, and in total. Thread-safe."""

    def __init__(self) -> None:
        """Start at zero."""
        self._lock = threading.Lock()
        self._by_route: Counter[str] = Counter()
        self._by_status: Counter[str] = Counter()

    def count(self, method: str, route: str, status: str) -> None:
        """Count one finished call; `status` is three digits or `DROPPED`."""
        with self._lock:
            self._by_route[f"{method} {route}"] += 1
            self._by_status[status] += 1

    def clear(self) -> None:
        """Start again at zero."""
        with self._lock:
            self._by_route.clear()
            self._by_status.clear()

    def report(self) -> dict[str, Any]:
        """`total`, `by_route` ("POST /path/<id>" -> n) and `by_status` ("200" -> n)."""
        with self._lock:
            return {
                "total": self._by_route.total(),
                "by_route": dict(sorted(self._by_route.items())),
                "by_status": dict(sorted(self._by_status.items())),
            }
