"""One act on many tasks of the inbox, and what became of each."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.acts import catalogue
from engine.batches import asking, working
from engine.errors import Invalid
from engine.queries.tasks import colleagues
from web.auth import city
from web.policies import SIGNED_IN, policy
from web.telling_cases import node_name
from web.texts import locale, t

page = Blueprint("batches", __name__)

ACTS = ("claim", "sign", "release", "transfer")
"""What the bar of the inbox offers: acts that ask nothing of each task on its own."""
AT_ONCE = 3.0
"""Seconds that a request works itself; a worker does what is left."""


@page.post("/inbox/batch")
@policy(SIGNED_IN)
def send() -> Response:
    """Ask for it, and do what can be done while one waits."""
    act = request.form.get("act", "")
    if act not in ACTS:
        raise Invalid(why_zh="请选择要做什么", why_en="say what is to be done")
    refs = request.form.getlist("ref")
    key = request.form.get("idempotency_key", "")[:100] or None
    made = asking.ask(city().core, act, refs, g.actor.id, _params(act), key=key)
    working.work(city().core, made, AT_ONCE)
    return redirect(url_for("batches.batch", batch_id=made), 303)


@page.get("/batches")
@policy(SIGNED_IN)
def listing() -> str:
    """One's newest batches."""
    return render_template("batches.html", rows=asking.mine(city().core, g.actor.id), act_name=act_name)


@page.get("/batches/<int:batch_id>")
@policy(SIGNED_IN)
def batch(batch_id: int) -> str:
    """How far it is, and what became of each task."""
    found = asking.get(city().core, batch_id, g.actor.id)
    return render_template(
        "batch.html",
        batch=found,
        titles=asking.titles(city().core, g.actor, found),
        act_name=act_name,
        node_name=node_name,
    )


@page.post("/batches/<int:batch_id>/stop")
@policy(SIGNED_IN)
def stop(batch_id: int) -> Response:
    """Do no more of it."""
    asking.stop(city().core, batch_id, g.actor.id)
    flash(t("已停止，已办的不受影响。", "Stopped. What was done stays done."))
    return redirect(url_for("batches.batch", batch_id=batch_id), 303)


def act_name(act: str) -> str:
    """An act in words."""
    known = catalogue.ACTS.get(act)
    if known is None:
        return act
    return known.zh if locale() == "zh" else known.en[:1].upper() + known.en[1:]


def offered() -> dict[str, Any]:
    """What the bar of the inbox shows: acts with their words, and whom tasks can be handed to."""
    people: dict[int, str] = {}
    for post in {(each.unit_id, each.post) for each in g.actor.own_posts}:
        row = {"unit_id": post[0], "post_key": post[1]}
        people.update({one["id"]: one["name"] for one in colleagues(city().core, row, g.actor.id)})
    return {
        "direct": [(act, act_name(act)) for act in ACTS if act != "transfer"],
        "people": list(people.items()),
    }


def _params(act: str) -> dict[str, Any]:
    if act != "transfer":
        return {}
    to = request.form.get("to", "")
    if not (to.isascii() and to.isdecimal() and len(to) < 10):
        raise Invalid(why_zh="请选择接办人", why_en="choose who is to take them over")
    return {"to": int(to), "reason": request.form.get("reason", "").strip()[:500]}
