"""The desk of the government's inspection office, and the act of referring a clue from an inspection."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for

from engine import access, definitions
from engine.errors import NotFound
from engine.tables.columns import LARGEST_ID
from escalation import inspections, lights, referrals
from forms.errors import InvalidAnswers
from forms.form import Form
from web import uploads
from web.auth import city
from web.drawing import draw
from web.policies import policy
from web.telling import now
from web.telling_cases import node_name
from web.texts import locale, t

page = Blueprint("inspection", __name__)

PAGES_OWN = ("csrf_token", "idempotency_key")


@page.get("/inspection")
@policy("inspect")
def desk() -> str:
    """Requests that wait, inspections under way, objections, what was concluded; of each what it needs next."""
    core = city().core
    found = inspections.desk(core, g.actor)
    referred = referrals.desk(core, g.actor, referrals.REFERRAL)
    tasks = [one for row in [*found.rows, *referred.running] for one in row["tasks"]]
    return render_template(
        "inspection.html",
        found=found,
        referred=referred,
        receipts=referrals.receipts(core, g.actor, {row["id"] for row in found.rows}),
        lights=lights.of_tasks(core, tasks, now(), locale()),
        offered=lambda row, task: access.is_offered(g.actor, task, row["key"]),
        may_refer=lambda row: inspections.may_refer(row) and access.can(referrals.check_may, core, g.actor, row),
        result_word=result_word,
        unit_of=core.unit_id,
        node_name=node_name,
    )


@page.get("/inspection/<int:inspection>/refer")
@policy("inspect", by_token=False)
def refer(inspection: int) -> str:
    """The form of a referral."""
    return _page(_inspection(inspection), {})


@page.post("/inspection/<int:inspection>/refer")
@policy("inspect", by_token=False)
def send(inspection: int) -> Any:
    """Refer it: the act of whoever is logged in, nobody else's."""
    row, core = _inspection(inspection), city().core
    form = _form()
    sent = uploads.read(core, form)
    answers = uploads.answers(form, sent, form.parse_post(request.form.to_dict(flat=False), ignore=PAGES_OWN))
    try:
        uploads.check(form, sent, answers)
        reply = referrals.refer(
            core,
            row["id"],
            answers,
            g.actor,
            key=request.form.get("idempotency_key", "")[:100] or None,
            accepted=[f for some in sent.by_field.values() for f in some],
        )
    except InvalidAnswers as error:
        return make_response(_page(row, answers, error, sent), 422)
    flash(t("已提出，等待督查室负责人核对。", "Proposed; the head of the office verifies it next."))
    return redirect(url_for("cases.case", instance_id=reply["instance"]), 303)


def result_word(value: str | None) -> str:
    """What an inspection came to."""
    words = {
        "founded": t("属实", "Founded"),
        "partly": t("部分属实", "Partly founded"),
        "unfounded": t("不属实", "Unfounded"),
        "revoked": t("结论已撤销", "Revoked"),
    }
    return words.get(value or "", "")


# ---------------------------------------------------------------- inside


def _inspection(inspection: int) -> dict[str, Any]:
    core = city().core
    row = inspections.one(core, g.actor, min(inspection, LARGEST_ID))
    referrals.check_may(core, g.actor, row)
    return row


def _form() -> Form:
    definition = definitions.newest(city().core, referrals.REFERRAL)
    form = definition.form_of(definition.entrances[0])
    if form is None:
        raise NotFound(what=t("填报表单", "start form"))
    return form


def _page(
    row: dict[str, Any],
    values: dict[str, Any],
    error: InvalidAnswers | None = None,
    sent: uploads.Sent | None = None,
) -> str:
    form = _form()
    return render_template(
        "refer.html",
        row=row,
        title=form.title.of(locale()),
        unit_id=city().core.unit_id(str(row["facts"].get("late_unit"))),
        drawn=draw(form, values, error, sent.words() if sent is not None else None),
        problems=error.problems if error is not None else [],
    )
