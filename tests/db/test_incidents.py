"""Where a process cannot go on, the node is named, nothing is lost, and it goes on when the cause is mended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import registers
from engine.errors import Invalid, NotFound, StepFailed
from engine.tables import incident
from tests import laws
from tests.bpmn.drawing import chain, end, ext, flow, start, tag, timer
from tests.db.talking import OPERATOR, at_border, bundle, error, work
from tests.factories import only_task, retry
from web.city import City

LOOKUP = '<ld:lookup register="standards" match="={code: wanted}" into="standard" required="true"/>'


def add_standard(city: City, code: str) -> None:
    """A row more in the register of standards."""
    rows = registers.rows(city.core, "standards")
    registers.load(city.core, "standards", "code", [*rows, {**rows[0], "code": code}])


def looked_up(*, after: str) -> dict[str, bytes]:
    return bundle(
        start(),
        after,
        tag("businessRuleTask", ext(LOOKUP), id="L"),
        work("Z"),
        end(),
        chain("S", "W", "L", "Z", "E"),
        key="looked_up",
    )


def test_a_completion_that_fails_leaves_the_task_and_an_incident(city: City) -> None:
    city.deploy(looked_up(after=work("W")))
    case = city.start("looked_up", {}, OPERATOR, given={"wanted": "Z-1"})
    task = only_task(city, case)
    for _ in range(2):
        with pytest.raises(StepFailed):
            city.complete(task, {}, OPERATOR)
    (held,) = laws.rows(city, incident, case)
    assert (held["node"], held["kind"]) == ("L", "step")
    assert only_task(city, case).ref == task.ref
    laws.check(city)
    add_standard(city, "Z-1")
    retry(city, case, held["id"])
    city.complete(task, {}, OPERATOR)
    assert only_task(city, case).node == "Z"
    laws.check(city)


def test_a_timer_that_fails_is_held_and_goes_on_when_mended(city: City) -> None:
    city.deploy(looked_up(after=tag("intermediateCatchEvent", timer(), id="W")))
    case = city.start("looked_up", {}, OPERATOR, given={"wanted": "Z-1"})
    from tests.db.test_actions import tries_again  # noqa: PLC0415

    city.advance(timedelta(hours=1))
    for _ in range(3):
        tries_again(city)
    (held,) = laws.rows(city, incident, case)
    assert (held["node"], held["job_id"] is not None) == ("L", True)
    laws.check(city)
    add_standard(city, "Z-1")
    retry(city, case, held["id"])
    city.run_due()
    assert only_task(city, case).node == "Z"
    laws.check(city)


# ---------------------------------------------------------------- an error reported by a person


FAILING = bundle(
    start(),
    work("A"),
    at_border("B", "A", "error", "closed", result="={note: payload.note}"),
    work("Other"),
    end(),
    chain("S", "A", "E"),
    flow("B", "Other"),
    flow("Other", "E"),
    key="failing",
    outside=error("closed"),
)


def test_who_works_a_task_may_say_that_it_fails(city: City) -> None:
    city.deploy(FAILING)
    case = city.start("failing", {}, OPERATOR)
    task = only_task(city, case)
    reply = city.fail(task, "closed", OPERATOR, {"note": "大门锁着"}, "k")
    assert city.fail(task, "closed", OPERATOR, {"note": "大门锁着"}, "k") == reply
    assert only_task(city, case).node == "Other"
    assert city.instance(case)["facts"]["note"] == "大门锁着"
    (row,) = [r for r in city.trail(case) if r["kind"] == "error"]
    assert (row["node"], row["data"]["code"]) == ("A", "closed")
    laws.check(city)


def test_an_error_that_nothing_catches_is_refused_and_the_task_stays(city: City) -> None:
    city.deploy(FAILING)
    case = city.start("failing", {}, OPERATOR)
    with pytest.raises(Invalid) as refused:
        city.fail(only_task(city, case), "other", OPERATOR)
    assert "other" in str(refused.value)
    assert only_task(city, case).node == "A"
    assert laws.rows(city, incident) == []
    with pytest.raises(NotFound):
        city.fail(only_task(city, case), "closed", "lijianguo")
    laws.check(city)
