"""One value of each field as it is compared; "" where there is nothing to compare.

These readings are for finding: they forget on purpose what two spellings of one thing may differ
in. What is stored and sent is read by `syncbridge.normalize`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from syncbridge.match.letters import plain, words_only
from syncbridge.match.vocabulary import (
    CALLING_CODES,
    LEGAL_FORMS,
    PLACEHOLDERS,
    STREET_WORDS,
    SUFFIXES,
    TITLES,
)

_MASKED = re.compile(r"\*{2,}|[x#]{4,}", re.IGNORECASE)
_EXTENSION = re.compile(r"\s*(?:;?\s*ext(?:ension|\.)?\s*=?|durchwahl|poste|x|#|,)\s*(\d{1,6})\s*$")
_SEVERAL = re.compile(r"\s*[;|]\s*|\s+(?:/|or|oder|ou)\s+")
#: What a number that needs no second look is written with, deleted; and all that is no digit.
_NUMBER_SIGNS: Final = {ord(sign): None for sign in "0123456789 +-()./\xa0"}
_DIGITS_ONLY: Final = {code: None for code in range(128) if not chr(code).isdigit()}
_TRUNK = re.compile(r"\(0\)")
_MIN_DIGITS: Final = 6
_MIN_DIGITS_WITH_CODE: Final = 11
#: Calling codes by their number of digits: all other ones have three.
_ONE_DIGIT_CODES: Final = frozenset("17")
_TWO_DIGIT_CODES: Final = frozenset(
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 "
    "65 66 81 82 84 86 90 91 92 93 94 95 98".split()
)
_HOUSE = re.compile(r"\b(\d{1,6})[a-z]?\b")
_GERMAN_STREET = re.compile(r"(?<=[a-z])(?:strasse|str|strase)\b")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DATE_PARTS = re.compile(r"\d+")
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier enero", "feb february februar fevrier febrero",
            "mar march marz maerz mars marzo", "apr april avril abril", "may mai mayo",
            "jun june juni juin junio", "jul july juli juillet julio", "aug august aout agosto",
            "sep sept september septembre septiembre", "oct october okt oktober octobre octubre",
            "nov november novembre noviembre", "dec december dez dezember decembre diciembre",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_FEMALE: Final = frozenset("f female w weiblich woman frau mrs ms miss femme mujer".split())
_MALE: Final = frozenset("m male mannlich man herr mr homme hombre".split())


def read_text(raw: str) -> str:
    """Read any words: lower case, one script, no signs."""
    text = plain(raw)
    return "" if text in PLACEHOLDERS or _is_masked(text) else words_only(text)


def _is_masked(text: str) -> bool:
    return ("**" in text or "xx" in text or "XX" in text or "##" in text) and bool(
        _MASKED.search(text)
    )


def read_name(raw: str) -> str:
    """Read a given or a family name without titles and what stands after a name."""
    text = read_text(raw.replace("'", "").replace("’", ""))  # noqa: RUF001
    if " " not in text:
        return "" if text.isdigit() else text
    words = text.split()
    kept = [word for word in words if word not in TITLES and word not in SUFFIXES]
    return " ".join(kept or words)


def read_company(raw: str) -> str:
    """Read a company's name without its legal form, its words in alphabetical order."""
    words = read_text(raw.replace(".", "").replace("'", "")).split()
    kept = [word for word in words if word not in LEGAL_FORMS]
    return " ".join(sorted(kept or words))


def read_email(raw: str) -> str:
    """Read an e-mail address; "" for what is none."""
    text = plain(raw).strip(" <>.,;'\"").removeprefix("mailto:")
    local, _, domain = text.rpartition("@")
    if not local or "." not in domain or " " in text or _is_masked(text):
        return ""
    if domain == "googlemail.com":
        domain = "gmail.com"
    return f"{local.partition('+')[0] or local}@{domain}"


