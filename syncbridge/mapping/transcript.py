"""What a message, or a session of them, looks like as the plain text of a CRM entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from syncbridge.model.conversation import Direction, MessageKind, MessageStatus
from syncbridge.normalize.text import clean_line, clean_text

#: Characters of an entry; the tightest CRM takes a few thousand more, which markers may use.
MAX_CHARS: Final = 60_000
#: Characters of one message's own words, so that what happened to it still fits below them.
MAX_TEXT_CHARS: Final = 50_000
#: Characters of a name and of the excerpt of the message that is answered.
MAX_EXCERPT_CHARS: Final = 120

_WITHDRAWN: Final = "This message was withdrawn"


@dataclass(frozen=True, slots=True)
class Line:
    """One message as it stands now, with everything that happened to it."""

    #: Aware; shown in UTC.
    at: datetime
    direction: Direction
    #: "" when unknown.
    sender_name: str = ""
    text: str = ""
    kind: MessageKind = MessageKind.TEXT
    #: The file's name; "" when it has none.
    media_line: str = ""
    #: Where the file can be fetched; "" while it cannot.
    media_url: str = ""
    #: Why the file is missing; "" when it is there or still on its way.
    media_missing: str = ""
    status: MessageStatus | None = None
    #: (emoji, who put it there).
    reactions: tuple[tuple[str, str], ...] = ()
    is_edited: bool = False
    is_revoked: bool = False
    #: The words this message answers; "" when it answers none.
    reply_excerpt: str = ""
    is_forwarded: bool = False
    #: Why the content is incomplete.
    problems: tuple[str, ...] = ()
    #: Where the person came from, as the vendor gives it.
    referral: Mapping[str, Any] = field(default_factory=dict)
    #: Of a failed message: the vendor's code and words.
    error: str = ""


def render_message(line: Line) -> str:
    """Answer the text of an entry that stands for one message."""
    return _cut(f"{_head(line)}\n{_body(line)}", MAX_CHARS - _NOTE_CHARS)


def render_session(lines: Sequence[Line]) -> str:
    """Answer the text of an entry that stands for a session: its messages, oldest first.

    When it would grow too long the oldest messages go, and a note says how many.
    """
    blocks = [render_message(line) for line in sorted(lines, key=lambda line: line.at)]
    kept = _newest(blocks, MAX_CHARS - _NOTE_CHARS)
    left_out = len(blocks) - len(kept)
    if left_out:
        noun = "message is" if left_out == 1 else "messages are"
        kept.insert(0, f"({left_out:,} earlier {noun} not shown here)")
    return "\n\n".join(kept)


_NOTE_CHARS = 80

#: Kinds whose name stands before their words, because the words alone would mislead.
_KIND_NAMES: Final = {
    MessageKind.IMAGE: "image",
    MessageKind.VIDEO: "video",
    MessageKind.AUDIO: "audio",
    MessageKind.DOCUMENT: "document",
    MessageKind.STICKER: "sticker",
    MessageKind.LOCATION: "location",
    MessageKind.CONTACTS: "contact card",
    MessageKind.ORDER: "order",
    MessageKind.SYSTEM: "system",
    MessageKind.TEMPLATE: "template",
    MessageKind.UNSUPPORTED: "unsupported message",
    MessageKind.UNKNOWN: "unknown message",
}
_HAS_FILE: Final = frozenset(
    {
        MessageKind.IMAGE,
        MessageKind.VIDEO,
        MessageKind.AUDIO,
        MessageKind.DOCUMENT,
        MessageKind.STICKER,
    }
)
_STATUS_WORDS: Final = {
    MessageStatus.SENT: "sent",
    MessageStatus.DELIVERED: "delivered",
    MessageStatus.READ: "read",
    MessageStatus.PLAYED: "played",
    MessageStatus.FAILED: "not delivered",
}


def _head(line: Line) -> str:
    """Answer who wrote when: "Anna Müller, 21 Nov 2026 10:15:03 UTC"."""
    is_ours = line.direction is Direction.OUTBOUND
    who = _short(clean_line(line.sender_name)) or ("Our side" if is_ours else "Customer")
    when = line.at.astimezone(UTC).strftime("%d %b %Y %H:%M:%S UTC").lstrip("0")
    arrow = "sent" if is_ours else "received"
    return f"{who}, {arrow} {when}"


def _body(line: Line) -> str:
    if line.is_revoked:
        return _WITHDRAWN
    return "\n".join((*_before(line), *_content(line), *_after(line)))


def _before(line: Line) -> Iterable[str]:
    if line.is_forwarded:
        yield "(forwarded)"
    if line.referral:
        yield _referral(line.referral)
    if excerpt := clean_line(line.reply_excerpt):
        yield f"> {_short(excerpt)}"


def _content(line: Line) -> Iterable[str]:
    text = _cut(clean_text(line.text), MAX_TEXT_CHARS)
    edited = " (edited)" if line.is_edited else ""
    name = _KIND_NAMES.get(line.kind)
    if name is None:
        yield f"{text or '(no text)'}{edited}"
    elif line.kind in _HAS_FILE or line.media_line:
        yield f"[{name}] {clean_line(line.media_line)}".rstrip() + ("" if text else edited)
        if text:
            yield f"{text}{edited}"
    else:
        yield f"[{name}] {text}".rstrip() + edited


def _after(line: Line) -> Iterable[str]:
    if line.media_url:
        yield f"File: {line.media_url}"
    if line.media_missing:
        yield f"file missing: {clean_line(line.media_missing)}"
    for problem in line.problems:
        yield f"incomplete: {clean_line(problem)}"
    if line.reactions:
        yield "Reactions: " + ", ".join(
            clean_line(f"{emoji} {who}") for emoji, who in line.reactions
        )
    if line.status is not None:
        yield f"Status: {_status(line)}"


def _status(line: Line) -> str:
    words = _STATUS_WORDS[line.status] if line.status else ""
    error = clean_line(line.error)
    return f"{words}: {error}" if error and line.status is MessageStatus.FAILED else words


def _referral(referral: Mapping[str, Any]) -> str:
    """Answer where the person came from, by the parts that mean something to people."""
    parts = (referral.get(key) for key in ("headline", "source_url", "source_id"))
    words = [clean_line(str(part)) for part in parts if part]
    return "Came from an advertisement" + (f": {', '.join(words)}" if words else "")


def _short(text: str) -> str:
    if len(text) <= MAX_EXCERPT_CHARS:
        return text
    return text[: MAX_EXCERPT_CHARS - 1].rstrip() + "…"


def _cut(text: str, max_chars: int) -> str:
    """Answer the text, or its beginning with a note of how much is not shown."""
    if len(text) <= max_chars:
        return text
    kept = text[: max_chars - _NOTE_CHARS]
    return f"{kept}\n({len(text) - len(kept):,} more characters are not shown here)"


def _newest(blocks: Sequence[str], max_chars: int) -> list[str]:
    """Answer as many blocks from the end as fit, the last one always."""
    first, left = len(blocks), max_chars
    while first and (first == len(blocks) or left >= len(blocks[first - 1]) + 2):
        first -= 1
        left -= len(blocks[first]) + 2
    return list(blocks[first:])
