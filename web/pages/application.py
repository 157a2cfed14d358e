"""An application, for whoever holds its receipt code: how far it is, what binds the office, what is missing, papers, and what they may ask
for. The code came by POST and is not kept (`public_follow`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from engine import definitions
from engine.errors import LiandongError, NotFound, TaskGone
from engine.privacy import hidden_facts
from engine.public import applied, applying, limits, talking
from engine.public.applied import Applied
from engine.queries.certificates import one as one_certificate
from engine.queries.tasks import UserTask
from escalation import lights
from forms.errors import InvalidAnswers, Problem
from web import uploads
from web.auth import city
from web.drawing import draw
from web.pages.public import address, never_kept, shown, without_grids
from web.papers import certificate as certificate_paper
from web.papers import sent_file
from web.policies import PUBLIC, policy
from web.telling import now
from web.telling_cases import clock_name, node_name, process_name
from web.telling_facts import Told, tell, text_of
from web.telling_permits import bounds, kind_word, standing, state_word, tone
from web.texts import locale, t

page = Blueprint("application", __name__)
page.after_request(never_kept)

KEY = "application"
"""Where this browser's signed page session keeps the hash of the code."""
PAGES_OWN = ("csrf_token", "idempotency_key")


@page.get("/application")
@policy(PUBLIC)
def case() -> Any:
    """How it stands."""
    return _page()


@page.get("/application/tasks/<int:task_id>")
@policy(PUBLIC)
def task(task_id: int) -> Any:
    """What is missing: the form to supply it with."""
    found = _found()
    return _form(found, applied.their_task(city().core, found, task_id))


@page.post("/application/tasks/<int:task_id>")
@policy(PUBLIC)
def supply(task_id: int) -> Any:
    """Take it in: the task is done and the office goes on; or the form again with what is wrong."""
    core = city().core
    limits.check_post(core, address())
    found = _found()
    asked = applied.their_task(core, found, task_id)
    answers: dict[str, Any] = {}
    sent = uploads.Sent()
    try:
        if asked.form is not None:
            sent = uploads.read(core, asked.form)
            posted = asked.form.parse_post(request.form.to_dict(flat=False), clear=True, ignore=PAGES_OWN)
            answers = uploads.answers(asked.form, sent, posted)
            uploads.check(asked.form, sent, answers, asked.known)
        files = [file for some in sent.by_field.values() for file in some]
        applying.answer(core, found.instance_id, task_id, answers, files, _key())
    except InvalidAnswers as error:
        return make_response(_form(found, asked, answers, error.problems, sent), 422)
    except TaskGone as error:
        return _page(refused=error)
    flash(t("已提交，工作人员会继续办理。", "Sent. The office goes on with it."))
    return redirect(url_for("application.case"), 303)


@page.post("/application/tell")
@policy(PUBLIC)
def say() -> Any:
    """Write to the office, or answer what it asked."""
    core = city().core
    found = _found()
    limits.check_post(core, address())
    try:
        photos = uploads.photos_from_request(core, "photos")
        talking.tell(core, found.instance_id, found.code_hash, request.form.get("text", ""), photos, key=_key())
    except LiandongError as error:
        return _page(refused=error, typed=request.form.get("text", ""))
    flash(t("已发送。", "Sent."))
    return redirect(url_for("application.case"), 303)


@page.post("/application/ask")
@policy(PUBLIC)
def ask() -> Any:
    """Withdraw it, ask for a renewal, or whatever else the process takes from its applicant now."""
    core = city().core
    found = _found()
    limits.check_post(core, address())
    message = request.form.get("message", "")
    try:
        applying.ask(core, found.instance_id, found.definition.key, message, request.form.get("text", ""), _key())
    except LiandongError as error:
        return _page(refused=error)
    flash(t("已提出，办理情况请看本页。", "Asked for. This page tells what becomes of it."))
    return redirect(url_for("application.case"), 303)


@page.get("/application/papers/<file_id>")
@policy(PUBLIC)
def paper(file_id: str) -> Response:
    """A paper of the applicant's."""
    found = applied.fetch(city().core, _found(), file_id)
    return sent_file(found.content, found.name, found.type)


