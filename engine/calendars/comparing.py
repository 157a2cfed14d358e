"""Two versions of a calendar, day by day: which days are worked otherwise, and between which instants that lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from engine.calendar import Calendar
from engine.calendar.calendar import FIRST_YEAR, LAST_YEAR

YEARS_BACK, YEARS_AHEAD = 2, 5
"""Days that are compared, beside this year: of clocks that run, nothing lies further off."""


@dataclass(frozen=True, slots=True)
class Span:
    """From the first to the last instant between which two calendars differ (aware UTC)."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Days:
    """Days in a row that changed alike. Hours as pairs of minutes after midnight; none: off."""

    first: date
    last: date
    before: tuple[tuple[int, int], ...]
    after: tuple[tuple[int, int], ...]
    name_zh: str = ""
    name_en: str = ""
    source: str = ""

    @property
    def count(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


EVER = (datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(LAST_YEAR, 12, 31, tzinfo=UTC))


def differing(before: Calendar, after: Calendar | None, today: date) -> Span | None:
    """Between which instants a clock may be counted otherwise by `after`: for ever where rules differ; None: it cannot. A calendar that was
    given up counts on as it was."""
    if after is None:
        return None
    if _rules(before) != _rules(after):
        return Span(*EVER)
    found = list(days(before, after, today))
    if not found:
        return None
    # whole days of the zone, and a day more on either side: zones, and rules that look at the day after
    return Span(
        datetime.combine(found[0].first, datetime.min.time(), before.zone_info).astimezone(UTC) - timedelta(days=1),
        datetime.combine(found[-1].last, datetime.max.time(), before.zone_info).astimezone(UTC) + timedelta(days=1),
    )


def days(before: Calendar, after: Calendar, today: date) -> Iterator[Days]:
    """Days that are worked otherwise, those in a row that changed alike together."""
    listed = [day.year for day in (*before.days, *after.days)]
    first = date(min([today.year - YEARS_BACK, *listed]), 1, 1)
    last = date(max([today.year + YEARS_AHEAD, *listed]), 12, 31)
    held: Days | None = None
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        was, now = before.hours_on(day), after.hours_on(day)
        if was == now:
            if held is not None:
                yield held
            held = None
            continue
        own = after.days.get(day) or before.days.get(day)
        names = (own.name_zh, own.name_en, own.source) if own is not None else ("", "", "")
        fresh = Days(day, day, was, now, *names)
        if held is not None and (held.before, held.after, held.name_zh) == (was, now, names[0]):
            held = Days(held.first, day, was, now, *names)
            continue
        if held is not None:
            yield held
        held = fresh
    if held is not None:
        yield held


def _rules(calendar: Calendar) -> tuple[object, ...]:
    return (
        calendar.zone,
        calendar.planting,
        calendar.work_day,
        calendar.natural_day,
        calendar.off_day_start,
        calendar.holiday_end,
        calendar.late_due,
    )
