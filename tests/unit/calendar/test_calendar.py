"""What a calendar knows of days and years, what it refuses, and zones that shift."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from engine.calendar import (
    Budget,
    Calendar,
    CalendarProblem,
    Day,
    DayEnd,
    PlantingSeason,
    Season,
    Unit,
    hours,
)

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
OFFICE = (Season((1, 1), (12, 31), hours("09:00-12:00 13:30-17:30")),)


def test_spans_of_a_day(qianjiang: Calendar) -> None:
    spans = qianjiang.working_spans(date(2025, 11, 20))
    assert [(f"{a.astimezone(SHANGHAI):%H:%M}", f"{b.astimezone(SHANGHAI):%H:%M}") for a, b in spans] == [
        ("09:00", "12:00"),
        ("13:30", "17:30"),
    ]
    assert all(a.tzinfo is UTC for span in spans for a in span)
    assert qianjiang.working_spans(date(2025, 10, 1)) == ()
    summer = qianjiang.working_spans(date(2025, 7, 1))[1][0]
    assert f"{summer.astimezone(SHANGHAI):%H:%M}" == "14:30"


def test_a_year_without_notice_is_provisional(qianjiang: Calendar) -> None:
    assert not qianjiang.is_provisional(date(2026, 12, 31))
    assert qianjiang.is_provisional(date(2027, 1, 1))
    assert qianjiang.is_working_day(date(2027, 10, 1))  # a plain weekday until somebody announces the holiday
    start, end = datetime(2026, 12, 30, tzinfo=SHANGHAI), datetime(2027, 1, 8, tzinfo=SHANGHAI)
    assert qianjiang.provisional_years(start, end) == (2027,)
    assert qianjiang.provisional_years(start, start) == ()


def test_a_row_of_its_own_beats_the_weekday() -> None:
    saturday, monday = date(2030, 6, 1), date(2030, 6, 3)
    calendar = Calendar("c", 1, "Asia/Shanghai", OFFICE, days={saturday: Day(working=True), monday: Day(working=False)})
    assert calendar.is_working_day(saturday)
    assert not calendar.is_working_day(monday)
    start = datetime(2030, 5, 31, 10, tzinfo=SHANGHAI)
    assert calendar.add(start, Budget.of(2, "work_day")) == datetime(2030, 6, 4, 10, tzinfo=SHANGHAI)


def test_changed_hours_leave_the_past_as_it_was() -> None:
    earlier = Season((1, 1), (12, 31), hours("08:00-16:00"), since=date(2026, 1, 1))
    calendar = Calendar("c", 2, "Asia/Shanghai", (*OFFICE, earlier))
    assert len(calendar.working_spans(date(2025, 12, 31))) == 2
    assert len(calendar.working_spans(date(2026, 1, 2))) == 1


def test_a_season_may_cross_new_year() -> None:
    winter = Season((11, 1), (2, 29), hours("10:00-16:00"))
    calendar = Calendar("c", 1, "Asia/Shanghai", (*OFFICE, winter))
    assert [len(calendar.working_spans(day)) for day in (date(2025, 12, 31), date(2026, 1, 2), date(2026, 3, 2))] == [
        1,
        1,
        2,
    ]


def test_working_time_of_parts_sums_to_the_whole(qianjiang: Calendar) -> None:
    start = datetime(2025, 9, 28, 3, tzinfo=SHANGHAI)
    cuts = [start + timedelta(hours=7, minutes=13) * n for n in range(60)]
    parts = [qianjiang.working_time(a, b) for a, b in pairwise(cuts)]
    assert sum(parts, timedelta()) == qianjiang.working_time(cuts[0], cuts[-1])
    assert qianjiang.working_time(cuts[-1], cuts[0]) == -qianjiang.working_time(cuts[0], cuts[-1])


def test_backwards_is_negative(qianjiang: Calendar) -> None:
    a, b = datetime(2025, 11, 20, 10, tzinfo=SHANGHAI), datetime(2025, 11, 21, 10, tzinfo=SHANGHAI)
    assert qianjiang.between(b, a, Unit.WORK_HOUR) == -7
    assert qianjiang.between(b, a, Unit.WORK_DAY) == -1


@pytest.mark.parametrize(
    "start,due",
    [
        ("2011-11-05T12:00", "2011-11-06T11:00"),  # the night of 25 hours
        ("2011-03-12T12:00", "2011-03-13T13:00"),  # the night of 23
        ("2011-07-05T12:00", "2011-07-06T12:00"),
    ],
)
def test_24_hours_are_24_hours_where_the_zone_shifts(start: str, due: str) -> None:
    calendar = Calendar("c", 1, "America/New_York", OFFICE)
    begun = datetime.fromisoformat(start).replace(tzinfo=NEW_YORK)
    counted = calendar.add(begun, Budget.of(24, "natural_hour"))
    assert counted == datetime.fromisoformat(due).replace(tzinfo=NEW_YORK)
    assert counted - begun.astimezone(UTC) == timedelta(hours=24)


def test_a_calendar_day_is_a_day_of_the_wall_where_the_zone_shifts() -> None:
    calendar = Calendar("c", 1, "America/New_York", OFFICE)
    for start in (datetime(2011, 11, 5, 12, tzinfo=NEW_YORK), datetime(2011, 3, 12, 12, tzinfo=NEW_YORK)):
        due = calendar.add(start, Budget.of(1, "natural_day"))
        assert due == (start + timedelta(days=1))  # arithmetic of one zone is arithmetic of its wall clock
        assert calendar.between(start, due, Unit.NATURAL_DAY) == 1
    noon = datetime(2011, 11, 5, 12, tzinfo=NEW_YORK)  # half of a day of 25 hours
    half = calendar.add(noon, Budget.of("0.5", "natural_day"))
    assert half - noon.astimezone(UTC) == timedelta(hours=12, minutes=30)
    assert calendar.between(noon, half, Unit.NATURAL_DAY) == Decimal("0.5")
    # 02:30 does not exist on 13 March: read with the offset before the shift, 03:30
    skipped = calendar.add(datetime(2011, 3, 12, 2, 30, tzinfo=NEW_YORK), Budget.of(1, "natural_day"))
    assert f"{skipped.astimezone(NEW_YORK):%d %H:%M}" == "13 03:30"


def test_a_night_shift_works_as_long_as_the_night_is() -> None:
    night = Calendar("c", 1, "America/New_York", (Season((1, 1), (12, 31), hours("00:00-06:00")),), frozenset(range(7)))
    length = [night.working_time(*night.working_spans(day)[0]) for day in (date(2011, 3, 13), date(2011, 11, 6))]
    assert length == [timedelta(hours=5), timedelta(hours=7)]


@pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity", "1000001", "five"])
def test_a_budget_that_is_none(amount: str) -> None:
    with pytest.raises(CalendarProblem) as refused:
        Budget.of(amount, "work_hour")
    assert refused.value.text("zh") != refused.value.text("en")


def test_a_third_of_an_hour_is_twenty_minutes_and_never_passes_the_closing(qianjiang: Calendar) -> None:
    start = datetime(2025, 11, 20, 17, 10, tzinfo=SHANGHAI)
    due = qianjiang.add(start, Budget(Decimal(1) / 3, Unit.WORK_HOUR))
    assert due == datetime(2025, 11, 20, 17, 30, tzinfo=SHANGHAI)
    assert qianjiang.between(start, due, Unit.WORK_HOUR) == Decimal("0.333333333")


@pytest.mark.parametrize("unit", list(Unit))
def test_units_have_names_in_both_languages(unit: Unit) -> None:
    assert Unit.named(unit.zh) is Unit.named(unit.value) is unit
    assert unit.en.isascii()
    assert Budget.of(5, unit).label("zh") == f"5 {unit.zh}"
    assert Budget.of(5, unit).label("en") == f"5 {unit.en}s"
    assert Budget.of(1, unit).label("en") == f"1 {unit.en}"


def test_an_unknown_unit_is_named() -> None:
    with pytest.raises(CalendarProblem, match="fortnight"):
        Unit.named("fortnight")


def test_what_cannot_be_counted_says_so(qianjiang: Calendar) -> None:
    start = datetime(2025, 11, 20, 10, tzinfo=SHANGHAI)
    with pytest.raises(CalendarProblem, match="1970 to 2200"):
        qianjiang.add(start, Budget.of(1_000_000, "work_hour"))
    with pytest.raises(CalendarProblem, match="1970 to 2200"):
        qianjiang.add(datetime(2300, 1, 1, tzinfo=SHANGHAI), Budget.of(1, "work_day"))
    bare = Calendar("bare", 1, "Asia/Shanghai", OFFICE)
    with pytest.raises(CalendarProblem, match="planting season"):
        bare.add(start, Budget.of(1, "planting_work_day"))
    never = Calendar("never", 1, "Asia/Shanghai", OFFICE, planting=(PlantingSeason((2, 29), (2, 28)),))
    assert never.add(start, Budget.of(1, "planting_work_day")) > start  # all the year


@pytest.mark.parametrize("text", ["", "9:00-12:00", "12:00-09:00", "09:00-12:00 11:00-13:00", "09:00-24:01"])
def test_hours_that_are_none(text: str) -> None:
    with pytest.raises(CalendarProblem):
        hours(text)


def test_a_calendar_without_zone_or_hours_or_days_is_refused() -> None:
    for zone, seasons, week in (
        ("Mars/Olympus", OFFICE, frozenset({0})),
        ("", OFFICE, frozenset({0})),
        ("Asia/Shanghai", (), frozenset({0})),
        ("Asia/Shanghai", OFFICE, frozenset[int]()),
    ):
        with pytest.raises(CalendarProblem):
            Calendar("c", 1, zone, seasons, week)


def test_long_limits_reach_over_many_years(qianjiang: Calendar) -> None:
    start = datetime(2025, 11, 20, 10, tzinfo=SHANGHAI)
    due = qianjiang.add(start, Budget.of(5000, "work_day"))
    assert due.year > 2040
    assert qianjiang.between(start, due, Unit.WORK_DAY) == 5000


def test_a_policy_changes_the_due_time_and_nothing_else() -> None:
    start, budget = datetime(2025, 11, 20, 10, tzinfo=SHANGHAI), Budget.of(1, "work_day")
    same = Calendar("c", 1, "Asia/Shanghai", OFFICE)
    closing = Calendar("c", 2, "Asia/Shanghai", OFFICE, work_day=DayEnd.END_OF_DAY)
    assert (closing.add(start, budget) - same.add(start, budget)) == timedelta(hours=7, minutes=30)
    assert same.working_time(start, same.add(start, budget)) == timedelta(hours=7)
