"""Blocks and the pairs they give."""

from __future__ import annotations

import numpy as np

from syncbridge.match.blocking import find_candidates
from syncbridge.match.people import People
from syncbridge.testing.people import make_people
from tests.unit.match.bases import base, base_of


def pairs_of(people: People) -> set[tuple[int, int]]:
    candidates = find_candidates(people)
    found: list[tuple[int, int]] = []
    for number in range(candidates.parts):
        left, right = candidates.part(number)
        found += zip(left.tolist(), right.tolist(), strict=True)
    assert len(found) == len(set(found)), "a pair is given once"
    return set(found)


def test_a_small_base_is_compared_whole() -> None:
    people = base_of(make_people(40))
    assert len(pairs_of(people)) == 40 * 39 // 2


def test_nearly_all_true_pairs_are_candidates_and_hardly_any_others() -> None:
    made = make_people(3000, seed=2)
    people = base_of(made)
    person = np.array([record.cluster for record in made])[people.rows]
    sizes = np.bincount(person)
    pairs = pairs_of(people)
    true = sum(person[one] == person[other] for one, other in pairs)
    assert true >= 0.98 * (sizes * (sizes - 1) // 2).sum()
    assert len(pairs) <= 30 * len(made)


def test_lower_records_come_first() -> None:
    assert all(one < other for one, other in pairs_of(base_of(make_people(1500))))


def test_a_block_that_is_too_large_is_cut_and_reported() -> None:
    crowd = [
        {"given_name": f"given{n}", "email": "office1@example.com", "phone": f"0301{n:06d}"}
        for n in range(1200)
    ]
    candidates = find_candidates(base(*crowd))
    cut = {cut.key: cut for cut in candidates.cuts}["email"]
    assert (cut.blocks, cut.pairs) == (1, 1200 * 1199 // 2)
    assert candidates.bound <= 60 * len(crowd) * 2
