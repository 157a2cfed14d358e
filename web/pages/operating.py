"""What operators set right in one case: hold it, move a token, set a variable, retry an incident; and what waits for a second person."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import definitions, instances
from engine.core import Core
from engine.errors import Invalid
from engine.operating import guarding, looking, proposing, second, suspending
from engine.queries.machinery import open_incidents
from engine.tables.columns import LARGEST_ID
from web.auth import city
from web.policies import policy
from web.telling_cases import node_name, process_name
from web.telling_operations import operation_words, state_word
from web.texts import locale, t

page = Blueprint("operating", __name__)

LARGEST_NUMBER = 2**31 - 1


@page.get("/operations/cases/<int:instance_id>")
@policy("operate")
def case(instance_id: int) -> str:
    """One case as operators see it."""
    core = city().core
    wanted = min(instance_id, LARGEST_ID)
    found = looking.look(core, g.actor, wanted)
    return render_template(
        "operating.html",
        row=found.instance,
        tokens=found.tokens,
        names_known=found.names,
        facts=found.facts,
        sees=found.sees,
        shown=_shown,
        incidents=[row for row in open_incidents(core) if row["instance_id"] == wanted],
        operations=proposing.of_case(core, g.actor, wanted),
        second=second.needed_for(core),
        node_name=node_name,
        process=process_name(found.instance["definition_id"]),
        place=lambda one: one.names.text(locale()) or one.node,
        operation_words=operation_words,
        state_word=state_word,
    )


@page.post("/operations/cases/<int:instance_id>/propose")
@policy("operate")
def propose(instance_id: int) -> Response:
    """Ask for an operation, or do it where one person is enough."""
    kind = request.form.get("kind", "")[:10]
    said = request.form.get("reason", "").strip()[:2000]
    core, which = city().core, min(instance_id, LARGEST_ID)
    reply = proposing.propose(core, which, kind, _data(kind, which), g.actor.id, said, key=_key())
    asked = reply["state"] == proposing.PROPOSED
    flash(
        t("已提出，等待另一位运维员批准。", "Asked for; another operator must allow it.")
        if asked
        else t("已执行。", "Done.")
    )
    return _back(instance_id)


@page.post("/operations/cases/<int:instance_id>/hold")
@policy("operate")
def hold(instance_id: int) -> Response:
    """Suspend it, let it go on, or end it."""
    acts = {"suspend": suspending.suspend, "resume": suspending.resume, "cancel": _cancel}
    act = acts.get(request.form.get("act", ""))
    if act is None:
        raise Invalid(why_zh="请选择要做什么", why_en="say what is to be done")
    reason = request.form.get("reason", "").strip()[:2000]
    core, which = city().core, min(instance_id, LARGEST_ID)
    named = request.form["act"]
    if named in guarding.second_for(core, instances.get(core, which)["definition_id"]):
        proposing.propose(core, which, named, {}, g.actor.id, reason, key=_key())
        flash(t("已提出，等待另一位运维员批准。", "Asked for; another operator must allow it."))
    else:
        act(core, which, g.actor.id, reason, key=_key())
        flash(t("已办理。", "Done."))
    return _back(instance_id)


@page.post("/operations/cases/<int:instance_id>/operations/<int:number>")
@policy("operate")
def decide(instance_id: int, number: int) -> Response:
    """Allow, refuse or withdraw what was asked for."""
    core, wanted, which = city().core, min(instance_id, LARGEST_ID), min(number, LARGEST_NUMBER)
    note = request.form.get("note", "").strip()[:2000]
    match request.form.get("decision"):
        case "approve":
            proposing.approve(core, wanted, which, g.actor.id, note, key=_key())
            flash(t("已批准并执行。", "Allowed and done."))
        case "refuse":
            proposing.refuse(core, wanted, which, g.actor.id, note, key=_key())
            flash(t("已驳回。", "Refused."))
        case "withdraw":
            proposing.withdraw(core, wanted, which, g.actor.id, key=_key())
            flash(t("已撤回。", "Withdrawn."))
        case _:
            raise Invalid(why_zh="请选择批准或驳回", why_en="choose to allow or to refuse")
    return _back(instance_id)


# ---------------------------------------------------------------- inside


def _cancel(_core: Core, instance_id: int, by: int, reason: str, *, key: str | None) -> object:
    return city().cancel(instance_id, by, reason, idempotency_key=key)


def _data(kind: str, instance_id: int) -> dict[str, Any]:
    form = request.form
    if kind == second.MOVE:
        return {"token": form.get("token", -1, type=int), "to": form.get("to", "")[:100]}
    if kind == second.SET:
        name = form.get("name", "").strip()[:100]
        return {"name": name, "value": _value(form.get("value", ""), as_text=_is_text(instance_id, name))}
    return {"incident": form.get("incident", -1, type=int)}


def _value(text: str, *, as_text: bool) -> Any:
    """JSON where it is some, else the text itself; `as_text`: of a fact that is a text, where 12 is a text too."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text if as_text and not (found is None or isinstance(found, str)) else found


def _is_text(instance_id: int, name: str) -> bool:
    """Whether the process says that this fact is a text."""
    known = definitions.get(city().core, instances.get(city().core, instance_id)["definition_id"]).facts
    return known is not None and known.type_of(name) == "string"


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:300]


def _key() -> str | None:
    return request.form.get("idempotency_key", "")[:150] or None


def _back(instance_id: int) -> Response:
    return redirect(url_for("operating.case", instance_id=instance_id), 303)
