"""Working time in expressions: counted by calendars the caller hands in; what can never be counted is refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine import dmn, feel
from engine.calendar import CalendarProblem
from engine.calendars.books import SHIPPED, open_book
from engine.worktime import WorkingTime

HERE = ZoneInfo("Asia/Shanghai")
WEDNESDAY = dt.datetime(2026, 6, 10, 1, 0, tzinfo=dt.UTC)  # 09:00
WORKING = WorkingTime(1, lambda: open_book(SHIPPED.read_text("utf-8-sig"), 1), HERE)


def value(text: str, **scope: object) -> object:
    return feel.compile(text).evaluate(scope, now=WEDNESDAY, zone=HERE, functions=WORKING.functions)


def test_working_time_is_added_and_counted() -> None:
    monday = dt.datetime(2026, 6, 15, 9, 0, tzinfo=HERE)
    assert value('add working time(now(), 3, "work_day")') == monday
    assert value('add working time(at: now(), amount: 3, unit: "工作日", calendar: "qianjiang")') == monday
    assert value('working time between(now(), x, "work_day")', x=monday) == 3
    assert value('working time between(x, now(), "work_day")', x=monday) == -3
    assert value('working time between(now(), @"2026-06-10T10:30:00", "work_hour")') == Decimal("1.5")
    assert value('working time between(date("2026-06-10"), date("2026-06-11"), "natural_hour")') == 24
    assert value('add working time(now(), n, u) < @"2026-06-16T00:00:00+08:00"', n=3, u="work_day") is True


def test_what_is_no_time_is_null() -> None:
    assert value('add working time("now", 3, "work_day")') is None
    assert value('working time between(now(), null, "work_day")') is None
    text = 'add working time(now(), 3, "work_day")'
    assert feel.compile(text).evaluate({}, now=WEDNESDAY) is None, "no calendar is at hand"


@pytest.mark.parametrize(
    "text",
    [
        'add working time(now(), 3, "work_week")',
        'working time between(now(), now(), "week")',
        'add working time(now(), -3, "work_day")',
        "add working time(now(), 3)",
        'add working time(now(), 3, unit: "week")',
        'add working time(at: now(), amount: 3, unit: "week")',
    ],
)
def test_what_could_never_work_is_refused_when_it_is_read(text: str) -> None:
    with pytest.raises(feel.FeelSyntaxError):
        feel.compile(text)


def test_what_turns_out_wrong_says_so() -> None:
    for text, words in (
        ('add working time(now(), 3, "work_" + u)', "work_week"),
        ('add working time(now(), 3, "work_day", "venus")', "venus"),
        ('add working time(now(), n, "work_day")', "-3"),
    ):
        with pytest.raises(CalendarProblem, match=words):
            value(text, u="week", n=-3)


def test_a_decision_counts_working_time() -> None:
    data = b"""<?xml version="1.0" encoding="UTF-8"?>
    <definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" namespace="t" name="t" id="d">
    <decision id="late" name="late"><variable name="late"/>
    <literalExpression><text>working time between(began, now(), "work_day") &gt; 3</text></literalExpression>
    </decision></definitions>"""
    model = dmn.read("t.dmn", data).model
    assert model is not None
    began = {"began": "2026-06-01T09:00:00+08:00"}
    assert model.evaluate("late", began, now=WEDNESDAY, functions=WORKING.functions) is None, "text is no time"
