"""Calendars from a table: one row a fact, each with its source (processes/tables/calendar.csv).

Kinds of rows: `calendar` (value: version), `like` (begin as another calendar of the table), `zone`, `workweek` (1 is Monday),
`season` and `planting` (first and last day of the year), `holidays` (years, by a known collection), `day` (dates, holiday or working),
`override` (the same, but of the city itself: it stands whatever a notice says), `settled` (years whose holidays stand in `day` rows),
`policy` (field=choice), `unit` (a unit of the organisation, by its key, that keeps this calendar, with those below it).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from chinese_calendar import constants as china

from engine.calendar import (
    Calendar,
    CalendarProblem,
    Day,
    DayEnd,
    HolidayEnd,
    LateDue,
    OffDayStart,
    PlantingSeason,
    Season,
    hours,
)

COLUMNS = ("calendar", "kind", "first", "last", "value", "since", "until", "name_zh", "name_en", "source")

MOST_DAYS = 366
"""Of one row of days."""
MOST_YEARS = 200
"""Of one row of years."""

Row = dict[str, str]


def load(path: Path) -> dict[str, Calendar]:
    """The calendars of a table, by key. Raises CalendarProblem naming the line."""
    return read(path.read_text("utf-8-sig"))


def read(text: str, version: int | None = None) -> dict[str, Calendar]:
    """The calendars of a table's text (CSV with the columns of COLUMNS), by key. Later rows of a calendar win over
    earlier ones. `version`: that of the book they stand in, instead of the table's own. Raises CalendarProblem naming the line."""
    return {key: draft.calendar(key, version) for key, draft in _drafts(text).items()}


def units(text: str) -> dict[str, str]:
    """Which units of the organisation keep a calendar of their own: its key by theirs."""
    return {unit: key for key, draft in _drafts(text).items() for unit in draft.units}


def _drafts(text: str) -> dict[str, _Draft]:
    reader = csv.DictReader(io.StringIO(text))
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise CalendarProblem(why_zh=f"日历表缺少列 {missing[0]}", why_en=f"the table lacks the column {missing[0]}")
    drafts: dict[str, _Draft] = {}
    for raw in reader:
        row = {column: (raw[column] or "").strip() for column in COLUMNS}
        if not any(row.values()):
            continue
        try:
            _read_row(row, drafts)
        except CalendarProblem as problem:
            raise _at(reader.line_num, problem.params["why_zh"], problem.params["why_en"]) from None
        except (ValueError, KeyError) as problem:
            raise _at(
                reader.line_num, f"“{row['kind']}”一行无法读取（{problem}）", f"{row['kind']}: {problem}"
            ) from None
    return drafts


@dataclass
class _Draft:
    version: int
    names: tuple[str, str]
    zone: str = ""
    workweek: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    seasons: tuple[Season, ...] = ()
    planting: tuple[PlantingSeason, ...] = ()
    days: dict[date, Day] = field(default_factory=dict)
    overrides: dict[date, Day] = field(default_factory=dict)
    settled: frozenset[int] | None = None
    work_day: DayEnd = DayEnd.SAME_CLOCK_TIME
    natural_day: DayEnd = DayEnd.SAME_CLOCK_TIME
    off_day_start: OffDayStart = OffDayStart.NEXT_OPENING
    holiday_end: HolidayEnd = HolidayEnd.KEEP
    late_due: LateDue | None = None
    units: tuple[str, ...] = ()

    def calendar(self, key: str, version: int | None) -> Calendar:
        return Calendar(
            key=key,
            version=self.version if version is None else version,
            zone=self.zone,
            seasons=self.seasons,
            workweek=self.workweek,
            days={**self.days, **self.overrides},
            planting=self.planting,
            settled_years=self.settled,
            work_day=self.work_day,
            natural_day=self.natural_day,
            off_day_start=self.off_day_start,
            holiday_end=self.holiday_end,
            late_due=self.late_due,
            name_zh=self.names[0],
            name_en=self.names[1],
        )


def _read_row(row: Row, drafts: dict[str, _Draft]) -> None:
    key, kind = row["calendar"], row["kind"]
    names = (row["name_zh"], row["name_en"])
    if kind == "calendar":
        drafts[key] = _Draft(int(row["value"]), names)
        return
    draft = drafts.get(key)
    if draft is None:
        raise CalendarProblem(
            why_zh=f"日历“{key}”须先有一行 calendar",
            why_en=f"the calendar “{key}” needs its row of kind calendar first",
        )
    if kind == "like":
        if row["value"] not in drafts:
            raise CalendarProblem(
                why_zh=f"没有在前面定义的日历“{row['value']}”",
                why_en=f"there is no calendar “{row['value']}” before it",
            )
        model = drafts[row["value"]]
        drafts[key] = replace(
            model,
            version=draft.version,
            names=draft.names,
            days=dict(model.days),
            overrides=dict(model.overrides),
            units=(),
        )
    elif kind in _KINDS:
        _KINDS[kind](draft, row)
    else:
        raise CalendarProblem(why_zh=f"没有“{kind}”这种行", why_en=f"there is no row of kind “{kind}”")


def _zone(draft: _Draft, row: Row) -> None:
    draft.zone = row["value"]


