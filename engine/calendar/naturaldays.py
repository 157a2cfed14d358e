"""Counting in calendar days (自然日): by the clocks of a zone, so that a day of 23 or 25 hours is one day."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

from engine.calendar.policies import DayEnd
from engine.calendar.timeline import TICK


def add(zone: ZoneInfo, start: datetime, amount: Decimal, end: DayEnd) -> datetime:
    """When `amount` days from `start` are over: at its clock time, or (24:00 as the next midnight) at the end of the
    n-th day after the day of the start."""
    origin = _origin(zone, start, end)
    whole = int(amount)
    ends = _days_on(origin, whole)
    part = amount - whole
    if not part:
        return ends
    length = (_days_on(origin, whole + 1) - ends) // TICK
    return ends + timedelta(microseconds=int((part * length).to_integral_value(ROUND_HALF_EVEN)))


def between(zone: ZoneInfo, start: datetime, end: datetime, rule: DayEnd) -> tuple[int, int, int]:
    """Days from `start` to a later `end`: whole days, and of the next one the time used and its length (ticks)."""
    origin = _origin(zone, start, rule)
    if end <= _days_on(origin, 0):
        return 0, 0, 1
    whole = end.astimezone(zone).toordinal() - origin.toordinal()
    if _days_on(origin, whole) > end:
        whole -= 1
    ends = _days_on(origin, whole)
    return whole, (end - ends) // TICK, (_days_on(origin, whole + 1) - ends) // TICK


def _origin(zone: ZoneInfo, start: datetime, end: DayEnd) -> datetime:
    local = start.astimezone(zone)
    if end is DayEnd.SAME_CLOCK_TIME:
        return local
    return datetime.combine(local.date() + timedelta(days=1), time(), zone)


def _days_on(origin: datetime, days: int) -> datetime:
    # Arithmetic on an aware datetime of one zone is wall-clock arithmetic; only the conversion knows of shifts.
    return (origin + timedelta(days=days)).replace(fold=origin.fold).astimezone(UTC)
