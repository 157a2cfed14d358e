"""The supervision board (督办看板): who is late, on which rung, what comes next and when; each line leads to all of them."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, g, render_template, request

from escalation import board, lights
from escalation.board import Line, Wanted
from escalation.dossier.words import RUNGS
from web.auth import city
from web.policies import policy
from web.telling import names, now
from web.telling_cases import node_name, process_name
from web.telling_supervision import rung
from web.texts import locale, t

page = Blueprint("supervision", __name__)

GRADES: Final = {
    "major": ("重大", "major"),
    "serious": ("严重", "serious"),
    "general": ("一般", "general"),
    "daily": ("日常", "routine"),
}
"""Grades of matters, as the forms of supervision name them; another is shown as it is."""


@page.get("/supervision")
@policy("supervise", "see_figures")
def listing() -> str:
    """The board, filtered by unit, rung and grade."""
    core = city().core
    wanted = Wanted(_unit(), request.args.get("rung", "")[:40], request.args.get("grade", "")[:32])
    found = board.read(core, g.actor, wanted)
    counted = board.units(core, g.actor, now())
    first = [line.late[0] for line in found.lines if line.late]
    standings = dict(
        zip((row["instance_id"] for row in first), lights.of_rows(core, first, now(), locale()), strict=True)
    )
    names().learn([line.rung["by_id"] for line in found.lines if line.rung is not None and line.rung["by_id"]])
    return render_template(
        "supervision.html",
        found=found,
        standings=standings,
        counted=counted,
        most_counted=max((red + yellow for _, red, yellow in counted), default=1) or 1,
        wanted=wanted,
        filtered=bool(wanted.unit is not None or wanted.rung or wanted.grade),
        kinds=[(key, t(*words)) for key, words in RUNGS.items()],
        grades=[(key, t(*words)) for key, words in GRADES.items()],
        unit_choices=_unit_choices(found.lines, counted, wanted),
        figures=_figures(found),
        rung=rung,
        grade=grade_word,
        node_name=node_name,
        process_name=process_name,
    )


def grade_word(grade: Any) -> str:
    """A grade in words."""
    return t(*GRADES[grade]) if grade in GRADES else str(grade or "")


def _unit() -> int | None:
    text = request.args.get("unit", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _unit_choices(
    lines: list[Line], counted: list[tuple[int | None, int, int]], wanted: Wanted
) -> list[tuple[int, str]]:
    """The units that have something on the board, and the one that is chosen."""
    ids = {line.unit_id for line in lines} | {unit for unit, _, _ in counted} | {wanted.unit}
    return sorted(((i, names().unit(i, locale())) for i in ids if i), key=lambda pair: pair[1])


def _figures(found: board.Board) -> list[tuple[str, str]]:
    """What a glance should tell, of what the board shows."""
    lines = found.lines
    figures = [
        (t("超时案件", "Late cases"), sum(bool(line.late) for line in lines)),
        (t("正在督办", "Under supervision"), sum(line.supervision is not None for line in lines)),
        (t("尚无动作", "Nothing done yet"), sum(line.rung is None for line in lines)),
        (t("红牌及以上", "Red card or further"), sum(line.rung is not None and _grave(line.rung) for line in lines)),
    ]
    return [(label, f"{count}+" if found.more and count else str(count)) for label, count in figures]


def _grave(row: dict[str, Any]) -> bool:
    order = list(RUNGS)
    return row["kind"] in order and order.index(row["kind"]) >= order.index("red_card")
