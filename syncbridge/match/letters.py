"""Letters as they are compared: one script, one case, no accents, nothing that only looks alike."""

# ruff: noqa: RUF001 (characters that look alike are what this module tells apart)

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from syncbridge.normalize.text import fold

#: Cyrillic and Greek letters that are drawn like a Latin one.
_LOOKALIKES: Final = str.maketrans(
    "аеорсухіјѕԁһӏкмтнвгпзἀοανεικρτυχβγδηӧ", "aeopcyxijsdhlkmthbrn3aoaveikptuxbydno"
)
_CYRILLIC: Final = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i",
    "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s",
    "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch",
    "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya", "і": "i", "ї": "i", "є": "e",
    "ґ": "g", "ў": "u", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "ђ": "dj", "џ": "dz",
}  # fmt: skip
_GREEK: Final = {
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s",
    "ς": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o",
}  # fmt: skip
_ARABIC: Final = {
    "ا": "a", "ب": "b", "ت": "t", "ث": "th", "ج": "j", "ح": "h", "خ": "kh", "د": "d", "ذ": "dh",
    "ر": "r", "ز": "z", "س": "s", "ش": "sh", "ص": "s", "ض": "d", "ط": "t", "ظ": "z", "ع": "a",
    "غ": "gh", "ف": "f", "ق": "q", "ك": "k", "ل": "l", "م": "m", "ن": "n", "ه": "h", "و": "w",
    "ي": "y", "ء": "", "ئ": "y", "ؤ": "w",
}  # fmt: skip
_LATIN_OF: Final = str.maketrans({**_CYRILLIC, **_GREEK, **_ARABIC, "đ": "d", "ə": "e"})

_LATIN_LETTER = re.compile("[a-z]")
_WORD = re.compile(r"\S+")
_NO_WORD_SIGN = re.compile(r"[^\w\s]+|_+")
_SPACES = re.compile(r"\s+")

#: Spellings of one sound, in the order in which they are undone.
_SPELLINGS: Final = (
    (re.compile("(?<=[aou])e"), ""),
    (re.compile("sch|sh|ch"), "s"),
    (re.compile("ph|v|w"), "f"),
    (re.compile("ck|q|x|c"), "k"),
    (re.compile("dt|th|d"), "t"),
    (re.compile("tz|z"), "s"),
    (re.compile("[jy]"), "i"),
    (re.compile("b"), "p"),
    (re.compile("g"), "k"),
    (re.compile("(?<=.)h"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)
_VOWELS_INSIDE = re.compile("(?<=.)[aeiou]+")
_SKELETON: Final = (
    (re.compile("(?<=[aou])e"), ""),
    (re.compile("ph"), "f"),
    (re.compile("y"), "i"),
    (re.compile(r"[\s'.-]+"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)
_SOUND_CHARS: Final = 5


def plain(text: str) -> str:
    """Answer lower-case Latin letters, digits and signs of a text, on one line.

    A letter of another alphabet inside a Latin word is read as the one it looks like; a whole word
    of another alphabet is transliterated. Scripts without letters stand as they are.
    """
    if text.isascii() and text.isprintable() and "&" not in text and "<" not in text:
        return text.strip().lower()
    folded = fold(unicodedata.normalize("NFKC", text))
    return folded if folded.isascii() else _WORD.sub(_latin_word, folded)


def words_only(text: str) -> str:
    """Answer the plain text with every sign between its words made a space."""
    text = plain(text)
    return text if text.isalnum() else _SPACES.sub(" ", _NO_WORD_SIGN.sub(" ", text)).strip()


@lru_cache(maxsize=65_536)
def skeleton(name: str) -> str:
    """Answer what careful spellings of one name share: ue and u, doubled letters, y and i."""
    for pattern, instead in _SKELETON:
        name = pattern.sub(instead, name)
    return name


@lru_cache(maxsize=65_536)
def sound(word: str) -> str:
    """Answer how a name about sounds: its first letter and the consonants that follow."""
    for pattern, instead in _SPELLINGS:
        word = pattern.sub(instead, word)
    return _VOWELS_INSIDE.sub("", word)[:_SOUND_CHARS]


def _latin_word(match: re.Match[str]) -> str:
    word = match[0]
    if word.isascii():
        return word
    if _LATIN_LETTER.search(word):
        word = word.translate(_LOOKALIKES)
    return word.replace("ου", "ou").translate(_LATIN_OF)
