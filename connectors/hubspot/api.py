"""Where HubSpot's families of calls live, and the calls that everything else is made of."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.hubspot.wire import dicts_in
from syncbridge.errors import Unavailable
from syncbridge.remote.answer import Answer
from syncbridge.remote.base import ConnectionSetup

CONTACTS = "contacts"
COMMUNICATIONS = "communications"


@dataclass(frozen=True, slots=True)
class Api:
    """One account's API at one version.

    https://developers.hubspot.com/docs/api-reference/overview: the version stands after the
    family since March 2026.
    """

    setup: ConnectionSetup

    @property
    def connection(self) -> str:
        """The connection's name."""
        return self.setup.name

    @property
    def now(self) -> datetime:
        """Our clock."""
        return self.setup.now()

    def objects(self, kind: str, tail: str = "") -> str:
        """The path of one object type, or of something below it."""
        return f"/crm/objects/{self._version}/{kind}{tail}"

    def associated(self, source: str, target: str) -> str:
        """The path by which associations are read in bulk."""
        return f"/crm/associations/{self._version}/{source}/{target}/batch/read"

    def properties(self, kind: str) -> str:
        """The path of an object type's properties."""
        return f"/crm/properties/{self._version}/{kind}"

    @property
    def details(self) -> str:
        """The path of the account's details."""
        return f"/account-info/{self._version}/details"

    @property
    def _version(self) -> str:
        return self.setup.text("api_version")

    def get(
        self,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        accept: Collection[int] = (),
    ) -> Answer:
        """Read something."""
        return self.setup.http.send("GET", path, is_write=False, params=params, accept=accept)

    def ask(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Read by a POST that changes nothing: a batch of ids, or a search."""
        return self.setup.http.send("POST", path, is_write=False, json=body)

    def write(self, path: str, body: Mapping[str, Any], *, accept: Collection[int] = ()) -> Answer:
        """Change something."""
        return self.setup.http.send("POST", path, is_write=True, json=body, accept=accept)

    def results(self, answer: Answer) -> list[Mapping[str, Any]]:
        """Answer the records of a list, a batch or a search.

        Raises:
            Unavailable: the answer has no list, so it is not HubSpot's.
        """
        listed = answer.object.get("results")
        if not isinstance(listed, list):
            raise Unavailable("the answer lists no results", connection=self.connection)
        return dicts_in(listed)


def in_chunks(ids: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    """Cut ids into stretches of at most `most`."""
    return (ids[start : start + most] for start in range(0, len(ids), most))


def next_after(page: Mapping[str, Any]) -> str:
    """Answer where a list goes on, "" at its end."""
    paging = page.get("paging")
    following = paging.get("next") if isinstance(paging, dict) else None
    return str(following.get("after") or "") if isinstance(following, dict) else ""
