"""The cases behind a number of an assessment, with their clocks; of a closed edition, those that it kept."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request

from engine.queries import listing
from engine.queries.listing import Wanted
from engine.tables import LIVE
from escalation.assessment import opening, reporting
from escalation.assessment.opening import Number
from escalation.indicators import Period
from web import assessments
from web.auth import city
from web.pages.case_list import PAGE_SIZE, told
from web.policies import policy
from web.texts import locale, t

page = Blueprint("assessment_cases", __name__)


@page.get("/assessment/cases/<key>")
@policy("see_figures")
def behind(key: str) -> str:
    """One page of them."""
    core, asked = city().core, request.args
    wanted = assessments.span()
    number = Number(
        key,
        asked.get("reading", "base"),
        asked.get("unit", "")[:64],
        asked.get("town", "")[:64],
        asked.get("kind", "")[:64],
        min(99, max(0, asked.get("plan", 0, type=int))),
    )
    with core.db.read() as connection:
        read = assessments.read(connection, wanted)
        known = reporting.asked(core, connection, Period(wanted.since, wanted.until), LIVE, None)
        condition = opening.cases(connection, read, number, tuple(read.report.get("public", known.public)))
    shown = Wanted(
        world=LIVE, more=(condition,), page=max(1, min(100_000, asked.get("page", 1, type=int))), size=PAGE_SIZE
    )
    found = listing.page(core, g.actor, shown)
    return render_template(
        "assessment_cases.html",
        one=next(each for each in read.report["counts"] if each["key"] == key),
        named=assessments.named,
        span=wanted,
        read=read,
        number=number,
        who=_who(read.report, number),
        found=found,
        wanted=shown,
        reading=assessments.reading_word(number.reading),
        asked={"period": wanted.label, "edition": read.edition["number"] if read.edition else "live"},
        **told(found.rows, city().world()),
    )


def _who(report: dict[str, list[dict[str, str]]], number: Number) -> str:
    for rows, key in ((report["units"], number.unit), (report["areas"], number.town)):
        for row in rows:
            if key and row["key"] == key:
                return row["zh"] if locale() == "zh" else row["en"]
    return t(f"规划指标 {number.plan}", f"Indicator {number.plan} of the plan") if number.plan else ""
