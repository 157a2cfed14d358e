"""Clocks of a process: started again in a loop, passed in one step, given a due time that is none."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.clock import ManualClock
from engine.errors import StepFailed
from escalation.tables import clock as clock_table
from tests import laws
from tests.bpmn.drawing import chain, end, ext, flow, process, start, tag, user
from tests.factories import OPERATOR, only_task
from web.city import City

WHO = '<ld:candidates post="operator"/>'


def deploy(city: City, setting: str) -> None:
    """S → M → A → X (a script) → B → back to M, or E."""
    parts = [
        ext(f'<ld:clock id="whole" budget="1" unit="urgent_hour" {setting}/>'),
        *(start(), tag("exclusiveGateway", id="M"), user("A", settings=WHO)),
        tag("scriptTask", tag("script", "{ n: if n = null then 1 else n + 1 }"), id="X", scriptFormat="feel"),
        *(user("B", settings=WHO), tag("exclusiveGateway", id="G", default="G-M"), end()),
        *(chain("S", "M", "A", "X", "B", "G", "M"), flow("G", "E", "n >= 3")),
    ]
    city.deploy({"p.bpmn": process(*parts, id="p")})


def go(city: City, case: int, clock: ManualClock, minutes: int) -> None:
    clock.advance(timedelta(minutes=minutes))
    city.complete(only_task(city, case), {}, OPERATOR)


def test_a_clock_that_is_started_again_is_another_one(city: City, clock: ManualClock) -> None:
    deploy(city, 'from="A" to="B"')
    case = city.start("p", {}, OPERATOR)
    for minutes in (10, 70, 10, 20, 10, 30):
        go(city, case, clock, minutes)
        laws.check(city, case)
    found = {c["name"]: c for c in laws.rows(city, clock_table, case)}
    assert {n: (c["stopped_at"] - c["started_at"]) / timedelta(minutes=1) for n, c in found.items()} == {
        "whole": 70,
        "whole#2": 20,
        "whole#3": 30,
    }
    assert [n for n, c in found.items() if c["breached_at"]] == ["whole"]


def test_a_clock_whose_end_is_passed_in_the_same_step_stands(city: City, clock: ManualClock) -> None:
    deploy(city, 'from="A" to="X"')
    case = city.start("p", {}, OPERATOR)
    go(city, case, clock, 5)
    (row,) = laws.rows(city, clock_table, case)
    assert row["started_at"] == row["stopped_at"]
    go(city, case, clock, 5)
    go(city, case, clock, 5)
    assert [c["name"] for c in laws.rows(city, clock_table, case)] == ["whole", "whole#2"]
    laws.check(city, case)


@pytest.mark.parametrize("due, told", [('="2026-06-10T18:00:00"', "2026-06-10T10:00:00+00:00"), ("=null", None)])
def test_a_due_time_without_an_offset_is_meant_here(city: City, clock: ManualClock, due: str, told: str | None) -> None:
    deploy(city, f"due='{due}'")
    case = city.start("p", {}, OPERATOR)
    (row,) = laws.rows(city, clock_table, case)
    assert row["due_at"].isoformat() == (told or "2026-06-10T02:00:00+00:00")


def test_a_due_time_that_is_none_is_said(city: City, clock: ManualClock) -> None:
    deploy(city, """from="A" due='="tomorrow"'""")
    case = city.start("p", {}, OPERATOR)
    with pytest.raises(StepFailed, match="tomorrow"):
        go(city, case, clock, 1)
    assert only_task(city, case).node == "A"
    laws.check(city, case)
