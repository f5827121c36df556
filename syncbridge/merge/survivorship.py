"""The golden record: a pure fold over everything that was ever said about a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from syncbridge.model.golden import Contribution, FieldRule, Golden, GoldenField, Policy, Said

#: The connection name under which a person's own decisions are kept.
CONSOLE = "console"


@dataclass(frozen=True, slots=True)
class _Candidate:
    source: str
    said: Said


def fold(
    contributions: Iterable[Contribution], rules: Mapping[str, FieldRule]
) -> dict[str, GoldenField]:
    """Answer the surviving value of every field somebody spoke of.

    The answer does not depend on the order of the contributions. A field without a rule is decided
    by the last write.
    """
    by_field: dict[str, list[_Candidate]] = {}
    for contribution in contributions:
        for name, said in contribution.fields.items():
            by_field.setdefault(name, []).append(_Candidate(contribution.source, said))
    return {
        name: survivor(candidates, rules.get(name) or FieldRule(name))
        for name, candidates in by_field.items()
    }


def survivor(candidates: list[_Candidate], rule: FieldRule) -> GoldenField:
    """Answer which of several values of one field stands."""
    spoken = [candidate for candidate in candidates if not candidate.said.fills_only]
    eligible = _by_policy(_since_decided(spoken or candidates, rule), rule)
    best = max(eligible, key=lambda candidate: _order(candidate, rule))
    return GoldenField(best.said.value, best.source, best.said.stamp)


def _since_decided(candidates: list[_Candidate], rule: FieldRule) -> list[_Candidate]:
    """Leave out what a person has decided against: it was known when they did."""
    decisions = [one for one in candidates if one.said.stamp.connection == CONSOLE]
    if not decisions:
        return candidates
    last = max(_order(one, rule) for one in decisions)
    return [one for one in candidates if _order(one, rule) >= last]


def _by_policy(candidates: list[_Candidate], rule: FieldRule) -> list[_Candidate]:
    """Keep those that the policy puts first; the last write decides between them."""
    with_value = [candidate for candidate in candidates if candidate.said.value is not None]
    if rule.policy in (Policy.LAST_WRITE_WINS, Policy.MANUAL) or not with_value:
        return candidates
    if rule.policy is Policy.SOURCE_OF_TRUTH:
        # A person's decision stands until the source of truth itself says something newer.
        truth = [
            candidate
            for candidate in with_value
            if candidate.said.stamp.connection in (rule.source, CONSOLE)
        ]
        return truth or candidates
    if rule.policy is Policy.PREFER_VALUE:
        return with_value
    keys = [_size(candidate.said.value or "") for candidate in with_value]
    wanted = max(keys) if rule.policy in (Policy.LARGEST, Policy.LATEST) else min(keys)
    return [candidate for candidate, key in zip(with_value, keys, strict=True) if key == wanted]


def _size(value: str) -> tuple[int, float, str]:
    """Order numbers as numbers and everything else (ISO dates too) as text."""
    try:
        return (0, float(value), "")
    except ValueError:
        return (1, 0.0, value)


def _order(candidate: _Candidate, rule: FieldRule) -> tuple[tuple[int | str, ...], str]:
    """Answer a total order; sources that say the same at once are told apart by their name."""
    said = candidate.said
    return said.stamp.order(rule.window_ms, digest(said.value)), candidate.source


def digest(value: str | None) -> str:
    """Answer a short hash of a value, the last tie-break of the total order."""
    return "" if value is None else blake2b(value.encode(), digest_size=8).hexdigest()


def values(golden: Golden) -> dict[str, str | None]:
    """Answer the surviving values alone."""
    return {name: field.value for name, field in golden.items()}
