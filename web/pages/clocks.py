"""Why is this deadline that moment? One clock with everything it rests on, and how a case went with all its clocks beside it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template

from engine import definitions
from engine.queries import cases as reading
from escalation import explaining, holding, lights, words
from web.auth import city
from web.policies import SIGNED_IN, policy
from web.telling import ZONE, names, now
from web.telling_cases import clock_name, name_of, node_name, process_name
from web.telling_clocks import amount_word, clock_label, ground_word
from web.telling_clocks import picture as draw
from web.telling_timeline import told
from web.texts import locale

page = Blueprint("clocks", __name__)

Row = dict[str, Any]


@page.get("/cases/<int:instance_id>/clocks/<name>/<int:task_id>")
@policy(SIGNED_IN)
def clock(instance_id: int, name: str, task_id: int) -> str:
    """A clock by its name and task (0: the case's own)."""
    core = city().core
    case = reading.row(core, g.actor, instance_id)
    why = explaining.why(core, case, name, task_id, now())
    definition = definitions.get(core, why.promise.definition_id)
    people = [e[k] for e in why.entries for k in ("asked_by", "approved_by")]
    if why.book is not None:
        people += [why.book["proposed_by"], why.book["decided_by"]]
    names().learn([who for who in people if who is not None])
    (standing,) = lights.of_rows(core, [why.row], now(), locale())
    return render_template(
        "clock.html",
        row=case,
        why=why,
        label=_label(why) or clock_name(name, definition),
        step=name_of(definition.model.nodes.get(why.task["node"]), why.task["node"]) if why.task is not None else "",
        begins=_node(definition.id, why),
        process=process_name(definition.id),
        standing=standing,
        picture=draw(why, now()),
        at=now(),
        zone=ZONE,
        words=words,
        ground_word=ground_word,
        amount_word=amount_word,
    )


@page.get("/cases/<int:instance_id>/timeline")
@policy(SIGNED_IN)
def timeline(instance_id: int) -> str:
    """A case along time: who held it, each step, each clock."""
    core = city().core
    found = reading.case(core, g.actor, instance_id)
    case, tasks = found.row, found.tasks
    until = case["ended_at"] or now()
    held = holding.stretches(case["started_at"], max(until, case["started_at"]), tasks)
    return render_template(
        "case_timeline.html",
        row=case,
        process=process_name(case["definition_id"]),
        until=until,
        units=holding.by_unit(held),
        whole=until - case["started_at"],
        node_name=node_name,
        words=words,
        **told(case, tasks, held, now()),
    )


def _label(why: explaining.Why) -> str:
    return clock_label(why.row["name"], [why.promise.setting] if why.promise.setting is not None else [])


def _node(definition_id: int, why: explaining.Why) -> str:
    """The step with which a case's own clock begins."""
    setting = why.promise.setting
    return node_name(definition_id, setting.start) if setting is not None and setting.start else ""
