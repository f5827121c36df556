"""Learning a model from a base without labels: expectation maximisation over three classes.

Fellegi and Sunter's model of record linkage (1969), with a third class beside matches and
strangers: people who are related, that is share a home, a firm or a telephone, and are not the
same. Without it, the weights learn "the same place" in place of "the same person".

Of all pairs of a base, the expected number of strangers who show a pattern is known beforehand
(all pairs times the rates of chance), so that only the matches and the related are to be found.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from syncbridge.match.alike import Levels
from syncbridge.match.blocking import Candidates, Rows
from syncbridge.match.coded import Hashes
from syncbridge.match.comparing import Comparer
from syncbridge.match.fields import (
    COMPARISONS,
    EMAIL,
    FAMILY,
    GIVEN,
    MISSING,
    SAME,
    Relation,
    namesakes_among,
)
from syncbridge.match.keys import place_keys
from syncbridge.match.model import Model, Rates
from syncbridge.match.people import People, value_columns
from syncbridge.match.scoring import share_whole_name

Weights: TypeAlias = NDArray[np.float64]

#: Bases below this are judged by what is believed beforehand.
_MIN_PEOPLE: Final = 300
#: Candidate pairs, pairs of strangers and pairs that share a place which are looked at.
_SAMPLED_CANDIDATES: Final = 1_500_000
_SAMPLED_RANDOM: Final = 400_000
_SAMPLED_PLACES: Final = 60_000
_ROUNDS: Final = 40
_CORRECTIONS: Final = 4
#: Beliefs count like so many pairs that were seen.
_BELIEF_PAIRS: Final = 20.0
_RANDOM_BELIEF_PAIRS: Final = 40.0
#: Draws are made by a generator of this seed: the same base gives the same model.
_SEED: Final = 20_240_229
#: The least rate of strangers of one name whose addresses, made of it, are the same.
_SAME_MADE_ADDRESS: Final = 5e-4
_MADE_SAME, _BOTH_MADE = 2, 5


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Distinct patterns of levels and how many pairs show them."""

    levels: Levels
    pairs: Weights


@dataclass(frozen=True, slots=True)
class _Classes:
    """The state of the learning: rates as tables of one row a comparison, and class sizes."""

    match: Weights
    random: Weights
    #: One table for each kind of relation.
    related: tuple[Weights, ...]
    matches: float
    relations: tuple[float, ...]
    #: How many times more often than by their parts' rates strangers share a whole name.
    namesakes: float = 1.0
    #: Pairs of one person, and of relatives, that share a whole name letter by letter.
    same_names: float = 0.0


def learn(people: People, candidates: Candidates, comparer: Comparer) -> Model:
    """Learn a model from all of a base; small bases get what is believed beforehand."""
    pairs = max(people.count * (people.count - 1) / 2, 1.0)
    beliefs = _beliefs(people, pairs)
    if people.count < _MIN_PEOPLE:
        return _model(beliefs, pairs, is_learned=False)
    draw = np.random.default_rng(_SEED)
    by_chance = _random_rates(people, comparer, draw, pairs)
    patterns = _patterns(people, candidates, comparer, draw)
    classes = beliefs
    for _ in range(_CORRECTIONS):
        classes = _without_known(classes, by_chance, pairs)
        classes = replace(classes, namesakes=_namesakes(people, classes, pairs))
        for _ in range(_ROUNDS):
            classes = _step(classes, beliefs, patterns, pairs)
    return _model(classes, pairs, is_learned=True)


def _beliefs(people: People, pairs: float) -> _Classes:
    match = _table(tuple(comparison.match for comparison in COMPARISONS))
    random = _table(tuple(comparison.random for comparison in COMPARISONS))
    related = []
    for relation in Relation:
        table = random.copy()
        for place, comparison in enumerate(COMPARISONS):
            if not comparison.is_chance_among(relation):
                table[place] += comparison.shared * (match[place] - random[place])
        related.append(table)
    relations = tuple(min(0.5 * people.count, pairs) for _ in Relation)
    return _Classes(match, random, tuple(related), 0.1 * people.count, relations)


