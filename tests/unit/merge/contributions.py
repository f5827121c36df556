"""Hypothesis builds what sources may say about a person."""

from __future__ import annotations

from hypothesis import strategies as st

from syncbridge.merge.threeway import FieldReading
from syncbridge.model.golden import BaseValue, Contribution, FieldRule, Policy, Said
from syncbridge.model.stamp import Stamp

FIELDS = ("city", "company", "phone")
#: Few values and few instants: ties and agreements have to happen.
VALUES = st.sampled_from([None, "1", "2", "10", "Bonn", "Köln"])
RANKS = {"hs": 10, "hs2": 20, "zoho": 20, "wa": 100}
CONNECTIONS = tuple(RANKS)


def stamp(connection: str, at_ms: int, **more: object) -> Stamp:
    return Stamp(at_ms, connection, rank=RANKS.get(connection, 100), **more)


stamps = st.builds(
    lambda connection, at_ms, is_initial: stamp(connection, at_ms, is_initial=is_initial),
    st.sampled_from(CONNECTIONS),
    st.integers(1, 3_000),
    st.booleans(),
)


@st.composite
def contributions(draw: st.DrawFn, source: str = "link") -> Contribution:
    connection = draw(st.sampled_from(CONNECTIONS))
    fields = {}
    for name in draw(st.sets(st.sampled_from(FIELDS))):
        said = draw(
            st.builds(
                Said,
                VALUES,
                st.builds(
                    lambda at_ms, is_initial: stamp(connection, at_ms, is_initial=is_initial),
                    st.integers(1, 3_000),
                    st.booleans(),
                ),
                fills_only=st.booleans(),
            )
        )
        fields[name] = said
    return Contribution(source, connection, fields)


@st.composite
def crowds(draw: st.DrawFn) -> list[Contribution]:
    """One to four sources, each with its own name."""
    count = draw(st.integers(1, 4))
    return [draw(contributions(f"link{number}")) for number in range(count)]


def rules_of(policy: Policy, *, source: str = "hs", window_ms: int = 1) -> dict[str, FieldRule]:
    return {name: FieldRule(name, policy, source, window_ms) for name in FIELDS}


rules = st.builds(
    lambda policy, window_ms: rules_of(policy, window_ms=window_ms),
    st.sampled_from(list(Policy)),
    st.sampled_from([1, 1_000]),
)


def readings_for(connection: str, *, fills_only: bool = False) -> st.SearchStrategy[dict]:
    """What a record shows: some fields, each rendered as it is meant."""
    reading = st.builds(
        lambda value, at_ms: FieldReading(
            value, value, stamp(connection, at_ms), fills_only=fills_only
        ),
        VALUES,
        st.integers(1, 3_000),
    )
    return st.dictionaries(st.sampled_from(FIELDS), reading)


bases = st.dictionaries(
    st.sampled_from(FIELDS), st.builds(lambda value: BaseValue(value, value), VALUES)
)
