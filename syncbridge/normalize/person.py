"""Names of people, from one string of any culture to given and family name."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from syncbridge.normalize.text import clean_line, fold, settled, strip_emoji


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name and its parts, as far as they can be told apart."""

    #: "" when there is no name in it.
    given: str
    #: "" when the name is one word or cannot be split.
    family: str
    #: The whole name in its written order; the tidied value where there is no name in it.
    full: str


@lru_cache(maxsize=4096)
def person_name(raw: str) -> PersonName:
    """Read a name as a person shows it, decoration left out.

    The order of the parts follows the writing: "Müller, Anna" and names in Chinese, Japanese or
    Korean letters begin with the family name, others end with it.
    """
    tidy = clean_line(raw)
    full = settled(_undecorated, tidy)
    core = _without_remarks(full)
    if not any(char.isalpha() for char in core):
        return PersonName("", "", tidy)
    given, family = _split(core)
    return PersonName(given, family, full)


#: Particles that begin a family name, wherever they stand after the first word.
_PARTICLES: Final = frozenset(
    "af al ap ater av ben bin bint da dal dalla de degli dei del della den der des di do dos du e "
    "el ibn la las le lo los mac ould of santa ten ter thor van vande vanden vander ver vom von "
    "y zu zum zur بن ابن بنت آل ол кызы улы".split()
)
#: Words that are only half a name: they belong to the word that follows.
_BINDERS: Final = frozenset("abd abdel abdul abu bou umm عبد ابو ام ابي".split())
_SUFFIXES: Final = frozenset("jr sr ii iii iv phd md mba msc esq cpa dds rn ma ba".split())
_COMPANY: Final = frozenset(
    "gmbh ag kg ug ohg ltd llc inc corp co plc sa srl sarl sas bv nv ab as oy aps pty pvt spa "
    "eirl ltda kk sdn bhd".split()
)
_VIETNAMESE_FAMILY: Final = frozenset(
    "nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly".split()
)
_VIETNAMESE_MIDDLE: Final = frozenset(("van", "thi"))

_KATAKANA = re.compile("[\u30a0-\u30ff]+")
_EAST_ASIAN = re.compile("[\u3400-\u9fff\uac00-\ud7af\u3040-\u309f\u3005\U00020000-\U0003ffff]")
_REMARK = re.compile(r"\s*(?:[(\[【（][^()\[\]【】（）]*[)\]】）]|\s[|•·/@–—-]\s.*$|[|•].*$)")  # noqa: RUF001
_EDGES = ' \t*_~^=+#|<>/\\,;:!?"“”„«»•·-–—꧁꧂'  # noqa: RUF001
_MARKUP = re.compile(r"[*~_^]+")


def _undecorated(raw: str) -> str:
    """Answer the name in plain letters, without emoji and the ornaments around it."""
    plain = "".join(map(_plain_letter, strip_emoji(raw)))
    return clean_line(_MARKUP.sub(" ", plain).lstrip(_EDGES + ".").rstrip(_EDGES))


def _plain_letter(char: str) -> str:
    """Undo letters borrowed from mathematics, from circles, and the wide forms of East Asia."""
    code = ord(char)
    if 0x1D400 <= code <= 0x1D7FF or 0xFF01 <= code <= 0xFF5E or 0x24B6 <= code <= 0x24E9:
        return unicodedata.normalize("NFKC", char)
    return char


def _without_remarks(full: str) -> str:
    """Leave out what follows a bar or a dash, and what stands in brackets: rarely the name."""
    return _REMARK.sub("", full).strip(_EDGES) or full.strip(_EDGES + "()[]")


def _split(core: str) -> tuple[str, str]:
    before, comma, after = (part.strip() for part in core.partition(","))
    if comma and after and "," not in after and not _is_suffix(after):
        return after, before
    words, suffix = _take_suffix(before.split(), after if _is_suffix(after) else "")
    if _is_company(words):
        return core, ""
    given, family = _split_words(words)
    if family:
        return given, f"{family} {suffix}".strip()
    return f"{given} {suffix}".strip(), ""


def _is_suffix(text: str) -> bool:
    return all(_bare(word) in _SUFFIXES for word in re.split(r"[\s,]+", text) if word)


def _take_suffix(words: list[str], after: str) -> tuple[list[str], str]:
    """Move "Jr." and degrees from the end of the name aside."""
    suffix = [after] if after else []
    while len(words) > 2 and _bare(words[-1]) in _SUFFIXES:
        suffix.insert(0, words[-1])
        words = words[:-1]
    return words, " ".join(suffix)


def _is_company(words: list[str]) -> bool:
    return len(words) > 1 and _bare(words[-1]) in _COMPANY


def _split_words(words: list[str]) -> tuple[str, str]:
    if len(words) == 1:
        return words[0], ""
    if _is_family_first(words):
        return " ".join(words[1:]), words[0]
    for at in range(1, len(words) - 1):
        if _bare(words[at]) in _PARTICLES:
            return " ".join(words[:at]), " ".join(words[at:])
    at = len(words) - 1
    if _bare(words[at - 1]) in _BINDERS:
        at -= 1
    return (" ".join(words[:at]), " ".join(words[at:])) if at else (" ".join(words), "")


def _is_family_first(words: list[str]) -> bool:
    if len(words) == 2 and all(_EAST_ASIAN.match(word) for word in words):
        return not all(_KATAKANA.fullmatch(word) for word in words)
    first, second = _bare(words[0]), _bare(words[1])
    return len(words) > 2 and first in _VIETNAMESE_FAMILY and second in _VIETNAMESE_MIDDLE


def _bare(word: str) -> str:
    return fold(word).strip(".,").replace(".", "")
