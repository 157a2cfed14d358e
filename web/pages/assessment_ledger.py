"""The ledger beside the figures: exemptions asked and decided, the plan's figures filed by hand, definitions, and handing a
closed report in."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for

from engine import access, files, settings
from engine.errors import Invalid, NotFound
from engine.queries.starting import check_can_start
from escalation.assessment import definitions as books
from escalation.assessment import editions, periods
from escalation.assessment import exemptions as ledger
from escalation.assessment import plan as filing
from escalation.assessment.counts import COUNTS, STAGES
from web import assessment_definitions, assessment_files, assessments, uploads
from web.auth import city
from web.policies import policy
from web.telling import names
from web.texts import locale, t

page = Blueprint("assessment_ledger", __name__)

REPORT = {"assessment_hand_in": {"process": "", "form": ""}}
"""The setting that names the process by which a report is handed in."""


@page.get("/assessment/exemptions")
@policy("see_figures")
def exemptions() -> str:
    """What was asked and decided, of the cases one sees."""
    rows = ledger.listing(city().core, g.actor)
    return render_template(
        "assessment_exemptions.html",
        rows=rows,
        families=_families(),
        can_ask=not g.actor.powers.isdisjoint(ledger.ASK),
        can_decide=ledger.DECIDE in g.actor.powers,
        mine=g.actor.accounts,
        asked=request.args,
    )


@page.post("/assessment/exemptions")
@policy("organise", "assess", by_token=False)
def ask() -> Any:
    """Ask for one."""
    core = city().core
    number = request.form.get("case", "").replace("\x00", "").strip()[:60]
    case_id = ledger.case_of(core, g.actor, number)
    sent = uploads.from_request(core, "paper")
    ledger.ask(
        core,
        g.actor,
        case_id,
        request.form.get("family", ""),
        request.form.get("reason", ""),
        sent[0] if sent else None,
    )
    flash(t("已提出申诉，由考评办审批。", "Asked; the assessment office decides."))
    return redirect(url_for("assessment_ledger.exemptions"), 303)


@page.post("/assessment/exemptions/<int:number>/decide")
@policy("assess", by_token=False)
def decide(number: int) -> Any:
    """Agree to one or refuse it."""
    if number > 2**31 - 1:
        raise NotFound(what="exemption")
    decision = request.form.get("decision", "")
    if decision not in ("agree", "refuse"):
        raise Invalid(why_zh="请选择同意或不同意。", why_en="Choose to agree or to refuse.")
    ledger.decide(city().core, g.actor, number, agreed=decision == "agree", note=request.form.get("note", ""))
    flash(t("已作出决定。", "Decided."))
    return redirect(url_for("assessment_ledger.exemptions"), 303)


@page.get("/assessment/documents/<digest>")
@policy("see_figures")
def document(digest: str) -> Response:
    """A paper that an exemption of a case one sees, or a filed figure, rests on."""
    core = city().core
    with core.db.read() as connection:
        found = ledger.document(connection, f"sha256:{digest}")
        filed = ledger.is_filed(connection, found["hash"])
    if not filed and all(row["document_hash"] != found["hash"] for row in ledger.listing(core, g.actor, most=10_000)):
        abort(404)
    response = Response(found["content"], mimetype=found["type"])
    response.headers.set("Content-Disposition", "attachment", filename=found["name"])
    return response


@page.get("/assessment/plan")
@policy("see_figures")
def plan() -> str:
    """The plan's indicators of a period, with a form for those that are filed by hand."""
    wanted = assessments.span()
    with city().core.db.read() as connection:
        found = assessments.read(connection, wanted)
        filed = filing.filings(connection, wanted)
    rows = [{**row, "now": filed.get(row["no"])} for row in found.report["plan"]]
    return render_template(
        "assessment_plan.html",
        span=wanted,
        rows=rows,
        choices=assessments.choices(wanted),
        kinds=assessments.kinds(wanted),
        named=assessments.named,
        read=found,
        can_file=access.can(access.check_power, g.actor, ledger.DECIDE, "", ""),
        address=assessments.address,
        count_names={one.key: one.names.text(locale()) for one in COUNTS},
    )


