"""A signal reaches everybody who waits for it when it is thrown, and nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from engine import jobs, letters
from engine.clock import ManualClock
from engine.errors import NotAllowed, StepFailed
from engine.tables import job, letter
from tests import laws
from tests.bpmn.drawing import chain, end
from tests.conftest import A_WORKING_MORNING
from tests.db.talking import ALARM, GO, HEARER, OPERATOR, WOKEN, begins, bundle, catch, signal
from tests.db.test_messages import cases, facts, kinds, waits
from tests.factories import only_task
from tests.faults.wrecking import ConnectionLost, wrecked
from web.city import City


def hearer(city: City) -> int:
    return city.start("hearer", {}, OPERATOR)


def alarm(city: City, level: int = 1) -> int:
    return city.start("alarm", {}, OPERATOR, given={"level": level})


@pytest.fixture
def loud(city: City) -> City:
    for files in (HEARER, ALARM):
        city.deploy(files)
    return city


def test_it_reaches_all_who_wait_but_not_its_own_instance(loud: City, clock: ManualClock) -> None:
    hearers = [hearer(loud) for _ in range(3)]
    thrower = alarm(loud, 2)
    clock.advance(timedelta(seconds=1))
    late = hearer(loud)
    loud.run_due()
    assert [facts(loud, case)["level"] for case in hearers] == [2, 2, 2]
    assert all(only_task(loud, case).node == "A" for case in hearers)
    assert waits(loud, thrower), "what it threw before it waited is over"
    assert waits(loud, late), "who begins to wait after it was thrown does not hear it"
    assert kinds(loud, thrower) == ["started", "sent"]
    assert kinds(loud, hearers[0]) == ["started", "signal"]
    assert laws.rows(loud, job) == []
    laws.check(loud)


def test_nobody_hears_it_and_it_is_gone(loud: City) -> None:
    thrower = alarm(loud)
    loud.run_due()
    assert kinds(loud, thrower) == ["started", "sent"]
    assert waits(loud, hearer(loud))
    assert laws.rows(loud, job) == []


def test_it_begins_every_process_that_begins_by_it(loud: City) -> None:
    loud.deploy(WOKEN)
    alarm(loud, 5)
    loud.run_due()
    (begun,) = cases(loud, "woken")
    assert facts(loud, begun)["level"] == 5
    assert kinds(loud, begun) == ["started"]
    laws.check(loud)


LAME = bundle(
    begins("B", "signal", "Alarm"),
    catch("C", "message", "Go", correlation="=nothing"),
    end(),
    chain("B", "C", "E"),
    key="lame",
    outside=signal("Alarm") + GO,
)
"""Begins by the signal Alarm, and cannot go on: what it waits for has no correlation."""


def test_a_process_that_cannot_begin_keeps_it_from_nobody(loud: City) -> None:
    for files in (LAME, WOKEN):
        loud.deploy(files)
    alarm(loud, 5)
    loud.run_due()
    (begun,) = cases(loud, "woken")
    assert facts(loud, begun)["level"] == 5
    case = hearer(loud)
    with pytest.raises(StepFailed, match="correlation"):
        loud.signal("Alarm", {"level": 6})
    loud.run_due()
    assert facts(loud, case)["level"] == 6
    assert len(cases(loud, "woken")) == 2
    assert cases(loud, "lame") == []
    assert letters.finish_lying(loud.core) == 0, "who sent it was told"


def test_a_letter_that_is_refused_holds_up_no_other(loud: City) -> None:
    loud.deploy(LAME)
    case = hearer(loud)
    with wrecked(loud.core.db) as wreck, pytest.raises(StepFailed):
        loud.signal("Alarm", {"level": 1})
    for level in (2, 3):
        with wrecked(loud.core.db, wreck.point // 2), pytest.raises(ConnectionLost):
            loud.signal("Alarm", {"level": level})
    loud.run_due()
    with loud.core.db.write() as connection:
        connection.execute(update(letter).values(at=A_WORKING_MORNING))
    assert letters.finish_lying(loud.core) == 2
    assert letters.finish_lying(loud.core) == 0
    loud.run_due()
    assert facts(loud, case)["level"] == 1


def test_who_waits_no_more_when_it_arrives_only_tells_so(loud: City) -> None:
    case = hearer(loud)
    alarm(loud)
    (sent,) = jobs.lease(loud.core, 10)
    jobs.execute(loud.core, sent)
    loud.cancel(case, OPERATOR, "不再需要")
    loud.run_due()
    assert kinds(loud, case) == ["started", "cancelled", "missed"]
    assert laws.rows(loud, job) == []
    laws.check(loud)


def test_from_outside_it_reaches_the_same(loud: City) -> None:
    loud.deploy(WOKEN)
    waiting = [hearer(loud), hearer(loud)]
    reached = loud.signal("Alarm", {"level": 3}, OPERATOR, idempotency_key="k")
    assert set(waiting) < set(reached)
    assert len(reached) == 3
    assert loud.signal("Alarm", {"level": 3}, OPERATOR, idempotency_key="k") == reached
    loud.run_due()
    assert [facts(loud, case)["level"] for case in reached] == [3, 3, 3]
    assert len(cases(loud, "woken")) == 1
    assert loud.signal("Nothing") == []
    with pytest.raises(NotAllowed):
        loud.signal("Alarm", {}, "lijianguo")
    laws.check(loud)
