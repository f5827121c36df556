"""What a request asks for: its JSON body, and the query parameters that reads share."""

from __future__ import annotations

from typing import Any

from flask import request

from connectors.hubspot.sandbox.problems import invalid


def body() -> dict[str, Any]:
    """The JSON object that was sent.

    Raises:
        ApiProblem: 400, it is no JSON, or no object.
    """
    posted = request.get_json(force=True, silent=True)
    if not isinstance(posted, dict):
        raise invalid("Invalid input JSON on line 1, column 1: an object is expected")
    return posted


def names(parameter: str) -> list[str]:
    """A query parameter that lists names, repeated or joined by commas."""
    listed = ",".join(request.args.getlist(parameter))
    return [name.strip() for name in listed.split(",") if name.strip()]


def flag(parameter: str) -> bool:
    """A query parameter that is true or false; absent is false."""
    return request.args.get(parameter, "false").lower() == "true"


def number(parameter: str, default: int, *, most: int | None = None, least: int = 0) -> int:
    """A query parameter that is a whole number.

    Raises:
        ApiProblem: 400, it is none, or outside the bounds.
    """
    text = request.args.get(parameter, str(default))
    if not text.isdecimal() or int(text) < least or (most is not None and int(text) > most):
        bounds = f"from {least} to {most}" if most is not None else f"of at least {least}"
        raise invalid(f"{parameter} must be a whole number {bounds}, not {text!r}")
    return int(text)
