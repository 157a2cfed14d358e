"""Laws of changed calendars: what a preview leaves out never moves, and what was edited reads back as it was meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import Budget, Calendar, Day, DayEnd, HolidayEnd, LateDue, OffDayStart, Unit
from engine.calendars import COLUMNS, comparing, editing, load, open_book
from engine.calendars.editing import DayOff
from tests.properties.test_calendar import CITY, amounts, starts, units

TABLE = (Path(__file__).parents[2] / "processes" / "tables" / "calendar.csv").read_text("utf-8-sig")
LAW = load(Path(__file__).parents[2] / "processes" / "tables" / "calendar.csv")["qianjiang_law"]
CALENDARS = [
    CITY,
    LAW,
    replace(CITY, key="moved", off_day_start=OffDayStart.SAME_CLOCK_TIME, late_due=LateDue(17 * 60, 8 * 60 + 30)),
    replace(CITY, key="closing", work_day=DayEnd.END_OF_DAY, holiday_end=HolidayEnd.NEXT_WORKING_DAY),
]
TODAY = date(2026, 6, 10)

days = st.dates(date(2024, 7, 1), date(2031, 6, 1))
changes = st.dictionaries(days, st.booleans(), min_size=1, max_size=4)


def changed(calendar: Calendar, word: dict[date, bool]) -> Calendar:
    more = {day: Day(working, "调整", "Changed", "s", override=True) for day, working in word.items()}
    return replace(calendar, version=2, days={**calendar.days, **more})


@given(st.sampled_from(CALENDARS), changes, starts, amounts, units)
def test_a_clock_that_no_changed_day_touches_does_not_move(
    calendar: Calendar, word: dict[date, bool], start: datetime, amount: Decimal, unit: Unit
) -> None:
    after = changed(calendar, word)
    due = calendar.due(start, Budget(amount, unit))
    span = comparing.differing(calendar, after, TODAY)
    if span is None or due < span.since or start > span.until or not calendar.minds_days_off(unit):
        assert after.due(start, Budget(amount, unit)) == due


@given(st.sampled_from(CALENDARS), changes)
def test_the_days_that_differ_are_told_each_once(calendar: Calendar, word: dict[date, bool]) -> None:
    after = changed(calendar, word)
    told = [one.first + timedelta(days=n) for one in comparing.days(calendar, after, TODAY) for n in range(one.count)]
    assert told == sorted(day for day, working in word.items() if working != calendar.is_working_day(day))


@given(st.dictionaries(st.dates(date(2027, 1, 1), date(2027, 12, 31)), st.booleans(), min_size=1, max_size=40))
def test_a_notice_reads_back_day_by_day_and_settling_twice_is_settling_once(word: dict[date, bool]) -> None:
    notice = [DayOff(day, working, "节" if working else "休", "F") for day, working in word.items()]
    text = editing.settle(TABLE, "qianjiang", 2027, notice, "通知")
    calendar = open_book(text, 2).calendars["qianjiang_law"]
    for n in range(365):
        day = date(2027, 1, 1) + timedelta(days=n)
        assert calendar.is_working_day(day) == word.get(day, day.weekday() < 5)
    assert not calendar.is_provisional(date(2027, 1, 1))
    assert calendar.is_provisional(date(2028, 1, 1))
    assert editing.settle(text, "qianjiang", 2027, notice, "通知") == text


@given(
    st.lists(st.dates(date(2026, 1, 1), date(2029, 1, 1)), max_size=4),
    st.lists(st.dates(date(2026, 1, 1), date(2029, 1, 1)), max_size=4),
)
def test_two_changes_of_one_version_both_stand_after_one_is_brought_onto_the_other(
    mine: list[date], theirs: list[date]
) -> None:
    def put(text: str, day: date) -> str:
        given = ("qianjiang", "override", day.isoformat(), "", "holiday", "", "", "x", "", "s")
        return editing.put(text, dict(zip(COLUMNS, given, strict=True)))

    base = editing.write(editing.rows(TABLE))
    one = two = base
    for day in mine:
        one = put(one, day)
    for day in theirs:
        two = put(two, day)
    both, lost = editing.rebase(base, one, two)
    assert lost == []
    found = {row["first"] for row in editing.rows(both) if row["kind"] == "override"}
    assert found == {day.isoformat() for day in (*mine, *theirs)}
