"""Webhooks under way: late, doubled, out of order, lost, and tried again until acknowledged."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from syncbridge.model.event import Event
from syncbridge.testing import wire as envelope
from syncbridge.testing.clock import MovableClock

#: How late a webhook may come, milliseconds; most come at once.
_DELAYS_MS = (0, 0, 0, 200, 1_000, 5_000, 60_000, 900_000)
_RETRY_MS = 30_000
#: How often a CRM tries; a channel tries until it is told 200.
_CRM_TRIES = 3


@dataclass(slots=True)
class Parcel:
    """One delivery under way."""

    connection: str
    body: bytes
    due_ms: int
    is_kept: bool
    tries: int = 0


class Post:
    """What vendors have told and we have not acknowledged."""

    def __init__(self, clock: MovableClock, chance: Random, channels: frozenset[str]) -> None:
        self.parcels: list[Parcel] = []
        self.is_calm = False
        self._clock = clock
        self._chance = chance
        self._channels = channels

    def tell(self, connection: str, events: list[Event]) -> None:
        """A vendor sends a webhook; a CRM's may never come."""
        is_kept = connection in self._channels
        chance = self._chance
        if not is_kept and not self.is_calm and chance.random() < 0.2:
            return
        delay_ms = 0 if self.is_calm else chance.choice(_DELAYS_MS)
        parcel = Parcel(connection, envelope.body_of(events), self._clock.ms + delay_ms, is_kept)
        self.parcels.append(parcel)
        if not self.is_calm and chance.random() < 0.15:
            # The same events in other bytes, as a vendor's second attempt has them.
            again = parcel.body + b" " * chance.randint(0, 1)
            later_ms = parcel.due_ms + chance.choice(_DELAYS_MS)
            self.parcels.append(Parcel(connection, again, later_ms, is_kept))

    def take(self, chance: Random) -> Parcel | None:
        """Take one of the parcels that are due, the oldest more often than others."""
        due = [one for one in self.parcels if one.due_ms <= self._clock.ms]
        if not due:
            return None
        parcel = due[0] if chance.random() < 0.6 else chance.choice(due)
        self.parcels.remove(parcel)
        return parcel

    def refuse(self, parcel: Parcel) -> None:
        """It was not acknowledged: try again, a CRM not for ever."""
        parcel.tries += 1
        if parcel.is_kept or parcel.tries < _CRM_TRIES:
            parcel.due_ms = self._clock.ms + _RETRY_MS
            self.parcels.append(parcel)
