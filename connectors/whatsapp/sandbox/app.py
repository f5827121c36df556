"""The imitated WhatsApp: one app of Meta's with any number of numbers, and its webhooks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Flask
from werkzeug.wrappers import Response

from connectors.whatsapp.sandbox.control import control_blueprint
from connectors.whatsapp.sandbox.errors import fault_response
from connectors.whatsapp.sandbox.graph import graph_blueprint
from connectors.whatsapp.sandbox.payloads import ACCOUNT, Update, encode, envelope, sign
from connectors.whatsapp.sandbox.speech import Misspoken
from connectors.whatsapp.sandbox.world import World
from syncbridge.sandbox import Fault, Sandbox, WebhookRules, WebhookSender
from syncbridge.sandbox.clock import utc_now
from syncbridge.sandbox.webhooks import RETRY_DELAYS_S

#: The largest file that WhatsApp takes.
_LARGEST_BYTES = 100 * 2**20

_SANDBOX = "sandbox"


class WhatsAppSandbox(Sandbox):
    """Graph paths for numbers, messages and files; a control API by which people speak."""

    def __init__(
        self,
        *,
        app_secret: str,
        verify_token: str,
        access_token: str,
        phone_number_id: str,
        faults: Sequence[str] = (),
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Build it, still without webhooks: `send_to` adds them."""
        flask = Flask("whatsapp")
        flask.config["MAX_CONTENT_LENGTH"] = _LARGEST_BYTES
        super().__init__("whatsapp", flask, faults=faults, now=now)
        self.app_secret = app_secret
        self.verify_token = verify_token
        self.access_token = access_token
        self.phone_number_id = phone_number_id
        self.world = World()
        self._unsigned: set[str] = set()
        flask.register_blueprint(graph_blueprint(self))
        flask.register_blueprint(control_blueprint(self))

    def send_to(self, webhook_url: str, *, retry_delays_s: Sequence[float]) -> None:
        """Send webhooks to an address from now on."""
        self.webhooks = WebhookSender(
            webhook_url,
            render=self._render,
            sign=self._sign,
            clock=self.clock,
            faults=self.faults,
            rules=WebhookRules(retry_delays_s=retry_delays_s),
        )

    def seconds(self) -> int:
        """The vendor's time in Unix seconds."""
        return self.clock.now_ms() // 1000

    def tell(self, *updates: Update) -> None:
        """Send updates in one delivery; without webhooks they are only remembered."""
        if self.webhooks is not None:
            # The entry's time is that of the first attempt, however often it is tried.
            at = self.seconds()
            self.webhooks.send_now([{**update, "told_at": at} for update in updates])

    def post(self, body: bytes, *, repeat: int = 1, is_signed: bool = True) -> None:
        """Send these bytes as a delivery, as often as asked.

        Raises:
            Misspoken: the sandbox was started without webhooks.
        """
        if self.webhooks is None:
            raise Misspoken("this sandbox was started without a webhook URL")
        marked = self._unsigned.discard if is_signed else self._unsigned.add
        marked(hashlib.sha256(body).hexdigest())
        for _ in range(repeat):
            self.webhooks.send_now([{"raw": body}])

    def refuse(self, fault: Fault) -> Response:
        """Answer in the Graph API's form."""
        return fault_response(fault)

    def clear(self) -> None:
        """Forget messages and files."""
        self.world.clear()
        self._unsigned.clear()

    def health(self) -> dict[str, Any]:
        """Which number speaks where no other is named."""
        return {"phone_number_id": self.phone_number_id}

    def _render(self, events: Sequence[Mapping[str, Any]], attempt: int) -> bytes:
        raw = events[0].get("raw")
        if isinstance(raw, bytes):
            return raw
        updates = [dict(event) for event in events]
        # Account fields tell no time of their own; for messages Meta leaves the entry's out.
        at = updates[0]["told_at"] if any("value" in update for update in updates) else None
        return encode(envelope(updates, account=self.phone_number_id, at=at))

    def _sign(self, url: str, body: bytes) -> Mapping[str, str]:
        if hashlib.sha256(body).hexdigest() in self._unsigned:
            return {}
        return {"X-Hub-Signature-256": sign(body, self.app_secret)}


def create(
    *,
    webhook_url: str | None = None,
    app_secret: str = _SANDBOX,
    verify_token: str = _SANDBOX,
    access_token: str = _SANDBOX,
    phone_number_id: str = ACCOUNT,
    faults: Sequence[str] = (),
    now: Callable[[], datetime] = utc_now,
    retry_delays_s: Sequence[float] = RETRY_DELAYS_S,
) -> WhatsAppSandbox:
    """Build an imitated WhatsApp, empty.

    Args:
        webhook_url: where deliveries go; None sends none.
        app_secret: signs them.
        verify_token: told in the handshake.
        access_token: asked of every Graph call.
        phone_number_id: the number that speaks where a call names no other.
        faults: armed from the beginning, such as "429:every=7".
        now: the clock before the control API advances it.
        retry_delays_s: waits before each further attempt of a delivery that was not taken.

    Raises:
        ValueError: a fault cannot be read.
    """
    sandbox = WhatsAppSandbox(
        app_secret=app_secret,
        verify_token=verify_token,
        access_token=access_token,
        phone_number_id=phone_number_id,
        faults=faults,
        now=now,
    )
    if webhook_url:
        sandbox.send_to(webhook_url, retry_delays_s=retry_delays_s)
    return sandbox
