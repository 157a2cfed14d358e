"""Laws of working time, over every unit, policy, zone and season from 2004 to 2030."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from engine.calendar import Budget, Calendar, DayEnd, HolidayEnd, LateDue, OffDayStart, Season, Unit, hours
from engine.calendars import load
from escalation import sla
from escalation.sla import Light

CITY = load(Path(__file__).parents[2] / "processes" / "tables" / "calendar.csv")["qianjiang"]
CALENDARS = [
    CITY,
    replace(CITY, key="closing", work_day=DayEnd.END_OF_DAY, natural_day=DayEnd.END_OF_DAY),
    replace(CITY, key="law", natural_day=DayEnd.END_OF_DAY, holiday_end=HolidayEnd.NEXT_WORKING_DAY),
    replace(CITY, key="moved", holiday_end=HolidayEnd.NEXT_WORKING_DAY, off_day_start=OffDayStart.SAME_CLOCK_TIME),
    replace(CITY, key="abroad", zone="America/New_York", late_due=LateDue(17 * 60, 8 * 60 + 30)),
    replace(
        CITY,
        key="nights",  # works through the hours at which the zone shifts, seven days a week
        zone="America/New_York",
        workweek=frozenset(range(7)),
        seasons=(
            Season((1, 1), (12, 31), hours("00:00-06:00 22:00-24:00")),
            Season((5, 1), (9, 30), hours("01:00-02:30 03:00-05:00 20:00-23:00")),
        ),
    ),
    replace(CITY, key="whole days", seasons=(Season((1, 1), (12, 31), hours("00:00-24:00")),)),
]
STEADY = [replace(city, seasons=city.seasons[:1]) for city in CALENDARS[:3]]  # the same hours all the year
WORKING = [Unit.WORK_HOUR, Unit.WORK_DAY, Unit.PLANTING_WORK_DAY]
SHANGHAI = ZoneInfo("Asia/Shanghai")

calendars = st.sampled_from(CALENDARS)
units = st.sampled_from(list(Unit))
instants = st.datetimes(
    datetime(2004, 1, 1),  # noqa: DTZ001 - Hypothesis wants bounds without a zone
    datetime(2030, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
# clock times people write, where the edges are
marks = st.builds(
    lambda day, minutes: day.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(minutes=minutes),
    instants,
    st.integers(0, 96).map(lambda quarter: quarter * 15),
).map(lambda instant: instant.replace(tzinfo=SHANGHAI).astimezone(UTC))
starts = st.one_of(instants, marks)
whole = st.integers(0, 60).map(Decimal)
amounts = st.one_of(whole, st.decimals(0, 60, places=2), st.decimals(0, 60, places=9))


def within(calendar: Calendar, instant: datetime) -> bool:
    """In working hours, slowly and obviously; both ends of a span belong to it."""
    days = {(calendar.local(instant) - timedelta(days=back)).date() for back in (0, 1)}
    return any(opens <= instant <= closes for day in days for opens, closes in calendar.working_spans(day))


@given(calendars, starts, amounts, units)
def test_what_is_added_is_counted_back(calendar: Calendar, start: datetime, amount: Decimal, unit: Unit) -> None:
    assert calendar.between(start, calendar.add(start, Budget(amount, unit)), unit) == amount


@example(CALENDARS[4], datetime(2011, 11, 6, 6, 30, tzinfo=UTC), Decimal(0), Unit.NATURAL_DAY)  # the second 01:30
@given(calendars, starts, amounts, units)
def test_a_due_time_is_never_before_the_start(calendar: Calendar, start: datetime, amount: Decimal, unit: Unit) -> None:
    added = calendar.add(start, Budget(amount, unit))
    assert added >= start
    assert calendar.due(start, Budget(amount, unit)) >= start
    assert added.tzinfo is UTC


@given(calendars, starts, amounts, st.sampled_from(WORKING))
def test_a_due_time_never_falls_outside_working_hours(
    calendar: Calendar, start: datetime, amount: Decimal, unit: Unit
) -> None:
    budget = Budget(amount, unit)
    assert within(calendar, calendar.add(start, budget))
    due = calendar.due(start, budget)
    assert within(calendar, due)
    if unit is Unit.PLANTING_WORK_DAY and calendar.late_due is None:
        days = {calendar.local(due - slack).date() for slack in (timedelta(), timedelta(microseconds=1))}  # 24:00
        assert any(season.covers(day) for season in CITY.planting for day in days)


@given(calendars, starts, amounts, amounts, units)
def test_more_budget_is_never_due_earlier(
    calendar: Calendar, start: datetime, one: Decimal, other: Decimal, unit: Unit
) -> None:
    less, more = sorted((one, other))
    assert calendar.add(start, Budget(less, unit)) <= calendar.add(start, Budget(more, unit))
    dues = [calendar.due(start, Budget(amount, unit)) for amount in (less, more)]
    if calendar.holiday_end is HolidayEnd.NEXT_WORKING_DAY:
        # Moved days keep their clock times: Saturday's afternoon lands after Sunday's morning, on the same Monday.
        # A day that ends at 24:00 is kept as the next midnight.
        assert len({calendar.local(due - timedelta(microseconds=1)).date() for due in dues}) == 1 or dues[0] < dues[1]
    else:
        assert dues[0] <= dues[1]


@given(calendars, starts, starts, whole, units)
def test_a_later_start_is_never_due_earlier(
    calendar: Calendar, one: datetime, other: datetime, amount: Decimal, unit: Unit
) -> None:
    earlier, later = sorted((one, other))
    assume(not _keeps_clock_of_a_day_off(calendar, unit))
    assert calendar.add(earlier, Budget(amount, unit)) <= calendar.add(later, Budget(amount, unit))


def _keeps_clock_of_a_day_off(calendar: Calendar, unit: Unit) -> bool:
    # Saturday 15:00 counts as Monday 15:00 but Sunday 10:00 as Monday 10:00: that policy is not monotone, by wish.
    return unit in {Unit.WORK_DAY, Unit.PLANTING_WORK_DAY} and calendar.off_day_start is OffDayStart.SAME_CLOCK_TIME


@given(calendars, starts, starts, st.timedeltas(timedelta(), timedelta(days=90)), units)
def test_more_time_never_counts_less(
    calendar: Calendar, start: datetime, end: datetime, longer: timedelta, unit: Unit
) -> None:
    start, end = sorted((start, end))
    assert 0 <= calendar.between(start, end, unit) <= calendar.between(start, end + longer, unit)


@given(calendars, starts, st.decimals(0, 200, places=3), st.decimals(0, 200, places=3))
def test_hours_add_up(calendar: Calendar, start: datetime, one: Decimal, other: Decimal) -> None:
    for unit in (Unit.WORK_HOUR, Unit.NATURAL_HOUR, Unit.URGENT_HOUR):
        step = calendar.add(calendar.add(start, Budget(one, unit)), Budget(other, unit))
        assert step == calendar.add(start, Budget(one + other, unit))


@given(starts, st.integers(1, 40), st.integers(1, 40), st.sampled_from(STEADY))
def test_working_days_add_up_where_the_hours_stay_the_same(
    start: datetime, one: int, other: int, steady: Calendar
) -> None:
    # From one on: at the end of the day, no days from a Saturday reach into Monday.
    step = steady.add(steady.add(start, Budget.of(one, "work_day")), Budget.of(other, "work_day"))
    assert step == steady.add(start, Budget.of(one + other, "work_day"))


@given(starts, st.integers(1, 400))
def test_working_hours_against_a_walk(start: datetime, minutes: int) -> None:
    """The slow, obvious count: a minute at a time through the spans of each day."""
    start = start.replace(second=0, microsecond=0)
    amount = Decimal(minutes) / 60
    left, day = timedelta(minutes=minutes), CITY.local(start).date()
    while True:
        for opens, closes in CITY.working_spans(day):
            begins = max(opens, start)
            if begins >= closes:
                continue
            if left <= closes - begins:
                due = CITY.add(start, Budget(amount, Unit.WORK_HOUR))
                assert due == begins + left
                return
            left -= closes - begins
        day += timedelta(days=1)


@given(st.dates(date(2004, 1, 1), date(2030, 12, 31)), st.integers(0, 1), st.floats(0, 1), st.integers(0, 60))
def test_working_days_against_a_walk(opened: date, half: int, share: float, days: int) -> None:
    while not CITY.is_working_day(opened):
        opened += timedelta(days=1)
    opens, closes = CITY.working_spans(opened)[half]
    start = opens + (closes - opens) * share
    local = CITY.local(start)
    day = local.date()
    for _ in range(days):
        day += timedelta(days=1)
        while not CITY.is_working_day(day):
            day += timedelta(days=1)
    due = CITY.local(CITY.add(start, Budget.of(days, "work_day")))
    assert due.date() == day
    wall = datetime.combine(day, local.timetz())
    if within(CITY, wall):
        assert due == wall


@given(calendars, starts, starts, st.lists(starts, max_size=6))
def test_holding_times_sum_to_the_time_of_the_case(
    calendar: Calendar, start: datetime, end: datetime, between: list[datetime]
) -> None:
    cuts = sorted([start, *between, end])
    parts = [calendar.working_time(a, b) for a, b in pairwise(cuts)]
    assert sum(parts, timedelta()) == calendar.working_time(cuts[0], cuts[-1])


@given(calendars, starts, amounts, units, starts, st.sampled_from(["0", "0.25", "0.5", "1"]))
def test_a_clock_goes_from_green_over_yellow_to_red_and_never_back(
    calendar: Calendar, start: datetime, amount: Decimal, unit: Unit, now: datetime, share: str
) -> None:
    clock = sla.start("c", "task", calendar, start, budget=Budget(amount, unit), warn_share=Decimal(share))
    assert clock.warn_at is not None
    assert clock.due_at is not None
    assert clock.warn_at <= clock.due_at
    order = [Light.GREEN, Light.YELLOW, Light.RED]
    moments = sorted([start, clock.warn_at, clock.due_at, clock.due_at + timedelta(seconds=1), max(now, start)])
    shown = [order.index(sla.light(clock, moment)) for moment in moments]
    assert shown == sorted(shown)
    stopped = sla.stop(clock, now)
    assert sla.late(stopped, now) == (now > clock.due_at) == (stopped.breached_at is not None)


@pytest.mark.parametrize("unit", list(Unit))
@settings(max_examples=20)
@given(start=starts, amount=amounts)
def test_remaining_reaches_zero_exactly_at_the_due_time(unit: Unit, start: datetime, amount: Decimal) -> None:
    clock = sla.start("c", "task", CITY, start, budget=Budget(amount, unit))
    assert clock.due_at is not None
    left = sla.remaining(clock, CITY, clock.due_at)
    assert left is not None
    assert left.amount == 0
    assert sla.used(clock, CITY, clock.due_at).amount == amount
