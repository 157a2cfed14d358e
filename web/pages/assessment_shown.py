"""Figures for the eyes of many: the public's page, with small numbers left out, and the wall (一张图), for those who see all cases."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask import Blueprint, render_template, request, url_for
from sqlalchemy import select

from engine import settings, sheets
from engine.tables import area
from escalation.assessment import counting, editions, periods, reporting, suppressing
from escalation.indicators import PROCESS
from escalation.picture.figures import LATE, WAITING
from web import assessments
from web.auth import city
from web.pages.case_list import classes
from web.pages.public import never_kept, shown
from web.policies import PUBLIC, policy
from web.telling import now
from web.telling_cases import node_name
from web.texts import t

page = Blueprint("assessment_shown", __name__)

PUBLISHED = ("received", "filed", "closed", "closed_in_time")
"""Counts by town that the public sees."""
PARTS = {3: 2}
"""Which of these is a part of which: closed in time, of closed."""
DEFAULTS: dict[str, Any] = {"public_figures_least": 5}
WIDE, HIGH, EDGE = 900, 880, 60
LETTER, LABEL, GAP = 12, 28, 6
"""Of the map, as the page draws it: width of a letter (a Chinese one is two), height of a name, what is left free between two towns."""


@page.get("/public/figures")
@policy(PUBLIC)
def public() -> str:
    """The newest closed month, or the one that was asked for: by town, without small numbers. Nothing that is not closed is published."""
    core = city().core
    with core.db.read() as connection:
        least = int(settings.read(connection, DEFAULTS)["public_figures_least"])
        closed = [one for one in editions.every(connection) if one["kind"] == periods.MONTH]
        labels = list(dict.fromkeys(one["number"].partition("/")[0] for one in closed))
        asked = request.args.get("period", "")
        label = asked if asked in labels else (labels[0] if labels else "")
        span = periods.read(label, assessments.zone()) if label else None
        row = editions.newest(connection, span) if span else None
        read = editions.read(core, connection, row, None, span) if row and span else None
        no_towns = set(connection.execute(select(area.c.key).where(area.c.kind.not_in(reporting.TOWNS))).scalars())
    table = published(read.report, least, no_towns) if read else None
    return shown(
        "assessment_public.html",
        span=span,
        spans=[periods.read(one, assessments.zone()) for one in labels[:24]],
        table=table,
        least=least,
        number=row["number"] if row else "",
    )


page.after_request(lambda response: never_kept(response) if request.path.startswith("/public/") else response)


@page.get("/assessment/wall")
@policy("see_all_cases")
def wall() -> str:
    """The month under way: map of towns, counts, rankings."""
    core = city().core
    world = city().world()
    span = periods.of(periods.MONTH, world.now, assessments.zone())
    with core.db.read() as connection:
        read = counting.read(core, connection, span, None)
        towns = set(connection.execute(select(area.c.key).where(area.c.kind.in_(reporting.TOWNS))).scalars())
    report = read.report
    definition = city().definition(PROCESS).id
    return render_template(
        "assessment_wall.html",
        span=span,
        report=report,
        towns=_towns(report, towns),
        size=(WIDE, HIGH),
        counts=_counts(report),
        rank=assessments.rank,
        named=assessments.named,
        kinds=classes(),
        waiting=[
            (node_name(definition, one["node"]), one["open"], one["late"], _waits(one["node"]))
            for one in report["waiting"]
        ],
        behind=lambda key, **more: assessments.address(read, key, **more),
        asked={"period": span.label, "edition": "live"},
        at=read.at or now(),
        reload=60,
    )


def published(report: dict[str, Any], least: int, no_towns: Collection[str]) -> dict[str, Any]:
    """The table that the public sees. `no_towns`: areas that are no towns, such as the city itself: what lies in none, or nobody knows
    where, is one row at the end."""
    nowhere = {"none", *no_towns}
    towns = sorted((one for one in report["areas"] if one["key"] not in nowhere), key=lambda one: str(one["key"]))
    rows = [(assessments.named(one), _numbers(one)) for one in towns]
    others = [_numbers(one) for one in report["areas"] if one["key"] in nowhere]
    if others:
        rows.append((t("未标明街镇", "No town given"), [sum(column) for column in zip(*others, strict=True)]))
    cells = suppressing.table([numbers for _, numbers in rows], least, PARTS)
    names = {one["key"]: assessments.named(one) for one in report["counts"]}
    return {
        "head": [names[key] for key in PUBLISHED],
        "rows": [(name, row) for (name, _), row in zip(rows, cells.rows, strict=True)],
        "totals": cells.totals,
    }


# ---------------------------------------------------------------- inside


def _numbers(one: dict[str, Any]) -> list[int]:
    return [one["numbers"].get(key, [0, 0, 0])[1] for key in PUBLISHED]


def _waits(node: str) -> list[str]:
    """Where the tasks that are open at a step are listed, and those of them that are late."""
    return [url_for("picture.cases", key=PROCESS, element=node, show=show, version="all") for show in (WAITING, LATE)]


def _counts(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Of the wall: words, number, and which count it opens to (`closed`) or what it is ("late": a warning)."""
    waiting = report["waiting"]
    numbers, values = report["whole"]["numbers"], report["whole"]["values"]

    def rate(key: str) -> str:
        return values[key]["text"][1] if key in values else "—"

    return [
        (t("本月问题", "Problems this month"), f"{numbers.get('received', [0, 0])[1]:,}", "received"),
        (t("本月结案", "Closed of those due"), f"{numbers.get('closed', [0, 0])[1]:,}", "closed"),
        (t("在办", "Open now"), f"{sum(one['open'] for one in waiting):,}", ""),
        (t("其中超时", "Of these, late"), f"{sum(one['late'] for one in waiting):,}", "late"),
        (t("结案率", "Closing rate"), rate("closing_rate"), ""),
        (t("按时结案率", "Closed in time"), rate("closing_in_time_rate"), ""),
    ]


