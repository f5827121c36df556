"""Writes the story down: each saying becomes an update, and what it should lead to is noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.whatsapp.sandbox import payloads
from connectors.whatsapp.sandbox.payloads import Update
from syncbridge.cli.demo.story.cast import Before, Somebody
from syncbridge.cli.demo.story.steps import Deliver, Fact, Foul, Script, Step, Told

#: The story is told as of the last hours: each update is a few seconds after the one before.
_LASTS_S = 3 * 3600
#: Far above those of messages that somebody writes by hand beside the story.
_FIRST_SERIAL = 1_000_000


class Pen:
    """Collects updates for the next delivery, and the steps so far."""

    def __init__(self, cast: Sequence[Somebody], now_s: int) -> None:
        self.cast = {one.key: one for one in cast}
        self.steps: list[Step] = []
        self.told: dict[str, Told] = {}
        self.facts: list[Fact] = []
        self.names = {one.key: [one.name] for one in cast}
        self.strangers: dict[str, str] = {}
        self.conflicts = 0
        self.dead_letters = 0
        self._at = now_s - _LASTS_S
        self._serial = _FIRST_SERIAL
        self._ids: dict[str, str] = {}
        self._heard: set[str] = {one.key for one in cast if one.before is not Before.NOWHERE}
        self._updates: list[Update] = []
        self._new: dict[str, str] = {}
        self._newcomers: list[str] = []
        self._renamed: list[str] = []
        self._changed: list[str] = []
        self._is_foul = False

    # Bookkeeping.

    def script(self) -> Script:
        """Answer the whole story."""
        return Script(
            steps=tuple(self.steps),
            told=self.told,
            facts=tuple(self.facts),
            people=tuple(self.cast),
            names={key: tuple(names) for key, names in self.names.items()},
            strangers=self.strangers,
            conflicts=self.conflicts,
            dead_letters=self.dead_letters,
        )

    def then(self, *steps: Step) -> None:
        """Let something happen after what was said so far."""
        self.post()
        for step in steps:
            if isinstance(step, Foul):
                self._is_foul = step.is_foul
            self.steps.append(step)

    def post(self, *, order: Sequence[int] = ()) -> Deliver | None:
        """Send what was said since the last time in one delivery; None if nothing was.

        Args:
            order: positions, the first to be told first; left out: as it was said.
        """
        if not self._updates:
            return None
        updates = [self._updates[place] for place in order] if order else self._updates
        step = Deliver(
            tuple(updates),
            tuple(self._new),
            tuple(self._newcomers),
            tuple(self._renamed),
            tuple(dict.fromkeys(key for key in self._changed if key not in self._new)),
        )
        self._updates, self._new = [], {}
        self._newcomers, self._renamed, self._changed = [], [], []
        self.steps.append(step)
        return step

    def split(self) -> tuple[Deliver, Deliver]:
        """Take the first update that waits and the others apart, in two deliveries to be sent."""
        whole = self.post()
        if whole is None:
            raise ValueError("nothing waits")
        self.steps.pop()
        rest = Deliver(whole.updates[1:], changed=whole.changed)
        return replace(whole, updates=whole.updates[:1], changed=()), rest

    def again(self, *deliveries: Deliver) -> None:
        """Deliver updates once more, in one delivery of their own, as Meta does."""
        self.post()
        updates = [update for delivery in deliveries for update in delivery.updates]
        self.steps.append(Deliver(tuple(updates)))

    @property
    def count(self) -> int:
        """How many updates wait for the next delivery."""
        return len(self._updates)

    def tick(self, seconds: int = 2) -> int:
        """Let time go by in the story; answer its present second."""
        self._at += seconds
        return self._at

    def new_id(self, who: Somebody, *, is_inbound: bool = True) -> str:
        """Answer a message id that was not used before."""
        self._serial += 1
        return payloads.wamid(who.wa_id, self._serial, is_inbound=is_inbound)

    def id_of(self, key: str) -> str:
        """Answer the message id behind a key."""
        return self._ids[key]

    def put(self, update: Update) -> None:
        """Let the next delivery carry an update that is no message."""
        self._updates.append(update)

    def _message(self, who: Somebody, update: Update, key: str, *, has_words: bool) -> str:
        item = update["item"]
        self._ids[key] = item["id"]
        told = Told(key, who.key, int(item["timestamp"]), has_words, is_foul=self._is_foul)
        if has_words:
            told.shown.append(f"#{key}")
        self.told[key] = told
        self._new[key] = item["id"]
        if who.key not in self._heard:
            self._heard.add(who.key)
            self._newcomers.append(who.key)
        self._updates.append(update)
        return key

    def _key(self) -> str:
        return f"w{len(self.told) + 1:04d}"

    def expect_phone(self, who: Somebody) -> None:
        """Note that every CRM has to show this number, and no earlier one."""
        self.facts = [fact for fact in self.facts if (fact.person, fact.name) != (who.key, "phone")]
        self.facts.append(Fact(who.key, "phone", who.phone))

    # What people say.

    def says(self, who: Somebody, words: str, **about: Any) -> str:
        """Somebody writes a text; answer its key, which stands in it."""
        key = self._key()
        made = payloads.text(
            who.peer(), f"{words} #{key}", id=self.new_id(who), at=self.tick(), **about
        )
        return self._message(who, made, key, has_words=True)

    def shows(
        self, who: Somebody, kind: str, content: Any, *, words: bool = True, **about: Any
    ) -> str:
        """Somebody sends a message of any type; `{key}` in its content becomes its key."""
        key = self._key()
        filled = _fill(content, f"#{key}")
        made = payloads.message(
            who.peer(), kind, filled, id=self.new_id(who), at=self.tick(), **about
        )
        return self._message(who, made, key, has_words=words)

    def answers(self, to: Somebody, words: str) -> str:
        """The business writes in its own app: an echo."""
        key = self._key()
        made = payloads.text(
            to.peer(), f"{words} #{key}", id=self.new_id(to, is_inbound=False), at=self.tick()
        )
        return self._message(to, payloads.echo(made, to.peer()), key, has_words=True)

    # What happens to messages.

    def status(self, key: str, word: str, *, shows: str | None = None, **about: Any) -> None:
        """A message of the business gets further; the last word by rank is what is shown."""
        told = self.told[key]
        who = self.cast[told.person]
        self.put(payloads.status(self.id_of(key), word, at=self.tick(1), to=who.peer(), **about))
        if shows is not None:
            told.shown[:] = [text for text in told.shown if not text.startswith("Status: ")]
            told.shown.append(f"Status: {shows}")
        self._changed.append(key)

    def reacts(self, key: str, emoji: str) -> None:
        """The writer's counterpart puts an emoji on a message; "" takes it away."""
        told = self.told[key]
        who = self.cast[told.person]
        update = payloads.reaction(
            who.peer(), self.id_of(key), emoji, id=self.new_id(who), at=self.tick(1)
        )
        self.put(update)
        if emoji:
            told.shown.append(emoji)
        else:
            told.hidden += [text for text in told.shown if not text.startswith("#")]
            told.shown = [text for text in told.shown if text.startswith("#")]
        self._changed.append(key)

    def edits(self, key: str, words: str) -> None:
        """Somebody changes the words of a message."""
        told = self.told[key]
        who = self.cast[told.person]
        self.put(
            payloads.edit(
                who.peer(),
                self.id_of(key),
                f"{words} #{key}",
                id=self.new_id(who),
                at=self.tick(1),
            )
        )
        told.shown.append(words)
        self._changed.append(key)

    def revokes(self, key: str) -> None:
        """Somebody takes a message back: its words must be nowhere any more."""
        told = self.told[key]
        who = self.cast[told.person]
        made = payloads.revoke(who.peer(), self.id_of(key), id=self.new_id(who), at=self.tick(1))
        self.put(made)
        told.hidden += told.shown
        told.shown, told.has_words = ["withdrawn"], False
        self._changed.append(key)

    # What happens to people.

    def moves(self, who: Somebody, to: Somebody) -> None:
        """Somebody has another number, and WhatsApp says so."""
        made = payloads.number_changed(who.peer(), to.peer(), id=self.new_id(who), at=self.tick())
        self.put(made)
        self.cast[who.key] = to
        self._renamed.append(who.key)

    def changes_user_id(self, who: Somebody, to: Somebody) -> None:
        """Somebody without a known number has another user id, and WhatsApp says so."""
        made = payloads.user_id_changed(who.peer(), to.peer(), id=self.new_id(who), at=self.tick())
        self.put(made)
        self.cast[who.key] = to

    def renames(self, who: Somebody, to: Somebody) -> None:
        """Somebody takes another profile name; it shows with the next message."""
        self.cast[who.key] = to
        self.names[who.key].append(to.name)
        self._renamed.append(who.key)


def _fill(content: Any, key: str) -> Any:
    if isinstance(content, str):
        return content.replace("{key}", key)
    if isinstance(content, Mapping):
        return {name: _fill(part, key) for name, part in content.items()}
    if isinstance(content, list):
        return [_fill(part, key) for part in content]
    return content
