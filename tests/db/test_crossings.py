"""What goes from one instance to another arrives once: after a crash before and after every database call on its way, and with several
workers at once."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import update

from engine import jobs, letters, starters
from engine.clock import ManualClock
from engine.errors import LeaseLost
from engine.organisation import snapshot
from engine.tables import incident, job, letter, process_timer
from tests import laws
from tests.conftest import A_WORKING_MORNING
from tests.db.talking import ALARM, BEGINNER, HEARER, OPERATOR, THROWER, WAITER, WOKEN
from tests.db.test_messages import cases, facts, kinds
from tests.db.test_starts import timed
from tests.factories import say
from tests.faults.wrecking import ConnectionLost, wrecked
from web.city import City
from web.wiring import open_city

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Way:
    """`prepare` answers what belongs to one try, `act` is what is made to crash, `arrived` says what must be true in the end."""

    name: str
    prepare: Callable[[City], Any]
    act: Callable[[City, Any], None]
    arrived: Callable[[City, Any], None]


def work_off(city: City, _: Any = None) -> None:
    """Carry out every due job, not by `run_due`, which sees to failures: here the worker dies. What was handed over is taken before its
    sender goes on: then whoever would choose anew would choose another."""
    while leased := jobs.lease(city.core, 20):
        for each in sorted(leased, key=lambda one: one.kind):
            jobs.execute(city.core, each)


def waiter(city: City, ref: str) -> int:
    return city.start("waiter", {}, OPERATOR, given={"ref": ref})


def thrower(city: City, ref: str, n: int = 1) -> int:
    return city.start("thrower", {}, OPERATOR, given={"ref": ref, "n": n})


def one_message(city: City) -> Any:
    ref = f"one{next(_numbers)}"
    return waiter(city, ref), waiter(city, ref), thrower(city, ref)


def is_with_one(city: City, given: Any) -> None:
    first, second, sender = given
    assert sorted([kinds(city, first), kinds(city, second)]) == [["started"], ["started", "message"]]
    assert kinds(city, sender) == ["started", "sent"]


def two_for_one(city: City) -> Any:
    """Two messages that were addressed to the same token; a second one waits by now."""
    ref = f"two{next(_numbers)}"
    first = waiter(city, ref)
    senders = [thrower(city, ref, n) for n in (1, 2)]
    for leased in jobs.lease(city.core, 20):
        jobs.execute(city.core, leased)
    return first, waiter(city, ref), senders


def are_with_both(city: City, given: Any) -> None:
    first, second, senders = given
    assert sorted([facts(city, first)["got"], facts(city, second)["got"]]) == [1, 2]
    assert [kinds(city, case).count("message") for case in (first, second)] == [1, 1]
    assert sum(kinds(city, case).count("sent") for case in senders) == 3, "one of them was sent twice"


def one_beginning(city: City) -> Any:
    before = len(cases(city, "beginner"))
    return before, thrower(city, f"begin{next(_numbers)}")


def has_begun_one(city: City, given: Any) -> None:
    before, sender = given
    assert len(cases(city, "beginner")) == before + 1
    assert kinds(city, sender) == ["started", "sent"]


def a_signal(city: City) -> Any:
    hearers = [city.start("hearer", {}, OPERATOR) for _ in range(2)]
    return len(cases(city, "woken")), hearers, city.start("alarm", {}, OPERATOR, given={"level": 1})


def is_heard_once(city: City, given: Any) -> None:
    before, hearers, thrower_ = given
    assert [kinds(city, case) for case in hearers] == [["started", "signal"]] * 2
    assert len(cases(city, "woken")) == before + 1
    assert kinds(city, thrower_) == ["started", "sent"]


def message_from_outside(city: City) -> Any:
    ref = f"out{next(_numbers)}"
    return waiter(city, ref), waiter(city, ref), ref


def send_it(city: City, given: Any) -> None:
    city.message("Go", given[2], {"n": 1}, OPERATOR, idempotency_key=given[2])


def was_taken_once(city: City, given: Any) -> None:
    send_it(city, given)
    assert sorted(len(kinds(city, case)) for case in given[:2]) == [1, 2]


def signal_from_outside(city: City) -> Any:
    hearers = [city.start("hearer", {}, OPERATOR) for _ in range(2)]
    return len(cases(city, "woken")), hearers, f"key{next(_numbers)}"


def sound_it(city: City, given: Any) -> None:
    city.signal("Alarm", {"level": 1}, OPERATOR, idempotency_key=given[2])
    work_off(city)


def was_heard_once(city: City, given: Any) -> None:
    sound_it(city, given)
    assert [kinds(city, case) for case in given[1]] == [["started", "signal"]] * 2
    assert len(cases(city, "woken")) == given[0] + 1


def due_timer(city: City) -> Any:
    with city.core.db.write() as connection:
        connection.execute(update(process_timer).values(due_at=A_WORKING_MORNING))
    return len(cases(city, "timed"))


def start_it(city: City, _: Any) -> None:
    for row, now in starters._lease(city.core, 10):
        starters._start(city.core, row, now)


def has_started_one(city: City, given: Any) -> None:
    assert len(cases(city, "timed")) == given + 1


WAYS = (
    Way("a message", one_message, work_off, is_with_one),
    Way("a message that goes back", two_for_one, work_off, are_with_both),
    Way("a message that begins a process", one_beginning, work_off, has_begun_one),
    Way("a signal", a_signal, work_off, is_heard_once),
    Way("a message from outside", message_from_outside, send_it, was_taken_once),
    Way("a signal from outside", signal_from_outside, sound_it, was_heard_once),
    Way("a timer that starts a process", due_timer, start_it, has_started_one),
)


@pytest.fixture
def talking(city: City) -> City:
    for files in (WAITER, THROWER, HEARER, ALARM, WOKEN):
        city.deploy(files)
    snapshot.of(city.core)  # remembered before the calls are counted
    return city


def leases_run_out(city: City) -> None:
    with city.core.db.write() as connection:
        connection.execute(update(job).values(lease_until=None))
        connection.execute(update(process_timer).values(lease_until=None))


def crash(city: City, way: Way, at_most: int) -> tuple[int, int]:
    """Crash the way at some of its points, evenly spread over those before and those after a call; answers how many, of how many."""
    given = way.prepare(city)
    with wrecked(city.core.db) as wreck:
        way.act(city, given)
    way.arrived(city, given)
    crashed = 0
    chosen = range(0, wreck.point, wreck.point // at_most | 1)
    for point in chosen:
        given = way.prepare(city)
        with wrecked(city.core.db, point):
            try:
                way.act(city, given)
            except ConnectionLost:
                crashed += 1
        leases_run_out(city)
        way.act(city, given)
        leases_run_out(city)
        city.run_due()
        way.arrived(city, given)
        assert laws.rows(city, job) == [], (point, wreck.names[point])
    assert crashed > 0.9 * len(chosen)
    assert laws.rows(city, incident) == []
    laws.check(city)
    return crashed, wreck.point


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_after_a_crash_on_its_way_it_arrives_once(talking: City, way: Way, capsys: pytest.CaptureFixture[str]) -> None:
    prepared(talking, way)
    crashed, points = crash(talking, way, at_most=15)
    say(capsys, crashes=crashed, points=points)


@pytest.mark.faults
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_after_a_crash_at_any_point_it_arrives_once(
    talking: City, way: Way, capsys: pytest.CaptureFixture[str]
) -> None:
    prepared(talking, way)
    crashed, points = crash(talking, way, at_most=10_000)
    say(capsys, crashes=crashed, points=points)


def prepared(city: City, way: Way) -> None:
    """What only this way begins."""
    if way.prepare is one_beginning:
        city.deploy(BEGINNER)
    if way.prepare is due_timer:
        city.deploy(timed("R/PT1H"))


def test_a_signal_whose_bringer_died_is_carried_on_by_a_worker(talking: City) -> None:
    hearers = [talking.start("hearer", {}, OPERATOR) for _ in range(3)]
    with wrecked(talking.core.db) as wreck:
        talking.signal("Alarm", {"level": 1})
    talking.run_due()
    hearers = [talking.start("hearer", {}, OPERATOR) for _ in range(3)]
    with wrecked(talking.core.db, wreck.point * 2 // 3), pytest.raises(ConnectionLost):
        talking.signal("Alarm", {"level": 1})
    assert letters.finish_lying(talking.core) == 0, "its bringer may still be at work"
    with talking.core.db.write() as connection:
        connection.execute(update(letter).values(at=A_WORKING_MORNING))
    assert letters.finish_lying(talking.core) == 1
    talking.run_due()
    assert [kinds(talking, case) for case in hearers] == [["started", "signal"]] * 3
    assert letters.finish_lying(talking.core) == 0
    laws.check(talking)


def test_workers_at_once_deliver_each_message_once(
    talking: City, city_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    refs = [f"r{n}" for n in range(12)]
    receivers = [waiter(talking, ref) for ref in refs]
    senders = [thrower(talking, ref, n) for n, ref in enumerate(refs)]
    hearers = [talking.start("hearer", {}, OPERATOR) for _ in range(6)]
    talking.start("alarm", {}, OPERATOR, given={"level": 1})
    done: list[int] = []

    def worker() -> None:
        with closing(open_city(city_url, ManualClock(A_WORKING_MORNING))) as mine:
            done.append(mine.run_due(5))

    workers = [threading.Thread(target=worker) for _ in range(3)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    talking.run_due()
    assert [facts(talking, case)["got"] for case in receivers] == list(range(12))
    assert [kinds(talking, case) for case in receivers] == [["started", "message"]] * 12
    assert [kinds(talking, case) for case in senders] == [["started", "sent"]] * 12
    assert [kinds(talking, case) for case in hearers] == [["started", "signal"]] * 6
    assert laws.rows(talking, job) == []
    laws.check(talking)
    say(capsys, done_by_each=done)


def test_a_worker_that_slept_through_its_lease_delivers_nothing_again(talking: City) -> None:
    first, second, sender = one_message(talking)
    (sleeper,) = jobs.lease(talking.core, 10)
    leases_run_out(talking)
    talking.run_due()
    with pytest.raises(LeaseLost):
        jobs.execute(talking.core, sleeper)
    talking.run_due()
    is_with_one(talking, (first, second, sender))


def test_the_same_message_sent_many_times_at_once_is_one(talking: City) -> None:
    waiting = [waiter(talking, "same") for _ in range(4)]
    replies: list[int] = []
    ready = threading.Barrier(6)

    def bring() -> None:
        ready.wait(30)
        replies.append(talking.message("Go", "same", {"n": 1}, OPERATOR, idempotency_key="same"))

    bringers = [threading.Thread(target=bring) for _ in range(6)]
    for each in bringers:
        each.start()
    for each in bringers:
        each.join()
    assert len(replies) == 6
    assert len(set(replies)) == 1
    assert sum(len(kinds(talking, case)) for case in waiting) == 5
