"""Why a due time is that moment: what the lines say must come to the due time itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import Budget, Calendar, Unit
from engine.calendar.explaining import explain, stretch
from engine.calendar.lines import Kind

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_five_working_hours_over_the_national_day(qianjiang: Calendar) -> None:
    told = explain(qianjiang, at("2025-09-30 16:00"), Budget.of(5, "work_hour"))
    assert told.due == at("2025-10-09 14:00")
    assert told.text() == [
        "9月30日 周二 16:00–17:30：计 1.5 工作时，累计 1.5",
        "10月1日至10月5日：国庆节，不计（5 天）",
        "10月6日 周一：中秋，不计",
        "10月7日至10月8日：国庆节，不计（2 天）",
        "10月9日 周四 09:00–12:00、13:30–14:00：计 3.5 工作时，累计 5",
    ]
    assert told.text("en")[0] == "Tue 30 Sep 16:00–17:30: 1.5 working hours, 1.5 so far"
    assert all(line.source for line in told.lines if line.kind is Kind.OFF)


def test_a_swapped_saturday_and_a_festival_are_named(qianjiang: Calendar) -> None:
    told = explain(qianjiang, at("2026-02-12 10:00"), Budget.of(3, "work_day"))
    assert told.text()[1] == "2月14日 周六 10:00 止（春节调休上班）：计 1 工作日，累计 2"
    assert told.text("en")[2] == "15 Feb to 23 Feb: Spring Festival, not counted (9 days)"


@pytest.mark.parametrize(
    "start,amount,unit,said",
    [
        (
            "2025-11-20 22:15",
            "2",
            "work_hour",
            "11月20日 周四 22:15：不在工作时间内，从下一个工作时段起算（11月21日 09:00）",
        ),
        (
            "2025-11-20 12:20",
            "1",
            "work_day",
            "11月20日 周四 12:20：不在工作时间内，从下一个工作时段起算（13:30）",
        ),
        (
            "2025-11-20 22:15",
            "2",
            "urgent_hour",
            "11月20日至11月21日：连续计算，夜间、周末和节假日都计入，计 2 紧急工作时，累计 2",
        ),
    ],
)
def test_where_counting_begins(qianjiang: Calendar, start: str, amount: str, unit: str, said: str) -> None:
    assert explain(qianjiang, at(start), Budget.of(amount, unit)).text()[0] == said


def test_a_rule_that_moves_the_end_is_told(law: Calendar) -> None:
    told = explain(law, at("2025-11-20 10:00"), Budget.of(3, "natural_day"))
    assert [line.kind for line in told.lines] == [Kind.BEGIN, Kind.COUNTED, Kind.MOVED]
    assert told.lines[-1].moved_to == told.due != told.added


def test_years_without_a_notice_are_named(qianjiang: Calendar) -> None:
    told = explain(qianjiang, at("2026-12-28 10:00"), Budget.of(10, "work_day"))
    assert told.provisional == (2027,)


def test_a_long_count_is_told_together(qianjiang: Calendar) -> None:
    told = explain(qianjiang, at("2026-07-01 10:00"), Budget.of(200, "work_day"))
    assert len(told.lines) < 20
    counted = [line for line in told.lines if line.kind is Kind.COUNTED]
    assert sum(line.amount for line in counted) == counted[-1].total == 200
    assert "10月12日至2027年4月12日：计 131 工作日，累计 199（其间周末 52 天不计）" in told.text()


def test_a_segment_that_ran_is_told_too(qianjiang: Calendar) -> None:
    lines = stretch(qianjiang, at("2025-11-20 16:00"), at("2025-11-21 10:00"), Unit.WORK_HOUR)
    assert [(line.first, line.amount) for line in lines] == [
        (date(2025, 11, 20), Decimal("1.5")),
        (date(2025, 11, 21), Decimal(1)),
    ]
    assert stretch(qianjiang, at("2025-11-20 12:10"), at("2025-11-20 12:40"), Unit.WORK_HOUR)[0].kind is Kind.BEGIN


starts = st.datetimes(
    datetime(2023, 1, 1),  # noqa: DTZ001 - Hypothesis wants bounds without a zone
    datetime(2027, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(starts, st.decimals(0, 60, places=2), st.sampled_from(list(Unit)), st.booleans())
def test_the_lines_come_to_the_budget_and_leave_no_day_out(
    calendars: dict[str, Calendar], start: datetime, amount: Decimal, unit: Unit, by_law: bool
) -> None:
    calendar = calendars["qianjiang_law" if by_law else "qianjiang"]
    told = explain(calendar, start, Budget(amount, unit), most=10_000)
    assert told.due == calendar.due(start, Budget(amount, unit))
    counted = [line for line in told.lines if line.kind is Kind.COUNTED]
    assert abs(sum((line.amount for line in counted), Decimal(0)) - amount) < Decimal("0.000001")
    covered = {line.first + timedelta(n) for line in told.lines for n in range((line.last - line.first).days + 1)}
    day, last = calendar.local(start).date(), calendar.local(told.added - timedelta(microseconds=1)).date()
    while day < last:
        day += timedelta(days=1)
        assert day in covered or not amount
    text = explain(calendar, start, Budget(amount, unit)).text("en")
    assert len(text) <= 60
