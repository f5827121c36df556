"""Whole bases: what is found, and that it does not depend on anything else."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncbridge.match.batch import find_duplicates
from syncbridge.match.measuring import measure
from syncbridge.testing.people import Person, make_people
from tests.unit.match.bases import base, base_of

ANNA = {"given_name": "Anna", "family_name": "Przybylski", "email": "anna.p@acme.com"}


def groups_of(people: Sequence[Person], *apart: tuple[int, int]) -> list[int]:
    return find_duplicates(base_of(people), apart=apart).groups.tolist()


def together(people: Sequence[Person], groups: Sequence[int]) -> set[frozenset[int]]:
    """Answer the groups as sets of records, each record by its place in memory."""
    found: dict[int, set[int]] = {}
    for record, name in zip(people, groups, strict=True):
        found.setdefault(name, set()).add(id(record))
    return set(map(frozenset, found.values()))


@pytest.mark.parametrize(("seed", "floor"), [(1, 0.95), (7, 0.95)])
def test_made_up_people_are_found(seed: int, floor: float) -> None:
    people = make_people(3000, seed=seed)
    truth = np.array([record.cluster for record in people])
    quality = measure(find_duplicates(base_of(people)).groups, truth)
    assert quality.f1 >= floor
    assert quality.precision >= floor


def test_the_order_of_records_changes_nothing() -> None:
    people = make_people(2500, seed=3)
    shuffled = list(people)
    random.Random(4).shuffle(shuffled)
    assert together(people, groups_of(people)) == together(shuffled, groups_of(shuffled))


def test_the_same_base_gives_the_same_groups() -> None:
    people = make_people(1200, seed=6)
    assert groups_of(people) == groups_of(people)


PEOPLE = make_people(320, seed=8)
GROUPS = groups_of(PEOPLE)
JOINED = [n for n, name in enumerate(GROUPS) if name != n]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(JOINED), min_size=1, max_size=4, unique=True))
def test_what_a_person_said_is_not_the_same_stays_apart(chosen: list[int]) -> None:
    apart = [(GROUPS[one], one) for one in chosen]
    groups = groups_of(PEOPLE, *apart)
    assert all(groups[one] != groups[other] for one, other in apart)


def test_a_small_base_is_judged_by_what_is_believed_beforehand() -> None:
    found = find_duplicates(base(ANNA, ANNA | {"given_name": "Ana"}, {"given_name": "Bernd"}))
    assert not found.model.is_learned
    assert found.groups.tolist() == [0, 0, 2]


def test_in_a_small_base_a_name_alone_is_not_enough() -> None:
    namesakes = [
        {"given_name": "Anna", "family_name": "Müller", "city": c} for c in ("Ulm", "Bonn")
    ]
    others = [{"given_name": f"g{n}", "family_name": f"f{n}", "city": "Ulm"} for n in range(10, 58)]
    assert len(set(find_duplicates(base(*namesakes, *others)).groups.tolist())) == 50


def test_a_household_is_not_one_person() -> None:
    home = {"family_name": "Przybylski", "phone": "030 1234567", "street": "Ring 12", "city": "Ulm"}
    people = base(*(home | {"given_name": name} for name in ("Anna", "Bernd", "Chiara")))
    assert find_duplicates(people).groups.tolist() == [0, 1, 2]


def test_colleagues_behind_a_switchboard_are_not_one_person() -> None:
    firm = {"company": "Acme", "phone": "030 1234567", "email": "info@acme.com"}
    people = base(
        firm | {"given_name": "Anna", "family_name": "Kern"},
        firm | {"given_name": "Bernd", "family_name": "Voss"},
    )
    assert find_duplicates(people).groups.tolist() == [0, 1]


def test_an_empty_base_has_no_groups() -> None:
    assert find_duplicates(base()).groups.tolist() == []


def test_records_that_say_nothing_are_nobody_elses() -> None:
    assert find_duplicates(base({"given_name": ""}, {"given_name": ""})).groups.tolist() == [0, 1]
