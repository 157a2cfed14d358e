"""Calendars as rows: the city's own, another city's, and rows that are wrong."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.calendar import Budget, Calendar, CalendarProblem, DayEnd
from engine.calendars import COLUMNS, read
from web.replay import fitting
from web.replay.rows import Request
from web.replay.rows import read as read_requests

HEADER = ",".join(COLUMNS) + "\n"
PLAIN = HEADER + "c,calendar,,,3,,,,,\nc,zone,,,Asia/Shanghai,,,,,\nc,season,01-01,12-31,09:00-17:00,,,,,\n"
NEW_YORK = ZoneInfo("America/New_York")


def test_the_city_s_own_table(calendars: dict[str, Calendar]) -> None:
    city, law = calendars["qianjiang"], calendars["qianjiang_law"]
    assert (city.work_day, law.work_day) == (DayEnd.SAME_CLOCK_TIME, DayEnd.END_OF_DAY)
    assert law.days == city.days
    assert law.seasons == city.seasons
    assert city.days[date(2025, 10, 1)].name_zh == "国庆节"
    assert all(season.source for season in city.seasons)
    assert all(season.source for season in city.planting)
    assert all(day.source and day.name_zh and day.name_en for day in city.days.values())
    assert city.settled_years == frozenset(range(2004, 2027))


@pytest.mark.parametrize(
    "opened,amount,unit,target",
    [
        ("2011-07-01T02:18:31", 2, "work_day", "2011-07-05T02:18:31"),  # Friday; Independence Day counts
        ("2011-07-02T11:26:07", 2, "work_day", "2011-07-06T11:26:07"),  # Saturday becomes Monday, the clock stays
        ("2011-07-05T17:17:15", 2, "work_day", "2011-07-08T08:30:00"),  # due from 17:00 on: half past eight
        ("2011-07-08T19:38:00", 1, "work_day", "2011-07-12T08:30:00"),
        ("2011-07-07T17:00:00", 1, "work_day", "2011-07-11T08:30:00"),
        ("2011-07-07T16:59:59", 1, "work_day", "2011-07-08T16:59:59"),
        ("2011-07-08T20:00:00", 120, "natural_day", "2011-11-05T20:00:00"),
    ],
)
def test_another_city_is_rows_too(opened: str, amount: int, unit: str, target: str) -> None:
    boston = fitting.calendar()
    start, due = (datetime.fromisoformat(text).replace(tzinfo=NEW_YORK) for text in (opened, target))
    assert boston.due(start, Budget.of(amount, unit)) == due
    assert boston.provisional_years(start, due) == ()


SAMPLE = Path(__file__).parents[2] / "data" / "boston_sample.csv"


def test_the_due_times_of_another_city_come_out_by_its_calendar_and_fitted_limits() -> None:
    """The whole file: `./run fit-limits FILE`, 17,578 of 17,773 within a minute (98.90 %)."""
    shipped = list(csv.DictReader((fitting.FOLDER / "limits.csv").read_text("utf-8").splitlines()))
    compared, matched = (sum(int(row[name]) for row in shipped) for name in ("requests", "within_a_minute"))
    assert compared > 17_000
    assert matched / compared >= 0.985
    requests = [row for row in read_requests(SAMPLE) if isinstance(row, Request)]
    report = fitting.compare(requests, fitting.calendar(), fitting.read())
    assert (report.compared, report.matched) == (21, 20)
    assert [why for why, _ in report.missed] == [fitting.OTHER_LIMIT]
    own = fitting.fit(requests, fitting.calendar())
    limits = {kind: each.limit for kind, each in own.items()}
    assert fitting.compare(requests, fitting.calendar(), limits).matched >= 20


def test_without_its_rules_they_do_not_come_out() -> None:
    requests = [row for row in read_requests(SAMPLE) if isinstance(row, Request)]
    limits, city = fitting.read(), fitting.calendar()
    for other in (
        replace(city, late_due=None),
        replace(city, workweek=frozenset(range(7))),
        replace(city, zone="Asia/Shanghai"),
    ):
        assert fitting.compare(requests, other, limits).matched < 20


def test_an_announced_year_is_settled_by_its_rows() -> None:
    rows = "c,day,2027-10-01,2027-10-07,holiday,,,国庆节,National Day,notice\nc,day,2027-10-09,,working,,,,,notice\n"
    settled = "c,holidays,2025,2026,chinesecalendar,,,,,\nc,settled,2027,,,,,,,notice\n"
    calendar = read(PLAIN + settled + rows)["c"]
    assert calendar.version == 3
    assert not calendar.is_provisional(date(2027, 5, 1))
    assert calendar.is_provisional(date(2028, 5, 1))
    assert [calendar.is_working_day(date(2027, 10, 1) + timedelta(n)) for n in range(9)] == [False] * 7 + [True, True]


@pytest.mark.parametrize(
    "row,word",
    [
        ("d,zone,,,Asia/Shanghai,,,,,", "calendar first"),
        ("c,moon,,,,,,,,", "moon"),
        ("c,season,01-01,13-31,09:00-17:00,,,,,", "season"),
        ("c,season,01-01,12-31,17:00-09:00,,,,,", "overlap"),
        ("c,policy,,,work_day=never,,,,,", "never"),
        ("c,policy,,,colour=red,,,,,", "colour"),
        ("c,policy,,,late_due=17,,,,,", "policy"),
        ("c,day,2027-02-30,,holiday,,,,,", "day"),
        ("c,day,2027-02-03,,half,,,,,", "working"),
        ("c,holidays,2026,2027,chinesecalendar,,,,,", "2004 to 2026"),
        ("c,holidays,2026,,moon,,,,,", "moon"),
        ("c,workweek,,,0 1,,,,,", "1 to 7"),
        ("c,like,,,nobody,,,,,", "nobody"),
    ],
)
def test_a_wrong_row_is_named_by_its_line(row: str, word: str) -> None:
    with pytest.raises(CalendarProblem, match="line 5.*" + word) as refused:
        read(PLAIN + row + "\n")
    assert "第 5 行" in refused.value.text("zh")


def test_a_missing_column_is_named() -> None:
    with pytest.raises(CalendarProblem, match="source"):
        read(HEADER.replace(",source", ""))
