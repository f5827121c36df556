"""HubSpot's search: filters, one sort, paging to 10,000, over an index that lags behind."""

from __future__ import annotations

import operator as operators
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.hubspot.sandbox.problems import invalid
from connectors.hubspot.sandbox.properties import Property
from connectors.hubspot.sandbox.records import Record, Table
from connectors.hubspot.sandbox.values import from_epoch_ms, iso_ms

MAX_HITS = 10_000
MAX_BODY_CHARS = 3_000
MAX_LIMIT = 200
DEFAULT_LIMIT = 10
MAX_GROUPS = 5
MAX_FILTERS_OF_GROUP = 6
MAX_FILTERS = 18

#: What a filter compares: stored text, made comparable by the property's type.
_Key = str | float
_Test = Callable[[Mapping[str, str]], bool]


@dataclass(frozen=True)
class Hits:
    """One page of a search."""

    total: int
    records: Sequence[Record]
    #: where the next page begins; None on the last
    after: int | None
    properties: Sequence[str]


def search(table: Table, posted: Mapping[str, Any], now_ms: int) -> Hits:
    """Run the body of a search.

    Raises:
        ApiProblem: 400, a limit is exceeded or the body is not understood.
    """
    limit, after = _paging(posted)
    tests = _groups(table, posted.get("filterGroups", []))
    words = str(posted.get("query", "")).lower().split()
    hits = []
    for record in table:
        values = record.seen_by_search(now_ms, table.lag_ms)
        if values is None or (tests and not any(test(values) for test in tests)):
            continue
        if words and not _mentions(table, values, words):
            continue
        hits.append((record, values))
    _sort(table, hits, posted.get("sorts", []))
    page = [record for record, _ in hits[after : after + limit]]
    following = after + limit if after + limit < len(hits) else None
    asked = posted.get("properties") or table.type.shown_by_default
    return Hits(len(hits), page, following, table.properties.among(asked))


def _paging(posted: Mapping[str, Any]) -> tuple[int, int]:
    limit, after = posted.get("limit", DEFAULT_LIMIT), str(posted.get("after") or "0")
    if not isinstance(limit, int) or not 1 <= limit <= MAX_LIMIT:
        raise invalid(f"limit must be from 1 to {MAX_LIMIT}")
    if not after.isdecimal():
        raise invalid("after must be the value of paging.next.after")
    if int(after) + limit > MAX_HITS:
        raise invalid(f"The maximum paging of {MAX_HITS} results has been exceeded")
    return limit, int(after)


def _groups(table: Table, posted: Any) -> list[_Test]:
    if not isinstance(posted, list) or len(posted) > MAX_GROUPS:
        raise invalid(f"There can be at most {MAX_GROUPS} filterGroups")
    groups = [_filters_of(group) for group in posted]
    if sum(len(filters) for filters in groups) > MAX_FILTERS:
        raise invalid(f"There can be at most {MAX_FILTERS} filters")
    return [_all_of([_test(table, entry) for entry in filters]) for filters in groups]


def _filters_of(group: Any) -> list[Mapping[str, Any]]:
    filters = group.get("filters") if isinstance(group, Mapping) else None
    if not isinstance(filters, list) or not 1 <= len(filters) <= MAX_FILTERS_OF_GROUP:
        raise invalid(f"A filterGroup needs 1 to {MAX_FILTERS_OF_GROUP} filters")
    return filters


def _all_of(tests: Sequence[_Test]) -> _Test:
    if len(tests) == 1:
        return tests[0]
    return lambda values: all(test(values) for test in tests)


def _test(table: Table, posted: Mapping[str, Any]) -> _Test:
    name, operator = posted.get("propertyName"), posted.get("operator")
    entry = table.properties.get(str(name))
    if entry is None:
        raise invalid(f"There was a problem with the request: no property {name!r}")
    if operator in {"HAS_PROPERTY", "NOT_HAS_PROPERTY"}:
        wanted = operator == "HAS_PROPERTY"
        return lambda values: (entry.name in values) is wanted
    if operator in {"IN", "NOT_IN"}:
        return _membership(entry, posted.get("values"), negated=operator == "NOT_IN")
    if operator in {"CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"}:
        return _token(entry, posted.get("value"), negated=operator == "NOT_CONTAINS_TOKEN")
    return _comparison(entry, posted, str(operator))