@page.get("/application/certificates/<which>.pdf")
@policy(PUBLIC)
def certificate(which: str) -> Response:
    """The certificate as PDF."""
    row = one_certificate(list(_found().certificates), which)
    return certificate_paper(row)


@page.post("/application/leave")
@policy(PUBLIC)
def leave() -> BaseResponse:
    """Forget the code in this browser."""
    session.pop(KEY, None)
    return redirect(url_for("apply.listing"), 303)


# ---------------------------------------------------------------- inside


def _found() -> Applied:
    known = session.get(KEY)
    if not isinstance(known, str):
        raise NotFound(what="application")
    return applied.follow(city().core, known)


def _page(refused: LiandongError | None = None, typed: str = "") -> Any:
    try:
        found = _found()
    except NotFound:
        session.pop(KEY, None)
        return redirect(url_for("public_follow.enter"))
    core = city().core
    mine = {one["id"] for one in found.tasks}
    standings = lights.of_case(core, found.instance_id, now(), locale())
    running = [(row, one) for row, one in standings if row["stopped_at"] is None]
    due = {row["task_id"]: one for row, one in running if row["task_id"] in mine}  # it binds them, and not the office
    clocks = [(_clock_name(found, row), one) for row, one in running if row["task_id"] not in mine]
    text = shown(
        "application.html",
        found=found,
        process=process_name(found.definition.id),
        tasks=[(one, node_name(one["definition_id"], one["node"]), due.get(one["id"])) for one in found.tasks],
        clocks=clocks,
        told=told(found),
        certificates=[(row, kind_word(row["kind"]), standing(row), bounds(row)) for row in found.certificates],
        state_word=state_word,
        tone=tone,
        ask_words=_ask_words,
        refused=refused.text(locale()) if refused is not None else None,
        typed=typed,
    )
    return make_response(text, refused.status if refused is not None else 200)


def _clock_name(found: Applied, row: Mapping[str, Any]) -> str:
    """A clock in the words of the process that its task is of."""
    own = found.definition_of.get(row["task_id"])
    return clock_name(row["name"], definitions.get(city().core, own) if own is not None else found.definition)


def told(found: Applied) -> list[Told]:
    """The facts that the city tells an applicant, in words, in the city's order."""
    with city().core.db.read() as connection:
        hidden = hidden_facts(connection)
    order = list(found.told)
    said = [one for one in tell(found.definition, found.told, hidden) if not one.files]
    return [_line_by_line(found, one) for one in sorted(said, key=lambda one: order.index(one.name))]


def _line_by_line(found: Applied, one: Told) -> Told:
    """Several things that were found stand below each other."""
    value = found.told[one.name]
    fact = found.definition.facts.facts.get(one.name) if found.definition.facts is not None else None
    if fact is None or fact.property.is_rows or not isinstance(value, list) or len(value) < 2:
        return one
    return replace(one, text="\n".join(text_of(fact.property, [each]) for each in value))


def _ask_words(says: dict[str, Any], name: str) -> str:
    english = says.get("en" if name == "title" else f"{name}_en")
    chinese = says.get("zh" if name == "title" else f"{name}_zh")
    return str((english if locale() == "en" else chinese) or chinese or "")


def _form(
    found: Applied,
    asked: UserTask,
    answers: dict[str, Any] | None = None,
    problems: list[Problem] | tuple[Problem, ...] = (),
    sent: uploads.Sent | None = None,
) -> str:
    values = {**asked.known, **(answers or {})}
    drawn = draw(asked.form, values, problems, sent.words() if sent else None) if asked.form is not None else []
    kept = without_grids({one.field.name: one for one in drawn})
    return shown(
        "application_task.html",
        found=found,
        task=asked,
        name=node_name(asked.row["definition_id"], asked.row["node"]),
        drawn=list(kept.values()),
        problems=problems,
    )


def _key() -> str | None:
    return request.form.get("idempotency_key", "")[:100] or None
