"""Pieces of webhook checking that vendors share: signatures, ages, and JSON from strangers."""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import re
from datetime import datetime, timedelta
from typing import Any, NoReturn

from syncbridge.errors import WebhookRefused

#: No vendor nests half as deep; code that walks a payload may recurse this far.
_MAX_DEPTH = 64

#: JSON can spell what no text may hold: NUL, which PostgreSQL refuses, and halves of characters.
#: An escaped backslash before a "u" may hide one from this pattern, so it counts as well.
_BAD_ESCAPE = re.compile(
    rb"\\(?:\\u|u(?:0000"
    rb"|[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u)[dD][c-fC-F][0-9a-fA-F]{2}))"
)
_BAD_CHARACTER = re.compile("[\x00\ud800-\udfff]")


def hmac_sha256(secret: str, message: bytes) -> bytes:
    """Answer the HMAC-SHA256 of a message (RFC 2104)."""
    return hmac.new(secret.encode(), message, hashlib.sha256).digest()


def is_same(ours: str, theirs: str) -> bool:
    """Compare two signatures in constant time, whatever characters a stranger sent."""
    return hmac.compare_digest(ours.encode(), theirs.encode("utf-8", "surrogatepass"))


def require_recent(signed_at: datetime, received_at: datetime, most: timedelta) -> None:
    """Return only if a delivery was signed at most `most` before, or after, it was received.

    Raises:
        WebhookRefused: it may be an old one, sent again by someone who listened (status 401).
    """
    if received_at - signed_at > most:
        raise WebhookRefused("the signature is too old")
    if signed_at - received_at > most:
        raise WebhookRefused("the signature is from the future")


def json_document(body: bytes) -> Any:
    """Read a delivery as JSON in which every string can be stored.

    NUL and lone surrogates become U+FFFD, numbers beyond a float's range their own text; the raw
    bytes stay with the delivery.

    Raises:
        WebhookRefused: not UTF-8, not JSON, or nested deeper than 64 levels (status 400).
    """
    try:
        document = json.loads(body.decode(), parse_constant=_refused, parse_float=_finite)
    except UnicodeDecodeError as exc:
        raise WebhookRefused("the body is not UTF-8", status=400) from exc
    except ValueError as exc:
        raise WebhookRefused("the body is not JSON", status=400) from exc
    except RecursionError as exc:
        raise WebhookRefused("the body is nested too deep", status=400) from exc
    _require_shallow(document)
    return _mended(document) if _BAD_ESCAPE.search(body) else document


def _refused(name: str) -> NoReturn:
    # NaN and Infinity: Python reads and writes them, other readers of our JSON columns do not.
    raise ValueError(f"{name} is not JSON")


def _finite(written: str) -> float | str:
    number = float(written)
    return number if math.isfinite(number) else written


def _require_shallow(document: Any) -> None:
    level = [document] if isinstance(document, dict | list) else []
    for _ in range(_MAX_DEPTH + 1):
        if not level:
            return
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
    raise WebhookRefused("the body is nested too deep", status=400)


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return _BAD_CHARACTER.sub("\ufffd", value)
    if isinstance(value, list):
        return [_mended(part) for part in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(part) for key, part in value.items()}
    return value
