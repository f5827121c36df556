"""Places, address cards and orders, with the lines that a person would read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.whatsapp.wire.value import digits, listed, mapping, text, word
from syncbridge.model.conversation import Content, MessageKind


def location(part: Mapping[str, Any]) -> Content:
    """Read a place: "Name, address (latitude, longitude)"."""
    named = ", ".join(filter(None, (word(part.get("name")), word(part.get("address")))))
    found = (_number(part.get("latitude")), _number(part.get("longitude")))
    spot = f"({', '.join(found)})" if all(found) else ""
    line = " ".join(filter(None, (named, spot)))
    problems = () if line else ("the place is missing",)
    return Content(MessageKind.LOCATION, line, details=dict(part), problems=problems)


def cards(part: Sequence[Any]) -> Content:
    """Read address cards, a line each: "Contact: Name +49 151 …, name@…, Company"."""
    known = [card for card in part if isinstance(card, dict)]
    lines = (_card_line(card) for card in known)
    return Content(MessageKind.CONTACTS, "\n".join(lines), details={"contacts": known})


def own_number(message: Mapping[str, Any]) -> str:
    """Answer the number in a card by which a person told their own, asked to; "" otherwise.

    A card that was forwarded by hand only claims something about a third person.
    """
    for card in listed(message.get("contacts")):
        if word(mapping(card).get("origin")) != "contact_request":
            continue
        phones = [mapping(phone) for phone in listed(card.get("phones"))]
        told = [digits(phone.get("wa_id")) for phone in phones]
        told += [digits(phone.get("phone")) for phone in phones]
        return next(filter(None, told), "")
    return ""


def order(part: Mapping[str, Any]) -> Content:
    """Read an order: what was written with it, then a line for each product."""
    lines = [_order_line(item) for item in listed(part.get("product_items"))]
    words = "\n".join(filter(None, [text(part.get("text")), *lines]))
    return Content(MessageKind.ORDER, words, details=dict(part))


def _order_line(item: object) -> str:
    fields = mapping(item)
    product = word(fields.get("product_retailer_id")) or "product"
    line = f"{_number(fields.get('quantity')) or '1'} x {product}"
    price = _number(fields.get("item_price"))
    return f"{line} at {price} {word(fields.get('currency'))}".rstrip() if price else line


def _card_line(card: Mapping[str, Any]) -> str:
    phones = (_phone(mapping(phone)) for phone in listed(card.get("phones")))
    addresses = (word(mapping(email).get("email")) for email in listed(card.get("emails")))
    head = " ".join(filter(None, ("Contact:", _card_name(mapping(card.get("name"))), *phones)))
    company = word(mapping(card.get("org")).get("company"))
    return ", ".join(filter(None, (head, *addresses, company)))


def _card_name(name: Mapping[str, Any]) -> str:
    parts = (word(name.get(part)) for part in ("first_name", "middle_name", "last_name"))
    return word(name.get("formatted_name")) or " ".join(filter(None, parts))


def _phone(phone: Mapping[str, Any]) -> str:
    number = digits(phone.get("wa_id"))
    return word(phone.get("phone")) or (f"+{number}" if number else "")


def _number(value: object) -> str:
    """Answer a number as Meta wrote it, whether as a number or as text."""
    return repr(value) if isinstance(value, float) else word(value)
