"""Webhook payloads as Meta builds them: pure, for the imitation, the tests and the demo.

Every builder of something said answers an `Update`; `envelope` puts updates into one delivery, as
Meta batches them, and `encode` and `sign` make it the bytes and the header that Meta sends.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: One item of a delivery, with the field it is sent under and the list it stands in; or, with
#: `value` instead of `item`, all that an account field says.
Update = dict[str, Any]

ACCOUNT = "1234567890"
WABA = "102290129340398"
BUSINESS = "15550783881"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who writes, as far as WhatsApp shows them: "" is withheld."""

    number: str = ""
    #: None: the payload carries no profile.
    name: str | None = None
    user_id: str = ""
    parent_user_id: str = ""
    username: str = ""

    def contact(self) -> dict[str, Any]:
        """Answer the person as an item of `contacts[]`."""
        fields = {
            "profile": _given({"name": self.name, "username": self.username or None}),
            "wa_id": self.number,
            "user_id": self.user_id,
            "parent_user_id": self.parent_user_id,
        }
        return {key: value for key, value in fields.items() if value}


def wamid(number: str, serial: int, *, is_inbound: bool = True) -> str:
    """Answer a message id of Meta's inner form: whose chat, which way, which message."""
    way, key = (0x12, f"3A{serial:018X}") if is_inbound else (0x11, f"3B{serial:016X}")
    peer = (number or "0").encode()
    packed = b"".join(
        (
            bytes((0x1C, 0x18, len(peer))),
            peer,
            bytes((0x15, 0x02, 0x00, way, 0x18, len(key))),
            key.encode(),
            b"\x00",
        )
    )
    return "wamid." + base64.b64encode(packed).decode()


def message(person: Person, kind: str, content: Any, *, id: str, at: int, **about: Any) -> Update:
    """Answer a message of any type.

    Args:
        person: who writes.
        kind: Meta's name of the type.
        content: what stands under that name; None leaves it out.
        id: the message id.
        at: Unix seconds.
        about: what stands beside the content: context, referral, group_id, errors.
    """
    sender = {
        "from": person.number,
        "from_user_id": person.user_id,
        "from_parent_user_id": person.parent_user_id,
    }
    item = {key: value for key, value in sender.items() if value}
    item |= {"id": id, "timestamp": str(at), "type": kind}
    if content is not None:
        item[kind] = content
    update = {"field": "messages", "key": "messages", "item": {**item, **about}}
    return {**update, "contact": person.contact()}


def text(person: Person, body: str, *, id: str, at: int, **about: Any) -> Update:
    """Answer a text message."""
    return message(person, "text", {"body": body}, id=id, at=at, **about)


def media(
    person: Person,
    kind: str,
    media_id: str,
    *,
    id: str,
    at: int,
    file: Mapping[str, Any] | None = None,
    **about: Any,
) -> Update:
    """Answer an image, video, audio, document or sticker; `file` holds mime_type, caption, …."""
    part = {"id": media_id, **_MEDIA.get(kind, {}), **(file or {})}
    return message(person, kind, part, id=id, at=at, **about)


def image(
    person: Person, media_id: str, *, id: str, at: int, caption: str = "", **about: Any
) -> Update:
    """Answer an image, with or without words."""
    file = {"caption": caption} if caption else {}
    return media(person, "image", media_id, id=id, at=at, file=file, **about)


_MEDIA: Mapping[str, Mapping[str, Any]] = {
    "image": {"mime_type": "image/jpeg"},
    "video": {"mime_type": "video/mp4"},
    "audio": {"mime_type": "audio/ogg; codecs=opus", "voice": True},
    "document": {"mime_type": "application/pdf", "filename": "offer.pdf"},
    "sticker": {"mime_type": "image/webp", "animated": False},
}


def location(person: Person, spot: Mapping[str, Any], *, id: str, at: int) -> Update:
    """Answer a place: latitude, longitude and perhaps name and address."""
    return message(person, "location", dict(spot), id=id, at=at)


def cards(person: Person, *contacts: Mapping[str, Any], id: str, at: int) -> Update:
    """Answer address cards."""
    return message(person, "contacts", [dict(card) for card in contacts], id=id, at=at)


def shared_own_number(person: Person, number: str, *, id: str, at: int) -> Update:
    """Answer the card by which a person tells the number that was asked for."""
    phones = [{"phone": f"+{number}", "wa_id": number, "type": "CELL"}]
    return cards(person, {"origin": "contact_request", "phones": phones}, id=id, at=at)


