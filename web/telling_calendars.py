"""Calendars in words, and a year of one as months to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from engine import calendars
from engine.calendar import Calendar, Day
from engine.calendar.names import DAYS_ZH, MONTHS, SHORT_DAYS
from engine.calendars.comparing import Days
from web.auth import city
from web.telling import names
from web.texts import locale, t

STATE_COLOURS: Final = {
    "draft": "suspended",
    "proposed": "active",
    "active": "completed",
    "refused": "rejected",
    "withdrawn": "cancelled",
}
_STATES: Final = {
    "draft": ("草稿", "draft"),
    "proposed": ("待审批", "up for decision"),
    "active": ("已生效", "in force"),
    "refused": ("已驳回", "refused"),
    "withdrawn": ("已撤回", "withdrawn"),
}
KINDS: Final = {
    "calendar": ("日历", "Calendar"),
    "like": ("沿用", "Begins as"),
    "zone": ("时区", "Zone"),
    "workweek": ("工作日", "Working week"),
    "season": ("作息时间", "Hours"),
    "planting": ("种植季节", "Planting season"),
    "holidays": ("历年节假日", "Holidays of past years"),
    "day": ("放假安排", "Day of a notice"),
    "override": ("单日调整", "Single days"),
    "settled": ("已公布年份", "Settled year"),
    "policy": ("计算规则", "Rule"),
    "unit": ("使用单位", "Kept by"),
}
_POLICIES: Final = {
    "work_day=same_clock_time": ("工作日：到期于同一时刻", "working days end at the clock time of the start"),
    "work_day=end_of_day": (
        "工作日：起始日不计，到期于最后一日下班时",
        "working days: the day of the start does not count, the last ends when it closes",
    ),
    "natural_day=same_clock_time": ("自然日：到期于同一时刻", "calendar days end at the clock time of the start"),
    "natural_day=end_of_day": (
        "自然日：起始日不计，到期于最后一日 24:00",
        "calendar days: the day of the start does not count, the last ends at 24:00",
    ),
    "holiday_end=keep": ("自然日最后一日逢休息日：不顺延", "a last calendar day that is a day off is kept"),
    "holiday_end=next_working_day": (
        "自然日最后一日逢休息日：顺延至下一工作日",
        "a last calendar day that is a day off gives way to the next working day",
    ),
    "off_day_start=next_opening": (
        "休息日起算：从下一个工作时段开始",
        "begun on a day off: counted from the next opening",
    ),
    "off_day_start=same_clock_time": (
        "休息日起算：下一工作日的同一时刻",
        "begun on a day off: the same clock time on the next working day",
    ),
}


def state(word: str) -> str:
    """A book's state."""
    return t(*_STATES[word])


def kind(word: str) -> str:
    """A kind of row."""
    return t(*KINDS.get(word, (word, word)))


def calendar_name(one: Calendar) -> str:
    """What a calendar is called."""
    return (one.name_zh if locale() == "zh" else one.name_en) or one.key


def named(key: str) -> str:
    """What the calendar with this key is called now; its key where there is none."""
    found = calendars.current(city().core).calendars.get(key)
    return calendar_name(found) if found is not None else key


def weekdays() -> list[str]:
    """The heads of a week, Monday first."""
    return list(DAYS_ZH) if locale() == "zh" else [day[:2] for day in SHORT_DAYS]


def dates(first: date, last: date) -> str:
    """10月1日至7日; 1 to 7 October."""
    if locale() == "zh":
        if first == last:
            return f"{first.month}月{first.day}日（周{DAYS_ZH[first.weekday()]}）"
        month = "" if first.month == last.month else f"{last.month}月"
        return f"{first.month}月{first.day}日至{month}{last.day}日"
    if first == last:
        return f"{SHORT_DAYS[first.weekday()]} {first.day} {MONTHS[first.month - 1]}"
    month = "" if first.month == last.month else f" {MONTHS[first.month - 1]}"
    return f"{first.day}{month} to {last.day} {MONTHS[last.month - 1]}"


def policies(one: Calendar) -> list[str]:
    """The rules a calendar counts by."""
    found = [
        t(*_POLICIES[f"work_day={one.work_day}"]),
        t(*_POLICIES[f"natural_day={one.natural_day}"]),
        t(*_POLICIES[f"holiday_end={one.holiday_end}"]),
        t(*_POLICIES[f"off_day_start={one.off_day_start}"]),
    ]
    if one.late_due is not None:
        since, to = clock(one.late_due.since), clock(one.late_due.to)
        found.append(
            t(
                f"到期时刻在 {since} 或以后的，顺延至下一工作日 {to}",
                f"a due time from {since} on moves to {to} of the next working day",
            )
        )
    return found


