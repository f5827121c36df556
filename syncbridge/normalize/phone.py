"""Phone numbers and WhatsApp ids: E.164, extensions, and the keys by which spellings meet.

A number is never refused for being "not valid": numbering plans change faster than libraries, and
WhatsApp keeps ids of plans that are gone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import phonenumbers

from syncbridge.normalize.reading import UNPARSED

#: More numbers stood in the value; the first of them was read.
SEVERAL: Final = "several"
#: Words stood beside the number, which the number alone does not carry.
ANNOTATED: Final = "annotated"

#: Stands between a number and its extension.
_EXTENSION_MARK: Final = " ext. "
_CACHED_NUMBERS = 8192
#: More than any number has, with its label, note and extension.
_MAX_CHARS = 250
_MAX_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone number as it was understood."""

    #: "+" and digits, without the extension; "" when the value could not be understood.
    e164: str
    extension: str
    #: What two spellings of one number have in common: its digits, and "x12" for an extension
    #: (colleagues behind one switchboard are not one person); "" when it was not understood.
    key: str
    raw: str
    #: "", `UNPARSED`, `SEVERAL` or `ANNOTATED`.
    flag: str = ""

    @property
    def is_certain(self) -> bool:
        """Say whether the value was understood without reserve."""
        return not self.flag

    @property
    def text(self) -> str:
        """The number with its extension; the value verbatim where it was not understood."""
        if not self.e164:
            return self.raw
        return f"{self.e164}{_EXTENSION_MARK}{self.extension}" if self.extension else self.e164


@lru_cache(maxsize=_CACHED_NUMBERS)
def read_phone(raw: str, region: str) -> Phone:
    """Read a number as people write it.

    Args:
        raw: any national or international spelling, with an extension or without.
        region: ISO 3166 alpha-2 of numbers without a country code; "" if they have none.
    """
    text = _CARRIER.sub(r"\g<1>0", _PREFIX.sub("", raw.strip()))
    for candidate, flag in _candidates(text):
        e164, extension = _parse(candidate, region.upper() or None)
        if e164:
            return Phone(e164, extension, _key(e164, extension), raw, flag)
    return Phone("", "", "", raw, UNPARSED)


@lru_cache(maxsize=_CACHED_NUMBERS)
def whatsapp_number(wa_id: str) -> Phone:
    """Read a WhatsApp id: `e164` is the number one would dial, `raw` the id as WhatsApp spells it.

    Where a country's ids differ from its numbers only in a way that is certain (Brazil's ninth
    digit, Mexico's 1, Benin's 01), the number is the one dialled today; `raw` is what to send to.
    """
    digits = re.sub(r"[\s()./-]", "", _PREFIX.sub("", wa_id)).removeprefix("+")
    if not _WA_ID.fullmatch(digits):
        return Phone("", "", "", wa_id, UNPARSED)
    e164 = reconciled(f"+{digits}")
    return Phone(e164, "", e164[1:], wa_id)


def whatsapp_key(wa_id: str) -> str:
    """Answer the one key of a WhatsApp account, however its id is spelled.

    It equals the first of `phone_keys` of the account's real number. An id that is no number is its
    own key, so that its messages still find one person; "" only if there is no id.
    """
    return whatsapp_number(wa_id).key or wa_id.strip()


def phone_keys(number: str) -> tuple[str, ...]:
    """Answer the keys to look a number up by: its own first, then those it may also be found under.

    A candidate may be the number of another subscriber (an Argentine landline looks like a mobile
    without its 9): join by it only when exactly one person has it.

    Args:
        number: `Phone.e164` or `Phone.text`; what was not understood has no keys.
    """
    e164, _, extension = number.partition(_EXTENSION_MARK)
    digits = reconciled(e164).removeprefix("+")
    if not (e164.startswith("+") and _E164_DIGITS.fullmatch(digits)):
        return ()
    if extension:
        return (_key(f"+{digits}", extension),)
    return (digits, *_argentine(digits), *_ivorian(digits))


def reconciled(e164: str) -> str:
    """Answer today's form of a number whose old form can only mean one thing; else the number."""
    for old, today in _RENUMBERED:
        if match := old.fullmatch(e164):
            return match.expand(today)
    return e164


_E164 = phonenumbers.PhoneNumberFormat.E164
_WA_ID = re.compile(r"[1-9][0-9]{6,14}")
#: What the library calls possible: short lines, and German numbers longer than E.164 allows.
_E164_DIGITS = re.compile(r"[1-9][0-9]{2,18}")

#: Brazil: mobiles got a 9 before their eight digits, landlines (2 to 5) did not. Mexico: the 1 of
#: mobiles fell away in 2019. Benin: every number got 01 in November 2024.
_RENUMBERED: Final = (
    (re.compile(r"\+55([1-9]\d)([6-9]\d{7})"), r"+55\g<1>9\g<2>"),
    (re.compile(r"\+521(\d{10})"), r"+52\g<1>"),
    (re.compile(r"\+229(\d{8})"), r"+22901\g<1>"),
)
#: Côte d'Ivoire: eight digits became ten in 2021, by the operator's prefix. The old second digit
#: tells the operator of that time, so its prefix comes first.
_IVORIAN_OLD = re.compile(r"225(\d)(\d)(\d{6})")
_IVORIAN_NEW = re.compile(r"225(?:01|05|07)(\d{8})")
_IVORIAN_PREFIXES: Final = ("01", "05", "07")

