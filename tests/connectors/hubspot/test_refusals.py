"""HubSpot's refusals, each with the error it is to us."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from connectors.hubspot.refusals import error_table, next_midnight, problems_of, row_answer
from syncbridge.errors import (
    CredentialsRevoked,
    Duplicate,
    Forbidden,
    Invalid,
    NotFound,
    OutcomeUnknown,
    QuotaExhausted,
    RateLimited,
    ScopeMissing,
    Suspended,
    Transient,
    Unavailable,
)
from syncbridge.remote.answer import Answer

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SCOPES = [{"context": {"requiredGranularScopes": ["crm.objects.contacts.write"]}}]


def error_of(status: int, body: object = None, **headers: str):
    table = error_table(ZoneInfo("America/New_York"))
    answer = Answer(status, {k.replace("_", "-"): v for k, v in headers.items()}, body, b"", None)
    return table.error_for(answer, is_write=True, now=NOW, connection="hs")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"category": "VALIDATION_ERROR", "message": "bad"}, Invalid),
        (400, {"message": "Unable to perform upsert by non-unique 0-1 property: x"}, Suspended),
        (400, {"message": "x", "errors": [{"code": "CONFLICTING_UNIQUE_VALUE"}]}, Duplicate),
        (401, {"category": "EXPIRED_AUTHENTICATION"}, CredentialsRevoked),
        (401, {"category": "INVALID_AUTHENTICATION"}, CredentialsRevoked),
        (403, {"category": "MISSING_SCOPES", "errors": SCOPES}, ScopeMissing),
        (403, {"errors": SCOPES}, ScopeMissing),
        (403, {"message": "not yours"}, Forbidden),
        (403, None, Unavailable),
        (404, {"category": "OBJECT_NOT_FOUND"}, NotFound),
        (409, {"message": "Contact already exists. Existing ID: 123"}, Duplicate),
        (414, None, Invalid),
        (423, {"message": "locked"}, Transient),
        (429, {"policyName": "SECONDLY"}, RateLimited),
        (429, {"policyName": "DAILY"}, QuotaExhausted),
        (429, {"message": "You have reached your daily limit."}, QuotaExhausted),
        (429, None, RateLimited),
        (477, None, Suspended),
        (500, {"message": "oops"}, Unavailable),
        (502, None, OutcomeUnknown),
        (504, None, OutcomeUnknown),
        (523, None, Unavailable),
        (524, None, OutcomeUnknown),
        (525, None, Unavailable),
    ],
)
def test_a_refusal_is_one_error(status, body, kind):
    assert type(error_of(status, body)) is kind


@pytest.mark.parametrize(
    ("body", "header", "wait_s"),
    [
        ({"policyName": "SECONDLY"}, {}, 1.0),
        ({"policyName": "TEN_SECONDLY_ROLLING"}, {}, 10.0),
        ({"message": "You have reached your ten_secondly_rolling limit."}, {}, 10.0),
        ({"policyName": "SECONDLY"}, {"retry_after": "4"}, 4.0),
        (None, {}, 10.0),
    ],
)
def test_how_long_to_wait_is_known_without_a_header(body, header, wait_s):
    assert error_of(429, body, **header).retry_after_s == wait_s


def test_the_existing_contact_is_named():
    assert error_of(409, {"message": "Contact already exists. Existing ID: 123"}).existing == "123"
    assert error_of(409, {"message": "Conflict"}).existing is None


def test_the_missing_scope_is_named():
    error = error_of(403, {"category": "MISSING_SCOPES", "errors": SCOPES})
    assert "crm.objects.contacts.write" in str(error)


def test_a_daily_limit_ends_at_midnight_there():
    assert error_of(429, {"policyName": "DAILY"}).until == datetime(2026, 11, 22, 5, tzinfo=UTC)


def test_midnight_follows_daylight_saving():
    before = datetime(2026, 10, 24, 12, tzinfo=UTC)
    zone = ZoneInfo("Europe/Berlin")
    assert next_midnight(before, zone) == datetime(2026, 10, 24, 22, tzinfo=UTC)
    after = datetime(2026, 10, 25, 12, tzinfo=UTC)
    assert next_midnight(after, zone) == datetime(2026, 10, 25, 23, tzinfo=UTC)


def test_a_migration_waits_as_long_as_it_says():
    assert error_of(477, None, retry_after="7200").until == datetime(2026, 11, 21, 11, tzinfo=UTC)


def test_the_correlation_id_is_kept():
    assert error_of(400, {"correlationId": "abc"}).request_id == "abc"
    assert error_of(400, None, x_hubspot_correlation_id="def").request_id == "def"


def test_problems_are_read_from_details_and_from_the_sentence():
    body = {
        "message": 'Property values were not valid: [{"message": "no", "name": "zip"}]',
        "errors": [{"message": "bad", "context": {"propertyName": ["email"]}}],
    }
    assert [problem.place for problem in problems_of(body)] == ["email", "zip"]


@pytest.mark.parametrize("message", ["[{not json}]", "[{}] and [{}]", "", "x" * 10])
def test_a_sentence_without_a_list_has_no_problems(message):
    assert problems_of({"message": message}) == ()


@pytest.mark.parametrize("errors", [None, {}, 5, "x", [1, None, []], [{"context": "x"}]])
def test_details_of_another_shape_are_no_failure(errors):
    assert isinstance(error_of(400, {"errors": errors}), Invalid)


def test_an_error_of_one_row_is_judged_like_an_answer():
    assert row_answer({"category": "CONFLICT"}).status == 409
    assert row_answer({"category": "SOMETHING_NEW"}).status == 400