def read_phone(raw: str, region: str = "") -> str:
    """Read the national digits of a number, "x" and its extension after them.

    What all spellings of one number share is its end: country codes, trunk zeros and the ninth
    digits of some countries are at its beginning, and often left out.

    Args:
        raw: any spelling.
        region: ISO 3166 alpha-2 of a country whose calling code may stand without a plus.
    """
    if not raw.translate(_NUMBER_SIGNS) and " / " not in raw:
        digits = _national(raw.replace("(0)", ""), CALLING_CODES.get(region.upper(), "1"))
        return digits if len(digits) >= _MIN_DIGITS and len(set(digits)) > 1 else ""
    text = plain(raw) if not raw.isascii() else raw.lower()
    if _is_masked(text):
        return ""
    text = _SEVERAL.split(text.strip(), maxsplit=1)[0]
    extension = ""
    if found := _EXTENSION.search(text):
        text, extension = text[: found.start()], found[1]
    digits = _national(_TRUNK.sub("", text), CALLING_CODES.get(region.upper(), "1"))
    if len(digits) < _MIN_DIGITS or len(set(digits)) == 1:
        return ""
    return f"{digits}x{extension}" if extension else digits


def _national(text: str, code: str) -> str:
    digits = text.translate(_DIGITS_ONLY)
    is_international = text.lstrip(" (").startswith("+") or digits.startswith("00")
    if is_international:
        digits = digits.lstrip("0")
        if digits[:1] in _ONE_DIGIT_CODES:
            digits = digits[1:]
        else:
            digits = digits[2 if digits[:2] in _TWO_DIGIT_CODES else 3 :]
    elif len(digits) >= _MIN_DIGITS_WITH_CODE and digits.startswith(code):
        digits = digits[len(code) :]
    return digits.lstrip("0")


def read_street(raw: str) -> str:
    """Read an address line as "number|name", either of which may be missing."""
    text = read_text(_GERMAN_STREET.sub("str", plain(raw).replace(".", " ")))
    if not text:
        return ""
    house = _HOUSE.search(text)
    number = house[1] if house else ""
    if house:
        text = f"{text[: house.start()]} {text[house.end() :]}"
    name = " ".join(STREET_WORDS.get(word, word) for word in text.split())
    return f"{number}|{name}" if number or name else ""


def read_postal_code(raw: str) -> str:
    """Read a postal code without spaces; of a United States code only the first five."""
    text = plain(raw).replace(" ", "")
    if text in PLACEHOLDERS or _is_masked(text):
        return ""
    head, dash, tail = text.partition("-")
    if dash and head.isdigit() and len(head) == 5 and tail.isdigit():
        return head
    if text.endswith(".0"):
        text = text[:-2]
    return text.replace("-", "")


def read_gender(raw: str) -> str:
    """Read a gender or a form of address as f, m or its own word."""
    text = words_only(raw)
    if text in _FEMALE:
        return "f"
    return "m" if text in _MALE else read_text(raw)


def read_date(raw: str, *, month_first: bool) -> str:
    """Read a date as eight digits, year first; "" for what is none.

    Args:
        raw: any usual spelling.
        month_first: 05/06/1994 is the sixth of May.
    """
    if _ISO_DATE.fullmatch(raw):
        return _eight(int(raw[:4]), int(raw[5:7]), int(raw[8:]))
    text = plain(raw)
    if len(text) > 10 and text[10:11] in {"t", " "}:
        text = text[:10]
    if len(text) == 8 and text.isdigit():
        return text if "1800" <= text[:4] <= "2100" else text[4:] + text[2:4] + text[:2]
    month = next((_MONTHS[word] for word in words_only(text).split() if word in _MONTHS), 0)
    parts = [int(part) for part in _DATE_PARTS.findall(text)[:3]]
    if month and len(parts) == 2:
        parts.insert(0 if parts[0] > 31 else 1, month) if parts[0] <= 31 else parts.insert(1, month)
        return _eight(parts[2], parts[1], parts[0]) if parts[2] > 31 else _eight(*parts)
    if len(parts) != 3:
        return ""
    first, second, third = parts
    if first > 31:
        return _eight(first, second, third)
    if month_first and first <= 12:
        return _eight(third, first, second)
    return _eight(third, second, first)


def month_comes_first(dates: Iterable[str]) -> bool:
    """Say whether a column of dates writes 05/31/1994: some second part is above twelve."""
    firsts = seconds = slashes = 0
    for raw in dates:
        parts = _DATE_PARTS.findall(raw)
        if len(parts) == 3 and len(parts[0]) <= 2:
            firsts += int(parts[0]) > 12
            seconds += int(parts[1]) > 12
            slashes += "/" in raw
    return seconds > firsts or (not firsts and slashes > 0)


def _eight(year: int, month: int, day: int) -> str:
    if year < 100:
        year += 1900 if year > 30 else 2000
    if not (1 <= month <= 12) and 1 <= day <= 12:
        month, day = day, month
    return f"{year:04d}{month:02d}{day:02d}"
