"""Dead letters, grouped by what went wrong: try them again or give them up."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from syncbridge.engine import review, views
from syncbridge.web.console.gate import BY, back, require_sign_in
from syncbridge.web.current import engine
from syncbridge.web.refusals import Refused

blueprint = Blueprint("deadletters", __name__)
blueprint.before_request(require_sign_in)

_PAGE = 200


@blueprint.get("/deadletters")
def page() -> str:
    """Show dead letters by connection and cause."""
    connection = request.args.get("connection") or None
    cause = request.args.get("cause") or None
    after = request.args.get("after", 0, type=int)
    found = views.dead_letters(engine(), connection=connection, after=after, limit=_PAGE)
    following = found[-1]["id"] if len(found) == _PAGE else None
    return render_template(
        "deadletters.html",
        groups=_groups([one for one in found if cause in (None, one["cause"])]),
        connection=connection,
        cause=cause,
        following=following,
        here=request.full_path.rstrip("?"),
    )


@blueprint.get("/deadletters/<int:entry_id>")
def one(entry_id: int) -> str:
    """Show one entry with its attempts; only these with `part`, for a list that opens."""
    found = views.dead_letter(engine(), entry_id)
    template = "attempts.html" if "part" in request.args else "deadletter.html"
    return render_template(template, letter=found, here=request.path)


@blueprint.post("/deadletters/replay")
def replay() -> Response:
    """Try the chosen ones again."""
    count = review.replay(engine(), _chosen(), by=BY)
    flash(f"{_entries(count)} tried again.")
    return back(url_for("deadletters.page"))


@blueprint.post("/deadletters/discard")
def discard() -> Response:
    """Give the chosen ones up."""
    reason = request.form.get("reason", "").strip()
    if not reason:
        raise Refused(400, "say why they are given up", "go back and fill in the reason")
    count = review.discard(engine(), _chosen(), by=BY, reason=reason[:500])
    flash(f"{_entries(count)} discarded: {reason[:500]}")
    return back(url_for("deadletters.page"))


def _chosen() -> list[int]:
    ids = request.form.getlist("id", type=int)
    if not ids:
        raise Refused(400, "nothing was chosen", "go back and tick at least one")
    return ids


def _entries(count: int) -> str:
    return "1 entry is" if count == 1 else f"{count} entries are"


def _groups(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Answer the letters by connection and cause, the largest group first."""
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for letter in found:
        key = letter["connection"], letter["cause"] or ""
        group = groups.setdefault(
            key,
            {"connection": key[0], "cause": key[1], "advice": letter["advice"], "letters": []},
        )
        group["letters"].append(letter)
    return sorted(groups.values(), key=lambda group: -len(group["letters"]))
