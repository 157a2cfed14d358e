"""Start a process with its form: report a problem from the street, apply for a permit, start a plan."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from markupsafe import Markup, escape

from engine import access, entitled, instances
from engine.definitions import Definition
from engine.errors import NotFound
from engine.queries.starting import check_can_start
from forms.errors import InvalidAnswers
from forms.form import Form
from web import far_places, uploads
from web.auth import city
from web.drawing import draw
from web.policies import SIGNED_IN, policy
from web.texts import locale, t

page = Blueprint("report", __name__)

REPORT = "case_dispatch"
"""What the button "report" on every page starts."""

PAGES_OWN = ("csrf_token", "idempotency_key")


@page.get("/report")
@policy("report")
def report() -> str:
    """Report a problem."""
    return _page(_definition(REPORT), {})


@page.post("/report")
@policy("report")
def send_report() -> Any:
    """Make a case of it."""
    return _start(_definition(REPORT))


@page.get("/start/<process>")
@policy(SIGNED_IN)
def start(process: str) -> str:
    """The start form of any process that has one."""
    return _page(_definition(process), {})


@page.post("/start/<process>")
@policy(SIGNED_IN)
def send_start(process: str) -> Any:
    """Start it."""
    return _start(_definition(process))


# ---------------------------------------------------------------- inside


def _definition(process: str) -> Definition:
    definition = check_can_start(city().core, g.actor, process)
    _form(definition)
    return definition


def _start_event() -> str | None:
    """The start event that the address names, where the diagram has several."""
    return request.args.get("start", "")[:100] or None


def _form(definition: Definition) -> Form:
    wanted = _start_event() or definition.model.start
    node = next((each for each in definition.entrances if each.id == wanted), None)
    form = definition.form_of(node) if node is not None else None
    if form is None:
        raise NotFound(what=t("填报表单", "start form"))
    return form


def _page(
    definition: Definition,
    values: dict[str, Any],
    error: InvalidAnswers | None = None,
    sent: uploads.Sent | None = None,
) -> str:
    form = _form(definition)
    hidden = entitled.kept_from(form, g.actor)
    drawn = draw(form, values, error, sent.words() if sent is not None else None)
    return render_template(
        "start.html",
        definition=definition,
        title=form.title.of(locale()),
        drawn=[one for one in drawn if one.field.name not in hidden],
        problems=error.problems if error is not None else [],
    )


def _start(definition: Definition) -> Any:
    core = city().core
    form = _form(definition)
    sent = uploads.read(core, form)
    answers = uploads.answers(form, sent, form.parse_post(request.form.to_dict(flat=False), ignore=PAGES_OWN))
    try:
        uploads.check(form, sent, answers)
        far_places.check(core, form, answers)
        reply = instances.start(
            core,
            definition.key,
            answers,
            g.actor.id,
            key=request.form.get("idempotency_key", "")[:100] or None,
            accepted=[f for some in sent.by_field.values() for f in some],
            start=_start_event(),
        )
    except InvalidAnswers as error:
        return make_response(_page(definition, answers, error, sent), 422)
    number, case = reply["number"], url_for("cases.case", instance_id=reply["instance"])
    if not reply.get("joined"):
        flash(t(f"已提交，编号 {number}。", f"Sent. The number is {number}."))
        return redirect(case, 303)
    with core.db.read() as connection:
        seen = access.can(access.check_can_see, connection, g.actor, reply["instance"])
    flash(_joined(number, case if seen else ""), "warn")
    return redirect(case if seen else url_for("home.home"), 303)


def _joined(number: str, case: str) -> Markup:
    """That nothing began, for the same runs already; with a link to what is told of it there, for who may see that."""
    known = Markup('<a href="{}#history-title">{}</a>').format(case, number) if case else escape(number)
    zh = "同一事项已在办理（{}），没有另行发起；您填写的内容已并入，发起人和经办人均已告知。"
    en = "The same matter runs already ({}): no second one was begun. What you wrote was joined to it, and those at work on it are told."
    return Markup(t(zh, en)).format(known)  # noqa: S704  our own words; the number is escaped
