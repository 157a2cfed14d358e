"""A trial of a draft (试运行) on one page: what waits, where it stands, what would have been told and called; time moves on there."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from engine import definitions, drafts, letters, trials
from engine.bpmn.problems import Severity
from engine.drafts import keeping
from engine.errors import DefinitionRefused, Invalid, NotFound
from engine.trials import Trial
from escalation import trying
from web import drilling, telling_trials
from web.auth import city
from web.definition_sides import problems_of
from web.plain import plain
from web.policies import policy
from web.telling import ZONE, names, stamp
from web.telling_differences import problems as told
from web.texts import locale, t

page = Blueprint("trials", __name__)

PAGES_OWN = ("csrf_token", "idempotency_key", "_as")


@page.get("/trials")
@policy("design")
def listing() -> str:
    """The trials of all designers."""
    return render_template("trials.html", rows=_listed(""))


@page.get("/definitions/drafts/<int:draft_id>/trial")
@policy("design")
def ask(draft_id: int) -> Any:
    """What keeps a draft from being tried out, if anything; its earlier trials."""
    return _ask(draft_id)


@page.post("/definitions/drafts/<int:draft_id>/trial")
@policy("design")
def begin(draft_id: int) -> Any:
    """Begin one, of the draft as it is now."""
    try:
        number = trials.start(city().core, g.actor, draft_id)
    except DefinitionRefused as error:
        return make_response(_ask(draft_id, error.text(locale())), 422)
    return redirect(url_for("trials.trial", number=number), 303)


@page.get("/trials/<int:number>")
@policy("design", inline_styles=True)
def trial(number: int) -> str:
    """One trial: what waits, where it stands, what happened and would have been told."""
    found = of(number)
    rows = trials.cases(city().core, found)
    names().learn([found.started_by])
    wanted = request.args.get("case", "")
    row = next((one for one in rows if str(-one["id"]) == wanted), rows[0] if rows else None)
    return render_template(
        "trial.html",
        trial=found,
        name=found.names.text(locale()),
        rows=rows,
        shown=telling_trials.case(found, row) if row is not None else None,
        waits=telling_trials.waits(found),
        incidents=telling_trials.incidents(found, rows),
        notices=telling_trials.notices(found),
        services=telling_trials.services(found),
        due=telling_trials.due(found) if not found.is_over else "",
        entrances=_entrances(found),
        soonest=found.world.now.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M"),
    )


@page.post("/trials/<int:number>/jump")
@policy("design")
def jump(number: int) -> BaseResponse:
    """Let time move on."""
    found, core = of(number), city().core
    how = request.form.get("to", "")
    try:
        if how == "day":
            to: datetime | None = trying.next_working_day(core, found)
        else:
            to = _moment() if how == "moment" else None
        passed = trying.jump(core, found, to)
    except Invalid as error:
        flash(error.text(locale()), "bad")
        return back(found)
    at = stamp(passed.at)
    if passed.whole:
        flash(t(f"试运行：时钟到 {at}。", f"Trial: its clock shows {at}."))
    else:
        said = t(
            f"试运行：到期事项太多，时钟停在 {at}，可以继续。",
            f"Trial: too much fell due; its clock stands at {at}. Go on from there.",
        )
        flash(said, "warn")
    return back(found)


@page.post("/trials/<int:number>/message")
@policy("design")
def message(number: int) -> BaseResponse:
    """Give a message, or a signal, to who waits for it in the trial, with what was typed as its content."""
    found, core = of(number), city().core
    trials.making.check_runs(found)
    name, key = request.form.get("name", "")[:200], request.form.get("key", "")[:200]
    given = {
        one.removeprefix("payload."): _value(text) for one, text in request.form.items() if one.startswith("payload.")
    }
    if request.form.get("kind") == "signal":
        letters.signal(core, name, given, None, world_id=found.id)
        said = t(f"试运行：信号“{name}”已发出。", f"Trial: the signal “{name}” has come.")
    else:
        letters.message(core, name, key, given, None, world_id=found.id)
        said = t(f"试运行：消息“{name}”已送达。", f"Trial: the message “{name}” has come.")
    trying.settle(core, found)
    flash(said)
    return back(found)


@page.post("/trials/<int:number>/end")
@policy("design")
def end(number: int) -> BaseResponse:
    """End it; it stays to be looked at until it is deleted."""
    trials.end(city().core, g.actor, number)
    flash(t("试运行已结束。", "The trial has ended."))
    return redirect(url_for("trials.trial", number=number), 303)


@page.get("/trials/<int:number>/diagram.bpmn")
@policy("design")
def diagram(number: int) -> Response:
    """The diagram that an instance of a trial (`?case=`) runs by; `?plain=1`: in the spelling that the drawing library understands."""
    core, found = city().core, of(number)
    row = next((one for one in trials.cases(core, found) if str(-one["id"]) == request.args.get("case")), None)
    if row is None:
        raise NotFound(what="case")
    files = definitions.files_of(core, row["definition_id"])
    content = next(c for n, c in files.items() if n.endswith(".bpmn"))
    return Response(plain(content) if request.args.get("plain") else content, mimetype="application/xml")


# ---------------------------------------------------------------- inside


def of(number: int) -> Trial:
    """The trial of an address; the page says that it is one, and shows its time."""
    found = trials.get(city().core, g.actor, number)
    drilling.say(found.world)
    return found


def _listed(key: str) -> list[Trial]:
    rows = trials.listing(city().core, g.actor, key)
    names().learn({one.started_by for one in rows})
    return rows


def _ask(draft_id: int, wrong: str = "") -> Any:
    found = drafts.get(city().core, draft_id)
    if found.state != keeping.OPEN:
        return redirect(url_for("designer.draft", draft_id=draft_id))
    problems = problems_of(found.key, drafts.files_of(city().core, draft_id))
    errors = [one for one in problems if one.severity is Severity.ERROR]
    return render_template(
        "trial_new.html",
        draft=found,
        name=t(found.name_zh, found.name_en),
        problems=told(errors),
        wrong=wrong,
        rows=_listed(found.key),
    )


def back(found: Trial, instance_id: int | None = None) -> BaseResponse:
    """To the trial, at one of its cases."""
    case = -instance_id if instance_id is not None else request.args.get("case")
    return redirect(url_for("trials.trial", number=found.number, case=case), 303)


def _value(text: str) -> Any:
    """What was typed as a part of a message: a number, true or false, a text; nothing typed is nothing."""
    text = text.strip()[:2000]
    if text in ("true", "false"):
        return text == "true"
    return (
        int(text)
        if re.fullmatch(r"-?\d{1,15}", text, re.ASCII)
        else float(text)
        if re.fullmatch(r"-?\d{1,12}\.\d{1,6}", text, re.ASCII)
        else text or None
    )


def _moment() -> datetime:
    try:
        return datetime.fromisoformat(request.form.get("moment", "")).replace(tzinfo=ZONE)
    except ValueError as error:
        raise Invalid(why_zh="请填写时刻", why_en="say which moment") from error


def _entrances(found: Trial) -> list[tuple[str, str]]:
    """Where it may be started by a person, each with its name."""
    definition = definitions.get(city().core, found.id)
    return [(node.id, node.names.text(locale()) or node.id) for node in definition.entrances]
