"""WhatsApp as a connector: a channel whose messages come by webhook and whose files are loaded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from connectors.whatsapp.graph import ERRORS
from connectors.whatsapp.media import load_media
from connectors.whatsapp.webhook import answer_handshake, check_signature
from connectors.whatsapp.wire import parse
from connectors.whatsapp.wire.value import word
from syncbridge.errors import NotFound, Problem, Rejected, Suspended
from syncbridge.model.event import Parsed
from syncbridge.model.record import Kind
from syncbridge.remote.answer import ErrorTable
from syncbridge.remote.base import (
    Account,
    Capabilities,
    Connector,
    Finding,
    MediaFile,
    Option,
    WebhookRequest,
)

_NUMBER_FIELDS = "id,display_phone_number,verified_name,quality_rating,name_status"


class WhatsApp(Connector):
    """One WhatsApp business number on Meta's Cloud API."""

    name: ClassVar[str] = "whatsapp"
    options: ClassVar[tuple[Option, ...]] = (
        Option(
            "phone_number_id",
            "The number's id (not the number), under WhatsApp > API Setup in Meta's dashboard.",
            required=True,
        ),
        Option(
            "app_secret",
            "The app's secret, under App settings > Basic; it signs the webhooks.",
            required=True,
            secret=True,
        ),
        Option(
            "verify_token",
            "A word of your own choice, written into Meta's webhook form as well.",
            required=True,
            secret=True,
        ),
        Option("access_token", "A system user's token; without it files stay away.", secret=True),
        Option(
            "portfolio_id",
            "The business portfolio's id; give numbers of one portfolio the same.",
            default="",
        ),
        Option("api_version", "Version of the Graph API.", default="v23.0"),
    )
    capabilities: ClassVar[Capabilities] = Capabilities(
        reads=frozenset({Kind.MESSAGE, Kind.CONTACT}),
        window_ms=1000,
        has_media=True,
        is_channel=True,
    )
    default_base_url: ClassVar[str] = "https://graph.facebook.com"
    error_table: ClassVar[ErrorTable] = ERRORS
    other_hosts: ClassVar[tuple[str, ...]] = (
        "facebook.com",
        "fbcdn.net",
        "fbsbx.com",
        "whatsapp.net",
    )

    @classmethod
    def headers(cls, options: Mapping[str, str | int | float | bool | None]) -> Mapping[str, str]:
        """Answer the bearer token's header, none without a token."""
        token = options.get("access_token")
        return {"Authorization": f"Bearer {token}"} if token else {}

    @classmethod
    def problems(cls, options: Mapping[str, object]) -> list[Problem]:
        """Answer what is wrong with the shape of ids and versions."""
        problems = []
        if not re.fullmatch(r"[0-9]+", str(options.get("phone_number_id") or "")):
            remedy = "copy the phone number id from API Setup: digits, without plus or blanks"
            problems.append(Problem("phone_number_id", "not an id of Meta's", remedy))
        version = options.get("api_version")
        if version is not None and not re.fullmatch(r"v[0-9]+\.[0-9]+", str(version)):
            problems.append(Problem("api_version", "not a version", 'write it as "v23.0"'))
        return problems

    def handshake(self, query: Mapping[str, str]) -> str:
        """Answer Meta's challenge.

        Raises:
            WebhookRefused: it is no subscription (400), or the verify token is not ours (403).
        """
        return answer_handshake(query, self.setup.text("verify_token"))

    def verify(self, request: WebhookRequest) -> None:
        """Return only if the raw body was signed with the app's secret.

        Raises:
            WebhookRefused: the signature is missing or wrong (401).
        """
        check_signature(request.body, request.headers, self.setup.text("app_secret"))

    def parse(self, body: bytes) -> Parsed:
        """Split a delivery into events; see `connectors.whatsapp.wire`.

        Raises:
            WebhookRefused: the body as a whole is not a delivery of WhatsApp (400).
        """
        return parse(body)

    def account(self) -> Account:
        """Ask for the number's verified name.

        Without an access token nobody can be asked, and the configured id is the answer.
        """
        if not self.setup.text("access_token"):
            return Account(self._number_id)
        told = self._number()
        name = word(told.get("verified_name")) or word(told.get("display_phone_number"))
        return Account(word(told.get("id")) or self._number_id, name)

    def check(self) -> list[Finding]:
        """Look whether the number can be reached, and how Meta rates it."""
        if not self.setup.text("access_token"):
            remedy = "set access_token to a system user's token"
            return [Finding(False, "no access token: messages arrive, their files do not", remedy)]
        try:
            told = self._number()
        except NotFound as exc:
            remedy = "compare phone_number_id with API Setup, and give the token that number"
            return [Finding(False, f"the number is not found: {exc}", remedy)]
        except (Rejected, Suspended) as exc:
            remedy = "make a token with whatsapp_business_messaging and _management"
            return [Finding(False, f"Meta refuses the token: {exc}", remedy)]
        return [_reached(told), _rated(told)]

    def fetch_media(self, remote_id: str) -> MediaFile:
        """Load a message's file, within seven days of the message.

        Raises:
            RemoteError: as `connectors.whatsapp.media.load_media` says.
        """
        return load_media(
            self.setup.http,
            remote_id,
            version=self.setup.text("api_version"),
            phone_number_id=self._number_id,
        )

    @property
    def _number_id(self) -> str:
        return self.setup.text("phone_number_id")

    def _number(self) -> Mapping[str, Any]:
        path = f"/{self.setup.text('api_version')}/{self._number_id}"
        return self.setup.http.send(
            "GET", path, is_write=False, params={"fields": _NUMBER_FIELDS}
        ).object


def _reached(told: Mapping[str, Any]) -> Finding:
    name = word(told.get("verified_name")) or word(told.get("display_phone_number"))
    return Finding(True, f"the token reads the number of {name or 'an unnamed business'}")


def _rated(told: Mapping[str, Any]) -> Finding:
    rating = word(told.get("quality_rating")).upper()
    if rating in ("YELLOW", "RED"):
        remedy = "see Insights in WhatsApp Manager: people blocked or reported the number"
        return Finding(rating != "RED", f"the number's quality is {rating.lower()}", remedy)
    return Finding(True, f"the number's quality is {rating.lower() or 'not told'}")
