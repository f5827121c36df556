"""Signing in with the token, and out."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from syncbridge.web.access import is_token, local_path, require_csrf, sign_in, sign_out

blueprint = Blueprint("signin", __name__)


@blueprint.get("/login")
def login() -> str:
    """Ask for the token."""
    return render_template(
        "login.html", next=request.args.get("next", "/"), is_wrong="wrong" in request.args
    )


@blueprint.post("/login")
def enter() -> Response:
    """Sign in."""
    require_csrf()
    wanted = local_path(request.form.get("next", "/"))
    if not is_token(request.form.get("token", "").strip()):
        return redirect(url_for("signin.login", next=wanted, wrong=1), 303)
    sign_in()
    return redirect(wanted, 303)


@blueprint.post("/logout")
def leave() -> Response:
    """Sign out."""
    require_csrf()
    sign_out()
    return redirect(url_for("signin.login"), 303)
