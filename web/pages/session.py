"""Log in, show the second factor, log out, change the password, choose a language."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from engine import origin, passwords, sessions
from engine.errors import Invalid, LiandongError, NotFound
from engine.login import first, provider, rules
from web import auth
from web.policies import PUBLIC, SIGNED_IN, policy
from web.texts import LOCALES, ZH, locale, t

page = Blueprint("session", __name__)


@page.get("/login")
@policy(PUBLIC)
def log_in() -> Any:
    """The door."""
    if g.actor is not None:
        return redirect(inside(request.args.get("next")))
    if g.half is not None:
        return redirect(url_for("session.code", next=request.args.get("next") or None))
    return door(target=request.args.get("next", ""))


def door(target: str = "", login: str = "", refused: str | None = None) -> str:
    """The page with the form to log in, and the button of the identity provider where there is one."""
    single = provider.known(auth.city().core)
    if single is not None:
        g.form_action = (
            single.origin
        )  # the form leads there through a redirect, which the policy of the page must allow
    return render_template(
        "login.html",
        next=target,
        login=login[:64],
        refused=refused,
        single=single,
        first_start=first.is_due(auth.city().core),
    )


@page.post("/login")
@policy(PUBLIC)
def check_log_in() -> Any:
    """Try name and password."""
    login, target = request.form.get("login", ""), request.form.get("next", "")
    try:
        entered = auth.log_in(login, request.form.get("password", ""))
    except LiandongError as error:
        return make_response(door(target, login, error.text(locale())), error.status)
    return come_in(entered, target)


def come_in(entered: sessions.Entered, target: str) -> Response:
    """Somebody proved who they are: the cookie, and on to where they wanted to go, or to the second factor."""
    chosen = session.get("locale")
    session.clear()  # nothing of before goes on, above all not the CSRF token
    if entered.stage == sessions.HALF:
        if chosen in LOCALES:
            session["locale"] = chosen
        return auth.remember(make_response(redirect(url_for("session.code", next=target or None), 303)), entered.token)
    g.actor = entered.actor
    if chosen in LOCALES:
        sessions.set_locale(auth.city().core, g.actor.id, chosen)
    return auth.remember(make_response(redirect(inside(target), 303)), entered.token)


@page.get("/login/code")
@policy(PUBLIC)
def code() -> Any:
    """Where one shows the second factor."""
    if g.half is None:
        return redirect(url_for("session.log_in", next=request.args.get("next") or None))
    return render_template("login_code.html", next=request.args.get("next", ""), refused=None)


@page.post("/login/code")
@policy(PUBLIC)
def check_code() -> Any:
    """Try a code."""
    target = request.form.get("next", "")
    if g.half is None:
        return redirect(url_for("session.log_in", next=target or None), 303)
    origin.say(f"{auth.address()} session {g.half.reference}")
    try:
        entered = sessions.show_code(
            auth.city().core,
            auth.session_token() or "",
            request.form.get("code", ""),
            address=auth.address(),
            agent=auth.agent(),
        )
    except NotFound:
        return redirect(url_for("session.log_in", next=target or None), 303)
    except LiandongError as error:
        text = render_template("login_code.html", next=target, refused=error.text(locale()))
        return make_response(text, error.status)
    return come_in(entered, target)


@page.post("/logout")
@policy(PUBLIC)
def log_out() -> Response:
    """End this session, here and on the server: also one that still owes its second factor."""
    token = auth.session_token()
    if token:
        sessions.log_out(auth.city().core, token)
    session.clear()
    return auth.forget(make_response(redirect(url_for("session.log_in"), 303)))


@page.get("/password")
@policy(SIGNED_IN, owing=True, by_token=False)
def password() -> str:
    """Where one changes one's password."""
    return _password_page(None)


@page.post("/password")
@policy(SIGNED_IN, owing=True, by_token=False)
def change_password() -> Any:
    """Change it: every session of the person ends, this browser gets a new one."""
    core, new = auth.city().core, request.form.get("new", "")
    try:
        if new != request.form.get("again", ""):
            raise Invalid(why_zh="两次输入的新密码不一致", why_en="the new password was typed in two ways")
        passwords.change_password(core, g.actor.id, request.form.get("old", ""), new, by=g.actor)
    except LiandongError as error:
        return make_response(_password_page(error.text(locale())), error.status)
    with core.db.write() as connection:  # what this browser has shown before counts on: also its second factor
        entered = sessions.begin(
            core, connection, g.actor.id, g.login.method, address=auth.address(), agent=auth.agent(), enough=True
        )
    flash(
        t(
            "密码已更改，其他设备上的登录已退出，接口令牌已全部撤销。",
            "Your password was changed; you are logged out everywhere else, and your API tokens are revoked.",
        )
    )
    return auth.remember(make_response(redirect(url_for("home.home"), 303)), entered.token)


def _password_page(refused: str | None) -> str:
    with auth.city().core.db.read() as connection:
        law = rules.read(connection)
    return render_template(
        "password.html", refused=refused, law=law, who=g.actor, **({"actor": None} if g.owes else {})
    )


@page.post("/language")
@policy(PUBLIC)
def choose_language() -> Response:
    """Chinese or English, remembered for the person, else for this browser."""
    wanted = request.form.get("locale", ZH)
    if wanted in LOCALES:
        session["locale"] = wanted
        if g.actor is not None:
            sessions.set_locale(auth.city().core, g.actor.id, wanted)
    return redirect(inside(request.form.get("next")), 303)


def inside(target: str | None) -> str:
    """A path of this site; the home page for anything else."""
    if (
        not target
        or not target.startswith("/")
        or target.startswith("//")
        or "\\" in target
        or not target.isprintable()
    ):
        return url_for("home.home")
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else url_for("home.home")
