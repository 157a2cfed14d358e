"""An assessment report to take away: a workbook, CSV, a paper. All say what the page says."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from engine import sheets
from engine.sheets import Cell, Column, Number, Sheet
from escalation.assessment.editions import Read
from escalation.papers import assessment as paper
from web import assessment_definitions, assessment_tables, assessments, fonts
from web.assessment_tables import Table
from web.auth import city
from web.telling import city_name, names, stamp
from web.texts import locale, t

_NUMBER = re.compile(r"([0-9][0-9,]*)(\.[0-9]+)?(%|m²|（并列）| ?=)?")
_WIDEST, _WIDEST_OF_FEW = 44, 64
_NAMED = {"units": 2, "areas": 2, "plan": 2, "worst": 3}
"""How many columns from the left say what a row is; one where it is not said here."""


def book(found: Read) -> bytes:
    """A sheet a table, the definitions among them. Numbers are numbers, written as the page writes them; all else is text, whatever it
    begins with."""
    told = [[key, value] for key, value in about(found)]
    columns = [Column(t("项目", "Item"), 20), Column(t("内容", "Content"), 90)]
    parts = [Sheet(t("说明", "About"), columns, told, filters=False)]
    parts += [sheet(one) for one in assessment_tables.tables(found, whole=True)]
    parts.append(sheet(assessment_definitions.table(found.report)))
    return sheets.write_book(parts, assessments.zone())


def sheet(table: Table) -> Sheet:
    """One table as a sheet."""
    rows = [[cell(value) for value in row] for row in table.rows]
    columns = []
    for n, title in enumerate(table.head):
        widest = max((sheets.width(str(row[n])) for row in table.rows), default=0)
        numeric = any(isinstance(row[n], Number) for row in rows) and all(
            isinstance(row[n], Number) or row[n] in ("", "—") for row in rows
        )
        numeric = numeric and (n > 0 or table.key not in _NAMED)  # a rank stands before its name, to the left
        most = _WIDEST_OF_FEW if len(table.head) < 7 else _WIDEST
        columns.append(Column(title, min(most, max(sheets.head_width(title), widest + 3)), numeric))
    return Sheet(table.title, columns, rows, names=_NAMED.get(table.key, 1))


def cell(text: str) -> Cell:
    """1,234, 96.4%, 87.3, 12m² and 3（并列） as numbers written that way; anything else as it is."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return text
    whole, rest, unit = found[1], found[2] or "", found[3] or ""
    number = float(whole.replace(",", "") + rest) if rest else int(whole.replace(",", ""))
    written = ("0" if rest else "#,##0") + ("." + "0" * (len(rest) - 1) if rest else "")
    if unit == "%":
        return Number(round(number / 100, len(rest) + 2), f"{written.removeprefix('#,##')}%")
    return Number(number, f'{written}"{unit}"' if unit else written)


def as_csv(found: Read) -> bytes:
    """All tables, one after another, each row with the table's name (UTF-8 with a mark, as Excel wants it)."""
    out = io.StringIO()
    lines = csv.writer(out)
    for table in (*assessment_tables.tables(found, whole=True), assessment_definitions.table(found.report)):
        lines.writerow([_text(v) for v in (table.title, *table.head)])
        lines.writerows([_text(v) for v in (table.title, *row)] for row in table.rows)
    return ("\ufeff" + out.getvalue()).encode()


def on_paper(found: Read) -> bytes:
    """The PDF of a report in the reader's language."""
    keep = {"numbers"}  # the full list of counts stays on the sheet and the page
    at = found.edition["at"] if found.edition else city().world().now
    data = content(found, [one for one in assessment_tables.tables(found) if one.key not in keep])
    return paper.render(data, at, fonts.folders(), locale())[0]


def content(found: Read, tables: Sequence[Table]) -> dict[str, Any]:
    """What is printed, as text."""
    wanted = assessments.span()
    at = found.edition["at"] if found.edition else city().world().now
    return {
        "title": t(f"{wanted.name('zh')}城市综合管理考核报告", f"City management assessment, {wanted.name('en')}"),
        "city": city_name(),
        "number": found.edition["number"] if found.edition else "",
        "date": _day(at),
        "about": [[key, value] for key, value in about(found)],
        "tables": [
            {"key": one.key, "title": one.title, "head": list(one.head), "rows": [list(row) for row in one.rows]}
            for one in tables
        ],
        "definitions": [list(row) for row in assessment_definitions.table(found.report).rows],
        "closed": found.edition is not None,
    }


def about(found: Read) -> list[tuple[str, str]]:
    """Which report it is: its period, state, edition and readings."""
    wanted = assessments.span()
    row = found.edition
    since, until = (stamp(each) for each in (wanted.since, wanted.until))
    lines = [
        (t("考核时段", "Period"), wanted.name(locale()) + t(f"（{since} — {until}）", f" ({since} — {until})")),
        (
            t("状态", "State"),
            t("已封存", "Closed") if row else t("未封存，数据仍会变化", "Not closed: the numbers still change"),
        ),
    ]
    if row:
        names().learn([row["by_id"]])
        lines += [
            (t("版次", "Edition"), row["number"]),
            (t("封存", "Closed by"), f"{stamp(row['at'])} {names().person(row['by_id'])}"),
            (t("校验值", "Hash"), row["hash"]),
        ]
        if row["note"]:
            lines.append((t("更正理由", "Why corrected"), row["note"]))
    if not found.whole:
        lines.append((t("范围", "Scope"), t("仅含查看人有权查看的案件", "Only cases that the reader may see")))
    lines.append(
        (
            t("口径", "Readings"),
            t(
                "含挂账：暂停的案件按原期限计入；不含挂账：暂停期间不计（建议口径）；剔除后：再去掉已批准申诉的",
                "With standing: cases that stand count by their former term; without standing: they do not (recommended); "
                "adjusted: exempted overruns left out, too",
            ),
        )
    )
    said = assessments.by_unit(found.report)
    if said:
        lines.append((t("按单位", "By unit"), said))
    return lines


# ---------------------------------------------------------------- inside


def _day(at: datetime) -> str:
    """2026年6月2日; 2 June 2026."""
    local = at.astimezone(assessments.zone())
    return f"{local.year}年{local.month}月{local.day}日" if locale() == "zh" else f"{local.day} {local:%B %Y}"


def _text(value: str) -> str:
    return f"'{value}" if value.startswith(sheets.FORMULA) else value
