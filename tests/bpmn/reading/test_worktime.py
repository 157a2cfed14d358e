"""Timers in working time, and what becomes of missed times: what a diagram may say, and what is refused in words."""

from __future__ import annotations

import pytest

from engine.bpmn.model import Misfire, Timer, TimerKind, WorkTime
from engine.bpmn.reading import read
from engine.bpmn.values import Value
from tests.bpmn.drawing import boundary, chain, end, errors, ext, model, process, start, sub, tag, user

WORK = '<ld:worktime amount="2" unit="work_day"/>'
CYCLE = "<bpmn:timeCycle>R/PT1H</bpmn:timeCycle>"


def said(inside: str, time: str = "") -> str:
    return tag("timerEventDefinition", ext(inside) + time)


def caught(definition: str) -> bytes:
    parts = start(), tag("intermediateCatchEvent", definition, id="T"), user(), end(), chain("S", "T", "A", "E")
    return process(*parts)


def beside(definition: str, *, stops: bool = False) -> bytes:
    border = boundary("A", "T", definition, cancelActivity="true" if stops else "false")
    return process(start(), user(), border, user("B"), end(), chain("S", "A", "E"), chain("T", "B", "E"))


def begins(definition: str) -> bytes:
    return process(start("T", definition), user(), end(), chain("T", "A", "E"))


def handles(definition: str) -> bytes:
    inside = start("T", definition, isInterrupting="false"), user("u"), end("e"), chain("T", "u", "e")
    handling = sub("V", *inside, triggeredByEvent="true")
    return process(start(), user(), end(), chain("S", "A", "E"), handling)


def timer_of(data: bytes) -> Timer | None:
    return model(data).nodes["T"].events[0].timer


TWO = Value("2")
DAYS = Value("work_day")


def test_it_is_read_to_what_it_means() -> None:
    assert timer_of(caught(said(WORK))) == Timer(TimerKind.WORKTIME, TWO, WorkTime(TWO, DAYS))
    asked = '<ld:worktime amount="=n" unit="=u" calendar="=c" repeat="always"/>'
    n = Value("n", is_feel=True)
    work = WorkTime(n, Value("u", is_feel=True), Value("c", is_feel=True), None)
    found = timer_of(beside(said(asked + '<ld:misfire policy="each"/>')))
    assert found == Timer(TimerKind.WORKTIME, n, work, Misfire.EACH)
    assert found is not None
    assert found.repeats
    found = timer_of(handles(said('<ld:worktime amount="2" unit="work_day" calendar="parks" repeat="3"/>')))
    assert found == Timer(TimerKind.WORKTIME, TWO, WorkTime(TWO, DAYS, Value("parks"), 3))


def test_what_becomes_of_missed_times_is_read() -> None:
    read = model(begins(said('<ld:misfire policy="each" result="={n: payload.missed}"/>', CYCLE))).nodes["T"].events[0]
    assert read.result == "{n: payload.missed}"
    assert read.timer is not None
    assert read.timer.misfire is Misfire.EACH
    found = timer_of(begins(said("", CYCLE)))
    assert found is not None
    assert found.misfire is Misfire.COALESCE


@pytest.mark.parametrize(
    "data, words",
    [
        (caught(said(WORK, "<bpmn:timeDuration>PT1H</bpmn:timeDuration>")), "exclude each other"),
        (caught(said("")), "or ld:worktime for working time"),
        (begins(said(WORK)), "cannot be in working time"),
        (caught(said('<ld:worktime amount="2" unit="work_week"/>')), "must be one of"),
        (caught(said('<ld:worktime amount="-2" unit="work_day"/>')), "no number of at least 0"),
        (caught(said('<ld:worktime amount="0" unit="work_day"/>')), "between 1 minute and 10 years"),
        (caught(said('<ld:worktime amount="9000" unit="work_day"/>')), "between 1 minute and 10 years"),
        (caught(said('<ld:worktime unit="work_day"/>')), "lacks the attribute amount"),
        (caught(said('<ld:worktime amount="2" unit="work_day" calendar="a b"/>')), "is no key"),
        (caught(said('<ld:worktime amount="2" unit="work_day" repeat="0"/>')), "number of times"),
        (caught(said('<ld:worktime amount="2" unit="work_day" repeat="3"/>')), "comes only once here"),
        (beside(said('<ld:worktime amount="2" unit="work_day" repeat="3"/>'), stops=True), "comes only once here"),
        (beside(said('<ld:misfire policy="each"/>' + WORK)), "a timer that repeats"),
        (caught(said('<ld:misfire policy="each"/>', CYCLE)), "where it may come again"),
        (beside(said('<ld:misfire policy="never"/>', CYCLE)), "must be one of"),
        (beside(said('<ld:misfire result="payload.missed"/>', CYCLE)), "must be a FEEL expression"),
        (process(start(), user("A", settings=WORK), end(), chain("S", "A", "E")), "has no meaning on a userTask"),
    ],
)
def test_what_cannot_be_is_refused_in_words(data: bytes, words: str) -> None:
    assert any(words in each.en for each in errors(read("t.bpmn", data)))
