"""Checks what is posted to be sent, as far as Meta checks it before it answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_MEDIA = frozenset({"audio", "document", "image", "sticker", "video"})
_TYPES = _MEDIA | {"contacts", "interactive", "location", "reaction", "template", "text"}
_LONGEST_TEXT = 4096
_LONGEST_CALLBACK_DATA = 512


@dataclass(frozen=True, slots=True)
class Fault:
    """Why Meta would refuse a message."""

    code: int
    details: str


def fault_of(message: Mapping[str, Any]) -> Fault | None:
    """Answer what is wrong with a message, None when it would be accepted."""
    if message.get("messaging_product") != "whatsapp":
        return Fault(100, "The parameter messaging_product is required.")
    if not (message.get("to") or message.get("recipient")):
        return Fault(131008, "The parameter to is required.")
    if message.get("to") and not digits_of(message["to"]):
        return Fault(131009, "to is not a phone number")
    data = message.get("biz_opaque_callback_data", "")
    if not isinstance(data, str) or len(data) > _LONGEST_CALLBACK_DATA:
        return Fault(131009, "biz_opaque_callback_data is too long or no text")
    return _content_fault(message)


def _content_fault(message: Mapping[str, Any]) -> Fault | None:
    kind = message.get("type", "text")
    if kind not in _TYPES:
        return Fault(131009, f"type {kind} is not supported")
    content = message.get(kind)
    if not content:
        return Fault(131008, f"The parameter {kind} is required.")
    if kind == "contacts":
        return None if isinstance(content, list) else Fault(131009, "contacts is not a list")
    if not isinstance(content, dict):
        return Fault(131009, f"{kind} is not an object")
    lacking = [name for name in _required(kind, content) if not content.get(name)]
    if lacking:
        return Fault(131008, f"The parameter {kind}.{lacking[0]} is required.")
    if kind == "text" and len(str(content["body"])) > _LONGEST_TEXT:
        return Fault(100, f"text.body must be at most {_LONGEST_TEXT} characters long")
    return None


def _required(kind: str, content: Mapping[str, Any]) -> tuple[str, ...]:
    if kind in _MEDIA:
        return () if content.get("link") else ("id",)
    return {
        "text": ("body",),
        "template": ("name", "language"),
        "reaction": ("message_id",),
        "location": ("latitude", "longitude"),
        "interactive": ("type", "action"),
    }[kind]


def digits_of(number: object) -> str:
    """Answer the digits of a number as it may be written to Meta, "" when it is none."""
    written = str(number)
    return re.sub(r"\D", "", written) if re.fullmatch(r"\+?[\d\s().-]+", written) else ""
