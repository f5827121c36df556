"""What was learned of a base: the weights by which two of its records are judged."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from syncbridge.match.fields import COMPARISONS, MISSING, Relation

Rates: TypeAlias = tuple[tuple[float, ...], ...]

#: A pair whose probability to be one person is at least this is joined by default.
DEFAULT_THRESHOLD: Final = 0.6
_MOST_LEVELS: Final = max(comparison.count for comparison in COMPARISONS)


@dataclass(frozen=True)
class Model:
    """Rates of each level among pairs of one person, of strangers and of related people.

    A frozen value that survives JSON; the same model gives the same verdict on the same two records
    wherever it is applied.
    """

    #: All pairs of the base it was learned from.
    pairs: float
    #: How many of them are expected to be one person, and how many related, by kind of relation.
    matches: float
    related: tuple[float, ...]
    #: Per comparison and level (the missing one left out).
    match_rates: Rates
    random_rates: Rates
    #: One table for each kind of relation.
    related_rates: tuple[Rates, ...]
    #: How many times more often than their parts' rates would have it strangers share a whole name:
    #: given and family names of one culture go together.
    namesakes: float = 1.0
    #: It was learned from the base; else it is what is believed beforehand.
    is_learned: bool = True

    def to_json(self) -> dict[str, Any]:
        """Answer plain values that `from_json` understands."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Model:
        """Answer the model of plain values."""
        return cls(
            pairs=float(values["pairs"]),
            matches=float(values["matches"]),
            related=tuple(map(float, values["related"])),
            match_rates=_rates(values["match_rates"]),
            random_rates=_rates(values["random_rates"]),
            related_rates=tuple(map(_rates, values["related_rates"])),
            namesakes=float(values["namesakes"]),
            is_learned=bool(values["is_learned"]),
        )

    def prior(self, relation: Relation | None) -> float:
        """Log odds of one person against people so related (None: strangers), nothing compared."""
        others = self.pairs if relation is None else self.related[list(Relation).index(relation)]
        return math.log(self.matches / others)

    def weights(self, relation: Relation | None) -> NDArray[np.float64]:
        """Log of how much more each level speaks for one person than for people so related.

        A table of one row a comparison and one column a level; a missing one says nothing.
        """
        return self._weights[relation]

    @cached_property
    def _weights(self) -> Mapping[Relation | None, NDArray[np.float64]]:
        match = _log_table(self.match_rates)
        rates = zip((None, *Relation), (self.random_rates, *self.related_rates), strict=True)
        return {relation: match - _log_table(each) for relation, each in rates}


def _rates(values: Sequence[Sequence[float]]) -> Rates:
    return tuple(tuple(map(float, rates)) for rates in values)


def logit(probability: float) -> float:
    """Answer the log odds of a probability."""
    return math.log(probability / (1 - probability))


def _log_table(rates: Rates) -> NDArray[np.float64]:
    table = np.zeros((len(rates), _MOST_LEVELS))
    for place, levels in enumerate(rates):
        table[place, MISSING + 1 : len(levels) + 1] = np.log(levels)
    return table
