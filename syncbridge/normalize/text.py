"""Tidy text: one Unicode form, no invisible characters, no stray markup; and e-mail addresses."""

# ruff: noqa: RUF001 (characters that look alike are what this module tells apart)

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from typing import Final

from syncbridge.normalize.reading import UNPARSED, Reading

#: Pictures, arrows, stars and the selectors that colour them; letters and digits are not in it.
_EMOJI: Final = (
    "\u2190-\u21ff\u2300-\u23ff\u2500-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001f12f\U0001f170-\U0001fbff\U000e0020-\U000e007f\ufe0e\ufe0f\u20e3"
)
#: Scripts whose letters are joined or kept apart by the two zero-width joiners.
_JOINED: Final = "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff"

_EMOJI_RUN = re.compile(f"[0-9#*]\ufe0f?\u20e3|[{_EMOJI}](?:\u200d?[{_EMOJI}])*\u200d?")
#: Controls, soft hyphen, zero-width spaces, direction marks, tags of interlinear notes.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_STRAY_JOINER = re.compile(
    f"(?<![{_JOINED}{_EMOJI}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINED}{_EMOJI}])"
)
#: Tags inside a word, and tags that part words.
_INLINE_TAG = re.compile(
    r"</?(?:a|b|em|font|i|img|s|small|span|strong|sub|sup|u)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_BLOCK_TAG = re.compile(
    r"</?(?:br|div|h[1-6]|hr|li|ol|p|table|td|th|tr|ul)(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,30});")
#: An ampersand escaped over and over.
_AMPERSAND = re.compile(r"&(?:(?:amp|#0*38|#x0*26);)+", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_SPACES_IN_LINE = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")


def clean_line(raw: str) -> str:
    """Answer the text on one line: NFC, nothing invisible, no HTML, single spaces, trimmed."""
    if _is_plain(raw):
        return raw.strip(" ")
    return settled(_line_once, raw)


def clean_text(raw: str) -> str:
    """Answer the text tidied like a line, its line breaks kept (two blank lines at most).

    Its markup is kept too: what a person wrote in a message is what they wrote.
    """
    if _is_plain(raw):
        return raw.strip(" ")
    return settled(_text_once, raw)


def strip_emoji(text: str) -> str:
    """Answer the text without emoji, dingbats and arrows; a space stays where one stood alone."""
    return text if text.isascii() and "#" not in text else settled(_emoji_once, text)


def fold(text: str) -> str:
    """Answer what two spellings of one text have in common: for comparing, never for showing.

    Case, accents, width, Arabic vowel signs and alef forms are folded away.
    """
    return settled(_fold_once, clean_line(text))


def read_email(raw: str) -> Reading:
    """Read one e-mail address: bare, with its domain in lower case.

    The local part keeps its case, since only its own server knows whether it matters; compare
    addresses by `email_key`. What is not one address stands verbatim, flagged.
    """
    text = clean_line(raw)
    bracketed = re.fullmatch(r"[^<>]*<([^<>]+)>", text)
    text = bracketed[1] if bracketed else text
    text = re.sub(r"^(?:mailto:|e-?mail:)\s*", "", text, flags=re.IGNORECASE).strip(" .,;'\"")
    if not _EMAIL.fullmatch(text):
        return Reading(clean_line(raw) or None, raw, UNPARSED)
    local, _, domain = text.rpartition("@")
    return Reading(f"{local}@{domain.lower()}", raw)


def email_key(email: str) -> str:
    """Answer the key that all spellings of one address share; "" if it is not an address."""
    reading = read_email(email)
    return reading.value.lower() if reading.value and reading.is_certain else ""


_EMAIL = re.compile(
    r"[^\s@<>()\[\],;:\"\\]{1,64}@(?=.{3,253}$)(?:\w(?:[\w-]{0,61}\w)?\.)+\w(?:[\w-]{0,61}\w)"
)


def settled(step: Callable[[str], str], text: str) -> str:
    """Repeat a step until it changes nothing: what one removal uncovers is removed as well.

    Text that is nested deeper than any honest one loses the signs it is nested by.
    """
    for _ in range(_MAX_ROUNDS):
        if (after := step(text)) == text:
            return text
        text = after
    return settled(step, _NESTING.sub(" ", text))


_MAX_ROUNDS = 20
_NESTING = re.compile("[<>&]")


def _is_plain(text: str) -> bool:
    return (
        text.isascii()
        and text.isprintable()
        and "<" not in text
        and "&" not in text
        and "  " not in text
    )


def _without_invisible(text: str) -> str:
    return _STRAY_JOINER.sub("", _INVISIBLE.sub("", text))


def _line_once(text: str) -> str:
    text = _ENTITY.sub(lambda match: html.unescape(match[0]), _AMPERSAND.sub("&", text))
    text = _without_invisible(_BLOCK_TAG.sub(" ", _INLINE_TAG.sub("", text)))
    return unicodedata.normalize("NFC", _SPACES.sub(" ", text).strip())


def _text_once(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    text = _SPACES_IN_LINE.sub(" ", _without_invisible(text))
    text = "\n".join(line.strip() for line in text.split("\n"))
    return unicodedata.normalize("NFC", _BLANK_LINES.sub("\n\n", text).strip())


def _emoji_once(text: str) -> str:
    return _SPACES.sub(" ", _EMOJI_RUN.sub(" ", text)).strip()


#: Latin and Arabic accents; the vowel signs of Indic scripts are letters of their own.
_ACCENTS = re.compile("[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u0640]")
_FOLDED_LETTERS = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i",
        "ħ": "h", "ŋ": "n", "ʼ": "'", "’": "'", "‘": "'", "`": "'", "´": "'",
        "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ٱ": "ا",
        "‐": "-", "‑": "-", "–": "-", "—": "-",
    }
)  # fmt: skip


def _fold_once(text: str) -> str:
    text = unicodedata.normalize("NFKD", text).casefold().translate(_FOLDED_LETTERS)
    text = unicodedata.normalize("NFC", _ACCENTS.sub("", text))
    return _SPACES.sub(" ", text).strip()
