"""A server whose answers a test writes byte by byte."""

from __future__ import annotations

import socket
import threading
from datetime import UTC, datetime

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
RESET = b"(reset)"


def answer(status: str = "200 OK", body: bytes = b"{}", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Content-Type: application/json"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Wire:
    """Gives each call the next scripted answer: bytes, a list of bytes sent one by one, or None.

    None holds the connection until the test is over; `RESET` breaks it. The last is repeated.
    """

    def __init__(self) -> None:
        self.script: list[bytes | list[bytes] | None] = [answer()]
        self.requests: list[bytes] = []
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(line,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, line: socket.socket) -> None:
        with line:
            while request := self._read(line):
                self.requests.append(request)
                said = self.script[0] if len(self.script) == 1 else self.script.pop(0)
                if said is None:
                    self._over.wait(10)
                    return
                if said == RESET:
                    return
                self._say(line, said)

    def _read(self, line: socket.socket) -> bytes:
        request = b""
        try:
            while b"\r\n\r\n" not in request:
                part = line.recv(65536)
                if not part:
                    return b""
                request += part
            head, _, body = request.partition(b"\r\n\r\n")
            length = next(
                (
                    int(field.partition(b":")[2])
                    for field in head.split(b"\r\n")
                    if field.lower().startswith(b"content-length:")
                ),
                0,
            )
            while len(body) < length:
                body += line.recv(65536)
        except OSError:
            return b""
        return head + b"\r\n\r\n" + body

    def _say(self, line: socket.socket, said: bytes | list[bytes]) -> None:
        try:
            for part in [said] if isinstance(said, bytes) else said:
                line.sendall(part)
                if not isinstance(said, bytes):
                    self._over.wait(0.02)
        except OSError:
            return

    def close(self) -> None:
        self._over.set()
        self._listener.close()
