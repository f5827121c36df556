"""The golden record is a fold: whose value survives, whatever the order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncbridge.merge.plan import Decision
from syncbridge.merge.survivorship import CONSOLE, digest, fold, values
from syncbridge.model.golden import Contribution, FieldRule, Policy, Said
from tests.unit.merge.contributions import FIELDS, VALUES, contributions, crowds, rules, stamp


def say(source: str, value: str | None, at_ms: int, **more: bool) -> Contribution:
    said = Said(value, stamp(source, at_ms), fills_only=more.get("fills_only", False))
    return Contribution(source, source, {"city": said})


def survivor(policy: Policy, *several: Contribution) -> str | None:
    return fold(several, {"city": FieldRule("city", policy, "hs2")})["city"].value


@pytest.mark.parametrize(
    ("policy", "several", "value"),
    [
        (Policy.LAST_WRITE_WINS, [("hs", "A", 1), ("hs2", "B", 2)], "B"),
        (Policy.LAST_WRITE_WINS, [("hs", "A", 1), ("hs2", None, 2)], None),
        (Policy.MANUAL, [("hs", "A", 1), ("hs2", "B", 2)], "B"),
        (Policy.SOURCE_OF_TRUTH, [("hs", "A", 9), ("hs2", "B", 2)], "B"),
        (Policy.SOURCE_OF_TRUTH, [("hs", "A", 9), ("hs2", None, 2)], "A"),
        (Policy.SOURCE_OF_TRUTH, [("hs", "A", 9), ("zoho", "C", 3)], "A"),
        (Policy.PREFER_VALUE, [("hs", "A", 1), ("hs2", None, 2)], "A"),
        (Policy.PREFER_VALUE, [("hs", None, 1), ("hs2", None, 2)], None),
        (Policy.LARGEST, [("hs", "9", 5), ("hs2", "10", 2)], "10"),
        (Policy.SMALLEST, [("hs", "9", 1), ("hs2", "10", 2)], "9"),
        (Policy.LARGEST, [("hs", "9", 1), ("hs2", None, 2)], "9"),
        (Policy.EARLIEST, [("hs", "2026-02-01", 1), ("hs2", "2026-01-31", 2)], "2026-01-31"),
        (Policy.LATEST, [("hs", "2026-02-01", 1), ("hs2", "2026-01-31", 2)], "2026-02-01"),
    ],
)
def test_each_policy_has_its_survivor(policy, several, value):
    assert survivor(policy, *(say(*one) for one in several)) == value


def test_what_only_fills_stands_where_nobody_else_spoke():
    assert survivor(Policy.LAST_WRITE_WINS, say("wa", "Anna", 1, fills_only=True)) == "Anna"


@pytest.mark.parametrize("policy", list(Policy))
@pytest.mark.parametrize("value", ["Anna", None], ids=["spoken", "cleared"])
def test_what_only_fills_never_outranks(policy, value):
    filler = say("wa", "zzz", 99, fills_only=True)
    assert survivor(policy, say("hs", value, 1), filler) == value


@given(st.data(), crowds(), rules)
def test_the_fold_does_not_depend_on_the_order(data, several, declared):
    shuffled = data.draw(st.permutations(several))
    assert fold(shuffled, declared) == fold(several, declared)


@given(crowds(), rules)
def test_every_field_somebody_spoke_of_has_a_value_that_somebody_said(several, declared):
    golden = fold(several, declared)
    assert golden.keys() == {name for one in several for name in one.fields}
    for name, field in golden.items():
        assert field.value in {one.fields[name].value for one in several if name in one.fields}


@given(crowds(), rules)
def test_a_source_that_says_nothing_changes_nothing(several, declared):
    assert fold([*several, Contribution("silent", "hs")], declared) == fold(several, declared)


@given(crowds(), rules, contributions("one"))
def test_what_loses_alone_against_the_survivor_loses_in_any_company(several, declared, other):
    together = fold([*several, other], declared)
    for name, field in together.items():
        if field.source == "one":
            assert field.value == other.fields[name].value


# Decisions.


def decided(
    several: list[Contribution],
    declared: dict[str, FieldRule],
    value: str | None,
    at_ms: int,
) -> list[Contribution]:
    console = Contribution(f"{CONSOLE}:p", CONSOLE)
    rule = declared.get("city") or FieldRule("city")
    golden = fold(several, declared)
    return [*several, Decision("city", value, at_ms).contribute(console, golden, rule)]


@given(crowds(), rules, VALUES, st.integers(0, 4_000))
def test_a_decision_outlasts_what_stood(several, declared, value, at_ms):
    after = fold(decided(several, declared, value, at_ms), declared)
    assert after["city"].value == value
    others = [name for name in FIELDS if name != "city"]
    before = fold(several, declared)
    assert all(after.get(name) == before.get(name) for name in others)


@pytest.mark.parametrize(
    ("policy", "later", "stands"),
    [
        (Policy.LAST_WRITE_WINS, "C", "C"),
        (Policy.PREFER_VALUE, "C", "C"),
        (Policy.LARGEST, "6", "6"),
        (Policy.LARGEST, "4", "5"),
        (Policy.SMALLEST, "4", "4"),
    ],
)
def test_only_what_is_said_after_a_decision_may_replace_it(policy, later, stands):
    """What lost against the decision does not come back because somebody speaks again."""
    declared = {"city": FieldRule("city", policy)}
    several = decided([say("hs", "9", 10), say("hs2", "1", 20)], declared, "5", 30)
    again = [*several[:1], say("hs2", later, 40), several[2]]
    assert fold(again, declared)["city"].value == stands


def test_a_decision_stands_until_the_source_of_truth_says_something_newer():
    declared = {"city": FieldRule("city", Policy.SOURCE_OF_TRUTH, "hs2")}
    several = decided([say("hs2", "A", 10)], declared, "B", 20)
    assert fold([*several, say("hs", "C", 99)], declared)["city"].value == "B"
    newer = [say("hs2", "D", 30), several[1]]
    assert fold(newer, declared)["city"].value == "D"


def test_digest_tells_values_apart_and_emptiness_from_all():
    assert len({digest(None), digest("a"), digest("b"), digest("")}) == 4


def test_values_are_the_golden_record_without_its_provenance():
    assert values(fold([say("hs", "Bonn", 1)], {})) == {"city": "Bonn"}
