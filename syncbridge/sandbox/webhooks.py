"""Sends an imitated vendor's webhooks: batched, signed, retried, and lost or doubled on demand."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

from syncbridge.sandbox.clock import SandboxClock
from syncbridge.sandbox.faults import FaultBoard, FaultKind

Event = Mapping[str, Any]
#: (events of one delivery, attempt from 0) -> body of the POST
Render = Callable[[Sequence[Event], int], bytes]
#: (url, body) -> headers, called anew for each attempt
Sign = Callable[[str, bytes], Mapping[str, str]]

#: Vendors retry for hours; the sandbox's day has about two minutes.
RETRY_DELAYS_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)

#: Longest sleep of a worker: a test's clock moves without telling.
_POLL_S = 0.05


@dataclass(order=True)
class _Delivery:
    due_ms: int
    number: int
    events: Sequence[Event] = field(compare=False)
    attempt: int = field(default=0, compare=False)


@dataclass(frozen=True)
class WebhookRules:
    """How a vendor sends."""

    #: most events of one POST
    batch_size: int = 100
    #: how long a first event waits for more, seconds
    batch_delay_s: float = 0.2
    #: waits before the second, third, … attempt, seconds; when used up the delivery is given up
    retry_delays_s: Sequence[float] = RETRY_DELAYS_S
    #: an answer later than this is a failure, seconds
    timeout_s: float = 5.0
    #: POSTs under way at a time
    concurrency: int = 4


class WebhookSender:
    """A queue of events and the threads that post them to `url`.

    Due times follow the sandbox's clock. Any status but 2xx, and no answer in time, is retried.
    """

    def __init__(
        self,
        url: str,
        *,
        render: Render,
        sign: Sign,
        clock: SandboxClock,
        faults: FaultBoard,
        rules: WebhookRules | None = None,
    ) -> None:
        """Start the threads; nothing is sent before the first `emit`."""
        self.url = url
        self._render, self._sign = render, sign
        self._clock, self._faults = clock, faults
        self._rules = rules or WebhookRules()
        self._changed = threading.Condition()
        self._open: list[Event] = []
        self._open_due_ms = 0
        self._queue: list[_Delivery] = []
        self._numbers = itertools.count(1)
        self._in_flight = 0
        self._counts: Counter[str] = Counter()
        self._attempts: deque[dict[str, Any]] = deque(maxlen=100)
        self._closed = False
        clock.on_advance(self._wake)
        for index in range(self._rules.concurrency):
            threading.Thread(target=self._work, name=f"webhooks-{index}", daemon=True).start()

    def emit(self, event: Event) -> None:
        """Queue one event; it leaves with others when the batch is full or its delay is over."""
        with self._changed:
            self._counts["events"] += 1
            if not self._open:
                self._open_due_ms = self._clock.now_ms() + round(self._rules.batch_delay_s * 1000)
            self._open.append(event)
            if len(self._open) >= self._rules.batch_size:
                self._seal()
            self._changed.notify()

    def send_now(self, events: Sequence[Event]) -> None:
        """Queue one delivery of exactly these events, due at once."""
        with self._changed:
            self._counts["events"] += len(events)
            self._push(_Delivery(self._clock.now_ms(), next(self._numbers), tuple(events)))
            self._changed.notify()

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until nothing is queued or under way; False when that takes too long."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._pending(), timeout_s)

    def report(self) -> dict[str, Any]:
        """Counters and the last 100 attempts.

        `sent` are deliveries acknowledged, `failed` attempts that were not, `retried` attempts
        beyond the first, `given_up` deliveries without another attempt, `dropped` and `doubled`
        those hit by a fault, `pending` deliveries still to come, `events` events emitted.
        """
        names = ("events", "sent", "failed", "retried", "given_up", "dropped", "doubled")
        with self._changed:
            counts = {name: self._counts[name] for name in names}
            attempts = list(self._attempts)
            return {"url": self.url, **counts, "pending": self._pending(), "attempts": attempts}

    def clear(self) -> None:
        """Forget what is queued, and the counters."""
        with self._changed:
            self._open.clear()
            self._queue.clear()
            self._counts.clear()
            self._attempts.clear()
            self._changed.notify_all()

    def close(self) -> None:
        """Stop the threads; what is queued is not sent any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _pending(self) -> int:
        return len(self._queue) + self._in_flight + bool(self._open)

    def _seal(self) -> None:
        events, self._open = tuple(self._open), []
        self._push(_Delivery(self._clock.now_ms(), next(self._numbers), events))

    def _push(self, delivery: _Delivery) -> None:
        heapq.heappush(self._queue, delivery)

    def _work(self) -> None:
        with requests.Session() as session:
            while (delivery := self._next()) is not None:
                try:
                    self._deliver(session, delivery)
                finally:
                    with self._changed:
                        self._in_flight -= 1
                        self._changed.notify_all()

    def _next(self) -> _Delivery | None:
        """Wait for a delivery that is due; None once the sender is closed."""
        with self._changed:
            while not self._closed:
                now_ms = self._clock.now_ms()
                if self._open and self._open_due_ms <= now_ms:
                    self._seal()
                if self._queue and self._queue[0].due_ms <= now_ms:
                    self._in_flight += 1
                    return heapq.heappop(self._queue)
                waiting = bool(self._queue or self._open)
                self._changed.wait(_POLL_S if waiting else None)
        return None

    def _deliver(self, session: requests.Session, delivery: _Delivery) -> None:
        kinds = {fault.kind for fault in self._faults.hitting_webhook(urlsplit(self.url).path)}
        if FaultKind.DROP_WEBHOOK in kinds:
            self._count("dropped")
            return
        began_ms = self._clock.now_ms()
        acknowledged = self._post(session, delivery)
        if FaultKind.DOUBLE_WEBHOOK in kinds:
            self._count("doubled")
            self._post(session, delivery)
        if acknowledged:
            self._count("sent")
        else:
            self._retry(delivery, began_ms)

    def _post(self, session: requests.Session, delivery: _Delivery) -> bool:
        url = self.url
        body = self._render(delivery.events, delivery.attempt)
        headers = {"Content-Type": "application/json", **self._sign(url, body)}
        status, error = None, None
        began = time.monotonic()
        try:
            status = session.post(
                url,
                data=body,
                headers=headers,
                timeout=self._rules.timeout_s,
                allow_redirects=False,
            ).status_code
        except requests.RequestException as exc:
            error = type(exc).__name__
        with self._changed:
            if delivery.attempt:
                self._counts["retried"] += 1
            self._attempts.append(
                {
                    "delivery": delivery.number,
                    "attempt": delivery.attempt,
                    "at": self._clock.now().isoformat(),
                    "events": len(delivery.events),
                    "status": status,
                    "error": error,
                    "elapsed_ms": round((time.monotonic() - began) * 1000),
                }
            )
        return status is not None and 200 <= status < 300

    def _retry(self, delivery: _Delivery, began_ms: int) -> None:
        delays = self._rules.retry_delays_s
        with self._changed:
            self._counts["failed"] += 1
            if delivery.attempt >= len(delays):
                self._counts["given_up"] += 1
                return
            due_ms = began_ms + round(delays[delivery.attempt] * 1000)
            self._push(_Delivery(due_ms, delivery.number, delivery.events, delivery.attempt + 1))

    def _count(self, name: str) -> None:
        with self._changed:
            self._counts[name] += 1
