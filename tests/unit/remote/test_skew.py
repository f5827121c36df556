"""A vendor's clock, measured by whole seconds and calls that take a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncbridge.remote.skew import ClockSkew

T = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def ms(number: int) -> timedelta:
    return timedelta(milliseconds=number)


def note(skew: ClockSkew, sent: datetime, took_ms: int, true_ms: int) -> None:
    theirs = sent + ms(took_ms // 2) + ms(true_ms)
    skew.note(theirs.replace(microsecond=0), sent, sent + ms(took_ms))


def test_nothing_heard_is_no_skew():
    assert ClockSkew().ms == 0


@given(
    st.integers(-5_000_000, 5_000_000),
    st.lists(st.tuples(st.integers(0, 999), st.integers(0, 300)), min_size=1, max_size=30),
)
def test_the_estimate_is_never_off_by_more_than_one_answer_allows(true_ms, calls):
    skew = ClockSkew()
    for index, (offset, took) in enumerate(calls):
        note(skew, T + ms(index * 1000 + offset), took, true_ms)
    assert skew.ms == 0 or abs(skew.ms - true_ms) <= 650
    if skew.ms == 0:
        assert abs(true_ms) <= 1300


def test_many_answers_narrow_it_down():
    skew = ClockSkew()
    for index in range(50):
        note(skew, T + ms(index * 1037), 20, 2_500)
    assert abs(skew.ms - 2_500) < 60


def test_a_clock_that_is_right_is_left_alone():
    skew = ClockSkew()
    for index in range(50):
        note(skew, T + ms(index * 1037), 20, 0)
    assert skew.ms == 0


def test_a_clock_that_was_set_is_followed():
    skew = ClockSkew()
    for index in range(20):
        note(skew, T + ms(index * 1037), 20, 5_000)
    note(skew, T + ms(60_000), 20, -90_000)
    assert abs(skew.ms + 90_000) < 700
