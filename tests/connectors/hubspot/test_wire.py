"""HubSpot's payloads, translated without I/O."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.hubspot.batches import push_batch
from connectors.hubspot.refusals import error_table
from connectors.hubspot.wire import (
    Reader,
    instant,
    log_body,
    merged_ids,
    spelled,
    update_input,
    upsert_input,
)
from syncbridge.remote.answer import Answer
from syncbridge.remote.base import ContactWrite
from syncbridge.remote.http import HttpClient

AT = datetime(2026, 11, 21, 9, 0, 0, 123000, tzinfo=UTC)


def row(**properties: object) -> dict[str, object]:
    return {"id": "7", "properties": properties, "updatedAt": "2026-11-21T09:00:00.123Z"}


def test_empty_values_are_none_and_uncarried_ones_absent():
    found = Reader("hs", ("a", "b", "c")).snapshot(row(a="", b=None, other="x"), AT)
    assert found.values == {"a": None, "b": None}


def test_a_storm_of_modifications_does_not_change_the_fingerprint():
    reader = Reader("hs", ("a",))
    first = reader.snapshot(row(a="1", lastmodifieddate="2026-11-21T09:00:00.000Z"), AT)
    second = reader.snapshot(row(a="1", lastmodifieddate="2026-11-21T09:05:00.000Z"), AT)
    assert first.fingerprint == second.fingerprint
    assert first.version != second.version


def test_the_newest_entry_of_a_history_counts_whatever_its_place():
    history = {
        "a": [
            {"value": "1", "timestamp": "2026-11-21T08:00:00Z", "sourceType": "CRM_UI"},
            {
                "value": "2",
                "timestamp": "2026-11-21T09:00:00.123Z",
                "sourceType": "INTEGRATION",
                "sourceId": "5",
            },
        ],
        "b": "nonsense",
        "unmapped": [{"timestamp": "2026-11-21T08:00:00Z"}],
    }
    found = Reader("hs", ("a", "b"), "5").snapshot(
        row(a="2") | {"propertiesWithHistory": history}, AT
    )
    assert found.field_times == {"a": AT}
    assert found.written_by_us == {"a": True}


def test_without_an_app_id_nobody_is_said_to_have_written():
    history = {"a": [{"timestamp": "2026-11-21T08:00:00Z", "sourceType": "INTEGRATION"}]}
    found = Reader("hs", ("a",)).snapshot(row(a="2") | {"propertiesWithHistory": history}, AT)
    assert found.written_by_us == {}


@pytest.mark.parametrize(
    ("plain", "timed", "ids"),
    [
        ("1;2", None, ("1", "2")),
        (None, "3:1700000000000;4:1700000000001", ("3", "4")),
        ("1;2", "2:17;3:18", ("1", "2", "3")),
        ("", "", ()),
        ("7;1", "", ("1",)),
    ],
)
def test_merged_ids_are_the_union_of_both_properties(plain, timed, ids):
    values = {"hs_merged_object_ids": plain, "hs_calculated_merged_vids": timed}
    assert merged_ids(row(**values)) == ids


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-21T09:00:00", "9" * 30])
def test_what_is_no_instant_is_none(text):
    assert instant(text) is None


def test_instants_are_read_and_spelled_to_the_millisecond():
    assert spelled(AT) == "2026-11-21T09:00:00.123Z"
    assert instant(spelled(AT)) == AT
    assert instant("1795251600123") == AT


def test_creates_go_by_our_id_and_updates_by_theirs():
    write = ContactWrite("link", None, {"a": "1", "b": None})
    assert upsert_input(write) == {
        "idProperty": "syncbridge_id",
        "id": "link",
        "objectWriteTraceId": "link",
        "properties": {"a": "1", "b": ""},
    }
    assert update_input(ContactWrite("link", "7", {"a": "1"}))["id"] == "7"


@given(st.text(max_size=200))
def test_no_text_becomes_markup(text):
    body = log_body(text, "[m]").removesuffix("<br><small>[m]</small>")
    assert "<" not in body.replace("<br>", "")


def test_a_text_that_is_too_long_is_cut_but_not_its_marker():
    body = log_body("<" * 40_000, "[m]")
    assert len(body) <= 65_536
    assert body.endswith("&lt;…<br><small>[m]</small>")
    assert len(body) > 65_500


class Recorded:
    """Stands for an account whose answer to a batch is known."""

    connection = "hs"

    def __init__(self, body: object, status: int = 207) -> None:
        self.answer = Answer(status, {}, body, b"x", None)
        self.http = HttpClient("http://x", connection="hs", now=lambda: AT, table=error_table(UTC))
        self.setup = self

    def write(self, path: str, body: object, *, accept: object):
        return self.answer


INPUTS = {
    name: {"id": number, "objectWriteTraceId": name, "properties": {}}
    for name, number in (("a", "1"), ("b", "2"))
}


def outcomes_of(body: object, status: int = 207):
    return push_batch(Recorded(body, status), "/x", INPUTS, values=["v"])


def errors_of(body: object, status: int = 207) -> dict[str, str]:
    found = outcomes_of(body, status).items()
    return {name: outcome.error.cause if outcome.error else "" for name, outcome in found}


def test_results_are_known_by_trace_id_whatever_their_order():
    body = {
        "results": [{"id": "2", "objectWriteTraceId": "b"}, {"id": "1", "objectWriteTraceId": "a"}]
    }
    assert {name: o.remote_id for name, o in outcomes_of(body).items()} == {"a": "1", "b": "2"}


def test_results_without_a_trace_are_known_by_their_id():
    body = {"results": [{"id": "2", "properties": {"v": "x"}}, {"id": "1"}]}
    assert outcomes_of(body)["b"].values == {"v": "x"}
    assert errors_of(body) == {"a": "", "b": ""}


@pytest.mark.parametrize(
    "context", [{"objectWriteTraceId": ["b"]}, {"objectWriteTraceId": "b"}, {"ids": ["2"]}]
)
def test_an_error_hits_only_the_row_it_names(context):
    error = {"category": "VALIDATION_ERROR", "message": "no", "context": context}
    body = {"results": [{"id": "1", "objectWriteTraceId": "a"}], "errors": [error]}
    assert errors_of(body) == {"a": "", "b": "invalid"}


def test_a_row_that_is_not_mentioned_is_unknown():
    assert errors_of({"results": [{"id": "1"}]}) == {"a": "", "b": "outcome_unknown"}


def test_an_error_that_names_nobody_is_of_those_not_mentioned():
    body = {"results": [{"id": "1"}], "errors": [{"category": "CONFLICT", "message": "x"}]}
    assert errors_of(body) == {"a": "", "b": "duplicate"}


def test_a_refused_batch_that_names_a_row_spares_the_others():
    error = {"message": "no", "context": {"ids": ["2"]}}
    body = {"message": "bad batch", "errors": [error]}
    assert errors_of(body, 400) == {"a": "transient", "b": "invalid"}


def test_a_refused_batch_that_names_nobody_is_refused_whole():
    assert errors_of({"message": "bad batch"}, 400) == {"a": "invalid", "b": "invalid"}


@pytest.mark.parametrize("body", [None, {"errors": 5}, {"context": []}, {"errors": [5]}])
def test_a_refused_batch_of_another_shape_is_refused_whole(body):
    assert errors_of(body, 400) == {"a": "invalid", "b": "invalid"}


@pytest.mark.parametrize("body", [None, [], {"results": "x", "errors": 5}, {"results": [1, {}]}])
def test_an_answer_of_another_shape_leaves_all_unknown(body):
    assert errors_of(body, 200) == {"a": "outcome_unknown", "b": "outcome_unknown"}
