"""Learning a model from a base without labels: expectation maximisation over three classes.

Fellegi and Sunter's model of record linkage (1969), with a third class beside matches and
strangers: people who are related, that is share a home, a firm or a telephone, and are not the
same. Without it, the weights learn "the same place" in place of "the same person".

Of all pairs of a base, the expected number of strangers who show a pattern is known beforehand
(all pairs times the rates of chance), so that only the matches and the related are to be found.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from syncbridge.match.compared import Compared
from syncbridge.match.comparing import share_whole_name
from syncbridge.match.fields import (
    COMPARISONS,
    EMAIL,
    FAMILY,
    GIVEN,
    MISSING,
    SAME,
    Comparison,
    Relation,
    namesakes_among,
)
from syncbridge.match.model import Model, Rates
from syncbridge.match.people import People
from syncbridge.match.sampling import (
    Patterns,
    Table,
    Weights,
    random_rates,
    sample_patterns,
    table_of,
)

#: Bases below this are judged by what is believed beforehand.
_MIN_PEOPLE: Final = 300
#: Pairs of one person that are expected for each record, where nothing can be learned and where
#: the learning begins.
_FEW_MATCHES: Final = 0.02
_USUAL_MATCHES: Final = 0.1
_LEAST_SIZE: Final = 0.1
_ROUNDS: Final = 60
#: Rows of a product: so few that it is worked out at once, without threads that wait.
_BLOCK: Final = 512
#: The learning ends when no class grows or shrinks by more than this part of itself.
_SETTLED: Final = 2e-4
_CORRECTIONS: Final = 4
#: Beliefs count like so many pairs that were seen.
_BELIEF_PAIRS: Final = 20.0
#: A rate of chance keeps at least this part of itself when the known pairs are taken out of it.
_LEFT_TO_CHANCE: Final = 0.05
#: The least rate of strangers of one name whose addresses, made of it, are the same.
_SAME_MADE_ADDRESS: Final = 5e-4
_MADE_SAME, _BOTH_MADE = 2, 5
#: Matches, strangers, then one class for each kind of relation.
_KINDS: Final = (None, *Relation)
_MATCH, _RANDOM = 0, 1


@dataclass(frozen=True, slots=True)
class _Classes:
    """How far the learning is: the rates of all classes and how many pairs are in them."""

    #: One table a class.
    tables: NDArray[np.float64]
    #: Pairs of each class; those of strangers are all pairs of the base.
    sizes: Weights
    #: How many times more often than by their parts' rates strangers share a whole name.
    namesakes: float = 1.0
    #: Pairs of one person that share a whole name letter by letter.
    same_names: float = 0.0


def learn(people: People, compared: Compared) -> Model:
    """Learn a model from all of a base; small bases get what is believed beforehand."""
    beliefs = _beliefs(people)
    if people.count < _MIN_PEOPLE:
        beliefs.sizes[_MATCH] = max(_FEW_MATCHES * people.count, _LEAST_SIZE)
        return _model(beliefs, is_learned=False)
    chance = random_rates(people, compared.comparer)
    seen = _Seen(sample_patterns(people, compared))
    classes = beliefs
    for _ in range(_CORRECTIONS):
        classes = _with_chance(classes, chance)
        classes = replace(classes, namesakes=_namesakes(people, classes))
        for _ in range(_ROUNDS):
            before, classes = classes, _step(classes, beliefs, seen)
            if np.allclose(before.sizes, classes.sizes, rtol=_SETTLED):
                break
    return _model(classes, is_learned=True)


class _Seen:
    """Patterns as a matrix of ones, so that a step of the learning is two products."""

    def __init__(self, patterns: Patterns) -> None:
        levels = patterns.levels.copy()
        # Addresses that both sides make of one name are no evidence beside the name.
        levels[levels[:, EMAIL] == _BOTH_MADE, EMAIL] = MISSING
        flat = levels + np.arange(len(COMPARISONS)) * _WIDTH
        self.columns = np.unique(flat[levels != MISSING])
        place_of = np.full(len(COMPARISONS) * _WIDTH, -1)
        place_of[self.columns] = np.arange(len(self.columns))
        places = place_of[flat]
        blocks = -(-len(flat) // _BLOCK)
        self._ones = np.zeros((blocks, _BLOCK, len(self.columns)), np.float32)
        rows, which = np.nonzero(places >= 0)
        self._ones.reshape(blocks * _BLOCK, -1)[rows, places[rows, which]] = 1
        self.pairs = patterns.pairs
        self.share_name = share_whole_name(patterns.levels)
        given, family = patterns.levels[:, GIVEN], patterns.levels[:, FAMILY]
        self.same_name = (given == SAME) & (family == SAME)

    def likelihoods(self, tables: NDArray[np.float64]) -> Table:
        """Answer how likely each class shows each pattern, one row a class."""
        logs = np.log(tables.reshape(len(tables), -1)[:, self.columns]).astype(np.float32)
        summed = np.matmul(self._ones, logs.T).reshape(-1, len(tables))[: len(self.pairs)]
        likely: Table = np.exp(summed.astype(np.float64)).T
        return likely

    def counts(self, shares: Table) -> NDArray[np.float64]:
        """Answer how many pairs of each class show each level, one table a class."""
        counted = np.zeros((len(shares), len(COMPARISONS) * _WIDTH))
        filled = np.zeros((len(shares), len(self._ones) * _BLOCK), np.float32)
        filled[:, : len(self.pairs)] = shares
        blocks = filled.reshape(len(shares), -1, _BLOCK).swapaxes(0, 1)
        counted[:, self.columns] = np.matmul(blocks, self._ones).sum(axis=0, dtype=np.float64)
        return counted.reshape(len(shares), len(COMPARISONS), _WIDTH)


def _beliefs(people: People) -> _Classes:
    match = table_of(tuple(comparison.match for comparison in COMPARISONS))
    random = table_of(tuple(comparison.random for comparison in COMPARISONS))
    related = []
    for relation in Relation:
        table = random.copy()
        for place, comparison in enumerate(COMPARISONS):
            if not comparison.is_chance_among(relation):
                table[place] += comparison.shared * (match[place] - random[place])
        related.append(table)
    pairs = max(people.count * (people.count - 1) / 2, 1.0)
    sizes = [
        _USUAL_MATCHES * people.count,
        pairs,
        *(min(0.5 * people.count, pairs) for _ in Relation),
    ]
    return _Classes(np.stack([match, random, *related]), np.maximum(sizes, _LEAST_SIZE))


def _with_chance(classes: _Classes, chance: Table) -> _Classes:
    """Answer the classes with the rates of chance, matches and related taken out of them."""
    pairs = classes.sizes[_RANDOM]
    known = np.tensordot(
        np.delete(classes.sizes, _RANDOM), np.delete(classes.tables, _RANDOM, 0), 1
    )
    random = np.maximum(chance - known / pairs, _LEFT_TO_CHANCE * chance)
    random[:, MISSING] = 1
    random[EMAIL, _MADE_SAME] = max(random[EMAIL, _MADE_SAME], _SAME_MADE_ADDRESS)
    tables = classes.tables.copy()
    tables[_RANDOM] = random
    for number, relation in enumerate(Relation, start=_RANDOM + 1):
        for place, comparison in enumerate(COMPARISONS):
            if comparison.is_chance_among(relation):
                tables[number, place] = random[place]
    return replace(classes, tables=tables)


def _namesakes(people: People, classes: _Classes) -> float:
    """Answer how many times more often than by its parts' rates strangers share a whole name."""
    counts = np.bincount(people.names.whole[people.names.whole >= 0]).astype(np.float64)
    known = counts.sum()
    if known < 2:
        return 1.0
    seen = (counts * (counts - 1) / 2).sum() - classes.same_names
    random = classes.tables[_RANDOM]
    by_parts = known * (known - 1) / 2 * random[GIVEN, SAME] * random[FAMILY, SAME]
    return float(max(1.0, seen / by_parts))


