"""A vendor in a hurry: connections that post signed deliveries as fast as these are acknowledged.

A program of its own, so that it never shares an interpreter with what it measures: one thread, raw
sockets, every request made before the clock starts.
"""

from __future__ import annotations

import argparse
import json
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field
from statistics import quantiles

from connectors.whatsapp.sandbox.payloads import (
    Person,
    encode,
    envelope,
    sign,
    text,
    wamid,
)

#: When the messages were written, in Unix seconds: one a second from here.
_SINCE = 1_760_000_000
_END_OF_HEAD = b"\r\n\r\n"
#: How long a connection may stay silent before the measurement is given up.
_SILENCE_S = 30.0


def delivery(serial: int, senders: int) -> bytes:
    """Answer one delivery that says one new thing: a text from one of so many senders."""
    number = f"4915{serial % senders:09d}"
    person = Person(number, name=f"Jörg Beispiel {serial % senders}")
    words = f"Grüße 😀, ist die Bestellung {serial} schon unterwegs?"
    said = text(person, words, id=wamid(number, serial), at=_SINCE + serial)
    return encode(envelope([said]))


def request(body: bytes, *, path: str, secret: str) -> bytes:
    """Answer a delivery as the bytes of a signed request."""
    head = (
        f"POST {path} HTTP/1.1\r\n"
        "Host: sync.example\r\n"
        "Content-Type: application/json\r\n"
        f"X-Hub-Signature-256: {sign(body, secret)}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass
class Client:
    """One kept connection, with the request that is on its way."""

    wire: socket.socket
    sent_at_s: float = 0.0
    heard: bytes = b""

    def post(self, request: bytes) -> None:
        """Send a request; it fits the socket's buffer."""
        self.heard = b""
        self.sent_at_s = time.perf_counter()
        self.wire.sendall(request)

    def hear(self) -> bool:
        """Take what has come; say whether the answer is whole.

        Raises:
            RuntimeError: it is no acknowledgement.
        """
        self.heard += self.wire.recv(65_536)
        head, end, body = self.heard.partition(_END_OF_HEAD)
        if not end:
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"not acknowledged: {self.heard[:200]!r}")
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
        return len(body) >= int(length)


@dataclass
class Tally:
    """What was acknowledged."""

    waited_s: list[float] = field(default_factory=list)
    lasted_s: float = 0.0
    cpu_s: float = 0.0

    def report(self) -> dict[str, float]:
        """Answer the figures."""
        hundredths = quantiles(self.waited_s, n=100)
        return {
            "acks": len(self.waited_s),
            "lasted_s": self.lasted_s,
            "acks_per_s": len(self.waited_s) / self.lasted_s,
            "p50_ms": hundredths[49] * 1000,
            "p99_ms": hundredths[98] * 1000,
            "load_cpu_s": self.cpu_s,
        }


def run(port: int, requests: list[bytes], *, clients: int, seconds: float) -> Tally:
    """Post until the time is over or nothing is left; every request sent is waited for."""
    tally = Tally()
    waiting = iter(requests)
    with selectors.DefaultSelector() as selector:
        for _ in range(clients):
            wire = socket.create_connection(("127.0.0.1", port))
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(wire, selectors.EVENT_READ, Client(wire))
        crowd: list[Client] = [key.data for key in selector.get_map().values()]
        began_s, cpu_s = time.perf_counter(), time.process_time()
        for client, first in zip(crowd, waiting, strict=False):
            client.post(first)
        busy = len(crowd)
        while busy:
            ready = selector.select(_SILENCE_S)
            if not ready:
                raise RuntimeError(f"no answer for {_SILENCE_S:.0f} s")
            for client in (key.data for key, _ in ready):
                if not client.hear():
                    continue
                now_s = time.perf_counter()
                tally.waited_s.append(now_s - client.sent_at_s)
                following = next(waiting, None) if now_s - began_s < seconds else None
                if following is None:
                    busy -= 1
                else:
                    client.post(following)
        tally.lasted_s = time.perf_counter() - began_s
        tally.cpu_s = time.process_time() - cpu_s
        for client in crowd:
            client.wire.close()
    return tally


def main() -> None:
    """Make the requests, wait for a line on standard input, post, print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("secret")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--deliveries", type=int, default=50_000)
    parser.add_argument("--senders", type=int, default=1_000)
    given = parser.parse_args()
    requests = [
        request(delivery(serial, given.senders), path=given.path, secret=given.secret)
        for serial in range(given.deliveries)
    ]
    print("ready", flush=True)
    sys.stdin.readline()
    tally = run(given.port, requests, clients=given.clients, seconds=given.seconds)
    print(json.dumps(tally.report()))


if __name__ == "__main__":
    main()
