"""The conflict queue: base, ours, theirs, and a decision."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from syncbridge.engine import views
from syncbridge.errors import NotThere
from syncbridge.web import decisions
from syncbridge.web.console.gate import BY, back, require_sign_in
from syncbridge.web.console.showing import label
from syncbridge.web.current import engine, service
from syncbridge.web.refusals import Refused

blueprint = Blueprint("conflicts", __name__)
blueprint.before_request(require_sign_in)

_PAGE = 50
_SIDES = ("ours", "theirs")


@blueprint.get("/conflicts")
def page() -> str:
    """Show the queue, or the initial differences, or what was decided."""
    is_initial = request.args.get("tab") == "initial"
    is_open = request.args.get("state") != "all"
    after = request.args.get("after", 0, type=int)
    found = views.conflicts(
        engine(), is_initial=is_initial, is_open=is_open, after=after, limit=_PAGE
    )
    return render_template(
        "conflicts.html",
        conflicts=found,
        is_initial=is_initial,
        is_open=is_open,
        following=found[-1]["id"] if len(found) == _PAGE else None,
        here=request.full_path.rstrip("?"),
    )


@blueprint.get("/conflicts/<int:conflict_id>")
def one(conflict_id: int) -> str:
    """Show one conflict by its own address."""
    found = views.conflict(engine(), conflict_id)
    return render_template("conflict.html", conflict=found, here=request.path)


@blueprint.post("/conflicts/<int:conflict_id>/decide")
def decide(conflict_id: int) -> Response:
    """Decide one conflict."""
    choice = request.form.get("choice", "")
    if choice not in (*_SIDES, "value"):
        raise Refused(400, "choose ours, theirs or a value of your own")
    found = decisions.decide(
        service(), conflict_id, choice=choice, value=request.form.get("value"), by=BY
    )
    flash(_told(found))
    return back(url_for("conflicts.page"))


@blueprint.post("/conflicts/decide")
def decide_several() -> Response:
    """Decide several conflicts the same way; those decided meanwhile are left as they are."""
    choice = request.form.get("choice", "")
    if choice not in _SIDES:
        raise Refused(400, "choose ours or theirs")
    decided, left = 0, 0
    for conflict_id in request.form.getlist("id", type=int):
        try:
            decisions.decide(service(), conflict_id, choice=choice, by=BY)
            decided += 1
        except (NotThere, Refused):
            left += 1
    flash(f"{decided} decided." + (f" {left} had been decided before." if left else ""))
    return back(url_for("conflicts.page"))


def _told(found: dict[str, Any]) -> str:
    value = f"“{found['resolution']}”" if found["resolution"] else "empty"
    return f"{label(found['field'])} of {found['name'] or 'this person'} is now {value}."
