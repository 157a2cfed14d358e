"""Timers in a city of several nodes: late ones come once each, whatever the nodes' clocks say and whoever is killed meanwhile.

The long forms print figures and assert no time: promises 6 and 7."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from engine import jobs
from engine.clock import ManualClock
from engine.tables import history, instance, job
from escalation.scheduler import MOST_AT_ONCE, PASSES, Scheduler
from tests import laws
from tests.conftest import A_WORKING_MORNING
from tests.factories import say
from tests.faults.crowd import crowd
from tests.faults.drill import Nursery, hurry
from web.city import City
from web.wiring import open_city

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SKEWS = (-3 * DAY, -6 * HOUR, 6 * HOUR, 3 * DAY)
"""How far the nodes' clocks are off."""


def left(city: City) -> int:
    with city.core.db.read() as connection:
        return connection.execute(select(func.count()).select_from(job)).scalar_one()


def check_once(city: City, ids: list[int]) -> None:
    """Every timer fired once: history has no key that would forbid a second row."""
    fired = history.c.kind == "timer_fired"
    with city.core.db.read() as connection:
        seen = Counter(connection.execute(select(history.c.instance_id).where(fired)).scalars())
        moved = connection.execute(
            select(func.count()).select_from(instance).where(instance.c.revision == 2)
        ).scalar_one()
    assert len(seen) == len(ids), "none lost"
    assert set(seen.values()) == {1}, "none twice"
    assert set(seen) == set(ids)
    assert moved >= len(ids)
    for id_ in random.Random(7).sample(ids, min(20, len(ids))):
        laws.check(city, id_)


def lateness(city: City, ids: list[int], dues: dict[int, float]) -> list[float]:
    """Seconds from due to written, in order; below zero were early."""
    with city.core.db.read() as connection:
        query = select(history.c.instance_id, history.c.at).where(history.c.kind == "timer_fired")
        return sorted(row.at.timestamp() - dues[row.instance_id] for row in connection.execute(query))


def skewed(url: str, count: int) -> dict[str, object]:
    """Four nodes whose clocks are wrong, one time of the database: how early, how late, how many each."""
    with closing(open_city(url)) as city, closing(Nursery(url)) as nursery:
        hurry(city, 60)  # a minute a second
        began = city.world().now
        dues = [began + timedelta(minutes=1, seconds=120 * n / count) for n in range(count)]
        ids = crowd(city, count, dues.__getitem__)
        nodes = [nursery.fork("skew", int(skew.total_seconds())) for skew in SKEWS]
        told = [nursery.wait(pid) for pid in nodes]
        late = lateness(city, ids, {id_: due.timestamp() for id_, due in zip(ids, dues, strict=True)})
        check_once(city, ids)
        assert told == ["done"] * len(SKEWS)
        assert late[0] >= 0, "none early"
        assert left(city) == 0, "none missed"
        return {"timers": count, "early": sum(each < 0 for each in late), "late at most": f"{late[-1] / 60:.1f} s"}


def test_what_the_nodes_clocks_say_does_not_matter(city_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    say(capsys, **skewed(city_url, 40))


@pytest.mark.faults
def test_what_the_nodes_clocks_say_does_not_matter_to_many(city_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    say(capsys, **skewed(city_url, 2_000))


def test_a_pass_that_comes_an_hour_late_fires_all_once(city: City, clock: ManualClock) -> None:
    ids = crowd(city, 30, lambda n: A_WORKING_MORNING + timedelta(minutes=n))
    clock.advance(HOUR + timedelta(minutes=30))
    assert jobs.run_due(city.core, 1000).done == 30
    assert jobs.run_due(city.core, 1000).done == 0
    with city.core.db.read() as connection:
        order = connection.execute(
            select(history.c.instance_id).where(history.c.kind == "timer_fired").order_by(history.c.written_at)
        ).scalars()
        assert list(order) == ids, "the longest due first"


def test_two_schedulers_and_one_that_begins_anew(city_url: str) -> None:
    with closing(open_city(city_url)) as city, closing(open_city(city_url)) as other:
        now = city.world().now
        ids = crowd(city, 120, lambda n: now - HOUR + timedelta(seconds=n))
        due_jobs = (PASSES[0],)
        assert due_jobs[0].name == "jobs"
        first, second = Scheduler(city.core, due_jobs), Scheduler(other.core, due_jobs)
        first.start()
        second.start()
        first.stop()  # it finishes what it has begun
        third = Scheduler(city.core, due_jobs)
        third.start()
        for _ in range(1200):
            if left(city) == 0:
                break
            time.sleep(0.05)
        for each in (second, third):
            each.stop()
        check_once(city, ids)


def after_three_days(url: str, count: int, kills: int, most: int) -> dict[str, object]:
    """All fell due while nothing ran; two workers come back, and are killed and started again meanwhile."""
    with closing(open_city(url)) as city, closing(Nursery(url)) as nursery:
        now = city.world().now
        ids = crowd(city, count, lambda n: now - 3 * DAY * (count - n) / count)
        rng, done = random.Random(3), 0
        began = time.monotonic()
        workers = [nursery.fork("fire", most) for _ in range(2)]
        while done < kills and left(city) > count // 10:
            time.sleep(rng.random() * 0.5)
            place = rng.randrange(2)
            done += nursery.kill(workers[place])
            workers[place] = nursery.fork("fire", most)
        for pid in workers:
            nursery.wait(pid)
        took = time.monotonic() - began
        check_once(city, ids)
        return {"timers": count, "kills": done, "seconds": f"{took:.1f}", "a second": f"{count / took:.0f}"}


def test_what_fell_due_in_three_days_comes_once(city_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    say(capsys, **after_three_days(city_url, 100, 1, 5))


@pytest.mark.faults
def test_ten_thousand_that_fell_due_in_three_days_come_once(city_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    say(capsys, **after_three_days(city_url, int(os.environ.get("TIMERS", "10000")), 0, MOST_AT_ONCE))


@pytest.mark.faults
def test_a_hundred_thousand_due_in_one_minute(city_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    count, most = int(os.environ.get("TIMERS", "100000")), MOST_AT_ONCE
    with closing(open_city(city_url)) as city, closing(Nursery(city_url)) as nursery:
        soon = city.world().now + timedelta(seconds=60 + count / 1000)
        dues = [soon + timedelta(seconds=60 * n / count) for n in range(count)]
        ids = crowd(city, count, dues.__getitem__)
        rng, kills = random.Random(4), 0
        workers = [nursery.fork("fire", most) for _ in range(2)]
        while left(city) > count // 20:
            time.sleep(5 + rng.random() * 10)
            place = rng.randrange(2)
            kills += nursery.kill(workers[place])
            workers[place] = nursery.fork("fire", most)
        for pid in workers:
            nursery.wait(pid)
        late = lateness(city, ids, {id_: due.timestamp() for id_, due in zip(ids, dues, strict=True)})
        check_once(city, ids)
        at = {f"p{share}": f"{late[int(len(late) * share / 100) - 1]:.1f} s" for share in (50, 99, 100)}
        say(capsys, timers=count, kills=kills, early=sum(each < 0 for each in late), **at)
