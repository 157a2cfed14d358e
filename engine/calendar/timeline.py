"""The working time of some years laid end to end, so that counting is a bisection and never a walk.

All instants are whole microseconds since 1970 (UTC): exact, and quick to compare.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from engine.calendar.seasons import Hours

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
MINUTE = 60_000_000
DAY = 24 * 60 * MINUTE


def to_ticks(instant: datetime) -> int:
    """Microseconds since 1970 of an aware instant."""
    return (instant - EPOCH) // TICK


def from_ticks(ticks: int) -> datetime:
    """The aware UTC instant."""
    return EPOCH + timedelta(microseconds=ticks)


def wall_ticks(ordinal: int, clock: int, zone: ZoneInfo) -> int:
    """The instant of a wall-clock time (`clock`: microseconds after midnight; 24 h is the next midnight). A time that a
    zone skips is read with the offset before the skip, a doubled one is the first."""
    wall = datetime.fromordinal(ordinal) + timedelta(microseconds=clock)
    return to_ticks(wall.replace(tzinfo=zone))


class Timeline:
    """Working days and spans of the years `first_year` to `last_year`. Immutable once built. Lookups past the last
    year raise IndexError: the calendar then builds a longer one."""

    def __init__(
        self, first_year: int, last_year: int, zone: ZoneInfo, hours_of: Callable[[date], Hours | None]
    ) -> None:
        self.first_year, self.last_year, self.zone = first_year, last_year, zone
        self.ordinals: list[int] = []  # working days
        self.midnights: list[int | None] = []  # of each; None where the zone shifts on that day
        self.first_spans: list[int] = []  # index of each day's first span
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.days: list[int] = []  # index of each span's day
        self.before: list[int] = []  # working time before each span
        self.through: list[int] = []  # working time before each span's end
        total = 0
        midnight = wall_ticks(date(first_year, 1, 1).toordinal(), 0, zone)
        for ordinal in range(date(first_year, 1, 1).toordinal(), date(last_year, 12, 31).toordinal() + 1):
            next_midnight = wall_ticks(ordinal + 1, 0, zone)
            spans = hours_of(date.fromordinal(ordinal))
            if spans is not None:
                plain = next_midnight - midnight == DAY
                self.first_spans.append(len(self.starts))
                for opens, closes in spans:
                    if plain:
                        start, end = midnight + opens * MINUTE, midnight + closes * MINUTE
                    else:
                        start = wall_ticks(ordinal, opens * MINUTE, zone)
                        end = wall_ticks(ordinal, closes * MINUTE, zone)
                    self.starts.append(start)
                    self.ends.append(end)
                    self.days.append(len(self.ordinals))
                    self.before.append(total)
                    total += end - start
                    self.through.append(total)
                self.ordinals.append(ordinal)
                self.midnights.append(midnight if plain else None)
            midnight = next_midnight
        self.first_spans.append(len(self.starts))

    def span_from(self, ticks: int) -> int:
        """The span that holds the instant or is the next to open. A closing time still belongs to its span."""
        return bisect_left(self.ends, ticks)

    def roll(self, ticks: int) -> int:
        """The instant itself within working time, else the next opening."""
        start = self.starts[self.span_from(ticks)]
        return max(ticks, start)

    def worked(self, ticks: int) -> int:
        """Working time from the beginning of the timeline up to the instant."""
        span = bisect_right(self.starts, ticks) - 1
        if span < 0:
            return 0
        return self.before[span] + min(ticks, self.ends[span]) - self.starts[span]

    def when(self, worked: int) -> int:
        """The earliest instant at which that much working time has passed: a closing, not the next opening."""
        span = bisect_left(self.through, worked)
        return self.starts[span] + worked - self.before[span]

    def day_from(self, ordinal: int) -> int:
        """Index of the first working day on or after a date."""
        return bisect_left(self.ordinals, ordinal)

    def days_through(self, ordinal: int) -> int:
        """How many working days there are up to and including a date."""
        return bisect_right(self.ordinals, ordinal)

    def last_opened(self, ticks: int) -> int:
        """The last working day that has opened by then."""
        return self.days[bisect_right(self.starts, ticks) - 1]

    def opens(self, day: int) -> int:
        """When a working day opens."""
        return self.starts[self.first_spans[day]]

    def closes(self, day: int) -> int:
        """When a working day closes."""
        return self.ends[self.first_spans[day + 1] - 1]

    def clock(self, day: int, ticks: int) -> int:
        """The wall-clock time (microseconds after midnight) of an instant on that day."""
        midnight = self.midnights[day]
        if midnight is not None:
            return ticks - midnight
        wall = from_ticks(ticks).astimezone(self.zone).replace(tzinfo=None)
        return (wall - datetime.fromordinal(self.ordinals[day])) // TICK

    def at_clock(self, day: int, clock: int) -> int:
        """That wall-clock time on the day, moved into its working hours: from a break to the end of the break, from
        after closing to the closing."""
        midnight = self.midnights[day]
        ticks = midnight + clock if midnight is not None else wall_ticks(self.ordinals[day], clock, self.zone)
        for span in range(self.first_spans[day], self.first_spans[day + 1]):
            if ticks <= self.ends[span]:
                return max(ticks, self.starts[span])
        return self.closes(day)