def _comparison(entry: Property, posted: Mapping[str, Any], operator: str) -> _Test:
    low = _asked(entry, posted.get("value"))
    if operator == "BETWEEN":
        high = _asked(entry, posted.get("highValue"))
        return _present(entry, lambda key, _: low <= key <= high, low)
    compare = _COMPARISONS.get(operator)
    if compare is None:
        raise invalid(f"Invalid operator {operator!r}")
    if operator == "NEQ":
        key_of = _key_reader(entry)
        return lambda values: key_of(values) != low
    return _present(entry, compare, low)


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "EQ": operators.eq,
    "NEQ": operators.ne,
    "LT": operators.lt,
    "LTE": operators.le,
    "GT": operators.gt,
    "GTE": operators.ge,
}


def _present(entry: Property, compare: Callable[[Any, Any], bool], asked: _Key) -> _Test:
    key_of = _key_reader(entry)

    def of_values(values: Mapping[str, str]) -> bool:
        key = key_of(values)
        return key is not None and compare(key, asked)

    return of_values


def _membership(entry: Property, posted: Any, *, negated: bool) -> _Test:
    if not isinstance(posted, list) or not posted:
        raise invalid("IN and NOT_IN need values")
    if any(not isinstance(value, str) for value in posted):
        raise invalid("Filter values must be strings")
    # The index keeps text in lower case and compares these values as they are.
    asked = set(posted) if entry.type == "string" else {_asked(entry, value) for value in posted}
    key_of = _key_reader(entry)
    return lambda values: (key_of(values) in asked) is not negated


def _token(entry: Property, posted: Any, *, negated: bool) -> _Test:
    if not isinstance(posted, str) or not posted:
        raise invalid("CONTAINS_TOKEN needs a value")
    pattern = re.compile(
        "".join(".*" if part == "*" else re.escape(part) for part in re.split(r"(\*)", posted)),
        re.IGNORECASE,
    )

    def of_values(values: Mapping[str, str]) -> bool:
        text = values.get(entry.name, "")
        tokens = (text, *re.split(r"[\s@.,;:/+()<>-]+", text))
        return any(pattern.fullmatch(token) for token in tokens) is not negated

    return of_values


def _asked(entry: Property, value: Any) -> _Key:
    if not isinstance(value, str):
        raise invalid(f"The filter on {entry.name} needs a string value")
    if entry.type in {"datetime", "date"}:
        if not re.fullmatch(r"-?\d+", value):
            raise invalid(f"{value!r} is not a valid date; epoch milliseconds are expected")
        moment = from_epoch_ms(value)
        return iso_ms(moment) if entry.type == "datetime" else moment.date().isoformat()
    if entry.type == "number":
        try:
            return float(value)
        except ValueError:
            raise invalid(f"{value!r} is not a valid number") from None
    return value.lower()


def _key_reader(entry: Property) -> Callable[[Mapping[str, str]], _Key | None]:
    """What takes a property out of a record's values in comparable form; None when it is empty."""
    name = entry.name
    if entry.type in {"datetime", "date"}:
        return lambda values: values.get(name)
    if entry.type == "number":
        return lambda values: float(values[name]) if name in values else None
    return lambda values: values[name].lower() if name in values else None


def _mentions(table: Table, values: Mapping[str, str], words: Sequence[str]) -> bool:
    text = " ".join(values.get(name, "") for name in table.type.searched).lower()
    digits = " ".join(
        value for name, value in values.items() if name.startswith("hs_searchable_calculated")
    )
    return all(word in text or (word.isdecimal() and word in digits) for word in words)


def _sort(table: Table, hits: list[tuple[Record, Mapping[str, str]]], posted: Any) -> None:
    if not isinstance(posted, list) or len(posted) > 1:
        raise invalid("There can be at most one sort")
    if not posted:
        return
    rule = posted[0]
    if isinstance(rule, str):
        rule = {
            "propertyName": rule.removeprefix("-"),
            "direction": "DESCENDING" if rule.startswith("-") else "ASCENDING",
        }
    entry = table.properties.get(str(rule.get("propertyName")))
    direction = rule.get("direction", "ASCENDING")
    if entry is None or direction not in {"ASCENDING", "DESCENDING"}:
        raise invalid(f"Invalid sort {rule!r}")

    key_of = _key_reader(entry)

    def key(hit: tuple[Record, Mapping[str, str]]) -> tuple[bool, Any]:
        stored = key_of(hit[1])
        # Empty values come first, and compare with each other whatever the type.
        return (False, "") if stored is None else (True, stored)

    hits.sort(key=key, reverse=direction == "DESCENDING")
