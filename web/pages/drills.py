"""Drills: started from a plan with a title, a speed and a list of receivers; their own inbox, apart from what is real; their evaluation."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for

from engine.errors import Invalid
from engine.queries import inbox, organisation
from engine.queries.inbox import Tab, Wanted
from engine.worlds import FASTEST
from escalation import lights
from escalation.emergencies import drills, plans
from web import drilling, telling_emergencies
from web.auth import city
from web.policies import SIGNED_IN, policy
from web.telling import names, now
from web.telling_cases import node_name
from web.telling_notices import notice
from web.texts import locale, t

page = Blueprint("drills", __name__)

SPEEDS = (1, 5, 10, 30, FASTEST)
ROWS = 100


@page.get("/drills")
@policy(SIGNED_IN)
def listing() -> str:
    """The drills that concern one."""
    rows = drills.every(city().core, g.actor)
    known = plans.rows(city().core)
    names().learn([row["started_by"] for row in rows])
    return render_template(
        "drills.html",
        rows=rows,
        plan_name=lambda key: _name(known.get(key), key),
        span=telling_emergencies.span,
        took=drills.took,
    )


@page.get("/emergency/<plan>/drill")
@policy("start_plan")
def new(plan: str) -> str:
    """Ask for title, speed and receivers."""
    return _new_page(plan, {})


@page.post("/emergency/<plan>/drill")
@policy("start_plan")
def send_new(plan: str) -> Any:
    """Make its world, and go on to the start of the plan in it."""
    given = request.form
    people = [int(one) for one in given.getlist("receivers") if one.isdecimal() and len(one) < 10]
    rate = given.get("rate", "")
    try:
        world_id = drills.start(
            city().core, g.actor, plan, given.get("title", ""), float(rate) if rate.isdecimal() else 0.0, people
        )
    except Invalid as error:
        flash(error.text(locale()), "bad")
        return make_response(_new_page(plan, {"title": given.get("title", ""), "rate": rate, "receivers": people}), 422)
    flash(
        t(
            "演练已建立。填写下面的内容，启动预案。",
            "The drill is set up. Fill in what follows to start the plan in it.",
        )
    )
    return redirect(url_for("emergency.start", plan=plan, drill=world_id), 303)


@page.get("/drills/<int:world_id>")
@policy(SIGNED_IN)
def drill(world_id: int) -> str:
    """What one has to do in it, what one was told, its boards; for who started it, the evaluation."""
    core = city().core
    found = drills.get(core, g.actor, world_id)
    drilling.say(found.world)
    mine = inbox.page(core, g.actor, Wanted(tab=Tab.ALL, size=ROWS), now(), world=world_id)
    told = drills.told(core, g.actor, world_id)
    names().learn([found.row["started_by"], *(found.row["receivers"] or ()), *(one["by_id"] for one in told)])
    return render_template(
        "drill.html",
        drill=found,
        plan=_name(plans.rows(core).get(found.row["plan"]), found.row["plan"]),
        rows=mine.rows,
        lights=lights.of_tasks(core, mine.rows, now(), locale()),
        told=told,
        notice=notice,
        node_name=node_name,
        level=telling_emergencies.level,
        level_of=telling_emergencies.level_of,
        criteria=drills.criteria(core) if found.is_ended_by(g.actor) and not found.is_over else [],
        ends=found.is_ended_by(g.actor) and not found.is_over,
        scores=drills.SCORES,
    )


@page.post("/drills/<int:world_id>/end")
@policy(SIGNED_IN)
def end(world_id: int) -> Any:
    """End it with its evaluation."""
    core = city().core
    known = [str(row["key"]) for row in drills.criteria(core)]
    scores = {
        key: int(text) for key in known if (text := request.form.get(f"score.{key}", "")).isdecimal() and len(text) < 3
    }
    notes = {key: request.form.get(f"note.{key}", "") for key in known}
    drills.end(core, g.actor, world_id, scores, notes, request.form.get("note", ""))
    flash(t("演练已结束，评估已保存。", "The drill has ended; its evaluation is kept."))
    return redirect(url_for("drills.drill", world_id=world_id), 303)


# ---------------------------------------------------------------- inside


def _name(row: dict[str, Any] | None, key: str) -> str:
    return plans.Plan(key, row or {}, deployed=True).name(locale())


def _new_page(plan: str, values: dict[str, Any]) -> str:
    core = city().core
    row = plans.get(core, plan)
    return render_template(
        "drill_new.html",
        plan=_name(row, plan),
        values=values,
        speeds=SPEEDS,
        people=_people(),
    )


def _people() -> list[dict[str, Any]]:
    """Everybody who holds a post of the city's, once, with where."""
    found: dict[int, dict[str, Any]] = {}
    for one in organisation.held(city().core):
        where = f"{names().unit(one.unit_id, locale())} · {names().post(one.post, locale())}"
        row = found.setdefault(one.person_id, {"id": one.person_id, "name": one.name, "where": where})
        if where not in row["where"]:
            row["where"] += t("；", "; ") + where
    return list(found.values())
