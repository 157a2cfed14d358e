"""Log in, log out, choose a language."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from engine import passwords, sessions
from engine.errors import Invalid, LiandongError
from web import auth
from web.policies import PUBLIC, SIGNED_IN, policy
from web.texts import LOCALES, ZH, locale, t

page = Blueprint("session", __name__)


@page.get("/login")
@policy(PUBLIC)
def log_in() -> Any:
    """The door."""
    if g.actor is not None:
        return redirect(_inside(request.args.get("next")))
    return render_template("login.html", next=request.args.get("next", ""), login="", refused=None)


@page.post("/login")
@policy(PUBLIC)
def check_log_in() -> Any:
    """Try name and password."""
    login, target = request.form.get("login", ""), request.form.get("next", "")
    try:
        token = auth.log_in(login, request.form.get("password", ""))
    except LiandongError as error:
        page_text = render_template("login.html", next=target, login=login[:64], refused=error.text(locale()))
        return make_response(page_text, error.status)
    chosen = session.get("locale")
    session.clear()  # nothing of before goes on, above all not the CSRF token
    if chosen in LOCALES:
        sessions.set_locale(auth.city().core, g.actor.id, chosen)
    return auth.remember(make_response(redirect(_inside(target), 303)), token)


@page.post("/logout")
@policy(SIGNED_IN)
def log_out() -> Response:
    """End this session, here and on the server."""
    token = auth.session_token()
    if token:
        sessions.log_out(auth.city().core, token)
    session.clear()
    return auth.forget(make_response(redirect(url_for("session.log_in"), 303)))


@page.get("/password")
@policy(SIGNED_IN)
def password() -> str:
    """Where one changes one's password."""
    return render_template("password.html", refused=None)


@page.post("/password")
@policy(SIGNED_IN)
def change_password() -> Any:
    """Change it: every session of the person ends, this browser gets a new one."""
    new = request.form.get("new", "")
    try:
        if new != request.form.get("again", ""):
            raise Invalid(why_zh="两次输入的新密码不一致", why_en="the new password was typed in two ways")
        passwords.change_password(auth.city().core, g.actor.id, request.form.get("old", ""), new)
        token = auth.log_in(g.actor.login, new)
    except LiandongError as error:
        page_text = render_template("password.html", refused=error.text(locale()))
        return make_response(page_text, error.status)
    flash(t("密码已更改，其他设备上的登录已退出。", "Your password was changed; you are logged out everywhere else."))
    return auth.remember(make_response(redirect(url_for("home.home"), 303)), token)


@page.post("/language")
@policy(PUBLIC)
def choose_language() -> Response:
    """Chinese or English, remembered for the person, else for this browser."""
    wanted = request.form.get("locale", ZH)
    if wanted in LOCALES:
        session["locale"] = wanted
        if g.actor is not None:
            sessions.set_locale(auth.city().core, g.actor.id, wanted)
    return redirect(_inside(request.form.get("next")), 303)


def _inside(target: str | None) -> str:
    """A path of this site; the home page for anything else."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return url_for("home.home")
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else url_for("home.home")
