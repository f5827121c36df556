"""What the imitated WhatsApp knows: files, what people said, what the business sent."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.whatsapp.sandbox.payloads import BUSINESS, wamid

#: Files that came by webhook are kept so long, seconds.
_KEPT_S = 7 * 24 * 3600
#: Addresses of files live so long, seconds.
ADDRESS_LIVES_S = 300


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file with its id."""

    id: str
    content: bytes
    mime_type: str
    #: Unix seconds.
    stored_at: int

    @property
    def sha256(self) -> str:
        """The hash in hex."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(slots=True)
class World:
    """The state of the imitation; its user holds the sandbox's lock."""

    business: str = BUSINESS
    #: What was put into webhooks by the control API, as items.
    said: list[Mapping[str, Any]] = field(default_factory=list)
    #: What was sent through the API, as posted, with its id and time.
    sent: list[Mapping[str, Any]] = field(default_factory=list)
    files: dict[str, StoredFile] = field(default_factory=dict)
    _serials: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def next_id(self, number: str, *, is_inbound: bool) -> str:
        """Answer a message id that was not used before."""
        return wamid(number, next(self._serials), is_inbound=is_inbound)

    def keep(self, content: bytes, mime_type: str, *, at: int) -> StoredFile:
        """Store a file under a new id."""
        media_id = str(7_000_000_000_000_000 + next(self._serials))
        self.files[media_id] = StoredFile(media_id, content, mime_type, at)
        return self.files[media_id]

    def file(self, media_id: str, *, at: int) -> StoredFile | None:
        """Answer a file that is still kept."""
        found = self.files.get(media_id)
        return found if found and at < found.stored_at + _KEPT_S else None

    def clear(self) -> None:
        """Forget everything but which ids were given out."""
        self.said.clear()
        self.sent.clear()
        self.files.clear()
