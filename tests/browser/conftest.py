from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect, sync_playwright

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


@pytest.fixture
def console(tmp_path, chromium_path) -> Iterator[Console]:
    """Signed out; afterwards the browser must have had nothing to complain about."""
    with world(tmp_path) as made, SandboxServer(made.app) as server, sync_playwright() as driver:
        furnish(made)
        made.beat()
        browser = driver.chromium.launch(executable_path=chromium_path, args=_ARGUMENTS)
        page = browser.new_page()
        opened = Console(made, server.url, page)
        page.on("console", opened.heard)
        page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        page.on("dialog", lambda dialog: opened.complaints.append(dialog.message))
        yield opened
        browser.close()
        assert opened.complaints == []
