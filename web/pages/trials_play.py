"""The parts of a trial: its process is started, and its tasks are done as those they wait for; always as the designer's own act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, g, make_response, render_template, request

from engine import definitions, entitled
from engine.acts import catalogue
from engine.acts.base import split
from engine.errors import LiandongError, NotFound
from engine.queries import tasks
from engine.queries.people import everybody
from engine.trials import Trial, handing, playing
from escalation import trying
from forms.errors import InvalidAnswers
from forms.form import Form
from web import telling_trials, uploads
from web.auth import city
from web.drawing import draw
from web.errors import sentence
from web.pages.trials import back, of
from web.policies import policy
from web.telling import names
from web.texts import locale, t

page = Blueprint("trials_play", __name__)

NOT_TAKEN = 422
"""What was sent was not taken, whatever the reason: that the draft cannot go on is no failure of the program."""
PAGES_OWN = ("csrf_token", "idempotency_key", "_as")


@page.get("/trials/<int:number>/start")
@policy("design")
def start(number: int) -> str:
    """The start form, filled in as it was the last time."""
    found = of(number)
    return _start_page(found, playing.answered_before(city().core, found, None))


@page.post("/trials/<int:number>/start")
@policy("design")
def send_start(number: int) -> Any:
    """Start the process in the trial."""
    found, core = of(number), city().core
    form = _start_form(found)
    answers: dict[str, Any] = {}
    sent = uploads.Sent()
    try:
        if form is not None:
            sent = uploads.read(core, form)
            answers = uploads.answers(form, sent, form.parse_post(request.form.to_dict(flat=False), ignore=PAGES_OWN))
            uploads.check(form, sent, answers)
        key = request.form.get("idempotency_key", "")[:100] or None
        made = playing.begin(
            core,
            g.actor,
            found,
            answers,
            entrance=_entrance(),
            accepted=_accepted(sent),
            key=key,
            as_whom=_whom() or None,
        )
    except InvalidAnswers as error:
        return make_response(_start_page(found, answers, error, sent), 422)
    except LiandongError as error:
        return make_response(_start_page(found, answers, None, sent, sentence(error)), NOT_TAKEN)
    trying.settle(core, found)
    flash(t("试运行：已发起。", "Trial: started."))
    return back(found, made)


@page.get("/trials/<int:number>/tasks/<ref>")
@policy("design")
def task(number: int, ref: str) -> Any:
    """A task, to be done as one of those it waits for; filled in as it was the last time."""
    found, core = of(number), city().core
    one = _waiting(found, ref)
    if one is None:
        flash(t("试运行：此任务已不在等待。", "Trial: this task waits no more."), "warn")
        return back(found)
    before = playing.answered_before(core, found, one.node.id)
    return _task_page(found, one, {**one.known, **before}, filled=bool(before))


@page.post("/trials/<int:number>/tasks/<ref>")
@policy("design")
def complete(number: int, ref: str) -> Any:
    """Do it."""
    found, core = of(number), city().core
    one = _waiting(found, ref)
    if one is None:
        flash(t("试运行：此任务已不在等待。", "Trial: this task waits no more."), "warn")
        return back(found)
    form, answers, sent = one.form, dict[str, Any](), uploads.Sent()
    whom = _whom()
    try:
        if form is not None:
            sent = uploads.read(core, form)
            posted = form.parse_post(request.form.to_dict(flat=False), clear=True, ignore=PAGES_OWN)
            known = {k: v for k, v in posted.items() if v is not None or one.known.get(k) is not None}
            answers = uploads.answers(form, sent, known)
            uploads.check(form, sent, answers, one.known)
        where = (one.row["instance_id"], one.row["id"])
        playing.complete(core, g.actor, found, where, answers, whom, _accepted(sent))
    except InvalidAnswers as error:
        return make_response(_task_page(found, one, {**one.known, **answers}, error, sent), 422)
    except LiandongError as error:
        shown = _task_page(found, one, {**one.known, **answers}, None, sent, sentence(error))
        return make_response(shown, NOT_TAKEN)
    trying.settle(core, found)
    name, who = telling_trials.step_name(one), names().person(whom)
    flash(t(f"试运行：以{who}的身份办理了“{name}”。", f"Trial: “{name}” was done as {who}."))
    return back(found, one.row["instance_id"])


@page.post("/trials/<int:number>/tasks/<ref>/back")
@policy("design")
def send_back(number: int, ref: str) -> Any:
    """Send it back to a step before, as one of those it waits for."""
    again = request.form.get("way", "again") != "straight"

    def act(found: Trial, one: playing.Waiting, where: handing.Where) -> str:
        to, why = request.form.get("to", "")[:200], request.form.get("reason", "")
        handing.send_back(city().core, g.actor, found, where, _whom(), to, why, again=again)
        return t(
            f"试运行：“{telling_trials.step_name(one)}”已退回。",
            f"Trial: “{telling_trials.step_name(one)}” was sent back.",
        )

    return _handed(number, ref, act)


@page.post("/trials/<int:number>/tasks/<ref>/transfer")
@policy("design")
def transfer(number: int, ref: str) -> Any:
    """Hand it to a colleague, as one of those it waits for."""

    def act(found: Trial, one: playing.Waiting, where: handing.Where) -> str:
        to = _person("to")
        handing.transfer(city().core, g.actor, found, where, _whom(), to, request.form.get("reason", ""))
        name, who = telling_trials.step_name(one), names().person(to)
        return t(f"试运行：“{name}”已转给{who}。", f"Trial: “{name}” was handed to {who}.")

    return _handed(number, ref, act)


# ---------------------------------------------------------------- inside


def _handed(number: int, ref: str, act: Callable[[Trial, playing.Waiting, handing.Where], str]) -> Any:
    """What is done with a task instead of doing it; the page again where it is not taken."""
    found, core = of(number), city().core
    one = _waiting(found, ref)
    if one is None:
        flash(t("试运行：此任务已不在等待。", "Trial: this task waits no more."), "warn")
        return back(found)
    try:
        said = act(found, one, (one.row["instance_id"], one.row["id"]))
    except LiandongError as error:
        before = playing.answered_before(core, found, one.node.id)
        return make_response(_task_page(found, one, {**one.known, **before}, wrong=sentence(error)), NOT_TAKEN)
    trying.settle(core, found)
    flash(said)
    return back(found, one.row["instance_id"])


def _whom() -> int:
    """As whom it is done; 0 where nobody was chosen."""
    return _person("_as")


def _person(name: str) -> int:
    chosen = request.form.get(name, "")
    return int(chosen) if chosen.isdecimal() and len(chosen) < 10 else 0


def _entrance() -> str | None:
    return request.args.get("entrance", "")[:100] or None


def _start_form(found: Trial) -> Form | None:
    definition = definitions.get(city().core, found.id)
    wanted = _entrance() or definition.model.start
    node = next((each for each in definition.entrances if each.id == wanted), None)
    return definition.form_of(node) if node is not None else None


def _accepted(sent: uploads.Sent) -> list[Any]:
    return [f for some in sent.by_field.values() for f in some]


def _waiting(found: Trial, ref: str) -> playing.Waiting | None:
    which, task_id = split(ref)
    try:
        one = playing.one(city().core, found, -which, task_id)
    except NotFound:
        return None
    names().learn({each.person_id for each in one.people})
    return one


def _colleagues(one: playing.Waiting) -> list[tuple[int, str]]:
    """To whom it may be handed: those it is offered to, where the diagram lets it be handed on."""
    if not catalogue.allowed("transfer", one.node, one.definition.model) or one.row["post_key"] is None:
        return []
    found = tasks.colleagues(city().core, one.row, 0)
    return [(each["id"], each["name"]) for each in found if each["id"] != one.row["assignee_id"]]


def _start_page(
    found: Trial,
    values: dict[str, Any],
    error: InvalidAnswers | None = None,
    sent: uploads.Sent | None = None,
    wrong: str = "",
) -> str:
    form = _start_form(found)
    hidden = entitled.kept_from(form, g.actor) if form is not None else frozenset()
    drawn = draw(form, values, error, sent.words() if sent is not None else None) if form is not None else []
    return render_template(
        "trial_form.html",
        trial=found,
        title=form.title.of(locale()) if form is not None else t("发起", "Start"),
        one=None,
        drawn=[each for each in drawn if each.field.name not in hidden],
        problems=error.problems if error is not None else [],
        wrong=wrong,
        filled=bool(values) and sent is None,
        everybody=everybody(city().core),
        chosen=str(_whom() or g.actor.id),
    )


def _task_page(
    found: Trial,
    one: playing.Waiting,
    values: dict[str, Any],
    error: InvalidAnswers | None = None,
    sent: uploads.Sent | None = None,
    wrong: str = "",
    *,
    filled: bool = False,
) -> str:
    form = one.form
    return render_template(
        "trial_form.html",
        trial=found,
        title=telling_trials.step_name(one),
        one=one,
        targets=telling_trials.targets(one),
        colleagues=_colleagues(one),
        here=telling_trials.address(found, one),
        people=[
            (each, names().person(each.person_id), sentence(each.why_not) if each.why_not else "")
            for each in one.people
        ],
        chosen=request.form.get("_as")
        or next((str(each.person_id) for each in one.people if each.why_not is None), ""),
        drawn=draw(form, values, error, sent.words() if sent is not None else None) if form is not None else [],
        problems=error.problems if error is not None else [],
        wrong=wrong,
        filled=filled,
    )
