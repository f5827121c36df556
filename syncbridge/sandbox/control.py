"""The control API under `/_control/`, by which tests and demos look into a sandbox and steer it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, request

if TYPE_CHECKING:
    from syncbridge.sandbox.base import Sandbox

_Answer = tuple[dict[str, Any], int]


def control_blueprint(sandbox: Sandbox) -> Blueprint:
    """The routes that every sandbox has; a vendor adds its own below the same prefix."""
    control = Blueprint("control", __name__, url_prefix="/_control")

    @control.get("/health")
    def health() -> _Answer:
        now = sandbox.clock.now().isoformat()
        return {"status": "ok", "sandbox": sandbox.name, "now": now, **sandbox.health()}, 200

    @control.get("/calls")
    def calls() -> _Answer:
        return sandbox.calls.report(), 200

    @control.delete("/calls")
    def clear_calls() -> _Answer:
        sandbox.calls.clear()
        return {}, 200

    @control.post("/reset")
    def reset() -> _Answer:
        sandbox.reset()
        return {}, 200

    @control.post("/clock")
    def advance_clock() -> _Answer:
        try:
            now = sandbox.clock.advance(float(posted().get("advance_s", "")))
        except (TypeError, ValueError) as exc:
            return _bad(f'post {{"advance_s": seconds}}: {exc}')
        return {"now": now.isoformat()}, 200

    _add_faults(control, sandbox)
    _add_webhooks(control, sandbox)
    return control


def posted() -> dict[str, Any]:
    """The JSON object of the request; empty when there is none."""
    body = request.get_json(force=True, silent=True)
    return body if isinstance(body, dict) else {}


def _bad(message: str) -> _Answer:
    return {"error": message}, 400


def _add_faults(control: Blueprint, sandbox: Sandbox) -> None:
    @control.get("/faults")
    def faults() -> _Answer:
        return {"faults": sandbox.faults.report()}, 200

    @control.post("/faults")
    def arm_fault() -> _Answer:
        try:
            sandbox.faults.arm(str(posted().get("spec", "")))
        except ValueError as exc:
            return _bad(str(exc))
        return {"faults": sandbox.faults.report()}, 201

    @control.delete("/faults")
    def clear_faults() -> _Answer:
        sandbox.faults.clear()
        return {}, 200


def _add_webhooks(control: Blueprint, sandbox: Sandbox) -> None:
    @control.get("/webhooks")
    def webhooks() -> _Answer:
        if sandbox.webhooks is None:
            return {"url": None, "attempts": []}, 200
        return sandbox.webhooks.report(), 200

    @control.post("/webhooks")
    def point_webhooks() -> _Answer:
        url = posted().get("url")
        if sandbox.webhooks is None:
            return _bad("this sandbox was started without webhooks; start it with a webhook URL")
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            return _bad('post {"url": "http://…"}')
        sandbox.webhooks.url = url
        return sandbox.webhooks.report(), 200
