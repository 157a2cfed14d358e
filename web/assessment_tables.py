"""The tables of an assessment report, which the page, the sheets, the paper and CSV all show."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from escalation.assessment import formulas
from escalation.assessment.counts import READINGS
from escalation.assessment.editions import Read
from escalation.assessment.formulas import BadFormula
from escalation.indicators import PROCESS
from escalation.picture.figures import LATE, WAITING
from web.assessments import address, figures, named, rank, reading_word, unit_word
from web.auth import city
from web.pages.case_list import classes
from web.telling_cases import node_name
from web.texts import locale, t

Row = dict[str, Any]

BRIEF = ("filed", "due_handle", "handling_in_time_rate", "due", "closing_rate", "closing_in_time_rate", "rework_rate")
"""Figures of units and areas that fit on a page or a paper; sheets and data hold all."""
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
        return [
            any(row[n] for row in self.rows) and all(_NUMBER.fullmatch(str(row[n])) for row in self.rows)
            for n in range(len(self.head))
        ]


def tables(read_: Read, *, whole: bool = False) -> list[Table]:
    """Every table of a report, in the order of the paper. `whole`: with every figure of units and areas."""
    report = read_.report
    return [
        _overview(report),
        _numbers(read_),
        _objects(read_, "unit", t("单位", "Units"), whole=whole),
        _objects(read_, "area", t("区域", "Areas"), whole=whole),
        *(_post(report, one) for one in report["posts"]),
        _plan(read_),
        _worst(read_),
        _waiting(read_),
    ]


def made_of(expression: str) -> list[str]:
    """The names that a formula is made of, as they stand in it; of one that is no good, none."""
    try:
        names = formulas.parse(expression).names
    except BadFormula:
        return []
    found = sorted((expression.index(one), one) for one in names if re.search(rf"\b{one}\b", expression))
    return [one for _, one in found]


def parts(read_: Read, row: Row, numbers: Mapping[str, Sequence[int]], **where: Any) -> list[Row]:
    """The counts that a figure is made of, each with its number (base) and where its cases are; of one made of other figures, none."""
    named_counts = {one["key"]: named(one) for one in read_.report["counts"]}
    keys = made_of(str(row["expression"]))
    if not named_counts.keys() >= set(keys):
        return []
    found = []
    for key in keys:
        number = numbers.get(key, (0, 0, 0))[1]
        href = address(read_, key, reading="base", **where) if number else ""
        found.append({"name": named_counts[key], "number": f"{number:,}", "href": href})
    return found


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


def _objects(read_: Read, thing: str, title: str, *, whole: bool) -> Table:
    report = read_.report
    shown = [one for one in figures(report, thing) if (whole or one["key"] in BRIEF) and one["unit"] != "points"]
    ranked = report["units"] if thing == "unit" else report["areas"]
    rows, links = [], []
    for one in ranked:
        if not whole and one["rank"] is None:
            continue
        cells = [one["values"][row["key"]]["text"][2] for row in shown]
        rows.append([rank(one), named(one), *cells, one["score"][1], one["score"][2], one["grade"][2]])
        links.append(_links(read_, thing, one, shown))
    left = len(ranked) - len(rows)
    if left:
        said = t(f"另有 {left} 个本期无得分，见 Excel", f"{left} more have no score; see Excel")
        rows.append(["—", said, *[""] * (len(shown) + 3)])
        links.append([""] * (len(shown) + 5))
    head = [
        t("名次", "Rank"),
        title,
        *(row["name"] for row in shown),
        t("得分（剔除前）", "Score before"),
        t("得分（剔除后）", "Score"),
        t("等级", "Grade"),
    ]
    return Table(f"{thing}s", t(f"{title}排名", f"{title}, ranked"), head, rows, links)


def _links(read_: Read, thing: str, one: Row, shown: Sequence[Row]) -> list[str]:
    """A count leads to its cases, everything else to the page of the unit or area, where its parts are."""
    number = read_.edition["number"] if read_.edition else "live"
    own = url_for("assessment.one", thing=thing, key=one["key"], period=read_.report["label"], edition=number)
    where = {"unit" if thing == "unit" else "town": one["key"]}
    cells = [
        address(read_, row["expression"], reading="adjusted", **where)
        if row["expression"] in read_.keys and row["unit"] == "count"
        else f"{own}#f-{row['key']}"
        for row in shown
    ]
    return ["", own, *cells, own, own, ""]


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


def _plan(read_: Read) -> Table:
    """Each value leads to the page of the plan, where the numbers it is made of are."""
    report = read_.report
    number = read_.edition["number"] if read_.edition else "live"
    page = url_for("assessment_ledger.plan", period=report["label"], edition=number)
    head = [
        t("序号", "No."),
        t("规划指标", "Indicator of the plan"),
        t("目标", "Target"),
        *_readings(),
        t("填报", "Filed"),
        t("填报人", "Filed by"),
        t("达标", "Met"),
    ]
    rows, links = [], []
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
        own = f"{page}#p-{one['no']}"
        links.append(["", "", "", own, own, own, own, "", ""])
    return Table("plan", t("规划三十项指标", "Indicators of the plan"), head, rows, links)


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


def _waiting(read_: Read) -> Table:
    """Of the data as they are now, each number leads to the live picture's cases; a closed edition keeps the numbers alone."""
    definition = city().definition(PROCESS).id
    rows, links = [], []
    for one in read_.report["waiting"]:
        rows.append([node_name(definition, one["node"]), f"{one['open']:,}", f"{one['late']:,}"])
        opened = [
            url_for("picture.cases", key=PROCESS, element=one["node"], show=show, version="all")
            for show in (WAITING, LATE)
        ]
        links.append(["", *(opened if read_.edition is None else ("", ""))])
    return Table(
        "waiting",
        t("各环节在办", "Waiting by step"),
        [t("环节", "Step"), t("在办", "Open"), t("其中超时", "Of these, late")],
        rows,
        links,
    )
