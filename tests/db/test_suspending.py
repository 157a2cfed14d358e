"""An instance that stands still: nothing in it moves, what comes for it is kept, and its timers have left what they had."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import jobs
from engine.audit import verifying
from engine.errors import Invalid, NotAllowed, NotFound, Suspended
from engine.operating import suspending
from engine.tables import job, notice
from tests import laws
from tests.bpmn.drawing import boundary, chain, end, start, tag, timer
from tests.conftest import A_WORKING_MORNING
from tests.db.talking import GO, OPERATOR, THROWER, bundle, catch, signal, work
from tests.factories import HANDLER, task_at
from web.city import City

DATE = (A_WORKING_MORNING + timedelta(hours=3)).isoformat()

MANY = bundle(
    start(),
    tag("parallelGateway", id="F"),
    work("A"),
    boundary("A", "B", timer("PT2H")),
    work("Late"),
    catch("C", "message", "Go", correlation="=ref", result="={got: payload.n}"),
    work("Got"),
    catch("G", "signal", "Alarm"),
    work("Heard"),
    work("D"),
    boundary("D", "R", timer("R/PT1H", "timeCycle"), cancelActivity="false"),
    work("Again"),
    tag("intermediateCatchEvent", timer(DATE, "timeDate"), id="T"),
    work("Dated"),
    end(),
    chain("S", "F", "A", "E"),
    chain("B", "Late", "E"),
    chain("F", "C", "Got", "E"),
    chain("F", "G", "Heard", "E"),
    chain("F", "D", "E"),
    chain("R", "Again", "E"),
    chain("F", "T", "Dated", "E"),
    key="many",
    outside=GO + signal("Alarm"),
)
"""Waits for people, a duration, a cycle, a date, a message and a signal at once."""


def nodes(city: City, case: int) -> list[str]:
    return sorted(t.node for t in city.tasks(case))


def timers(city: City, case: int) -> dict[str, Any]:
    return {r["node"]: r["due_at"] for r in laws.rows(city, job, case) if r["kind"] == "timer"}


def test_nothing_moves_what_comes_is_kept_and_timers_have_left_what_they_had(city: City) -> None:
    city.deploy(MANY)
    city.deploy(THROWER)
    case = city.start("many", {}, OPERATOR, given={"ref": "r1"})
    city.claim(task_at(city, case, "A"), "fuxiaolin")
    a = task_at(city, case, "A")
    before = timers(city, case)
    city.advance(timedelta(minutes=30))

    with pytest.raises(NotAllowed):
        suspending.suspend(city.core, case, HANDLER, "等待批复")
    with pytest.raises(Invalid):
        suspending.suspend(city.core, case, OPERATOR, " ")
    reply = suspending.suspend(city.core, case, OPERATOR, "等待批复", key="once")
    assert reply["tasks"] == 2
    assert suspending.suspend(city.core, case, OPERATOR, "等待批复", key="once") == reply
    laws.check(city)
    assert city.tasks(case) == []

    acts: list[Any] = [
        lambda: city.complete(a, {}, OPERATOR),
        lambda: city.release(a, OPERATOR),
        lambda: city.fail(a, "x", OPERATOR),
        lambda: suspending.suspend(city.core, case, OPERATOR, "再停一次"),
        lambda: city.retry(case, 1, OPERATOR),
    ]
    for act in acts:
        with pytest.raises(Suspended) as refused:
            act()
        assert "等待批复" in refused.value.text("zh")
    with pytest.raises(NotFound):  # who may not see the case learns nothing of it
        city.complete(a, {}, HANDLER)
    city.comment(case, "还要等多久？", OPERATOR)

    city.start("thrower", {}, OPERATOR, given={"ref": "r1", "n": 7})
    city.advance(timedelta(hours=5))
    assert city.signal("Alarm", {}) == [case]
    city.run_due()
    assert [r["kind"] for r in city.trail(case)].count("timer_fired") == 0
    assert {r["kind"] for r in laws.rows(city, job, case) if r["state"] == "held"} == {"timer", "deliver"}
    laws.check(city)

    assert suspending.resume(city.core, case, OPERATOR, "已批复")["after"] == 5 * 3600
    assert task_at(city, case, "A").ref == a.ref
    _goes_on(city, case, before)
    with pytest.raises(Invalid):
        suspending.resume(city.core, case, OPERATOR, "又一次")
    with city.core.db.read() as connection:
        told = connection.execute(select(notice.c.kind)).scalars().all()
    assert told == ["taken"], "who acts is told nothing, but that a timer took their task"
    assert verifying.verify(city.core).kinds.keys() <= {"never_sealed"}
    suspending.suspend(city.core, case, OPERATOR, "停")
    city.cancel(case, OPERATOR, "不办了")
    laws.check(city)
    assert verifying.verify(city.core).kinds.keys() <= {"never_sealed"}


def _goes_on(city: City, case: int, before: dict[str, Any]) -> None:
    laws.check(city)
    after = timers(city, case)
    assert {n: after[n] - before[n] for n in after} == {
        "B": timedelta(hours=5),
        "R": timedelta(hours=5),
        "T": timedelta(),
    }
    city.run_due()
    assert nodes(city, case) == ["A", "D", "Dated", "Got", "Heard"], "the date passed; what came was kept"
    assert city.instance(case)["facts"]["got"] == 7
    city.advance(timedelta(minutes=31))
    city.advance(timedelta(minutes=58))
    assert nodes(city, case) == ["A", "Again", "D", "Dated", "Got", "Heard"], "the second round is a whole hour later"
    city.advance(timedelta(minutes=2))
    assert nodes(city, case) == ["Again", "Again", "D", "Dated", "Got", "Heard", "Late"]
    laws.check(city)


def test_a_job_in_hand_when_its_instance_is_suspended_is_done_once_it_goes_on(city: City) -> None:
    city.deploy(MANY)
    case = city.start("many", {}, OPERATOR, given={"ref": "r1"})
    city.core.clock.advance(timedelta(hours=2))  # type: ignore[union-attr]
    hands = jobs.lease(city.core, 10)
    assert {one.node for one in hands} == {"B", "R"}
    suspending.suspend(city.core, case, OPERATOR, "停")
    for one in hands:
        jobs.execute(city.core, one)
    laws.check(city)
    assert city.tasks(case) == []
    assert city.message("Go", "r1", {"n": 1}) == case, "a message from outside is kept as well"
    with pytest.raises(NotFound):
        city.message("Go", "r1", {"n": 2})  # there is one for it already
    laws.check(city)
    suspending.resume(city.core, case, OPERATOR, "走")
    city.run_due()
    assert nodes(city, case) == ["Again", "D", "Got", "Late"]
    assert city.instance(case)["facts"]["got"] == 1
    laws.check(city)
