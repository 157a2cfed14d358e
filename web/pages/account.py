"""My account: where I am logged in, my second factor, my tokens, what happened to my account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import segno
from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from engine import tokens
from engine.errors import Invalid, LiandongError
from engine.login import again, open_sessions, rules, second
from engine.queries import accounts
from web.auth import city
from web.policies import SIGNED_IN, policy
from web.telling_security import browser, event, method, scope
from web.texts import locale, t

page = Blueprint("account", __name__)

DAYS = (7, 30, 90, 180, 366)


@page.get("/account")
@policy(SIGNED_IN, by_token=False)
def account() -> str:
    """Everything about one's own account."""
    return _page()


def _page(made: str | None = None, refused: str | None = None) -> str:
    core = city().core
    with core.db.read() as connection:
        law = rules.read(connection)
    return render_template(
        "account.html",
        made=made,
        refused=refused,
        kept=accounts.one(core, g.actor.id),
        sessions=open_sessions.listing(core, g.actor.id),
        here=g.login.reference if g.login is not None else "",
        second=second.standing(core, g.actor.id),
        wanted=law.wants_totp(frozenset(p.post for p in g.actor.own_posts)),
        tokens=tokens.listing(core, g.actor.id),
        scopes=tokens.offered(g.actor),
        days=[d for d in DAYS if d <= law.token_days] or [law.token_days],
        events=accounts.events(core, g.actor.id),
        browser=browser,
        event=event,
        method=method,
        scope=scope,
    )


@page.post("/account/sessions/end")
@policy(SIGNED_IN, by_token=False)
def end_session() -> Response:
    """End one session elsewhere, or all but this one."""
    named = request.form.get("session") or None
    ended = open_sessions.end(city().core, g.actor, g.actor.id, named, but=g.login.reference)
    flash(t(f"已退出 {ended} 处登录。", f"{ended} ended." if ended != 1 else "One log-in ended."))
    return redirect(url_for("account.account"), 303)


@page.get("/account/second-factor")
@policy(SIGNED_IN, owing=True, by_token=False)
def second_factor() -> Any:
    """Where one sets a second factor up."""
    if second.standing(city().core, g.actor.id).on:
        return redirect(url_for("account.account"))
    return _enrol()


@page.post("/account/second-factor")
@policy(SIGNED_IN, owing=True, by_token=False)
def confirm_second_factor() -> Any:
    """The phone shows the right code: recovery codes follow, this once."""
    try:
        again.prove(city().core, g.login, request.form.get("password", ""))
        codes = second.confirm(city().core, g.actor, request.form.get("code", ""))
    except LiandongError as error:
        return make_response(_enrol(error.text(locale())), 422)
    g.owes = ""
    open_sessions.end(city().core, g.actor, g.actor.id, but=g.login.reference)  # those that a password alone had opened
    return render_template("recovery_codes.html", codes=codes)


@page.post("/account/second-factor/codes")
@policy(SIGNED_IN, by_token=False)
def new_codes() -> Any:
    """New recovery codes in place of the old ones."""
    try:
        again.prove(city().core, g.login, request.form.get("password", ""))
        codes = second.new_codes(city().core, g.actor, request.form.get("code", ""))
    except LiandongError as error:
        return make_response(_page(refused=error.text(locale())), 422)
    return render_template("recovery_codes.html", codes=codes)


@page.post("/account/second-factor/off")
@policy(SIGNED_IN, by_token=False)
def second_factor_off() -> Any:
    """Give it up, where no rule wants it."""
    core = city().core
    try:
        with core.db.read() as connection:
            law = rules.read(connection)
        if law.wants_totp(frozenset(p.post for p in g.actor.own_posts)):
            raise Invalid(why_zh="您的岗位必须启用两步验证。", why_en="Your post needs a second factor.")
        again.prove(city().core, g.login, request.form.get("password", ""))
        second.turn_off(core, g.actor, request.form.get("code", ""))
    except LiandongError as error:
        return make_response(_page(refused=error.text(locale())), 422)
    flash(t("两步验证已停用。", "The second factor is off."))
    return redirect(url_for("account.account"), 303)


@page.post("/account/tokens")
@policy(SIGNED_IN, by_token=False)
def make_token() -> Any:
    """A token of one's own, shown this once."""
    form = request.form
    try:
        scopes = form.getlist("scope")
        if not form.get("name", "").strip():
            raise Invalid(why_zh="请填写令牌名称。", why_en="Say what the token is for.")
        if not set(scopes) <= set(tokens.offered(g.actor)):
            raise Invalid(why_zh="请选择令牌的用途。", why_en="Choose what the token may be used for.")
        days = int(form.get("days", "0")) if form.get("days", "").isdecimal() else 0
        again.prove(city().core, g.login, request.form.get("password", ""))
        made = tokens.create(
            city().core, g.actor.login, form["name"], timedelta(days=min(days, 10_000)), scopes=scopes, by=g.actor
        )
    except LiandongError as error:
        return make_response(_page(refused=error.text(locale())), 422)
    return make_response(_page(made=made), 201)


@page.post("/account/tokens/<int:token_id>/revoke")
@policy(SIGNED_IN, by_token=False)
def revoke_token(token_id: int) -> Response:
    """End one of one's own tokens."""
    tokens.revoke(city().core, token_id, g.actor)
    flash(t("令牌已撤销。", "The token is revoked."))
    return redirect(url_for("account.account"), 303)


def _enrol(refused: str | None = None) -> str:
    secret = second.begin(city().core, g.actor)
    drawn = segno.make(second.address(g.actor, secret, t("联动", "Liandong")), error="m")
    shown = [secret[i : i + 4] for i in range(0, len(secret), 4)]
    return render_template(
        "second_factor.html",
        qr=Markup(drawn.svg_inline(scale=5, border=2, dark="#1c2733", light="#ffffff")),  # noqa: S704  made by segno from our own text
        secret=" ".join(shown),
        refused=refused,
        owed=bool(g.owes),
        has_password=g.login.has_password,
        **({"actor": None} if g.owes else {}),
    )
