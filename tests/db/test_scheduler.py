"""The worker's passes: they find due work, outlive what raises, and say what they did."""

import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from engine import workers
from engine.clock import ManualClock
from engine.core import Core
from engine.db import Database
from engine.tables import job, worker
from engine.workers import Worker
from escalation.scheduler import PASSES, Pass, Scheduler
from web.city import City

LONG = timedelta(hours=1)


@pytest.fixture
def core(database: Database) -> Core:
    return Core(database)


def test_every_pass_runs_at_once_and_the_worker_is_seen(core: Core) -> None:
    seen = threading.Barrier(3)

    def look(_: Core, __: Worker) -> bool:
        seen.wait(20)
        return False

    scheduler = Scheduler(core, (Pass("a", LONG, look), Pass("b", LONG, look)))
    scheduler.start()
    seen.wait(20)
    assert [w["alive"] for w in workers.listing(core)] == [True]
    scheduler.stop()
    row = workers.listing(core)[0]
    assert (row["alive"], row["passes"], row["error"]) == (False, 2, None)


def test_a_pass_that_found_much_runs_again_at_once(core: Core) -> None:
    left = [3]

    def work(_: Core, __: Worker) -> bool:
        left[0] -= 1
        return left[0] > 0

    scheduler = Scheduler(core)
    scheduler.run(Pass("work", LONG, work))
    assert (left[0], scheduler.me.tally.passes) == (0, 3)


def test_what_a_pass_raises_is_kept_and_the_next_goes_on(core: Core) -> None:
    def fall(_: Core, __: Worker) -> bool:
        raise LookupError("planted")

    done = threading.Event()

    def work(_: Core, __: Worker) -> bool:
        done.set()
        return False

    scheduler = Scheduler(core, (Pass("falls", LONG, fall), Pass("works", LONG, work)))
    scheduler.start()
    assert done.wait(20)
    scheduler.stop()
    assert workers.listing(core)[0]["error"] == "falls: LookupError: planted"


def test_a_clock_set_back_holds_up_no_tick(core: Core) -> None:
    clock = ManualClock(datetime(2031, 1, 1, tzinfo=UTC))
    scheduler = Scheduler(core, (Pass("a", LONG, lambda _core, _me: False),), clock)
    assert not scheduler.look_at_clock()
    clock.set(datetime(2030, 12, 31, tzinfo=UTC))
    assert scheduler.look_at_clock()
    assert not scheduler.look_at_clock()


def test_a_killed_worker_is_told_from_a_stopped_one(core: Core) -> None:
    killed, stopped = workers.enlist(core), workers.enlist(core)
    workers.beat(core, stopped, stopped=True)
    with core.db.write() as connection:
        connection.execute(
            update(worker)
            .where(worker.c.name == killed.name)
            .values(seen_at=core.db.now_on(connection) - workers.SILENT - timedelta(seconds=1))
        )
    rows = {w["name"]: (w["alive"], w["stopped_at"] is None) for w in workers.listing(core)}
    assert rows == {killed.name: (False, True), stopped.name: (False, False)}


def test_the_real_passes_run_on_a_city(city: City) -> None:
    with closing(city):
        scheduler = Scheduler(city.core)
        for each in PASSES:
            scheduler.run(each)
        assert scheduler.me.tally.error is None
        assert scheduler.me.tally.passes == len(PASSES)
        with city.core.db.read() as connection:
            assert connection.execute(select(job.c.id)).all() == []
