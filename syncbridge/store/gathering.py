"""Group commit: what many threads want stored at the same time is stored by one of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from syncbridge.clock import monotonic_s
from syncbridge.errors import StoreBusy
from syncbridge.store.session import Store, Transaction

#: From so many callers at once on, and for so long after them, there is a crowd.
_CROWD: Final = 4
_CROWD_S: Final = 0.1

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Gathering(Generic[Item, Answer]):
    """Runs one work for all items that wait, in one transaction; may be used by many threads.

    Whoever comes first leads, and carries out what is there; meanwhile the others gather. One of
    those leads next, so that nobody waits for more than the commit under way and their own.
    """

    def __init__(
        self, store: Store, work: Callable[[Transaction, Sequence[Item]], Sequence[Answer]]
    ) -> None:
        self._store = store
        self._work = work
        self._lock = threading.Lock()
        self._waiting: list[_Guest[Item, Answer]] = []
        self._is_led = False
        self._present = 0
        self._crowded_at_s = float("-inf")

    @property
    def is_crowded(self) -> bool:
        """Say whether several callers wait, or did so just now."""
        return self._present >= _CROWD or monotonic_s() - self._crowded_at_s < _CROWD_S

    def put(self, item: Item) -> Answer:
        """Answer what the work answered for this item, once that is durable.

        Raises:
            StoreBusy: the database refused; nothing was kept.
        """
        guest: _Guest[Item, Answer] = _Guest(item)
        with self._lock:
            self._present += 1
            self._waiting.append(guest)
            guest.leads, self._is_led = not self._is_led, True
        if not guest.leads:
            guest.called.wait()
        if guest.leads:
            self._lead()
        with self._lock:
            if self._present >= _CROWD:
                self._crowded_at_s = monotonic_s()
            self._present -= 1
        return guest.answer()

    def _lead(self) -> None:
        with self._lock:
            group, self._waiting = self._waiting, []
        self._carry_out(group)
        with self._lock:
            self._is_led = bool(self._waiting)
            if self._is_led:
                self._waiting[0].leads = True
                self._waiting[0].called.set()
        for guest in group:
            guest.called.set()

    def _carry_out(self, group: Sequence[_Guest[Item, Answer]]) -> None:
        """Store the items together; if that fails, one by one: a bad one harms nobody else."""
        items = [guest.item for guest in group]
        try:
            answers = self._store.transact(lambda tx: self._work(tx, items))
        except BaseException as exc:  # noqa: BLE001 - raised again by each caller
            if len(group) > 1 and not isinstance(exc, StoreBusy):
                for guest in group:
                    self._carry_out([guest])
            else:
                for guest in group:
                    guest.error = exc
        else:
            for guest, answer in zip(group, answers, strict=True):
                guest.answers = (answer,)


class _Guest(Generic[Item, Answer]):
    """One item, and the caller that waits for it."""

    def __init__(self, item: Item) -> None:
        self.item = item
        #: Set when the item was carried out, or when its caller is to lead.
        self.called = threading.Event()
        self.leads = False
        self.answers: tuple[Answer, ...] = ()
        self.error: BaseException | None = None

    def answer(self) -> Answer:
        """Answer what came of the item, or raise it."""
        if self.error is not None:
            raise self.error
        (answer,) = self.answers
        return answer
