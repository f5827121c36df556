"""What a record's snapshot means for its person, and what is owed afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncbridge.merge.plan import Plan, owed, reconcile
from syncbridge.merge.survivorship import fold, values
from syncbridge.merge.threeway import FieldReading
from syncbridge.model.golden import BaseValue, Contribution, FieldRule, Policy, Said
from tests.unit.merge.contributions import (
    FIELDS,
    bases,
    contributions,
    crowds,
    readings_for,
    rules,
    rules_of,
    stamp,
)

LWW = rules_of(Policy.LAST_WRITE_WINS)


def hear(
    shown: dict[str, FieldReading],
    *others: Contribution,
    source: Contribution | None = None,
    base: dict[str, BaseValue] | None = None,
    declared: dict[str, FieldRule] | None = None,
) -> Plan:
    return reconcile(
        source or Contribution("link", "hs2"),
        others,
        base=base or {},
        readings=shown,
        rules=declared or LWW,
    )


def city(value: str | None, at_ms: int, *, by: str = "hs2", fills_only: bool = False) -> dict:
    return {"city": FieldReading(value, value, stamp(by, at_ms), fills_only=fills_only)}


def says(
    value: str | None, at_ms: int, *, by: str = "hs", is_initial: bool = False
) -> Contribution:
    return Contribution(by, by, {"city": Said(value, stamp(by, at_ms, is_initial=is_initial))})


def agreed(value: str | None) -> dict[str, BaseValue]:
    return {"city": BaseValue(value, value)}


def test_an_edit_against_nothing_new_becomes_the_golden_value():
    plan = hear(city("Köln", 9), says("Bonn", 5), base=agreed("Bonn"))
    assert plan.golden["city"].value == "Köln"
    assert plan.changed == {"city"}
    assert plan.conflicts == ()
    assert plan.base["city"] == BaseValue("Köln", "Köln")


def test_an_edit_made_on_what_we_have_beats_it_whatever_the_clock_says():
    plan = hear(city("Köln", 3), says("Bonn", 5), base=agreed("Bonn"))
    assert plan.golden["city"].value == "Köln"


@pytest.mark.parametrize(("at_ms", "winner", "value"), [(9, "theirs", "Köln"), (3, "ours", "Ulm")])
def test_two_edits_are_a_conflict_that_the_later_wins(at_ms, winner, value):
    plan = hear(city("Köln", at_ms), says("Ulm", 5), base=agreed("Bonn"))
    (conflict,) = plan.conflicts
    assert plan.golden["city"].value == value
    assert (conflict.ours, conflict.theirs, conflict.base) == ("Ulm", "Köln", "Bonn")
    assert (conflict.ours_from, conflict.theirs_from) == ("hs", "hs2")
    assert (conflict.ours_at_ms, conflict.theirs_at_ms) == (5, at_ms)
    assert conflict.winner == winner
    assert "last write" in conflict.reason
    assert not conflict.is_initial


def test_the_reason_says_when_the_order_is_not_sure():
    shown = {"city": FieldReading("Köln", "Köln", stamp("hs2", 9, since_ms=2))}
    (conflict,) = hear(shown, says("Ulm", 5), base=agreed("Bonn")).conflicts
    assert "order uncertain" in conflict.reason


def test_the_reason_names_the_rank_where_it_decided():
    (conflict,) = hear(city("Köln", 5), says("Ulm", 5), base=agreed("Bonn")).conflicts
    assert "hs has the better rank" in conflict.reason


def test_a_record_that_replaces_its_own_word_clashes_with_nobody():
    own = Contribution("link", "hs2", {"city": Said("Ulm", stamp("hs2", 5))})
    plan = hear(city("Köln", 9), source=own, base=agreed("Bonn"))
    assert plan.conflicts == ()
    assert plan.golden["city"].value == "Köln"


def test_a_field_decided_by_hand_is_held_and_nobody_wins():
    declared = rules_of(Policy.MANUAL)
    plan = hear(city("Köln", 9), says("Ulm", 5), base=agreed("Bonn"), declared=declared)
    assert plan.held == {"city"}
    assert plan.conflicts[0].winner == ""


def test_at_the_first_meeting_a_value_fills_an_empty_field():
    plan = hear(city("Köln", 9), Contribution("hs", "hs"))
    assert plan.golden["city"].value == "Köln"
    assert plan.conflicts == ()


def test_at_the_first_meeting_an_empty_field_says_nothing():
    plan = hear(city(None, 9), says("Bonn", 5))
    assert plan.golden["city"].value == "Bonn"
    assert plan.contribution.fields == {}
    assert owed(plan.golden, plan.base, fields=["city"]) == {"city": "Bonn"}


def test_at_the_first_meeting_a_value_fills_even_what_was_cleared_elsewhere():
    plan = hear(city("Köln", 3), says(None, 5))
    assert plan.golden["city"].value == "Köln"
    assert owed(plan.golden, plan.base, fields=["city"]) == {}


@pytest.mark.parametrize(
    ("policy", "value"),
    [
        (Policy.LAST_WRITE_WINS, "Bonn"),
        (Policy.SOURCE_OF_TRUTH, "Bonn"),
        (Policy.LARGEST, "Köln"),
        (Policy.MANUAL, "Bonn"),
    ],
)
def test_differing_values_at_the_first_meeting_go_by_policy_then_rank(policy, value):
    standing = says("Bonn", 5, is_initial=True)
    plan = hear(city("Köln", 9), standing, declared=rules_of(policy))
    (conflict,) = plan.conflicts
    assert conflict.is_initial
    assert plan.golden["city"].value == value
    assert conflict.winner in ("ours", "theirs")
    assert plan.held == frozenset()


def test_what_only_fills_is_a_conflict_it_never_wins():
    shown = city("Annika", 99, by="wa", fills_only=True)
    own = Contribution("link", "wa")
    plan = hear(shown, says("Anna", 5), source=own, base=agreed("Anna"))
    assert plan.golden["city"].value == "Anna"
    (conflict,) = plan.conflicts
    assert conflict.winner == "ours"
    assert "only fills" in conflict.reason


def test_clearing_is_an_edit_and_absence_is_none():
    cleared = hear(city(None, 9), says("Bonn", 5), base=agreed("Bonn"))
    assert cleared.golden["city"].value is None
    absent = hear({}, says("Bonn", 5), base=agreed("Bonn"))
    assert absent.golden["city"].value == "Bonn"
    assert absent.base == agreed("Bonn")
    assert absent.changed == frozenset()


def test_what_they_meant_is_kept_with_the_words_they_used():
    shown = {"phone": FieldReading("0170 1", "+491701", stamp("hs2", 1), raw="0170 1")}
    plan = hear(shown)
    assert plan.contribution.fields["phone"].raw == "0170 1"
    assert plan.base["phone"] == BaseValue("0170 1", "+491701")


# Laws.


@given(contributions("link"), crowds(), bases, rules)
def test_a_payload_without_fields_changes_nothing(source, others, base, declared):
    plan = reconcile(source, others, base=base, readings={}, rules=declared)
    assert (plan.contribution, plan.base, plan.conflicts) == (source, base, ())
    assert plan.golden == fold([source, *others], declared)


@given(contributions("link"), crowds(), bases, rules, readings_for("hs2"))
def test_fields_that_are_absent_are_untouched(source, others, base, declared, shown):
    plan = reconcile(source, others, base=base, readings=shown, rules=declared)
    before = fold([source, *others], declared)
    for name in set(FIELDS) - shown.keys():
        assert plan.golden.get(name) == before.get(name)
        assert plan.base.get(name) == base.get(name)
        assert plan.contribution.fields.get(name) == source.fields.get(name)


@given(contributions("link"), crowds(), bases, rules, readings_for("hs2"))
def test_hearing_twice_changes_nothing_more(source, others, base, declared, shown):
    once = reconcile(source, others, base=base, readings=shown, rules=declared)
    twice = reconcile(once.contribution, others, base=once.base, readings=shown, rules=declared)
    assert twice.contribution == once.contribution
    assert twice.golden == once.golden
    assert twice.base == once.base
    assert twice.conflicts == ()
    assert twice.changed == frozenset()


@given(contributions("link"), crowds(), rules, readings_for("hs2"))
def test_a_record_that_shows_what_was_agreed_changes_nothing(source, others, declared, shown):
    base = {name: BaseValue(one.remote, one.canonical) for name, one in shown.items()}
    plan = reconcile(source, others, base=base, readings=shown, rules=declared)
    assert plan.contribution == source
    assert plan.conflicts == ()


@given(crowds(), rules, readings_for("hs2"))
def test_against_an_untouched_golden_record_every_edit_stands(others, declared, shown):
    """Except where the policy says that another value is right."""
    golden = fold(others, LWW)
    base = {
        name: BaseValue(golden[name].value, golden[name].value) for name in shown if name in golden
    }
    shown = {name: one for name, one in shown.items() if name in golden}
    plan = reconcile(Contribution("link", "hs2"), others, base=base, readings=shown, rules=LWW)
    assert plan.conflicts == ()
    assert {name: plan.golden[name].value for name in shown} == {
        name: one.canonical for name, one in shown.items()
    }


@given(crowds(), rules, bases, readings_for("hs2"))
def test_each_value_a_person_wrote_stands_or_is_in_a_conflict(others, declared, base, shown):
    plan = reconcile(Contribution("link", "hs2"), others, base=base, readings=shown, rules=declared)
    before = values(fold(others, declared))
    lost = {one.field: {one.ours, one.theirs} for one in plan.conflicts}
    for name, reading in shown.items():
        agreed_before = base.get(name)
        if agreed_before is not None and agreed_before.remote == reading.canonical:
            continue
        is_ours_edit = name in before and before[name] is not None and (
            agreed_before is None or agreed_before.canonical != before[name]
        )  # fmt: skip
        if is_ours_edit and plan.golden[name].value != before[name]:
            assert before[name] in lost[name]


@given(st.data(), rules)
def test_edits_of_different_records_end_the_same_in_any_order(data, declared):
    """Each record was in step when it was edited: who is heard first changes nothing."""
    start = Contribution("link0", "hs", {name: Said("1", stamp("hs", 1)) for name in FIELDS})
    base = {name: BaseValue("1", "1") for name in FIELDS}
    edits = [
        (f"link{number}", connection, data.draw(readings_for(connection)))
        for number, connection in enumerate(("hs", "hs2", "zoho"))
    ]
    edits = [(link, by, {n: bump(r) for n, r in shown.items()}) for link, by, shown in edits]

    def end(order: list[int]) -> dict[str, str | None]:
        said = {"link0": start}
        for position in order:
            link, connection, shown = edits[position]
            source = said.get(link) or Contribution(link, connection)
            rest = [one for name, one in said.items() if name != link]
            plan = reconcile(source, rest, base=base, readings=shown, rules=declared)
            said[link] = plan.contribution
        return values(fold(said.values(), declared))

    assert end(data.draw(st.permutations(range(3)))) == end([0, 1, 2])


def bump(reading: FieldReading) -> FieldReading:
    """After the beginning, whose instant is 1, and never within its window."""
    return replace(reading, stamp=replace(reading.stamp, at_ms=reading.stamp.at_ms + 2_000))


# Owing.


@pytest.mark.parametrize(
    ("golden_value", "base", "held", "behind"),
    [
        ("Bonn", {}, frozenset(), {"city": "Bonn"}),
        ("Bonn", agreed("Bonn"), frozenset(), {}),
        ("Bonn", agreed("Ulm"), frozenset(), {"city": "Bonn"}),
        (None, agreed("Ulm"), frozenset(), {"city": None}),
        (None, {}, frozenset(), {}),
        ("Bonn", agreed("Ulm"), frozenset({"city"}), {}),
        ("+491", {"city": BaseValue("0049 1", "+491")}, frozenset(), {}),
    ],
)
def test_a_record_owes_what_differs_from_what_was_meant(golden_value, base, held, behind):
    golden = fold([says(golden_value, 1)], {})
    assert owed(golden, base, fields=["city", "unheard_of"], held=held) == behind


@given(contributions("link"), crowds(), rules, readings_for("hs2"))
def test_after_hearing_a_record_owes_only_what_it_does_not_show(source, others, declared, shown):
    plan = reconcile(source, others, base={}, readings=shown, rules=declared)
    behind = owed(plan.golden, plan.base, fields=FIELDS)
    for name, value in behind.items():
        assert name not in shown or shown[name].canonical != value
