"""HubSpot as a connector: contacts both ways, messages into their timelines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from types import MappingProxyType
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.hubspot import account, webhook
from connectors.hubspot.api import Api
from connectors.hubspot.batches import in_order
from connectors.hubspot.contacts import find_contact, find_contacts, push_contacts, read_contacts
from connectors.hubspot.feed import pull_contacts
from connectors.hubspot.messages import find_message, find_messages, push_messages
from connectors.hubspot.refusals import error_table
from connectors.hubspot.wire import BODY, EXTERNAL_ID, Reader
from syncbridge.errors import Problem
from syncbridge.model.event import Parsed
from syncbridge.model.record import Kind, Snapshot
from syncbridge.remote.answer import ErrorTable
from syncbridge.remote.base import (
    Account,
    Capabilities,
    ConnectionSetup,
    Connector,
    ContactWrite,
    Finding,
    Gone,
    MessageWrite,
    Once,
    Option,
    Outcome,
    Page,
    WebhookRequest,
    Write,
)


class HubSpot(Connector):
    """Contacts and communications of one HubSpot account.

    Safe to repeat: contacts are created by upsert on our unique property. Communications have no
    such key and are looked for by their marker. HubSpot has no compare-and-set: an edit made
    between the engine's guarding read and its write shows in the property's history only.
    """

    name: ClassVar[str] = "hubspot"
    default_base_url: ClassVar[str] = "https://api.hubapi.com"
    options: ClassVar[tuple[Option, ...]] = (
        Option(
            "access_token",
            "Token of a service key, or of a project app with static auth.",
            required=True,
            secret=True,
        ),
        Option(
            "client_secret",
            "Client secret of the app whose webhooks come here; without it none are accepted.",
            secret=True,
        ),
        Option("portal_id", "Number of the account, shown at its top right."),
        Option(
            "app_id", "Number of the app that owns the token: tells its own edits in histories."
        ),
        Option("api_version", "Dated version of the API.", default="2026-03"),
        Option(
            "time_zone",
            "Time zone of the account: its daily quota is renewed at midnight there.",
            default="UTC",
        ),
        Option(
            "accepts_v1_signature",
            "Accept webhooks that carry only the old signature, which a listener can repeat.",
            default=False,
            type=bool,
        ),
    )
    capabilities: ClassVar[Capabilities] = Capabilities(
        reads=frozenset({Kind.CONTACT}),
        writes=frozenset({Kind.CONTACT, Kind.MESSAGE}),
        feeds=MappingProxyType({"contacts": Kind.CONTACT}),
        once=MappingProxyType(
            {
                Kind.CONTACT: Once("upsert", EXTERNAL_ID),
                Kind.MESSAGE: Once("readback", BODY),
            }
        ),
        push_batch=100,
        read_batch=50,
        window_ms=1,
        has_history=True,
    )

    def __init__(self, setup: ConnectionSetup) -> None:
        super().__init__(setup)
        self._api = Api(setup)
        self._fields = setup.fields.get(Kind.CONTACT, ())
        self._reader = Reader(setup.name, self._fields, setup.text("app_id"))

    @classmethod
    def headers(cls, options: Mapping[str, str | int | float | bool | None]) -> Mapping[str, str]:
        """Answer the token's header."""
        return {"Authorization": f"Bearer {options.get('access_token') or ''}"}

    @classmethod
    def table(cls, options: Mapping[str, str | int | float | bool | None]) -> ErrorTable:
        """Answer what refusals mean, by the account's midnight."""
        return error_table(_zone(str(options.get("time_zone") or "UTC")) or UTC)

    @classmethod
    def problems(cls, options: Mapping[str, object]) -> list[Problem]:
        """Answer what is wrong with the options beyond their types."""
        found = []
        version = str(options.get("api_version") or "2026-03")
        if not re.fullmatch(r"20\d\d-(03|09)(-beta)?", version):
            remedy = "give a dated version such as 2026-03"
            found.append(Problem("api_version", f"{version!r} is no version", remedy))
        zone = str(options.get("time_zone") or "UTC")
        if _zone(zone) is None:
            remedy = "give an IANA name such as Europe/Berlin"
            found.append(Problem("time_zone", f"{zone!r} is no time zone", remedy))
        portal_id = str(options.get("portal_id") or "0")
        if not portal_id.isdecimal():
            found.append(Problem("portal_id", f"{portal_id!r} is not a number"))
        return found

    def verify(self, request: WebhookRequest) -> None:
        """Return only if HubSpot signed the delivery for us within the last five minutes."""
        accepts_v1 = self.setup.options.get("accepts_v1_signature") is True
        webhook.verify(request, self.setup.text("client_secret"), accepts_v1=accepts_v1)

    def parse(self, body: bytes) -> Parsed:
        """Split a verified delivery into its events."""
        return webhook.parse(body)

    def account(self) -> Account:
        """Ask whose account the token opens."""
        return account.account(self._api)

    def check(self) -> list[Finding]:
        """Look whether token, scopes and properties are as the connection needs them."""
        return account.check(self._api, self._fields)

    def prepare(self) -> list[Finding]:
        """Create our unique property and the mapped properties that are missing."""
        return account.prepare(self._api, self._fields)

    def read(self, kind: Kind, remote_ids: Sequence[str]) -> dict[str, Snapshot | Gone]:
        """Read contacts by id, with the time of each mapped property's last change."""
        if kind is not Kind.CONTACT:
            raise self._unable(f"read a {kind}")
        return read_contacts(self._api, self._reader, remote_ids) if remote_ids else {}

    def pull(self, feed: str, cursor: str | None) -> Page:
        """Read the next stretch of contacts."""
        if feed not in self.capabilities.feeds:
            raise self._unable(f"list {feed}")
        return pull_contacts(self._api, self._reader, cursor)

    def push(self, writes: Sequence[Write]) -> list[Outcome]:
        """Write contacts or entries, each kind in at most two calls."""
        outcomes = {
            **push_contacts(self._api, [w for w in writes if isinstance(w, ContactWrite)]),
            **push_messages(self._api, [w for w in writes if isinstance(w, MessageWrite)]),
        }
        return in_order(writes, outcomes)

    def find(self, write: Write) -> Outcome | None:
        """Answer what a write of unknown outcome made, read by id or association."""
        if isinstance(write, MessageWrite):
            return find_message(self._api, write)
        return find_contact(self._api, write)

    def find_all(self, writes: Sequence[Write]) -> dict[str, Outcome]:
        """Answer what creates of unknown outcome made, in a few calls for all of them."""
        contacts = [w for w in writes if isinstance(w, ContactWrite)]
        entries = [w for w in writes if isinstance(w, MessageWrite)]
        return {**find_contacts(self._api, contacts), **find_messages(self._api, entries)}


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
