"""The bell of a single process: no transport, no server, nothing to lose but a second."""

from __future__ import annotations

import threading
from collections import defaultdict


class InProcessBell:
    """Wakes the threads that wait for a table; a ring for no connection wakes all of its table."""

    def __init__(self) -> None:
        self._posts: dict[tuple[str, str], threading.Event] = defaultdict(threading.Event)
        self._lock = threading.Lock()

    def ring(self, table: str, connection: str = "") -> None:
        """Wake who waits."""
        with self._lock:
            if connection:
                self._posts[table, connection].set()
                return
            for (posted, _), event in self._posts.items():
                if posted == table:
                    event.set()
            self._posts[table, ""].set()

    def wait(self, table: str, connection: str, timeout_s: float) -> bool:
        """Wait for a ring; answer False when none came in time."""
        with self._lock:
            event = self._posts[table, connection]
        heard = event.wait(timeout_s)
        event.clear()
        return heard

    def ring_all(self) -> None:
        """Wake everybody, to end or to look."""
        with self._lock:
            for event in self._posts.values():
                event.set()
