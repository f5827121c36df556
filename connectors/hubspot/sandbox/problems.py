"""The error answers of HubSpot, as one exception that knows its envelope."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Flaw:
    """One thing that is wrong with one property of one record."""

    property_name: str
    #: HubSpot's code, such as PROPERTY_DOESNT_EXIST
    code: str
    message: str

    def as_detail(self) -> dict[str, Any]:
        """An element of the envelope's `errors`."""
        context = {"propertyName": [self.property_name]}
        return {"message": self.message, "code": self.code, "context": context}

    def as_text(self) -> dict[str, Any]:
        """An element of the list that HubSpot spells out inside `message`."""
        return {
            "isValid": False,
            "message": self.message,
            "error": self.code,
            "name": self.property_name,
            "localizedErrorMessage": self.message,
        }


class ApiProblem(Exception):
    """A call, or one row of a batch, that HubSpot refuses."""

    def __init__(
        self,
        status: int,
        category: str,
        message: str,
        *,
        sub_category: str | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        context: Mapping[str, Sequence[str]] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """Describe the answer; `extra` are keys of the envelope that only some answers have."""
        super().__init__(message)
        self.status = status
        self.category = category
        self.message = message
        self.sub_category = sub_category
        self.errors = list(errors)
        self.context = dict(context or {})
        self.extra = dict(extra or {})

    def envelope(self) -> dict[str, Any]:
        """The body of the answer, with a fresh correlation id."""
        body: dict[str, Any] = {
            "status": "error",
            "message": self.message,
            "correlationId": str(uuid.uuid4()),
            "category": self.category,
        }
        optional = {
            "subCategory": self.sub_category,
            "errors": self.errors,
            "context": self.context,
            **self.extra,
        }
        return body | {key: value for key, value in optional.items() if value}

    def as_row_error(self, context: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        """An element of `errors` in a 207 answer; `context` says which input it is about."""
        row = {
            "status": "error",
            "category": self.category,
            "message": self.message,
            "errors": self.errors,
            "context": {**self.context, **context},
            "links": {},
        }
        return row | ({"subCategory": self.sub_category} if self.sub_category else {})


def invalid(message: str, *, code: str | None = None, **context: Sequence[str]) -> ApiProblem:
    """400 VALIDATION_ERROR about the request as such."""
    errors = [{"message": message, "code": code}] if code else []
    return ApiProblem(400, "VALIDATION_ERROR", message, errors=errors, context=context)


def invalid_values(flaws: Sequence[Flaw]) -> ApiProblem:
    """400 VALIDATION_ERROR that lists every bad property of a record."""
    listed = json.dumps([flaw.as_text() for flaw in flaws])
    return ApiProblem(
        400,
        "VALIDATION_ERROR",
        f"Property values were not valid: {listed}",
        errors=[flaw.as_detail() for flaw in flaws],
    )


def not_found(what: str = "resource not found", **context: Sequence[str]) -> ApiProblem:
    """404 OBJECT_NOT_FOUND."""
    return ApiProblem(404, "OBJECT_NOT_FOUND", what, context=context)


def contact_exists(existing_id: str) -> ApiProblem:
    """409 CONFLICT, from whose text alone the other record's id can be had."""
    return ApiProblem(409, "CONFLICT", f"Contact already exists. Existing ID: {existing_id}")


def unauthorized(*, expired: bool) -> ApiProblem:
    """401, for a token that is too old or no token of this account."""
    if expired:
        return ApiProblem(401, "EXPIRED_AUTHENTICATION", "The access token is expired.")
    return ApiProblem(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")


def missing_scopes(*scopes: str) -> ApiProblem:
    """403 MISSING_SCOPES."""
    detail = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": list(scopes)},
    }
    message = "This app hasn't been granted all required scopes to make this call."
    return ApiProblem(403, "MISSING_SCOPES", message, errors=[detail])


def rate_limited(policy: str) -> ApiProblem:
    """429; `policy` is TEN_SECONDLY_ROLLING, SECONDLY or DAILY."""
    message = f"You have reached your {policy.lower()} limit."
    extra = {"errorType": "RATE_LIMIT", "policyName": policy}
    return ApiProblem(429, "RATE_LIMITS", message, extra=extra)