def _towns(report: dict[str, Any], known: set[str]) -> list[dict[str, Any]]:
    """Towns where they lie, the size of their dot by their problems; those that come too near each other are moved apart."""
    placed = [
        one for one in report["areas"] if one["lat"] is not None and one["lon"] is not None and one["key"] in known
    ]
    if not placed:
        return []
    south, north = min(one["lat"] for one in placed), max(one["lat"] for one in placed)
    west, east = min(one["lon"] for one in placed), max(one["lon"] for one in placed)
    most = max(1, *(one["numbers"].get("received", [0, 0])[1] for one in placed))
    found = []
    for one in placed:
        problems = one["numbers"].get("received", [0, 0])[1]
        missed = one["numbers"].get("not_closed", [0, 0])[1]
        x = EDGE + (WIDE - 2 * EDGE) * (one["lon"] - west) / ((east - west) or 1)
        y = HIGH - EDGE - (HIGH - 2 * EDGE) * (one["lat"] - south) / ((north - south) or 1)
        size = 16 + 26 * (problems / most) ** 0.5
        found.append(
            {
                "name": assessments.named(one),
                "x": x,
                "y": y,
                "r": round(size, 1),
                "problems": problems,
                "missed": missed,
            }
        )
    _apart(found)
    return found


def _apart(towns: list[dict[str, Any]]) -> None:
    """Push dots with their names away from each other, a little at a time, along the way that is shorter; none leaves the map."""
    wide = [max(one["r"], sheets.width(one["name"]) * LETTER / 2) + GAP for one in towns]
    high = [one["r"] + LABEL / 2 + GAP / 2 for one in towns]
    for _ in range(400):
        moved = False
        for i, a in enumerate(towns):
            for j in range(i + 1, len(towns)):
                b = towns[j]
                dx, dy = b["x"] - a["x"], b["y"] - a["y"]
                over_x, over_y = wide[i] + wide[j] - abs(dx), high[i] + high[j] - abs(dy)
                if over_x <= 0 or over_y <= 0:
                    continue
                moved = True
                if over_x < over_y:
                    a["x"], b["x"] = (
                        n + side * over_x / 4 * (1 if dx >= 0 else -1) for n, side in ((a["x"], -1), (b["x"], 1))
                    )
                else:
                    a["y"], b["y"] = (
                        n + side * over_y / 4 * (1 if dy >= 0 else -1) for n, side in ((a["y"], -1), (b["y"], 1))
                    )
        for one, half in zip(towns, wide, strict=True):
            one["x"] = min(WIDE - half, max(half, one["x"]))
            one["y"] = min(HIGH - one["r"] - LABEL, max(one["r"] + GAP, one["y"]))
        if not moved:
            break
    for one in towns:
        one["x"], one["y"] = round(one["x"], 1), round(one["y"], 1)