def _random_rates(
    people: People, comparer: Comparer, draw: np.random.Generator, pairs: float
) -> Weights:
    """Answer how often any two records show each level."""
    if pairs <= _SAMPLED_RANDOM:
        left, right = np.triu_indices(people.count, k=1)
    else:
        left = draw.integers(0, people.count, _SAMPLED_RANDOM)
        right = (left + draw.integers(1, people.count, _SAMPLED_RANDOM)) % people.count
    levels = comparer.levels(left, right)
    rates = _table(tuple(comparison.random for comparison in COMPARISONS))
    for place, comparison in enumerate(COMPARISONS):
        seen = np.bincount(levels[:, place], minlength=comparison.count)[1:]
        believed = rates[place, 1 : comparison.count] * _RANDOM_BELIEF_PAIRS
        rates[place, 1 : comparison.count] = (seen + believed) / (seen + believed).sum()
    for place, rate in _same_rates(people).items():
        others = rates[place, 2 : COMPARISONS[place].count]
        others *= (1 - rate) / others.sum()
        rates[place, 1] = rate
    return rates


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


def _patterns(
    people: People, candidates: Candidates, comparer: Comparer, draw: np.random.Generator
) -> _Patterns:
    places = [hashes for _, hashes in place_keys(people)]
    levels, weights = [], []
    every = max(1, round(candidates.bound / _SAMPLED_CANDIDATES / 2))
    for left, right in candidates.pairs(every):
        apart = _shared_places(places, left, right) == 0
        levels.append(comparer.levels(left[apart], right[apart]))
        weights.append(np.full(len(levels[-1]), float(every)))
    for hashes in places:
        left, right, each = _sample_of_place(hashes, draw)
        levels.append(comparer.levels(left, right))
        weights.append(each / np.maximum(_shared_places(places, left, right), 1))
    return _distinct(np.concatenate(levels), np.concatenate(weights))


def _shared_places(places: list[Hashes], left: Rows, right: Rows) -> NDArray[np.int64]:
    """Answer how many places each pair shares."""
    shared = np.zeros(len(left), np.int64)
    for hashes in places:
        shared += (hashes[left] == hashes[right]) & (hashes[left] != 0)
    return shared


