"""The organisation as an Excel workbook: six sheets that go out and come in again as the plan of an import
(`engine.organisation.plans`). Titles and words stand in Chinese or English; columns that only explain are not read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, tzinfo
from math import isfinite
from typing import Any, Final

from engine.errors import LiandongError
from engine.organisation.book_parts import AREA_KINDS, PARTS, UNIT_KINDS, Field, Part
from engine.organisation.plans import Problem
from engine.sheets import Column, Sheet, Value

Row = dict[str, Any]

FIRST_ROW = 2
"""Rows are numbered as Excel shows them; the first holds the titles."""


class BookRefused(LiandongError):
    """A workbook from which no plan can be read; `problems` says each thing that is wrong."""

    code = "book_refused"
    status = 422
    zh = "表格中有 {count} 处问题。"
    en = "{count} things are wrong in the workbook."

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(count=len(problems))
        self.problems = tuple(problems)


def sheets(rows: Mapping[str, Sequence[Row]], locale: str) -> list[Sheet]:
    """The sheets of a workbook from rows by the parts' and columns' keys."""
    return [
        Sheet(
            part.title(locale),
            [Column(f.title(locale), f.width) for f in part.fields],
            [[_shown(f, row.get(f.key), locale) for f in part.fields] for row in rows.get(part.key, ())],
        )
        for part in PARTS
    ]


def plan(book: Mapping[str, Sequence[Sequence[Value]]], zone: tzinfo) -> Row:
    """The plan of an import from a workbook's sheets. Sheets it does not have are left out; instants without an offset are of `zone`.
    BookRefused with all that is wrong."""
    problems: list[Problem] = []
    found: Row = {}
    for title, lines in book.items():
        part = next((p for p in PARTS if title.strip().casefold() in (p.zh, p.en.casefold())), None)
        if part is None:
            problems.append(
                Problem(
                    f"不认识工作表“{title}”，可用的有：{'、'.join(p.zh for p in PARTS)}",
                    f"there is no sheet “{title}” to read; known are: {', '.join(p.en for p in PARTS)}",
                    title,
                )
            )
            continue
        found[part.key] = _rows(part, lines, zone, problems)
    if problems:
        raise BookRefused(problems)
    return found


# ---------------------------------------------------------------- inside


class _Unreadable(ValueError):
    """A cell that does not hold what its column wants."""


def _rows(part: Part, lines: Sequence[Sequence[Value]], zone: tzinfo, problems: list[Problem]) -> list[Row]:
    head = [str(cell or "").strip().casefold() for cell in (lines[0] if lines else ())]
    places: dict[str, int] = {}
    for one in part.fields:
        at = next((i for i, text in enumerate(head) if text in (one.zh.casefold(), one.en.casefold())), None)
        if at is not None:
            places[one.key] = at
        elif not one.told:  # a sheet is the whole of it: a column left out would empty it everywhere
            problems.append(Problem(f"缺少“{one.zh}”一列", f"there is no column “{one.en}”", part.key, 1, one.key))
    found = []
    for number, line in enumerate(lines[1:], FIRST_ROW):
        if all(cell is None or str(cell).strip() == "" for cell in line):
            continue
        row: Row = {"row": number}
        for one in part.fields:
            if one.told or one.key not in places:
                continue
            row[one.key] = _read(one, line[places[one.key]], zone, part, number, problems)
        found.append(row)
    return found


def _read(one: Field, cell: Value, zone: tzinfo, part: Part, number: int, problems: list[Problem]) -> Any:
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        if one.required:
            problems.append(Problem(f"“{one.zh}”不能为空", f"“{one.en}” is empty", part.key, number, one.key))
        return [] if one.kind == "words" and one.required else None
    try:
        return _READERS[one.kind](cell, zone)
    except (ValueError, OverflowError):
        zh, en = _MEANT[one.kind]
        shown = str(cell)[:40]
        problems.append(
            Problem(
                f"“{one.zh}”的“{shown}”不对，应为{zh}",
                f"“{shown}” is no {one.en.lower()}: it should be {en}",
                part.key,
                number,
                one.key,
            )
        )
        return None


def _text(cell: Value, _: tzinfo) -> str:
    if isinstance(cell, bool | datetime):
        raise _Unreadable
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)  # a number of staff that Excel took for a number
    text = str(cell).strip()
    if len(text) > 2000:
        raise _Unreadable
    return text


def _instant(cell: Value, zone: tzinfo) -> str:
    if isinstance(cell, datetime):
        found = cell
    elif isinstance(cell, str):
        text = cell.strip().replace("/", "-")
        found = datetime.fromisoformat(text) if len(text) > 10 else datetime.combine(date.fromisoformat(text), time())
    else:
        raise _Unreadable
    return (found if found.tzinfo is not None else found.replace(tzinfo=zone)).isoformat()


def _number(cell: Value, _: tzinfo) -> float:
    if isinstance(cell, bool | datetime):
        raise _Unreadable
    number = float(cell or 0)
    if not isfinite(number):
        raise _Unreadable
    return number


def _words(cell: Value, _: tzinfo) -> list[str]:
    return str(cell).replace(",", " ").replace("，", " ").split()


def _kind(known: Mapping[str, tuple[str, str]]) -> Callable[[Value, tzinfo], str]:
    words = {word.casefold(): key for key, pair in known.items() for word in (key, *pair)}

    def read(cell: Value, _: tzinfo) -> str:
        found = words.get(str(cell).strip().casefold())
        if found is None:
            raise _Unreadable
        return found

    return read


_READERS: Final[dict[str, Callable[[Value, tzinfo], Any]]] = {
    "text": _text,
    "instant": _instant,
    "number": _number,
    "words": _words,
    "unit_kind": _kind(UNIT_KINDS),
    "area_kind": _kind(AREA_KINDS),
}
_MEANT: Final = {
    "text": ("不超过 2000 字的文字", "text of at most 2,000 characters"),
    "instant": ("日期时间，如 2026-03-01 08:00", "a date and time such as 2026-03-01 08:00"),
    "number": ("数字", "a number"),
    "words": ("以空格分隔的代码", "keys separated by spaces"),
    "unit_kind": ("、".join(zh for zh, _ in UNIT_KINDS.values()), ", ".join(en for _, en in UNIT_KINDS.values())),
    "area_kind": ("、".join(zh for zh, _ in AREA_KINDS.values()), ", ".join(en for _, en in AREA_KINDS.values())),
}


def _shown(one: Field, value: Any, locale: str) -> Value:
    if one.kind in ("unit_kind", "area_kind"):
        known = UNIT_KINDS if one.kind == "unit_kind" else AREA_KINDS
        pair = known.get(value)
        return (pair[0] if locale == "zh" else pair[1]) if pair else value
    if one.kind == "words":
        return " ".join(value) if value else None
    shown: Value = value
    return shown
