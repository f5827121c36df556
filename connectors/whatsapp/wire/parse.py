"""The walk through a delivery: entries, changes, items; each item on its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from connectors.whatsapp.wire.accounts import (
    ACCOUNT_FIELDS,
    error_event,
    named_event,
    notice_event,
    notice_parts,
    wish_event,
)
from connectors.whatsapp.wire.body import load
from connectors.whatsapp.wire.history import said_in_history, said_in_thread
from connectors.whatsapp.wire.messages import Frame, said_by_us, said_to_us
from connectors.whatsapp.wire.people import Contacts
from connectors.whatsapp.wire.statuses import status_event
from connectors.whatsapp.wire.value import Unreadable, digits, listed, mapping, moment, word
from syncbridge.model.event import Event, Leftover, Parsed

_Read = Callable[[Frame, Mapping[str, Any]], Event]

#: Fields through which people are heard. `standby` replaces `messages` while Meta's own agent
#: holds a conversation.
_CHANNEL_FIELDS = frozenset(
    {
        "history",
        "messages",
        "smb_app_state_sync",
        "smb_message_echoes",
        "standby",
        "user_preferences",
    }
)

#: What stands in a channel's value, whatever its field: a new field that carries messages (as
#: `standby` was) is heard at once.
_READERS: Mapping[str, _Read] = {
    "messages": said_to_us,
    "message_echoes": said_by_us,
    "statuses": status_event,
    "state_sync": named_event,
    "user_preferences": wish_event,
    "errors": error_event,
}
_HEARD = frozenset(_READERS) - {"errors"} | {"history"}
_SURROUNDINGS = frozenset({"contacts", "messaging_product", "metadata"})

#: What the dashboard's "Test" button fills in.
_TEST_ENTRY, _TEST_ACCOUNT = "0", "123456123"

_LONGEST_FRAGMENT = 2000


def parse(body: bytes) -> Parsed:
    """Split a delivery into events, in its order, and the parts that could not become one.

    One item that cannot be read never costs another; nothing that was said is left out of both
    lists. `Event.scope` stays empty: a delivery does not name the business portfolio.

    Raises:
        WebhookRefused: the body as a whole is not a delivery of WhatsApp (status 400).
    """
    walk = _Walk()
    for index, entry in enumerate(load(body)["entry"]):
        walk.entry(entry, f"entry[{index}]")
    return Parsed(tuple(walk.events), tuple(walk.leftovers))


class _Walk:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self.leftovers: list[Leftover] = []

    def entry(self, entry: Any, place: str) -> None:
        changes = mapping(entry).get("changes")
        if not isinstance(changes, list) or not changes:
            self._leave("malformed", place, entry)
            return
        for index, change in enumerate(changes):
            self._change(entry, change, f"{place}.changes[{index}]")

    def _change(self, entry: Mapping[str, Any], change: Any, place: str) -> None:
        value = mapping(change).get("value")
        # Examples of Meta's misplace the field's name by one level, inwards or outwards.
        told = (word(mapping(part).get("field")) for part in (change, value, entry))
        field = next(filter(None, told), "")
        if not field or not isinstance(value, dict):
            self._leave("malformed", place, change)
            return
        frame = _frame(entry, field, value)
        if frame.entry_id == _TEST_ENTRY or frame.account == _TEST_ACCOUNT:
            self._leave("dashboard_test", place, change)
        elif field in _CHANNEL_FIELDS or any(value.get(key) for key in _HEARD):
            self._channel(frame, value, f"{place}.value")
        elif field in ACCOUNT_FIELDS:
            for below, item in notice_parts(value):
                self._take(notice_event, frame, item, f"{place}.value{below}")
        else:
            self._leave("unknown_field", place, change)

    def _channel(self, frame: Frame, value: Mapping[str, Any], place: str) -> None:
        is_empty = True
        for key, part in value.items():
            if key in _SURROUNDINGS or part is None:
                continue
            is_empty = False
            below = f"{place}.{key}"
            if key == "history" and isinstance(part, list):
                self._history(frame, part, below)
            elif (read := _reader(frame, key)) and isinstance(part, list):
                for index, item in enumerate(part):
                    self._take(read, frame, item, f"{below}[{index}]")
            else:
                self._leave("malformed" if key in _HEARD else "unknown_part", below, part)
        if is_empty:
            self._leave("empty", place, value)

    def _history(self, frame: Frame, chunks: list[Any], place: str) -> None:
        for number, chunk in enumerate(chunks):
            here = f"{place}[{number}]"
            threads, errors = (listed(mapping(chunk).get(key)) for key in ("threads", "errors"))
            if not (threads or errors):
                self._leave("malformed", here, chunk)
            for index, error in enumerate(errors):
                self._take(error_event, frame, error, f"{here}.errors[{index}]")
            for index, thread in enumerate(threads):
                self._thread(frame, thread, f"{here}.threads[{index}]")

    def _thread(self, frame: Frame, thread: Any, place: str) -> None:
        messages = mapping(thread).get("messages")
        if not isinstance(messages, list):
            self._leave("malformed", place, thread)
            return
        read = partial(said_in_thread, thread)
        for index, message in enumerate(messages):
            self._take(read, frame, message, f"{place}.messages[{index}]")

    def _take(self, read: _Read, frame: Frame, item: Any, place: str) -> None:
        if not isinstance(item, dict):
            self._leave("malformed", place, item)
            return
        try:
            self.events.append(read(frame, item))
        except Unreadable as exc:
            self._leave(exc.reason, place, item)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            # The readers answer for every value; should one not, the other items still count.
            self._leave("malformed", place, item)

    def _leave(self, reason: str, place: str, part: Any) -> None:
        fragment = json.dumps(part, ensure_ascii=False)[:_LONGEST_FRAGMENT]
        self.leftovers.append(Leftover(reason, place, fragment))


def _frame(entry: Mapping[str, Any], field: str, value: Mapping[str, Any]) -> Frame:
    metadata = mapping(value.get("metadata"))
    return Frame(
        entry_id=word(entry.get("id")),
        entry_at=moment(entry.get("time")),
        field=field,
        account=word(metadata.get("phone_number_id")),
        business=digits(metadata.get("display_phone_number")),
        contacts=Contacts(listed(value.get("contacts"))),
    )


def _reader(frame: Frame, key: str) -> _Read | None:
    if key == "messages" and frame.field == "history":
        return said_in_history
    return _READERS.get(key)
