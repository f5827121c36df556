"""Everything that a message can contain; `{key}` in it becomes the message's key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Content:
    """What a message of some type says."""

    #: Meta's name of the type.
    kind: str
    part: Any
    #: Its key reaches the entry.
    has_words: bool = True
    #: What the entry has to show besides.
    shown: tuple[str, ...] = ()


def with_files(files: Mapping[str, str]) -> list[Content]:
    """Answer messages with files: one of each sort, and one whose file is gone.

    Args:
        files: media type -> the id of a file that can be fetched.
    """
    jpeg = {"mime_type": "image/jpeg", "caption": "{key}"}
    film = {"id": files["video"], "mime_type": "video/mp4", "caption": "{key}"}
    voice = {"id": files["audio"], "mime_type": "audio/ogg; codecs=opus", "voice": True}
    offer = {"mime_type": "application/pdf", "filename": "../Angebot {key}.pdf"}
    return [
        Content("image", {"id": files["image"], **jpeg}, shown=("[image]",)),
        Content("video", film, shown=("[video]",)),
        Content("audio", voice, has_words=False, shown=("[audio]",)),
        Content("document", {"id": files["document"], **offer}, shown=("[document] Angebot",)),
        Content("sticker", {"id": files["sticker"], "mime_type": "image/webp"}, has_words=False),
        Content("image", {"id": "404404404", **jpeg}, shown=("file missing",)),
    ]


def without_files() -> list[Content]:
    """Answer messages of all other types, some of which nobody can read."""
    spot = {"latitude": 52.52, "longitude": 13.405, "name": "Café {key}", "address": "Berlin"}
    return [
        Content("location", spot, shown=("52.52", "Berlin")),
        Content("contacts", [_CARD], shown=("Dr. Ada Lovelace", "ada@example.org")),
        Content("interactive", _reply("button_reply", id="b1", title="Yes {key}")),
        Content("interactive", _reply("list_reply", id="l1", title="Row {key}")),
        Content("interactive", _reply("nfm_reply", **_FORM), has_words=False),
        Content("button", {"payload": "STOP", "text": "No thanks {key}"}),
        Content("order", _ORDER, shown=("2 x APL-IP15PM",)),
        Content("unsupported", {"type": "poll"}, has_words=False, shown=("[unsupported message]",)),
        Content("hologram", {"frames": 24}, has_words=False, shown=("[unknown message]",)),
    ]


def _reply(kind: str, **answer: str) -> dict[str, Any]:
    return {"type": kind, kind: answer}


_FORM = {"name": "flow", "body": "Sent", "response_json": '{"flow_token": "t-1", "size": "M"}'}
_CARD = {
    "name": {"formatted_name": "Dr. Ada Lovelace {key}", "first_name": "Ada"},
    "phones": [{"phone": "+44 20 7946 0000", "type": "WORK"}],
    "emails": [{"email": "ada@example.org", "type": "WORK"}],
    "org": {"company": "Engines Ltd"},
}
_ORDER = {
    "catalog_id": "194836987003835",
    "text": "Two please {key}",
    "product_items": [
        {
            "product_retailer_id": "APL-IP15PM",
            "quantity": "2",
            "item_price": "1199.0",
            "currency": "EUR",
        }
    ],
}
