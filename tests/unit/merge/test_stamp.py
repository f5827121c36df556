"""The total order by which the last writer wins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncbridge.model.stamp import Stamp
from tests.unit.merge.contributions import stamp, stamps


def order(one: Stamp, window_ms: int = 1, digest: str = "") -> tuple[object, ...]:
    return one.order(window_ms, digest)


@pytest.mark.parametrize(
    ("loser", "winner", "window_ms"),
    [
        (stamp("hs", 1), stamp("hs2", 2), 1),
        (stamp("hs2", 5), stamp("hs", 5), 1),
        (stamp("hs2", 999), stamp("hs", 1), 1_000),
        (stamp("hs", 999), stamp("hs2", 1_000), 1_000),
        (stamp("hs", 9_999, is_initial=True), stamp("wa", 1), 1),
        (stamp("hs2", 9, is_initial=True), stamp("hs", 1, is_initial=True), 1),
        (stamp("hs", 1), stamp("hs", 2), 1_000),
        (stamp("hs", 2, version="1"), stamp("hs", 2, version="2"), 1),
    ],
    ids=[
        "later",
        "same instant: rank",
        "same window: rank",
        "next window: later",
        "an edit beats what stood",
        "what stood: rank",
        "same window, same connection: later",
        "same instant, same connection: version",
    ],
)
def test_who_wins(loser, winner, window_ms):
    assert order(loser, window_ms) < order(winner, window_ms)


def test_the_value_itself_is_the_last_tie_break():
    assert order(stamp("hs", 1), digest="a") < order(stamp("hs", 1), digest="b")


@given(st.lists(stamps, min_size=2, max_size=5), st.sampled_from([1, 1_000]))
def test_the_order_is_total(several, window_ms):
    keys = sorted(order(one, window_ms) for one in several)
    assert keys == sorted(keys, reverse=True)[::-1]
    assert max(keys) == keys[-1]


@given(earlier=stamps, later=stamps, window_ms=st.sampled_from([1, 1_000]))
def test_a_stamp_moved_after_another_wins_over_it(earlier, later, window_ms):
    moved = later.after(earlier, window_ms)
    if not moved.is_initial:
        assert order(moved, window_ms) > order(earlier, window_ms)
    assert moved.after(earlier, window_ms) == moved, "twice changes nothing"
    assert moved.at_ms >= later.at_ms


@pytest.mark.parametrize(
    ("one", "two", "is_uncertain"),
    [
        (stamp("hs", 10), stamp("hs2", 5), False),
        (stamp("hs", 10, since_ms=4), stamp("hs2", 5), True),
        (stamp("hs", 10, since_ms=5), stamp("hs2", 5), False),
        (stamp("hs", 10, since_ms=4), stamp("hs2", 12, since_ms=9), True),
        (stamp("hs", 10, since_ms=4), stamp("hs2", 12, since_ms=11), False),
        (stamp("hs", 10, since_ms=4), stamp("hs2", 11), False),
    ],
)
def test_the_order_is_uncertain_when_intervals_overlap(one, two, is_uncertain):
    assert one.is_order_uncertain(two) is is_uncertain
    assert two.is_order_uncertain(one) is is_uncertain
