"""Faults by switch: their spelling (`429:every=7`) and the board that says which call they hit."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class FaultKind(StrEnum):
    """What goes wrong."""

    #: the call is answered with an error status and does nothing
    STATUS = "status"
    #: the connection is held, then closed; nothing was done
    TIMEOUT_BEFORE = "timeout-before"
    #: the call is carried out, then the connection is held and closed without an answer
    TIMEOUT_AFTER = "timeout-after"
    #: the call is carried out and answered, late
    SLOW = "slow"
    #: the token is refused although it is right
    EXPIRED_TOKEN = "expired-token"  # noqa: S105 - a fault's name
    #: the account's calls of the day are used up
    DAILY_LIMIT = "daily-limit"
    #: a webhook delivery is lost for good
    DROP_WEBHOOK = "drop-webhook"
    #: a webhook delivery is sent twice
    DOUBLE_WEBHOOK = "double-webhook"


#: Kinds that hit what the vendor sends; all others hit what it is asked.
WEBHOOK_KINDS = frozenset({FaultKind.DROP_WEBHOOK, FaultKind.DOUBLE_WEBHOOK})


@dataclass(frozen=True)
class Fault:
    """One switch: what goes wrong, and with which calls."""

    kind: FaultKind
    #: the spelling it was parsed from
    spec: str
    #: answered status; only with `FaultKind.STATUS`
    status: int | None = None
    #: substring of the path; None matches all
    match: str | None = None
    #: HTTP method in capitals; None matches all
    method: str | None = None
    #: fires at most so often; None is without end
    times: int | None = None
    #: so many matching calls are spared first
    after: int = 0
    #: of the rest, each so-many-th is hit
    every: int = 1
    #: chance of those to be hit, 0 to 1
    rate: float = 1.0
    #: how long a dropped connection is held, seconds
    hold_s: float = 30.0
    #: how late a slow answer comes, milliseconds
    delay_ms: int = 1000
    #: value of the Retry-After header of a refused call, seconds; None leaves it out
    retry_after_s: int | None = None

    def applies_to(self, method: str, path: str) -> bool:
        """Whether calls of this method and path are subject to the fault."""
        return self.method in (None, method.upper()) and (self.match is None or self.match in path)


def _count(least: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise ValueError(f"a whole number of at least {least}")
        return int(text)

    return parse


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= 1:
        raise ValueError("a number from 0 to 1")
    return rate


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:
        raise ValueError("a number of seconds from 0 to 3600")
    return seconds


def _text(text: str) -> str:
    if not text:
        raise ValueError("some text")
    return text


def _method(text: str) -> str:
    if text.upper() not in {"GET", "POST", "PUT", "PATCH", "DELETE"}:
        raise ValueError("GET, POST, PUT, PATCH or DELETE")
    return text.upper()


#: Option as written -> (field of Fault, what reads it).
_OPTIONS: Mapping[str, tuple[str, Callable[[str], Any]]] = MappingProxyType(
    {
        "match": ("match", _text),
        "method": ("method", _method),
        "times": ("times", _count(1)),
        "after": ("after", _count(0)),
        "every": ("every", _count(1)),
        "rate": ("rate", _rate),
        "s": ("hold_s", _seconds),
        "ms": ("delay_ms", _count(1)),
        "retry-after": ("retry_after_s", _count(0)),
    }
)


def parse_fault(spec: str) -> Fault:
    """Read a fault such as `503:times=3` or `timeout-after:match=/batch/upsert:times=1:s=2`.

    The first part is a status from 400 to 599 or a `FaultKind`. Options: `match` (substring of the
    path), `method`, `times` (fires at most), `after` (calls spared first), `every` (each n-th),
    `rate` (chance, repeatable), `s` (seconds a connection is held), `ms` (lateness of slow
    answers), `retry-after` (header of refused calls, seconds).

    Raises:
        ValueError: with the part that is wrong and what to write instead.
    """
    head, *parts = spec.strip().split(":")
    fields: dict[str, Any] = dict(_parse_head(spec, head))
    for part in parts:
        name, value = _parse_option(spec, part)
        fields[name] = value
    return Fault(spec=spec.strip(), **fields)


def _parse_head(spec: str, head: str) -> dict[str, Any]:
    if head.isdecimal() and 400 <= int(head) <= 599:
        return {"kind": FaultKind.STATUS, "status": int(head)}
    named = [kind.value for kind in FaultKind if kind is not FaultKind.STATUS]
    if head not in named:
        raise ValueError(
            f"fault {spec!r}: {head!r} is no fault; write a status from 400 to 599 or one of "
            + ", ".join(named)
        )
    return {"kind": FaultKind(head)}


def _parse_option(spec: str, part: str) -> tuple[str, Any]:
    name, equals, value = part.partition("=")
    if not equals or name not in _OPTIONS:
        raise ValueError(
            f"fault {spec!r}: {part!r} is no option; write name=value with one of "
            + ", ".join(_OPTIONS)
        )
    target, parse = _OPTIONS[name]
    try:
        return target, parse(value)
    except ValueError as exc:
        raise ValueError(f"fault {spec!r}: {name}={value!r} should be {exc}") from exc


@dataclass
class _Armed:
    fault: Fault
    chance: random.Random
    seen: int = 0
    fired: int = 0

    def fires(self) -> bool:
        """Count one matching call and say whether it is hit."""
        self.seen += 1
        fault = self.fault
        if fault.times is not None and self.fired >= fault.times:
            return False
        eligible = self.seen - fault.after
        if eligible <= 0 or eligible % fault.every:
            return False
        if fault.rate < 1 and self.chance.random() >= fault.rate:
            return False
        self.fired += 1
        return True


@dataclass
class FaultBoard:
    """The armed faults of one sandbox. Thread-safe; the same calls give the same faults."""

    seed: int = 0
    _armed: list[_Armed] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def arm(self, *specs: str | Fault) -> None:
        """Switch faults on, in addition to those that are.

        Raises:
            ValueError: a spec cannot be read; then none of them is armed.
        """
        faults = [spec if isinstance(spec, Fault) else parse_fault(spec) for spec in specs]
        with self._lock:
            for fault in faults:
                seed = f"{self.seed}:{len(self._armed)}:{fault.spec}"
                chance = random.Random(seed)  # noqa: S311 - faults repeat, they guard nothing
                self._armed.append(_Armed(fault, chance))

    def clear(self) -> None:
        """Switch all faults off."""
        with self._lock:
            self._armed.clear()

    def hitting_call(self, method: str, path: str) -> Sequence[Fault]:
        """The faults that hit this incoming call: any number of slow ones, at most one other."""
        return self._hitting(method, path, webhook=False)

    def hitting_webhook(self, path: str) -> Sequence[Fault]:
        """The fault that hits this outgoing delivery, if any."""
        return self._hitting("POST", path, webhook=True)

    def _hitting(self, method: str, path: str, *, webhook: bool) -> Sequence[Fault]:
        hits: list[Fault] = []
        decided = False
        with self._lock:
            for armed in self._armed:
                fault = armed.fault
                if (fault.kind in WEBHOOK_KINDS) is not webhook:
                    continue
                slow = fault.kind is FaultKind.SLOW
                # A fault behind one that already decides keeps its turn for a later call.
                if (decided and not slow) or not fault.applies_to(method, path):
                    continue
                if armed.fires():
                    hits.append(fault)
                    decided = decided or not slow
        return hits

    def report(self) -> list[dict[str, Any]]:
        """The armed faults: spec, matching calls seen, times fired."""
        with self._lock:
            return [
                {"spec": armed.fault.spec, "seen": armed.seen, "fired": armed.fired}
                for armed in self._armed
            ]
