"""What every imitated vendor is: a Flask app with state, a clock, faults, counters and webhooks."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.wrappers import Response

from syncbridge.sandbox.calls import CallLog
from syncbridge.sandbox.clock import SandboxClock, utc_now
from syncbridge.sandbox.control import control_blueprint
from syncbridge.sandbox.faults import Fault, FaultBoard
from syncbridge.sandbox.gate import Gate

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from syncbridge.sandbox.webhooks import WebhookSender


class Sandbox(ABC):
    """Base of the imitated vendors.

    A vendor builds its Flask app, passes it here, and answers `refuse` and `clear`. Its views may
    touch its state freely: every call runs under `lock`, which other threads take themselves.
    """

    #: Route arguments whose values stay in the call counters, such as an object type.
    counted_args: frozenset[str] = frozenset()

    def __init__(
        self,
        name: str,
        flask: Flask,
        *,
        faults: Sequence[str] = (),
        now: Callable[[], datetime] = utc_now,
        seed: int = 0,
    ) -> None:
        """Add the control API to `flask` and arm `faults`.

        Raises:
            ValueError: a fault cannot be read.
        """
        self.name = name
        self.flask = flask
        self.lock = threading.RLock()
        self.clock = SandboxClock(now)
        self.faults = FaultBoard(seed)
        self.faults.arm(*faults)
        self.calls = CallLog()
        self.closing = threading.Event()
        self.webhooks: WebhookSender | None = None
        flask.json.sort_keys = False  # type: ignore[attr-defined]
        flask.register_blueprint(control_blueprint(self))

    @property
    def app(self) -> WSGIApplication:
        """The WSGI application to serve."""
        return Gate(self)

    @abstractmethod
    def refuse(self, fault: Fault) -> Response:
        """The vendor's own answer to a call hit by a status, expired-token or daily-limit fault."""

    @abstractmethod
    def clear(self) -> None:
        """Forget all records; called under `lock`."""

    def health(self) -> dict[str, Any]:
        """What `/_control/health` says besides the name and the time."""
        return {}

    def reset(self) -> None:
        """Forget records, counters, armed faults and webhooks not yet sent."""
        with self.lock:
            self.clear()
        self.calls.clear()
        self.faults.clear()
        if self.webhooks is not None:
            self.webhooks.clear()

    def close(self) -> None:
        """Release held connections and stop sending webhooks; may be called twice."""
        self.closing.set()
        if self.webhooks is not None:
            self.webhooks.close()
