"""A person's timeline: what is known, what happened, and why."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from syncbridge.engine import views
from syncbridge.errors import NotThere
from syncbridge.web.console.gate import require_sign_in
from syncbridge.web.current import engine

blueprint = Blueprint("persons", __name__)
blueprint.before_request(require_sign_in)


@blueprint.get("/persons")
def search() -> str | Response:
    """Find a person by phone, e-mail or id, and go there."""
    asked = request.args.get("q", "").strip()
    if asked:
        try:
            person_id = views.find_person(engine(), asked)
        except NotThere:
            return render_template("persons.html", asked=asked)
        return redirect(url_for("persons.page", person_id=person_id), 303)
    return render_template("persons.html", asked="")


@blueprint.get("/persons/<person_id>")
def page(person_id: str) -> str:
    """Show a person."""
    return render_template("person.html", person=views.person(engine(), person_id))
