"""Due times a person has worked out by hand. Working hours 9-12 and 13:30-17:30 (June to August 9-12 and 14:30-18)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine.calendar import Budget, Calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def check(calendar: Calendar, start: str, amount: str, unit: str, due: str) -> None:
    budget = Budget.of(amount, unit)
    counted = calendar.add(at(start), budget)
    assert f"{counted.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}".removesuffix(":00") == due
    assert calendar.between(at(start), counted, budget.unit) == Decimal(amount)


@pytest.mark.parametrize(
    "start,amount,unit,due",
    [
        # National Day 1-8 October; 1.5 h left on the 30th
        ("2025-09-30 16:00", "5", "工作时", "2025-10-09 14:00"),
        # a worked Saturday before the Spring Festival
        ("2026-02-13 16:30", "5", "工作时", "2026-02-14 14:30"),
        # a worked Sunday
        ("2025-09-26 10:00", "1", "工作日", "2025-09-28 10:00"),
        # 13, 14 (worked Saturday), the festival 15-23, 24
        ("2026-02-12 10:00", "3", "工作日", "2026-02-24 10:00"),
        # 20 (worked Sunday), 21, 22, 23, 24; the 25th is Mid-autumn
        ("2026-09-18 10:00", "5", "工作日", "2026-09-24 10:00"),
    ],
)
def test_given_vectors(qianjiang: Calendar, start: str, amount: str, unit: str, due: str) -> None:
    check(qianjiang, start, amount, unit, due)


@pytest.mark.parametrize("start", ["2025-09-26 00:00", "2025-09-26 10:00", "2025-09-26 17:30"])
def test_given_day_vectors_hold_by_date_under_both_policies(qianjiang: Calendar, law: Calendar, start: str) -> None:
    for calendar in (qianjiang, law):
        due = calendar.due(at(start), Budget.of(1, "work_day"))
        assert due.astimezone(SHANGHAI).date() == date(2025, 9, 28)


@pytest.mark.parametrize("year", [2025, 2026])
def test_248_working_days_in_a_year(qianjiang: Calendar, year: int) -> None:
    days = (date(year, 1, 1) + timedelta(n) for n in range(365))
    assert sum(qianjiang.is_working_day(day) for day in days) == 248


@pytest.mark.parametrize(
    "start,amount,unit,due",
    [
        # Started outside working hours: counted from the next opening.
        ("2025-11-20 22:15", "2", "work_hour", "2025-11-21 11:00"),
        ("2025-11-21 03:00", "2", "work_hour", "2025-11-21 11:00"),
        ("2025-11-20 12:20", "2", "work_hour", "2025-11-20 15:30"),
        ("2025-10-04 10:00", "2", "work_hour", "2025-10-09 11:00"),
        ("2025-11-20 22:15", "1", "work_day", "2025-11-24 09:00"),
        ("2025-11-20 12:20", "1", "work_day", "2025-11-21 13:30"),
        ("2025-10-04 10:00", "1", "work_day", "2025-10-10 09:00"),
        # A budget that ends with a span is due at the closing, not at the next opening: the sharper of two equal times.
        ("2025-11-20 09:00", "3", "work_hour", "2025-11-20 12:00"),
        ("2025-11-20 09:00", "7", "work_hour", "2025-11-20 17:30"),
        ("2025-11-21 10:30", "7", "work_hour", "2025-11-24 10:30"),
        # The closing instant still belongs to the day.
        ("2025-11-20 17:30", "1", "work_hour", "2025-11-21 10:00"),
        ("2025-11-20 17:30", "1", "work_day", "2025-11-21 17:30"),
        ("2025-11-20 12:00", "1", "work_day", "2025-11-21 12:00"),
        # To the second; filed 15:00 is due 15:00.
        ("2025-11-20 15:00:07", "1", "work_day", "2025-11-21 15:00:07"),
        # Half a day is half its working time, over the break and over the night.
        ("2025-11-20 09:00", "0.5", "work_day", "2025-11-20 14:00"),
        ("2025-11-20 15:00", "1.5", "work_day", "2025-11-24 10:00"),
        # Nothing to do with it: due at once, but never outside working hours.
        ("2025-11-20 15:00", "0", "work_hour", "2025-11-20 15:00"),
        ("2025-11-20 20:00", "0", "work_hour", "2025-11-21 09:00"),
        ("2025-11-20 20:00", "0", "work_day", "2025-11-21 09:00"),
        # Urgent units never stop: nights, weekends and holidays count.
        ("2025-09-30 23:30", "2", "urgent_hour", "2025-10-01 01:30"),
        ("2025-09-30 23:30", "2", "urgent_day", "2025-10-02 23:30"),
        ("2025-09-30 23:30", "24", "natural_hour", "2025-10-01 23:30"),
        ("2025-09-30 23:30", "3", "natural_day", "2025-10-03 23:30"),
        ("2025-09-30 12:00", "0.5", "natural_day", "2025-10-01"),
    ],
)
def test_edges(qianjiang: Calendar, start: str, amount: str, unit: str, due: str) -> None:
    check(qianjiang, start, amount, unit, due if ":" in due else f"{due} 00:00")


@pytest.mark.parametrize(
    "start,amount,unit,due",
    [
        # Hours change on 1 June (Monday in 2026): the clock time stays where it is worked in both seasons ...
        ("2026-05-29 15:00", "1", "work_day", "2026-06-01 15:00"),
        # ... moves to the end of the longer break ...
        ("2026-05-29 13:40", "1", "work_day", "2026-06-01 14:30"),
        # ... and to the closing where the new season closes earlier (31 August is Monday).
        ("2026-08-31 17:45", "1", "work_day", "2026-09-01 17:30"),
        ("2026-05-29 17:00", "4", "work_hour", "2026-06-01 15:00"),
        # Half of the 6 h between Friday 15:00 and Monday 15:00.
        ("2026-05-29 15:00", "0.5", "work_day", "2026-06-01 09:30"),
    ],
)
def test_seasons_of_hours(qianjiang: Calendar, start: str, amount: str, unit: str, due: str) -> None:
    check(qianjiang, start, amount, unit, due)


@pytest.mark.parametrize(
    "start,amount,due",
    [
        # Spring planting 15 February to 15 April, autumn 15 October to 15 December.
        ("2025-03-03 10:00", "15", "2025-03-24 10:00"),
        # Started out of season: the first working day of the season counts from its opening.
        ("2025-07-01 10:00", "1", "2025-10-16 09:00"),
        # Out of one season into the next: 14 and 15 April, then October.
        ("2025-04-14 10:00", "3", "2025-10-16 10:00"),
        ("2025-12-15 16:00", "1", "2026-02-24 16:00"),
    ],
)
def test_planting_season(qianjiang: Calendar, start: str, amount: str, due: str) -> None:
    check(qianjiang, start, amount, "种植季节工作日", due)


@pytest.mark.parametrize(
    "start,amount,unit,due",
    [
        # The day of the start does not count, whatever its hour; the last day ends with its business.
        ("2025-11-20 08:00", "1", "work_day", "2025-11-21 17:30"),
        ("2025-11-20 20:00", "1", "work_day", "2025-11-21 17:30"),
        # A day off counts as little: Saturday, due when Monday closes.
        ("2025-11-22 10:00", "1", "work_day", "2025-11-24 17:30"),
        ("2025-11-20 10:00", "0", "work_day", "2025-11-20 17:30"),
        ("2025-11-22 10:00", "0", "work_day", "2025-11-24 09:00"),
        ("2025-11-20 10:00", "1.5", "work_day", "2025-11-24 14:00"),
        # twenty working days of a permit over the National Day: 12 in September (Sunday the 28th is worked), then
        # 9-11 (Saturday the 11th is worked) and 13-17 October
        ("2025-09-15 10:00", "20", "work_day", "2025-10-17 17:30"),
        # 24:00 is the next midnight
        ("2025-11-20 10:00", "1", "natural_day", "2025-11-22 00:00"),
        ("2025-11-20 10:00", "0", "natural_day", "2025-11-21 00:00"),
        # An urgent day does not wait for midnight.
        ("2025-11-20 10:00", "1", "urgent_day", "2025-11-21 10:00"),
    ],
)
def test_statutory_terms_end_with_the_day(law: Calendar, start: str, amount: str, unit: str, due: str) -> None:
    check(law, start, amount, unit, due)


@pytest.mark.parametrize(
    "start,days,due",
    [
        # Three days from Thursday end on Sunday; the last day off gives way to Monday, until 24:00.
        ("2025-11-20 10:00", 3, "2025-11-25 00:00"),
        ("2025-11-20 10:00", 1, "2025-11-22 00:00"),
        # ninety days end in the Spring Festival (15-23 February 2026)
        ("2025-11-21 10:00", 90, "2026-02-25 00:00"),
        # a worked Sunday is no day off
        ("2025-09-25 10:00", 3, "2025-09-29 00:00"),
    ],
)
def test_a_last_day_off_gives_way_by_policy(law: Calendar, start: str, days: int, due: str) -> None:
    assert law.due(at(start), Budget.of(days, "natural_day")) == at(due)


def test_a_last_day_off_is_kept_by_policy(qianjiang: Calendar) -> None:
    assert qianjiang.due(at("2025-11-20 10:00"), Budget.of(3, "natural_day")) == at("2025-11-23 10:00")


def test_an_urgent_day_never_gives_way(law: Calendar) -> None:
    assert law.due(at("2025-11-20 10:00"), Budget.of(3, "urgent_day")) == at("2025-11-23 10:00")
