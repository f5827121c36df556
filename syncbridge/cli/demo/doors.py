"""The public doors that the demo uses: control APIs of the accounts, the command line, HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

_TIMEOUT_S = 30.0
#: Never by way of a proxy: everything is on this machine.
_OPENER = build_opener(ProxyHandler({}))


class Refused(Exception):
    """A door did not do what was asked of it."""


def ask(
    method: str,
    url: str,
    body: object = None,
    *,
    token: str = "",
    content_type: str = "application/json",
) -> Any:
    """Make one call and answer its JSON; None when there is none.

    Raises:
        Refused: the answer was no 2xx, or there was none.
    """
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    headers = {"Content-Type": content_type} if data is not None else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = Request(url, data=data, headers=headers, method=method)  # noqa: S310 - our own
    try:
        with _OPENER.open(request, timeout=_TIMEOUT_S) as response:
            text = response.read()
    except HTTPError as exc:
        with exc:
            raise Refused(f"{method} {url}: {exc.code} {exc.read()[:300]!r}") from exc
    except (URLError, OSError) as exc:
        raise Refused(f"{method} {url}: {exc}") from exc
    return json.loads(text) if text else None


def get(url: str, *, token: str = "") -> Any:
    """Answer what is at an address.

    Raises:
        Refused: as `ask`.
    """
    return ask("GET", url, token=token)


def is_up(url: str) -> bool:
    """Say whether somebody answers there."""
    try:
        get(url)
    except Refused:
        return False
    return True


class Crm:
    """One imitated CRM account, by its control API: what its sales people do and see."""

    def __init__(self, url: str) -> None:
        self._control = f"{url}/_control"

    def create(self, properties: Mapping[str, str]) -> str:
        """Add a contact; answer its id."""
        made = ask("POST", f"{self._control}/contacts", {"properties": dict(properties)})
        return str(made["id"])

    def edit(self, contact_id: str, name: str, value: str) -> Mapping[str, Any]:
        """Change one property; answer the contact with its history."""
        path = f"{self._control}/contacts/{contact_id}"
        changed: Mapping[str, Any] = ask("PATCH", path, {"properties": {name: value}})
        return changed

    def merge(self, primary: str, other: str) -> str:
        """Merge two contacts; answer the id of the one they became."""
        path = f"{self._control}/contacts/merge"
        return str(ask("POST", path, {"primary": primary, "other": other})["id"])

    def archive(self, contact_id: str) -> None:
        """Delete a contact."""
        ask("DELETE", f"{self._control}/contacts/{contact_id}")

    def records(self, kind: str) -> list[Mapping[str, Any]]:
        """Answer every record of a type that is not archived."""
        found = get(f"{self._control}/records/{kind}")["results"]
        return [record for record in found if not record.get("archived")]

    def arm(self, spec: str) -> None:
        """Let something go wrong."""
        ask("POST", f"{self._control}/faults", {"spec": spec})

    def faults(self) -> list[Mapping[str, Any]]:
        """Answer the armed faults, with how often each hit."""
        found: list[Mapping[str, Any]] = get(f"{self._control}/faults")["faults"]
        return found

    def expire_token(self) -> None:
        """Refuse the token until it is renewed."""
        ask("POST", f"{self._control}/expire-token", {})

    def renew_token(self) -> None:
        """Accept the token again."""
        ask("POST", f"{self._control}/renew-token", {})

    def calls(self) -> Mapping[str, Any]:
        """Answer how often the API was called, by route and in total."""
        found: Mapping[str, Any] = get(f"{self._control}/calls")
        return found

    def webhooks(self) -> Mapping[str, Any]:
        """Answer how the account's webhooks went."""
        found: Mapping[str, Any] = get(f"{self._control}/webhooks")
        return found


class Phones(Crm):
    """The imitated WhatsApp: what people say, and how its deliveries went."""

    def keep(self, mime_type: str, content: bytes) -> str:
        """Store a file; answer its id."""
        path = f"{self._control}/media"
        return str(ask("POST", path, content, content_type=mime_type)["id"])

    def deliver(self, updates: tuple[Mapping[str, Any], ...]) -> None:
        """Send updates in one delivery."""
        ask("POST", f"{self._control}/batch", {"updates": list(updates)})


class Operator:
    """What ops do at the command line, in processes of their own."""

    def __init__(self, config: Path) -> None:
        self._config = str(config)

    def run(self, *args: str) -> Any:
        """Run a command and answer its JSON.

        Raises:
            Refused: it failed, with what it said.
        """
        command = [sys.executable, "-m", "syncbridge", *args, "--config", self._config, "--json"]
        done = subprocess.run(  # noqa: S603 - our own program
            command, capture_output=True, timeout=120, check=False
        )
        # 3 says that something waits for a person: it is done all the same.
        if done.returncode not in (0, 3):
            said = done.stderr.decode(errors="replace").strip()[-600:]
            raise Refused(f"syncbridge {' '.join(args)}: exit {done.returncode}: {said}")
        return json.loads(done.stdout)
