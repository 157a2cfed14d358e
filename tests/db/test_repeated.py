"""What waits for several events, or for one again and again, has a row for each and no other."""

from __future__ import annotations

from datetime import timedelta

from engine.clock import ManualClock
from engine.tables import instance, job, subscription
from tests import laws
from tests.bpmn.drawing import boundary, chain, end, flow, start, tag, timer
from tests.db.talking import GO, OPERATOR, WAITER, about, at_border, bundle, message, signal, work
from tests.db.test_messages import facts, kinds, waiter, waits
from tests.factories import only_task
from web.city import City


def test_a_border_that_does_not_interrupt_takes_every_message(city: City) -> None:
    border = at_border("B", "A", "message", "Go", interrupts="false", result="={got: payload.n}")
    city.deploy(
        bundle(
            start(),
            work("A"),
            border,
            work("N"),
            end(),
            chain("S", "A", "E"),
            chain("B", "N", "E"),
            key="r",
            outside=GO,
        )
    )
    case = city.start("r", {}, OPERATOR)
    for n in range(3):
        assert city.message("Go", payload={"n": n}) == case
        laws.check(city)
    assert sorted(task.node for task in city.tasks(case)) == ["A", "N", "N", "N"]
    assert waits(city, case)


def test_a_cycle_at_a_border_fires_each_time_and_goes_with_its_task(city: City, clock: ManualClock) -> None:
    border = boundary("A", inside=timer("R3/PT1H", "timeCycle"), cancelActivity="false")
    city.deploy(bundle(start(), work("A"), border, end(), end("E2"), chain("S", "A", "E"), flow("B", "E2"), key="r"))
    case, other = city.start("r", {}, OPERATOR), city.start("r", {}, OPERATOR)
    for _ in range(2):
        city.advance(timedelta(hours=1))
        laws.check(city)
    city.complete(only_task(city, other), {}, OPERATOR)
    assert laws.rows(city, job, other) == []
    for _ in range(3):
        city.advance(timedelta(hours=1))
        laws.check(city)
    assert kinds(city, case).count("timer_fired") == 3
    assert kinds(city, other).count("timer_fired") == 2
    assert laws.rows(city, job) == []


def test_missed_rounds_of_a_cycle_are_one(city: City) -> None:
    border = boundary("A", inside=timer("R/PT1H", "timeCycle"), cancelActivity="false")
    city.deploy(bundle(start(), work("A"), border, end(), end("E2"), chain("S", "A", "E"), flow("B", "E2"), key="r"))
    case = city.start("r", {}, OPERATOR)
    city.advance(timedelta(hours=72))
    assert kinds(city, case).count("timer_fired") == 1
    laws.check(city)


def test_of_several_events_the_first_takes_the_rows_of_the_others_away(city: City) -> None:
    events = (
        tag("messageEventDefinition", messageRef="MGo")
        + tag("signalEventDefinition", signalRef="GAlarm")
        + timer("PT1H")
        + timer("PT2H")
    )
    catch = tag("intermediateCatchEvent", events, id="C")
    outside = message("Go") + signal("Alarm")
    city.deploy(bundle(start(), catch, work("A"), end(), chain("S", "C", "A", "E"), key="r", outside=outside))
    for act in (
        lambda: city.message("Go"),
        lambda: city.signal("Alarm"),
        lambda: city.advance(timedelta(hours=1)),
    ):
        case = city.start("r", {}, OPERATOR)
        assert (len(laws.rows(city, job, case)), len(laws.rows(city, subscription, case))) == (2, 2)
        laws.check(city)
        act()
        city.run_due()
        assert only_task(city, case).node == "A"
        assert (laws.rows(city, job, case), laws.rows(city, subscription, case)) == ([], [])
        laws.check(city)


def test_what_a_message_end_event_sends_goes_out_after_the_end(city: City) -> None:
    city.deploy(WAITER)
    said = about(correlation='="r1"', payload="={n: 6}")
    last = end("E", said + tag("messageEventDefinition", messageRef="MGo"))
    city.deploy(bundle(start(), last, flow("S", "E"), key="r", outside=GO))
    waiting = waiter(city)
    case = city.start("r", {}, OPERATOR)
    assert city.instance(case)["status"] == "completed"
    city.run_due()
    assert facts(city, waiting)["got"] == 6
    assert kinds(city, case) == ["started", "sent"]
    laws.check(city)


def test_each_part_of_a_multi_instance_sends_its_own(city: City) -> None:
    city.deploy(WAITER)
    many = tag(
        "multiInstanceLoopCharacteristics",
        tag("loopDataInputRef", "refs") + tag("inputDataItem", id="i", name="one"),
    )
    send = tag("sendTask", about(correlation="=one", payload="={n: loopCounter}") + many, id="T", messageRef="MGo")
    city.deploy(bundle(start(), send, end(), chain("S", "T", "E"), key="r", outside=GO))
    waiting = [waiter(city, f"r{n}") for n in (1, 2, 3)]
    city.start("r", {}, OPERATOR, given={"refs": ["r1", "r2", "r3"]})
    city.run_due()
    assert [facts(city, case)["got"] for case in waiting] == [1, 2, 3]
    assert len(laws.rows(city, instance)) == 4
    laws.check(city)


def test_an_instance_may_send_to_itself(city: City) -> None:
    catch = tag("receiveTask", id="R", messageRef="MGo")
    send = tag("sendTask", id="T", messageRef="MGo")
    fork, join = tag("parallelGateway", id="F"), tag("parallelGateway", id="J")
    city.deploy(
        bundle(
            start(),
            fork,
            catch,
            send,
            join,
            work("A"),
            end(),
            chain("S", "F", "R", "J", "A", "E"),
            chain("F", "T", "J"),
            key="r",
            outside=GO,
        )
    )
    case = city.start("r", {}, OPERATOR)
    city.run_due()
    assert only_task(city, case).node == "A"
    laws.check(city)
