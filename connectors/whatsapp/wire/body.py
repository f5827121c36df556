"""From the bytes of a delivery to its JSON object, or to a refusal with its reason."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from syncbridge.errors import WebhookRefused

_OBJECT = "whatsapp_business_account"

#: Meta's own payloads are about twelve levels deep.
_DEEPEST = 60

#: Escapes that cannot be stored: NUL, and halves of surrogate pairs. An escaped backslash before a
#: "u" may hide one; such bodies are looked through as well.
_SUSPICIOUS = re.compile(
    r"\\(?:\\u|u(?:0000"
    r"|[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u)[dD][c-fC-F][0-9a-fA-F]{2}))"
)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def load(body: bytes) -> dict[str, Any]:
    """Answer the delivery's object; every string in it can be stored as UTF-8 text.

    Raises:
        WebhookRefused: it is not UTF-8, not JSON, not an object, nested too deeply, or not about
            a WhatsApp business account; status 400.
    """
    try:
        written = body.decode()
    except UnicodeDecodeError as exc:
        raise WebhookRefused("the body is not UTF-8", status=400) from exc
    payload = _decode(written)
    if not isinstance(payload, dict):
        raise WebhookRefused("the body is not a JSON object", status=400)
    if _is_deep(payload):
        raise WebhookRefused(f"the body is nested deeper than {_DEEPEST} levels", status=400)
    # Two of Meta's own examples carry the object's name further inside: a list of entries will do.
    if payload.get("object", _OBJECT) != _OBJECT:
        raise WebhookRefused("the object is not whatsapp_business_account", status=400)
    if not isinstance(payload.get("entry"), list):
        raise WebhookRefused("the body has no list of entries", status=400)
    return _cleaned(payload) if _SUSPICIOUS.search(written) else payload


def _decode(written: str) -> Any:
    try:
        return json.loads(written, parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError as exc:
        raise WebhookRefused(
            f"the body is nested deeper than {_DEEPEST} levels", status=400
        ) from exc
    except ValueError as exc:
        # Also numbers of thousands of digits, which Python declines to read.
        raise WebhookRefused("the body is not JSON, or was cut off", status=400) from exc


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(written: str) -> float | str:
    number = float(written)
    # 1e999 is JSON, yet infinity cannot be written as JSON again.
    return number if math.isfinite(number) else written


def _is_deep(payload: dict[str, Any]) -> bool:
    level: list[Any] = [payload]
    for _ in range(_DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return False
    return True


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_cleaned(inner) for inner in value]
    return value