def _step(classes: _Classes, beliefs: _Classes, seen: _Seen) -> _Classes:
    """Share the pairs out among the classes, then take the rates from the shares."""
    expected = classes.sizes[:, None] * seen.likelihoods(classes.tables)
    for number, relation in enumerate(_KINDS, start=_RANDOM):
        if namesakes_among(relation):
            expected[number, seen.share_name] *= classes.namesakes
    shares = expected / expected.sum(axis=0) * seen.pairs
    counted = seen.counts(shares)
    tables = classes.tables.copy()
    for place, comparison in enumerate(COMPARISONS):
        levels = slice(MISSING + 1, comparison.count)
        believed = beliefs.tables[:, place, levels] * _BELIEF_PAIRS
        rates = counted[:, place, levels] + believed
        rates /= rates.sum(axis=1, keepdims=True)
        tables[_MATCH, place, levels] = rates[_MATCH]
        for number, relation in enumerate(Relation, start=_RANDOM + 1):
            if not comparison.is_chance_among(relation):
                tables[number, place, levels] = _capped(rates[number], comparison)
    sizes = shares.sum(axis=1) + 1
    sizes[_RANDOM] = classes.sizes[_RANDOM]
    same_names = float(shares[_MATCH, seen.same_name].sum())
    return _Classes(tables, sizes, classes.namesakes, same_names)


def _capped(rates: Weights, comparison: Comparison) -> Weights:
    """Answer the rates with the one of equal values at most as high as may be learned."""
    most = comparison.most_shared
    if rates[0] > most:
        rates = rates * (1 - most) / (1 - rates[0])
        rates[0] = most
    return rates


def _model(classes: _Classes, *, is_learned: bool) -> Model:
    tables = classes.tables.copy()
    tables[:, EMAIL, _BOTH_MADE] = 1
    match, random, *related = map(_as_rates, tables)
    return Model(
        pairs=float(classes.sizes[_RANDOM]),
        matches=float(classes.sizes[_MATCH]),
        related=tuple(map(float, classes.sizes[_RANDOM + 1 :])),
        match_rates=match,
        random_rates=random,
        related_rates=tuple(related),
        namesakes=classes.namesakes,
        is_learned=is_learned,
    )


def _as_rates(table: Table) -> Rates:
    return tuple(
        tuple(float(rate) for rate in table[place, MISSING + 1 : comparison.count])
        for place, comparison in enumerate(COMPARISONS)
    )


_WIDTH: Final = max(comparison.count for comparison in COMPARISONS)
