"""What HubSpot makes of a property value: refused, or brought into the form it is stored in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.hubspot.sandbox.catalog import LIFECYCLE_STAGES
from connectors.hubspot.sandbox.problems import Flaw, invalid, invalid_values
from connectors.hubspot.sandbox.properties import Property, PropertySet

#: Longest text of one property.
MAX_TEXT = 65_536

_EMAIL = re.compile(r"[^\s@,;<>()\"]+@[^\s@,;<>()\"]+\.[^\s@,;<>()\".]{2,}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MS = 86_400_000
_TWO_DIGIT_COUNTRY_CODES = frozenset(
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 "
    "65 66 81 82 84 86 90 91 92 93 94 95 98".split()
)


def iso_ms(moment: datetime) -> str:
    """ISO 8601 in UTC to the millisecond, the only form in which HubSpot shows times."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def from_epoch_ms(text: str) -> datetime:
    """The moment that a string of epoch milliseconds means."""
    return _EPOCH + timedelta(milliseconds=int(text))


def parse_moment(text: str) -> datetime:
    """A datetime given as epoch milliseconds or as ISO 8601 with a zone.

    Raises:
        ValueError: it is neither.
    """
    if re.fullmatch(r"-?\d+", text):
        return from_epoch_ms(text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time zone is missing")
    return moment.astimezone(UTC)


def check_values(posted: Any, known: PropertySet, *, former: Mapping[str, str]) -> dict[str, str]:
    """Validate the `properties` of a write and bring them into stored form.

    `former` are the record's values before it. In the result "" clears a value; a lifecycle stage
    that would go back is left out, as HubSpot silently keeps the later one.

    Raises:
        ApiProblem: 400 that names every bad property.
    """
    if not isinstance(posted, Mapping):
        raise invalid("Invalid input JSON: properties must be an object")
    flaws: list[Flaw] = []
    values: dict[str, str] = {}
    for name, value in posted.items():
        entry = known.get(name)
        flaw = _unwritable(name, value, entry)
        if entry is None or flaw:
            flaws.append(flaw or _unknown(name))
            continue
        try:
            values[name] = _stored(entry, value, former.get(name, ""))
        except _BadValue as exc:
            flaws.append(Flaw(name, exc.code, f"{value!r} {exc.reason}"))
    if flaws:
        raise invalid_values(flaws)
    if _goes_back(values.get("lifecyclestage"), former.get("lifecyclestage")):
        del values["lifecyclestage"]
    return values


class _BadValue(Exception):
    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


def _unknown(name: str) -> Flaw:
    return Flaw(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')


def _unwritable(name: str, value: Any, entry: Property | None) -> Flaw | None:
    if entry is None:
        return _unknown(name)
    if entry.read_only:
        return Flaw(name, "READ_ONLY_VALUE", f'"{name}" is a read only property')
    if not isinstance(value, str):
        return Flaw(name, "INVALID_STRING", f'"{name}" must be a string, an empty one clears it')
    return None


def _stored(entry: Property, value: str, former: str) -> str:
    if value == "":
        return ""
    if entry.name == "email":
        return _email(value)
    if entry.references == "OWNER":
        return _owner(value)
    if entry.type == "enumeration":
        return _chosen(entry, value, former)
    return _BY_TYPE[entry.type](value)


def _string(value: str) -> str:
    if len(value) > MAX_TEXT:
        raise _BadValue("PROPERTY_VALUE_TOO_LONG", f"is longer than {MAX_TEXT} characters")
    return value


def _email(value: str) -> str:
    if not _EMAIL.fullmatch(value.strip()):
        raise _BadValue("INVALID_EMAIL", "is not a valid email address")
    return value.strip().lower()


def _owner(value: str) -> str:
    if not value.isdecimal():
        raise _BadValue("INVALID_OWNER_ID", "is not an owner id")
    return value


def _number(value: str) -> str:
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise _BadValue("INVALID_INTEGER", "is not a valid number")
    return value.strip()


def _bool(value: str) -> str:
    if value not in {"true", "false"}:
        raise _BadValue("INVALID_BOOLEAN", "is neither true nor false")
    return value


def _datetime(value: str) -> str:
    try:
        return iso_ms(parse_moment(value))
    except (ValueError, OverflowError):
        raise _BadValue("INVALID_DATE", "is neither epoch milliseconds nor ISO 8601") from None


def _date(value: str) -> str:
    try:
        if re.fullmatch(r"-?\d+", value):
            if int(value) % _DAY_MS:
                raise _BadValue("INVALID_DATE", "is not midnight UTC")
            return from_epoch_ms(value).date().isoformat()
        if len(value) == len("2026-01-01"):
            return date.fromisoformat(value).isoformat()
    except (ValueError, OverflowError):
        pass
    raise _BadValue("INVALID_DATE", "is neither YYYY-MM-DD nor midnight UTC in milliseconds")


def _chosen(entry: Property, value: str, former: str) -> str:
    chosen = [part for part in value.split(";") if part] if entry.multiple else [value]
    unknown = [part for part in chosen if part not in entry.allowed_values]
    if unknown:
        allowed = ", ".join(sorted(entry.allowed_values))
        raise _BadValue("INVALID_OPTION", f"was not one of the allowed options: [{allowed}]")
    if entry.multiple and value.startswith(";"):
        chosen = [*(part for part in former.split(";") if part), *chosen]
    return ";".join(dict.fromkeys(chosen))


_BY_TYPE: Mapping[str, Callable[[str], str]] = {
    "string": _string,
    "number": _number,
    "bool": _bool,
    "datetime": _datetime,
    "date": _date,
}


def _goes_back(stage: str | None, former: str | None) -> bool:
    if not stage or not former or stage not in LIFECYCLE_STAGES or former not in LIFECYCLE_STAGES:
        return False
    return LIFECYCLE_STAGES.index(stage) < LIFECYCLE_STAGES.index(former)


def searchable_phone(phone: str) -> str:
    """Digits of area and local number, the form in which HubSpot searches phones."""
    digits = re.sub(r"\D", "", phone)
    if not phone.strip().startswith("+"):
        return digits.lstrip("0")
    if digits[:1] in {"1", "7"}:
        return digits[1:]
    return digits[2:] if digits[:2] in _TWO_DIGIT_COUNTRY_CODES else digits[3:]
