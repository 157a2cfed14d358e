"""A table of calendars as rows that people edit: put, dropped, settled by a year's notice, brought onto a newer version. Pure.

Rows are named by their line in the table, the head being line 1, as errors name them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from engine.calendar import CalendarProblem
from engine.calendars.reading import COLUMNS

Row = dict[str, str]

FIRST_LINE = 2
"""The line of the first row."""
MOST_TEXT = 1000
"""Characters of one cell."""
MOST_ROWS = 5000


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day of a year's notice: off, or worked in exchange."""

    day: date
    working: bool
    name_zh: str
    name_en: str


def rows(text: str) -> list[Row]:
    """The rows of a table's text; the first stands in line FIRST_LINE."""
    reader = csv.DictReader(io.StringIO(text))
    found = [{column: _cell(raw.get(column)) for column in COLUMNS} for raw in reader]
    return [row for row in found if any(row.values())]


def write(table: Iterable[Mapping[str, str]]) -> str:
    """Rows as a table's text, a line each. Raises CalendarProblem where there are too many."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    found = list(table)
    if len(found) > MOST_ROWS:
        raise CalendarProblem(why_zh=f"日历表超过 {MOST_ROWS} 行", why_en=f"the table has more than {MOST_ROWS} rows")
    writer.writerows([{column: _cell(row.get(column)) for column in COLUMNS} for row in found])
    return out.getvalue()


def put(text: str, row: Mapping[str, str], line: int | None = None) -> str:
    """The table with this row, in place of the one in `line`, else behind the others of its calendar."""
    table = rows(text)
    if line is not None:
        _check(table, line)
        table[line - FIRST_LINE] = dict(row)
    else:
        _behind(table, [dict(row)])
    return write(table)


def drop(text: str, line: int) -> str:
    """The table without the row in `line`."""
    table = rows(text)
    _check(table, line)
    del table[line - FIRST_LINE]
    return write(table)


def settle(text: str, calendar: str, year: int, days: Sequence[DayOff], source: str) -> str:
    """The table in which this notice settles the year: what stood there of its days before is gone, what the city said itself of
    single days (kind `override`) stays."""
    table: list[Row] = []
    for row in rows(text):
        table += _without(row, year) if row["calendar"] == calendar else [row]
    fresh = [*_together(calendar, days, source), _row(calendar, "settled", str(year), "", "", source=source)]
    _behind(table, fresh)
    return write(table)


def own(text: str, key: str, like: str, unit: str, names: tuple[str, str], source: str) -> str:
    """The table with a calendar of its own for a unit, as another one to begin with."""
    fresh = [
        _row(key, "calendar", "", "", "1", *names, source=source),
        _row(key, "like", "", "", like, source=source),
        _row(key, "unit", "", "", unit, source=source),
    ]
    return write([*rows(text), *fresh])


@dataclass(frozen=True, slots=True)
class Changed:
    """What one table has that another has not."""

    added: list[Row]
    removed: list[Row]


def changed(before: str, after: str) -> Changed:
    """The rows that were added and removed."""
    old, new = [tuple(r.values()) for r in rows(before)], [tuple(r.values()) for r in rows(after)]
    more, less = Counter(new) - Counter(old), Counter(old) - Counter(new)
    return Changed(
        [dict(zip(COLUMNS, r, strict=True)) for r in more.elements()],
        [dict(zip(COLUMNS, r, strict=True)) for r in less.elements()],
    )


def rebase(base: str, mine: str, theirs: str) -> tuple[str, list[Row]]:
    """What `mine` changed of `base`, done to `theirs`; and the rows it meant to take away that are not there any more."""
    change = changed(base, mine)
    table, lost = rows(theirs), []
    for row in change.removed:
        if row in table:
            table.remove(row)
        else:
            lost.append(row)
    for row in change.added:
        if row not in table:
            _behind(table, [row])
    return write(table), lost


# ---------------------------------------------------------------- inside


def _cell(value: str | None) -> str:
    text = " ".join((value or "").split())
    if len(text) > MOST_TEXT:
        raise CalendarProblem(
            why_zh=f"一格超过 {MOST_TEXT} 个字", why_en=f"a cell holds more than {MOST_TEXT} characters"
        )
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise CalendarProblem(
            why_zh="文字中含有无法保存的字符", why_en="the text holds characters that cannot be stored"
        )
    return text


def _check(table: Sequence[Row], line: int) -> None:
    if not 0 <= line - FIRST_LINE < len(table):
        raise CalendarProblem(why_zh=f"日历表没有第 {line} 行", why_en=f"the table has no line {line}")


def _behind(table: list[Row], fresh: Sequence[Row]) -> None:
    """Put rows behind the last of their calendar, in front of whatever begins as that calendar does (`like`)."""
    key = fresh[0]["calendar"]
    at = next((n for n in range(len(table), 0, -1) if table[n - 1]["calendar"] == key), len(table))
    table[at:at] = fresh


def _without(row: Row, year: int) -> list[Row]:
    if row["kind"] == "day" and row["first"][:4] == str(year) and (row["last"] or row["first"])[:4] == str(year):
        return []
    if row["kind"] not in ("holidays", "settled") or not row["first"].isdigit():
        return [row]
    first, last = int(row["first"]), int(row["last"] or row["first"])
    if not first <= year <= last:
        return [row]
    parts = [(first, year - 1), (year + 1, last)]
    return [{**row, "first": str(a), "last": str(b) if b > a else ""} for a, b in parts if a <= b]


def _together(calendar: str, days: Sequence[DayOff], source: str) -> list[Row]:
    found: list[Row] = []
    held: DayOff | None = None
    for one in sorted(days, key=lambda d: d.day):
        alike = held is not None and (held.working, held.name_zh) == (one.working, one.name_zh)
        if held is not None and alike and held.day + timedelta(days=1) == one.day:
            found[-1]["last"] = one.day.isoformat()
        else:
            value = "working" if one.working else "holiday"
            found.append(_row(calendar, "day", one.day.isoformat(), "", value, one.name_zh, one.name_en, source=source))
        held = one
    return found


def _row(
    calendar: str, kind: str, first: str, last: str, value: str, name_zh: str = "", name_en: str = "", *, source: str
) -> Row:
    given = (calendar, kind, first, last, value, "", "", name_zh, name_en, source)
    return dict(zip(COLUMNS, given, strict=True))