def clock(minutes: int) -> str:
    """A clock time from minutes after midnight."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def hours(spans: tuple[tuple[int, int], ...]) -> str:
    """09:00–12:00、13:30–17:30; 休 for none."""
    if not spans:
        return t("休", "off")
    return t("、", ", ").join(f"{clock(a)}–{clock(b)}" for a, b in spans)


def month_days(first: tuple[int, int], last: tuple[int, int]) -> str:
    """6月1日至8月31日."""
    if locale() == "zh":
        return f"{first[0]}月{first[1]}日至{last[0]}月{last[1]}日"
    return f"{first[1]} {MONTHS[first[0] - 1]} to {last[1]} {MONTHS[last[0] - 1]}"


def row(one: Mapping[str, str]) -> str:
    """What a row of the table says, beside its kind."""
    name = one["name_zh"] if locale() == "zh" else one["name_en"] or one["name_zh"]
    value, span = one["value"], one["first"] + (f" – {one['last']}" if one["last"] else "")
    match one["kind"]:
        case "calendar":
            said = name
        case "workweek":
            picked = [int(word) - 1 for word in value.split() if word.isdigit() and 1 <= int(word) <= 7]
            said = t("周" + "".join(DAYS_ZH[n] for n in picked), ", ".join(SHORT_DAYS[n] for n in picked))
        case "season":
            bounds = "".join(
                part
                for part in (
                    t(f"，自 {one['since']}", f", since {one['since']}") if one["since"] else "",
                    t(f"，至 {one['until']}", f", until {one['until']}") if one["until"] else "",
                )
            )
            said = f"{name} {span}{t('：', ': ')}{value}{bounds}"
        case "planting":
            said = f"{name} {span}"
        case "holidays" | "settled":
            said = f"{span} {name}"
        case "day" | "override":
            said = f"{span} {t('上班', 'worked') if value == 'working' else t('放假', 'off')} {name}"
        case "policy":
            said = t(*_POLICIES[value]) if value in _POLICIES else value
        case "unit":
            said = names().unit_by_key(value, locale())
        case _:
            said = value
    return said.strip()


def changed_days(one: Days) -> str:
    """10月1日至7日：09:00–12:00、13:30–17:30 → 休（国庆节）."""
    name = one.name_zh if locale() == "zh" else one.name_en
    return f"{hours(one.before)} → {hours(one.after)}" + (t(f"（{name}）", f" ({name})") if name else "")


# ---------------------------------------------------------------- a year to look at


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of a month. `kind`: work, weekend, holiday, swapped, override; `mark`: the sign beside its number; `title`:
    all of it in words."""

    day: date
    kind: str
    mark: str
    title: str
    today: bool


@dataclass(frozen=True, slots=True)
class Month:
    """A month as weeks of seven cells, none for days of its neighbours; how many days are worked."""

    name: str
    weeks: list[list[Cell | None]]
    worked: int


@dataclass(frozen=True, slots=True)
class Special:
    """Days in a row that differ from their weekdays."""

    first: date
    last: date
    working: bool
    override: bool
    name: str
    source: str

    @property
    def count(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


def months(one: Calendar, year: int, today: date) -> list[Month]:
    """The twelve months of a year."""
    found = []
    for number in range(1, 13):
        first = date(year, number, 1)
        cells: list[Cell | None] = [None] * first.weekday()
        worked, day = 0, first
        while day.month == number:
            cells.append(_cell(one, day, today))
            worked += one.is_working_day(day)
            day += timedelta(days=1)
        cells += [None] * (-len(cells) % 7)
        name = t(f"{number}月", MONTHS[number - 1])
        found.append(Month(name, [cells[n : n + 7] for n in range(0, len(cells), 7)], worked))
    return found


def specials(one: Calendar, year: int) -> list[Special]:
    """The days of a year that differ from their weekdays, in order."""
    return list(_specials(one, year))


def _specials(one: Calendar, year: int) -> Iterator[Special]:
    held: Special | None = None
    for day in sorted(day for day in one.days if day.year == year):
        entry = one.days[day]
        fresh = Special(day, day, entry.working, entry.override, _name(entry), entry.source)
        alike = held is not None and (held.working, held.override, held.name) == (
            fresh.working,
            fresh.override,
            fresh.name,
        )
        if held is not None and alike and held.last + timedelta(days=1) == day:
            held = Special(held.first, day, held.working, held.override, held.name, held.source)
            continue
        if held is not None:
            yield held
        held = fresh
    if held is not None:
        yield held


def _cell(one: Calendar, day: date, today: date) -> Cell:
    entry = one.days.get(day)
    if entry is None:
        kind, mark, said = ("work", "", "") if one.is_working_day(day) else ("weekend", "", t("周末", "weekend"))
    elif entry.override:
        kind, mark = "override", t("调", "!")
        said = (t("上班", "worked") if entry.working else t("停工", "off")) + t("，", ", ") + _name(entry)
    elif entry.working:
        kind, mark = "swapped", t("班", "w")
        said = t(f"{entry.name_zh}调休上班", f"worked in exchange for {entry.name_en}")
    else:
        kind, mark, said = "holiday", t("休", "off"), _name(entry)
    return Cell(day, kind, mark, f"{dates(day, day)} {said}".strip(), day == today)


def _name(entry: Day) -> str:
    return entry.name_zh if locale() == "zh" else entry.name_en or entry.name_zh
