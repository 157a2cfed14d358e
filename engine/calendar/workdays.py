"""Counting in working days, on a timeline of them. Instants are ticks (microseconds since 1970).

At the same clock time, day n ends n working days on at the clock time of the start; a part of a day is that share of
the working time between two such ends. At the end of the day, the day of the start does not count and day n ends when
the n-th working day after it closes; a part of a day is that share of its working time. So whole days read as people
count them, and counting back is exact where seasons change the hours.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from engine.calendar.policies import DayEnd, OffDayStart
from engine.calendar.timeline import TICK, Timeline, from_ticks


def add(line: Timeline, start: int, amount: Decimal, end: DayEnd, off_day: OffDayStart) -> int:
    """When `amount` working days from `start` are over. IndexError where the timeline is too short."""
    whole = int(amount)
    part = amount - whole
    if end is DayEnd.END_OF_DAY:
        return _add_closing(line, start, whole, part)
    day, clock = _counted_start(line, start, off_day)
    ends = line.at_clock(day + whole, clock)
    if not part:
        return ends
    worked = line.worked(ends)
    length = line.worked(line.at_clock(day + whole + 1, clock)) - worked
    return line.when(worked + _share(part, length))


def between(line: Timeline, start: int, end: int, rule: DayEnd, off_day: OffDayStart) -> tuple[int, int, int]:
    """Working days from `start` to a later `end`: whole days, and of the next one the time used and its length."""
    if rule is DayEnd.END_OF_DAY:
        return _between_closing(line, start, end)
    first, clock = _counted_start(line, start, off_day)
    if end <= line.at_clock(first, clock):
        return 0, 0, 1
    day = line.last_opened(end)
    if line.at_clock(day, clock) > end:
        day -= 1
    worked = line.worked(line.at_clock(day, clock))
    length = line.worked(line.at_clock(day + 1, clock)) - worked
    return day - first, line.worked(end) - worked if length else 0, length or 1


def _counted_start(line: Timeline, start: int, off_day: OffDayStart) -> tuple[int, int]:
    """The working day that a start counts on, and its clock time there."""
    if off_day is OffDayStart.SAME_CLOCK_TIME:
        local = from_ticks(start).astimezone(line.zone)
        day = line.day_from(local.toordinal())
        if line.ordinals[day] != local.toordinal():
            wall = local.replace(tzinfo=None)
            clock = (wall - wall.replace(hour=0, minute=0, second=0, microsecond=0)) // TICK
            return day, line.clock(day, line.at_clock(day, clock))
    rolled = line.roll(start)
    day = line.days[line.span_from(rolled)]
    return day, line.clock(day, rolled)


def _add_closing(line: Timeline, start: int, whole: int, part: Decimal) -> int:
    day = line.days_through(_ordinal(line, start)) - 1 + whole
    if part:
        opened = line.worked(line.opens(day + 1))
        return line.when(opened + _share(part, line.worked(line.closes(day + 1)) - opened))
    if not whole and (day < 0 or line.closes(day) < start):
        return line.roll(start)
    return line.closes(day)


def _between_closing(line: Timeline, start: int, end: int) -> tuple[int, int, int]:
    uncounted = line.days_through(_ordinal(line, start))
    days = line.days_through(_ordinal(line, end)) - uncounted
    if days <= 0:
        return 0, 0, 1
    day = uncounted + days - 1
    opened = line.worked(line.opens(day))
    return days - 1, line.worked(end) - opened, line.worked(line.closes(day)) - opened


def _ordinal(line: Timeline, ticks: int) -> int:
    return from_ticks(ticks).astimezone(line.zone).toordinal()


def _share(part: Decimal, length: int) -> int:
    return int((part * length).to_integral_value(ROUND_HALF_EVEN))
