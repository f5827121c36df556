"""From the bytes of a delivery to its JSON object, or to a refusal with its reason."""

from __future__ import annotations

from typing import Any

from syncbridge.errors import WebhookRefused
from syncbridge.remote.webhook import json_document

_OBJECT = "whatsapp_business_account"


def load(body: bytes) -> dict[str, Any]:
    """Answer the delivery's object; every string in it can be stored as UTF-8 text.

    Raises:
        WebhookRefused: it is not UTF-8, not JSON, not an object, nested too deeply, or not about
            a WhatsApp business account; status 400.
    """
    payload = json_document(body)
    if not isinstance(payload, dict):
        raise WebhookRefused("the body is not a JSON object", status=400)
    # Two of Meta's own examples carry the object's name further inside: a list of entries will do.
    if payload.get("object", _OBJECT) != _OBJECT:
        raise WebhookRefused(f"the object is not {_OBJECT}", status=400)
    if not isinstance(payload.get("entry"), list):
        raise WebhookRefused("the body has no list of entries", status=400)
    return payload
