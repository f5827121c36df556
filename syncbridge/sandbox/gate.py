"""The WSGI layer in front of an imitated vendor: it counts calls and applies the armed faults."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from waitress.channel import ClientDisconnected
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date

from syncbridge.sandbox.calls import DROPPED
from syncbridge.sandbox.faults import Fault, FaultKind

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from syncbridge.sandbox.base import Sandbox

#: Paths of the control API: never counted, never faulty.
CONTROL_PREFIX = "/_control/"

#: How often a held connection is looked at for a client that went away, seconds.
_HOLD_POLL_S = 0.05


class Gate:
    """Wraps a sandbox's Flask app; each call runs under the sandbox's one lock."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Stand in front of `sandbox.flask`."""
        self._sandbox = sandbox

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one call as WSGI wants it."""
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/")
        if path.startswith(CONTROL_PREFIX):
            return self._run(environ, start_response)
        route = self._route(environ)
        status = DROPPED

        def note_status(line: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], object]:
            nonlocal status
            status = line[:3]
            # By its own clock: that is how callers measure how far theirs is off.
            dated = [*headers, ("Date", http_date(self._sandbox.clock.now()))]
            return start_response(line, dated, exc_info)

        try:
            return self._with_faults(environ, note_status, method, path)
        finally:
            self._sandbox.calls.count(method, route, status)

    def _with_faults(
        self, environ: WSGIEnvironment, start_response: StartResponse, method: str, path: str
    ) -> Iterable[bytes]:
        for fault in self._sandbox.faults.hitting_call(method, path):
            if fault.kind is FaultKind.SLOW:
                self._sandbox.closing.wait(fault.delay_ms / 1000)
            elif fault.kind is FaultKind.TIMEOUT_BEFORE:
                self._hold_and_drop(environ, fault)
            elif fault.kind is FaultKind.TIMEOUT_AFTER:
                self._run(environ, _nobody_listens)
                self._hold_and_drop(environ, fault)
            else:
                return self._sandbox.refuse(fault)(environ, start_response)
        return self._run(environ, start_response)

    def _run(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with self._sandbox.lock:
            return self._sandbox.flask(environ, start_response)

    def _hold_and_drop(self, environ: WSGIEnvironment, fault: Fault) -> None:
        # The server reads this exception as "the peer is gone" and closes without an answer.
        gone: Callable[[], bool] = environ.get("waitress.client_disconnected", lambda: False)
        deadline = time.monotonic() + fault.hold_s
        while time.monotonic() < deadline and not gone():
            if self._sandbox.closing.wait(min(_HOLD_POLL_S, fault.hold_s)):
                break
        raise ClientDisconnected

    def _route(self, environ: WSGIEnvironment) -> str:
        try:
            rule, args = self._sandbox.flask.url_map.bind_to_environ(environ).match(
                return_rule=True
            )
        except HTTPException:
            return "(no such route)"
        template = rule.rule
        for name in self._sandbox.counted_args & set(args):
            template = template.replace(f"<{name}>", str(args[name]))
        return template


def _nobody_listens(*_: Any) -> Callable[[bytes], object]:
    """Take the answer of a call whose client will never see it."""
    return lambda _: None
