"""Systems that may send signed events: registered, rotated and switched off by operators. A secret is shown once."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for

from engine import signed_events, sources
from engine.errors import Invalid
from escalation.emergencies import plans
from web.auth import city
from web.policies import policy
from web.telling import names
from web.texts import locale, t

page = Blueprint("sources", __name__)


@page.get("/event-sources")
@policy("operate")
def listing() -> str:
    """All sources, and the newest events."""
    return _page()


@page.post("/event-sources")
@policy("operate", by_token=False)
def register() -> Any:
    """A new one; its secret is on the answer, and nowhere else."""
    given = request.form
    key = given.get("key", "").strip()
    try:
        secret = sources.register(city().core, g.actor, key, given.get("name", ""), given.getlist("messages"))
    except Invalid as error:
        flash(error.text(locale()), "bad")
        return make_response(_page(), 422)
    return _page(secret=secret, of=key)


@page.post("/event-sources/<key>/rotate")
@policy("operate", by_token=False)
def rotate(key: str) -> str:
    """Another secret."""
    return _page(secret=sources.rotate(city().core, g.actor, key), of=key)


@page.post("/event-sources/<key>/switch")
@policy("operate", by_token=False)
def switch(key: str) -> Any:
    """Off, or on again."""
    on = request.form.get("on") == "1"
    sources.switch(city().core, g.actor, key, on=on)
    flash(t("已启用。", "It is on.") if on else t("已停用，不再接受其事件。", "It is off: its events are not taken."))
    return redirect(url_for("sources.listing"), 303)


def _page(secret: str = "", of: str = "") -> str:
    core = city().core
    rows = sources.every(core)
    names().learn([row["person_id"] for row in rows])
    known = plans.rows(core)
    return render_template(
        "event_sources.html",
        rows=rows,
        events=sources.events(core),
        messages=[
            (f"{key}{signed_events.SUFFIX}", plans.Plan(key, row, deployed=True).name(locale()))
            for key, row in known.items()
        ],
        secret=secret,
        of=of,
    )
