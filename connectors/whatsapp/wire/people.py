"""Who a message is from: `contacts[]` matched by id, ids that may be withheld, ids that change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.whatsapp.wire.value import Unreadable, digits, mapping, text, word
from syncbridge.model.event import PeerMoved
from syncbridge.model.identity import Peer

_NOBODY: Mapping[str, Any] = {}


class Contacts:
    """The `contacts[]` of one change, found by user id or number and never by position."""

    def __init__(self, contacts: Sequence[Any]) -> None:
        self._by_user_id: dict[str, Mapping[str, Any]] = {}
        self._by_number: dict[str, Mapping[str, Any]] = {}
        for contact in contacts:
            if not isinstance(contact, dict):
                continue
            if user_id := word(contact.get("user_id")):
                self._by_user_id.setdefault(user_id, contact)
            if number := digits(contact.get("wa_id")):
                self._by_number.setdefault(number, contact)

    def find(self, number: str, user_id: str) -> Mapping[str, Any]:
        """Answer the contact with this user id, else the one with this number; empty if none."""
        contact = self._by_user_id.get(user_id) if user_id else None
        if contact is not None:
            return contact
        contact = self._by_number.get(number, _NOBODY) if number else _NOBODY
        # The same number under another user id is another person: numbers are given out again.
        claimed = word(contact.get("user_id"))
        return _NOBODY if user_id and claimed and claimed != user_id else contact

    def peer(self, number: str, user_id: str, parent_user_id: str = "") -> Peer:
        """Answer the person with these ids ("" where withheld), completed from their contact."""
        contact = self.find(number, user_id)
        if not contact:
            return Peer(number, user_id, parent_user_id)
        profile = mapping(contact.get("profile"))
        username = word(profile.get("username")) or word(contact.get("username"))
        return Peer(
            number or digits(contact.get("wa_id")),
            user_id or word(contact.get("user_id")),
            parent_user_id or word(contact.get("parent_user_id")),
            username.removeprefix("@"),
            word(profile.get("name")) or None,
        )


def moved(message: Mapping[str, Any]) -> PeerMoved | None:
    """Read a system message about a changed number or user id; None when it is about neither.

    Names from before version 12 of the webhooks are understood as well. A changed identity hash
    leaves the ids as they were: both sides are then the same person.

    Raises:
        Unreadable: it tells of a change but not whose.
    """
    system = mapping(message.get("system"))
    kind = word(system.get("type"))
    new_number = digits(system.get("wa_id")) or digits(system.get("new_wa_id"))
    new_user_id = word(system.get("user_id"))
    is_change = kind in _CHANGES or (not kind and bool(new_number or new_user_id))
    if not is_change:
        return None
    previous = Peer(
        digits(message.get("from")) or digits(system.get("customer")),
        word(system.get("previous_user_id")) or word(message.get("from_user_id")),
        word(system.get("previous_parent_user_id")) or word(message.get("from_parent_user_id")),
    )
    current = Peer(new_number, new_user_id, word(system.get("parent_user_id")))
    if kind in _SAME_PERSON and not current.is_known:
        current = previous
    if not (previous.is_known and current.is_known):
        raise Unreadable("no_sender")
    return PeerMoved(previous, current, text(system.get("body")))


_SAME_PERSON = frozenset({"customer_identity_changed", "user_identity_changed"})
_CHANGES = _SAME_PERSON | {
    "user_changed_number",
    "customer_changed_number",
    "user_changed_user_id",
}
