"""Reading JSON that need not be what it should: every function here answers for every value."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from syncbridge.clock import from_ms

#: WhatsApp began in 2009; what is older, or a century away, is no time.
_EARLIEST_MS = 1_230_768_000_000
_LATEST_MS = 4_102_444_800_000
#: Above this a number of seconds would lie in the year 5138: it is milliseconds.
_SECONDS_BELOW = 100_000_000_000

_NUMBER = re.compile(r"\+?[\d\s().\-/]+", re.ASCII)
_HEX_DIGEST = re.compile(r"[0-9a-fA-F]{64}")
#: E.164 allows 15 digits; some networks' test numbers have more.
_MOST_DIGITS = 20
_SHA256_BYTES = 32


class Unreadable(ValueError):
    """One part of a delivery cannot become an event; `reason` is the word for the counter."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def text(value: object) -> str:
    """Answer a string or a whole number as text, anything else as ""."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return ""


def word(value: object) -> str:
    """Answer text without blanks around it: for ids and names."""
    return value.strip() if isinstance(value, str) else text(value)


def mapping(value: object) -> Mapping[str, Any]:
    """Answer an object, or an empty one when it is anything else."""
    return value if isinstance(value, dict) else {}


def listed(value: object) -> Sequence[Any]:
    """Answer an array, or an empty one when it is anything else."""
    return value if isinstance(value, list) else ()


def digits(value: object) -> str:
    """Answer a phone number's digits, "" when it is no phone number."""
    number = word(value)
    if not (number.isascii() and number.isdigit()):
        number = re.sub(r"\D", "", number) if _NUMBER.fullmatch(number) else ""
    return number if len(number) <= _MOST_DIGITS else ""


def moment(value: object) -> datetime | None:
    """Answer the instant of Unix seconds (or milliseconds), None when they are absurd or missing.

    Meta writes them as a string in messages and as a number in account fields.
    """
    if isinstance(value, float):
        value = int(value)
    written = word(value)
    if not (written.isascii() and written.isdigit()) or len(written) > _MOST_DIGITS:
        return None
    since_1970 = int(written)
    at_ms = since_1970 * 1000 if since_1970 < _SECONDS_BELOW else since_1970
    return from_ms(at_ms) if _EARLIEST_MS <= at_ms < _LATEST_MS else None


def sha256_hex(value: object) -> str:
    """Answer a SHA-256 in lower-case hex, from hex or from base64; "" when it is neither.

    Webhooks carry base64; the answer about a media id, and history, carry hex.
    """
    written = word(value)
    if _HEX_DIGEST.fullmatch(written):
        return written.lower()
    try:
        digest = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return digest.hex() if len(digest) == _SHA256_BYTES else ""
