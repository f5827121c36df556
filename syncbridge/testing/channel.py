"""A messaging channel in memory: what it says is handed over as signed deliveries."""

from __future__ import annotations

from types import MappingProxyType
from typing import ClassVar

from typing_extensions import override

from syncbridge.errors import NotFound
from syncbridge.model.event import Parsed
from syncbridge.remote.base import (
    Account,
    Capabilities,
    ConnectionSetup,
    Connector,
    Finding,
    MediaFile,
    Option,
    WebhookRequest,
)
from syncbridge.testing import wire
from syncbridge.testing.script import Script


class MemoryChannel(Connector):
    """Messages come from here; files are kept by their id."""

    name: ClassVar[str] = "memory_channel"
    options: ClassVar[tuple[Option, ...]] = ()
    default_base_url: ClassVar[str] = "http://channel.invalid"
    capabilities: ClassVar[Capabilities] = Capabilities(
        feeds=MappingProxyType({}), has_media=True, is_channel=True, window_ms=1_000
    )

    def __init__(self, setup: ConnectionSetup) -> None:
        super().__init__(setup)
        self.script = Script()
        #: Media id -> what it holds.
        self.files: dict[str, MediaFile] = {}

    @override
    def verify(self, request: WebhookRequest) -> None:
        wire.verify(request)

    @override
    def parse(self, body: bytes) -> Parsed:
        return wire.parse(body)

    @override
    def account(self) -> Account:
        self.script.begin("account")
        return Account(f"account-{self.setup.name}")

    @override
    def check(self) -> list[Finding]:
        return [Finding(is_good=True, what="a channel in memory is always there")]

    @override
    def fetch_media(self, remote_id: str) -> MediaFile:
        self.script.begin("fetch_media")
        if remote_id not in self.files:
            raise NotFound("no such file", connection=self.setup.name)
        return self.files[remote_id]
