"""From a draft to a version: what it changes, proposed with a note and a time, decided by another; and a former version again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for

from engine import drafts, publishing
from engine.bpmn.problems import Severity
from engine.drafts import keeping
from engine.errors import DefinitionRefused, Invalid
from engine.publishing import proposals
from engine.publishing.comparing import compare
from engine.publishing.proposals import Proposal
from engine.queries import deployed
from web import telling_differences as telling
from web.auth import city
from web.definition_sides import Side, newest, of_draft, of_proposal, of_version, problems_of
from web.pages.designer import sent_file
from web.policies import policy
from web.telling import ZONE, names
from web.texts import locale, t

page = Blueprint("designer_publish", __name__)

STATES = {
    "proposed": ("待审批", "up for decision", "active"),
    "approved": ("已批准，待发布", "approved, to be published", "active"),
    "published": ("已发布", "published", "completed"),
    "refused": ("已驳回", "refused", "rejected"),
    "withdrawn": ("已撤回", "withdrawn", "cancelled"),
    "failed": ("未能发布", "could not be published", "rejected"),
}


@page.get("/definitions/drafts/<int:draft_id>/propose")
@policy("design", inline_styles=True)
def ask(draft_id: int) -> Any:
    """What publishing a draft would change, and the form to propose it."""
    found = drafts.get(city().core, draft_id)
    if found.state != keeping.OPEN:
        return redirect(url_for("designer.draft", draft_id=draft_id))
    return _ask_draft(found, [])


@page.post("/definitions/drafts/<int:draft_id>/propose")
@policy("design")
def propose(draft_id: int) -> Any:
    """Propose it as it was looked at."""
    found = drafts.get(city().core, draft_id)
    revision = request.form.get("revision", 0, type=int)
    try:
        note, follows, due_at = _asked()
        made = publishing.propose(
            city().core, found.id, g.actor.id, note, follows=follows, revision=revision, due_at=due_at
        )
    except (Invalid, DefinitionRefused) as error:
        return _ask_draft(found, [error.text(locale())]), 422
    return _proposed(made)


@page.get("/definitions/<key>/<int:number>/again")
@policy("design", inline_styles=True)
def ask_again(key: str, number: int) -> str:
    """What bringing back a former version would change, and the form to propose it."""
    return _ask_again(key, number, [])


@page.post("/definitions/<key>/<int:number>/again")
@policy("design")
def propose_again(key: str, number: int) -> Any:
    """Propose that it be the newest again."""
    try:
        note, follows, due_at = _asked()
        made = publishing.propose_again(city().core, key, number, g.actor.id, note, follows=follows, due_at=due_at)
    except (Invalid, DefinitionRefused) as error:
        return _ask_again(key, number, [error.text(locale())]), 422
    return _proposed(made)


@page.get("/definitions/proposals/<int:proposal_id>")
@policy("design", inline_styles=True)
def proposal(proposal_id: int) -> str:
    """A proposal: what it changes, what is wrong with it, and its decision."""
    return _page(publishing.get(city().core, proposal_id), [])


@page.get("/definitions/proposals/<int:proposal_id>/files/<name>")
@policy("design")
def proposal_file(proposal_id: int, name: str) -> Response:
    """One file, as it was proposed."""
    return sent_file(publishing.files_of(city().core, proposal_id), name)


@page.post("/definitions/proposals/<int:proposal_id>/review")
@policy("design")
def review(proposal_id: int) -> Any:
    """Approve, or refuse and say why."""
    core, said = city().core, request.form.get("said", "").strip()[:1000]
    found = publishing.get(core, proposal_id)
    try:
        if request.form.get("decision") == "approve":
            publishing.approve(core, found.id, g.actor.id, said)
            _publish(found.id, t("已批准。", "Approved."))
        else:
            publishing.refuse(core, found.id, g.actor.id, said)
            flash(t("已驳回。", "Refused."))
    except Invalid as error:
        return _page(publishing.get(core, found.id), [error.text(locale())]), 422
    return redirect(url_for("designer_publish.proposal", proposal_id=found.id), 303)


@page.post("/definitions/proposals/<int:proposal_id>/withdraw")
@policy("design")
def withdraw(proposal_id: int) -> Any:
    """Take it back."""
    found = publishing.get(city().core, proposal_id)
    try:
        publishing.withdraw(city().core, found.id, g.actor.id)
    except Invalid as error:
        return _page(found, [error.text(locale())]), 422
    flash(t("已撤回，草稿仍在。", "Withdrawn; the draft is still there."))
    return redirect(url_for("designer_publish.proposal", proposal_id=found.id), 303)


def state(one: Proposal) -> tuple[str, str]:
    """A proposal's state: its word and its colour."""
    zh, en, colour = STATES[one.state]
    return t(zh, en), colour


