"""What can go wrong on the wire and in the database, armed for a later call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from typing_extensions import override

from syncbridge.clock import Clock, from_ms, to_ms
from syncbridge.errors import (
    CredentialsRevoked,
    OutcomeUnknown,
    QuotaExhausted,
    RateLimited,
    RemoteError,
    StoreBusy,
    Unavailable,
)
from syncbridge.store.session import Store, Transaction, Work

T = TypeVar("T")

#: What a fault on the wire may be; "meanwhile" lets something else happen during the call.
WIRE_FAULTS = (
    "down",
    "lost",
    "rate_limit",
    "quota",
    "refuse",
    "refuse",
    "cut",
    "crash_before",
    "crash_after",
    "meanwhile_before",
    "meanwhile_after",
    "meanwhile_before",
    "meanwhile_after",
)
DATABASE_FAULTS = ("busy", "crash_before", "crash_after")
_QUOTA_MS = 20 * 60_000


class Crash(BaseException):
    """The process ends here and now."""


@dataclass(slots=True)
class Fault:
    """One thing that will go wrong."""

    kind: str
    #: How many calls go well before it.
    after: int
    #: What happens meanwhile.
    meanwhile: Callable[[], None] | None = None


@dataclass(slots=True)
class Wire:
    """Every call to a vendor goes through here."""

    now: Clock
    armed: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    #: Connections whose token died.
    revoked: set[str] = field(default_factory=set)
    #: Connection -> when its quota is renewed, milliseconds.
    exhausted: dict[str, int] = field(default_factory=dict)
    calls: int = 0
    is_calm: bool = False
    _is_nested: bool = False

    def arm(self, connection: str, fault: Fault) -> None:
        """Let a coming call of a connection go wrong."""
        self.armed[connection].append(fault)

    def calm(self) -> None:
        """Nothing goes wrong any more."""
        self.is_calm = True
        self.armed.clear()
        self.revoked.clear()
        self.exhausted.clear()

    def call(self, connection: str, effect: Callable[[], T], *, is_write: bool = False) -> T:
        """Carry a call out, well or badly.

        Raises:
            RemoteError: as a connector would.
            Crash: the process ends before or after the call took effect.
        """
        self.calls += 1
        self._refuse_all(connection)
        kind, fault = self._take(connection, is_write=is_write)
        if kind == "crash_before":
            raise Crash("on the wire, before the call")
        if kind == "down":
            raise Unavailable("the vendor is down", connection=connection)
        if kind == "rate_limit":
            raise RateLimited("slow down", retry_after_s=10.0, connection=connection)
        if kind == "quota":
            self.exhausted[connection] = to_ms(self.now()) + _QUOTA_MS
            self._refuse_all(connection)
        if kind == "meanwhile_before":
            self._meanwhile(fault)
        answer = effect()
        if kind == "meanwhile_after":
            self._meanwhile(fault)
        if kind == "crash_after":
            raise Crash("on the wire, after the call")
        if kind == "lost":
            raise self._lost(connection, is_write=is_write)
        return answer

    def _lost(self, connection: str, *, is_write: bool) -> RemoteError:
        if is_write:
            return OutcomeUnknown("the answer never came", connection=connection)
        return Unavailable("the answer never came", connection=connection)

    def takes(self, connection: str, kind: str) -> bool:
        """Say whether a fault of this kind is armed for this call, and use it up."""
        for fault in self.armed.get(connection, ()):
            if fault.kind == kind and fault.after <= 0:
                self.armed[connection].remove(fault)
                return True
        return False

    def _take(self, connection: str, *, is_write: bool) -> tuple[str, Fault | None]:
        found: Fault | None = None
        for fault in list(self.armed.get(connection, ())):
            if fault.kind in ("refuse", "cut") and not is_write:
                continue
            if fault.after > 0:
                fault.after -= 1
            elif found is None and fault.kind not in ("refuse", "cut"):
                self.armed[connection].remove(fault)
                found = fault
        return (found.kind, found) if found else ("", None)

    def _refuse_all(self, connection: str) -> None:
        if connection in self.revoked:
            raise CredentialsRevoked("the token is not valid any more", connection=connection)
        until_ms = self.exhausted.get(connection, 0)
        if until_ms > to_ms(self.now()):
            raise QuotaExhausted(
                "the daily quota is used up", until=from_ms(until_ms), connection=connection
            )

    def _meanwhile(self, fault: Fault | None) -> None:
        if fault is None or fault.meanwhile is None or self._is_nested:
            return
        self._is_nested = True
        try:
            fault.meanwhile()
        finally:
            self._is_nested = False


class FaultyStore(Store):
    """The real store, behind a door that may be shut or may fall on whoever goes through."""

    def __init__(self, inner: Store) -> None:
        self.inner = inner
        self.engine = inner.engine
        self.armed: list[Fault] = []
        #: True while a work runs.
        self.is_working = False

    @override
    def transact(self, work: Work[T]) -> T:
        kind = self._take()
        if kind == "crash_before":
            raise Crash("in the database, before the transaction")
        if kind == "busy":
            raise StoreBusy("the database is busy")
        answer = self._run(work, self.inner.transact)
        if kind == "crash_after":
            raise Crash("in the database, after the commit")
        return answer

    @override
    def read(self, work: Work[T]) -> T:
        if self._take() in ("crash_before", "crash_after"):
            raise Crash("in the database, while reading")
        return self._run(work, self.inner.read)

    @override
    def close(self) -> None:
        self.inner.close()

    def _run(self, work: Work[T], run: Callable[[Work[T]], T]) -> T:
        def watched(tx: Transaction) -> T:
            self.is_working = True
            try:
                return work(tx)
            finally:
                self.is_working = False

        return run(watched)

    def _take(self) -> str:
        found = ""
        for fault in list(self.armed):
            if fault.after > 0:
                fault.after -= 1
            elif not found:
                self.armed.remove(fault)
                found = fault.kind
        return found
