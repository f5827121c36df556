"""One field, three trees."""

from __future__ import annotations

import pytest
from hypothesis import given

from syncbridge.merge.threeway import FieldReading, Relation, relate
from syncbridge.model.golden import BaseValue, GoldenField
from syncbridge.model.stamp import Stamp
from tests.unit.merge.contributions import VALUES

AT = Stamp(1, "hs")


def reading(remote: str | None, canonical: str | None = "same") -> FieldReading:
    return FieldReading(remote, remote if canonical == "same" else canonical, AT)


def ours(value: str | None) -> GoldenField:
    return GoldenField(value, "link", AT)


@pytest.mark.parametrize(
    ("base", "theirs", "our", "relation"),
    [
        ("A", "A", "A", Relation.UNCHANGED),
        ("A", "A", "B", Relation.UNCHANGED),
        (None, None, "B", Relation.UNCHANGED),
        ("A", "B", "A", Relation.THEIRS),
        ("A", None, "A", Relation.THEIRS),
        (None, "B", None, Relation.THEIRS),
        ("A", "B", "B", Relation.AGREED),
        ("A", None, None, Relation.AGREED),
        ("A", "B", "C", Relation.CONFLICT),
        ("A", None, "C", Relation.CONFLICT),
        ("A", "B", None, Relation.CONFLICT),
    ],
)
def test_their_change_is_measured_against_the_base(base, theirs, our, relation):
    assert relate(BaseValue(base, base), reading(theirs), ours(our)) is relation


@pytest.mark.parametrize(
    ("theirs", "our", "relation"),
    [
        ("A", "A", Relation.MET),
        ("A", None, Relation.MET),
        (None, "A", Relation.MET),
        (None, None, Relation.MET),
        ("A", "B", Relation.INITIAL_DIFFERENCE),
    ],
)
def test_a_first_meeting_agrees_fills_or_differs(theirs, our, relation):
    assert relate(None, reading(theirs), ours(our)) is relation


def test_a_field_nobody_spoke_of_is_met_or_theirs():
    assert relate(None, reading("A"), None) is Relation.MET
    assert relate(BaseValue(None, None), reading("A"), None) is Relation.THEIRS


def test_a_rendering_that_stayed_is_no_edit_whatever_it_means_by_now():
    base = BaseValue("0170 1234567", "+491701234567")
    now_read_otherwise = reading("0170 1234567", "+1701234567")
    assert relate(base, now_read_otherwise, ours("+491701234567")) is Relation.UNCHANGED


@pytest.mark.parametrize("our", ["+491701234567", "+491719999999", None])
def test_another_rendering_of_what_was_agreed_is_nobodys_word(our):
    base = BaseValue("0170 1234567", "+491701234567")
    respelt = reading("+49 170 1234567", "+491701234567")
    assert relate(base, respelt, ours(our)) is Relation.RENDERED


def test_another_rendering_of_what_we_have_by_now_is_agreement():
    base = BaseValue("0171 9999999", "+491719999999")
    respelt = reading("+49 170 1234567", "+491701234567")
    assert relate(base, respelt, ours("+491701234567")) is Relation.AGREED


@pytest.mark.parametrize(("one", "two"), [("", None), (None, "")])
def test_empty_is_empty_however_it_is_written(one, two):
    assert relate(BaseValue(one, None), reading(two, None), None) is Relation.UNCHANGED


@given(base=VALUES, value=VALUES)
def test_an_untouched_record_changes_nothing(base, value):
    assert relate(BaseValue(base, base), reading(base), ours(value)) is Relation.UNCHANGED


@given(base=VALUES, theirs=VALUES)
def test_against_an_untouched_golden_record_their_value_counts(base, theirs):
    relation = relate(BaseValue(base, base), reading(theirs), ours(base))
    assert relation is (Relation.UNCHANGED if theirs == base else Relation.THEIRS)


@given(base=VALUES, one=VALUES, two=VALUES)
def test_swapping_the_sides_swaps_who_changed_and_keeps_conflicts(base, one, two):
    forth = relate(BaseValue(base, base), reading(one), ours(two))
    back = relate(BaseValue(base, base), reading(two), ours(one))
    assert (forth is Relation.CONFLICT) == (back is Relation.CONFLICT)
    if forth is Relation.THEIRS:
        assert back is Relation.UNCHANGED
