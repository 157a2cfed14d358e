"""How well units are proposed: coverage and accuracy over time, by class, what is confused, and training anew."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.dispatching import keeping
from engine.queries import dispatching as reading
from web import telling_dispatch as telling
from web.auth import city
from web.pages.case_list import classes
from web.policies import policy
from web.telling_cases import process_name
from web.texts import t

page = Blueprint("dispatching", __name__)


@page.get("/dispatching")
@policy("dispatch", "see_figures", "administer")
def accuracy() -> str:
    """The figures."""
    return render_template(
        "dispatching.html",
        steps=reading.standing(city().core),
        part=telling.part,
        percent=telling.percent,
        kind_name=lambda key: classes().get(key, key) or t("未分类", "no class"),
        process_name=process_name,
        may_train="administer" in g.actor.powers,
    )


@page.post("/dispatching/train")
@policy("administer")
def train() -> Response:
    """Ask for a training: a worker does it."""
    key, node = request.form.get("key", "")[:100], request.form.get("node", "")[:100]
    where = keeping.place(city().core, key, node)
    keeping.ask(city().core, where.key, where.node, g.actor)
    flash(t("已排队，后台学习完成后本页更新。", "Queued: this page changes once a worker has trained it."))
    return redirect(url_for("dispatching.accuracy"), 303)
