"""One user task: what to do, the form, and what is known of the case."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import access, four_eyes, worlds
from engine.acts import catalogue
from engine.catching import around
from engine.privacy import hidden_facts
from engine.queries import cases as reading
from engine.queries.tasks import UserTask, colleagues, user_task
from escalation import lights
from forms.errors import InvalidAnswers
from web import uploads
from web.auth import city
from web.drawing import draw
from web.policies import SIGNED_IN, policy
from web.telling import names, now
from web.telling_cases import process_name
from web.telling_facts import overview, tell
from web.telling_history import history
from web.texts import locale, t

page = Blueprint("tasks", __name__)

PAGES_OWN = ("csrf_token", "idempotency_key")


@page.get("/tasks/<ref>")
@policy(SIGNED_IN)
def task(ref: str) -> Any:
    """The task, ready to be worked. One that is done leads to its case."""
    found = user_task(city().core, g.actor, ref)
    if not found.is_open:
        flash(_closed(found), "warn")
        return redirect(url_for("cases.case", instance_id=found.row["instance_id"]))
    return _page(found, _values(found))


@page.post("/tasks/<ref>")
@policy(SIGNED_IN)
def complete(ref: str) -> Any:
    """Hand in the form: the task is done and the process goes on; or the page again, with what was typed and what to change."""
    core = city().core
    found = user_task(core, g.actor, ref)
    form = found.definition.form_of(found.node)
    answers: dict[str, Any] = {}
    sent = uploads.Sent()
    try:
        if form is not None:
            sent = uploads.read(core, form) if found.is_open else sent
            posted = form.parse_post(request.form.to_dict(flat=False), clear=True, ignore=PAGES_OWN)
            answers = uploads.answers(form, sent, _without_needless(posted, found.known))
            uploads.check(form, sent, answers, found.known)
        city().complete(
            ref,
            answers,
            g.actor.id,
            idempotency_key=_key(),
            accepted=[f for some in sent.by_field.values() for f in some],
        )
    except InvalidAnswers as error:
        values = {**found.known, **answers}
        return make_response(_page(found, values, error, sent), 422)
    flash(t(f"“{_name(found)}”已提交。", f"“{_name(found)}” is done."))
    return redirect(url_for("inbox.inbox"), 303)


@page.post("/tasks/<ref>/claim")
@policy(SIGNED_IN)
def claim(ref: str) -> Response:
    """Take an offered task and open it."""
    city().claim(ref, g.actor.id, idempotency_key=_key())
    return redirect(url_for("tasks.task", ref=ref), 303)


@page.post("/tasks/<ref>/release")
@policy(SIGNED_IN)
def release(ref: str) -> Response:
    """Give it back to all it is offered to."""
    city().release(ref, g.actor.id, idempotency_key=_key())
    flash(t("任务已退回，本单位同事可以领取。", "The task was given back; your colleagues can claim it."))
    return redirect(url_for("inbox.inbox"), 303)


@page.post("/tasks/<ref>/fail")
@policy(SIGNED_IN)
def fail(ref: str) -> Response:
    """Report that it cannot be done, for one of the reasons that the diagram provides for."""
    found = user_task(city().core, g.actor, ref)
    code = request.form.get("code", "").replace("\x00", "")[:100]
    if not code:
        flash(t("请选择原因。", "Choose why."), "bad")
        return redirect(url_for("tasks.task", ref=ref), 303)
    city().fail(ref, code, g.actor.id, idempotency_key=_key())
    flash(t(f"“{_name(found)}”已报告为无法办理。", f"“{_name(found)}” was reported as not to be done."))
    return redirect(url_for("inbox.inbox"), 303)


@page.post("/tasks/<ref>/transfer")
@policy(SIGNED_IN)
def transfer(ref: str) -> Response:
    """Hand it to a colleague."""
    to = request.form.get("to", type=int)
    if to is None:
        user_task(city().core, g.actor, ref)  # somebody else's task does not exist, whatever was sent
        flash(t("请选择接办人。", "Choose who takes it."), "bad")
        return redirect(url_for("tasks.task", ref=ref), 303)
    reason = request.form.get("reason", "").replace("\x00", "").strip()[:500]
    city().transfer(ref, to, g.actor.id, reason=reason, idempotency_key=_key())
    flash(t(f"任务已转给{names().person(to)}。", f"The task was handed to {names().person(to)}."))
    return redirect(url_for("inbox.inbox"), 303)


# ---------------------------------------------------------------- inside


def _page(
    found: UserTask, values: dict[str, Any], error: InvalidAnswers | None = None, sent: uploads.Sent | None = None
) -> str:
    core = city().core
    form = found.definition.form_of(found.node)
    instance_id = found.row["instance_id"]
    with core.db.read() as connection:
        hidden = hidden_facts(connection)
    told = overview(found.main, tell(found.main, found.case["facts"], hidden))
    if found.main is not found.definition:  # what the called process was given
        known = {one.name for one in told}
        told += [one for one in tell(found.definition, found.row["variables"] or {}, hidden) if one.name not in known]
    offered = access.is_offered(g.actor, found.row, found.case["key"])
    here = {**found.row, "process": found.case["key"]}
    blocked = bool(four_eyes.barred(core, [here], g.actor, worlds.get(core, found.row["world_id"])))

    def may(act: str) -> bool:
        return catalogue.allowed(act, found.node, found.definition.model)

    sees = access.can(_check_sees, instance_id)
    case = reading.case(core, g.actor, instance_id) if sees else None
    return render_template(
        "task.html",
        task=found,
        name=_name(found),
        process=process_name(found.row["definition_id"]),
        light=lights.of_tasks(core, [found.row], now(), locale())[instance_id, found.row["id"]],
        drawn=draw(form, values, error, sent.words() if sent is not None else None) if form is not None else [],
        problems=error.problems if error is not None else [],
        told=told,
        can_work=offered and not blocked,
        blocked=blocked,
        claimed_by_other=not offered,
        mine=found.row["assignee_id"] == g.actor.id,
        acting_for=access.acting_for(g.actor, found.row, found.case["key"]) if offered else None,
        can_claim=found.row["assignee_id"] is None and may("claim"),
        can_release=offered
        and found.row["assignee_id"] is not None
        and found.row["post_key"] is not None
        and may("release"),
        colleagues=colleagues(core, found.row, g.actor.id) if offered and not blocked and may("transfer") else [],
        failures=_failures(found) if offered and not blocked else [],
        case=case,
        entries=history(case, found.main, hidden)[::-1] if case is not None else [],
    )


def _failures(found: UserTask) -> list[tuple[str, str]]:
    """Code and words of each error that the diagram catches."""
    caught = around(city().core, found.row, found.case["definition_id"])
    return [(one.code, one.names.text(locale()) or one.code) for one in caught]


def _check_sees(instance_id: int) -> None:
    with city().core.db.read() as connection:
        access.check_can_see(connection, g.actor, instance_id)


def _values(found: UserTask) -> dict[str, Any]:
    """What the form opens with: the facts, but not what was answered when this very step was done before. A second round is asked
    afresh; what the process or others have put into the facts is proposed."""
    form = found.definition.form_of(found.node)
    facts = found.known
    if form is not None:
        before = reading.last_answers(city().core, found.row["instance_id"], found.node.id)
        for name in form.editable:
            if name in before:
                facts.pop(name, None)
    return facts


def _without_needless(posted: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    """Blank answers matter only where they empty something."""
    return {k: v for k, v in posted.items() if v is not None or facts.get(k) is not None}


def _name(found: UserTask) -> str:
    return found.node.names.text(locale()) or found.node.id


def _closed(found: UserTask) -> str:
    who = names().person(found.row["closed_by"]) or t("系统", "the system")
    if found.row["state"] == "completed":
        return t(f"“{_name(found)}”已由{who}办结。", f"“{_name(found)}” was completed by {who}.")
    return t(f"“{_name(found)}”已取消。", f"“{_name(found)}” was cancelled.")


def _key() -> str | None:
    return request.form.get("idempotency_key", "")[:100] or None