def compared(before: Side, after: Side) -> dict[str, Any]:
    """What the parts of a page that show a difference need."""
    difference = compare(before.files, after.files)
    return {"before": before, "after": after, "difference": difference, "telling": telling}


# ---------------------------------------------------------------- inside


def _asked() -> tuple[str, int, datetime | None]:
    text = request.form.get("due", "").strip()
    try:
        due = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid(
            why_zh="看不懂发布时刻，请写成 2026-12-01 08:00 的样子",
            why_en="the time to publish cannot be read: write it like 2026-12-01 08:00",
        ) from error
    if due is not None and due.tzinfo is None:
        due = due.replace(tzinfo=ZONE)
    return request.form.get("note", ""), request.form.get("follows", 0, type=int), due


def _ask_draft(found: drafts.Draft, wrong: list[str]) -> str:
    names().learn({found.saved_by})
    after = of_draft(found)
    before = of_version(found.key, newest(found.key))
    problems = problems_of(found.key, after.files)
    return render_template(
        "designer_propose.html",
        key=found.key,
        name=t(found.name_zh, found.name_en),
        draft=found,
        again=None,
        follows=newest(found.key),
        wrong=wrong,
        problems=telling.problems(problems),
        errors=sum(1 for one in problems if one.severity is Severity.ERROR),
        second=publishing.second_person(city().core),
        sent=request.form,
        **compared(before, after),
    )


def _ask_again(key: str, number: int, wrong: list[str]) -> str:
    row = deployed.version(city().core, key, number)
    last = newest(key)
    problems = problems_of(key, of_version(key, number).files)
    return render_template(
        "designer_propose.html",
        key=key,
        name=t(row["name_zh"], row["name_en"]),
        draft=None,
        again=number,
        follows=last,
        wrong=wrong,
        problems=telling.problems(problems),
        errors=sum(1 for one in problems if one.severity is Severity.ERROR),
        second=publishing.second_person(city().core),
        sent=request.form,
        **compared(of_version(key, last), of_version(key, number)),
    )


def _proposed(made: int) -> Any:
    found = publishing.get(city().core, made)
    if found.state == proposals.PROPOSED:
        flash(t("已提交，等待另一位流程设计员批准。", "It is up for decision by another designer."))
    else:
        _publish(made, t("已提交。", "Kept."))
    return redirect(url_for("designer_publish.proposal", proposal_id=made), 303)


def _publish(proposal_id: int, said: str) -> None:
    """What is due is published at once; should that fail half-way, a worker does it."""
    version = publishing.publish(city().core, proposal_id)
    found = publishing.get(city().core, proposal_id)
    if version is not None:
        flash(
            t(
                f"“{found.name_zh}”第 {version} 版已发布；新案件按此版办理，在办案件仍按原版。",
                f"Version {version} of “{found.name_en}” is published: new cases run by it, open ones by theirs.",
            )
        )
    elif found.state == proposals.FAILED:
        flash(t("未能发布，原因见下。", "It could not be published; see below why."), "warn")
    else:
        flash(said)


def _page(found: Proposal, wrong: list[str]) -> str:
    names().learn({found.proposed_by, found.decided_by})
    after = of_proposal(found)
    mine = found.proposed_by in g.actor.accounts
    problems = problems_of(found.key, after.files)
    return render_template(
        "designer_proposal.html",
        proposal=found,
        name=t(found.name_zh, found.name_en),
        word=state(found)[0],
        colour=state(found)[1],
        wrong=wrong,
        mine=mine,
        may_review=not mine and found.state == proposals.PROPOSED,
        may_stop=not mine and found.state == proposals.APPROVED,
        may_withdraw=mine and found.state in proposals.OPEN,
        overtaken=found.state in proposals.OPEN and newest(found.key) != found.base,
        newest=newest(found.key),
        problems=telling.problems(problems),
        errors=sum(1 for one in problems if one.severity is Severity.ERROR),
        why=(found.error or {}).get(locale(), ""),
        **compared(of_version(found.key, found.base), after),
    )
