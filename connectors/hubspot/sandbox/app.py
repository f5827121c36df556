"""Puts the imitated HubSpot together: account, routes, limits, errors and webhooks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from connectors.hubspot.sandbox.access import Access
from connectors.hubspot.sandbox.account import Account, AccountOptions
from connectors.hubspot.sandbox.association_views import association_blueprint
from connectors.hubspot.sandbox.control import control_blueprint
from connectors.hubspot.sandbox.events import MAX_EVENTS, render, signer
from connectors.hubspot.sandbox.limits import Limits, Quota
from connectors.hubspot.sandbox.object_views import object_blueprint
from connectors.hubspot.sandbox.problems import ApiProblem, not_found, rate_limited, unauthorized
from connectors.hubspot.sandbox.property_views import property_blueprint
from syncbridge.sandbox import Fault, FaultKind, Sandbox, WebhookRules, WebhookSender
from syncbridge.sandbox.clock import utc_now
from syncbridge.sandbox.gate import CONTROL_PREFIX
from syncbridge.sandbox.webhooks import RETRY_DELAYS_S


class HubSpotSandbox(Sandbox):
    """An imitated HubSpot account behind the tokens `sandbox` and `sandbox-no-schema`."""

    counted_args = frozenset({"object_type", "source", "target"})

    def __init__(
        self,
        options: AccountOptions,
        *,
        limits: Limits,
        faults: Sequence[str] = (),
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Start an empty account.

        Raises:
            ValueError: a fault cannot be read.
        """
        flask = Flask("hubspot_sandbox")
        super().__init__("hubspot", flask, faults=faults, now=now)
        self.account = Account(options, self.clock)
        self._access = Access()
        self._quota = Quota(limits, self.clock, ZoneInfo(options.time_zone))
        for blueprint in (
            object_blueprint(self.account),
            association_blueprint(self.account),
            property_blueprint(self.account, self._access),
            control_blueprint(self.account, self._access),
        ):
            flask.register_blueprint(blueprint)
        flask.before_request(self._admit)
        flask.after_request(self._tell_limits)
        flask.register_error_handler(ApiProblem, _as_response)
        flask.register_error_handler(HTTPException, _as_envelope)

    def send_webhooks(self, url: str, client_secret: str, rules: WebhookRules) -> None:
        """Post the account's events to `url`, signed with `client_secret`."""
        self.webhooks = WebhookSender(
            url,
            render=render,
            sign=signer(client_secret, self.clock),
            clock=self.clock,
            faults=self.faults,
            rules=rules,
        )
        self.account.feed.subscribe(self.webhooks.emit)

    def refuse(self, fault: Fault) -> Response:
        """Answer a call hit by a fault with HubSpot's own words."""
        if fault.kind is FaultKind.EXPIRED_TOKEN:
            problem = unauthorized(expired=True)
        elif fault.kind is FaultKind.DAILY_LIMIT:
            problem = rate_limited("DAILY")
        elif fault.status == 429:
            problem = rate_limited("TEN_SECONDLY_ROLLING")
        else:
            problem = ApiProblem(fault.status or 500, "INTERNAL_ERROR", "There was a problem")
        with self.flask.app_context():
            response = _as_response(problem)
        if fault.retry_after_s is not None:
            response.headers["Retry-After"] = str(fault.retry_after_s)
        return response

    def clear(self) -> None:
        """Forget all records, custom properties, used-up limits and expired tokens."""
        self.account.clear()
        self._access.renew()
        self._quota.clear()

    def health(self) -> dict[str, Any]:
        """The account's portal id."""
        return {"portalId": self.account.options.portal_id}

    def _admit(self) -> None:
        if not request.path.startswith(CONTROL_PREFIX):
            self._access.require_token()
            self._quota.take(search=_is_search())

    def _tell_limits(self, response: Response) -> Response:
        if not request.path.startswith(CONTROL_PREFIX) and not _is_search():
            response.headers.update(self._quota.headers())
        return response


def create(
    *,
    webhook_url: str | None = None,
    client_secret: str = "sandbox",  # noqa: S107 - the imitation's, known to all
    faults: Sequence[str] = (),
    now: Callable[[], datetime] = utc_now,
    portal_id: int = 1_000_001,
    index_lag_s: float = 0.5,
    limits: Limits | None = None,
    retry_delays_s: Sequence[float] = RETRY_DELAYS_S,
) -> HubSpotSandbox:
    """An empty imitated HubSpot account, ready to be served.

    Args:
        webhook_url: where events are posted; None sends none.
        client_secret: signs them.
        faults: armed from the beginning, such as "429:every=7".
        now: the clock, aware, before the control API advances it.
        portal_id: the account's id, in every event.
        index_lag_s: how late the search index follows writes.
        limits: calls per 10 s and per day, searches per second; None for those of a Professional
            account.
        retry_delays_s: waits before each further attempt of a delivery that was not taken.

    Raises:
        ValueError: a fault cannot be read.
    """
    options = AccountOptions(portal_id=portal_id, index_lag_s=index_lag_s)
    sandbox = HubSpotSandbox(options, limits=limits or Limits(), faults=faults, now=now)
    if webhook_url is not None:
        rules = WebhookRules(MAX_EVENTS, retry_delays_s=retry_delays_s, concurrency=10)
        sandbox.send_webhooks(webhook_url, client_secret, rules)
    return sandbox


def _is_search() -> bool:
    return request.path.endswith("/search")


def _as_response(problem: ApiProblem) -> Response:
    response = jsonify(problem.envelope())
    response.status_code = problem.status
    return response


def _as_envelope(error: HTTPException) -> Response:
    problem = not_found()
    problem.status = error.code or 500
    return _as_response(problem)
