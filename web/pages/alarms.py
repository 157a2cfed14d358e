"""Alarms of security: what happened, who it is about, who looked at it. For security administrators."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import alarms
from web.auth import city
from web.policies import policy
from web.telling import names
from web.texts import t

page = Blueprint("alarms", __name__)

LARGEST_ID = 2**31 - 1


@page.get("/alarms")
@policy("secure")
def listing() -> str:
    """All of them, those that nobody saw yet first."""
    rows = alarms.listing(city().core, g.actor.id)
    people = {row["id"]: _person(row["about"]) for row in rows}
    names().learn([each for each in people.values() if each] + [row["seen_by"] for row in rows if row["seen_by"]])
    return render_template(
        "alarms.html", rows=rows, people=people, unseen=sum(1 for row in rows if row["seen_at"] is None)
    )


@page.post("/alarms/seen")
@policy("secure")
def seen() -> Response:
    """Say that one looked at it."""
    given: Any = request.form.get("alarm", 0, type=int)
    alarms.see(city().core, given if 0 < given <= LARGEST_ID else 0, g.actor.id)
    flash(t("已标记为已查看。", "Marked as seen."))
    return redirect(url_for("alarms.listing"), 303)


def _person(about: str) -> int | None:
    kind, _, found = about.partition(":")
    return int(found) if kind == "person" and found.isdecimal() else None
