"""Accounts of everybody: for security administrators. What is done here is done with a reason, and recorded."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import tokens
from engine.access import can
from engine.errors import LiandongError, NotFound
from engine.login import accounts as keeping
from engine.login import attempts, open_sessions, provider
from engine.queries import accounts
from web.auth import city
from web.policies import policy
from web.telling_security import browser, event, method, scope
from web.texts import locale, t

page = Blueprint("accounts", __name__)


@page.get("/accounts")
@policy("secure")
def listing() -> str:
    """Find an account; who is locked out now."""
    text, only = request.args.get("q", ""), request.args.get("only", "")
    number = max(1, request.args.get("page", 1, type=int))
    found, more = accounts.page(city().core, text, only, number)
    return render_template(
        "accounts.html",
        rows=found,
        more=more,
        number=number,
        text=text,
        only=only,
        locked=attempts.listing(city().core),
    )


@page.post("/accounts/unlock")
@policy("secure")
def unlock() -> Response:
    """Let a name or an address try again."""
    attempts.unlock(city().core, g.actor, request.form.get("what", ""), request.form.get("key", ""))
    flash(t("已解除锁定。", "Unlocked."))
    return redirect(url_for("accounts.listing"), 303)


@page.get("/accounts/<int:person_id>")
@policy("secure")
def account(person_id: int) -> str:
    """One account."""
    return _page(person_id)


def _page(person_id: int, password: str | None = None, refused: str | None = None) -> str:
    core = city().core
    kept = accounts.one(core, person_id)
    if kept is None:
        raise NotFound(what="person")
    single = provider.known(core)
    with core.db.read() as connection:
        may = can(keeping.check_can_keep, connection, g.actor, person_id)
    return render_template(
        "account_kept.html",
        kept=kept,
        may=may,
        password=password,
        refused=refused,
        sessions=open_sessions.listing(core, person_id),
        tokens=tokens.listing(core, person_id),
        links=accounts.links(core, person_id),
        issuer=single.issuer if single is not None else None,
        events=accounts.events(core, person_id, 30),
        locked=[one for one in attempts.listing(core) if one.key == kept.login],
        browser=browser,
        event=event,
        method=method,
        scope=scope,
    )


@page.post("/accounts/<int:person_id>")
@policy("secure")
def act(person_id: int) -> Any:
    """Disable, enable, reset, and so on: which one the button says."""
    core, form = city().core, request.form
    named, reason = form.get("act", ""), form.get("reason", "")
    if named not in {*_ACTS, "reset", "link", "unlink"}:
        raise NotFound(what="act")
    try:
        if named == "reset":
            password = keeping.reset_password(core, g.actor, person_id, reason)
            return make_response(_page(person_id, password=password))
        if named in ("link", "unlink"):
            change = keeping.link if named == "link" else keeping.unlink
            change(core, g.actor, person_id, form.get("issuer", ""), form.get("subject", ""))
        else:
            _ACTS[named](core, g.actor, person_id, reason)
    except NotFound:
        raise
    except LiandongError as error:
        return make_response(_page(person_id, refused=error.text(locale())), error.status)
    flash(t("已办理并记录。", "Done, and recorded."))
    return redirect(url_for("accounts.account", person_id=person_id), 303)


_ACTS = {
    "disable": keeping.disable,
    "enable": keeping.enable,
    "second_factor": keeping.drop_second_factor,
    "end": keeping.end_everything,
}
