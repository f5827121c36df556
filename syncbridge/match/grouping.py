"""From judged pairs to groups of records that are one person, without chains.

Records joined by pairs above the threshold make components; inside each, all pairs are judged and
joined by average link, so that one doubtful pair does not tie two people together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from syncbridge.match.coded import Rows
from syncbridge.match.model import logit

Scores: TypeAlias = NDArray[np.float64]
Judge: TypeAlias = Callable[[Rows, Rows], Scores]

#: A component larger than this is cut at a higher threshold first.
_MOST_ROWS: Final = 120
#: One pair's log odds count at most this much in an average.
_CLIP: Final = 8.0
#: Two records with such log odds contradict each other: no third one brings them together.
_CONTRADICTION: Final = -12.0
#: Log odds by which a too large component's threshold rises.
_RISE: Final = 1.5
#: The score of a pair that must not be joined: no average recovers from it.
_NEVER: Final = -1e9


@dataclass(frozen=True, slots=True)
class Edges:
    """Pairs that were judged."""

    left: Rows
    right: Rows
    scores: Scores


def group(
    count: int, edges: Edges, judge: Judge, *, threshold: float,
    apart: Iterable[tuple[int, int]] = (),
) -> NDArray[np.int64]:  # fmt: skip
    """Answer each record's group, named by its lowest record.

    Args:
        count: how many records there are.
        edges: candidate pairs with their log odds.
        judge: answers the log odds of any pairs.
        threshold: the probability from which records are joined.
        apart: pairs of records that a person said are not the same: never in one group.
    """
    cut = logit(threshold)
    forbidden = {(min(pair), max(pair)) for pair in apart}
    groups = np.arange(count)
    left, right, levels = edges.left, edges.right, edges.scores
    strong = levels >= cut
    components = _components(count, left[strong], right[strong])
    pending = _members(components, np.arange(count))
    pending = list(_small_enough(pending, left, right, levels, cut))
    ones, others, bounds = _all_pairs(pending)
    scores = judge(ones, others) if len(ones) else np.empty(0)
    for rows, begin, end in zip(pending, bounds[:-1], bounds[1:], strict=True):
        _settle(groups, rows, scores[begin:end], cut, forbidden)
    return groups


def _components(count: int, left: Rows, right: Rows) -> Rows:
    """Answer each record's component, named by its lowest record."""
    parent = list(range(count))
    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        while parent[other] != other:
            parent[other] = parent[parent[other]]
            other = parent[other]
        if one < other:
            parent[other] = one
        elif other < one:
            parent[one] = other
    found = np.array(parent, dtype=np.int64)
    while (found[found] != found).any():
        found = found[found]
    return found


def _members(components: Rows, rows: Rows) -> list[Rows]:
    """Answer the records of each component that has more than one."""
    order = np.argsort(components, kind="stable")
    named = components[order]
    starts = np.flatnonzero(np.append(True, named[1:] != named[:-1])[: len(named)])
    sizes = np.diff(np.append(starts, len(named)))
    ordered = rows[order]
    return [
        ordered[begin : begin + size]
        for begin, size in zip(starts[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True)
    ]


def _small_enough(
    components: list[Rows], left: Rows, right: Rows, scores: Scores, cut: float
) -> Iterable[Rows]:
    """Yield components, those too large cut at ever higher thresholds."""
    for rows in components:
        if len(rows) <= _MOST_ROWS:
            yield rows
            continue
        higher = cut + _RISE
        inside = np.isin(left, rows) & (scores >= higher)
        ours, theirs = np.searchsorted(rows, left[inside]), np.searchsorted(rows, right[inside])
        if not inside.any():
            continue
        parts = _members(_components(len(rows), ours, theirs), rows)
        yield from _small_enough(parts, left[inside], right[inside], scores[inside], higher)


def _all_pairs(components: list[Rows]) -> tuple[Rows, Rows, list[int]]:
    """Answer all pairs of each component, one after another, and where each one's begin."""
    ones, others, bounds = [], [], [0]
    for rows in components:
        first, second = _triangle(len(rows))
        ones.append(rows[first])
        others.append(rows[second])
        bounds.append(bounds[-1] + len(first))
    if not ones:
        return np.empty(0, np.int64), np.empty(0, np.int64), bounds
    return np.concatenate(ones), np.concatenate(others), bounds


@lru_cache(maxsize=_MOST_ROWS)
def _triangle(size: int) -> tuple[Rows, Rows]:
    return np.triu_indices(size, k=1)


def _settle(
    groups: Rows, rows: Rows, scores: Scores, cut: float, forbidden: set[tuple[int, int]]
) -> None:
    """Write the groups of one component."""
    first, second = _triangle(len(rows))
    if forbidden:
        for place, pair in enumerate(zip(rows[first].tolist(), rows[second].tolist(), strict=True)):
            if pair in forbidden:
                scores[place] = _NEVER
    if scores.min() >= cut:
        groups[rows] = rows.min()
        return
    table = np.full((len(rows), len(rows)), -np.inf)
    table[first, second] = table[second, first] = np.where(
        scores <= _CONTRADICTION, _NEVER, np.clip(scores, -_CLIP, _CLIP)
    )
    for members in _average_link(table, cut):
        groups[rows[members]] = rows[members].min()


def _average_link(table: Scores, cut: float) -> list[list[int]]:
    """Join the two groups with the highest mean, again and again, while it reaches the cut."""
    groups: list[list[int]] = [[place] for place in range(len(table))]
    sizes = np.ones(len(table))
    while True:
        best = int(table.argmax())
        one, other = divmod(best, len(table))
        if not table[one, other] >= cut:
            return [group for group in groups if group]
        weights = sizes[one] + sizes[other]
        merged = (table[one] * sizes[one] + table[other] * sizes[other]) / weights
        merged[[one, other]] = -np.inf
        table[one], table[:, one] = merged, merged
        table[other], table[:, other] = -np.inf, -np.inf
        sizes[one] = weights
        groups[one] += groups[other]
        groups[other] = []
