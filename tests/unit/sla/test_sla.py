"""The promise of a clock: its lights, its lateness, the time used and left."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from engine.calendar import Budget, Calendar, DayEnd, Season, Unit, hours
from escalation import sla
from escalation.sla import Light, SlaClock

CITY = Calendar("city", 7, "Asia/Shanghai", (Season((1, 1), (12, 31), hours("09:00-12:00 13:30-17:30")),))
SECOND = timedelta(seconds=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2025-11-{text}+08:00").astimezone(UTC)


START, WARN, DUE = at("20 10:00"), at("20 14:30"), at("20 15:30")


@pytest.fixture
def clock() -> SlaClock:
    return sla.start("handle", "task", CITY, START, budget=Budget.of(4, "work_hour"))


def test_a_started_clock_is_a_row_of_facts(clock: SlaClock) -> None:
    assert (clock.calendar, clock.calendar_version) == ("city", 7)
    assert (clock.started_at, clock.warn_at, clock.due_at) == (START, WARN, DUE)
    assert clock.stopped_at is clock.breached_at is None


@pytest.mark.parametrize(
    "now,shown",
    [
        (START, Light.GREEN),
        (WARN - SECOND, Light.GREEN),
        (WARN, Light.YELLOW),
        (DUE, Light.YELLOW),  # the due instant is still in time
        (DUE + SECOND, Light.RED),
    ],
)
def test_lights_of_an_open_clock(clock: SlaClock, now: datetime, shown: Light) -> None:
    assert sla.light(clock, now) is shown
    assert sla.late(clock, now) is (shown is Light.RED)


@pytest.mark.parametrize("after,shown", [(-1, Light.GREEN), (0, Light.GREEN), (1, Light.RED)])
def test_a_stopped_clock_keeps_its_verdict(clock: SlaClock, after: int, shown: Light) -> None:
    stopped = sla.stop(clock, DUE + after * SECOND)
    for now in (stopped.stopped_at, DUE + timedelta(days=90)):
        assert now is not None
        assert sla.light(stopped, now) is shown
    assert stopped.breached_at == (DUE if shown is Light.RED else None)


def test_the_first_stop_stands(clock: SlaClock) -> None:
    once = sla.stop(clock, WARN)
    assert sla.stop(once, DUE + SECOND) is once


def test_a_breach_is_a_fact_of_its_own_instant(clock: SlaClock) -> None:
    assert sla.breach(clock, DUE) is clock
    found_late = sla.breach(clock, DUE + timedelta(hours=3))
    assert found_late.breached_at == DUE
    assert sla.breach(found_late, DUE + timedelta(days=3)) is found_late


def test_no_later_act_makes_a_breached_clock_good(clock: SlaClock) -> None:
    extended = replace(sla.breach(clock, DUE + SECOND), due_at=DUE + timedelta(days=9))
    assert sla.light(extended, DUE + timedelta(days=1)) is Light.RED
    assert sla.late(sla.stop(extended, DUE + timedelta(days=1)), DUE)


def test_without_a_due_time_there_is_no_light() -> None:
    clock = sla.start("case", "case", CITY, START)
    later = START + timedelta(days=400)
    assert sla.light(clock, later) is Light.NONE
    assert not sla.late(clock, later)
    assert sla.remaining(clock, CITY, later) is None
    assert sla.overdue(clock, later) == timedelta()
    assert sla.used(clock, CITY, START + timedelta(hours=5)) == sla.Amount(Decimal(5), Unit.NATURAL_HOUR)
    assert sla.light(sla.stop(clock, later), later) is Light.NONE


def test_a_given_due_time_wins_over_a_budget() -> None:
    due = START + timedelta(hours=40)
    clock = sla.start("case", "case", CITY, START, budget=Budget.of(1, "work_hour"), due=due)
    assert (clock.due_at, clock.budget) == (due, None)
    assert clock.warn_at == START + timedelta(hours=30)
    left = sla.remaining(clock, CITY, START + timedelta(hours=10))
    assert left == sla.Amount(Decimal(30), Unit.NATURAL_HOUR)


def test_a_due_time_already_past_is_late_from_the_first_moment() -> None:
    clock = sla.start("case", "case", CITY, START, due=START - SECOND)
    assert sla.light(clock, START) is Light.RED
    assert sla.stop(clock, START).breached_at == START - SECOND


def test_used_and_left_count_working_time_only(clock: SlaClock) -> None:
    evening = at("20 13:00")
    assert sla.used(clock, CITY, evening) == sla.Amount(Decimal(2), Unit.WORK_HOUR)
    assert sla.remaining(clock, CITY, evening) == sla.Amount(Decimal(2), Unit.WORK_HOUR)
    assert sla.raw(clock, evening) == timedelta(hours=3)
    past = sla.remaining(clock, CITY, at("21 10:00"))
    assert past == sla.Amount(Decimal(-3), Unit.WORK_HOUR)
    assert sla.overdue(clock, at("21 10:00")) == timedelta(hours=18, minutes=30)


def test_a_stopped_clock_uses_no_more(clock: SlaClock) -> None:
    stopped, month_later = sla.stop(clock, at("20 13:00")), START + timedelta(days=30)
    assert sla.used(stopped, CITY, month_later).amount == 2
    assert sla.raw(stopped, month_later) == timedelta(hours=3)
    left = sla.remaining(stopped, CITY, month_later)
    assert left is not None
    assert left.amount == 2


@pytest.mark.parametrize("share,warn", [("0", DUE), ("0.5", at("20 13:30") - timedelta(minutes=90)), ("1", START)])
def test_the_warning_comes_when_its_share_is_left(share: str, warn: datetime) -> None:
    clock = sla.start("h", "task", CITY, START, budget=Budget.of(4, "work_hour"), warn_share=Decimal(share))
    assert clock.warn_at == warn


@pytest.mark.parametrize("share", ["-0.1", "1.1"])
def test_a_share_that_is_none(share: str) -> None:
    with pytest.raises(ValueError, match="share"):
        sla.start("h", "task", CITY, START, warn_share=Decimal(share))


@pytest.mark.parametrize("shown", list(Light))
def test_lights_have_words(shown: Light) -> None:
    assert shown.en.isascii()
    assert shown.zh != shown.en


@pytest.mark.parametrize("unit", ["work_day", "natural_day"])
def test_a_pause_of_whole_days_moves_the_end_by_as_many_and_no_more(unit: str) -> None:
    """行政许可法 art. 45: what is not counted is the time of the pause. It lasts from midnight to midnight; whatever day it ends on, the
    day that then begins counts, and what was counted comes out the same when the segments are counted again."""
    law = replace(CITY, work_day=DayEnd.END_OF_DAY, natural_day=DayEnd.END_OF_DAY)
    running = sla.start("case", "case", law, START, budget=Budget.of(20, unit))
    day = timedelta(days=1)
    for first in range(22, 29):
        for last in range(first, 30):
            begins, ends = at(f"{first} 00:00"), at(f"{last} 00:00") + day
            paused = sla.pause(running, law, begins)
            again = sla.resume(paused, law, ends)
            days = [law.local(begins + n * day).date() for n in range((ends - begins).days)]
            stood = sum(1 for each in days if unit == "natural_day" or law.is_working_day(each))
            assert again.due_at == law.due(START, Budget.of(20 + stood, unit)), (first, last)
            twice = sla.pause(again, law, ends + 2 * day)
            assert sla.recount(again, law, [(START, begins)]).due_at == again.due_at
            more = sum(
                1 for n in range(2) if unit == "natural_day" or law.is_working_day(law.local(ends + n * day).date())
            )
            assert twice.counted == paused.counted + more
    at_noon = sla.resume(sla.pause(running, law, at("24 00:00")), law, at("26 12:00"))
    assert at_noon.due_at == law.due(
        at("26 12:00"), Budget(Decimal(20) - law.between(START, at("24 00:00"), Unit.named(unit)), Unit.named(unit))
    )
