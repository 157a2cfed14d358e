"""What the pages of the assessment share: which period and edition is asked for, the report of it for its reader, its words, and where
the cases behind a number are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import g, request, url_for
from sqlalchemy import Connection

from engine import access
from engine.errors import Invalid
from escalation.assessment import counting, editions, periods
from escalation.assessment.counts import TASK
from escalation.assessment.editions import Read
from escalation.assessment.periods import Span
from web.auth import city
from web.texts import locale, t

Row = dict[str, Any]

READING_WORDS = {
    "full": ("含挂账", "with standing"),
    "base": ("不含挂账", "without standing"),
    "adjusted": ("剔除后", "adjusted"),
}
KINDS = {periods.MONTH: ("月", "Month"), periods.QUARTER: ("季", "Quarter"), periods.YEAR: ("年", "Year")}
BACK = {periods.MONTH: 24, periods.QUARTER: 8, periods.YEAR: 5}
"""How many periods there are to choose from."""


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


def by_unit(report: Row) -> str:
    """Of which unit a number is, in words; "" for a report of the time before tasks were counted by whose they were."""
    if all(one.get("whose") != TASK for one in report["counts"]):
        return ""
    return t(
        "处置类计数计入任务所在单位（超时的以到期时为准），黄红牌和督办计入当时的单位，其余计入期末责任单位；"
        "一案经几个单位办理的各计一件，各单位之和可大于全市数",
        "Handling counts for the unit whose task it was (what was late: when its time ran out), cards and supervision for the unit "
        "they were about, all else for the unit that has the case when the period ends; a case that passed through several "
        "counts once for each, so that the units may add up to more than the city",
    )


def address(read_: Read, key: str, **more: Any) -> str:
    """Where the cases behind a number are listed."""
    number = read_.edition["number"] if read_.edition else "live"
    return url_for("assessment_cases.behind", key=key, period=read_.report["label"], edition=number, **more)


def named_figure(row: Row) -> str:
    """The name of a definition."""
    return str(row["name_zh"] if locale() == "zh" else row["name_en"])


def unit_word(unit: str) -> str:
    """件, %, 分."""
    return {"count": t("件", "cases"), "share": "%", "points": t("分", "points")}.get(unit, unit)


def direction_word(direction: str) -> str:
    """Which way is better."""
    return {"up": t("越高越好", "higher"), "down": t("越低越好", "lower")}.get(direction, "—")


def rank(one: Row) -> str:
    """1, 2, or 3= for one of several."""
    if one["rank"] is None:
        return "—"
    return f"{one['rank']}{t('（并列）', '=')}" if one["tied"] else str(one["rank"])
