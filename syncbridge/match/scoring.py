"""From levels to log odds that two records are one person."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from syncbridge.match.alike import Levels
from syncbridge.match.coded import Coded, Codes, Rows
from syncbridge.match.comparing import Comparer, share_whole_name
from syncbridge.match.fields import (
    COMPARISONS,
    SAME,
    Relation,
    namesakes_among,
)
from syncbridge.match.model import Model
from syncbridge.match.people import People, value_columns

Scores: TypeAlias = NDArray[np.float64]

#: Records that are believed to share a value besides those that do.
_UNSEEN: Final = 0.5
#: How much of the logarithm of a value's rarity counts.
_MOST_RARITY: Final = 7.0


class Frequencies:
    """How frequent the values of a base are: what sharing one is worth."""

    def __init__(self, people: People) -> None:
        self._people = people

    def of(self, comparison: int) -> tuple[Codes, NDArray[np.float64]]:
        """Answer each record's code and per code the rate of strangers who have the value."""
        return self._tables[comparison]

    @cached_property
    def _tables(self) -> dict[int, tuple[Codes, NDArray[np.float64]]]:
        columns = value_columns(self._people)
        return {place: (column.codes, _rates(column)) for place, column in columns.items()}


def _rates(column: Coded) -> NDArray[np.float64]:
    """Answer how many of the other records have a value, two that may be one person left out."""
    counts = column.counts().astype(np.float64)
    known = max(float(counts.sum()), 1.0)
    return np.maximum(counts - 2, 0) / known + _UNSEEN / known


class Scorer:
    """Judges pairs of one base by one model."""

    def __init__(self, model: Model, people: People, comparer: Comparer) -> None:
        self.model = model
        self.comparer = comparer
        self.frequencies = Frequencies(people)

    def pairs(self, left: Rows, right: Rows) -> Scores:
        """Compare pairs and answer their log odds to be one person."""
        return self.score(self.comparer.levels(left, right), left)

    def score(self, levels: Levels, left: Rows) -> Scores:
        """Answer the log odds of pairs whose levels are known.

        Args:
            levels: one row a pair, one column a comparison.
            left: one record of each pair; where they agree the other has the same value.
        """
        model = self.model
        tables = (model.against_random, *model.against_related)
        odds = [np.full(len(levels), prior) for prior in (model.prior_random, *model.prior_related)]
        for place, comparison in enumerate(COMPARISONS):
            column = levels[:, place]
            rarity = self.rarity(place, column, left) if comparison.by_frequency else None
            for relation, table, sums in zip((None, *Relation), tables, odds, strict=True):
                sums += table[place][column]
                # What related people share they share whole, however rare it is.
                if rarity is not None and (
                    relation is None or comparison.is_chance_among(relation)
                ):
                    sums += rarity
        namesakes = math.log(model.namesakes) * share_whole_name(levels)
        for relation, sums in zip((None, *Relation), odds, strict=True):
            if namesakes_among(relation):
                sums -= namesakes
        return -np.logaddexp.reduce([-each for each in odds])

    def rarity(self, place: int, column: Levels, left: Rows) -> Scores:
        """Answer what agreeing on this very value adds to agreeing on any."""
        codes, rates = self.frequencies.of(place)
        added = np.zeros(len(column))
        same = np.flatnonzero(column == SAME)
        usual = np.log(self.model.random_rates[place][SAME - 1])
        rarity = usual - np.log(rates[codes[left[same]]])
        added[same] = np.clip(rarity, -_MOST_RARITY, _MOST_RARITY)
        return added
