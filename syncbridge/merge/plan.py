"""What a snapshot of one record means for a person and for their other records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from syncbridge.merge.survivorship import CONSOLE, fold
from syncbridge.merge.threeway import FieldReading, Relation, relate
from syncbridge.model.golden import (
    Base,
    BaseValue,
    Contribution,
    FieldRule,
    Golden,
    GoldenField,
    Policy,
    Said,
)
from syncbridge.model.link import Conflict
from syncbridge.model.stamp import Stamp


@dataclass(frozen=True, slots=True)
class Plan:
    """What reconciling one record decided."""

    contribution: Contribution
    golden: Golden
    #: The link's base after this reading.
    base: Base
    conflicts: tuple[Conflict, ...] = ()
    #: Fields that now wait for a person, on all links.
    held: frozenset[str] = frozenset()
    #: Canonical fields whose golden value changed.
    changed: frozenset[str] = frozenset()


def reconcile(
    source: Contribution,
    others: Iterable[Contribution],
    *,
    base: Base,
    readings: Mapping[str, FieldReading],
    rules: Mapping[str, FieldRule],
) -> Plan:
    """Answer what a record's carried fields change.

    Args:
        source: what the record's link said so far.
        others: what everybody else said about the person.
        base: what both sides last agreed on, per field.
        readings: the carried fields only; a field that is absent has not changed.
        rules: canonical field -> how it behaves.
    """
    rest = tuple(others)
    before = fold((source, *rest), rules)
    said = dict(source.fields)
    new_base = dict(base)
    relations: dict[str, Relation] = {}
    for name, reading in readings.items():
        rule = rules.get(name) or FieldRule(name)
        ours = before.get(name)
        agreed = base.get(name)
        relation = relations[name] = _relation(agreed, reading, ours, source.source)
        if relation is Relation.UNCHANGED:
            continue
        new_base[name] = BaseValue(reading.remote or None, reading.canonical)
        is_silent = relation is Relation.MET and reading.canonical is None
        if is_silent or relation is Relation.RENDERED:
            continue
        said[name] = _said(reading, relation, ours, rule)
    contribution = Contribution(source.source, source.connection, said)
    golden = fold((contribution, *rest), rules)
    conflicts = tuple(
        _conflict(name, readings[name], before[name], base.get(name), golden[name], rules)
        for name, relation in relations.items()
        if relation in (Relation.CONFLICT, Relation.INITIAL_DIFFERENCE)
    )
    return Plan(
        contribution=contribution,
        golden=golden,
        base=new_base,
        conflicts=conflicts,
        held=frozenset(conflict.field for conflict in conflicts if not conflict.winner),
        changed=frozenset(name for name in golden if _value(golden, name) != _value(before, name)),
    )


def _relation(
    base: BaseValue | None, reading: FieldReading, ours: GoldenField | None, source: str
) -> Relation:
    relation = relate(base, reading, ours)
    if relation is Relation.CONFLICT and (ours is None or ours.source == source):
        # The record replaces its own earlier word, or nobody spoke of the field any more.
        return Relation.THEIRS
    if (
        relation is Relation.THEIRS
        and reading.fills_only
        and ours is not None
        and ours.value is not None
        and ours.source != source
    ):
        # What only fills can never take the place of what another source said.
        return Relation.CONFLICT
    if relation is Relation.THEIRS and _is_decided_since(reading, ours):
        return Relation.CONFLICT
    return relation


def _is_decided_since(reading: FieldReading, ours: GoldenField | None) -> bool:
    """Say whether a person decided for what stood already, after the edit that is only seen now."""
    if ours is None or ours.stamp.connection != CONSOLE:
        return False
    return ours.stamp.at_ms > reading.stamp.at_ms


def _said(
    reading: FieldReading, relation: Relation, ours: GoldenField | None, rule: FieldRule
) -> Said:
    stamp = reading.stamp
    is_cleared = ours is not None and ours.value is None
    if relation is Relation.MET and ours is not None and is_cleared:
        # A value fills an empty field, also one that somebody had cleared before the two met.
        stamp = stamp.after(ours.stamp, rule.window_ms)
    elif relation in (Relation.MET, Relation.INITIAL_DIFFERENCE):
        stamp = replace(stamp, is_initial=True)
    elif relation is Relation.THEIRS and ours is not None:
        stamp = stamp.after(ours.stamp, rule.window_ms)
    elif relation is Relation.AGREED and ours is not None:
        # Often our own write, seen before we know that it took effect: no newer than the value is.
        at_ms = min(stamp.at_ms, ours.stamp.at_ms)
        stamp = replace(stamp, at_ms=at_ms, is_initial=ours.stamp.is_initial)
    raw = reading.raw if reading.raw != reading.canonical else None
    return Said(reading.canonical, stamp, raw, reading.fills_only)


def _value(golden: Golden, name: str) -> str | None:
    found = golden.get(name)
    return found.value if found else None


def _conflict(
    name: str,
    reading: FieldReading,
    ours: GoldenField,
    base: BaseValue | None,
    after: GoldenField,
    rules: Mapping[str, FieldRule],
) -> Conflict:
    rule = rules.get(name) or FieldRule(name)
    is_initial = base is None
    theirs_won = after.value == reading.canonical
    winner = "theirs" if theirs_won else "ours"
    if rule.policy is Policy.MANUAL and not is_initial:
        winner = ""
    return Conflict(
        field=name,
        ours=ours.value,
        theirs=reading.canonical,
        base=base.canonical if base else None,
        ours_from=ours.stamp.connection,
        theirs_from=reading.stamp.connection,
        ours_at_ms=ours.stamp.at_ms,
        theirs_at_ms=reading.stamp.at_ms,
        winner=winner,
        reason=_reason(rule, reading, ours.stamp, winner, is_initial=is_initial),
        is_initial=is_initial,
    )


def _reason(
    rule: FieldRule, reading: FieldReading, ours: Stamp, winner: str, *, is_initial: bool
) -> str:
    """Say in words why the winner won."""
    theirs = reading.stamp
    if is_initial:
        theirs = replace(theirs, is_initial=True)
    if not winner:
        return f"{rule.name} is decided by hand: it is held on all records until somebody does"
    won, lost = (theirs, ours) if winner == "theirs" else (ours, theirs)
    if reading.fills_only:
        return f"{theirs.connection} only fills this field when it is empty"
    if rule.policy not in (Policy.LAST_WRITE_WINS, Policy.MANUAL):
        return f"policy {rule.policy} chose the value of {won.connection}"
    if won.is_initial and lost.is_initial:
        return f"found at the first meeting; {won.connection} has the better rank"
    if won.at_ms // rule.window_ms == lost.at_ms // rule.window_ms and not lost.is_initial:
        return f"same instant within {rule.window_ms} ms; {won.connection} has the better rank"
    doubt = " (order uncertain: the two times overlap)" if theirs.is_order_uncertain(ours) else ""
    return f"last write: {won.connection} wrote later than {lost.connection}{doubt}"


def owed(
    golden: Golden, base: Base, *, fields: Iterable[str], held: frozenset[str] = frozenset()
) -> dict[str, str | None]:
    """Answer the canonical values a record is behind on, under its base.

    Args:
        golden: the person's surviving values.
        base: the record's last agreement.
        fields: the canonical fields the connection's mapping writes.
        held: fields that wait for a person.
    """
    behind: dict[str, str | None] = {}
    for name in fields:
        if name in held or name not in golden:
            continue
        agreed = base.get(name)
        if golden[name].value != (agreed.canonical if agreed else None):
            behind[name] = golden[name].value
    return behind


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's answer to a conflict."""

    field: str
    value: str | None
    at_ms: int
    by: str = ""

    def contribute(self, console: Contribution, golden: Golden, rule: FieldRule) -> Contribution:
        """Answer the console's contribution with this decision in it; it outlasts what stood."""
        stamp = Stamp(self.at_ms, CONSOLE, rank=0)
        current = golden.get(self.field)
        if current is not None:
            stamp = stamp.after(current.stamp, rule.window_ms)
        fields = {**console.fields, self.field: Said(self.value, stamp)}
        return Contribution(console.source, CONSOLE, fields)
