"""Acts on tasks and cases, each a page of its own that a script shows as a dialog: what was typed is kept until it is done."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import KeyReused, LiandongError, NotFound, TaskGone
from engine.queries import cases as reading
from engine.queries.tasks import user_task
from web.auth import city
from web.dialogs import of_cases, of_clocks, of_tasks, people
from web.dialogs.asking import Dialog, Given, Subject, clocks
from web.errors import sentence
from web.policies import SIGNED_IN, policy
from web.telling_cases import name_of
from web.texts import locale, t

page = Blueprint("acts", __name__)


@page.get("/tasks/<ref>/<act>")
@policy(SIGNED_IN)
def of_task(ref: str, act: str) -> Any:
    """The dialog of an act on a task."""
    subject = _task(ref)
    if subject.task is not None and not subject.task.is_open:
        return redirect(url_for("tasks.task", ref=ref))
    return _page(subject, _dialog(of_tasks.DIALOGS, act), Given())


@page.post("/tasks/<ref>/<act>")
@policy(SIGNED_IN)
def do_on_task(ref: str, act: str) -> Any:
    """Do it; or the dialog again, with what was typed and what is wrong."""
    return _do(_task(ref), _dialog(of_tasks.DIALOGS, act))


@page.get("/cases/<int:instance_id>/<case_act>")
@policy(SIGNED_IN)
def of_case(instance_id: int, case_act: str) -> Any:
    """The dialog of an act on a case."""
    return _page(_case(instance_id), _dialog(of_cases.DIALOGS, case_act), Given())


@page.post("/cases/<int:instance_id>/<case_act>")
@policy(SIGNED_IN)
def do_on_case(instance_id: int, case_act: str) -> Any:
    """Do it; or the dialog again, with what was typed and what is wrong."""
    return _do(_case(instance_id), _dialog(of_cases.DIALOGS, case_act))


# ---------------------------------------------------------------- inside


def _task(ref: str) -> Subject:
    found = user_task(city().core, g.actor, ref)
    return Subject(city().core, g.actor, found.case, found)


def _case(instance_id: int) -> Subject:
    return Subject(city().core, g.actor, reading.row(city().core, g.actor, instance_id))


def _dialog(dialogs: Any, act: str) -> Dialog:
    found: Dialog | None = dialogs.get(act)
    if found is None:
        raise NotFound(what="page")
    return found


def _do(subject: Subject, dialog: Dialog) -> Response:
    given = Given(request.form)
    if given.finds:
        return make_response(_page(subject, dialog, given))
    try:
        dialog.do(subject, given, request.form.get("idempotency_key", "")[:100] or None)
    except (NotFound, KeyReused):
        raise
    except LiandongError as error:
        if subject.task is None and isinstance(error, TaskGone):
            raise
        return make_response(_page(subject, dialog, given, error), error.status)
    said = t(*dialog.done).format(to=people.told(given.people("to") or given.people("people")), name=_name(subject))
    if said:
        flash(said)
    return redirect(_then(subject, dialog), 303)


def _then(subject: Subject, dialog: Dialog) -> str:
    if dialog.then == "inbox":
        return url_for("inbox.inbox")
    if dialog.then == "case" or subject.task is None:
        return url_for("cases.case", instance_id=subject.instance_id)
    return url_for("tasks.task", ref=subject.ref)


def _page(subject: Subject, dialog: Dialog, given: Given, error: LiandongError | None = None) -> str:
    lost = isinstance(error, TaskGone)
    return render_template(
        "act.html",
        subject=subject,
        dialog=dialog,
        asks=list(dialog.asks(subject, given)) if not lost else [],
        given=given,
        clocks=clocks(dialog.act) if dialog not in of_clocks.DIALOGS else "",  # their intros say it
        wrong=sentence(error) if error is not None else "",
        lost=lost,
        name=_name(subject),
        back=_back(subject, lost=lost),
        typed=given.text("reason") or given.text("text"),
    )


def _back(subject: Subject, *, lost: bool) -> str:
    if subject.task is None:
        return url_for("cases.case", instance_id=subject.instance_id)
    return url_for("inbox.inbox") if lost else url_for("tasks.task", ref=subject.ref)


def _name(subject: Subject) -> str:
    if subject.task is None:
        return str(subject.case["title"] or subject.case["number"])
    return name_of(subject.task.node, subject.task.node.id) or locale()