_PREFIX = re.compile(r"^(?:whatsapp|tel|phone)\s*:\s*", re.IGNORECASE)
#: Brazilians write "0xx31" for "0, the carrier of your choice, 31".
_CARRIER = re.compile(r"^(\(?)0xx(?=\d)", re.IGNORECASE)
#: Ways to say "extension"; what follows them is left to the library.
_EXTENSION = re.compile(
    r"\s*(?:;\s*ext=|,?\s*(?:extension|extn?|ext|xtn|anexo|int|доб|x)[\s.:]*|#|~)\s*\d{1,7}\s*#?$",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^[^\W\d_][^\d+(]{0,30}?[:.\s]\s*(?=[+(\d])")
_NOTE = re.compile(r"\s*[(\[]?\s*[^\W\d_]{2}[^\d+]*$")
_SEPARATOR = re.compile(r"\s*(?:[;|\n]|,\s|/\s*(?=[+0])|\s(?:or|oder|und|and|y|ou|e)\s)\s*")
#: A toll-free number spelled as a word, the only place where letters are digits.
_VANITY = re.compile(r"(?:\+?1[-. ]?)?\(?8\d\d\)?[-. ]?[A-Z][A-Z\d-]{5,}")


def _key(e164: str, extension: str) -> str:
    return f"{e164[1:]}x{extension}" if extension else e164[1:]


def _candidates(text: str) -> list[tuple[str, str]]:
    """Answer what to try, most faithful first, each with the flag it would earn."""
    if len(text) > _MAX_CHARS:
        return []
    number = _EXTENSION.sub("", text)
    found = []
    if not _has_letters(number) or _VANITY.fullmatch(number):
        found.append((text, ""))
    stripped = _LABEL.sub("", text)
    if stripped != text and not _has_letters(_EXTENSION.sub("", stripped)):
        found.append((stripped, ""))
    bare = _NOTE.sub("", stripped)
    if bare != stripped and not _has_letters(_EXTENSION.sub("", bare)):
        found.append((bare, ANNOTATED))
    first = _NOTE.sub("", _LABEL.sub("", _SEPARATOR.split(text, maxsplit=1)[0]))
    if first != text and not _has_letters(_EXTENSION.sub("", first)):
        found.append((first, SEVERAL))
    return found


def _has_letters(text: str) -> bool:
    return any(char.isalpha() for char in text)


def _parse(text: str, region: str | None) -> tuple[str, str]:
    """Answer E.164 and extension if the number is possible (not: valid), else nothing."""
    spellings = (text, f"+{text[2:]}") if text.startswith("00") else (text,)
    for spelling in spellings:
        try:
            number = phonenumbers.parse(spelling, region)
            if e164 := _settled(number):
                return e164, number.extension or ""
        except phonenumbers.NumberParseException:
            continue
    return "", ""


def _settled(number: phonenumbers.PhoneNumber) -> str:
    """Answer the E.164 form that reads as itself; "" if the number is not possible.

    The library takes a leading zero for a trunk prefix again when it reads its own answer.
    """
    e164 = ""
    for _ in range(_MAX_ROUNDS):
        before, e164 = e164, reconciled(phonenumbers.format_number(number, _E164))
        if e164 == before:
            return e164 if _is_possible(number, e164) else ""
        number = phonenumbers.parse(e164, None)
    return ""


def _is_possible(number: phonenumbers.PhoneNumber, e164: str) -> bool:
    return (
        phonenumbers.is_possible_number_with_reason(number) == _POSSIBLE
        or _IVORIAN_OLD.fullmatch(e164[1:]) is not None
    )


_POSSIBLE = phonenumbers.ValidationResult.IS_POSSIBLE


def _argentine(digits: str) -> tuple[str, ...]:
    """A mobile has a 9 after the country code, which people leave out."""
    if not digits.startswith("54"):
        return ()
    if len(digits) == 13 and digits[2] == "9":
        return ("54" + digits[3:],)
    return ("549" + digits[2:],) if len(digits) == 12 else ()


def _ivorian(digits: str) -> tuple[str, ...]:
    if match := _IVORIAN_NEW.fullmatch(digits):
        return (f"225{match[1]}",)
    match = _IVORIAN_OLD.fullmatch(digits)
    if match is None:
        return ()
    own = "01" if match[2] in "0123" else "05" if match[2] in "456" else "07"
    prefixes = sorted(_IVORIAN_PREFIXES, key=lambda prefix: prefix != own)
    return tuple(f"225{prefix}{digits[3:]}" for prefix in prefixes)
