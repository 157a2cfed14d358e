"""Single sign-on: to the identity provider and back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, make_response, redirect, request, session, url_for

from engine import origin, sessions
from engine.errors import LiandongError, NotFound
from engine.login import provider, rules
from engine.settings import read
from web import auth
from web.pages.session import come_in, door
from web.policies import PUBLIC, policy
from web.texts import locale

page = Blueprint("sso", __name__)

KEPT = "sso"
"""What this browser must bring back stays in its signed page cookie: another browser's answer is worth nothing here."""


@page.post("/login/provider")
@policy(PUBLIC)
def leave() -> Any:
    """To the provider."""
    single = _provider()
    g.form_action = single.origin
    try:
        begun = provider.begin(single, _back())
    except LiandongError as error:
        return make_response(door(refused=error.text(locale())), error.status)
    session[KEPT] = {**begun.kept, "next": request.form.get("next", "")[:500]}
    return redirect(begun.address, 303)


@page.get("/login/provider/back")
@policy(PUBLIC)
def come_back() -> Any:
    """From the provider: verified, and somebody here, they are in."""
    core, single = auth.city().core, _provider()
    kept = session.pop(KEPT, None) or {}
    origin.say(auth.address())
    try:
        claims = provider.finish(single, kept, request.args, core.db.now())
        with core.db.write() as connection:
            law = rules.read(connection)
            who = provider.person_of(core, connection, single, claims)
            entered = sessions.begin(
                core,
                connection,
                who,
                "oidc",
                address=auth.address(),
                agent=auth.agent(),
                enough=law.provider_is_enough,
            )
    except LiandongError as error:
        shown = provider.NotLinked(subject=claims["sub"]) if isinstance(error, NotFound) else error
        return make_response(door(refused=shown.text(locale())), shown.status)
    return come_in(entered, kept.get("next", ""))


def _provider() -> provider.Provider:
    single = provider.known(auth.city().core)
    if single is None:
        raise NotFound(what="page")
    return single


def _back() -> str:
    """Where the provider sends them: this site as it is set up, else as the browser calls it."""
    with auth.city().core.db.read() as connection:
        site = str(read(connection, {"site_address": ""})["site_address"] or "").rstrip("/")
    return site + url_for("sso.come_back") if site else url_for("sso.come_back", _external=True)
