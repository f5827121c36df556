"""What a message says, by its type, with words that a person can read for each of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from connectors.whatsapp.wire.cards import cards, location, order
from connectors.whatsapp.wire.replies import button, interactive
from connectors.whatsapp.wire.value import listed, mapping, sha256_hex, text, word
from syncbridge.model.conversation import Content, Media, MessageKind

#: Keys that say something about a message other than what it contains.
_ENVELOPE = frozenset(
    {
        "context", "errors", "from", "from_parent_user_id", "from_user_id", "group_id",
        "history_context", "id", "referral", "timestamp", "to", "to_parent_user_id", "to_user_id",
    }
)  # fmt: skip

#: Characters that would make a file name a path, or read other than it is written.
_NOT_IN_NAMES = re.compile("[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

NO_CONTENT = "WhatsApp sent no content for this message"


def type_of(message: Mapping[str, Any]) -> str:
    """Answer a message's type; where it is not told, the one whose content it carries; else ""."""
    told = word(message.get("type"))
    return told or next((kind for kind in _READERS if kind in message), "")


def read_content(message: Mapping[str, Any], about: Mapping[str, Any]) -> Content:
    """Read what a message of any type says.

    Args:
        message: an item of `messages[]`, or the inner message of an edit.
        about: details beside the content (a group, a product asked about), to be kept with it.
    """
    kind = type_of(message)
    reader = _READERS.get(kind)
    problems = error_lines(message.get("errors"))
    if reader is None:
        content = _unknown(kind, message)
    elif isinstance(part := message.get(kind), _SHAPES.get(kind, dict)):
        content = reader(part)
    elif kind in _UNSUPPORTED:
        content = Content(MessageKind.UNSUPPORTED)
    else:
        content = Content(MessageKind(kind), problems=(NO_CONTENT,))
    if not (problems or about):
        return content
    return Content(
        content.kind,
        content.text,
        content.media,
        {**content.details, **about},
        content.problems + problems,
    )


def error_lines(errors: object) -> tuple[str, ...]:
    """Answer Meta's errors as one line each: code, title and, where it says more, the details."""
    return tuple(error_line(error) for error in listed(errors) if isinstance(error, dict))


def error_line(error: Mapping[str, Any]) -> str:
    """Answer one of Meta's errors: "code title: details", as far as it says each."""
    title = word(error.get("title")) or word(error.get("message"))
    details = word(mapping(error.get("error_data")).get("details")) or word(error.get("details"))
    line = " ".join(filter(None, (word(error.get("code")), title)))
    return ": ".join(filter(None, (line, details if details != title else "")))


def _text(part: Mapping[str, Any]) -> Content:
    body = part.get("body")
    problems = () if isinstance(body, str) else (NO_CONTENT,)
    return Content(MessageKind.TEXT, text(body), problems=problems)


def _media(kind: MessageKind) -> Callable[[Mapping[str, Any]], Content]:
    def read(part: Mapping[str, Any]) -> Content:
        media = Media(
            remote_id=word(part.get("id")),
            mime_type=word(part.get("mime_type")),
            sha256=sha256_hex(part.get("sha256")),
            filename=_filename(text(part.get("filename"))),
            url=word(part.get("url")),
            is_voice=part.get("voice") is True,
            is_animated=part.get("animated") is True,
        )
        problems = () if media.remote_id else ("WhatsApp named no file",)
        return Content(kind, text(part.get("caption")), media, problems=problems)

    return read


def _filename(written: str) -> str:
    """Answer the last part of a file name that a stranger chose."""
    return _NOT_IN_NAMES.sub("", written.replace("\\", "/").rpartition("/")[2]).strip(" .")


def _unsupported(part: Mapping[str, Any]) -> Content:
    return Content(MessageKind.UNSUPPORTED, details={"unsupported": part})


def _unknown(kind: str, message: Mapping[str, Any]) -> Content:
    # A placeholder in history stands for a file that is announced by itself, later.
    raw = {key: value for key, value in message.items() if key not in _ENVELOPE}
    return Content(MessageKind.UNKNOWN, details={**raw, "type": kind})


def _system(part: Mapping[str, Any]) -> Content:
    return Content(MessageKind.SYSTEM, text(part.get("body")), details={"system": part})


_UNSUPPORTED = frozenset({"unsupported", "unknown"})

#: Content that is not an object.
_SHAPES: Mapping[str, type] = {"contacts": list}

_READERS: Mapping[str, Callable[[Any], Content]] = {
    "text": _text,
    "image": _media(MessageKind.IMAGE),
    "video": _media(MessageKind.VIDEO),
    "audio": _media(MessageKind.AUDIO),
    "document": _media(MessageKind.DOCUMENT),
    "sticker": _media(MessageKind.STICKER),
    "location": location,
    "contacts": cards,
    "interactive": interactive,
    "button": button,
    "order": order,
    "system": _system,
    "unsupported": _unsupported,
    "unknown": _unsupported,
}

#: Types whose file can be announced after the message.
MEDIA_TYPES = frozenset({"image", "video", "audio", "document", "sticker"})
