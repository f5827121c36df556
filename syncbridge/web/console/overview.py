"""How everything stands, and what can be done to a connection."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from syncbridge.engine import review, views
from syncbridge.web import decisions
from syncbridge.web.console.gate import BY, require_sign_in
from syncbridge.web.console.showing import stands
from syncbridge.web.current import engine
from syncbridge.web.refusals import Refused

blueprint = Blueprint("overview", __name__)
blueprint.before_request(require_sign_in)

_RUNS = 5


@blueprint.get("/")
def page() -> str:
    """Show connections, what waits, and what needs a person."""
    return render_template(
        "overview.html", status=stands(), runs=views.last_runs(engine(), limit=_RUNS)
    )


@blueprint.post("/connections/<name>/pause")
def pause(name: str) -> Response:
    """Stop all writing to a connection."""
    review.set_paused(engine(), name, is_paused=True, by=BY)
    flash(f"{name} is paused: it is still read, and nothing is written to it.")
    return _home()


@blueprint.post("/connections/<name>/resume")
def resume(name: str) -> Response:
    """Let a paused connection write again."""
    review.set_paused(engine(), name, is_paused=False, by=BY)
    flash(f"{name} writes again.")
    return _home()


@blueprint.post("/connections/<name>/resync")
def resync(name: str) -> Response:
    """Read a connection again; the run goes on alone."""
    is_full = request.form.get("full") == "yes"
    try:
        run = decisions.read_again(engine(), name, is_full=is_full, wait_s=1.0)
    except Refused as refusal:
        flash(f"{refusal.message}.")
        return _home()
    flash(f"{name} is being read." if run is None else f"The run of {name} is {run.state}.")
    return _home()


@blueprint.get("/connections/<name>/go-live")
def plan(name: str) -> str:
    """Show what a connection would write."""
    stands_now = next((one for one in stands()["connections"] if one["name"] == name), None)
    planned = review.plan_writes(engine(), name)
    return render_template("golive.html", plan=planned, connection=stands_now)


@blueprint.post("/connections/<name>/go-live")
def go_live(name: str) -> Response:
    """Let a connection write from now on."""
    if request.form.get("confirm") != name:
        raise Refused(400, f"type {name} to confirm", "go back and type the connection's name")
    review.go_live(engine(), name, by=BY)
    flash(f"{name} is live: what is owed to it is being written.")
    return _home()


def _home() -> Response:
    return redirect(url_for("overview.page"), 303)
