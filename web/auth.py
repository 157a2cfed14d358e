"""Who asks: the session cookie, or a bearer token of the same kind for programs."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, current_app, g, request
from flask_wtf.csrf import CSRFProtect

from engine import sessions, tokens
from web.city import City

COOKIE: Final = "liandong_session"

csrf = CSRFProtect()


def city() -> City:
    """The city that this application serves."""
    found: City = current_app.extensions["liandong_city"]
    return found


def install(app: Flask) -> None:
    """Know the actor of every request, and refuse unsafe ones that another site made a browser send."""
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # as long as the session
    app.config.setdefault("WTF_CSRF_CHECK_DEFAULT", False)
    csrf.init_app(app)
    app.before_request(know_actor)
    app.before_request(check_origin)


def know_actor() -> None:
    """Sets `g.actor`: the person with the rights they have at this moment, or none."""
    g.actor = None
    if request.endpoint == "static":
        return
    token = session_token()
    if token:
        known = tokens.resume if token.startswith(tokens.PREFIX) else sessions.resume
        g.actor = known(city().core, token)


def session_token() -> str | None:
    """The secret of the session that this request shows: a bearer token wins over the cookie."""
    return bearer() or request.cookies.get(COOKIE)


def bearer() -> str | None:
    """A token sent on purpose by a program; no browser adds it by itself."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None


def check_origin() -> None:
    """CSRF on every unsafe request. A bearer token is proof enough: only a program that knows it can send it."""
    if request.method in ("GET", "HEAD", "OPTIONS", "TRACE") or bearer():
        return
    csrf.protect()


def remember(response: Response, token: str) -> Response:
    """Put the session's secret into the cookie."""
    response.set_cookie(COOKIE, token, httponly=True, samesite="Lax", secure=request.is_secure, path="/")
    return response


def forget(response: Response) -> Response:
    """Take the cookie back."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def log_in(login: str, password: str) -> str:
    """A new session's secret. Raises engine.sessions' WrongLogin or TooManyAttempts."""
    token, actor = sessions.log_in(
        city().core,
        login,
        password,
        address=request.remote_addr or "",
        agent=request.user_agent.string,
        old=request.cookies.get(COOKIE),
    )
    g.actor = actor
    return token
