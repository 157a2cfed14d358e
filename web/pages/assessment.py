"""The assessment of a period: figures in three readings, rankings, the worst, what waits; closing it; the same as sheet, paper and data."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for

from engine import access, sheets
from engine.errors import Invalid, NotFound
from escalation.assessment import closing, counting, editions, periods
from escalation.assessment.counts import READINGS
from escalation.assessment.editions import Read
from web import assessment_files, assessment_tables, assessments
from web.auth import city
from web.policies import policy
from web.telling import names
from web.texts import locale, t

page = Blueprint("assessment", __name__)

TREND = ("closing_rate", "closing_in_time_rate", "handling_in_time_rate")
"""Figures whose change is drawn; those that the definitions still have."""
KEY = ("problems", "filing_in_time_rate", "closing_rate", "closing_in_time_rate")


@page.get("/assessment")
@policy("see_figures")
def report() -> str:
    """The report of a period."""
    wanted = assessments.span()
    with city().core.db.read() as connection:
        found = assessments.read(connection, wanted)
        row = found.edition
        sound = editions.is_sound(connection, row, wholly="check" in request.args) if row else True
        several = [
            one for one in editions.every(connection) if one["since"] == wanted.since and one["kind"] == wanted.kind
        ]
        trend = _trend(connection, wanted, found) if found.whole else []
        under_way = closing.under_way(connection, wanted)
    if under_way is not None:
        names().learn([under_way["by_id"]])
    return render_template(
        "assessment.html",
        span=wanted,
        read=found,
        report=found.report,
        sound=sound,
        several=several,
        closed_by=next((one["by_name"] for one in several if row and one["number"] == row["number"]), ""),
        choices=assessments.choices(wanted),
        kinds=assessments.kinds(wanted),
        tables={one.key: one for one in assessment_tables.tables(found)},
        parts=assessment_tables.parts,
        address=assessments.address,
        figures=assessments.figures,
        key=[one for one in assessments.figures(found.report, "city") if one["key"] in KEY],
        trend=trend,
        asked={"period": wanted.label, "edition": row["number"] if row else "live"},
        can_close=closing.CLOSE in g.actor.powers and wanted.until <= city().world().now and under_way is None,
        under_way=under_way,
        readings=READINGS,
        reading_word=assessments.reading_word,
        rank=assessments.rank,
        named=assessments.named,
        by_unit=assessments.by_unit(found.report),
        scoped=not found.whole,
    )


@page.get("/assessment/<any(unit, area):thing>/<key>")
@policy("see_figures")
def one(thing: str, key: str) -> str:
    """Figures and numbers of one unit or area; each number leads to its cases."""
    wanted = assessments.span()
    with city().core.db.read() as connection:
        found = assessments.read(connection, wanted)
    row = next((one for one in found.report["units" if thing == "unit" else "areas"] if one["key"] == key), None)
    if row is None:
        raise NotFound(what="unit")
    where = {"unit": key} if thing == "unit" else {"town": key}
    return render_template(
        "assessment_one.html",
        span=wanted,
        read=found,
        row=row,
        thing=thing,
        figures=assessments.figures,
        where=where,
        readings=READINGS,
        reading_word=assessments.reading_word,
        rank=assessments.rank,
        named=assessments.named,
        address=assessments.address,
        parts=assessment_tables.parts,
        by_unit=assessments.by_unit(found.report) if thing == "unit" else "",
        asked={"period": wanted.label, "edition": found.edition["number"] if found.edition else "live"},
    )


@page.post("/assessment/close")
@policy("assess", by_token=False)
def close() -> Response:
    """Close the period, or correct a closed one by a new edition; in a large city a worker does."""
    wanted = periods.read(request.form.get("period", ""), assessments.zone())
    row = closing.close(city().core, g.actor, wanted, request.form.get("note", ""))
    if row is None:  # the report says that it is under way
        return redirect(url_for("assessment.report", period=wanted.label), 303)  # type: ignore[return-value]
    flash(t(f"已封存：{row['number']}", f"Closed: {row['number']}"))
    return redirect(url_for("assessment.report", period=wanted.label, edition=row["number"]), 303)  # type: ignore[return-value]


@page.get("/assessment/late")
@policy("see_figures")
def late() -> str:
    """What changed about a closed period after it was closed."""
    wanted = assessments.span()
    core = city().core
    with core.db.read() as connection:
        row = editions.find(connection, request.args.get("edition", ""))
        if row["since"] != wanted.since or row["kind"] != wanted.kind:
            raise Invalid(why_zh="这一版不属于该时段。", why_en="This edition is of another period.")
        actor = None if access.SEE_ALL in g.actor.powers else g.actor
        now = counting.marks(core, connection, row, actor)
        total, changed = editions.late(connection, row, now, actor)
        beside = editions.late_beside(core, connection, row, wanted)
    counts = {one["key"]: assessments.named(one) for one in json.loads(row["body"])["counts"]}
    return render_template(
        "assessment_late.html",
        span=wanted,
        row=row,
        total=total,
        changed=changed,
        counts=counts,
        beside=beside,
        named=assessments.named,
        moves={
            "unit_id": t("责任单位变更", "another unit"),
            "units": t("按单位统计时计入的单位变更", "by unit, counted for others"),
            "area": t("区域变更", "another place"),
            "class": t("小类变更", "another kind"),
            "source": t("来源变更", "another source"),
        },
    )


@page.get("/assessment/report.json")
@policy("see_figures")
def as_json() -> Response:
    """The report for programs: the same object, word for word what was closed."""
    found = _read()
    body = found.edition["body"] if found.edition and found.whole else editions.canonical(found.report)
    return _file(body.encode(), "application/json", f"{found.report['label']}.json")


@page.get("/assessment/report.csv")
@policy("see_figures")
def as_csv() -> Response:
    """All tables, one after another (`assessment_files.as_csv`)."""
    found = _read()
    return _file(assessment_files.as_csv(found), "text/csv; charset=utf-8", f"{found.report['label']}.csv")


@page.get("/assessment/report.xlsx")
@policy("see_figures")
def as_sheet() -> Response:
    """A sheet a table (`assessment_files.book`)."""
    found = _read()
    return _file(assessment_files.book(found), sheets.MEDIA_TYPE, f"{found.report['label']}.xlsx")


@page.get("/assessment/report.pdf")
@policy("see_figures")
def as_paper() -> Response:
    """The report in official layout."""
    found = _read()
    return _file(assessment_files.on_paper(found), "application/pdf", f"{found.report['label']}.pdf")


# ---------------------------------------------------------------- inside


def _read() -> Read:
    with city().core.db.read() as connection:
        return assessments.read(connection, assessments.span())


def _trend(connection: Any, wanted: periods.Span, found: Read) -> list[dict[str, Any]]:
    """This period and the closed ones before it, oldest first."""
    shown = [one for one in assessments.figures(found.report, "city") if one["key"] in TREND]
    number = found.edition["number"] if found.edition else "live"
    rows: list[dict[str, Any]] = []
    for back in range(5, -1, -1):
        at = periods.shift(wanted, -back)
        body = found.report
        if back:
            row = editions.newest(connection, at)
            if row is None:
                continue
            body = json.loads(row["body"])
        values = body["whole"]["values"]
        rows.append(
            {
                "name": at.name(locale()),
                "label": at.label,
                "href": url_for("assessment.report", period=at.label, edition=None if back else number),
                "values": [_drawn(one["name"], values.get(one["key"])) for one in shown],
            }
        )
    return rows


def _drawn(name: str, value: dict[str, Any] | None) -> tuple[str, float | None, str]:
    """A figure of the trend (base): its name, its share and how it is written; a period before the figure was defined has none."""
    exact = value["exact"][1] if value else None
    return name, float(Fraction(exact)) if exact is not None else None, value["text"][1] if value else "—"


def _file(content: bytes, kind: str, name: str) -> Response:
    shown = quote(f"{t('考核报告', 'assessment')}-{name}")
    return Response(content, mimetype=kind, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{shown}"})
