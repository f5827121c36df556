"""A whole base at once: candidates, model, judged pairs, groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from syncbridge.match.blocking import Cut, find_candidates
from syncbridge.match.coded import Rows
from syncbridge.match.compared import Compared
from syncbridge.match.comparing import Comparer
from syncbridge.match.grouping import Edges, group
from syncbridge.match.learning import learn
from syncbridge.match.model import DEFAULT_THRESHOLD, Model
from syncbridge.match.people import People
from syncbridge.match.scoring import Scorer, Scores

#: Pairs below these log odds are forgotten as soon as they are judged.
_WORTH_KEEPING: Final = -3.0


@dataclass(frozen=True)
class Found:
    """What came of looking through a base."""

    model: Model
    #: Per row as it was read the first row of its group.
    groups: NDArray[np.int64]
    #: Pairs that were worth a second look, with their log odds; in the order of `People.rows`.
    edges: Edges
    candidate_pairs: int
    cuts: tuple[Cut, ...]


def find_duplicates(
    people: People, *, threshold: float = DEFAULT_THRESHOLD,
    model: Model | None = None, apart: Iterable[tuple[int, int]] = (),
) -> Found:  # fmt: skip
    """Find which records of a base are one person.

    Args:
        people: the base.
        threshold: the probability from which records are joined.
        model: how to judge; None: learned from the base.
        apart: pairs of rows, as they were read, that a person said are not the same.
    """
    candidates = find_candidates(people)
    compared = Compared(candidates, Comparer(people))
    model = model or learn(people, compared)
    scorer = Scorer(model, people, compared.comparer)
    edges, looked_at = judge(compared, scorer)
    groups = group(
        people.count,
        edges,
        scorer.pairs,
        threshold=threshold,
        apart=_own_rows(people, apart),
    )
    return Found(model, _as_read(people, groups), edges, looked_at, candidates.cuts)


def _own_rows(people: People, pairs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    places = np.empty(people.count, np.int64)
    places[people.rows] = np.arange(people.count)
    for one, other in pairs:
        yield int(places[one]), int(places[other])


def _as_read(people: People, groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Answer the groups in the order in which records were read, named by the first of each."""
    first = np.full(people.count, people.count)
    np.minimum.at(first, groups, people.rows)
    found = np.empty_like(groups)
    found[people.rows] = first[groups]
    return found


def judge(compared: Compared, scorer: Scorer) -> tuple[Edges, int]:
    """Judge all candidates part by part; answer those worth keeping, and how many there were."""
    kept: list[tuple[Rows, Rows, Scores]] = []
    looked_at = 0
    for number in range(compared.parts):
        left, right, levels = compared.part(number)
        looked_at += len(left)
        scores = scorer.score(levels, left, least=_WORTH_KEEPING)
        worth = scores >= _WORTH_KEEPING
        kept.append((left[worth], right[worth], scores[worth]))
    left, right, scores = (np.concatenate(column) for column in zip(*kept, strict=True))
    return Edges(left, right, scores), looked_at