@page.post("/assessment/plan")
@policy("assess", by_token=False)
def file() -> Any:
    """File a figure by hand, with its paper."""
    core = city().core
    wanted = periods.read(request.form.get("period", ""), assessments.zone())
    sent = uploads.from_request(core, "paper")
    if not sent:
        raise Invalid(why_zh="请附证明材料。", why_en="Attach the paper that it rests on.")
    form = request.form
    filing.file(
        core, g.actor, wanted, form.get("no", 0, type=int), form.get("value", "")[:40], form.get("note", ""), sent[0]
    )
    flash(t("已填报。", "Filed."))
    return redirect(url_for("assessment_ledger.plan", period=wanted.label), 303)


@page.get("/assessment/definitions")
@policy("see_figures")
def definitions() -> str:
    """The definitions as they are, each with its versions, and what they are made of."""
    with city().core.db.read() as connection:
        book = books.read(connection)
        keys = [str(row["key"]) for row in book.figures]
        scales = {str(row["scale"]) for row in book.bands}
        rows = [
            {
                **row,
                "problem": books.problem(row, keys, scales),
                "versions": books.versions(connection, books.FIGURES, str(row["key"])),
            }
            for row in book.figures
        ]
        plan = [{**row, "versions": books.versions(connection, books.PLAN, str(row["no"]))} for row in book.plan]
    names().learn([one["by_id"] for row in (*rows, *plan) for one in row["versions"]])
    words = {one.key: one.names.text(locale()) for one in COUNTS}
    return render_template(
        "assessment_definitions.html",
        rows=rows,
        plan=sorted(plan, key=lambda row: int(row["no"])),
        plan_name=assessment_definitions.plan_name,
        plan_formula=lambda row: assessment_definitions.plan_formula(row, words),
        bands=book.bands,
        counts=COUNTS,
        unit_word=assessments.unit_word,
    )


@page.get("/assessment/hand-in")
@policy("supervise")
def hand_in() -> str:
    """Look over what is handed in: a closed edition and its paper."""
    row, _ = _closed()
    return render_template("assessment_hand_in.html", row=row, span=assessments.span())


@page.post("/assessment/hand-in")
@policy("supervise", by_token=False)
def send() -> Any:
    """Begin the process with the closed edition, its hash and its paper."""
    core = city().core
    row, found = _closed()
    with core.db.read() as connection:
        wanted = settings.read(connection, REPORT)["assessment_hand_in"]
        if not editions.is_sound(connection, row):
            raise Invalid(
                why_zh="报告与封存时不一致，不能报送。",
                why_en="The report is not as it was closed; it is not handed in.",
            )
    check_can_start(core, g.actor, wanted["process"])
    paper = files.accept(core, f"{row['label']}.pdf", assessment_files.on_paper(found))
    facts = {
        "title": t(f"{assessments.span().name('zh')}考核报告", f"Assessment, {assessments.span().name('en')}"),
        "edition": row["number"],
        "edition_hash": row["hash"],
        "report_file": [paper.id],
        "prepare_note": request.form.get("note", "").strip()[:2000],
    }
    case = city().start(
        wanted["process"], facts, g.actor.id, idempotency_key=request.form.get("idempotency_key"), accepted=[paper]
    )
    flash(t("已报送审核。", "Handed in for review."))
    return redirect(url_for("cases.case", instance_id=case), 303)


# ---------------------------------------------------------------- inside


def _closed() -> tuple[dict[str, Any], Any]:
    wanted = assessments.span()
    with city().core.db.read() as connection:
        found = assessments.read(connection, wanted)
    if found.edition is None:
        raise Invalid(why_zh="只能报送已封存的报告。", why_en="Only a closed report is handed in.")
    if not found.whole:
        raise NotFound(what="report")
    return {**found.edition, "label": json.loads(found.edition["body"])["label"]}, found


def _families() -> dict[str, str]:
    return {key: t(f"{zh}时限", f"term to {en}") for key, (zh, en, _) in STAGES.items()}
