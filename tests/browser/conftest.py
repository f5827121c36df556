from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from syncbridge.sandbox import SandboxServer
from tests.service.web_world import TOKEN, World, furnish, world

_ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]

#: The machine may be busy with other tests.
expect.set_options(timeout=15_000)


@dataclass
class Console:
    """A browser at the pages of a served, furnished world, and what it complained about."""

    world: World
    url: str
    page: Page
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page; links of other pages may be followed by clicks as well."""
        self.page.goto(self.url + path)

    def sign_in(self) -> None:
        self.go(f"/?token={TOKEN}")

    def heard(self, message: ConsoleMessage) -> None:
        """A violated policy, a script's error and a failed request are all told here."""
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)


@pytest.fixture(scope="module")
def launched() -> Iterator[Callable[[str], Browser]]:
    """A browser that the tests of a module share, launched by the first of them."""
    with sync_playwright() as driver:
        yield cache(lambda path: driver.chromium.launch(executable_path=path, args=_ARGUMENTS))


@pytest.fixture
def console(tmp_path, chromium_path, launched) -> Iterator[Console]:
    """Signed out; afterwards the browser must have had nothing to complain about."""
    with world(tmp_path) as made, SandboxServer(made.app) as server:
        furnish(made)
        made.beat()
        context = launched(chromium_path).new_context()
        opened = Console(made, server.url, context.new_page())
        context.on("console", opened.heard)
        context.on("weberror", lambda found: opened.complaints.append(str(found.error)))
        opened.page.on("dialog", lambda dialog: opened.complaints.append(dialog.message))
        yield opened
        context.close()
        assert opened.complaints == []
