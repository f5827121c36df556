"""What HubSpot's refusals mean to us."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any

from connectors.hubspot.wire import dicts_in
from syncbridge.errors import (
    CredentialsRevoked,
    Duplicate,
    Invalid,
    Problem,
    QuotaExhausted,
    RateLimited,
    RemoteError,
    ScopeMissing,
    Suspended,
    Transient,
    Unavailable,
)
from syncbridge.remote.answer import Answer, ErrorRow, ErrorTable, Refusal

_DOCS = "https://developers.hubspot.com/docs"
_ERRORS = f"{_DOCS}/api-reference/error-handling"
_LIMITS = f"{_DOCS}/developer-tooling/platform/usage-guidelines"
_SCOPES = f"{_DOCS}/apps/developer-platform/build-apps/authentication/scopes"
_BATCH = f"{_DOCS}/api-reference/crm-contacts-v3/batch"

#: Not documented, but the only place where the other record's id is told.
_EXISTING = re.compile(r"Existing ID:\s*(\d+)")
#: Bad values are listed as JSON inside the sentence.
_LISTED = re.compile(r"\[\s*\{.*\}\s*\]", re.DOTALL)

#: Policy -> seconds to wait where no header says so; the official clients wait as long.
_WAITS_S: Mapping[str, float] = {"SECONDLY": 1.0, "TEN_SECONDLY": 10.0}
#: Category of one row's error -> the status that the same error has as a whole answer.
_STATUS_OF: Mapping[str, int] = {
    "CONFLICT": 409,
    "OBJECT_ALREADY_EXISTS": 409,
    "OBJECT_NOT_FOUND": 404,
    "MISSING_SCOPES": 403,
    "RATE_LIMITS": 429,
    "LOCKED": 423,
    "INTERNAL_ERROR": 500,
}
_MIGRATION_WAIT_S = 3600.0


def error_table(zone: tzinfo) -> ErrorTable:
    """Answer the table of an account whose day begins at midnight in `zone`."""

    def daily(refusal: Refusal) -> RemoteError:
        return QuotaExhausted(refusal.message, until=next_midnight(refusal.now, zone))

    return ErrorTable(
        rows=(
            ErrorRow({401}, lambda r: CredentialsRevoked(r.message), _ERRORS),
            ErrorRow({403}, _scope_missing, _SCOPES, _is_about_scopes),
            # A gateway's refusal is about the caller and no record.
            ErrorRow(
                {403}, lambda r: Unavailable(r.message), _ERRORS, lambda r: not r.has_envelope
            ),
            ErrorRow({409}, _duplicate, _ERRORS),
            ErrorRow({400}, _duplicate, _ERRORS, _names_taken_value),
            ErrorRow({400}, _no_unique_property, _BATCH, _is_about_unique_property),
            ErrorRow({400}, _invalid, _ERRORS),
            ErrorRow({423}, lambda r: Transient(r.message, retry_after_s=_wait_s(r, 2.0)), _ERRORS),
            ErrorRow({429}, daily, _LIMITS, lambda r: _policy(r) == "DAILY"),
            ErrorRow({429}, _rate_limited, _LIMITS),
            ErrorRow({477}, _being_migrated, _ERRORS),
        ),
        request_id_headers=("x-hubspot-correlation-id", "x-request-id", "cf-ray"),
        request_id_key="correlationId",
    )


def row_answer(row: Mapping[str, Any]) -> Answer:
    """Answer one error of a batch as the whole answer it would have been on its own."""
    status = _STATUS_OF.get(str(row.get("category", "")), 400)
    return Answer(status, {}, dict(row), b"", None)


def next_midnight(now: datetime, zone: tzinfo) -> datetime:
    """Answer when the next day begins in `zone`, as aware UTC."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), zone).astimezone(UTC)


def _policy(refusal: Refusal) -> str:
    """Tell which limit is meant: older and newer answers say so in different places."""
    said = f"{refusal.body.get('policyName', '')} {refusal.message}".upper()
    return next((name for name in ("DAILY", "TEN_SECONDLY", "SECONDLY") if name in said), "")


def _wait_s(refusal: Refusal, otherwise_s: float) -> float:
    asked_s = refusal.retry_after_s
    return otherwise_s if asked_s is None else asked_s


def _rate_limited(refusal: Refusal) -> RemoteError:
    wait_s = _wait_s(refusal, _WAITS_S.get(_policy(refusal), 10.0))
    return RateLimited(refusal.message, retry_after_s=wait_s)


def _being_migrated(refusal: Refusal) -> RemoteError:
    wait = timedelta(seconds=_wait_s(refusal, _MIGRATION_WAIT_S))
    return Suspended(
        f"the account is being moved between data centres: {refusal.message}",
        until=refusal.now + wait,
    )


def _is_about_scopes(refusal: Refusal) -> bool:
    return refusal.body.get("category") == "MISSING_SCOPES" or bool(_scopes(refusal))


def _scope_missing(refusal: Refusal) -> RemoteError:
    named = ", ".join(_scopes(refusal))
    return ScopeMissing(f"the token lacks the scope {named}" if named else refusal.message)


def _scopes(refusal: Refusal) -> list[str]:
    contexts = [detail.get("context") for detail in _details(refusal.body)]
    named = [
        scope
        for context in contexts
        if isinstance(context, dict)
        for scope in context.get("requiredGranularScopes") or ()
    ]
    return list(dict.fromkeys(map(str, named)))


def _duplicate(refusal: Refusal) -> RemoteError:
    found = _EXISTING.search(refusal.message)
    existing = found.group(1) if found else None
    return Duplicate(refusal.message, existing=existing, problems=problems_of(refusal.body))


def _names_taken_value(refusal: Refusal) -> bool:
    flaws = (*_details(refusal.body), *_listed(refusal.body))
    return any("UNIQUE_VALUE" in str(flaw.get("code") or flaw.get("error")) for flaw in flaws)


def _is_about_unique_property(refusal: Refusal) -> bool:
    return "by non-unique" in refusal.message


def _no_unique_property(refusal: Refusal) -> RemoteError:
    return Suspended(
        f"the property that carries our id is missing: {refusal.message}; "
        "run the check of this connection"
    )


def _invalid(refusal: Refusal) -> RemoteError:
    return Invalid(refusal.message, problems=problems_of(refusal.body))


def problems_of(body: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Answer what an error says about single properties."""
    found = {_place(detail): str(detail.get("message", "")) for detail in _details(body)}
    for flaw in _listed(body):
        found.setdefault(str(flaw.get("name", "")), str(flaw.get("message", "")))
    return tuple(Problem(place, what) for place, what in found.items() if place)


def _place(detail: Mapping[str, Any]) -> str:
    context = detail.get("context")
    named = context.get("propertyName") if isinstance(context, dict) else None
    if isinstance(named, list) and named:
        return str(named[0])
    return str(named or detail.get("in") or "")


def _details(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return dicts_in(body.get("errors"))


def _listed(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = _LISTED.search(str(body.get("message", "")))
    try:
        flaws = json.loads(found.group()) if found else []
    except (ValueError, RecursionError):
        return []
    return dicts_in(flaws)
