"""Bugs that were nearly made in timers: working time, missed times, and due jobs in several hands."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import bindparam, update

from engine import jobs
from engine.bpmn.running import Run
from engine.bpmn.runtime.recurring import Following, Recurrence
from engine.bpmn.runtime.worktime import Counted
from engine.clock import ManualClock
from engine.errors import LeaseLost
from engine.leases import Leased
from engine.tables import job
from engine.worktime import WorkingTime
from tests.db import test_worktime as told
from tests.faults.crowd import crowd
from tests.planted.bug import Bug
from web.city import City


def _clock(city: City) -> ManualClock:
    assert isinstance(city.core.clock, ManualClock)
    return city.core.clock


# ---------------------------------------------------------------- what sees them


def moves_with_the_calendar(city: City) -> None:
    told.test_another_calendar_moves_what_waits_and_fires_nothing_twice(city)


def given_back(city: City) -> None:
    told.test_one_that_was_taken_before_it_moved_is_given_back(city, _clock(city))


def keeps_what_was_left(city: City) -> None:
    told.test_it_has_as_much_left_after_a_standstill_as_it_had(city)


def misses_are_one(city: City) -> None:
    told.test_what_was_missed_in_72_hours(city, "coalesce", 1, 71)


def misses_all_come(city: City) -> None:
    told.test_what_was_missed_in_72_hours(city, "each", 72, None)


def counts_from_the_one_before(city: City) -> None:
    told.test_each_time_is_counted_from_the_one_before(city)


def a_second_holder_fences_the_first(city: City) -> None:
    crowd(city, 3, lambda n: _clock(city).now() - timedelta(minutes=n))
    first = jobs.lease(city.core, 10, lease_for=timedelta(seconds=-1))
    second = jobs.lease(city.core, 10)
    assert len(first) == len(second) == 3
    assert jobs.lease(city.core, 10) == []
    fenced = 0
    for each in first:
        try:
            jobs.execute(city.core, each)
        except LeaseLost:
            fenced += 1
    assert fenced == 3


# ---------------------------------------------------------------- what is planted


def a_moved_timer_fires_where_it_was_due(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Run, "not_before", lambda *_: None)


def another_calendar_moves_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Counted, "again", lambda self, _working: self)


def a_standstill_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Counted, "later", lambda self, *_: self)


def a_standstill_gives_the_whole_anew(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(WorkingTime, "between", lambda *_: Decimal())


def misses_are_not_counted(patch: pytest.MonkeyPatch) -> None:
    real = Recurrence.following

    def following(self: Recurrence, *asked: Any) -> Following:
        found = real(self, *asked)
        return Following(0, found.occurrence, found.due, found.since)

    patch.setattr(Recurrence, "following", following)


def misses_are_passed_over(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("engine.bpmn.runtime.recurring.MOST_MADE_UP", 0)


def a_late_time_puts_off_the_next(patch: pytest.MonkeyPatch) -> None:
    real = Recurrence.following

    def following(self: Recurrence, _last: datetime, occurrence: int, now: datetime, misfire: Any) -> Following:
        return real(self, now, occurrence, now, misfire)

    patch.setattr(Recurrence, "following", following)


def a_lease_without_a_fence(patch: pytest.MonkeyPatch) -> None:
    same = update(job).where(job.c.instance_id == bindparam("i"), job.c.id == bindparam("j"))
    patch.setattr(jobs, "_TAKE", same.values(lease_until=bindparam("until", type_=job.c.lease_until.type)))
    real = Leased.of

    def of(row: Any) -> Any:
        return real({**row, "fence": row["fence"] - 1})

    patch.setattr(Leased, "of", of)


TIMER_BUGS = (
    Bug(a_moved_timer_fires_where_it_was_due, given_back),
    Bug(another_calendar_moves_nothing, moves_with_the_calendar),
    Bug(a_standstill_counts, keeps_what_was_left),
    Bug(a_standstill_gives_the_whole_anew, keeps_what_was_left),
    Bug(misses_are_not_counted, misses_are_one),
    Bug(misses_are_passed_over, misses_all_come),
    Bug(a_late_time_puts_off_the_next, counts_from_the_one_before),
    Bug(a_lease_without_a_fence, a_second_holder_fences_the_first),
)
