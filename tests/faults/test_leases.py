"""A worker that was stopped longer than its lease writes nothing when it wakes; late timers fire once, whoever is first."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import pytest

from engine import jobs
from engine.clock import ManualClock
from engine.errors import LeaseLost
from engine.tables import job
from tests import laws
from tests.conftest import A_WORKING_MORNING
from tests.factories import OPERATOR, only_task, say
from tests.faults.drill import LEASE, Nursery, begin, hurry, stopped
from web.city import City
from web.wiring import open_city

DAYS = timedelta(days=3)


def until(true: Callable[[], bool]) -> None:
    """Wait for a signal that cannot be waited for otherwise."""
    for _ in range(1000):
        if true():
            return
        time.sleep(0.01)
    pytest.fail("it did not come")


@pytest.mark.parametrize("kind", ["timer", "action"])
def test_a_worker_stopped_longer_than_its_lease_writes_nothing(city_url: str, kind: str) -> None:
    with closing(open_city(city_url)) as city, closing(Nursery(city_url)) as nursery:
        hurry(city, 1_000_000)
        (case,) = begin(city, 1)
        until(lambda: jobs.lease(city.core, 1, lease_for=timedelta()) != [])  # the border timer of A is due
        if kind == "action":
            assert jobs.run_due(city.core, 1).done == 1
        sleeper = nursery.fork("stop", kind)
        until(lambda: stopped(sleeper))
        before = laws.rows(city, job, case)
        until(lambda: jobs.run_due(city.core, 1, lease_for=LEASE).done == 1)  # when the sleeper's lease has run out
        told = city.trail(case)
        os.kill(sleeper, signal.SIGCONT)
        assert nursery.wait(sleeper) == "fenced"
        assert city.trail(case) == told
        assert [r["kind"] for r in told].count("action_done" if kind == "action" else "timer_fired") == 1
        assert before[0]["fence"] > 0
        laws.check(city)


def test_a_job_leased_anew_is_refused_to_the_first(city: City, clock: ManualClock) -> None:
    (case,) = begin(city, 1)
    clock.advance(timedelta(hours=2))
    (first,) = jobs.lease(city.core, 1, lease_for=timedelta(seconds=-1))
    (second,) = jobs.lease(city.core, 1)
    assert second.fence == first.fence + 1
    assert jobs.lease(city.core, 1) == [], "a leased job is nobody else's"
    with pytest.raises(LeaseLost):
        jobs.execute(city.core, first)
    assert [r["kind"] for r in city.trail(case)] == ["started"]
    jobs.execute(city.core, second)
    with pytest.raises(LeaseLost):
        jobs.execute(city.core, second)
    assert [r["kind"] for r in city.trail(case)] == ["started", "timer_fired"]
    laws.check(city)


def test_a_timer_whose_task_was_completed_meanwhile_changes_nothing(city: City, clock: ManualClock) -> None:
    (case,) = begin(city, 1)
    clock.advance(timedelta(minutes=90))
    (leased,) = jobs.lease(city.core, 1)
    city.complete(only_task(city, case), {}, OPERATOR)
    told = city.trail(case)
    with pytest.raises(LeaseLost):
        jobs.execute(city.core, leased)
    assert city.trail(case) == told
    laws.check(city)


def test_late_timers_fire_once_each(
    city: City, city_url: str, clock: ManualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = begin(city, 100)
    for case in cases[50:]:
        city.complete(only_task(city, case), {}, OPERATOR)  # these wait in the flow, the others at the border
    clock.advance(DAYS)
    tally: list[int] = []

    def drain() -> None:
        with closing(open_city(city_url, ManualClock(A_WORKING_MORNING + DAYS))) as mine:
            tally.append(mine.run_due(7))

    workers = [threading.Thread(target=drain) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    city.run_due()
    fired = [r for case in cases for r in city.trail(case) if r["kind"] == "timer_fired"]
    acted = [r for case in cases for r in city.trail(case) if r["kind"] == "action_done"]
    say(capsys, due=len(cases), fired=len(fired), by_each=tally)
    assert (len(fired), len(acted)) == (100, 50)
    assert len({(r["instance_id"], r["data"]["timer"]) for r in fired}) == 100
    laws.check(city)
