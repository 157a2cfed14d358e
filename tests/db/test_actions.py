"""A service task waits for its server action: done once for all that can be seen, wrong as the business says, tried again when it fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from engine import jobs
from engine.errors import BusinessError, StepFailed
from engine.tables import incident, job
from tests import laws
from tests.bpmn.drawing import boundary, chain, end, ext, flow, start, tag
from tests.db.talking import OPERATOR, at_border, bundle, error, work
from tests.db.test_messages import facts, kinds
from tests.factories import only_task, retry
from web.city import City

Act = Callable[[dict[str, Any]], Any]


def service(more: str = "", **attributes: str) -> str:
    said = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return tag("serviceTask", ext(f'<ld:action name="try"{said}/>') + more, id="X")


def ordered(*more: str, **attributes: str) -> dict[str, bytes]:
    return bundle(start(), service(**attributes), work("A"), end(), *more, chain("S", "X", "A", "E"), key="served")


def does(city: City, act: Act) -> list[dict[str, Any]]:
    """Register the action; answers what it was called with."""
    calls: list[dict[str, Any]] = []

    def action(_core: Any, _instance: int, parameters: dict[str, Any]) -> Any:
        calls.append(parameters)
        return act(parameters)

    city.core.actions["try"] = action
    return calls


def begin(city: City, **given: Any) -> int:
    return city.start("served", {}, OPERATOR, given=given)


def test_it_waits_for_the_result_and_writes_it(city: City) -> None:
    city.deploy(ordered(result="={doubled: result.twice}", number="=n"))
    calls = does(city, lambda p: {"twice": 2 * p["number"]})
    case = begin(city, n=21)
    assert city.tasks(case) == []
    laws.check(city)
    city.run_due()
    assert facts(city, case)["doubled"] == 42
    assert only_task(city, case).node == "A"
    assert calls == [{"number": 21}]
    assert kinds(city, case) == ["started", "action_done"]
    laws.check(city)


def test_told_not_to_wait_it_goes_on_at_once(city: City) -> None:
    city.deploy(ordered(wait="false"))
    does(city, lambda _: {})
    case = begin(city)
    assert only_task(city, case).node == "A"
    city.complete(only_task(city, case), {}, OPERATOR)
    city.run_due()
    assert kinds(city, case) == ["started", "completed", "action_done"]
    laws.check(city)


def no(_parameters: dict[str, Any]) -> Any:
    raise BusinessError("refused", {"why": "余额不足"})


def test_a_business_error_goes_the_way_of_its_boundary_event(city: City) -> None:
    border = at_border("B", "X", "error", "refused", result="={why: payload.why}")
    city.deploy(
        bundle(
            start(),
            service(),
            work("A"),
            border,
            end(),
            end("E2"),
            chain("S", "X", "A", "E"),
            flow("B", "E2"),
            key="served",
            outside=error("refused"),
        )
    )
    calls = does(city, no)
    case = begin(city)
    city.run_due()
    row = city.instance(case)
    assert (row["outcome"], row["facts"]["why"], len(calls)) == ("E2", "余额不足", 1)
    laws.check(city)


def test_a_business_error_that_nothing_catches_is_an_incident_of_its_task(city: City) -> None:
    city.deploy(ordered())
    calls = does(city, no)
    case = begin(city)
    for _ in range(4):
        tries_again(city)
    (held,) = laws.rows(city, incident, case)
    assert (held["node"], len(calls)) == ("X", 1)
    assert "refused" in held["message"]
    laws.check(city)


def tries_again(city: City) -> None:
    with city.core.db.write() as connection:  # the wait before the next try is over
        connection.execute(job.update().where(job.c.state == "waiting").values(lease_until=None))
    city.run_due()


def test_a_failure_is_tried_three_times_then_by_an_operator(city: City) -> None:
    city.deploy(ordered())
    well: list[int] = []

    def fails(_parameters: dict[str, Any]) -> Any:
        if not well:
            raise OSError("no network")
        return {}

    calls = does(city, fails)
    case = begin(city)
    for _ in range(5):
        tries_again(city)
    (held,) = laws.rows(city, incident, case)
    assert (held["node"], len(calls)) == ("X", 3)
    assert "no network" in held["message"]
    assert city.instance(case)["status"] == "active"
    laws.check(city)
    well.append(1)
    retry(city, case, held["id"])
    city.run_due()
    assert only_task(city, case).node == "A"
    laws.check(city)


def test_what_was_done_is_not_done_again_when_the_process_cannot_go_on(city: City) -> None:
    lookup = '<ld:lookup register="standards" match="={code: wanted}" into="standard" required="true"/>'
    city.deploy(
        bundle(
            start(),
            service(),
            tag("businessRuleTask", ext(lookup), id="L"),
            work("A"),
            end(),
            chain("S", "X", "L", "A", "E"),
            key="served",
        )
    )
    calls = does(city, lambda _: {})
    case = begin(city, wanted="Z-1")
    for _ in range(4):
        tries_again(city)
    (held,) = laws.rows(city, incident, case)
    assert (held["node"], len(calls)) == ("L", 1)
    laws.check(city)
    from tests.db.test_incidents import add_standard  # noqa: PLC0415

    add_standard(city, "Z-1")
    retry(city, case, held["id"])
    city.run_due()
    assert only_task(city, case).node == "A"
    assert len(calls) == 1
    laws.check(city)


def test_a_boundary_timer_takes_the_action_away(city: City) -> None:
    border = (boundary("X"), end("E2"), flow("B", "E2"))
    city.deploy(ordered(*border))
    calls = does(city, lambda _: {})
    case = begin(city)
    with city.core.db.write() as connection:  # nobody got round to it
        connection.execute(
            job.update().where(job.c.kind == "action").values(due_at=city.world().now + timedelta(days=1))
        )
    city.advance(timedelta(hours=1))
    assert city.instance(case)["outcome"] == "E2"
    assert (calls, laws.rows(city, job)) == ([], [])
    laws.check(city)


def test_done_too_late_it_changes_nothing(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    city.deploy(ordered())
    case = begin(city)
    does(city, lambda _: city.cancel(case, OPERATOR, "不办了"))
    city.run_due()
    assert kinds(city, case)[:2] == ["started", "cancelled"]
    assert laws.rows(city, job) == []
    laws.check(city)


def test_step_failed_is_not_a_business_error() -> None:
    assert not issubclass(BusinessError, StepFailed)
    assert jobs.TRIES == 3
