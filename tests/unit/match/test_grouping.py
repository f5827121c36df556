"""Laws of groups."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncbridge.match.coded import Rows
from syncbridge.match.grouping import Edges, Scores, group

#: Odds of pairs of up to eight records; a pair that is left out is none of one person.
SCORES = st.dictionaries(
    st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] < pair[1]),
    st.floats(-20, 20),
    max_size=28,
)
APART = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=4)


def grouped(
    scores: Mapping[tuple[int, int], float], *apart: tuple[int, int], count: int = 8
) -> list[int]:
    def judge(left: Rows, right: Rows) -> Scores:
        pairs = zip(left.tolist(), right.tolist(), strict=True)
        return np.array([scores.get((min(pair), max(pair)), -3.0) for pair in pairs])

    pairs = sorted(scores)
    edges = Edges(
        np.array([one for one, _ in pairs], np.int64),
        np.array([other for _, other in pairs], np.int64),
        np.array([scores[pair] for pair in pairs], np.float64),
    )
    return group(count, edges, judge, threshold=0.6, apart=apart).tolist()


def test_records_that_are_surely_one_person_are_one_group() -> None:
    assert grouped({(0, 1): 9.0, (1, 2): 9.0, (0, 2): 9.0}, count=4) == [0, 0, 0, 3]


def test_one_doubtful_pair_does_not_tie_two_people_together() -> None:
    scores = {(0, 1): 9.0, (2, 3): 9.0, (1, 2): 1.0, (0, 2): -6.0, (0, 3): -6.0, (1, 3): -6.0}
    assert grouped(scores, count=4) == [0, 0, 2, 2]


def test_records_that_contradict_each_other_are_not_brought_together_by_a_third() -> None:
    scores = {(0, 1): 19.0, (1, 2): 18.0, (0, 2): -15.0}
    assert grouped(scores, count=3) == [0, 0, 2]


def test_a_chain_of_hundreds_is_cut() -> None:
    scores = {(n, n + 1): 3.0 + (n % 3 != 2) * 9 for n in range(599)}
    sizes = np.bincount(grouped(scores, count=600))
    assert sizes.max() <= 4


@given(SCORES, APART)
def test_groups_never_join_across_a_not_the_same(
    scores: dict[tuple[int, int], float], apart: list[tuple[int, int]]
) -> None:
    groups = grouped(scores, *apart)
    assert all(groups[one] != groups[other] for one, other in apart if one != other)


@given(SCORES)
def test_a_group_is_named_by_its_first_record(scores: dict[tuple[int, int], float]) -> None:
    groups = grouped(scores)
    assert all(groups[name] == name <= place for place, name in enumerate(groups))


@given(SCORES)
def test_only_records_that_pairs_lead_to_are_joined(scores: dict[tuple[int, int], float]) -> None:
    joined = {n for pair, score in scores.items() if score > 0.4 for n in pair}
    assert all(name == place for place, name in enumerate(grouped(scores)) if place not in joined)


@pytest.mark.parametrize("score", [0.41, 5.0])
def test_a_pair_above_the_threshold_is_joined(score: float) -> None:
    assert grouped({(0, 1): score}, count=2) == [0, 0]


def test_a_pair_below_the_threshold_is_not() -> None:
    assert grouped({(0, 1): 0.40}, count=2) == [0, 1]
