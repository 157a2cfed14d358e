"""What the pages of the assessment share: which period and edition is asked for, the report of it for its reader, and its tables, which the
page, the sheets, the paper and CSV all show."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import g, request, url_for
from sqlalchemy import Connection

from engine import access
from engine.errors import Invalid
from escalation.assessment import counting, editions, periods
from escalation.assessment.counts import READINGS
from escalation.assessment.editions import Read
from escalation.assessment.periods import Span
from escalation.indicators import PROCESS
from web.auth import city
from web.pages.case_list import classes
from web.telling_cases import node_name
from web.texts import locale, t

Row = dict[str, Any]

READING_WORDS = {
    "full": ("含挂账", "with standing"),
    "base": ("不含挂账", "without standing"),
    "adjusted": ("剔除后", "adjusted"),
}
KINDS = {periods.MONTH: ("月", "Month"), periods.QUARTER: ("季", "Quarter"), periods.YEAR: ("年", "Year")}
BRIEF = ("filed", "due_handle", "handling_in_time_rate", "due", "closing_rate", "closing_in_time_rate", "rework_rate")
"""Figures of units and areas that fit on a page or a paper; sheets and data hold all."""
BACK = {periods.MONTH: 24, periods.QUARTER: 8, periods.YEAR: 5}
"""How many periods there are to choose from."""


_NUMBER = re.compile(r"—||[A-E]|-?[0-9][0-9,.]*%?")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the report as everybody shows it. `links`: beside each row the address of each cell, "" where it leads nowhere."""

    key: str
    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    links: Sequence[Sequence[str]] = ()

    @property
    def numeric(self) -> list[bool]:
        """Which columns hold numbers, to be set to the right."""
        return [all(_NUMBER.fullmatch(str(row[n])) for row in self.rows) for n in range(len(self.head))]


def zone() -> ZoneInfo:
    """The city's own time."""
    return city().world().zone


def span() -> Span:
    """The period that was asked for; else the last whole month."""
    label = request.args.get("period", "")
    if label:
        return periods.read(label, zone())
    return periods.shift(periods.of(periods.MONTH, city().world().now, zone()), -1)


def read(connection: Connection, wanted: Span) -> Read:
    """The report of a period for its reader: the edition that was asked for, else the newest, else as the trail is now (`edition=live`)."""
    asked = request.args.get("edition", "")
    row = None
    if asked and asked != "live":
        row = editions.find(connection, asked)
        if (row["kind"], row["since"]) != (wanted.kind, wanted.since):
            raise Invalid(why_zh="这一版不属于该时段。", why_en="This edition is of another period.")
    elif not asked:
        row = editions.newest(connection, wanted)
    core = city().core
    if row is None:
        sees_all = access.SEE_ALL in g.actor.powers
        return counting.read(core, connection, wanted, None if sees_all else g.actor)
    return editions.read(core, connection, row, None if access.SEE_ALL in g.actor.powers else g.actor, wanted)


def choices(wanted: Span) -> list[Span]:
    """Periods of the same kind, newest first, with the one that is shown."""
    newest = periods.of(wanted.kind, city().world().now, zone())
    found = {one.label: one for one in (periods.shift(newest, -n) for n in range(BACK[wanted.kind]))}
    found[wanted.label] = wanted
    return sorted(found.values(), key=lambda one: one.since, reverse=True)


def kinds(wanted: Span) -> list[tuple[str, Span]]:
    """The same time as month, quarter and year."""
    at = min(city().world().now, wanted.until - timedelta(microseconds=1))
    return [(t(*words), periods.of(kind, at, zone())) for kind, words in KINDS.items()]


def named(row: Mapping[str, Any]) -> str:
    """The name of something in the reader's language."""
    return str(row["zh"] if locale() == "zh" else row["en"])


def reading_word(reading: str) -> str:
    """含挂账, 不含挂账, 剔除后."""
    return t(*READING_WORDS[reading])


def figures(report: Row, thing: str, post: str = "") -> list[Row]:
    """Definitions of the city, of a unit, an area or a post, with names to show."""
    rows = [row for row in report["definitions"]["figures"] if thing in row["objects"].split()]
    rows = [row for row in rows if not post or row.get("post") == post]
    return [{**row, "name": row["name_zh"] if locale() == "zh" else row["name_en"]} for row in rows]


def address(read_: Read, key: str, **more: Any) -> str:
    """Where the cases behind a number are listed."""
    number = read_.edition["number"] if read_.edition else "live"
    return url_for("assessment_cases.behind", key=key, period=read_.report["label"], edition=number, **more)


def tables(read_: Read, *, whole: bool = False) -> list[Table]:
    """Every table of a report, in the order of the paper. `whole`: with every figure of units and areas."""
    report = read_.report
    return [
        _overview(report),
        _numbers(read_),
        _objects(report, "unit", t("单位", "Units"), whole=whole),
        _objects(report, "area", t("区域", "Areas"), whole=whole),
        *(_post(report, one) for one in report["posts"]),
        _plan(report),
        _worst(read_),
        _waiting(report),
    ]


def definitions(report: Row) -> Table:
    """The definitions that the numbers follow from, with their versions."""
    zh = locale() == "zh"
    rows = [
        [
            named_figure(row), str(row["version"]), row["formula_zh"] if zh else row["formula_en"], row["expression"],
            unit_word(row["unit"]), direction_word(row["direction"]), row.get("source") or "",
        ]
        for row in report["definitions"]["figures"]
    ]  # fmt: skip
    head = [t("指标", "Figure"), t("版本", "Version"), t("公式", "Formula"), t("算式", "Expression")]
    return Table(
        "definitions",
        t("口径", "Definitions"),
        [*head, t("单位", "Unit"), t("方向", "Better is"), t("依据", "Source")],
        rows,
    )


