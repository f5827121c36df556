"""Who may call: the tokens that the imitation knows, their expiry and their scopes."""

from __future__ import annotations

from flask import request

from connectors.hubspot.sandbox.problems import missing_scopes, unauthorized

SCHEMA_WRITE = "crm.schemas.contacts.write"

#: Known tokens -> whether they may change schemas.
TOKENS = {"sandbox": True, "sandbox-no-schema": False}


class Access:
    """Checks the Authorization header of the current request."""

    def __init__(self) -> None:
        """Start with tokens that are good."""
        #: calls that will still be refused as expired; None is until `renew`
        self._refusals: int | None = 0

    def require_token(self) -> None:
        """Let known tokens pass.

        Raises:
            ApiProblem: 401, the token is unknown, or expired by the control API.
        """
        if self._token() not in TOKENS:
            raise unauthorized(expired=False)
        if self._refusals is None:
            raise unauthorized(expired=True)
        if self._refusals:
            self._refusals -= 1
            raise unauthorized(expired=True)

    def require_schema_write(self) -> None:
        """Let tokens pass that may create properties.

        Raises:
            ApiProblem: 403 that names the missing scope.
        """
        if not TOKENS[self._token()]:
            raise missing_scopes(SCHEMA_WRITE)

    def expire(self, times: int | None) -> None:
        """Refuse the next calls as expired: so many, or (None) all until `renew`."""
        self._refusals = times

    def renew(self) -> None:
        """Accept the tokens again."""
        self._refusals = 0

    def _token(self) -> str:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""
