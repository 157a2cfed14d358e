"""Timers in working time: due by the calendar, kept over a standstill, moved with the calendar, each time once."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from sqlalchemy import insert, select, update

from engine import calendars, jobs, retiming
from engine.calendar import Unit
from engine.calendars.books import ACTIVE
from engine.clock import ManualClock
from engine.errors import DefinitionRefused, StepFailed
from engine.operating import suspending
from engine.tables import calendar_book, history, incident, job, organisation
from escalation import recounting
from tests import laws
from tests.bpmn.drawing import boundary, chain, end, ext, start, tag
from tests.conftest import A_WORKING_MORNING
from tests.db.talking import OPERATOR, bundle, work
from tests.factories import task_at
from web.city import City

NINE = A_WORKING_MORNING  # a Wednesday, 09:00
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def worktime(amount: str = "1", unit: str = "work_day", inside: str = "", **more: str) -> str:
    said = "".join(f" {name}={quoteattr(value)}" for name, value in {"amount": amount, "unit": unit, **more}.items())
    return tag("timerEventDefinition", ext(f"<ld:worktime{said}/>{inside}"))


def waits(definition: str) -> dict[str, bytes]:
    parts = start(), tag("intermediateCatchEvent", definition, id="T"), work("A"), end(), chain("S", "T", "A", "E")
    return bundle(*parts, key="waits")


def reminds(definition: str) -> dict[str, bytes]:
    beside = boundary("A", "R", definition, cancelActivity="false"), work("B"), chain("R", "B", "E")
    return bundle(start(), work("A"), end(), chain("S", "A", "E"), *beside, key="reminds")


def begun(city: City, files: dict[str, bytes]) -> int:
    (definition,) = city.deploy(files)
    return city.start(definition.key, {}, OPERATOR)


def asked(**facts: Any) -> str:
    """A script that writes these facts, as a form would."""
    written = ", ".join(f"{key}: {json.dumps(value)}" for key, value in facts.items())
    return tag("scriptTask", tag("script", escape("{" + written + "}")), id="Q", scriptFormat="feel")


def due(city: City, case: int) -> datetime:
    (row,) = [r for r in laws.rows(city, job, case) if r["kind"] == "timer"]
    found: datetime = row["due_at"].astimezone(UTC)
    return found


def fired(city: City, case: int) -> list[dict[str, Any]]:
    return [row["data"] for row in city.trail(case) if row["kind"] == "timer_fired"]


def nodes(city: City, case: int) -> list[str]:
    return sorted(task.node for task in city.tasks(case))


def holiday(city: City, *days: str) -> int:
    """Another book counts, in which these days are holidays. Its version."""
    with city.core.db.write() as connection:
        version = calendars.version(connection)
        text = connection.execute(select(calendar_book.c.rows).where(calendar_book.c.version == version)).scalar_one()
        text += "".join(f"qianjiang,day,{day},{day},holiday,,,,,test\n" for day in days)
        now = city.core.db.now_on(connection)
        row = {"rows": text, "state": ACTIVE, "proposed_at": now, "decided_at": now, "version": version + 1}
        connection.execute(insert(calendar_book).values(**row))
        connection.execute(update(organisation).values(calendars=version + 1, revision=organisation.c.revision + 1))
    return version + 1


def test_it_waits_for_working_days(city: City) -> None:
    case = begun(city, waits(worktime("3")))
    assert due(city, case) == NINE + 5 * DAY, "Thursday, Friday, Monday"
    city.advance(5 * DAY - timedelta(seconds=1))
    city.run_due()
    assert not nodes(city, case)
    city.advance(timedelta(seconds=1))
    city.run_due()
    assert nodes(city, case) == ["A"]
    assert laws.rows(city, job, case) == []


def test_the_amount_the_unit_and_the_calendar_may_be_asked_of_the_case(city: City) -> None:
    timer = tag("intermediateCatchEvent", worktime("=n / 2", '="work_" + u', calendar="=c"), id="T")
    parts = start(), asked(n=5, u="hour", c="qianjiang"), timer, end(), chain("S", "Q", "T", "E")
    case = begun(city, bundle(*parts, key="waits"))
    assert due(city, case) == NINE + timedelta(hours=2, minutes=30)


@pytest.mark.parametrize(
    "facts, words",
    [
        ({"n": "many", "u": "work_day", "c": None}, "many"),
        ({"n": -1, "u": "work_day", "c": None}, "-1"),
        ({"n": 1, "u": "work_week", "c": None}, "work_week"),
        ({"n": 1, "u": "work_day", "c": "venus"}, "venus"),
        ({"n": 0.001, "u": "work_hour", "c": None}, "one minute"),
        ({"n": 99999, "u": "natural_day", "c": None}, "ten years"),
    ],
)
def test_what_cannot_be_counted_is_said_in_words(city: City, facts: dict[str, Any], words: str) -> None:
    timer = tag("intermediateCatchEvent", worktime("=n", "=u", calendar="=c"), id="T")
    parts = start(), work("A"), asked(**facts), timer, end(), chain("S", "A", "Q", "T", "E")
    case = begun(city, bundle(*parts, key="waits"))
    with pytest.raises(StepFailed, match=words):
        city.complete(task_at(city, case, "A"), {}, OPERATOR)
    assert nodes(city, case) == ["A"], "the task stays open"


def test_a_calendar_that_nobody_keeps_is_refused_at_deployment(city: City) -> None:
    with pytest.raises(DefinitionRefused, match="venus"):
        city.deploy(waits(worktime("1", calendar="venus")))


def test_each_time_is_counted_from_the_one_before(city: City) -> None:
    case = begun(city, reminds(worktime("4", "work_hour", repeat="3")))
    seen = []
    for _ in range(3):
        at = due(city, case)
        seen.append(at)
        city.advance(at - city.world().now + timedelta(minutes=20))  # late each time: the next is not
        city.run_due()
    calendar = calendars.current(city.core).calendars["qianjiang"]
    assert [calendar.between(a, b, Unit.WORK_HOUR) for a, b in zip([NINE, *seen], seen, strict=False)] == [4, 4, 4]
    assert nodes(city, case) == ["A", "B", "B", "B"]
    assert not [r for r in laws.rows(city, job, case) if r["kind"] == "timer"], "three times, and no more"


@pytest.mark.parametrize("policy, times, missed", [("coalesce", 1, 71), ("each", 72, None)])
def test_what_was_missed_in_72_hours(city: City, policy: str, times: int, missed: int | None) -> None:
    """Promise 8."""
    inside = f'<ld:misfire policy="{policy}" result="={{skipped: payload.missed, nth: payload.time}}"/>'
    cycle = tag("timerEventDefinition", ext(inside) + tag("timeCycle", "R/PT1H"))
    for definition in (cycle, worktime("1", "natural_hour", inside, repeat="always")):
        case = begun(city, reminds(definition))
        city.advance(72 * HOUR)
        city.run_due()
        told = fired(city, case)
        assert len(told) == times
        assert [each.get("missed") for each in told] == [missed] * times
        assert nodes(city, case) == ["A", *["B"] * times]
        assert city.instance(case)["facts"]["skipped"] == (missed or 0)
        assert city.instance(case)["facts"]["nth"] == (1 if missed else 72)
        assert due(city, case) == city.world().now + HOUR, "and the next comes when it would have come"
        city.cancel(case, OPERATOR, "done")


def test_it_has_as_much_left_after_a_standstill_as_it_had(city: City) -> None:
    case = begun(city, waits(worktime("6", "work_hour")))
    city.advance(2 * HOUR)
    suspending.suspend(city.core, case, OPERATOR, "等一等")
    city.advance(5 * DAY)  # Monday, 11:00
    suspending.resume(city.core, case, OPERATOR, "继续")
    calendar = calendars.current(city.core).calendars["qianjiang"]
    assert calendar.between(city.world().now, due(city, case), Unit.WORK_HOUR) == 4
    moved = holiday(city, "2026-06-15")
    assert moved == 2
    retiming.retime(city.core, case)
    assert due(city, case).date().isoformat() == "2026-06-16"
    city.advance(due(city, case) - city.world().now)
    city.run_due()
    assert nodes(city, case) == ["A"]


def test_another_calendar_moves_what_waits_and_fires_nothing_twice(city: City) -> None:
    case = begun(city, reminds(worktime("1", repeat="always")))
    other = begun(city, waits(tag("timerEventDefinition", tag("timeDuration", "P1D"))))
    assert due(city, case) == NINE + DAY
    version = holiday(city, "2026-06-11")
    assert recounting.run_due(city.core) >= 1
    assert recounting.run_due(city.core) == 0
    assert (due(city, case), due(city, other)) == (NINE + 2 * DAY, NINE + DAY)
    (told,) = [row["data"] for row in city.trail(case) if row["kind"] == "timers_moved"]
    assert told["version"] == version
    assert [each["timer"] for each in told["timers"]] == ["R"]
    city.advance(DAY)
    city.run_due()
    assert not fired(city, case), "no longer due"
    city.advance(DAY)
    city.run_due()
    city.run_due()
    assert len(fired(city, case)) == 1
    assert due(city, case) == NINE + 5 * DAY, "Monday"


def test_one_that_was_taken_before_it_moved_is_given_back(city: City, clock: ManualClock) -> None:
    case = begun(city, waits(worktime("1")))
    clock.advance(DAY)
    (leased,) = [each for each in jobs.lease(city.core, 10) if each.instance_id == case]
    holiday(city, "2026-06-11")
    retiming.retime(city.core, case)
    jobs.execute(city.core, leased)
    assert not nodes(city, case)
    assert due(city, case) == NINE + 2 * DAY
    city.advance(DAY)
    city.run_due()
    assert nodes(city, case) == ["A"]


def test_a_calendar_that_is_gone_leaves_the_timer_as_it_was(city: City) -> None:
    case = begun(city, waits(worktime("1")))
    before = due(city, case)
    with city.core.db.write() as connection:
        connection.execute(update(organisation).values(calendars=2))
        text = "calendar,kind,first,last,value,since,until,name_zh,name_en,source\n"
        now = city.core.db.now_on(connection)
        row = {"rows": text, "state": ACTIVE, "proposed_at": now, "decided_at": now, "version": 2}
        connection.execute(insert(calendar_book).values(**row))
    retiming.retime(city.core, case)
    assert due(city, case) == before
    assert len(laws.rows(city, incident, case)) == 1
    retiming.retime(city.core, case)
    assert len(laws.rows(city, incident, case)) == 1
    assert len(laws.rows(city, history, case)) == 2