def named_figure(row: Row) -> str:
    """The name of a definition."""
    return str(row["name_zh"] if locale() == "zh" else row["name_en"])


def unit_word(unit: str) -> str:
    """件, %, 分."""
    return {"count": t("件", "cases"), "share": "%", "points": t("分", "points")}.get(unit, unit)


def direction_word(direction: str) -> str:
    """Which way is better."""
    return {"up": t("越高越好", "higher"), "down": t("越低越好", "lower")}.get(direction, "—")


# ---------------------------------------------------------------- the tables


def _readings() -> list[str]:
    return [reading_word(one) for one in READINGS]


def _overview(report: Row) -> Table:
    values = report["whole"]["values"]
    rows = [[row["name"], *values[row["key"]]["text"], unit_word(row["unit"])] for row in figures(report, "city")]
    return Table("overview", t("全市指标", "The city"), [t("指标", "Figure"), *_readings(), t("单位", "Unit")], rows)


def _numbers(read_: Read) -> Table:
    report = read_.report
    rows, links = [], []
    for one in report["counts"]:
        three = report["whole"]["numbers"].get(one["key"], [0, 0, 0])
        means = one["means_zh"] if locale() == "zh" else one["means_en"]
        rows.append([named(one), *(f"{n:,}" for n in three), means])
        found = [address(read_, one["key"], reading=r) if n else "" for r, n in zip(READINGS, three, strict=True)]
        links.append(["", *found, ""])
    return Table(
        "numbers",
        t("各项计数", "Counts"),
        [t("计数", "Count"), *_readings(), t("含义", "What is counted")],
        rows,
        links,
    )


def _objects(report: Row, thing: str, title: str, *, whole: bool) -> Table:
    shown = [one for one in figures(report, thing) if (whole or one["key"] in BRIEF) and one["unit"] != "points"]
    ranked = report["units"] if thing == "unit" else report["areas"]
    rows = [
        [
            rank(one),
            named(one),
            *(one["values"][row["key"]]["text"][2] for row in shown),
            one["score"][1],
            one["score"][2],
            one["grade"][2],
        ]
        for one in ranked
        if whole or one["rank"] is not None
    ]
    left = len(ranked) - len(rows)
    if left:
        said = t(f"另有 {left} 个本期无得分，见 Excel", f"{left} more have no score; see Excel")
        rows.append(["—", said, *[""] * (len(shown) + 3)])
    head = [
        t("名次", "Rank"),
        title,
        *(row["name"] for row in shown),
        t("得分（剔除前）", "Score before"),
        t("得分（剔除后）", "Score"),
        t("等级", "Grade"),
    ]
    return Table(f"{thing}s", t(f"{title}排名", f"{title}, ranked"), head, rows)


def rank(one: Row) -> str:
    """1, 2, or 3= for one of several."""
    if one["rank"] is None:
        return "—"
    return f"{one['rank']}{t('（并列）', '=')}" if one["tied"] else str(one["rank"])


def _post(report: Row, one: Row) -> Table:
    rows = [
        [row["name"], *one["values"][row["key"]]["text"], unit_word(row["unit"])]
        for row in figures(report, "post", one["key"])
    ]
    grade = [[t("等级", "Grade"), *(g_ or "—" for g_ in one["grade"]), ""]]
    return Table(
        f"post_{one['key']}",
        t(f"岗位：{one['zh']}", f"Post: {one['en']}"),
        [t("指标", "Figure"), *_readings(), t("单位", "Unit")],
        rows + grade,
    )


def _plan(report: Row) -> Table:
    head = [
        t("序号", "No."),
        t("规划指标", "Indicator of the plan"),
        t("目标", "Target"),
        *_readings(),
        t("填报", "Filed"),
        t("填报人", "Filed by"),
        t("达标", "Met"),
    ]
    rows = []
    for one in report["plan"]:
        filed = one["filed"]
        value = f"{filed['value']}{one['unit']}" if filed else "—"
        met = {True: t("是", "yes"), False: t("否", "no"), None: "—"}[one["met"]]
        rows.append(
            [
                str(one["no"]),
                named(one),
                f"{one['target']}{one['unit']}",
                *one["text"],
                value,
                filed["by"] if filed else "—",
                met,
            ]
        )
    return Table("plan", t("规划三十项指标", "The plan's thirty indicators"), head, rows)


def _worst(read_: Read) -> Table:
    known = classes()
    rows, links = [], []
    for n, one in enumerate(read_.report["worst"], 1):
        place = one["area_zh"] if locale() == "zh" else one["area_en"]
        tied = t("（并列）", " =") if one["tied"] else ""
        rows.append(
            [
                f"{n}{tied}",
                known.get(one["class"], one["class"] or "—"),
                place or "—",
                f"{one['missed']:,}",
                f"{one['due']:,}",
                one["text"],
            ]
        )
        where = {"kind": one["class"] or "none", "town": one["area"] or "none"}
        links.append(["", "", "", address(read_, "missed", **where), address(read_, "due", **where), ""])
    head = [
        t("序号", "No."),
        t("小类", "Kind"),
        t("街镇", "Town"),
        t("未按时结案", "Not closed in time"),
        t("应结案", "Due"),
        t("占比", "Share"),
    ]
    return Table("worst", t("十差项目", "The worst"), head, rows, links)


def _waiting(report: Row) -> Table:
    definition = city().definition(PROCESS).id
    rows = [[node_name(definition, one["node"]), f"{one['open']:,}", f"{one['late']:,}"] for one in report["waiting"]]
    return Table(
        "waiting",
        t("各环节在办", "Waiting by step"),
        [t("环节", "Step"), t("在办", "Open"), t("其中超时", "Of these, late")],
        rows,
    )
