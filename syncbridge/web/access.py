"""Who may look: whoever has the token, as a bearer or, once shown, by a signed cookie."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, current_app, request, session
from flask.sessions import SecureCookieSessionInterface

from syncbridge.bootstrap import Service, access_token, session_key
from syncbridge.web.current import service
from syncbridge.web.refusals import Refused

#: Where the application keeps it.
_TOKEN = "syncbridge-token"  # noqa: S105 - a name
_SIGNED_IN = "signed_in"
_CSRF = "csrf"
#: Name of the field that every form carries.
CSRF_FIELD = "csrf"
_LASTS = timedelta(days=7)


def install(app: Flask, made_for: Service) -> None:
    """Sign cookies with a key of their own, and fix the token for this process.

    Raises:
        ConfigError: no token is set and its file cannot be made.
    """
    app.extensions[_TOKEN] = access_token(made_for)
    app.secret_key = session_key(made_for)
    app.config |= {
        "SESSION_COOKIE_NAME": "syncbridge",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Strict",
        "PERMANENT_SESSION_LIFETIME": _LASTS,
    }
    app.session_interface = _Cookies()
    app.jinja_env.globals["csrf"] = csrf_token


class _Cookies(SecureCookieSessionInterface):
    """Cookies that are marked secure wherever the pages are called by their public https URL."""

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - Flask's signature
        """Say whether the cookie may travel by https alone."""
        public = urlsplit(service().settings.service.public_url or "")
        return request.is_secure or (public.scheme == "https" and request.host == public.netloc)


def is_token(given: str) -> bool:
    """Compare with the token of this service, in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), _token().encode())


def sign_in() -> None:
    """Remember in the cookie that the token was shown."""
    session.clear()
    session.permanent = True
    session[_SIGNED_IN] = _proof()


def sign_out() -> None:
    """Forget it."""
    session.clear()


def is_signed_in() -> bool:
    """Say whether the cookie shows the present token: another token ends all sessions."""
    return hmac.compare_digest(str(session.get(_SIGNED_IN, "")), _proof())


def csrf_token() -> str:
    """Answer what a form of this session has to carry."""
    if _CSRF not in session:
        session[_CSRF] = secrets.token_urlsafe(16)
    return str(session[_CSRF])


def require_csrf() -> None:
    """Return only if the form was made by a page of ours.

    Raises:
        Refused: it was not, or the session ended meanwhile.
    """
    given = request.form.get(CSRF_FIELD, "")
    known = str(session.get(_CSRF, ""))
    if not known or not hmac.compare_digest(given.encode(), known.encode()):
        raise Refused(403, "the form is out of date", "load the page again and send it once more")


def local_path(wanted: str) -> str:
    """Answer a path of ours to go on to; anything else leads to the first page."""
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if is_ours and wanted.isprintable() else "/"


def _token() -> str:
    found: str = current_app.extensions[_TOKEN]
    return found


def _proof() -> str:
    return hashlib.blake2b(_token().encode(), digest_size=16, person=b"signed-in").hexdigest()
