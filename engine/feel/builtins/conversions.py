"""From one kind of value to another (DMN 1.5, 10.3.4.1): numbers, strings, dates, times, durations."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, DecimalException

from engine.feel import temporal as t
from engine.feel.builtins.registry import builtin
from engine.feel.printing import print_value
from engine.feel.running import Run
from engine.feel.values import NUMBERS, Range, YearsMonths, kind

_NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


@builtin("string(from: any) string")
def to_string(run: Run, value: object) -> str:
    text = print_value(value)
    run.spend(len(text) >> 4)
    return text


@builtin("number(from: any) number")
def to_number(run: Run, value: object) -> object:
    if kind(value) == "number":
        return value
    return _parsed(run, value) if isinstance(value, str) else _no(run, value, "number")


@builtin("number(from: string, grouping separator: maybe, decimal separator: maybe) number")
def to_number_by(run: Run, text: str, grouping: object, point: object) -> object:
    """Grouping: space, comma, point or null; decimal: comma, point or null; never the same."""
    if grouping not in (None, " ", ",", ".") or point not in (None, ",", ".") or (grouping and grouping == point):
        return run.null("number 的分隔符无效", "the separators for number are invalid")
    if grouping:
        text = text.replace(str(grouping), "")
    if point == ",":
        text = text.replace(",", ".")
    return _parsed(run, text)


def _parsed(run: Run, text: str) -> Decimal | None:
    if len(text) > 10_000 or not _NUMBER.fullmatch(text):
        return _no(run, text, "number")
    try:
        return NUMBERS.create_decimal(text)
    except DecimalException:
        return _no(run, text, "number")


def _no(run: Run, value: object, wanted: str) -> None:
    shown = value[:40] if isinstance(value, str) else kind(value)
    return run.null("“{shown}”不能转换为 {wanted}", "“{shown}” is no {wanted}", shown=shown, wanted=wanted)


@builtin("date(from: any) date")
def to_date(run: Run, value: object) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    found = t.parse_date(value) if isinstance(value, str) else None
    return found or _no(run, value, "date")


@builtin("date(year: whole, month: whole, day: whole) date")
def date_of(run: Run, year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except (ValueError, OverflowError):
        return _no(run, f"{year}-{month}-{day}", "date")


@builtin("time(from: any) time")
def to_time(run: Run, value: object) -> dt.time | None:
    if isinstance(value, dt.datetime):
        return value.timetz()
    if isinstance(value, dt.date):
        return dt.time(tzinfo=t.UTC)
    if isinstance(value, dt.time):
        return value
    found = t.parse_time(value) if isinstance(value, str) else None
    return found if found is not None else _no(run, value, "time")


@builtin("time(hour: whole, minute: whole, second: number, offset?: days and time duration) time")
def time_of(run: Run, hour: int, minute: int, second: Decimal, offset: dt.timedelta | None = None) -> dt.time | None:
    if not 0 <= second < 60:
        return _no(run, f"{hour}:{minute}:{second}"[:40], "time")
    micros = int(second * 1_000_000)
    zone = None if offset is None else t.offset_zone(offset)
    if offset is not None and zone is None:
        return _no(run, t.print_span(offset), "offset")
    try:
        return dt.time(hour, minute, micros // 1_000_000, micros % 1_000_000, tzinfo=zone)
    except (ValueError, OverflowError):
        return _no(run, f"{hour}:{minute}:{second}"[:40], "time")


@builtin("date and time(from: any) date and time")
def to_date_time(run: Run, value: object) -> dt.datetime | None:
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, str):
        found = t.parse_date_time(value)
        if found is not None:
            return found
        value = t.parse_date(value) or value
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time())
    return _no(run, value, "date and time")


@builtin("date and time(date: any, time: any) date and time")
def date_and_time(run: Run, day: object, time: object) -> dt.datetime | None:
    """A day and a time of day; or a date and time, and the name of the zone to tell it in."""
    if isinstance(day, dt.datetime) and isinstance(time, str):
        return _in_zone(run, day, time)
    if not isinstance(day, dt.date):
        return _no(run, day, "date")
    if not isinstance(time, dt.time):
        return _no(run, time, "time")
    return dt.datetime.combine(day.date() if isinstance(day, dt.datetime) else day, time)


def _in_zone(run: Run, moment: dt.datetime, name: str) -> dt.datetime | None:
    zone = t.named_zone(name)
    if zone is None:
        return _no(run, name, "time zone")
    try:
        return (moment.replace(tzinfo=run.zone) if moment.tzinfo is None else moment).astimezone(zone)
    except (OverflowError, ValueError):
        return _no(run, moment, "date and time")


@builtin(
    "date and time(year: whole, month: whole, day: whole, hour: whole, minute: whole, second: number,"
    " offset?: days and time duration) date and time"
)
def date_time_of(
    run: Run,
    year: int,
    month: int,
    day: int,
    hour: int,
    minute: int,
    second: Decimal,
    offset: dt.timedelta | None = None,
) -> dt.datetime | None:
    date, time = date_of(run, year, month, day), time_of(run, hour, minute, second, offset)
    return None if date is None or time is None else dt.datetime.combine(date, time)


@builtin("duration(from: any) duration")
def to_duration(run: Run, value: object) -> object:
    if isinstance(value, dt.timedelta | YearsMonths):
        return value
    found = t.parse_duration(value) if isinstance(value, str) else None
    return found if found is not None else _no(run, value, "duration")


_RANGE = re.compile(r"\s*([\[\](])\s*(.+?)\s*\.\.\s*(.+?)\s*([\])\[])\s*", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\])*)"')
_TEMPORAL = re.compile(r'(?:@|(?:date and time|date|time|duration)\s*\(\s*)"([^"\\]*)"\s*\)?')


@builtin("range(from: string) range")
def to_range(run: Run, text: str) -> Range | None:
    """`"[18..21)"`: the bounds are numbers, strings, dates, times or durations, written as FEEL writes them."""
    found = _RANGE.fullmatch(text[:1_000])
    if not found or len(text) > 1_000:
        return _no(run, text, "range")
    low, high = _bound(found[2]), _bound(found[3])
    if low is None or high is None or kind(low) != kind(high):
        return _no(run, text, "range")
    return Range(low, high, found[1] == "[", found[4] == "]")


def _bound(text: str) -> object:
    quoted, temporal = _QUOTED.fullmatch(text), _TEMPORAL.fullmatch(text)
    if quoted:
        return quoted[1]
    if temporal:
        return t.parse_temporal(temporal[1])
    try:
        return NUMBERS.create_decimal(text) if _NUMBER.fullmatch(text) else None
    except DecimalException:
        return None


@builtin("years and months duration(from: any, to: any) years and months duration")
def months_between(run: Run, start: object, end: object) -> YearsMonths | None:
    """Whole months from one day to another; negative when the second is earlier."""
    if not isinstance(start, dt.date):
        return _no(run, start, "date")
    if not isinstance(end, dt.date):
        return _no(run, end, "date")
    if (start.year, start.month, start.day) > (end.year, end.month, end.day):
        return YearsMonths(-_whole_months(end, start))
    return YearsMonths(_whole_months(start, end))


def _whole_months(early: dt.date, late: dt.date) -> int:
    months = (late.year - early.year) * 12 + late.month - early.month
    return months - 1 if late.day < early.day else months
