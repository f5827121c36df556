"""A whole base at once: candidates, model, judged pairs, groups."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from syncbridge.match.blocking import Candidates, Cut, find_candidates
from syncbridge.match.comparing import Comparer
from syncbridge.match.grouping import Edges, group
from syncbridge.match.learning import learn
from syncbridge.match.model import DEFAULT_THRESHOLD, Model
from syncbridge.match.people import People
from syncbridge.match.scoring import Scorer

#: Pairs below these log odds are forgotten as soon as they are judged.
_WORTH_KEEPING: Final = -3.0


@dataclass(frozen=True)
class Found:
    """What came of looking through a base."""

    model: Model
    #: Per record the lowest record of its group.
    groups: NDArray[np.int64]
    #: Pairs that were worth a second look, with their log odds.
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
        apart: pairs of records that a person said are not the same.
    """
    candidates = find_candidates(people)
    comparer = Comparer(people)
    model = model or learn(people, candidates, comparer)
    scorer = Scorer(model, people, comparer)
    edges, compared = _judge(candidates, scorer)
    groups = group(people.count, edges, scorer.pairs, threshold=threshold, apart=apart)
    return Found(model, groups, edges, compared, candidates.cuts)


def _judge(candidates: Candidates, scorer: Scorer) -> tuple[Edges, int]:
    """Judge all candidates part by part; only those worth keeping are kept."""
    kept: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = []
    compared = 0
    for left, right in candidates.pairs():
        compared += len(left)
        scores = scorer.pairs(left, right)
        worth = scores >= _WORTH_KEEPING
        kept.append((left[worth], right[worth], scores[worth]))
    left, right, scores = (np.concatenate(column) for column in zip(*kept, strict=True))
    return Edges(left, right, scores), compared
