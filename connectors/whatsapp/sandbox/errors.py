"""Refusals in the form of Meta's Graph API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response

from syncbridge.sandbox import Fault, FaultKind

#: Code, type and sentence for a refused status; statuses that are not listed go by their class.
_BY_STATUS: Mapping[int, tuple[int, str, str]] = {
    401: (190, "OAuthException", "Error validating access token: the session is invalid."),
    403: (10, "OAuthException", "Application does not have permission for this action"),
    404: (100, "GraphMethodException", "Unsupported request. The object does not exist."),
    429: (130429, "OAuthException", "Rate limit hit"),
    500: (131000, "OAuthException", "Something went wrong"),
    503: (131016, "OAuthException", "Service unavailable"),
}
_EXPIRED = "Error validating access token: Session has expired."


def refusal(
    status: int, code: int, message: str, *, details: str = "", subcode: int | None = None
) -> Response:
    """Answer an error as the Graph API words it."""
    return _response(status, code, "OAuthException", message, details=details, subcode=subcode)


def missing(object_id: str) -> Response:
    """Answer for an id that leads nowhere; Meta says 400, not 404."""
    message = f"Unsupported get request. Object with ID '{object_id}' does not exist"
    return _response(400, 100, "GraphMethodException", message, subcode=33)


def bad_token() -> Response:
    """Answer for a token that is missing or wrong."""
    return _response(401, *_BY_STATUS[401])


def fault_response(fault: Fault) -> Response:
    """Answer for an armed fault."""
    if fault.kind is FaultKind.EXPIRED_TOKEN:
        return _response(401, 190, "OAuthException", _EXPIRED, subcode=463)
    if fault.kind is FaultKind.DAILY_LIMIT:
        status, known = 400, (80007, "OAuthException", "Rate limit issues")
    else:
        status = fault.status or 500
        known = _BY_STATUS.get(status) or _BY_STATUS[500 if status >= 500 else 404]
    response = _response(status, *known, subcode=33 if status == 404 else None)
    if fault.retry_after_s is not None:
        response.headers["Retry-After"] = str(fault.retry_after_s)
    return response


def _response(
    status: int,
    code: int,
    kind: str,
    message: str,
    *,
    details: str = "",
    subcode: int | None = None,
) -> Response:
    error: dict[str, Any] = {"message": f"(#{code}) {message}", "type": kind, "code": code}
    if subcode is not None:
        error["error_subcode"] = subcode
    if details:
        error["error_data"] = {"messaging_product": "whatsapp", "details": details}
    error["fbtrace_id"] = "AbCdEfGhIjKlMnOpQrStUv"
    # Faults are worded before there is an application context, so not by `jsonify`.
    return Response(json.dumps({"error": error}), status=status, mimetype="application/json")
