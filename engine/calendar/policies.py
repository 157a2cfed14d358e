"""The open choices of working time. Each is a field of a calendar, so that a city decides and a row records it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DayEnd(StrEnum):
    """When the last day of a limit in days is over."""

    SAME_CLOCK_TIME = "same_clock_time"  # filed at 15:00, due at 15:00
    END_OF_DAY = "end_of_day"  # the day of the start does not count; due when the last day closes


class OffDayStart(StrEnum):
    """Where a limit in working days starts when it was started on a day off."""

    NEXT_OPENING = "next_opening"
    SAME_CLOCK_TIME = "same_clock_time"  # the clock time of the start, on the next working day


class HolidayEnd(StrEnum):
    """What happens when the last calendar day (自然日) is a day off. The Civil Code (art. 203) moves it; the clock time
    stays, so that with `same_clock_time` Saturday 15:00 becomes Monday 15:00 and Sunday 10:00 Monday 10:00."""

    KEEP = "keep"
    NEXT_WORKING_DAY = "next_working_day"


@dataclass(frozen=True, slots=True)
class LateDue:
    """A due time of a limit in working days, from `since` on (minutes after midnight), moves to `to` of the next
    working day."""

    since: int
    to: int
