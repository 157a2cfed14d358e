"""A calendar: from a start and a budget to the due time, and back from two instants to the time used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

from engine.calendar import naturaldays, workdays
from engine.calendar.errors import CalendarProblem
from engine.calendar.policies import DayEnd, HolidayEnd, LateDue, OffDayStart
from engine.calendar.seasons import Day, Hours, PlantingSeason, Season
from engine.calendar.timeline import MINUTE, Timeline, from_ticks, to_ticks
from engine.calendar.units import Budget, Unit

FIRST_YEAR, LAST_YEAR = 1970, 2200
HOUR = 60 * MINUTE
_FINE = Decimal(1).scaleb(-18)
_PLACES = Decimal("0.000000001")


@dataclass(frozen=True, eq=False, repr=False)
class Calendar:
    """Working time as data. Two calendars of one key and version are the same; changed data is a new version.

    `settled_years`: years whose holidays are announced; any other is provisional (weekdays only). None: this calendar
    knows no announced holidays, nothing is provisional.
    """

    key: str
    version: int
    zone: str
    seasons: tuple[Season, ...]
    workweek: frozenset[int] = frozenset({0, 1, 2, 3, 4})  # Monday is 0
    days: Mapping[date, Day] = field(default_factory=dict)
    planting: tuple[PlantingSeason, ...] = ()
    settled_years: frozenset[int] | None = None
    work_day: DayEnd = DayEnd.SAME_CLOCK_TIME
    natural_day: DayEnd = DayEnd.SAME_CLOCK_TIME
    off_day_start: OffDayStart = OffDayStart.NEXT_OPENING
    holiday_end: HolidayEnd = HolidayEnd.KEEP
    late_due: LateDue | None = None
    name_zh: str = ""
    name_en: str = ""
    zone_info: ZoneInfo = field(init=False)
    _lines: dict[bool, Timeline] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "zone_info", ZoneInfo(self.zone))
        except (KeyError, ValueError, OSError):
            raise CalendarProblem(why_zh=f"没有时区“{self.zone}”", why_en=f"no zone “{self.zone}”") from None
        if not self.seasons:
            raise CalendarProblem(
                why_zh=f"日历“{self.key}”没有工作时间", why_en=f"the calendar “{self.key}” has no working hours"
            )
        if not self.workweek:
            raise CalendarProblem(
                why_zh=f"日历“{self.key}”没有工作日", why_en=f"the calendar “{self.key}” has no working weekday"
            )

    def __repr__(self) -> str:
        # The days alone would fill pages.
        return f"<Calendar {self.key} version {self.version}>"

    def due(self, start: datetime, budget: Budget) -> datetime:
        """When the budget, started at `start`, is used up and late begins: `add`, then the rules for where a due time
        may land (`holiday_end`, `late_due`). Aware in, aware UTC out."""
        due = self.add(start, budget)
        if budget.unit is Unit.NATURAL_DAY and self.holiday_end is HolidayEnd.NEXT_WORKING_DAY:
            return self._off_holiday(due)
        if self.late_due is not None and budget.unit in _WORK_DAYS:
            return self._not_too_late(due, self.late_due)
        return due

    def add(self, start: datetime, budget: Budget) -> datetime:
        """The instant at which the budget, counted from `start`, is used up; `between` counts it back exactly. Aware
        in, aware UTC out. A start outside working time counts as the next opening; a budget of working time that ends
        with a span ends at the closing, not at the next opening."""
        unit, amount = budget.unit, budget.amount
        if unit in _HOURS:
            return start.astimezone(UTC) + timedelta(microseconds=_round(amount * HOUR))
        if unit in _NATURAL_DAYS:
            return naturaldays.add(self.zone_info, start, amount, self._end_of(unit))
        ticks = to_ticks(start)
        line = self._line(unit, start.year, start.year)
        while True:
            try:
                if unit is Unit.WORK_HOUR:
                    rolled = line.roll(ticks)
                    wanted = _round(amount * HOUR)
                    return from_ticks(line.when(line.worked(rolled) + wanted) if wanted else rolled)
                return from_ticks(workdays.add(line, ticks, amount, self.work_day, self.off_day_start))
            except IndexError:
                line = self._longer(unit, line)

    def between(self, start: datetime, end: datetime, unit: Unit, *, finely: bool = False) -> Decimal:
        """How much of `unit` passes from `start` to `end`, to nine decimals: `between(t, add(t, x)) == x` for any x of
        as many. Negative when `end` is before `start`. `finely`: to eighteen, for what is counted on: the rest of a day's hours that end
        at noon must not end microseconds after it, which is when work begins again."""
        places = _FINE if finely else _PLACES
        if end < start:
            return -self.between(end, start, unit, finely=finely)
        if unit in _HOURS:
            return _quotient(to_ticks(end) - to_ticks(start), HOUR, places)
        if unit in _NATURAL_DAYS:
            whole, part, length = naturaldays.between(self.zone_info, start, end, self._end_of(unit))
            return whole + _quotient(part, length, places)
        line = self._line(unit, start.year, end.year)
        if unit is Unit.WORK_HOUR:
            return _quotient(line.worked(to_ticks(end)) - line.worked(to_ticks(start)), HOUR, places)
        while True:
            try:
                whole, part, length = workdays.between(
                    line, to_ticks(start), to_ticks(end), self.work_day, self.off_day_start
                )
                return whole + _quotient(part, length, places)
            except IndexError:
                line = self._longer(unit, line)

    def working_time(self, start: datetime, end: datetime) -> timedelta:
        """Working time between two instants, exact; parts of a stretch sum to the whole."""
        line = self._line(Unit.WORK_HOUR, min(start.year, end.year), max(start.year, end.year))
        return timedelta(microseconds=line.worked(to_ticks(end)) - line.worked(to_ticks(start)))

    def is_working_day(self, day: date) -> bool:
        """Whether the day is worked: its own row if it has one, else its weekday."""
        override = self.days.get(day)
        return override.working if override is not None else day.weekday() in self.workweek

    def hours_on(self, day: date) -> Hours:
        """The working spans of a day in minutes after midnight; empty on a day off."""
        return self._hours(day) or ()

    def working_spans(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The working spans of a day (aware UTC); empty on a day off."""
        if not self.is_working_day(day):
            return ()
        line = self._line(Unit.WORK_HOUR, day.year, day.year)
        at = line.day_from(day.toordinal())
        spans = range(line.first_spans[at], line.first_spans[at + 1])
        return tuple((from_ticks(line.starts[span]), from_ticks(line.ends[span])) for span in spans)

    def is_provisional(self, day: date) -> bool:
        """Whether the holidays of that day's year are still unannounced."""
        return self.settled_years is not None and day.year not in self.settled_years

    def provisional_years(self, start: datetime, end: datetime, unit: Unit | None = None) -> tuple[int, ...]:
        """The years from `start` to `end` whose holidays are still unannounced: say so beside the due time. None for a `unit` to which days
        off are days as any other."""
        if self.settled_years is None or (unit is not None and not self.minds_days_off(unit)):
            return ()
        years = range(self.local(start).year, self.local(end).year + 1)
        return tuple(year for year in years if year not in self.settled_years)

    def minds_days_off(self, unit: Unit) -> bool:
        """Whether a budget of that unit may be due at another time when a day is off or worked."""
        if not unit.continuous:
            return True
        return unit is Unit.NATURAL_DAY and self.holiday_end is HolidayEnd.NEXT_WORKING_DAY

    def resumed(self, at: datetime, unit: Unit) -> datetime:
        """From when counting goes on after a pause that ended at `at`. Where days are counted to their end, the day on which something
        starts does not count (民法典 art. 201); but a pause until midnight ends with the day before, and the day that then begins counts
        whole: what is not counted is the time of the pause and no more (行政许可法 art. 45)."""
        closing = self.work_day if unit in _WORK_DAYS else self._end_of(unit)
        local = self.local(at)
        if (
            unit in _DAYS
            and closing is DayEnd.END_OF_DAY
            and local == datetime.combine(local.date(), time(), local.tzinfo)
        ):
            return at - timedelta(microseconds=1)
        return at

    def local(self, instant: datetime) -> datetime:
        """The instant on the clocks of this calendar's zone."""
        return instant.astimezone(self.zone_info)

    def _end_of(self, unit: Unit) -> DayEnd:
        # An urgent day is continuous: it never waits for midnight.
        return self.natural_day if unit is Unit.NATURAL_DAY else DayEnd.SAME_CLOCK_TIME

    def _off_holiday(self, due: datetime) -> datetime:
        # 24:00 is stored as the next midnight but belongs to the day before.
        closing = timedelta(microseconds=1) if self.natural_day is DayEnd.END_OF_DAY else timedelta()
        last = self.local(due - closing)
        day = last.date()
        while not self.is_working_day(day):
            day += timedelta(days=1)
        moved = datetime.combine(day, last.timetz())
        return moved.astimezone(UTC) + closing

    def _not_too_late(self, due: datetime, rule: LateDue) -> datetime:
        line = self._line(Unit.WORK_DAY, due.year, due.year)
        local = self.local(due)
        if local.hour * 60 + local.minute < rule.since:
            return due
        return from_ticks(line.at_clock(line.days_through(local.toordinal()), rule.to * MINUTE))

    def _line(self, unit: Unit, first_year: int, last_year: int) -> Timeline:
        """A timeline that covers the years and one more on either side."""
        planting = unit is Unit.PLANTING_WORK_DAY
        if planting and not self.planting:
            raise CalendarProblem(
                why_zh=f"日历“{self.key}”没有设置种植季节", why_en=f"the calendar “{self.key}” has no planting season"
            )
        line = self._lines.get(planting)
        if line is not None and line.first_year < first_year and last_year < line.last_year:
            return line
        if first_year < FIRST_YEAR or last_year > LAST_YEAR:
            raise _out_of_reach()
        first, last = first_year - 1, last_year + 1
        if line is not None:
            first, last = min(first, line.first_year), max(last, line.last_year)
        hours_of = self._planting_hours if planting else self._hours
        line = self._lines[planting] = Timeline(first, last, self.zone_info, hours_of)
        return line

    def _longer(self, unit: Unit, line: Timeline) -> Timeline:
        reach = line.last_year - line.first_year
        if line.last_year <= LAST_YEAR:
            return self._line(unit, line.first_year + 1, min(LAST_YEAR, line.last_year + reach))
        raise _out_of_reach()

    def _hours(self, day: date) -> Hours | None:
        if not self.is_working_day(day):
            return None
        for season in reversed(self.seasons):
            if season.covers(day):
                return season.hours
        return None

    def _planting_hours(self, day: date) -> Hours | None:
        return self._hours(day) if any(season.covers(day) for season in self.planting) else None


_HOURS = frozenset({Unit.URGENT_HOUR, Unit.NATURAL_HOUR})
_NATURAL_DAYS = frozenset({Unit.URGENT_DAY, Unit.NATURAL_DAY})
_WORK_DAYS = frozenset({Unit.WORK_DAY, Unit.PLANTING_WORK_DAY})
_DAYS = _NATURAL_DAYS | _WORK_DAYS


def _round(ticks: Decimal) -> int:
    return int(ticks.to_integral_value(ROUND_HALF_EVEN))


def _quotient(part: int, whole: int, places: Decimal) -> Decimal:
    if part % whole == 0:
        return Decimal(part // whole)
    return (Decimal(part) / whole).quantize(places)


def _out_of_reach() -> CalendarProblem:
    return CalendarProblem(
        why_zh=f"时限超出 {FIRST_YEAR} 年至 {LAST_YEAR} 年", why_en=f"it leaves the years {FIRST_YEAR} to {LAST_YEAR}"
    )
