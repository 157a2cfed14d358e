"""The supervision board (督办看板): who is late, on which rung, what comes next and when; each line leads to all of them."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, g, render_template, request

from escalation import board, lights
from escalation.board import Counted, Wanted
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

LIGHTS: Final = {
    "red": ("超时", "late"),
    "yellow": ("临期", "due soon"),
    "green": ("未到期", "in time"),
    "none": ("无时限", "no term"),
}


@page.get("/supervision")
@policy("supervise", "see_figures")
def listing() -> str:
    """One page of the board, filtered by unit, rung, grade and light."""
    core = city().core
    wanted = Wanted(
        _unit(),
        request.args.get("rung", "")[:40],
        request.args.get("grade", "")[:32],
        request.args.get("light", "")[:10],
        _which(),
        max(1, min(100_000, request.args.get("page", 1, type=int))),
    )
    found = board.read(core, g.actor, wanted, now())
    first = [line.late[0] for line in found.lines if line.late]
    standings = dict(
        zip((row["instance_id"] for row in first), lights.of_rows(core, first, now(), locale()), strict=True)
    )
    acts = [one.task for line in found.lines for one in line.nexts if one.task is not None]
    names().learn([line.rung["by_id"] for line in found.lines if line.rung is not None and line.rung["by_id"]])
    return render_template(
        "supervision.html",
        found=found,
        standings=standings,
        acts=lights.of_tasks(core, acts, now(), locale()),
        most_counted=max((red + yellow for _, red, yellow in found.units), default=1) or 1,
        wanted=wanted,
        filtered=bool(wanted.unit is not None or wanted.rung or wanted.grade or wanted.light or wanted.which),
        which_word=_which_words().get(wanted.which, ""),
        kinds=[(key, t(*words)) for key, words in RUNGS.items()],
        grades=[(key, t(*words)) for key, words in GRADES.items()],
        lights_of=[(key, t(*words)) for key, words in LIGHTS.items()],
        unit_choices=_unit_choices(found, wanted),
        figures=_figures(found.counted, "+" if found.more else ""),
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


def _which() -> str:
    asked = request.args.get("which", "")
    return asked if asked in board.WHICH else ""


def _which_words() -> dict[str, str]:
    words = (
        t("超时案件", "Late cases"),
        t("正在督办", "Under supervision"),
        t("尚无动作", "Nothing done yet"),
        t("红牌及以上", "Red card or further"),
        t("临期案件", "Due soon"),
    )
    return dict(zip(board.WHICH, words, strict=True))


def _unit_choices(found: board.Board, wanted: Wanted) -> list[tuple[int, str]]:
    """The units that have something on the board, and the one that is chosen."""
    ids = {line.unit_id for line in found.lines} | {unit for unit, _, _ in found.units} | {wanted.unit}
    chosen = [(board.NO_UNIT, t("未派单位", "No unit"))] if None in {unit for unit, _, _ in found.units} else []
    return chosen + sorted(((i, names().unit(i, locale())) for i in ids if i), key=lambda pair: pair[1])


def _figures(counted: Counted, or_more: str) -> list[tuple[str, str, str]]:
    """What a glance should tell, of everything that the filters leave, on all pages: which number, its words, the number."""
    numbers = (counted.late, counted.supervised, counted.untouched, counted.grave)
    pairs = zip(_which_words().items(), numbers, strict=False)  # what is due soon is counted by unit
    return [(which, label, f"{count}{or_more}") for (which, label), count in pairs]
