"""The named conversions a mapping file may use, each with its way back.

For every canonical value v that `read` can answer, `read(write(v))` answers v again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from syncbridge.normalize.locale import country_name, read_country, read_language
from syncbridge.normalize.person import person_name
from syncbridge.normalize.phone import read_phone, whatsapp_number
from syncbridge.normalize.reading import UNPARSED, Reading
from syncbridge.normalize.text import clean_line, clean_text, read_email


@dataclass(frozen=True, slots=True)
class Context:
    """What a value's meaning depends on besides itself."""

    #: ISO 3166 alpha-2 of phone numbers without a country code; "" if they have none.
    region: str = ""


@dataclass(frozen=True, slots=True)
class Transform:
    """A conversion between a remote value and a canonical one."""

    name: str
    #: Given a value that is not blank.
    read: Callable[[str, Context], Reading]
    #: None: what it reads cannot be written back.
    write: Callable[[str, Context], str] | None

    @property
    def is_invertible(self) -> bool:
        """Say whether values can be written through it."""
        return self.write is not None


def _text(raw: str, _: Context) -> Reading:
    return Reading(clean_line(raw) or None, raw)


def _multiline(raw: str, _: Context) -> Reading:
    return Reading(clean_text(raw) or None, raw)


def _phone(raw: str, context: Context) -> Reading:
    phone = read_phone(raw, context.region)
    return Reading(phone.text.strip() or None, raw, phone.flag)


def _whatsapp_id(raw: str, _: Context) -> Reading:
    """Keep an id's own spelling, which may be that of an older numbering plan."""
    phone = whatsapp_number(raw)
    if not phone.e164:
        return Reading(clean_line(raw) or None, raw, phone.flag)
    return Reading("+" + _NO_DIGIT.sub("", raw), raw)


def _whatsapp_number(raw: str, context: Context) -> Reading:
    """Read an id as people type it: with a country code as it is, else as a phone number."""
    if raw.lstrip().startswith("+") and whatsapp_number(raw).e164:
        return _whatsapp_id(raw, context)
    return _phone(raw, context)


def _phone_of_whatsapp_id(raw: str, _: Context) -> Reading:
    phone = whatsapp_number(raw)
    return Reading(phone.text.strip() or None, raw, phone.flag)


def _email(raw: str, _: Context) -> Reading:
    return read_email(raw)


def _country(raw: str, _: Context) -> Reading:
    return read_country(raw)


def _language(raw: str, _: Context) -> Reading:
    return read_language(raw)


def _given_name_of(raw: str, _: Context) -> Reading:
    return Reading(person_name(raw).given or None, raw)


def _family_name_of(raw: str, _: Context) -> Reading:
    return Reading(person_name(raw).family or None, raw)


def _date(raw: str, _: Context) -> Reading:
    """Read a date: ISO 8601, or milliseconds since 1970 at midnight UTC."""
    text = clean_line(raw)
    try:
        if _MILLISECONDS.fullmatch(text):
            return Reading(datetime.fromtimestamp(int(text) / 1000, UTC).date().isoformat(), raw)
        return Reading(date.fromisoformat(text[:10]).isoformat(), raw)
    except (ValueError, OverflowError, OSError):
        return Reading(text or None, raw, UNPARSED)


def _as_it_is(value: str, _: Context) -> str:
    return value


def _tag_in_lower_case(value: str, _: Context) -> str:
    return value.lower() if read_language(value).is_certain else value


def _country_in_english(value: str, _: Context) -> str:
    return country_name(value)


_NO_DIGIT = re.compile(r"[^0-9]")
_MILLISECONDS = re.compile(r"-?\d{9,15}")

#: Name, as mapping files use it -> transform.
TRANSFORMS: Final[Mapping[str, Transform]] = {
    one.name: one
    for one in (
        Transform("text", _text, _as_it_is),
        Transform("name", _text, _as_it_is),
        Transform("multiline", _multiline, _as_it_is),
        Transform("phone", _phone, _as_it_is),
        Transform("whatsapp_id", _whatsapp_id, _as_it_is),
        Transform("whatsapp_number", _whatsapp_number, _as_it_is),
        Transform("phone_of_whatsapp_id", _phone_of_whatsapp_id, None),
        Transform("email", _email, _as_it_is),
        Transform("country", _country, _as_it_is),
        Transform("country_name", _country, _country_in_english),
        Transform("language", _language, _as_it_is),
        Transform("language_lower", _language, _tag_in_lower_case),
        Transform("given_name_of", _given_name_of, None),
        Transform("family_name_of", _family_name_of, None),
        Transform("date", _date, _as_it_is),
    )
}
