"""Seasons of working hours, planting seasons, and single days that differ: the data of a calendar."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from engine.calendar.errors import CalendarProblem

Hours = tuple[tuple[int, int], ...]
"""Working spans of a day: minutes after midnight, ascending, not touching."""

MonthDay = tuple[int, int]

_SPAN = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")


def hours(text: str) -> Hours:
    """`09:00-12:00 13:30-17:30` as minutes after midnight; a day ends at 24:00 at the latest."""
    spans: list[tuple[int, int]] = []
    for word in text.split():
        match = _SPAN.fullmatch(word)
        if match is None:
            raise CalendarProblem(
                why_zh=f"“{word}”不是 09:00-12:00 这样的时间段", why_en=f"“{word}” is not a span like 09:00-12:00"
            )
        opens, closes = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
        if not (spans[-1][1] if spans else -1) < opens < closes <= 24 * 60:
            raise CalendarProblem(
                why_zh=f"时间段“{text}”有重叠、倒序或超过 24:00",
                why_en=f"the spans “{text}” overlap, run backwards or pass 24:00",
            )
        spans.append((opens, closes))
    if not spans:
        raise CalendarProblem(why_zh="一个季节没有工作时间", why_en="a season has no working hours")
    return tuple(spans)


@dataclass(frozen=True, slots=True)
class Season:
    """Working hours from one day of the year to another (both included, may cross New Year). Of the seasons that cover
    a day the last one holds. `since` and `until` bound it to dates, so that changed hours leave the past as it was."""

    first: MonthDay
    last: MonthDay
    hours: Hours
    since: date = date.min
    until: date = date.max
    name_zh: str = ""
    name_en: str = ""
    source: str = ""

    def covers(self, day: date) -> bool:
        """Whether these hours hold on `day`."""
        return self.since <= day <= self.until and _within(self.first, self.last, day)


@dataclass(frozen=True, slots=True)
class PlantingSeason:
    """Days of the year on which 种植季节工作日 count (both included, may cross New Year)."""

    first: MonthDay
    last: MonthDay
    source: str = ""

    def covers(self, day: date) -> bool:
        """Whether `day` lies in it."""
        return _within(self.first, self.last, day)


@dataclass(frozen=True, slots=True)
class Day:
    """A day that differs from its weekday: a holiday, or a weekend that is worked (调休). `override`: the city's own word about a single
    day (a storm), which stands before what the notice of a year says."""

    working: bool
    name_zh: str = ""
    name_en: str = ""
    source: str = ""
    override: bool = False


def _within(first: MonthDay, last: MonthDay, day: date) -> bool:
    at = (day.month, day.day)
    return first <= at <= last if first <= last else at >= first or at <= last
