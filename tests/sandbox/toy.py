"""A vendor of one page, to test the harness without a real imitation."""

import json
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

from flask import Flask, Response, request

from syncbridge.sandbox import Sandbox, WebhookRules, WebhookSender


class ToySandbox(Sandbox):
    """Keeps notes: GET /notes, POST /notes, GET /notes/<note>."""

    counted_args = frozenset({"kind"})

    def __init__(self, *, webhook_url: str | None = None, faults: Sequence[str] = ()) -> None:
        self.notes: list[str] = []
        flask = Flask("toy")
        flask.add_url_rule("/<kind>/notes", "list", self.listed)
        flask.add_url_rule("/<kind>/notes", "add", self.added, methods=["POST"])
        flask.add_url_rule("/<kind>/notes/<note>", "one", self.one)
        super().__init__("toy", flask, faults=faults)
        if webhook_url:
            self.webhooks = WebhookSender(
                webhook_url,
                render=lambda events, attempt: json.dumps([*events, attempt]).encode(),
                sign=lambda url, body: {"X-Toy": f"{url} {len(body)}"},
                clock=self.clock,
                faults=self.faults,
                rules=WebhookRules(batch_size=3, retry_delays_s=(100.0, 100.0)),
            )

    def one(self, kind: str, note: str) -> str:
        return note

    def listed(self, kind: str) -> list[str]:
        return self.notes

    def added(self, kind: str) -> tuple[list[str], int]:
        self.notes.append(request.get_data(as_text=True))
        return self.notes, 201

    def refuse(self, fault):  # type: ignore[no-untyped-def]
        return Response(fault.kind, status=fault.status or 401)

    def clear(self) -> None:
        self.notes.clear()


class Receiver:
    """Takes webhooks and answers with the statuses it was given, then with 200."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.methods: list[str] = []
        self.got = threading.Condition()

    def __call__(self, environ, start_response):  # type: ignore[no-untyped-def]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        with self.got:
            status = self.statuses.pop(0) if self.statuses else 200
            self.bodies.append(body)
            self.methods.append(environ["REQUEST_METHOD"])
            self.headers.append(
                {key[5:]: value for key, value in environ.items() if key.startswith("HTTP_")}
            )
            self.got.notify_all()
        start_response(f"{status} Answer", [("Content-Length", "0")])
        return [b""]

    def wait_for(self, count: int, timeout_s: float = 5) -> None:
        with self.got:
            assert self.got.wait_for(lambda: len(self.bodies) >= count, timeout_s), self.bodies


def fixed_clock(moment: datetime = datetime(2026, 5, 1, 12, tzinfo=UTC)):  # type: ignore[no-untyped-def]
    """A clock that stands still until it is advanced."""
    return lambda: moment
