"""Whose record is it: by address, number and name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncbridge.match.exact import Known, contradict, match

PHONE = "+49301234567"


def person(given: str | None = None, family: str | None = None, **more: str) -> dict:
    return {"given_name": given, "family_name": family, **more}


def known(person_id: str, values: dict, *, has_record: bool = False) -> Known:
    return Known(person_id, values, has_record)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (person("Anna", "Berg"), person("Anna", "Berg")),
        (person("Anna", "Berg"), person("Berg", "Anna")),
        (person("Anna", "Berg"), person("ANNA", "berg")),
        (person("José", "Peña"), person("Jose", "Pena")),
        (person("A.", "Berg"), person("Anna", "Berg")),
        (person("Anna"), person("Anna", "Berg")),
        (person(family="Berg"), person("Anna", "Berg")),
        (person("Anna Maria", "Berg"), person("Anna", "Berg")),
        (person("Alex", "Berg"), person("Alexander", "Berg")),
        (person("Anna", "Berg"), person("Anna", "Berg-Ott")),
        (person(), person("Anna", "Berg")),
        (person(), person()),
    ],
    ids=[
        "same",
        "parts changed over",
        "case",
        "accents",
        "initial",
        "only a given name",
        "only a family name",
        "a second given name",
        "short form",
        "double name",
        "no name",
        "no names",
    ],
)
def test_names_that_may_be_one_persons(one, two):
    assert not contradict(one, two)
    assert not contradict(two, one)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (person("Anna", "Berg"), person("Otto", "Berg")),
        (person("Anna", "Berg"), person("Anna", "Stein")),
        (person("Anna", "Berg"), person("Otto", "Stein")),
        (person("Anna"), person("Otto", "Berg")),
        (person("A.", "Berg"), person("Otto", "Berg")),
    ],
    ids=["household", "namesake", "strangers", "one part only", "another initial"],
)
def test_names_that_cannot_be_one_persons(one, two):
    assert contradict(one, two)
    assert contradict(two, one)


names = st.one_of(st.none(), st.sampled_from(["Anna", "A.", "Otto", "Berg", "anna maria", "李"]))
people = st.builds(person, names, names)


@given(people, people)
def test_contradiction_is_mutual_and_nobody_contradicts_themselves(one, two):
    assert contradict(one, two) == contradict(two, one)
    assert not contradict(one, one)


@given(people)
def test_who_has_no_name_contradicts_nobody(one):
    assert not contradict(person(), one)


@pytest.mark.parametrize(
    ("record", "candidates", "answer", "doubtful"),
    [
        (person("Anna"), [], None, ()),
        (person("Anna", "Berg"), [known("p", person("Anna", "Berg"))], "p", ()),
        (person("Otto", "Berg"), [known("p", person("Anna", "Berg"))], None, ("p",)),
        (
            person("Anna", "Ott", email="a@b.de"),
            [known("p", person("Anna", "Berg", email="A@B.de"))],
            "p",
            (),
        ),
        (
            person("Otto", "Berg", email="a@b.de"),
            [known("p", person("Anna", "Berg", email="a@b.de"))],
            None,
            ("p",),
        ),
        (
            person("Anna", "Berg"),
            [known("p", person("Anna")), known("q", person("Anna", "Berg"))],
            "p",
            ("q",),
        ),
        (
            person("Anna"),
            [known("p", person("Anna"), has_record=True), known("q", person("Anna"))],
            "q",
            ("p",),
        ),
        (
            person("Anna", email="a@b.de"),
            [known("p", person("Anna")), known("q", person("Anna", email="a@b.de"))],
            "q",
            (),
        ),
    ],
    ids=[
        "nobody known",
        "the same",
        "a household",
        "a new family name with the same address",
        "an address shared by two",
        "two that fit: the one known longest",
        "who has no record there yet goes first",
        "an address outranks a number",
    ],
)
def test_whose_record_it_is(record, candidates, answer, doubtful):
    verdict = match(record, candidates)
    assert verdict.person_id == answer
    assert verdict.doubtful == doubtful
    assert verdict.reason
