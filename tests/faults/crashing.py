"""A process that ends at its n-th call of the database or of another system."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from typing_extensions import override

from syncbridge.store.session import Store, Work
from syncbridge.testing import Crash, World

T = TypeVar("T")


class Countdown:
    """Counts moments: before and after every call; ends the process at one of them."""

    def __init__(self, crash_at: int | None = None) -> None:
        self.moments: list[str] = []
        self._crash_at = crash_at
        self.is_over = True

    def pass_by(self, moment: str) -> None:
        if self.is_over:
            return
        self.moments.append(moment)
        if len(self.moments) == self._crash_at:
            self.is_over = True
            raise Crash(moment)


class CountedStore(Store):
    """A door to a store that counts; a crash before a work keeps nothing, one after it all."""

    def __init__(self, inner: Store, countdown: Countdown) -> None:
        self.inner = inner
        self.engine = inner.engine
        self._countdown = countdown

    @override
    def transact(self, work: Work[T]) -> T:
        self._countdown.pass_by("before a transaction")
        answer = self.inner.transact(work)
        self._countdown.pass_by("after a transaction")
        return answer

    @override
    def read(self, work: Work[T]) -> T:
        return self.inner.read(work)

    @override
    def close(self) -> None:
        self.inner.close()


def run_and_crash(world: World, act: Callable[[World], object], crash_at: int | None) -> list[str]:
    """Act until the n-th moment, then begin a new process; answer the moments that were passed."""
    countdown = Countdown(crash_at)
    inner = world.store
    world.restart(store=CountedStore(inner, countdown))
    countdown.is_over = False
    for crm in world.crms.values():
        crm.script.watch = lambda verb, moment: countdown.pass_by(f"{moment} {verb}")
    try:
        act(world)
    except Crash:
        pass
    finally:
        countdown.is_over = True
        for crm in world.crms.values():
            crm.script.watch = None
    world.restart(store=inner)
    return countdown.moments
