"""Date functions (DMN 1.5, 10.3.4.9 and 10.3.4.10). The present instant is the one handed to the evaluation."""

from __future__ import annotations

import calendar
import datetime as dt

from engine.calendar.names import DAYS, MONTHS
from engine.feel.builtins.registry import builtin
from engine.feel.running import Run


@builtin("now() date and time")
def now(run: Run) -> dt.datetime | None:
    if run.now is None:
        return run.null("没有给出当前时刻", "no present instant was given")
    return run.now.astimezone(run.zone)


@builtin("today() date")
def today(run: Run) -> dt.date | None:
    moment = now(run)
    return None if moment is None else moment.date()


def _day(run: Run, value: object) -> dt.date | None:
    if isinstance(value, dt.date):
        return value
    return run.null("应为日期或日期时间", "a date or a date and time is wanted")


@builtin("day of year(date: any) number")
def day_of_year(run: Run, value: object) -> int | None:
    day = _day(run, value)
    return None if day is None else day.timetuple().tm_yday


@builtin("day of week(date: any) string")
def day_of_week(run: Run, value: object) -> str | None:
    day = _day(run, value)
    return None if day is None else DAYS[day.weekday()]


@builtin("month of year(date: any) string")
def month_of_year(run: Run, value: object) -> str | None:
    day = _day(run, value)
    return None if day is None else MONTHS[day.month - 1]


@builtin("week of year(date: any) number")
def week_of_year(run: Run, value: object) -> int | None:
    """By ISO 8601."""
    day = _day(run, value)
    return None if day is None else day.isocalendar().week


@builtin("last day of month(date: any) date")
def last_day_of_month(run: Run, value: object) -> dt.date | None:
    day = _day(run, value)
    return None if day is None else dt.date(day.year, day.month, calendar.monthrange(day.year, day.month)[1])
