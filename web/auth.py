"""Who asks: the session cookie, or a bearer token for programs."""

from __future__ import annotations

from typing import Any, Final

from flask import Flask, Response, current_app, g, request
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect

from engine import origin, sessions, tokens
from web.city import City

COOKIE: Final = "liandong_session"
HOST: Final = "__Host-"
"""Over https the names of cookies begin so: browsers then take them from this host alone, and only over https (OWASP ASVS 5.0, 3.3.1)."""

csrf = CSRFProtect()
SIGNED = frozenset({"api.take_event"})
"""Endpoints that ask nothing of a session: each request is signed by itself."""


class PageCookie(SecureCookieSessionInterface):
    """The signed cookie of pages (CSRF token, language, a log-in under way): over https as strict as the session's."""

    def get_cookie_name(self, app: Flask) -> str:
        """With the prefix over https."""
        return _named(super().get_cookie_name(app))

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002  Flask's signature
        """Over https never without."""
        return request.is_secure


def city() -> City:
    """The city that this application serves."""
    found: City = current_app.extensions["liandong_city"]
    return found


def install(app: Flask) -> None:
    """Know the actor of every request, and refuse unsafe ones that another site made a browser send."""
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # as long as the session
    app.config.setdefault("WTF_CSRF_CHECK_DEFAULT", False)
    app.session_interface = PageCookie()
    csrf.init_app(app)
    app.before_request(know_actor)
    app.before_request(check_origin)
    app.after_request(_renew)


def know_actor() -> None:
    """Sets `g.actor`: the person with the rights they have at this moment, or none; `g.owes`: what they must do before anything else;
    `g.login`: their session. Says where acts of this request come from; of the public nothing is said."""
    g.actor = g.login = g.half = None
    g.owes, g.by_token = "", False
    origin.say("")
    if request.endpoint == "static":
        return
    token = session_token()
    if not token:
        return
    if token.startswith(tokens.PREFIX):
        shown = tokens.look(city().core, token)
        if shown is not None:
            g.actor, g.by_token, g.owes = shown.actor, True, shown.owes
            origin.say(f"{address()} token {shown.id}")
        return
    found = sessions.look(city().core, token, renew=_may_renew(), touch=not _by_itself())
    if found is None:
        return
    origin.say(f"{address()} session {found.reference}")
    if found.owes == sessions.HALF:
        g.half = found
        return
    g.actor, g.login, g.owes = found.actor, found, found.owes


def address() -> str:
    """Where the request comes from."""
    return (request.remote_addr or "")[:64]


def agent() -> str:
    """The browser, as it says of itself."""
    return request.user_agent.string[:300]


def session_token() -> str | None:
    """The secret of the session that this request shows: a bearer token wins over the cookie."""
    return bearer() or request.cookies.get(_named(COOKIE))


def bearer() -> str | None:
    """A token sent on purpose by a program; no browser adds it by itself."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None


def check_origin() -> None:
    """CSRF on every unsafe request. A bearer token is proof enough: only a program that knows it can send it."""
    if request.method in ("GET", "HEAD", "OPTIONS", "TRACE") or bearer() or request.endpoint in SIGNED:
        return
    csrf.protect()


def remember(response: Response, token: str) -> Response:
    """Put the session's secret into the cookie."""
    g.cookie_said = True
    response.set_cookie(_named(COOKIE), token, httponly=True, samesite="Lax", secure=request.is_secure, path="/")
    return response


def forget(response: Response) -> Response:
    """Take the cookie back."""
    g.cookie_said = True
    response.delete_cookie(_named(COOKIE), path="/", httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def log_in(login: str, password: str) -> sessions.Entered:
    """A new session. Raises WrongLogin or TooManyAttempts."""
    origin.say(address())
    return sessions.enter(
        city().core, login, password, address=address(), agent=agent(), old=request.cookies.get(_named(COOKIE))
    )


def _may_renew() -> bool:
    """Only a page that somebody opens gets a new secret: what a script fetches beside it may be answered too late to be kept."""
    return (
        request.method == "GET"
        and not bearer()
        and not request.path.startswith("/api/")
        and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        and "HX-Request" not in request.headers
        and not _by_itself()
    )


def _by_itself() -> bool:
    """A page that follows what changes asks by itself: that nobody does anything must still end the session."""
    return request.path == "/live" or "X-Refresh" in request.headers


def _renew(response: Response) -> Any:
    found = g.get("login")
    if found is not None and found.renewed is not None and not g.get("cookie_said"):
        return remember(response, found.renewed)
    return response


def _named(cookie: str) -> str:
    return HOST + cookie if request.is_secure else cookie
