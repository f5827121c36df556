"""Answers to buttons, lists and forms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connectors.whatsapp.wire.value import mapping, text, word
from syncbridge.model.conversation import Content, MessageKind

#: Ties a form to the message that offered it; means nothing to a person.
_FLOW_TOKEN = "flow_token"  # noqa: S105 - the name of a field


def button(part: Mapping[str, Any]) -> Content:
    """Read a tap on a template's button.

    The payload comes from the person's device: it shows what was tapped and authorises nothing.
    """
    return Content(MessageKind.BUTTON, text(part.get("text")), details=dict(part))


def interactive(part: Mapping[str, Any]) -> Content:
    """Read an answer to a message with buttons, a list, a form or a request."""
    kind = word(part.get("type")) or next(iter(part), "")
    answer = part.get(kind)
    if not isinstance(answer, dict):
        problem = "WhatsApp did not say what was answered"
        return Content(MessageKind.INTERACTIVE, details=dict(part), problems=(problem,))
    if kind == "nfm_reply":
        return _form(answer)
    if kind == "call_permission_reply":
        words = f"Calls: {word(answer.get('response')) or 'no answer'}"
    else:
        words = _choice(answer)
    return Content(MessageKind.INTERACTIVE, words, details=dict(part))


def _choice(answer: Mapping[str, Any]) -> str:
    title = word(answer.get("title")) or word(answer.get("text")) or word(answer.get("body"))
    return ": ".join(filter(None, (title, word(answer.get("description")))))


def _form(answer: Mapping[str, Any]) -> Content:
    """Read a filled form; its answers are JSON inside a string, and sometimes are not."""
    raw = answer.get("response_json")
    details = {"type": "nfm_reply", "nfm_reply": dict(answer)}
    try:
        fields = json.loads(raw) if isinstance(raw, str) else raw
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        problem = "the form's answers are no JSON object"
        words = text(answer.get("body"))
        return Content(MessageKind.INTERACTIVE, words, details=details, problems=(problem,))
    lines = (f"{name}: {_answer(value)}" for name, value in fields.items() if name != _FLOW_TOKEN)
    words = "\n".join(lines) or text(answer.get("body"))
    return Content(MessageKind.INTERACTIVE, words, details=details)


def _answer(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_answer(part) for part in value)
    return text(value) or json.dumps(mapping(value) or value, ensure_ascii=False)
