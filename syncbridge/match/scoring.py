"""From levels to log odds that two records are one person."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from syncbridge.match.alike import Levels
from syncbridge.match.coded import Codes, Rows
from syncbridge.match.comparing import Comparer, share_whole_name
from syncbridge.match.fields import COMPARISONS, SAME, Relation, namesakes_among
from syncbridge.match.frequencies import Frequencies, rates_of
from syncbridge.match.model import Model
from syncbridge.match.people import People, value_columns

Scores: TypeAlias = NDArray[np.float64]

#: Log odds that a value's rarity adds or takes away at most.
_MOST_RARITY: Final = 7.0


class Scorer:
    """Judges pairs of records by one model."""

    def __init__(
        self,
        model: Model,
        people: People,
        comparer: Comparer,
        frequencies: Frequencies | None = None,
    ) -> None:
        """Prepare for the pairs of some records.

        Args:
            model: how to judge.
            people: the records.
            comparer: compares these records.
            frequencies: of the base they belong to; None: they are the base.
        """
        self.model = model
        self.comparer = comparer
        rates = frequencies.rates(people) if frequencies else rates_of(people)
        self._codes: Mapping[int, Codes] = {
            place: column.codes for place, column in value_columns(people).items()
        }
        self._rarity = {place: self._rarity_of(place, rates[place]) for place in self._codes}

    def pairs(self, left: Rows, right: Rows) -> Scores:
        """Compare pairs and answer their log odds to be one person."""
        return self.score(self.comparer.levels(left, right), left)

    def score(self, levels: Levels, left: Rows, *, least: float = -math.inf) -> Scores:
        """Answer the log odds of pairs whose levels are known.

        Args:
            levels: one row a pair, one column a comparison.
            left: one record of each pair; where they agree the other has the same value.
            least: pairs whose odds against strangers alone are below are not looked at further.
        """
        scores = self.against(None, levels, left)
        worth = np.flatnonzero(scores >= least)
        levels, left = levels[worth], left[worth]
        against = [-scores[worth]]
        against += [-self.against(relation, levels, left) for relation in Relation]
        scores[worth] = -np.logaddexp.reduce(against)
        return scores

    def against(self, relation: Relation | None, levels: Levels, left: Rows) -> Scores:
        """Answer the log odds of one person against people so related; None: strangers."""
        model = self.model
        odds = np.full(len(levels), model.prior(relation))
        table = model.weights(relation)
        for place in np.flatnonzero(levels.any(axis=0)):
            odds += table[place][levels[:, place]]
            if self.counts_rarity(int(place), relation):
                same = np.flatnonzero(levels[:, place] == SAME)
                odds[same] += self.rarity(int(place), left[same])
        if namesakes_among(relation) and model.namesakes > 1:
            odds[share_whole_name(levels)] -= math.log(model.namesakes)
        return odds

    def counts_rarity(self, place: int, relation: Relation | None) -> bool:
        """Say whether a rare value says more: what the related share they share whole."""
        if place not in self._codes or not COMPARISONS[place].by_frequency:
            return False
        return relation is None or COMPARISONS[place].is_chance_among(relation)

    def rarity(self, place: int, rows: Rows) -> Scores:
        """Answer what agreeing on these records' very values adds to agreeing on any."""
        return self._rarity[place][self._codes[place][rows]]

    def _rarity_of(self, place: int, rates: NDArray[np.float64]) -> Scores:
        usual = math.log(self.model.random_rates[place][SAME - 1])
        rarity: Scores = np.clip(usual - np.log(rates), -_MOST_RARITY, _MOST_RARITY)
        return rarity
