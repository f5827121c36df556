"""How frequent values are: what sharing one is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from syncbridge.match.coded import Coded
from syncbridge.match.people import People, value_columns

#: Number of a comparison -> the rate of strangers who have each value, in the order of its values.
ValueRates: TypeAlias = Mapping[int, NDArray[np.float64]]

#: Records that are believed to share a value besides those that do.
_UNSEEN: Final = 0.5
#: Two records that share a value may be one person, and then no stranger was seen with it.
_OWN: Final = 2


@dataclass(frozen=True, slots=True)
class Frequencies:
    """The frequent values of a base, kept beside its model to judge records that come later."""

    #: Number of a comparison -> how many records have any value.
    known: Mapping[int, int]
    #: Number of a comparison -> value -> how many records have it, where more than two do.
    counts: Mapping[int, Mapping[str, int]]

    def rates(self, people: People) -> ValueRates:
        """Answer the rates of the values of some records as those of the base."""
        return {
            place: _rates(
                np.array([self.counts[place].get(value, 0) for value in column.values], np.float64),
                self.known[place],
            )
            for place, column in value_columns(people).items()
        }

    def to_json(self) -> dict[str, Any]:
        """Answer plain values that `from_json` understands."""
        return {
            "known": {str(place): known for place, known in self.known.items()},
            "counts": {str(place): dict(counts) for place, counts in self.counts.items()},
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Frequencies:
        """Answer the frequencies of plain values."""
        return cls(
            known={int(place): int(known) for place, known in values["known"].items()},
            counts={int(place): dict(counts) for place, counts in values["counts"].items()},
        )


def count_values(people: People) -> Frequencies:
    """Answer the frequencies of a base."""
    columns = value_columns(people)
    return Frequencies(
        known={place: _known(column) for place, column in columns.items()},
        counts={place: _frequent(column) for place, column in columns.items()},
    )


def rates_of(people: People) -> ValueRates:
    """Answer the rates of a base's own values, without counting them one by one."""
    return {
        place: _rates(column.counts().astype(np.float64), _known(column))
        for place, column in value_columns(people).items()
    }


def _known(column: Coded) -> int:
    return int((column.codes >= 0).sum())


def _frequent(column: Coded) -> dict[str, int]:
    counts = column.counts()
    return {column.values[at]: int(counts[at]) for at in np.flatnonzero(counts > _OWN)}


def _rates(counts: NDArray[np.float64], known: int) -> NDArray[np.float64]:
    return (np.maximum(counts - _OWN, 0) + _UNSEEN) / max(known, 1)
