"""协办: each unit that assists is handed the case with two clocks of its own; what it is late with is its own lateness, nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from engine.clock import ManualClock
from engine.tables import LIVE, notice
from escalation import board
from escalation.tables import clock as clock_table
from tests.factories import case_at, do, task_at
from tests.laws import check, rows
from tests.stories.test_ladder import ZHU, ladder_of, rungs
from web.city import City

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
GAS = "wangqiansheng"


def assisted(city: City) -> int:
    case = case_at(city, "File")
    do(city, case, "File", standard_code="C-0201-2")
    do(city, case, "Dispatch", assisting_units=["gas_supply"])
    do(city, case, "SignFor")
    return case


def clock_of(city: City, case: int, name: str) -> dict[str, Any]:
    (found,) = [row for row in rows(city, clock_table, case) if row["name"] == name]
    return found


def test_both_hand_overs_have_the_same_term_to_sign(city: City) -> None:
    case = assisted(city)
    model = city.definition("case_dispatch").model
    (lead,), (other,) = (model.nodes[node].settings.clocks for node in ("SignFor", "AssistSign"))
    assert (lead.budget, lead.unit, lead.warn, lead.breach, lead.remind) == (
        other.budget,
        other.unit,
        other.warn,
        other.breach,
        other.remind,
    )
    first, second = clock_of(city, case, "sign"), clock_of(city, case, "assist_sign")
    assert (first["amount"], first["unit"]) == (second["amount"], second["unit"]) == ("0.5", "urgent_hour")
    city.complete(task_at(city, case, "AssistSign"), {}, GAS)
    handle, assist = clock_of(city, case, "handle"), clock_of(city, case, "assist")
    assert float(assist["amount"]) * 2 == float(handle["amount"])
    assert assist["unit"] == handle["unit"]


def test_who_does_not_sign_for_it_is_reminded_and_supervised_itself(city: City, clock: ManualClock) -> None:
    case = assisted(city)
    task = task_at(city, case, "AssistSign")
    due = clock_of(city, case, "assist_sign")["due_at"]
    assert task.due_at == due  # what the inbox is sorted by
    city.advance(HOUR / 2 - SECOND)
    assert ladder_of(city, case) == 0
    assert "reminded" in [row["kind"] for row in city.trail(case)]  # its last quarter began
    city.advance(2 * SECOND)
    ladder = ladder_of(city, case)
    (first,) = rungs(city, ladder)
    assert (first["kind"], city.core.unit_key(first["unit_id"])) == ("reminder", "gas_supply")
    with city.core.db.read() as connection:
        people = connection.execute(
            select(notice.c.person_id).where(notice.c.instance_id == ladder, notice.c.kind == "reminder")
        ).scalars()
        assert {city.actor(who).login for who in people} == {GAS}
    (line,) = board.read(city.core, city.actor(ZHU), board.Wanted(), clock.now(), LIVE).lines
    assert [(city.core.unit_key(row["unit_id"]), row["name"]) for row in line.late] == [("gas_supply", "assist_sign")]
    city.complete(task_at(city, case, "AssistSign"), {}, GAS)
    city.run_due()
    assert city.instance(ladder)["outcome"] == "EndResolved"
    check(city)


def test_who_does_not_assist_in_half_the_term_is_late_and_the_lead_is_not(city: City, clock: ManualClock) -> None:
    case = assisted(city)
    city.complete(task_at(city, case, "AssistSign"), {}, GAS)
    clock.set(clock_of(city, case, "assist")["due_at"] + SECOND)
    city.run_due()
    assert clock_of(city, case, "assist")["breached_at"] is not None
    assert clock_of(city, case, "handle")["breached_at"] is None
    ladder = ladder_of(city, case)
    assert {city.core.unit_key(r["unit_id"]) for r in rungs(city, ladder)} == {"gas_supply"}
    do(city, case, "Handle")  # the lead answers, and what others had not done is taken back
    city.run_due()
    assert clock_of(city, case, "assist")["stopped_at"] is not None
    assert clock_of(city, case, "assist")["breached_at"] is not None, "late stays late"
    assert city.instance(ladder)["outcome"] == "EndResolved"
    check(city)
