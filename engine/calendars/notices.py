"""The State Council's notice of a year's holidays, read: its own sentences as they are published, or rows of a table (date, last
date, off or worked, name). Everything that is wrong is said at once, each with its line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from chinese_calendar import constants as china

from engine import sheets
from engine.calendar import Calendar
from engine.calendars.editing import DayOff
from engine.errors import Invalid

MOST_LINES = 400
MOST_TEXT = 100_000
LONGEST = 31
"""Days of one row: no holiday is longer."""


class NoticeRefused(Invalid):
    """What is wrong with it: `problems`, each with line, zh and en."""

    code = "notice_refused"

    def __init__(self, problems: Sequence[dict[str, Any]]) -> None:
        self.problems = tuple(problems)
        more_zh = f"（另有 {len(problems) - 1} 处）" if len(problems) > 1 else ""
        more_en = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(
            why_zh=problems[0]["zh"] + more_zh, why_en=problems[0]["en"] + more_en, problems=list(problems)
        )


@dataclass
class _Reading:
    year: int
    days: dict[date, DayOff] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)

    def wrong(self, line: int, zh: str, en: str) -> None:
        self.problems.append({"line": line, "zh": f"第 {line} 行：{zh}", "en": f"line {line}: {en}"})

    def put(self, line: int, first: date, last: date, names: tuple[str, str], *, working: bool) -> None:
        if not 0 <= (last - first).days < LONGEST:
            self.wrong(line, f"{first} 至 {last} 不是一段假期", f"{first} to {last} is no holiday")
            return
        for n in range((last - first).days + 1):
            day = first + timedelta(days=n)
            # a notice may reach into the December before and the January after
            if not date(self.year - 1, 12, 20) <= day <= date(self.year + 1, 1, 10):
                self.wrong(line, f"{day} 不在 {self.year} 年", f"{day} is not of {self.year}")
                return
            known = self.days.get(day)
            if known is not None and known.working != working:
                self.wrong(line, f"{day} 既放假又上班", f"{day} is both off and worked")
                return
            if known is None:
                self.days[day] = DayOff(day, working, *names)


def from_text(text: str, year: int) -> list[DayOff]:
    """The days of a pasted notice or of pasted rows. NoticeRefused."""
    if len(text) > MOST_TEXT:
        raise NoticeRefused([{"line": 1, "zh": "文字过长。", "en": "The text is too long."}])
    reading = _Reading(year)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:MOST_LINES]
    if any(_ITEM.match(line.strip()) for line in lines):
        for number, line in enumerate(lines, 1):
            _sentence(reading, number, line.strip())
    else:
        delimiter = "\t" if "\t" in text else ","
        cells = [next(csv.reader(io.StringIO(line), delimiter=delimiter), []) for line in lines]
        _table(reading, cells)
    return _found(reading)


def from_file(content: bytes, name: str, year: int) -> list[DayOff]:
    """The days of an uploaded sheet (.xlsx) or CSV. NoticeRefused; SheetRefused."""
    if name.lower().endswith(".xlsx") or content[:2] == b"PK":
        reading = _Reading(year)
        _table(reading, sheets.read(content, most_rows=MOST_LINES))
        return _found(reading)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return from_text(content.decode(encoding), year)
        except UnicodeDecodeError:
            continue
    raise NoticeRefused(
        [{"line": 1, "zh": "文件不是 .xlsx，也不是文本。", "en": "The file is neither .xlsx nor text."}]
    )


def check(calendar: Calendar, days: Iterable[DayOff]) -> None:
    """NoticeRefused where a day is said to be worked in exchange that is worked anyway: then a date is wrong."""
    problems = []
    for n, one in enumerate(sorted(days, key=lambda d: d.day), 1):
        if one.working and one.day.weekday() in calendar.workweek:
            weekday = f"周{'一二三四五六日'[one.day.weekday()]}"
            problems.append(
                {
                    "line": n,
                    "zh": f"{one.day} 是{weekday}，本来就上班，请核对日期。",
                    "en": f"{one.day} is a {one.day:%A}, worked anyway: check the date.",
                }
            )
    if problems:
        raise NoticeRefused(problems)


# ---------------------------------------------------------------- its own sentences

_ITEM = re.compile(r"^(?:[（(]?[一二三四五六七八九十]+[）)]?[、.．]?|\d+[、.．])\s*([^：:，。]{1,20})[：:](.+)$")
_DATE = r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:[（(][^）)]*[）)])?"
_RANGE = re.compile(_DATE + r"(?:至|—|－|-|~)" + _DATE)
_SINGLE = re.compile(_DATE)


def _sentence(reading: _Reading, line: int, text: str) -> None:
    item = _ITEM.match(text)
    if item is None:
        return
    name = item[1].strip()
    month = reading_year = None
    found = 0
    for clause in re.split(r"[。；;]", item[2]):
        working, off = "上班" in clause, "放假" in clause
        if working == off:
            continue
        rest = clause[: clause.index("上班" if working else "放假")]
        names = (name, english(name))
        try:
            for match in _RANGE.finditer(rest):
                first, reading_year, month = _date(reading, match.groups()[:3], reading_year, month)
                last, reading_year, month = _date(reading, match.groups()[3:], reading_year, month)
                reading.put(line, first, last, names, working=working)
                found += 1
            for match in _SINGLE.finditer(_RANGE.sub("", rest)):
                day, reading_year, month = _date(reading, match.groups(), reading_year, month)
                reading.put(line, day, day, names, working=working)
                found += 1
        except ValueError:
            reading.wrong(line, f"“{clause}”中有不存在的日期", f"“{clause}” holds a date that does not exist")
            return
    if not found:
        reading.wrong(line, f"“{name}”没有读到放假日期", f"no date was found for “{name}”")


def _date(reading: _Reading, parts: Sequence[str | None], year: int | None, month: int | None) -> tuple[date, int, int]:
    said_year, said_month, day = parts
    year = int(said_year) if said_year else (year or reading.year)
    month = int(said_month) if said_month else month
    if month is None or day is None:
        raise ValueError("no month")
    return date(year, month, int(day)), year, month


# ---------------------------------------------------------------- rows

_OFF = {"holiday", "放假", "休", "休息", "off", "假"}
_WORKED = {"working", "上班", "班", "调休上班", "work", "worked"}
_HEADS = {"日期", "起", "起日", "开始日期", "date", "first", "开始"}
_CELL_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00:00)?")


def _table(reading: _Reading, table: Iterable[Sequence[Any]]) -> None:
    for line, raw in enumerate(table, 1):
        cells = [_text(value) for value in raw]
        if not any(cells) or cells[0].lower() in _HEADS:
            continue
        first = _cell_date(cells[0])
        if first is None:
            reading.wrong(line, f"“{cells[0]}”不是 2027-01-01 这样的日期", f"“{cells[0]}” is no date like 2027-01-01")
            continue
        rest = cells[1:]
        last = first
        if rest and (not rest[0] or _cell_date(rest[0]) is not None):
            last, rest = _cell_date(rest[0]) or first, rest[1:]
        kind = rest[0].lower() if rest else ""
        if kind not in _OFF | _WORKED:
            reading.wrong(line, f"“{kind}”应为 放假 或 上班", f"“{kind}” should be holiday (放假) or working (上班)")
            continue
        name = rest[1] if len(rest) > 1 else ""
        if not name:
            reading.wrong(line, "缺少节日名称", "the name of the holiday is missing")
            continue
        name_en = rest[2] if len(rest) > 2 and rest[2] else english(name)
        reading.put(line, first, last, (name[:60], name_en[:60]), working=kind in _WORKED)


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    return "" if value is None else str(value).strip()


def _cell_date(text: str) -> date | None:
    match = _CELL_DATE.fullmatch(text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def _found(reading: _Reading) -> list[DayOff]:
    if not reading.problems and not any(not one.working for one in reading.days.values()):
        reading.wrong(1, "没有读到任何放假日期", "no day off was found")
    if reading.problems:
        raise NoticeRefused(reading.problems)
    return sorted(reading.days.values(), key=lambda one: one.day)


_ENGLISH = {holiday.chinese: holiday.value for holiday in china.Holiday} | {
    "清明节": china.Holiday.tomb_sweeping_day.value,
    "端午节": china.Holiday.dragon_boat_festival.value,
    "中秋节": china.Holiday.mid_autumn_festival.value,
    "国际劳动节": china.Holiday.labour_day.value,
    "抗日战争胜利纪念日": china.Holiday.anti_fascist_70th_day.value,
}


def english(name: str) -> str:
    """The English name of a holiday, of several joined by 、; the Chinese where it is not known."""
    parts = [part.strip() for part in re.split("[、和与]", name)]
    return ", ".join(_ENGLISH.get(part, part) for part in parts)
