"""Serves a sandbox over HTTP: in a thread for tests and the demo, or in the foreground."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Self

from waitress.server import create_server

from syncbridge.sandbox.base import Sandbox

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

#: Threads that answer calls; a held connection keeps one of them.
_THREADS = 24


class SandboxServer:
    """One WSGI application or sandbox on a port of its own.

    The socket is bound when the server is made, so that `url` holds before `start`. Usable as a
    context manager.
    """

    def __init__(
        self, app: WSGIApplication | Sandbox, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        """Bind `host` and `port`; port 0 takes a free one.

        Raises:
            OSError: the port is taken.
        """
        self._sandbox = app if isinstance(app, Sandbox) else None
        self._server = create_server(
            app.app if isinstance(app, Sandbox) else app,
            host=host,
            port=port,
            threads=_THREADS,
            # One request is read ahead, which is how a client that left is noticed.
            channel_request_lookahead=1,
            asyncore_loop_timeout=1,
            clear_untrusted_proxy_headers=True,
        )
        self._host = host
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._server.effective_port)

    @property
    def url(self) -> str:
        """Base address without a slash at the end."""
        return f"http://{self._host}:{self.port}"

    def start(self) -> Self:
        """Answer calls in a thread until `stop`."""
        self._thread = threading.Thread(
            target=self._server.run, name=f"sandbox-{self.port}", daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close the sandbox, its socket and its connections; may be called twice."""
        if self._sandbox is not None:
            self._sandbox.close()
        # Sockets are closed by the loop's own thread: it could be selecting on them.
        # Awake already, the loop may close its trigger before this thread has pulled it.
        with suppress(OSError):
            self._server.trigger.pull_trigger(self._close_sockets)
        if self._thread is not None:
            self._thread.join(timeout=10)
            self._thread = None
        else:
            self._close_sockets()
        self._server.task_dispatcher.shutdown()

    def _close_sockets(self) -> None:
        self._server.asyncore.close_all(self._server._map)

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()


def serve_forever(
    sandbox: Sandbox,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    on_ready: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve in the foreground until SIGINT or SIGTERM, then stop cleanly.

    `on_ready` gets the base address once calls are answered. Main thread only: it sets handlers
    for the two signals and puts the old ones back.

    Raises:
        OSError: the port is taken.
    """
    stop = threading.Event()

    def ask_to_stop(_signum: int, _frame: FrameType | None) -> None:
        stop.set()

    with SandboxServer(sandbox, host, port) as server:
        former = {number: signal.signal(number, ask_to_stop) for number in _STOP_SIGNALS}
        try:
            on_ready(server.url)
            stop.wait()
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)


_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
