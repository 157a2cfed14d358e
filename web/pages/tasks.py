"""One user task: what to do, the form, and what is known of the case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from engine import access, four_eyes, worlds
from engine.acts import catalogue, signers
from engine.acts.delegating import was_resolved
from engine.acts.drafts import Draft
from engine.acts.signature import stamp_of
from engine.bpmn.runtime.held import SIGNER
from engine.errors import Invalid, NotAllowed, NotFound, TaskGone
from engine.privacy import hidden_facts
from engine.queries import ballots
from engine.queries import cases as reading
from engine.queries.cases import Case
from engine.queries.tasks import UserTask, user_task
from escalation import lights
from forms.errors import InvalidAnswers
from web import signing, telling_votes, uploads
from web.auth import city
from web.dialogs import offered
from web.dialogs.asking import Subject
from web.drawing import draw
from web.errors import sentence
from web.policies import SIGNED_IN, policy
from web.telling import names, now
from web.telling_cases import TASK_STATES, process_name
from web.telling_facts import overview, tell
from web.telling_history import history
from web.telling_signers import Opinion, opinions
from web.texts import locale, t

page = Blueprint("tasks", __name__)

PAGES_OWN = ("csrf_token", "idempotency_key", "quiet")


@page.get("/tasks/<ref>")
@policy(SIGNED_IN)
def task(ref: str) -> Any:
    """The task, ready to be worked: with the draft that was kept of it. One that is done leads to its case."""
    found = user_task(city().core, g.actor, ref)
    if not found.is_open:
        flash(_closed(found), "warn")
        return redirect(url_for("cases.case", instance_id=found.row["instance_id"]))
    draft = city().draft(ref, g.actor.id)
    return _page(found, {**_values(found), **(draft.answers if draft is not None else {})}, draft=draft)


@page.post("/tasks/<ref>")
@policy(SIGNED_IN)
def complete(ref: str) -> Any:
    """Hand in the form: the task is done and the process goes on; or the page again, with what was typed and what to change."""
    found = user_task(city().core, g.actor, ref)

    def act(answers: dict[str, Any], sent: uploads.Sent) -> None:
        accepted = [f for some in sent.by_field.values() for f in some]
        signed = signing.read(city().core, g.actor) if found.node.settings.signature is not None else None
        city().complete(ref, answers, g.actor.id, idempotency_key=_key(), accepted=accepted, signed=signed)

    return _answered(found, act) or _done(_submitted(found))


@page.post("/tasks/<ref>/resolve")
@policy(SIGNED_IN)
def resolve(ref: str) -> Any:
    """Give a delegated task back: the form becomes a proposal for whose task it is."""
    try:
        found = user_task(city().core, g.actor, ref)
    except NotFound:
        if not was_resolved(city().core, ref, g.actor.id, _key()):
            raise
        return _done(t("已交还委托人。", "It was given back."))

    def act(answers: dict[str, Any], _sent: uploads.Sent) -> None:
        text = request.form.get("_note", "").replace("\x00", "")[:2000]
        city().resolve(ref, answers, g.actor.id, text=text, idempotency_key=_key())

    owner = names().person(found.row["owner_id"])
    return _answered(found, act) or _done(t(f"已交还{owner}。", f"Given back to {owner}."))


@page.post("/tasks/<ref>/draft")
@policy(SIGNED_IN)
def save(ref: str) -> Any:
    """Keep what was typed so far; files are not kept. `quiet`: a script asks, and wants no page."""
    found = user_task(city().core, g.actor, ref)
    form = found.form
    posted = form.parse_post(request.form.to_dict(flat=False), ignore=PAGES_OWN) if form is not None else {}
    kept = city().save_draft(ref, posted, g.actor.id)
    if "quiet" in request.form:
        return "", 204
    flash(t("草稿已保存，只有您能看到。", "Your draft was kept; only you can see it."))
    if kept.left_out:
        flash(t("涉及个人信息的内容不保存在草稿中。", "What is personal is not kept in a draft."), "warn")
    return redirect(url_for("tasks.task", ref=ref), 303)


# ---------------------------------------------------------------- inside


def _answered(found: UserTask, act: Callable[[dict[str, Any], uploads.Sent], None]) -> Any:
    """Read the form and act on it. The page again when something is wrong; nothing when it was done."""
    core, form = city().core, found.form
    answers: dict[str, Any] = {}
    sent = uploads.Sent()
    try:
        if form is not None:
            # sent again because the answer was lost, it must be the same request: with its photos
            sent = uploads.read(core, form) if found.is_open or _key() else sent
            posted = form.parse_post(request.form.to_dict(flat=False), clear=True, ignore=PAGES_OWN)
            answers = uploads.answers(form, sent, _without_needless(posted, found.known))
            uploads.check(form, sent, answers, found.known)
        act(answers, sent)
    except InvalidAnswers as error:
        return make_response(_page(found, {**found.known, **answers}, error, sent), 422)
    except TaskGone as error:
        return make_response(_lost(found, answers, error), error.status)
    except (Invalid, NotAllowed) as error:
        if not found.is_open:
            raise
        return make_response(_page(found, {**found.known, **answers}, None, sent, wrong=sentence(error)), error.status)
    return None


def _done(said: str) -> Response:
    flash(said)
    return redirect(url_for("inbox.inbox"), 303)


def _submitted(found: UserTask) -> str:
    """That it was done, with the way to its case: there it may still be taken back."""
    said = t(f"“{_name(found)}”已提交。", f"“{_name(found)}” is done.")
    instance_id = found.row["instance_id"]
    if not access.can(_check_sees, instance_id):
        return said
    there = url_for("cases.case", instance_id=instance_id)
    return Markup('{} <a href="{}">{}</a>').format(said, there, t("查看案件", "Look at the case"))


def _lost(found: UserTask, answers: dict[str, Any], error: TaskGone) -> str:
    """Somebody was first: who and when, and what was typed, to be copied."""
    form = found.form
    typed = [
        (one.label, one.text)
        for one in (form.fields(answers, locale()) if form is not None else ())
        if one.name in answers and one.text
    ]
    return render_template("task_lost.html", task=found, name=_name(found), said=sentence(error), typed=typed)


def _page(
    found: UserTask,
    values: dict[str, Any],
    error: InvalidAnswers | None = None,
    sent: uploads.Sent | None = None,
    *,
    draft: Draft | None = None,
    wrong: str = "",
) -> str:
    core = city().core
    form = found.form
    instance_id = found.row["instance_id"]
    with core.db.read() as connection:
        hidden = hidden_facts(connection) | found.unseen
    told = overview(found.main, tell(found.main, found.seen, hidden))
    if found.main is not found.definition:  # what the called process was given
        known = {one.name for one in told}
        told += [one for one in tell(found.definition, found.row["variables"] or {}, hidden) if one.name not in known]
    theirs = access.is_offered(g.actor, found.row, found.case["key"])
    here = {**found.row, "process": found.case["key"]}
    blocked = bool(four_eyes.barred(core, [here], g.actor, worlds.get(core, found.row["world_id"])))
    sees = access.can(_check_sees, instance_id)
    subject = Subject(core, g.actor, found.case, found)
    case = _without(reading.case(core, g.actor, instance_id), found.unseen_files) if sees else None
    return render_template(
        "task.html",
        task=found,
        has_stamp=found.node.settings.signature is not None and stamp_of(core, g.actor) is not None,
        name=_name(found),
        process=process_name(found.row["definition_id"]),
        light=lights.of_tasks(core, [found.row], now(), locale())[instance_id, found.row["id"]],
        drawn=draw(form, values, error, sent.words() if sent is not None else None) if form is not None else [],
        problems=error.problems if error is not None else [],
        wrong=wrong,
        told=told,
        can_work=theirs and not blocked,
        blocked=blocked,
        offers=offered.of_task(subject, blocked=blocked),
        may_attach=case is not None and offered.may_on_case(subject, case, "attach"),
        may_comment=case is not None and offered.may_on_case(subject, case, "comment"),
        delegated=access.is_delegated(found.row),
        prepares=access.is_delegated(found.row) and theirs,
        owns=access.owns(g.actor, found.row, found.case["key"]),
        claimed_by_other=not theirs and not access.is_delegated(found.row),
        mine=found.row["assignee_id"] == g.actor.id,
        acting_for=access.acting_for(g.actor, found.row, found.case["key"]) if theirs else None,
        can_save=theirs and catalogue.allowed("save", found.node, found.definition.model),
        draft=draft,
        signer=found.row["role"] == SIGNER,
        opinions=_opinions(found, case),
        votes=telling_votes.told(ballots.of_case(core, case.row)) if case is not None else [],
        case=case,
        entries=history(case, found.main, hidden)[::-1] if case is not None else [],
    )


def _without(case: Case, files: frozenset[str]) -> Case:
    """The case without these files: neither they are listed nor that they came."""
    history = [row for row in case.history if (row["data"] or {}).get("attachment") not in files]
    return replace(case, files=[one for one in case.files if one["id"] not in files], history=history)


def _opinions(found: UserTask, case: Case | None) -> list[Opinion]:
    """Who was asked at this step, and what they said."""
    if case is None:
        return []
    asked = [one.person for one in signers.asked(city().core, found.ref) if one.person is not None]
    return opinions(case, found.row["node"], found.row["within"], asked)


def _check_sees(instance_id: int) -> None:
    with city().core.db.read() as connection:
        access.check_can_see(connection, g.actor, instance_id)


def _values(found: UserTask) -> dict[str, Any]:
    """What the form opens with: the facts, but not what was answered when this very step was done before. A second round is asked
    afresh; what the process or others have put into the facts is proposed."""
    form = found.form
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
    name, state = _name(found), found.row["state"]
    if state == "completed":
        return t(f"“{name}”已由{who}办结。", f"“{name}” was completed by {who}.")
    word = t(*TASK_STATES.get(state, TASK_STATES["cancelled"]))
    return t(f"“{name}”{word}。", f"“{name}”: {word.lower()}.")


def _key() -> str | None:
    return request.form.get("idempotency_key", "")[:100] or None
