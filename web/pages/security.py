"""Rules of logging in, and the identity provider: for security administrators."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import LiandongError
from engine.login import provider, rules
from engine.settings import read
from web.auth import city
from web.policies import policy
from web.texts import locale, t

page = Blueprint("security", __name__)


@page.get("/security")
@policy("secure")
def security() -> str:
    """The rules now in force, and the provider."""
    return _page()


def _page(refused: str | None = None) -> str:
    core = city().core
    with core.db.read() as connection:
        law = rules.read(connection)
        given = read(connection, provider.SETTINGS)
    return render_template(
        "security.html",
        law=law,
        profiles=rules.profiles(core),
        given={**given, "oidc_client_secret": bool(given["oidc_client_secret"])},
        back=url_for("sso.come_back", _external=True),
        refused=refused,
    )


@page.post("/security")
@policy("secure")
def choose() -> Response:
    """Switch the profile."""
    rules.choose(city().core, g.actor, request.form.get("profile", ""))
    flash(t("安全策略已更改，立即生效。", "The profile is changed and holds from now on."))
    return redirect(url_for("security.security"), 303)


@page.post("/security/provider")
@policy("secure")
def save_provider() -> Any:
    """Set the provider up, or take it away."""
    try:
        if request.form.get("act") == "forget":
            provider.forget(city().core, g.actor)
        else:
            provider.save(city().core, g.actor, request.form)
    except LiandongError as error:
        return make_response(_page(error.text(locale())), error.status)
    flash(t("统一身份认证设置已保存。", "Single sign-on is saved."))
    return redirect(url_for("security.security"), 303)
