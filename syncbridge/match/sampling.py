"""What a base shows before anything is learned: rates of chance, and patterns of levels.

Draws are made by a generator of a fixed seed: the same base gives the same model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from syncbridge.match.alike import Levels
from syncbridge.match.coded import Hashes, Rows
from syncbridge.match.compared import Compared
from syncbridge.match.comparing import Comparer
from syncbridge.match.fields import COMPARISONS, MISSING
from syncbridge.match.keys import place_keys
from syncbridge.match.people import People, value_columns

#: Numbers per comparison and level, as a table of one row a comparison.
Table: TypeAlias = NDArray[np.float64]
Weights: TypeAlias = NDArray[np.float64]

#: Candidate pairs, pairs of strangers and pairs of each kind of place that are looked at.
_CANDIDATES: Final = 600_000
_RANDOM: Final = 400_000
_PLACES: Final = 60_000
#: Beliefs about strangers count like so many pairs that were seen.
_BELIEF_PAIRS: Final = 40.0
#: A level that was not seen in the sample may have been seen so often in the next one.
_UNSEEN: Final = 0.5
_SEED: Final = 20_240_229
_MOST_LEVELS: Final = max(comparison.count for comparison in COMPARISONS)


@dataclass(frozen=True, slots=True)
class Patterns:
    """Distinct patterns of levels and how many pairs of the base show them."""

    levels: Levels
    pairs: Weights


def table_of(rates: tuple[tuple[float, ...], ...]) -> Table:
    """Answer rates as a table whose missing level, and whatever is no level, is certain."""
    table = np.ones((len(rates), _MOST_LEVELS))
    for place, levels in enumerate(rates):
        table[place, MISSING + 1 : len(levels) + 1] = levels
    return table


def random_rates(people: People, comparer: Comparer) -> Table:
    """Answer how often any two records show each level."""
    left, right = _any_pairs(people.count)
    levels = comparer.levels(left, right)
    rates = table_of(tuple(comparison.random for comparison in COMPARISONS))
    for place, comparison in enumerate(COMPARISONS):
        seen = np.bincount(levels[:, place], minlength=comparison.count)[1:] + _UNSEEN
        believed = rates[place, 1 : comparison.count] * _BELIEF_PAIRS
        rates[place, 1 : comparison.count] = (seen + believed) / (seen + believed).sum()
    for place, rate in _same_rates(people).items():
        others = rates[place, 2 : COMPARISONS[place].count]
        others *= (1 - rate) / others.sum()
        rates[place, 1] = rate
    return rates


def sample_patterns(people: People, compared: Compared) -> Patterns:
    """Answer the patterns of candidate pairs and of pairs that share a place.

    Those of a place are drawn from all such pairs, not only from candidates: it takes people who
    share a home and no name to learn what sharing a home is worth.
    """
    places = [hashes for _, hashes in place_keys(people)]
    levels, weights = [], []
    every = max(1, round(compared.bound / _CANDIDATES))
    for part in range(0, compared.parts, every):
        left, right, found = compared.part(part, keep=True)
        apart = _shared_places(places, left, right) == 0
        levels.append(found[apart])
        weights.append(
            np.full(len(levels[-1]), compared.parts / len(range(0, compared.parts, every)))
        )
    for number, hashes in enumerate(places):
        left, right, each = _pairs_of_place(hashes, np.random.default_rng(_SEED + 1 + number))
        levels.append(compared.comparer.levels(left, right))
        weights.append(each / np.maximum(_shared_places(places, left, right), 1))
    return _distinct(np.concatenate(levels), np.concatenate(weights))


def _any_pairs(count: int) -> tuple[Rows, Rows]:
    if count * (count - 1) // 2 <= _RANDOM:
        return np.triu_indices(count, k=1)
    draw = np.random.default_rng(_SEED)
    left = draw.integers(0, count, _RANDOM)
    return left, (left + draw.integers(1, count, _RANDOM)) % count


def _same_rates(people: People) -> dict[int, float]:
    """Answer, from the counts of values, how often any two records have the same one."""
    found = {}
    for place, column in value_columns(people).items():
        counts = column.counts().astype(np.float64)
        known = counts.sum()
        if known > 1:
            same = (counts * (counts - 1)).sum() + 1.0
            found[place] = min(same / (known * (known - 1)), 0.99)
    return found


def _shared_places(places: list[Hashes], left: Rows, right: Rows) -> NDArray[np.int64]:
    """Answer how many places each pair shares."""
    shared = np.zeros(len(left), np.int64)
    for hashes in places:
        shared += (hashes[left] == hashes[right]) & (hashes[left] != 0)
    return shared


def _pairs_of_place(hashes: Hashes, draw: np.random.Generator) -> tuple[Rows, Rows, float]:
    """Answer pairs that share a place, drawn from all of them, and how many each stands for."""
    rows = np.flatnonzero(hashes)
    rows = rows[np.argsort(hashes[rows], kind="stable")]
    keys = hashes[rows]
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])
    sizes = np.diff(np.append(starts, len(keys)))
    starts, sizes = starts[sizes > 1], sizes[sizes > 1]
    summed = np.cumsum(sizes * (sizes - 1) // 2)
    total = int(summed[-1]) if len(summed) else 0
    drawn = np.arange(total) if total <= _PLACES else draw.integers(0, total, _PLACES)
    block = np.searchsorted(summed, drawn, side="right")
    # The n-th pair of a block is the n-th place below the diagonal of a square.
    within = drawn - (summed[block] - sizes[block] * (sizes[block] - 1) // 2)
    second = ((1 + np.sqrt(1 + 8 * within)) / 2).astype(np.int64)
    first = within - second * (second - 1) // 2
    left, right = rows[starts[block] + first], rows[starts[block] + second]
    return left, right, total / max(len(drawn), 1)


def _distinct(levels: Levels, weights: Weights) -> Patterns:
    together = np.zeros(len(levels), np.int64)
    for place, comparison in enumerate(COMPARISONS):
        together = together * comparison.count + levels[:, place]
    order = np.argsort(together)
    sorted_ = together[order]
    starts = np.flatnonzero(np.append(True, sorted_[1:] != sorted_[:-1])[: len(sorted_)])
    return Patterns(levels[order[starts]], np.add.reduceat(weights[order], starts))
