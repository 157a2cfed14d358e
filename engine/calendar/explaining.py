"""How a due time was counted, day by day: what counted, what did not and why, and which rule moved the end.

Pure. The lines are facts first (`first`, `last`, `spans`, `amount`, `total`), words second (`text`), so that a page may draw them too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from engine.calendar.calendar import Calendar
from engine.calendar.lines import Kind, Line
from engine.calendar.policies import DayEnd, HolidayEnd
from engine.calendar.seasons import Season
from engine.calendar.units import Budget, Unit

MOST_LINES = 30
"""Beyond so many lines, days that count whole are told together, with the weekends between them."""

_ONE = timedelta(days=1)
_NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Explanation:
    """How `budget` from `start` comes to `due`. `added`: where the budget is used up, before rules moved it. `provisional`: years without
    announced holidays that were counted."""

    calendar: Calendar
    start: datetime
    budget: Budget
    added: datetime
    due: datetime
    lines: tuple[Line, ...]
    provisional: tuple[int, ...]

    def text(self, locale: str = "zh") -> list[str]:
        """All lines in words."""
        return [line.text(locale) for line in self.lines]


def explain(calendar: Calendar, start: datetime, budget: Budget, most: int = MOST_LINES) -> Explanation:
    """How this budget comes to its due time. Raises CalendarProblem where it cannot be counted."""
    added, due = calendar.add(start, budget), calendar.due(start, budget)
    lines = [*_counting(calendar, start, added, budget)]
    if len(lines) > most:
        lines = list(_together(lines))
    if due != added:
        lines.append(_moved(calendar, added, due, budget.unit))
    return Explanation(
        calendar,
        start,
        budget,
        added,
        due,
        tuple(lines),
        calendar.provisional_years(start, max(added, due), budget.unit),
    )


def stretch(calendar: Calendar, start: datetime, end: datetime, unit: Unit, most: int = MOST_LINES) -> tuple[Line, ...]:
    """What counted of `unit` from `start` to `end` (a segment in which a clock ran)."""
    amount = max(_NONE, calendar.between(start, end, unit))
    lines = [*_counting(calendar, start, max(start, end), Budget(amount, unit))]
    return tuple(_together(lines) if len(lines) > most else lines)


# ---------------------------------------------------------------- counting


def _counting(calendar: Calendar, start: datetime, end: datetime, budget: Budget) -> Iterator[Line]:
    unit = budget.unit
    if unit.continuous:
        yield from _continuous(calendar, start, end, budget)
    elif unit is Unit.WORK_HOUR:
        yield from _grouped(_hours(calendar, start, end))
    else:
        yield from _grouped(_days(calendar, start, end, budget))


def _continuous(calendar: Calendar, start: datetime, end: datetime, budget: Budget) -> Iterator[Line]:
    first, last = calendar.local(start).date(), calendar.local(end).date()
    if budget.unit is Unit.NATURAL_DAY and calendar.natural_day is DayEnd.END_OF_DAY:
        yield _begin_next_day(first, budget.unit)
        first += _ONE
        last = max(first, calendar.local(end - timedelta(microseconds=1)).date())
    yield Line(
        Kind.COUNTED,
        first,
        last,
        budget.unit,
        ((start, end),),
        budget.amount,
        budget.amount,
        days=(last - first).days + 1,
        name_zh="连续计算，夜间、周末和节假日都计入",
        name_en="counted without a break: nights, weekends and holidays count",
        clocks=(f"{calendar.local(start):%H:%M}", f"{calendar.local(end):%H:%M}"),
    )


def _hours(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Line]:
    unit, total = Unit.WORK_HOUR, _NONE
    day, last = calendar.local(start).date(), calendar.local(end).date()
    opening = next((opens for opens, closes in calendar.working_spans(day) if closes >= start), None)
    if opening is None or opening > start:
        yield _waits(calendar, start, unit)
    while day <= last:
        spans = tuple(
            (max(opens, start), min(closes, end))
            for opens, closes in calendar.working_spans(day)
            if max(opens, start) < min(closes, end)
        )
        if spans:
            total = calendar.between(start, spans[-1][1], unit)
            amount = sum((calendar.between(a, b, unit) for a, b in spans), _NONE)
            yield _counted(calendar, day, unit, spans, amount, total)
        elif not calendar.is_working_day(day):
            yield _off(calendar, day, unit)
        day += _ONE


def _days(calendar: Calendar, start: datetime, end: datetime, budget: Budget) -> Iterator[Line]:
    unit = budget.unit
    day = calendar.local(start).date()
    if calendar.work_day is DayEnd.END_OF_DAY:
        yield _begin_next_day(day, unit)
        counted_from, total = day + _ONE, _NONE
    else:
        begins = calendar.add(start, Budget(_NONE, unit))
        if begins != start:
            yield _waits(calendar, start, unit, begins)
        counted_from, total = calendar.local(begins).date() + _ONE, _NONE
        for off in _until(day, counted_from - _ONE):
            if not _works(calendar, off, unit):
                yield _off(calendar, off, unit)
    last = calendar.local(end).date()
    for day in _until(counted_from, last + _ONE):
        if not _works(calendar, day, unit):
            yield _off(calendar, day, unit)
            continue
        amount = min(Decimal(1), budget.amount - total)
        total += amount
        if amount > 0:
            ends = calendar.add(start, Budget(total, unit))
            yield _counted(calendar, day, unit, ((ends, ends),), amount, total)
    if total < budget.amount:  # a part of a day that ends on the day it began
        rest = budget.amount - total
        yield _counted(calendar, last, unit, ((end, end),), rest, budget.amount)


def _until(first: date, end: date) -> Iterator[date]:
    while first < end:
        yield first
        first += _ONE


def _works(calendar: Calendar, day: date, unit: Unit) -> bool:
    if not calendar.working_spans(day):
        return False
    return unit is not Unit.PLANTING_WORK_DAY or any(season.covers(day) for season in calendar.planting)


# ---------------------------------------------------------------- lines


def _waits(calendar: Calendar, start: datetime, unit: Unit, begins: datetime | None = None) -> Line:
    begins = begins or calendar.add(start, Budget(_NONE, unit))
    local, opened = calendar.local(start), calendar.local(begins)
    return Line(
        Kind.BEGIN,
        local.date(),
        opened.date(),
        unit,
        ((start, begins),),
        name_zh="不在工作时间内，从下一个工作时段起算",
        name_en="outside working time: counted from the next opening",
        clocks=(f"{local:%H:%M}", f"{opened:%H:%M}"),
    )


def _begin_next_day(day: date, unit: Unit) -> Line:
    return Line(
        Kind.BEGIN, day, day, unit, name_zh="当日不计，从次日起算", name_en="the day of the start does not count"
    )


def _counted(
    calendar: Calendar,
    day: date,
    unit: Unit,
    spans: tuple[tuple[datetime, datetime], ...],
    amount: Decimal,
    total: Decimal,
) -> Line:
    own = calendar.days.get(day)
    hours = _season(calendar, day)
    return Line(
        Kind.COUNTED,
        day,
        day,
        unit,
        spans,
        amount,
        total,
        days=1,
        name_zh=own.name_zh if own else "",
        name_en=own.name_en if own else "",
        source=own.source if own else "",
        hours_zh=hours.name_zh if hours else "",
        hours_en=hours.name_en if hours else "",
        clocks=tuple(_clocks(calendar, day, spans)),
    )


def _clocks(calendar: Calendar, day: date, spans: tuple[tuple[datetime, datetime], ...]) -> Iterator[str]:
    for opens, closes in spans:
        since, until = calendar.local(opens), calendar.local(closes)
        closing = "24:00" if until.date() > day else f"{until:%H:%M}"
        yield closing if opens == closes else f"{since:%H:%M}–{closing}"


def _off(calendar: Calendar, day: date, unit: Unit) -> Line:
    own = calendar.days.get(day)
    names = (own.name_zh, own.name_en) if own and not own.working else ("", "")
    out_of_season = unit is Unit.PLANTING_WORK_DAY and not any(season.covers(day) for season in calendar.planting)
    if out_of_season:
        own, names = None, ("非种植季节", "out of the planting season")
    return Line(
        Kind.OFF,
        day,
        day,
        unit,
        off=1,
        name_zh=names[0],
        name_en=names[1],
        source=own.source if own and not own.working else "",
    )


def _season(calendar: Calendar, day: date) -> Season | None:
    return next((season for season in reversed(calendar.seasons) if season.covers(day)), None)


def _moved(calendar: Calendar, added: datetime, due: datetime, unit: Unit) -> Line:
    was, now = calendar.local(added), calendar.local(due)
    holiday = unit is Unit.NATURAL_DAY and calendar.holiday_end is HolidayEnd.NEXT_WORKING_DAY
    names = (
        ("最后一日是休息日，顺延至下一个工作日", "the last day is a day off: it gives way to the next working day")
        if holiday
        else ("到期时刻过晚，顺延至下一个工作日", "it would end too late in the day: moved to the next working day")
    )
    return Line(
        Kind.MOVED,
        was.date(),
        now.date(),
        unit,
        ((added, due),),
        name_zh=names[0],
        name_en=names[1],
        moved_to=due,
        clocks=(f"{was:%m-%d %H:%M}", f"{now:%m-%d %H:%M}"),
    )


# ---------------------------------------------------------------- told together


def _grouped(lines: Iterator[Line]) -> Iterator[Line]:
    """Days off in a row as one line; those of another name begin another."""
    held: Line | None = None
    for line in lines:
        alike = held is not None and line.kind is Kind.OFF is held.kind and line.name_zh == held.name_zh
        if held is not None and alike and line.first == held.last + _ONE:
            held = replace(held, last=line.last, off=held.off + 1)
            continue
        if held is not None:
            yield held
        held = line
    if held is not None:
        yield held


def _together(lines: list[Line]) -> Iterator[Line]:
    """Days that count, with the plain weekends between them, as one line; named holidays and the ends stay lines of their own."""
    held: Line | None = None
    for n, line in enumerate(lines):
        plain_line = n < len(lines) - 1 and line.kind in (Kind.COUNTED, Kind.OFF) and not line.name_zh and n > 0
        if not plain_line:
            if held is not None:
                yield held
            held = None
            yield line
        elif held is None:
            held = replace(line, kind=Kind.COUNTED, spans=(), clocks=()) if line.kind is Kind.COUNTED else line
        elif held.kind is Kind.OFF:
            yield held
            held = replace(line, spans=(), clocks=())
        else:
            held = replace(
                held,
                last=line.last,
                days=held.days + line.days,
                off=held.off + line.off,
                amount=held.amount + line.amount,
                total=line.total if line.kind is Kind.COUNTED else held.total,
            )
    if held is not None:
        yield held
