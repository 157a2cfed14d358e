"""Clocks of a process: started again in a loop, passed in one step, given a due time that is none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from engine.audit import checkpoints
from engine.clock import ManualClock
from engine.errors import StepFailed
from engine.events import Event
from engine.tables import job
from escalation import records, sweep
from escalation.tables import clock as clock_table
from escalation.tables import clock_entry
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


def test_a_case_without_a_title_is_called_by_its_process_when_it_is_late(city: City, clock: ManualClock) -> None:
    limit = '<ld:clock id="own" budget="1" unit="urgent_hour" breach="late"/>'
    parts = (start(), user("A", settings=WHO + limit), end(), chain("S", "A", "E"))
    city.deploy({"p.bpmn": process(*parts, id="p", name="夜间施工备案")})
    for title in (None, "滨江路夜间施工"):
        case = city.start("p", {}, OPERATOR, given={} if title is None else {"title": title})
        clock.advance(timedelta(hours=2))
        assert sweep.breaches(city.core) == 1
        (sent,) = [row for row in laws.rows(city, job) if row["instance_id"] == case]
        assert sent["payload"]["payload"]["title"] == (title or "夜间施工备案")


@pytest.mark.parametrize("due, told", [('="2026-06-10T18:00:00"', "2026-06-10T10:00:00+00:00"), ("=null", None)])
def test_a_due_time_without_an_offset_is_meant_here(city: City, clock: ManualClock, due: str, told: str | None) -> None:
    deploy(city, f"due='{due}'")
    case = city.start("p", {}, OPERATOR)
    (row,) = laws.rows(city, clock_table, case)
    assert row["due_at"].isoformat() == (told or "2026-06-10T02:00:00+00:00")


@pytest.mark.parametrize(
    "since, begun, late",
    [
        ("2026-06-10T07:00:00", "2026-06-09T23:00:00+00:00", True),
        ("2027-01-01T00:00:00", "2026-06-10T01:00:00+00:00", False),
    ],
)
def test_a_clock_may_have_begun_before_but_never_begins_later(
    city: City, clock: ManualClock, since: str, begun: str, late: bool
) -> None:
    """Silence on an application counts its term from the receipt (行政许可法 art. 32): the clock may be late as it begins."""
    deploy(city, f"since='=\"{since}\"'")
    case = city.start("p", {}, OPERATOR)
    city.run_due()
    (row,) = laws.rows(city, clock_table, case)
    assert row["started_at"].isoformat() == begun
    assert (row["breached_at"] is not None) is late
    laws.check(city, case)
    checkpoints.make(city.core)
    assert records.verify(city.core).findings == []
    with city.core.db.write() as connection:  # with the due time that goes with it: a day more for who is late
        day = timedelta(days=1)
        forged = {
            "started_at": row["started_at"] + day,
            "running_since": row["started_at"] + day,
            "due_at": row["due_at"] + day,
        }
        connection.execute(
            update(clock_table).where(clock_table.c.instance_id == case).values(**forged, breached_at=None)
        )
    assert "row_differs" in {found.kind for found in records.verify(city.core).findings}


def test_a_due_time_that_is_none_is_said(city: City, clock: ManualClock) -> None:
    deploy(city, """from="A" due='="tomorrow"'""")
    case = city.start("p", {}, OPERATOR)
    with pytest.raises(StepFailed, match="tomorrow"):
        go(city, case, clock, 1)
    assert only_task(city, case).node == "A"
    laws.check(city, case)


def anew(city: City, clock: ManualClock) -> int:
    """A case whose term is counted from A, which is done again after its rounds became two: the limit is another then."""
    parts = [
        ext('<ld:clock id="whole" budget="=if n = null then 2 else 5" unit="urgent_hour" from="A" to="B"/>'),
        *(start(), tag("exclusiveGateway", id="M"), user("A", settings=WHO), user("C", settings=WHO)),
        tag("scriptTask", tag("script", "{ n: if n = null then 1 else n + 1 }"), id="X", scriptFormat="feel"),
        *(tag("exclusiveGateway", id="G", default="G-M"), user("B", settings=WHO), end()),
        *(chain("S", "M", "A", "C", "X", "G", "M"), flow("G", "B", "n >= 2"), flow("B", "E")),
    ]
    city.deploy({"p.bpmn": process(*parts, id="p")})
    case = city.start("p", {}, OPERATOR)
    for _ in range(3):
        go(city, case, clock, 10)
    return case


def test_another_limit_is_told_in_the_ledger(city: City, clock: ManualClock) -> None:
    case = anew(city, clock)
    (row,) = laws.rows(city, clock_table, case)
    (entry,) = laws.rows(city, clock_entry, case)
    begun = row["started_at"]
    assert (row["amount"], row["unit"], row["entries"]) == ("5", "urgent_hour", 1)
    assert (entry["kind"], entry["amount"], entry["ground"]) == ("budget", "2", "urgent_hour")
    assert (entry["due_before"] - begun, entry["due_after"] - begun) == (timedelta(hours=2), timedelta(hours=5))
    (told,) = [each for each in city.trail(case) if each["kind"] == Event.CLOCK_BUDGET]
    assert (entry["seq"], entry["at"]) == (told["seq"], clock.now())
    assert (told["data"]["amount"], told["data"]["to"]) == ("2", "5")
    checkpoints.make(city.core)
    assert records.verify(city.core).findings == []
    laws.check(city, case)


@pytest.mark.parametrize("forged", ["amount", "limit", "gone"])
def test_another_limit_that_history_does_not_tell_is_found(city: City, clock: ManualClock, forged: str) -> None:
    case = anew(city, clock)
    checkpoints.make(city.core)
    with city.core.db.write() as connection:
        if forged == "gone":
            connection.execute(delete(clock_entry).where(clock_entry.c.instance_id == case))
        elif forged == "amount":
            connection.execute(update(clock_entry).where(clock_entry.c.instance_id == case).values(amount="4"))
        else:  # with the due time that goes with it
            later = laws.rows(city, clock_table, case)[0]["started_at"] + timedelta(hours=6)
            changed = update(clock_table).where(clock_table.c.instance_id == case)
            connection.execute(changed.values(amount="6", due_at=later))
    assert {found.kind for found in records.verify(city.core).findings} == {"row_differs"}
