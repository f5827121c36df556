"""Levels of pairs of values, field by field."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncbridge.match.comparing import Comparer
from syncbridge.match.fields import (
    BIRTH,
    CITY,
    COMPANY,
    COMPARISONS,
    DOMAIN,
    EMAIL,
    FAMILY,
    GENDER,
    GIVEN,
    MIDDLE,
    ORGANISATION,
    PHONE,
    POSTAL,
    STREET,
)
from syncbridge.testing.people import make_people
from tests.unit.match.bases import base, base_of


def level(place: int, one: dict[str, str], other: dict[str, str]) -> str:
    levels = Comparer(base(one, other)).levels(np.array([0]), np.array([1]))
    return COMPARISONS[place].levels[levels[0, place]]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Anna", "anna", "the same"),
        ("Anna", "", "not known on both sides"),
        ("William", "Bill", "another form of the same name"),
        ("Jürgen", "Juergen", "another form of the same name"),
        ("Anna Maria", "Maria Anna", "another form of the same name"),
        ("Martin", "Matrin", "one letter apart"),
        ("Elena", "E.", "an initial or a part of it"),
        ("Anna Lena", "Anna", "another form of the same name"),
        ("Anastasia", "Anastazija", "very similar"),
        ("Anna", "Peter", "different"),
    ],
)
def test_given_names(one: str, other: str, expected: str) -> None:
    assert level(GIVEN, {"given_name": one}, {"given_name": other}) == expected


def test_names_that_changed_places_are_seen() -> None:
    one = {"given_name": "Karen", "family_name": "Preston"}
    other = {"given_name": "Preston", "family_name": "Karen"}
    assert level(GIVEN, one, other) == "changed places"
    assert level(FAMILY, one, other) == "changed places"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("1984-10-09", "1984-10-09", "the same"),
        ("1984-10-09", "1984-10-08", "one digit apart or changed places"),
        ("1984-10-09", "1984-09-10", "one digit apart or changed places"),
        ("1984-10-09", "1948-10-09", "one digit apart or changed places"),
        ("1984-10-09", "1984-10-27", "day and month or year differ"),
        ("1984-10-09", "1984-02-27", "the same year"),
        ("1984-10-09", "1951-02-27", "different"),
    ],
)
def test_birth_dates(one: str, other: str, expected: str) -> None:
    assert level(BIRTH, {"birth_date": one}, {"birth_date": other}) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("lee.k@acme.com", "lee.k@acme.com", "the same"),
        ("zorro7@acme.com", "zorro7@acme.con", "nearly the same"),
        ("zorro7@acme.com", "zorro7@other.org", "the same before the @"),
        ("zorro7@acme.com", "batman@other.org", "different"),
        ("info@acme.com", "info@acme.com", "not known on both sides"),
    ],
)
def test_addresses(one: str, other: str, expected: str) -> None:
    assert level(EMAIL, {"email": one}, {"email": other}) == expected


def test_an_address_that_both_make_of_their_name_is_told_apart() -> None:
    one = {"given_name": "Ana", "family_name": "Costa", "email": "ana.costa@gmail.com"}
    other = one | {"email": "ana_costa@gmx.de"}
    assert level(EMAIL, one, one) == "the same, made of the name"
    assert level(EMAIL, one, other) == "both made of the name"


def test_a_host_says_something_where_not_everybody_has_an_address() -> None:
    colleagues = {"email": "info@acme.com"}, {"email": "anna@acme.com"}
    assert level(DOMAIN, *colleagues) == "the same"
    strangers = {"email": "anna@gmail.com"}, {"email": "bernd@gmail.com"}
    assert level(DOMAIN, *strangers) == "not known on both sides"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("+49 160 46421069", "016046421069", "the same"),
        ("+54 9 11 2345 6789", "+54 11 2345 6789", "the same end"),
        ("+55 11 98765 4321", "+55 11 8765 4321", "the same end"),
        ("+49 160 46421069", "+49 160 46421968", "different"),
        ("+49 160 46421069", "+49 160 46521069", "one digit apart"),
        ("212 736 5000 x12", "212 736 5000 x17", "the same, another extension"),
    ],
)
def test_numbers(one: str, other: str, expected: str) -> None:
    assert level(PHONE, {"phone": one}, {"phone": other}) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("12 Main Street", "12 main st", "the same"),
        ("12 Main Street", "12 Mian Street", "nearly the same"),
        ("12 Main Street", "14 Main Street", "the same street, another number"),
        ("12 Main Street", "14 Mian Street", "a similar street"),
        ("12 Main Street", "7 Oak Avenue", "different"),
    ],
)
def test_streets(one: str, other: str, expected: str) -> None:
    assert level(STREET, {"street": one}, {"street": other}) == expected


@pytest.mark.parametrize(
    ("field", "place", "one", "other", "expected"),
    [
        ("city", CITY, "Hamburg", "Hambrug", "nearly the same"),
        ("city", CITY, "Hamburg", "Bremen", "different"),
        ("postal_code", POSTAL, "20095", "20059", "one digit apart"),
        ("postal_code", POSTAL, "20095", "20146", "different"),
        ("postal_code", POSTAL, "20095", "20099", "one digit apart"),
        ("gender", GENDER, "Frau", "f", "the same"),
        ("middle_name", MIDDLE, "Johanna", "J.", "its initial"),
    ],
)
def test_other_fields(field: str, place: int, one: str, other: str, expected: str) -> None:
    assert level(place, {field: one}, {field: other}) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Brown Retail Ltd", "Retail Brown", "the same"),
        ("Quantum Foods LLC", "Quantum Fods", "very similar"),
        ("Quantum", "Quantum Foods International", "shares words"),
        ("Quantum Foods", "Iron Bank", "different"),
    ],
)
def test_companies_of_people(one: str, other: str, expected: str) -> None:
    ann, bob = ({"given_name": "Ann", "company": name} for name in (one, other))
    assert level(COMPANY, ann, bob) == expected


def test_where_nobody_has_a_name_the_organisation_is_who_it_is() -> None:
    one = {"company": "Our Lady of Lourdes"}
    other = {"company": "Our Lady of Lourdes Early Childhood Center"}
    assert level(ORGANISATION, one, other) == "one contains the other"
    assert level(COMPANY, one, other) == "not known on both sides"


PEOPLE = base_of(make_people(60, seed=5))


@given(st.lists(st.tuples(st.integers(0, 59), st.integers(0, 59)), min_size=1, max_size=20))
def test_comparing_is_symmetric(pairs: list[tuple[int, int]]) -> None:
    left, right = np.array(pairs).T
    comparer = Comparer(PEOPLE)
    assert (comparer.levels(left, right) == comparer.levels(right, left)).all()
