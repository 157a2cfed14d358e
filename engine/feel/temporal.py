"""Dates, times and durations: from text (ISO 8601 as DMN has it), to text, and what they mean on the time line.

Years are 1 to 9999 and fractions of a second have six digits, as in Python; longer fractions are cut.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from engine.feel.values import YearsMonths

_DATE = r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
_TIME = r"(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,20}))?)?"
_ZONE = r"(?:(?P<utc>Z)|(?P<sign>[+-])(?P<zone_hours>\d\d):(?P<zone_minutes>\d\d)(?::(?P<zone_seconds>\d\d))?|@(?P<name>[\w+/-]{1,64}))?"
_DATE_ONLY = re.compile(_DATE, re.ASCII)
_TIME_ONLY = re.compile("T?" + _TIME + _ZONE, re.ASCII)
_DATE_TIME = re.compile(_DATE + "T" + _TIME + _ZONE, re.ASCII)
_MONTHS = re.compile(r"(?P<sign>-)?P(?=\d)(?:(?P<years>\d{1,9})Y)?(?:(?P<months>\d{1,9})M)?", re.ASCII)
_SECONDS = re.compile(
    r"(?P<sign>-)?P(?=[\dT])(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,12})H)?(?:(?P<minutes>\d{1,12})M)?(?:(?P<seconds>\d{1,12})(?:\.(?P<fraction>\d{1,20}))?S)?)?",
    re.ASCII,
)

UTC = dt.UTC
EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)
_ANY_DAY = dt.date(2000, 1, 1)  # a time of day with a zone's name needs some day to have an offset


def parse_temporal(text: str) -> object:
    """What `@"…"` means; None if it means nothing."""
    for parse in (parse_date, parse_date_time, parse_time, parse_duration):
        value = parse(text)
        if value is not None:
            return value
    return None


def parse_date(text: str) -> dt.date | None:
    """`2026-10-01`."""
    found = _DATE_ONLY.fullmatch(text)
    return _date(found) if found else None


def parse_time(text: str) -> dt.time | None:
    """`09:30:00`, `09:30:00.5`, `09:30`, with `Z`, `+08:00` or `@Asia/Shanghai` behind it or no zone."""
    found = _TIME_ONLY.fullmatch(text)
    return _time(found) if found else None


def parse_date_time(text: str) -> dt.datetime | None:
    """A date, `T`, and a time."""
    found = _DATE_TIME.fullmatch(text)
    if not found:
        return None
    date, time = _date(found), _time(found)
    return None if date is None or time is None else dt.datetime.combine(date, time)


def parse_duration(text: str) -> dt.timedelta | YearsMonths | None:
    """`P1DT2H3M4.5S` or `P1Y2M`, perhaps negative; never both kinds in one."""
    found = _MONTHS.fullmatch(text)
    if found:
        months = int(found["years"] or 0) * 12 + int(found["months"] or 0)
        return YearsMonths(-months if found["sign"] else months)
    found = _SECONDS.fullmatch(text)
    if not found:
        return None
    try:
        span = dt.timedelta(
            days=int(found["days"] or 0),
            hours=int(found["hours"] or 0),
            minutes=int(found["minutes"] or 0),
            seconds=int(found["seconds"] or 0),
            microseconds=_micros(found["fraction"]),
        )
        return -span if found["sign"] else span
    except OverflowError:
        return None


def _date(found: re.Match[str]) -> dt.date | None:
    try:
        return dt.date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return None


def _time(found: re.Match[str]) -> dt.time | None:
    zone: dt.tzinfo | None = None
    if found["utc"]:
        zone = UTC
    elif found["sign"]:
        hours, minutes, seconds = (int(found[part] or 0) for part in ("zone_hours", "zone_minutes", "zone_seconds"))
        if minutes > 59 or seconds > 59:
            return None
        zone = offset_zone(
            dt.timedelta(hours=hours, minutes=minutes, seconds=seconds) * (-1 if found["sign"] == "-" else 1)
        )
        if zone is None:
            return None
    elif found["name"]:
        zone = named_zone(found["name"])
        if zone is None:
            return None
    try:
        return dt.time(
            int(found["hour"]), int(found["minute"]), int(found["second"] or 0), _micros(found["fraction"]), tzinfo=zone
        )
    except ValueError:
        return None


def _micros(fraction: str | None) -> int:
    return int((fraction or "0")[:6].ljust(6, "0"))


def offset_zone(offset: dt.timedelta) -> dt.tzinfo | None:
    """A fixed zone of at most 14 hours, as ISO 8601 allows; None beyond."""
    if abs(offset) > dt.timedelta(hours=14):
        return None
    return dt.timezone(offset) if offset else UTC


@lru_cache(maxsize=256)
def named_zone(name: str) -> dt.tzinfo | None:
    """A zone by its IANA name. Only listed names: the name becomes a path when the zone is read."""
    return ZoneInfo(name) if name in _zones() else None


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_name(value: dt.datetime | dt.time) -> str | None:
    """The name of its zone, if it has one with a name."""
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def offset(value: dt.datetime | dt.time) -> dt.timedelta | None:
    """The offset from UTC; of a time with a named zone the one on 1 January."""
    if isinstance(value, dt.datetime):
        return value.utcoffset()
    return dt.datetime.combine(_ANY_DAY, value).utcoffset()


def instant(value: dt.datetime, zone: dt.tzinfo) -> dt.timedelta:
    """The time since 1970 UTC; a value without a zone is in `zone`."""
    if value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    return value - EPOCH


def time_of_day(value: dt.time, zone: dt.tzinfo) -> dt.timedelta:
    """The time since midnight UTC (negative before it); a value without a zone is in `zone`."""
    if value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    return since_midnight(value) - (offset(value) or dt.timedelta())


def since_midnight(value: dt.time) -> dt.timedelta:
    """What the clock on the wall shows, as a span."""
    return dt.timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)


def print_date_time(value: dt.datetime) -> str:
    """As the standard writes it: `2026-10-01T09:30:00`, with the zone if there is one."""
    return f"{value.date().isoformat()}T{print_time(value.timetz(), offset(value))}"


def print_time(value: dt.time, shift: dt.timedelta | None = None) -> str:
    """A time of day; `shift` is its offset where that depends on the day."""
    text = value.replace(tzinfo=None).isoformat()
    if "." in text:
        text = text.rstrip("0")
    if value.tzinfo is None:
        return text
    name = zone_name(value)
    if name is not None:
        return f"{text}@{name}"
    return text + print_offset(shift if shift is not None else offset(value) or dt.timedelta())


def print_offset(shift: dt.timedelta) -> str:
    """`Z`, `+08:00`."""
    if not shift:
        return "Z"
    sign = "-" if shift < dt.timedelta() else "+"
    minutes, seconds = divmod(int(abs(shift).total_seconds()), 60)
    text = f"{sign}{minutes // 60:02}:{minutes % 60:02}"
    return f"{text}:{seconds:02}" if seconds else text


def print_months(value: YearsMonths) -> str:
    """`P1Y2M`."""
    years, months = divmod(abs(value.months), 12)
    text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return ("-" if value.months < 0 else "") + "P" + (text or "0M")


def print_span(value: dt.timedelta) -> str:
    """`P1DT2H`."""
    sign = "-" if value < dt.timedelta() else ""
    value = abs(value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{value.microseconds:06}".rstrip("0") if value.microseconds else ""
    time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    time += f"{seconds}{fraction}S" if seconds or fraction else ""
    days = f"{value.days}D" if value.days else ""
    if not days and not time:
        return "PT0S"
    return f"{sign}P{days}" + (f"T{time}" if time else "")
