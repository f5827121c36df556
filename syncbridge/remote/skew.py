"""How far another system's clock is from ours, learnt from its `Date` headers."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime

from syncbridge.clock import to_ms

#: Answers remembered; old ones are forgotten, because clocks drift.
_KEPT = 64


class ClockSkew:
    """Narrows down a clock's skew, which every answer bounds from both sides.

    A `Date` names a whole second, so one answer tells the skew to a second plus the call's
    duration; the intersection of many is far narrower. Safe for several threads.
    """

    def __init__(self) -> None:
        self._bounds: deque[tuple[int, int]] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()

    def note(self, date: datetime, sent_at: datetime, received_at: datetime) -> None:
        """Learn from an answer dated `date` between two instants of our clock."""
        low = to_ms(date) - to_ms(received_at)
        high = to_ms(date) + 999 - to_ms(sent_at)
        with self._lock:
            self._bounds.append((low, high))
            # No skew explains them all: one of the clocks was set. The newest answers are right.
            while max(low for low, _ in self._bounds) > min(high for _, high in self._bounds):
                self._bounds.popleft()

    @property
    def ms(self) -> int:
        """Milliseconds their clock is ahead of ours; 0 as long as it may well be right."""
        with self._lock:
            if not self._bounds:
                return 0
            low = max(low for low, _ in self._bounds)
            high = min(high for _, high in self._bounds)
        return 0 if low <= 0 <= high else (low + high) // 2
