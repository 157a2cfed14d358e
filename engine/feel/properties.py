"""The parts of temporal values and intervals that a path can name (DMN 1.5, table 65). A table: nothing else is reachable."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel.temporal import offset, zone_name
from engine.feel.values import Range, YearsMonths

_DATE: dict[str, Callable[[Any], object]] = {
    "year": lambda v: v.year,
    "month": lambda v: v.month,
    "day": lambda v: v.day,
    "weekday": lambda v: v.isoweekday(),
}
_TIME: dict[str, Callable[[Any], object]] = {
    "hour": lambda v: v.hour,
    "minute": lambda v: v.minute,
    "second": lambda v: v.second + Decimal(v.microsecond) / 1_000_000 if v.microsecond else v.second,
    "time offset": offset,
    "timezone": zone_name,
}


def _part(unit: int, within: int) -> Callable[[dt.timedelta], int]:
    """So many whole units of seconds, negative in a negative duration."""

    def part(value: dt.timedelta) -> int:
        seconds = abs(value) // dt.timedelta(seconds=1) // unit % within
        return -seconds if value < dt.timedelta() else seconds

    return part


def _seconds(value: dt.timedelta) -> object:
    micros = abs(value) // dt.timedelta(microseconds=1) % 60_000_000
    seconds = Decimal(micros) / 1_000_000
    return -seconds if value < dt.timedelta() else seconds


def _years(value: YearsMonths) -> int:
    years = abs(value.months) // 12
    return -years if value.months < 0 else years


def _months(value: YearsMonths) -> int:
    months = abs(value.months) % 12
    return -months if value.months < 0 else months


_SPAN: dict[str, Callable[[Any], object]] = {
    "days": _part(86_400, 10**9),
    "hours": _part(3_600, 24),
    "minutes": _part(60, 60),
    "seconds": _seconds,
}


def _low(value: Range) -> object:
    return value.low


PROPERTIES: dict[tuple[str, str], Callable[[Any], object]] = {
    **{("date", key): part for key, part in _DATE.items()},
    **{("time", key): part for key, part in _TIME.items()},
    **{("date and time", key): part for key, part in (_DATE | _TIME).items()},
    **{("days and time duration", key): part for key, part in _SPAN.items()},
    ("years and months duration", "years"): _years,
    ("years and months duration", "months"): _months,
    ("range", "start"): _low,
    ("range", "end"): lambda v: v.high,
    ("range", "start included"): lambda v: v.low_closed,
    ("range", "end included"): lambda v: v.high_closed,
}
