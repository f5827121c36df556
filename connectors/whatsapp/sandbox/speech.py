"""From a few words to the control API, to the update that Meta would make of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.whatsapp.sandbox.payloads import Person, Update, echo, message
from connectors.whatsapp.sandbox.world import World

#: What may stand beside a message's content.
_BESIDE = frozenset({"context", "errors", "group_id", "referral"})


class Misspoken(ValueError):
    """What was posted to the control API makes no delivery; the message tells what to post."""


def spoken(said: object, world: World, *, at: int) -> Update:
    """Answer the update of something said, and remember it.

    Args:
        said: `{from, name?, user_id?, username?, text}` or, for other types, `{from, type, <type>:
            {…}}`; `to` instead of `from` makes it an echo of the business's own app. `at`, `id`,
            `reply_to` and `phone_number_id` are optional. An object with `field` is an update
            already.
        world: gives out ids and remembers.
        at: Unix seconds, where the object tells none.

    Raises:
        Misspoken: with what is missing.
    """
    if not isinstance(said, dict):
        raise Misspoken("something said is a JSON object")
    update = _checked(said) if "field" in said else _composed(said, world, at)
    world.said.append(update.get("item") or update["value"])
    return update


def _checked(update: Update) -> Update:
    is_item = isinstance(update.get("item"), dict) and isinstance(update.get("key"), str)
    if not (is_item or isinstance(update.get("value"), dict)):
        raise Misspoken("an update has a field, and a key with an item or a value")
    return update


def _composed(said: Mapping[str, Any], world: World, at: int) -> Update:
    person = Person(
        number=str(said.get("from") or said.get("to") or "").lstrip("+"),
        name=said.get("name"),
        user_id=str(said.get("user_id") or ""),
        parent_user_id=str(said.get("parent_user_id") or ""),
        username=str(said.get("username") or ""),
    )
    if not (person.number or person.user_id):
        raise Misspoken("tell who speaks: from (a number's digits) or user_id")
    is_echo = "to" in said
    kind, content = _content(said)
    update = message(
        person,
        kind,
        content,
        id=str(said.get("id") or world.next_id(person.number, is_inbound=not is_echo)),
        at=_seconds(said.get("at", at)),
        **_beside(said, world),
    )
    if is_echo:
        update = echo(update, person, business=world.business)
    account = said.get("phone_number_id")
    return {**update, "account": str(account)} if account else update


def _content(said: Mapping[str, Any]) -> tuple[str, Any]:
    kind = str(said.get("type") or "text")
    content = said.get(kind)
    if kind == "text" and isinstance(content, str):
        return kind, {"body": content}
    if content is None and kind == "text":
        raise Misspoken("tell what is said: text, or type and what stands under its name")
    return kind, content


def _beside(said: Mapping[str, Any], world: World) -> dict[str, Any]:
    beside = {key: said[key] for key in _BESIDE & set(said)}
    if reply_to := said.get("reply_to"):
        beside["context"] = {"from": world.business, "id": reply_to}
    return beside


def _seconds(at: object) -> int:
    if isinstance(at, int):
        return at
    try:
        moment = datetime.fromisoformat(str(at))
    except ValueError as exc:
        raise Misspoken(f"at is Unix seconds or an ISO time, not {at!r}") from exc
    if moment.tzinfo is None:
        raise Misspoken("at needs its zone, such as +00:00")
    return int(moment.timestamp())
