"""What plain HTTP says a refusal is, and how a vendor's table comes before it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from syncbridge.errors import (
    CredentialsRevoked,
    Duplicate,
    Forbidden,
    Invalid,
    NotFound,
    OutcomeUnknown,
    QuotaExhausted,
    RateLimited,
    Transient,
    Unavailable,
    VersionMismatch,
)
from syncbridge.remote.answer import Answer, ErrorRow, ErrorTable, http_date

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def refused(status: int, body: object = None, **headers: str) -> Answer:
    return Answer(status, {k.replace("_", "-"): v for k, v in headers.items()}, body, b"", None)


def error_of(answer: Answer, *, is_write: bool = True, table: ErrorTable | None = None):
    return (table or ErrorTable()).error_for(answer, is_write=is_write, now=NOW, connection="c")


ENVELOPE = {"message": "no"}


@pytest.mark.parametrize(
    ("status", "body", "on_write", "on_read"),
    [
        (301, None, Unavailable, Unavailable),
        (400, ENVELOPE, Invalid, Invalid),
        (401, ENVELOPE, CredentialsRevoked, CredentialsRevoked),
        (403, ENVELOPE, Forbidden, Forbidden),
        (404, None, NotFound, NotFound),
        (408, None, OutcomeUnknown, Unavailable),
        (409, ENVELOPE, Duplicate, Duplicate),
        (410, None, NotFound, NotFound),
        (412, ENVELOPE, VersionMismatch, VersionMismatch),
        (418, None, Invalid, Invalid),
        (423, ENVELOPE, Transient, Transient),
        (429, None, RateLimited, RateLimited),
        (500, ENVELOPE, Unavailable, Unavailable),
        (500, None, OutcomeUnknown, Unavailable),
        (502, ENVELOPE, OutcomeUnknown, Unavailable),
        (503, ENVELOPE, Unavailable, Unavailable),
        (504, None, OutcomeUnknown, Unavailable),
        (521, None, Unavailable, Unavailable),
        (524, None, OutcomeUnknown, Unavailable),
        (526, None, Unavailable, Unavailable),
    ],
)
def test_a_status_is_one_error_for_writes_and_one_for_reads(status, body, on_write, on_read):
    assert type(error_of(refused(status, body))) is on_write
    assert type(error_of(refused(status, body), is_write=False)) is on_read


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("1.5", 1.5),
        ("Sat, 21 Nov 2026 09:00:30 GMT", 30.0),
        ("Sat, 21 Nov 2026 08:00:00 GMT", 0.0),
        ("soon", None),
        ("-3", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header, seconds):
    assert error_of(refused(429, retry_after=header)).retry_after_s == seconds


def test_the_first_row_that_is_about_a_refusal_decides():
    table = ErrorTable(
        (
            ErrorRow({400}, lambda r: NotFound(r.message), "page", lambda r: "gone" in r.message),
            ErrorRow((), lambda r: QuotaExhausted(r.message), "page", lambda r: r.status == 400),
        )
    )
    assert type(error_of(refused(400, {"message": "gone"}), table=table)) is NotFound
    assert type(error_of(refused(400, {"message": "full"}), table=table)) is QuotaExhausted
    assert type(error_of(refused(404), table=table)) is NotFound


def test_the_error_knows_its_connection_and_the_call():
    table = ErrorTable(request_id_headers=("x-a", "x-b"), request_id_key="trace")
    assert error_of(refused(400, None, x_b="b"), table=table).request_id == "b"
    error = error_of(refused(400, {"trace": "t"}, x_b="b"), table=table)
    assert (error.request_id, error.connection) == ("t", "c")


def test_a_page_of_words_is_cut():
    assert len(str(error_of(refused(400, {"message": "x" * 9999})))) == 500


def test_no_words_are_the_status():
    assert str(error_of(refused(400))) == "answered HTTP 400"


@pytest.mark.parametrize("text", ["", "yesterday", "Sat, 99 Nov 2026 09:00:00 GMT"])
def test_what_is_no_date_is_none(text):
    assert http_date(text) is None
