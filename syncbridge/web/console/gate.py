"""What stands before every page: sign-in, and the proof that a form is ours."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from syncbridge.web import access
from syncbridge.web.access import is_signed_in, is_token, require_csrf, sign_in

#: Whose decision it is in the journal.
BY = "console"


def require_sign_in() -> Response | None:
    """Go on only for those who are signed in; a link that carries the token signs in.

    Raises:
        Refused: the form was not made by a page of ours.
    """
    if request.method == "GET" and "token" in request.args:
        return _take_token()
    if not is_signed_in():
        here = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("signin.login", next=here), 303)
    if request.method == "POST":
        require_csrf()
    return None


def _take_token() -> Response:
    """Sign in and go to the same page without the token, which must not stay in the address."""
    rest = [(name, value) for name, value in request.args.items(multi=True) if name != "token"]
    here = request.path + (f"?{urlencode(rest)}" if rest else "")
    if not is_token(request.args["token"]):
        return redirect(url_for("signin.login", next=here, wrong=1), 303)
    sign_in()
    return redirect(here, 303)


def back(default: str) -> Response:
    """Answer the way back to the list the form came from."""
    wanted = request.form.get("back", "")
    return redirect(access.local_path(wanted) if wanted else default, 303)
