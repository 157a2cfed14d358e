"""Dates, times, durations: conversions, functions, parts (DMN 1.5, tables 65, 73, 78 and 79)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from engine import feel as package


@pytest.mark.parametrize(
    "line",
    [
        'date("2026-10-01") => @"2026-10-01"',
        'date(2026, 10, 1) => @"2026-10-01"',
        'date(@"2026-10-01T23:59:00Z") => @"2026-10-01"',
        'date("2026-02-29") => null',
        'date("2026-13-01") => null',
        'date("26-10-01") => null',
        'date("2026-10-01T00:00:00") => null',
        "date(2026, 2, 29) => null",
        "date(1e17, 1, 1) => null",
        "date(null) => null",
        "date(1) => null",
        'time("09:30:00") => @"09:30:00"',
        'time("09:30") => @"09:30:00"',
        'time("09:30:00.5Z") => @"09:30:00.500Z"',
        'time(9, 30, 0) => @"09:30:00"',
        'time(9, 30, 0, @"PT8H") => @"09:30:00+08:00"',
        'time(9, 30, 0, null) => @"09:30:00"',
        'time(9, 30, 0.25) => @"09:30:00.25"',
        "time(24, 0, 0) => null",
        "time(9, 60, 0) => null",
        "time(9, 30, 60) => null",
        'time(9, 30, 0, @"PT15H") => null',
        'time(@"2026-10-01T09:30:00+08:00") => @"09:30:00+08:00"',
        'time(@"2026-10-01") => @"00:00:00Z"',
        'time("25:00:00") => null',
        'time("09:30:00@Nowhere/Town") => null',
        'time("09:30:00@../etc/passwd") => null',
        "time(null) => null",
        'date and time("2026-10-01T09:30:00") => @"2026-10-01T09:30:00"',
        'date and time("2026-10-01") => @"2026-10-01T00:00:00"',
        'date and time(@"2026-10-01") => @"2026-10-01T00:00:00"',
        'date and time(@"2026-10-01", @"09:30:00Z") => @"2026-10-01T09:30:00Z"',
        'date and time(@"2026-10-01T23:00:00", @"09:30:00") => @"2026-10-01T09:30:00"',
        'date and time(2026, 10, 1, 9, 30, 0) => @"2026-10-01T09:30:00"',
        'date and time(2026, 10, 1, 9, 30, 0, @"PT8H") => @"2026-10-01T09:30:00+08:00"',
        'date and time(@"2026-10-01T00:00:00Z", "Asia/Shanghai") => @"2026-10-01T08:00:00@Asia/Shanghai"',
        'date and time("2026-10-01T25:00:00") => null',
        "date and time(null) => null",
        'date and time(@"2026-10-01", null) => null',
        'duration("P1DT2H3M4.5S") => @"P1DT2H3M4.5S"',
        'duration("PT36H") => @"P1DT12H"',
        'duration("-PT1H") => @"-PT1H"',
        'duration("P1Y2M") => @"P14M"',
        'duration("P1Y1D") => null',
        'duration("P") => null',
        'duration("PT") => null',
        'duration("1D") => null',
        "duration(null) => null",
        'duration(@"P1D") => @"P1D"',
        'years and months duration(@"2011-12-22", @"2013-08-24") => @"P1Y8M"',
        'years and months duration(@"2013-08-24", @"2011-12-22") => @"-P1Y8M"',
        'years and months duration(@"2026-01-31", @"2026-02-28") => @"P0M"',
        'years and months duration(@"2026-01-01T00:00:00", @"2027-01-01") => @"P1Y"',
        'years and months duration(@"2026-01-01", null) => null',
        'number("1.5") => 1.5',
        'number("-1e2") => -100',
        'number("1 000,5", " ", ",") => 1000.5',
        'number("1,000.5", ",", ".") => 1000.5',
        'number("1.000", ".", ".") => null',
        'number("1,5", null, ",") => 1.5',
        'number("x") => null',
        'number("") => null',
        'number("1_000") => null',
        'number("１") => null',
        'number("Infinity") => null',
        "number(5) => 5",
        "number(null) => null",
        "number(true) => null",
        'string(1.10) => "1.10"',
        'string("a") => "a"',
        "string(null) => null",
        'string(true) => "true"',
        'string(1e3) => "1000"',
        'string([1, "a", null, [true]]) => "[1, \\"a\\", null, [true]]"',
        'string({a: 1, "b c": "x"}) => "{a: 1, \\"b c\\": \\"x\\"}"',
        'string([1..3)) => "[1..3)"',
        'string(@"2026-10-01") => "2026-10-01"',
        'string(@"09:30:00") => "09:30:00"',
        'string(@"09:30:00.5") => "09:30:00.5"',
        'string(@"2026-10-01T09:30:00Z") => "2026-10-01T09:30:00Z"',
        'string(@"2026-10-01T09:30:00-05:30") => "2026-10-01T09:30:00-05:30"',
        'string(@"2026-10-01T09:30:00@Asia/Shanghai") => "2026-10-01T09:30:00@Asia/Shanghai"',
        'string(@"PT36H") => "P1DT12H"',
        'string(@"-PT0.5S") => "-PT0.5S"',
        'string(@"P26M") => "P2Y2M"',
        'string(@"P0D") => "PT0S"',
        'string(@"P0Y") => "P0M"',
    ],
)
def test_conversions(holds: Callable[[str], None], line: str) -> None:
    holds(line)


@pytest.mark.parametrize(
    "line",
    [
        '@"2026-10-01".year => 2026',
        '@"2026-10-01".month => 10',
        '@"2026-10-01".day => 1',
        '@"2026-10-01".weekday => 4',
        '@"2026-10-01".hour => null',
        '@"2026-10-01T09:30:05.5".hour => 9',
        '@"2026-10-01T09:30:05.5".minute => 30',
        '@"2026-10-01T09:30:05.5".second => 5.5',
        '@"2026-10-01T09:30:05+08:00".time offset => @"PT8H"',
        '@"2026-10-01T09:30:05".time offset => null',
        '@"09:30:00-02:30".time offset => @"-PT2H30M"',
        '@"2026-10-01T09:30:05@Asia/Shanghai".timezone => "Asia/Shanghai"',
        '@"2026-10-01T09:30:05@Asia/Shanghai".time offset => @"PT8H"',
        '@"2026-10-01T09:30:05+08:00".timezone => null',
        '@"P1DT2H3M4.5S".days => 1',
        '@"P1DT2H3M4.5S".hours => 2',
        '@"P1DT2H3M4.5S".minutes => 3',
        '@"P1DT2H3M4.5S".seconds => 4.5',
        '@"-P1DT2H".hours => -2',
        '@"P1Y2M".years => 1',
        '@"P1Y2M".months => 2',
        '@"-P1Y2M".months => -2',
        '@"P1Y2M".days => null',
        "day of year(date(2019, 9, 17)) => 260",
        'day of week(date(2019, 9, 17)) => "Tuesday"',
        'month of year(date(2019, 9, 17)) => "September"',
        "week of year(date(2019, 9, 17)) => 38",
        "week of year(date(2005, 1, 1)) => 53",
        "week of year(date(2003, 12, 29)) => 1",
        'last day of month(date(2024, 2, 1)) => @"2024-02-29"',
        'day of week(@"2026-10-01T09:30:00") => "Thursday"',
        "day of week(null) => null",
        'day of year("2026-10-01") => null',
        'today() => @"2026-10-02"',
        'now() => @"2026-10-02T00:30:00+08:00"',
        'now() > @"2026-10-01T16:29:59Z" => true',
        'now() = @"2026-10-02T00:30:00" => true',
    ],
)
def test_functions_and_parts(holds: Callable[[str], None], line: str) -> None:
    holds(line)


@pytest.mark.parametrize(
    "line",
    [
        "before(1, 10) => true",
        "before(10, 1) => false",
        "before(1, [1..10]) => false",
        "before(1, (1..10]) => true",
        "before([1..10], 10) => false",
        "before([1..10), 10) => true",
        "before([1..10), [10..20]) => true",
        "before([1..10], [10..20]) => false",
        "before(1, null) => null",
        'before(1, "a") => null',
        "before((< 5), 5) => true",
        "before((<= 5), 5) => false",
        "after(10, 5) => true",
        "after((5..10], [1..5]) => true",
        "after([5..10], [1..5]) => false",
        "meets([1..5], [5..10]) => true",
        "meets([1..5), [5..10]) => false",
        "meets([1..5], (5..10]) => false",
        "met by([5..10], [1..5]) => true",
        "met by([5..10], [1..5)) => false",
        "overlaps([1..5], [3..8]) => true",
        "overlaps([3..8], [1..5]) => true",
        "overlaps([1..8], [3..5]) => true",
        "overlaps([1..5], [6..8]) => false",
        "overlaps([1..5], [5..8]) => true",
        "overlaps([1..5), [5..8]) => false",
        "overlaps([1..5], (5..8]) => false",
        "overlaps before([1..5], [3..8]) => true",
        "overlaps before([3..8], [1..5]) => false",
        "overlaps before([1..5], [5..8]) => true",
        "overlaps before([1..5), [5..8]) => false",
        "overlaps before([1..5), (1..5]) => true",
        "overlaps before([1..5], (1..5]) => true",
        "overlaps before([1..5], [1..5]) => false",
        "overlaps after([3..8], [1..5]) => true",
        "overlaps after([5..8], [1..5)) => false",
        "overlaps after((1..5], [1..5)) => true",
        "finishes(10, [1..10]) => true",
        "finishes(10, [1..10)) => false",
        "finishes([5..10], [1..10]) => true",
        "finishes((1..10], [1..10]) => true",
        "finished by([1..10], [5..10]) => true",
        "finished by([1..10], [5..10)) => false",
        "includes([1..10], 5) => true",
        "includes([1..10], 12) => false",
        "includes([1..10), 10) => false",
        "includes([1..10], (1..10)) => true",
        "includes((1..10), [1..10]) => false",
        "includes((> 3), [4..6]) => true",
        "during(5, [1..10]) => true",
        "during([4..6], [1..10]) => true",
        "during([1..12], [1..10]) => false",
        "starts(1, [1..10]) => true",
        "starts(1, (1..10]) => false",
        "starts([1..5], [1..10]) => true",
        "started by([1..10], 1) => true",
        "started by([1..10], (1..5]) => false",
        "coincides(5, 5) => true",
        "coincides(3, 4) => false",
        "coincides([1..5], [1..5]) => true",
        "coincides([1..5), [1..5]) => false",
        'during(@"2026-10-02", [@"2026-10-01"..@"2026-10-03"]) => true',
    ],
)
def test_how_intervals_lie(holds: Callable[[str], None], line: str) -> None:
    holds(line)


def test_a_zone_may_be_passed() -> None:
    text = '@"2026-10-01T08:00:00" = @"2026-10-01T08:00:00Z"'
    assert package.compile(text).evaluate({}) is False
    assert package.compile(text).evaluate({}, zone=dt.UTC) is True
    now = dt.datetime(2026, 10, 1, 23, tzinfo=dt.UTC)
    assert package.compile("today()").evaluate({}, now=now) == dt.date(2026, 10, 2)
    assert package.compile("today()").evaluate({}, now=now, zone=ZoneInfo("America/New_York")) == dt.date(2026, 10, 1)


def test_python_s_own_values_as_facts(feel: Callable[..., object]) -> None:
    moment = dt.datetime(2026, 10, 1, 0, 0, tzinfo=dt.UTC)
    assert feel('at = @"2026-10-01T08:00:00"', at=moment) is True
    assert feel("at + span > at", at=moment, span=dt.timedelta(hours=1)) is True
    assert feel("day.weekday", day=dt.date(2026, 10, 1)) == 4
    assert feel("at.astimezone", at=moment) is None