def _workweek(draft: _Draft, row: Row) -> None:
    days = frozenset(int(word) - 1 for word in row["value"].split())
    if not days <= frozenset(range(7)):
        raise CalendarProblem(why_zh="星期应为 1 至 7", why_en="weekdays are 1 to 7")
    draft.workweek = days


def _season(draft: _Draft, row: Row) -> None:
    season = Season(
        _month_day(row["first"]),
        _month_day(row["last"]),
        hours(row["value"]),
        date.fromisoformat(row["since"]) if row["since"] else date.min,
        date.fromisoformat(row["until"]) if row["until"] else date.max,
        row["name_zh"],
        row["name_en"],
        row["source"],
    )
    draft.seasons += (season,)


def _planting(draft: _Draft, row: Row) -> None:
    draft.planting += (PlantingSeason(_month_day(row["first"]), _month_day(row["last"]), row["source"]),)


def _holidays(draft: _Draft, row: Row) -> None:
    if row["value"] != "chinesecalendar":
        raise CalendarProblem(
            why_zh=f"没有名为“{row['value']}”的节假日集", why_en=f"there is no collection “{row['value']}”"
        )
    known = {day.year for day in china.holidays}
    years = _years(row)
    if not years <= known:
        raise CalendarProblem(
            why_zh=f"chinesecalendar 只有 {min(known)} 至 {max(known)} 年",
            why_en=f"chinesecalendar knows {min(known)} to {max(known)}",
        )
    for days, working in ((china.holidays, False), (china.workdays, True)):
        for day, holiday in days.items():
            if day.year in years:
                names = _CHINA.get(holiday, ("", holiday))
                draft.days[day] = Day(working, names[0], names[1], row["source"])
    _settle(draft, years)


def _day(draft: _Draft, row: Row) -> None:
    draft.days |= _dates(row, override=False)


def _override(draft: _Draft, row: Row) -> None:
    draft.overrides |= _dates(row, override=True)


def _dates(row: Row, *, override: bool) -> dict[date, Day]:
    if row["value"] not in {"holiday", "working"}:
        raise CalendarProblem(why_zh="日期的取值应为 holiday 或 working", why_en="a day is “holiday” or “working”")
    first, last = date.fromisoformat(row["first"]), date.fromisoformat(row["last"] or row["first"])
    if not 0 <= (last - first).days < MOST_DAYS:
        raise CalendarProblem(
            why_zh=f"止日应在起日之后，且不超过 {MOST_DAYS} 天",
            why_en=f"it ends before it begins, or lasts over {MOST_DAYS} days",
        )
    one = Day(row["value"] == "working", row["name_zh"], row["name_en"], row["source"], override)
    return {first + timedelta(days=n): one for n in range((last - first).days + 1)}


def _settled(draft: _Draft, row: Row) -> None:
    _settle(draft, _years(row))


def _policy(draft: _Draft, row: Row) -> None:
    name, _, choice = row["value"].partition("=")
    if name == "work_day":
        draft.work_day = DayEnd(choice)
    elif name == "natural_day":
        draft.natural_day = DayEnd(choice)
    elif name == "off_day_start":
        draft.off_day_start = OffDayStart(choice)
    elif name == "holiday_end":
        draft.holiday_end = HolidayEnd(choice)
    elif name == "late_due":
        # 17:00-08:30: from the first time on, to the second of the next working day
        since, to = choice.split("-")
        draft.late_due = LateDue(_minutes(since), _minutes(to))
    else:
        raise CalendarProblem(why_zh=f"没有“{name}”这项规则", why_en=f"there is no policy “{name}”")


def _unit(draft: _Draft, row: Row) -> None:
    if not row["value"]:
        raise CalendarProblem(why_zh="缺少单位", why_en="the unit is missing")
    draft.units += (row["value"],)


_KINDS: dict[str, Callable[[_Draft, Row], None]] = {
    "zone": _zone,
    "workweek": _workweek,
    "season": _season,
    "planting": _planting,
    "holidays": _holidays,
    "day": _day,
    "override": _override,
    "settled": _settled,
    "policy": _policy,
    "unit": _unit,
}
_CHINA = {holiday.value: (holiday.chinese, holiday.value) for holiday in china.Holiday}


def _settle(draft: _Draft, years: frozenset[int]) -> None:
    draft.settled = (draft.settled or frozenset()) | years


def _years(row: Row) -> frozenset[int]:
    first, last = int(row["first"]), int(row["last"] or row["first"])
    if not 0 <= last - first < MOST_YEARS:
        raise CalendarProblem(why_zh="止年应不早于起年", why_en="the last year lies before the first, or far behind it")
    return frozenset(range(first, last + 1))


def _month_day(text: str) -> tuple[int, int]:
    # A leap year, so that 02-29 is a day of the year.
    day = date.fromisoformat(f"2024-{text}")
    return day.month, day.day


def _minutes(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def _at(line: int, why_zh: str, why_en: str) -> CalendarProblem:
    return CalendarProblem(
        why_zh=f"日历表第 {line} 行：{why_zh}", why_en=f"line {line} of the table of calendars: {why_en}"
    )