def button(person: Person, title: str, *, payload: str, id: str, at: int, **about: Any) -> Update:
    """Answer a tap on a template's button."""
    content = {"payload": payload, "text": title}
    return message(person, "button", content, id=id, at=at, **about)


def interactive(
    person: Person, kind: str, answer: Mapping[str, Any], *, id: str, at: int, **about: Any
) -> Update:
    """Answer a button_reply, list_reply, nfm_reply or call_permission_reply."""
    content = {"type": kind, kind: dict(answer)}
    return message(person, "interactive", content, id=id, at=at, **about)


def form(person: Person, answers: Mapping[str, Any] | str, *, id: str, at: int) -> Update:
    """Answer a filled form; a string stands for answers that need not be JSON."""
    written = answers if isinstance(answers, str) else json.dumps(answers)
    reply = {"name": "flow", "body": "Sent", "response_json": written}
    return interactive(person, "nfm_reply", reply, id=id, at=at)


def order(
    person: Person, items: Sequence[Mapping[str, Any]], *, id: str, at: int, note: str = ""
) -> Update:
    """Answer an order from the catalogue."""
    content = {"catalog_id": "194836987003835", "text": note, "product_items": list(items)}
    return message(person, "order", content, id=id, at=at)


def reaction(person: Person, target: str, emoji: str | None, *, id: str, at: int) -> Update:
    """Answer a reaction; "" and None are Meta's two ways to say that it was taken away."""
    content = {"message_id": target} | ({} if emoji is None else {"emoji": emoji})
    return message(person, "reaction", content, id=id, at=at)


def edit(person: Person, target: str, body: str, *, id: str, at: int) -> Update:
    """Answer a text's new words."""
    inner = {"context": {"id": "M0"}, "type": "text", "text": {"body": body}}
    content = {"original_message_id": target, "message": inner}
    return message(person, "edit", content, id=id, at=at)


def revoke(person: Person, target: str, *, id: str, at: int) -> Update:
    """Answer that a message was withdrawn."""
    return message(person, "revoke", {"original_message_id": target}, id=id, at=at)


def unsupported(person: Person, kind: str = "poll", *, id: str, at: int) -> Update:
    """Answer a message that the platform cannot show."""
    details = {"details": "Message type is currently not supported."}
    title = "Message type unknown"
    error = {"code": 131051, "title": title, "message": title, "error_data": details}
    return message(person, "unsupported", {"type": kind}, id=id, at=at, errors=[error])


def number_changed(person: Person, new: Person, *, id: str, at: int) -> Update:
    """Answer a system message: the person has another number."""
    body = f"User {person.name or 'A'} changed from {person.number} to {new.number}"
    ids = {"previous_user_id": person.user_id, "user_id": new.user_id}
    system = {"body": body, "wa_id": new.number, "type": "user_changed_number"}
    known = {key: value for key, value in ids.items() if value}
    return _system(Person(person.number), {**system, **known}, id=id, at=at)


def user_id_changed(person: Person, new: Person, *, id: str, at: int) -> Update:
    """Answer a system message: the person has another user id, and numbers are withheld."""
    system = {"type": "user_changed_user_id", "previous_user_id": person.user_id}
    return _system(Person(), {**system, "user_id": new.user_id}, id=id, at=at)


def _system(sender: Person, system: Mapping[str, Any], *, id: str, at: int) -> Update:
    update = message(sender, "system", dict(system), id=id, at=at)
    del update["contact"]
    return update


def status(
    id: str,
    word: str,
    *,
    at: int,
    to: Person | None = None,
    errors: Sequence[Mapping[str, Any]] = (),
    **about: Any,
) -> Update:
    """Answer how far a message of the business got.

    Args:
        id: of the message that was sent.
        word: sent, delivered, read, played or failed.
        at: Unix seconds.
        to: who it was sent to.
        errors: why it failed.
        about: what else stands in it: biz_opaque_callback_data, pricing, conversation, ….
    """
    to = to or Person()
    item: dict[str, Any] = {"id": id, "status": word, "timestamp": str(at)}
    item |= {
        "recipient_id": to.number,
        "recipient_user_id": to.user_id,
        "errors": list(errors),
        **about,
    }
    filled = {key: value for key, value in item.items() if value}
    return {"field": "messages", "key": "statuses", "item": filled}