def _sample_of_place(hashes: Hashes, draw: np.random.Generator) -> tuple[Rows, Rows, float]:
    """Answer pairs that share a place, drawn from all such pairs, and how many each stands for."""
    rows = np.flatnonzero(hashes)
    rows = rows[np.argsort(hashes[rows], kind="stable")]
    keys = hashes[rows]
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])[: len(keys)])
    sizes = np.diff(np.append(starts, len(keys)))
    several = sizes > 1
    starts, sizes = starts[several], sizes[several]
    summed = np.cumsum(sizes * (sizes - 1) // 2)
    total = int(summed[-1]) if len(summed) else 0
    drawn = (
        np.arange(total) if total <= _SAMPLED_PLACES else draw.integers(0, total, _SAMPLED_PLACES)
    )
    block = np.searchsorted(summed, drawn, side="right")
    within = drawn - (summed[block] - sizes[block] * (sizes[block] - 1) // 2)
    second = ((1 + np.sqrt(1 + 8 * within)) / 2).astype(np.int64)
    first = within - second * (second - 1) // 2
    left, right = rows[starts[block] + first], rows[starts[block] + second]
    return left, right, total / max(len(drawn), 1)


def _distinct(levels: Levels, weights: Weights) -> _Patterns:
    coded = np.zeros(len(levels), np.int64)
    for place, comparison in enumerate(COMPARISONS):
        coded = coded * comparison.count + levels[:, place]
    _, first, place_of = np.unique(coded, return_index=True, return_inverse=True)
    return _Patterns(levels[first], np.bincount(place_of, weights=weights))


def _without_known(classes: _Classes, by_chance: Weights, pairs: float) -> _Classes:
    """Take the matches and the related out of the rates that any two records show."""
    known = classes.matches * classes.match
    for relations, table in zip(classes.relations, classes.related, strict=True):
        known = known + relations * table
    random = np.maximum(by_chance - known / pairs, 0.05 * by_chance)
    random[:, MISSING] = 1
    random[EMAIL, _MADE_SAME] = max(random[EMAIL, _MADE_SAME], _SAME_MADE_ADDRESS)
    related = tuple(table.copy() for table in classes.related)
    for relation, table in zip(Relation, related, strict=True):
        for place, comparison in enumerate(COMPARISONS):
            if comparison.is_chance_among(relation):
                table[place] = random[place]
    return replace(classes, random=random, related=related)


def _namesakes(people: People, classes: _Classes, pairs: float) -> float:
    """Answer how many times more often than by the rates of its parts a name is a stranger's too."""
    counts = np.bincount(people.names.whole[people.names.whole >= 0]).astype(np.float64)
    known = counts.sum()
    if known < 2:
        return 1.0
    share = known * (known - 1) / 2 / pairs
    seen = (counts * (counts - 1) / 2).sum() / share
    by_parts = pairs * classes.random[GIVEN, SAME] * classes.random[FAMILY, SAME]
    return float(max(1.0, (seen - classes.same_names / share) / by_parts))


def _step(classes: _Classes, beliefs: _Classes, patterns: _Patterns, pairs: float) -> _Classes:
    """Share the pairs out among the classes, then take the rates from the shares."""
    tables = (classes.match, classes.random, *classes.related)
    sizes = (classes.matches, pairs, *classes.relations)
    expected = np.stack(
        [
            size * _likelihood(patterns.levels, table)
            for size, table in zip(sizes, tables, strict=True)
        ]
    )
    same_name = share_whole_name(patterns.levels)
    for shares, relation in zip(expected[1:], (None, *Relation), strict=True):
        if namesakes_among(relation):
            shares[same_name] *= classes.namesakes
    ours, _, *theirs = expected / expected.sum(axis=0) * patterns.pairs
    match = _learned(classes.match, patterns.levels, ours, beliefs.match)
    related = tuple(
        _learned(table, patterns.levels, shares, believed, relation)
        for table, shares, believed, relation in zip(
            classes.related, theirs, beliefs.related, Relation, strict=True
        )
    )
    levels = patterns.levels
    letter_by_letter = (levels[:, GIVEN] == SAME) & (levels[:, FAMILY] == SAME)
    same_names = float(ours[letter_by_letter].sum())
    relations = tuple(float(shares.sum()) + 1 for shares in theirs)
    return _Classes(
        match, classes.random, related, float(ours.sum()) + 1, relations, classes.namesakes, same_names
    )


def _learned(
    table: Weights,
    levels: Levels,
    shares: Weights,
    believed: Weights,
    relation: Relation | None = None,
) -> Weights:
    """Answer the table with the rates of one class; what is left to chance is not touched."""
    table = table.copy()
    for place, comparison in enumerate(COMPARISONS):
        if relation is None or not comparison.is_chance_among(relation):
            count = comparison.count
            rates = _rates(levels[:, place], shares, believed[place, 1:count])
            if relation is not None:
                rates = _capped(rates, comparison.most_shared)
            table[place, 1:count] = rates
    return table


def _rates(column: Levels, weights: Weights, believed: Weights) -> Weights:
    seen = np.bincount(column, weights=weights, minlength=len(believed) + 1)[1:]
    seen = seen + _BELIEF_PAIRS * believed
    return seen / seen.sum()


def _capped(rates: Weights, most: float) -> Weights:
    """Answer the rates with the one of equal values at most so high."""
    if rates[0] > most:
        rates = rates * (1 - most) / (1 - rates[0])
        rates[0] = most
    return rates


def _likelihood(levels: Levels, table: Weights) -> Weights:
    logs = np.zeros(len(levels))
    for place in range(len(COMPARISONS)):
        logs += np.log(table[place])[levels[:, place]]
    return np.exp(logs)


def _model(classes: _Classes, pairs: float, *, is_learned: bool) -> Model:
    # Addresses that both sides make of one name are no evidence beside the name.
    tables = [table.copy() for table in (classes.match, classes.random, *classes.related)]
    for table in tables:
        table[EMAIL, _BOTH_MADE] = 1
    match, random, *related = map(_as_rates, tables)
    return Model(
        pairs=pairs,
        matches=float(classes.matches),
        related=tuple(map(float, classes.relations)),
        match_rates=match,
        random_rates=random,
        related_rates=tuple(related),
        namesakes=classes.namesakes,
        is_learned=is_learned,
    )


def _table(rates: Rates) -> Weights:
    """Answer rates as rows of a table whose first column, the missing level, is certain."""
    table = np.ones((len(rates), max(map(len, rates)) + 1))
    for place, levels in enumerate(rates):
        table[place, 1 : len(levels) + 1] = levels
    return table


def _as_rates(table: Weights) -> Rates:
    return tuple(
        tuple(float(rate) for rate in table[place, 1 : comparison.count])
        for place, comparison in enumerate(COMPARISONS)
    )
