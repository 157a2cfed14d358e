"""What starts a process beside people: timers, and several start events. Messages and signals are beside their own kind."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import instances, starters
from engine.clock import ManualClock
from engine.errors import DefinitionRefused, Invalid
from engine.tables import instance, process_start, process_timer
from tests import laws
from tests.bpmn.drawing import chain, end, ext, flow, start, tag, timer
from tests.conftest import A_WORKING_MORNING
from tests.db.talking import BEGINNER, OPERATOR, WAITER, begins, bundle, message, work
from tests.db.test_messages import cases
from tests.factories import only_task
from web.city import City
from web.wiring import open_city


def timed(when: str, kind: str = "timeCycle") -> dict[str, bytes]:
    return bundle(tag("startEvent", timer(when, kind), id="T"), work("A"), end(), chain("T", "A", "E"), key="timed")


def timers(city: City) -> list[Any]:
    with city.core.db.read() as connection:
        return [dict(row) for row in connection.execute(select(process_timer)).mappings()]


def started(city: City, key: str = "timed") -> int:
    return len(cases(city, key))


def test_a_cycle_starts_one_each_time(city: City) -> None:
    city.deploy(timed("R3/PT1H"))
    city.run_due()
    assert started(city) == 0
    for hours in range(1, 6):
        city.advance(timedelta(hours=1))
        assert started(city) == min(hours, 3)
    (case, *_) = cases(city, "timed")
    row = city.instance(case)
    assert (row["starter_id"], row["world_id"]) == (None, 1)
    assert only_task(city, case).node == "A"
    assert timers(city)[0]["due_at"] is None
    laws.check(city)


def test_what_was_missed_is_one_start(city: City) -> None:
    city.deploy(timed("R/PT1H"))
    city.advance(timedelta(hours=5, minutes=30))
    assert started(city) == 1
    (row,) = timers(city)
    assert row["due_at"] == A_WORKING_MORNING + timedelta(hours=6)
    city.advance(timedelta(minutes=30))
    assert started(city) == 2


@pytest.mark.parametrize("policy, starts", [("coalesce", 1), ("each", 72)])
def test_a_diagram_says_what_becomes_of_missed_starts(city: City, policy: str, starts: int) -> None:
    """Promise 8, of a whole process."""
    said = f'<ld:misfire policy="{policy}" result="={{missed: payload.missed, nth: payload.time}}"/>'
    definition = timer("R/PT1H", "timeCycle").replace("<bpmn:timeCycle>", ext(said) + "<bpmn:timeCycle>")
    city.deploy(
        bundle(tag("startEvent", definition, id="T"), work("A"), end(), chain("T", "A", "E"), key="timed"),
    )
    city.advance(timedelta(hours=72))
    facts = [city.instance(case)["facts"] for case in cases(city, "timed")]
    assert sorted((f["nth"], f["missed"]) for f in facts) == (
        [(1, 71)] if starts == 1 else [(n, 0) for n in range(1, 73)]
    )
    assert timers(city)[0]["due_at"] == A_WORKING_MORNING + timedelta(hours=73)


def test_missed_occurrences_count(city: City) -> None:
    city.deploy(timed("R2/PT1H"))
    city.advance(timedelta(hours=5))
    city.advance(timedelta(hours=5))
    assert started(city) == 1


def test_a_date_starts_it_once(city: City) -> None:
    city.deploy(timed("2026-06-12T08:00:00+08:00", "timeDate"))
    city.advance(timedelta(days=1))
    assert started(city) == 0
    city.advance(timedelta(days=5))
    city.advance(timedelta(days=5))
    assert started(city) == 1


def test_a_date_that_has_passed_starts_nothing(city: City) -> None:
    city.deploy(timed("2026-06-01T08:00:00+08:00", "timeDate"))
    city.advance(timedelta(days=1))
    assert started(city) == 0


def test_a_newer_version_takes_the_timer_over(city: City) -> None:
    city.deploy(timed("R/PT1H"))
    city.advance(timedelta(minutes=30))
    (second,) = city.deploy(timed("R/PT2H"))
    city.advance(timedelta(hours=1))
    assert started(city) == 0
    city.advance(timedelta(hours=1))
    (case,) = cases(city, "timed")
    assert city.instance(case)["definition_id"] == second.id
    city.deploy(bundle(start(), work("A"), end(), chain("S", "A", "E"), key="timed"))
    assert timers(city) == []
    city.advance(timedelta(days=1))
    assert started(city) == 1


def test_what_was_due_when_a_newer_version_came_is_started_by_it(city: City, clock: ManualClock) -> None:
    city.deploy(timed("R/2026-06-10T10:00:00+08:00/P1D"))
    clock.advance(timedelta(hours=1, minutes=30))  # 10:30, and nobody was there at ten
    (second,) = city.deploy(
        bundle(
            tag("startEvent", timer("R/2026-06-10T10:00:00+08:00/P1D", "timeCycle"), id="T"),
            work("A2"),
            end(),
            chain("T", "A2", "E"),
            key="timed",
        )
    )
    city.run_due()
    (case,) = cases(city, "timed")
    assert city.instance(case)["definition_id"] == second.id
    (row,) = timers(city)
    assert row["due_at"] == A_WORKING_MORNING + timedelta(days=1, hours=1)
    city.advance(timedelta(days=1))
    assert started(city) == 2


def test_an_expression_gives_the_time_when_it_is_deployed(city: City) -> None:
    city.deploy(timed('="R2/PT" + string(1 + 1) + "H"'))
    city.advance(timedelta(hours=2))
    assert started(city) == 1
    with pytest.raises(DefinitionRefused) as refused:
        city.deploy(timed('="every day"'))
    assert [problem.element for problem in refused.value.problems] == ["T"]
    assert city.definition("timed").version == 1


def test_the_same_files_again_change_nothing(city: City) -> None:
    city.deploy(timed("R/PT1H"))
    city.advance(timedelta(minutes=30))
    before = timers(city)
    city.deploy(timed("R/PT1H"))
    assert timers(city) == before


def test_workers_at_once_start_one(city: City, city_url: str) -> None:
    city.deploy(timed("R/PT1H"))
    later = A_WORKING_MORNING + timedelta(hours=1)
    ready = threading.Barrier(3)

    def work_on() -> None:
        with closing(open_city(city_url, ManualClock(later))) as mine:
            ready.wait(30)
            starters.run_due(mine.core)

    workers = [threading.Thread(target=work_on) for _ in range(3)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert started(city) == 1
    assert timers(city)[0]["occurrence"] == 1


def test_a_worker_that_died_after_the_start_leaves_it_started_once(
    city: City, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.deploy(timed("R/PT1H"))
    clock.advance(timedelta(hours=1))
    real = instances.begin

    def dies(*args: Any, **more: Any) -> Any:
        real(*args, **more)
        raise KeyboardInterrupt

    monkeypatch.setattr(instances, "begin", dies)
    with pytest.raises(KeyboardInterrupt):
        starters.run_due(city.core)
    assert started(city) == 1
    monkeypatch.setattr(instances, "begin", real)
    with city.core.db.write() as connection:
        connection.execute(process_timer.update().values(lease_until=None))
    assert starters.run_due(city.core).started == 1
    assert started(city) == 1
    assert timers(city)[0]["occurrence"] == 1


def test_a_start_that_fails_is_told_and_tried_again(city: City) -> None:
    lookup = '<ld:lookup register="standards" match="={code: &quot;none&quot;}" into="standard" required="true"/>'
    city.deploy(
        bundle(
            tag("startEvent", timer("R/PT1H", "timeCycle"), id="T"),
            tag("businessRuleTask", ext(lookup), id="L"),
            work("A"),
            end(),
            chain("T", "L", "A", "E"),
            key="timed",
        )
    )
    city.advance(timedelta(hours=1))
    (row,) = timers(city)
    assert (row["tries"], row["occurrence"], started(city)) == (1, 0, 0)
    assert "standards" in row["error"]
    assert row["due_at"] > A_WORKING_MORNING + timedelta(hours=1)


# ---------------------------------------------------------------- several starts


TWO = bundle(
    start("S1"),
    start("S2"),
    begins("B", "message", "Go"),
    work("A1"),
    work("A2"),
    end(),
    chain("S1", "A1", "E"),
    chain("S2", "A2", "E"),
    flow("B", "A2"),
    key="two",
    outside=message("Go"),
)


def test_a_person_chooses_among_none_start_events(city: City) -> None:
    city.deploy(TWO)
    assert only_task(city, city.start("two", {}, OPERATOR)).node == "A1"
    case = city.start("two", {}, OPERATOR, start="S2", idempotency_key="k")
    assert only_task(city, case).node == "A2"
    assert city.start("two", {}, OPERATOR, start="S2", idempotency_key="k") == case
    for wrong in ("B", "A1", "nothing"):
        with pytest.raises(Invalid):
            city.start("two", {}, OPERATOR, start=wrong)
    laws.check(city)


def test_a_process_without_a_none_start_is_not_started_by_people(city: City) -> None:
    city.deploy(BEGINNER)
    with pytest.raises(Invalid):
        city.start("beginner", {}, OPERATOR)


def test_an_event_gateway_that_starts_it_listens_for_each_of_its_events(city: City) -> None:
    receive = tag("receiveTask", id="R", messageRef="MGo")
    other = tag("intermediateCatchEvent", tag("signalEventDefinition", signalRef="GAlarm"), id="C")
    outside = message("Go") + tag("signal", id="GAlarm", name="Alarm")
    gateway = tag("eventBasedGateway", id="G", instantiate="true")
    city.deploy(
        bundle(
            gateway,
            receive,
            other,
            work("A"),
            work("B"),
            end(),
            flow("G", "R"),
            flow("G", "C"),
            chain("R", "A", "E"),
            chain("C", "B", "E"),
            key="two",
            outside=outside,
        )
    )
    with city.core.db.read() as connection:
        rows = connection.execute(
            select(process_start.c.node, process_start.c.kind, process_start.c.name)
            .where(process_start.c.key == "two")
            .order_by(process_start.c.node)
        ).all()
    assert [tuple(row) for row in rows] == [("C", "signal", "Alarm"), ("R", "message", "Go")]
    first = city.message("Go")
    assert only_task(city, first).node == "A"
    (second,) = city.signal("Alarm")
    assert only_task(city, second).node == "B"
    laws.check(city)


def test_messages_start_a_process_in_the_world_they_are_sent_in(city: City) -> None:
    from engine import worlds  # noqa: PLC0415

    city.deploy(BEGINNER)
    city.deploy(WAITER)
    drill = worlds.create(city.core, "drill", "演练", A_WORKING_MORNING)
    waiting = city.start("waiter", {}, OPERATOR, given={"ref": ""})
    case = city.message("Go", payload={"n": 1}, world=drill.id)
    assert case != waiting
    with city.core.db.read() as connection:
        assert connection.execute(select(instance.c.world_id).where(instance.c.id == case)).scalar_one() == drill.id