def echo(update: Update, to: Person, *, business: str = BUSINESS) -> Update:
    """Answer a message as the business's own app wrote it, to a person."""
    senders = ("from", "from_user_id", "from_parent_user_id")
    said = {key: value for key, value in update["item"].items() if key not in senders}
    ids = {"to": to.number, "to_user_id": to.user_id}
    item = {"from": business, **{key: value for key, value in ids.items() if value}, **said}
    return {"field": "smb_message_echoes", "key": "message_echoes", "item": item}


def history(
    threads: Mapping[str, Sequence[Update]], *, phase: int = 0, chunk: int = 1, progress: int = 100
) -> Update:
    """Answer a chunk of history: for each number the messages of its thread, with their status.

    A message that an `echo` made is the business's own.
    """
    listed = [
        {"id": number, "messages": [_historic(update) for update in updates]}
        for number, updates in threads.items()
    ]
    about = {"phase": phase, "chunk_order": chunk, "progress": progress}
    item = {"metadata": about, "threads": listed}
    return {"field": "history", "key": "history", "item": item}


def _historic(update: Update) -> dict[str, Any]:
    context = {"status": "READ"}
    return {"history_context": context, **update["item"]}


def late_file(update: Update) -> Update:
    """Answer the file of a history message, which follows its placeholder."""
    return {"field": "history", "key": "messages", "item": update["item"]}


def preference(person: Person, word: str, *, at: int) -> Update:
    """Answer that a person said "stop" or "resume" to marketing."""
    item = {"wa_id": person.number, "user_id": person.user_id, "value": word, "timestamp": at}
    item |= {"category": "marketing_messages", "detail": f"User requested to {word} marketing"}
    filled = {key: value for key, value in item.items() if value}
    return {
        "field": "user_preferences",
        "key": "user_preferences",
        "item": filled,
        "contact": person.contact(),
    }


def named(person: Person, *, at: int, action: str = "add") -> Update:
    """Answer an entry of the business's own address book."""
    contact = _given({"full_name": person.name, "phone_number": person.number})
    item = {"type": "contact", "contact": contact, "action": action}
    item["metadata"] = {"timestamp": str(at)}
    return {"field": "smb_app_state_sync", "key": "state_sync", "item": item}


def account_update(field: str, **value: Any) -> Update:
    """Answer what an account field says."""
    return {"field": field, "value": value}


def envelope(
    updates: Iterable[Update],
    *,
    account: str = ACCOUNT,
    waba: str = WABA,
    business: str = BUSINESS,
    at: int | None = None,
) -> dict[str, Any]:
    """Put updates into one delivery: a change per field, people listed once per change.

    Args:
        updates: in the order in which they are to be told.
        account: the phone number id they are about; an update's own `account` goes before.
        waba: the business account's id.
        business: the business's number.
        at: Unix seconds of the entry; None leaves them out, as for messages.
    """
    changes: list[dict[str, Any]] = []
    values: dict[tuple[str, str], dict[str, Any]] = {}
    seen: set[str] = set()
    for update in updates:
        if "value" in update:
            changes.append({"value": update["value"], "field": update["field"]})
            continue
        place = (update["field"], update.get("account") or account)
        if place not in values:
            metadata = {"display_phone_number": business, "phone_number_id": place[1]}
            values[place] = {"messaging_product": "whatsapp", "metadata": metadata}
            changes.append({"value": values[place], "field": place[0]})
        _put(values[place], update, f"{place}", seen)
    entry = {"id": waba, "changes": changes} | ({} if at is None else {"time": at})
    return {"object": "whatsapp_business_account", "entry": [entry]}


def _put(value: dict[str, Any], update: Update, place: str, seen: set[str]) -> None:
    contact = update.get("contact")
    if contact and (shown := place + json.dumps(contact)) not in seen:
        seen.add(shown)
        value.setdefault("contacts", []).append(contact)
    value.setdefault(update["key"], []).append(update["item"])


def encode(payload: Mapping[str, Any]) -> bytes:
    """Answer a delivery's bytes: what is not plain ASCII escaped, and some of that as well."""
    written = json.dumps(payload, separators=(",", ":"))
    for plain, escaped in _ESCAPED.items():
        written = written.replace(plain, escaped)
    return written.encode()


#: Outside strings JSON has none of these characters.
_ESCAPED = {"/": "\\/", "@": "\\u0040", "%": "\\u0025", "<": "\\u003C"}


def sign(body: bytes, secret: str) -> str:
    """Answer the `X-Hub-Signature-256` of a body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}
