"""One part of the API: calls that ask for the token, and are described by their schemas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import request
from flask_smorest import Blueprint  # type: ignore[import-untyped]
from marshmallow import RAISE, Schema

from syncbridge.web.access import is_token
from syncbridge.web.api import schemas
from syncbridge.web.refusals import Refused

#: Whose decision it is in the journal.
BY = "api"

_PREFIX = "/api/v1"
_SCHEME = "bearer"
_REFUSALS = {
    404: "nothing of that name or id",
    409: "it stands otherwise by now, or something else is under way",
}

View = TypeVar("View", bound=Callable[..., dict[str, Any]])


class Section:
    """A blueprint below /api/v1."""

    def __init__(self, name: str, about: str) -> None:
        self.blueprint = Blueprint(name, __name__, url_prefix=_PREFIX, description=about)
        self.blueprint.before_request(_require_token)

    def get(
        self, rule: str, *, gives: Schema, asks: Schema | None = None, refuses: tuple[int, ...] = ()
    ) -> Callable[[View], View]:
        """Register a view that reads; what is asked comes from the query."""
        return self._register("GET", rule, gives, asks, "query", refuses)

    def post(
        self, rule: str, *, gives: Schema, asks: Schema | None = None, refuses: tuple[int, ...] = ()
    ) -> Callable[[View], View]:
        """Register a view that does something; what is asked comes as JSON."""
        return self._register("POST", rule, gives, asks, "json", refuses)

    def _register(
        self,
        method: str,
        rule: str,
        gives: Schema,
        asks: Schema | None,
        location: str,
        refuses: tuple[int, ...],
    ) -> Callable[[View], View]:
        def register(view: View) -> View:
            made: Callable[..., Any] = self.blueprint.response(200, gives)(view)
            for status in refuses:
                about = {"schema": schemas.ERROR, "description": _REFUSALS[status]}
                made = self.blueprint.alt_response(status, **about)(made)
            if asks is not None:
                made = self.blueprint.arguments(asks, location=location, unknown=RAISE)(made)
            self.blueprint.route(rule, methods=[method])(made)
            return view

        return register


def _require_token() -> None:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != _SCHEME or not is_token(given.strip()):
        raise Refused(401, "the bearer token is missing or is not ours")
