"""Clocks in every state, as tests of their pages need them: made by real steps of the city's own process."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from engine import effects, steps
from engine.clock import ManualClock
from engine.events import Event
from engine.steps import Reply, Seen
from engine.tables import person, unit
from engine.writes import WriteSet
from escalation import sweep
from escalation.ledger import Ground, Ledger
from escalation.tables import clock as clock_table
from tests.factories import HANDLER, LEADER, case_at, do
from web.city import City

BASIS = "《城市管理执法办法》第三十条（测试）"


def change(city: City, case: int, act: str, *more: Any, name: str) -> None:
    """Something done with a clock in a step, as the requests of the city do it: `pause`, `resume` or `extend`."""

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        row = next(r for r in seen.extra[clock_table.name] if r["name"] == name)
        getattr(Ledger(city.core, seen, writes), act)(row, *more)
        return {}

    steps.run(city.core, case, plan)


def shelve(city: City, case: int, until: datetime) -> None:
    """The first clock of a case gets more time, and stands until then, as a request about it asked."""
    with city.core.db.read() as connection:
        query = select(clock_table.c.name).where(clock_table.c.instance_id == case, clock_table.c.stopped_at.is_(None))
        name = connection.execute(query.order_by(clock_table.c.name).limit(1)).scalar_one()
    asked(city, case, name)
    change(city, case, "extend", Decimal(2), replace(ground(city, "待水位下降"), request=case), name=name)
    why = replace(ground(city, "须待汛期结束", "shelved"), request=case)
    change(city, case, "pause", why, until, name=name)


def asked(city: City, case: int, name: str) -> None:
    """Its history tells that the handler asked; the case stands for the request."""
    why = ground(city, "")
    data = {"request": str(case), "kind": "extension", "clock": name, "by": why.asked_by, "unit": why.asked_unit}

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        effects.record(seen, writes, Event.CLOCK_ASKED, data=data)
        return {}

    steps.run(city.core, case, plan)


def ground(city: City, reason: str, kind: str | None = None) -> Ground:
    """Asked by the unit's handler, approved by the shift leader."""
    with city.core.db.read() as connection:
        people = dict(connection.execute(select(person.c.login, person.c.id)).all())
        units = dict(connection.execute(select(unit.c.key, unit.c.id)).all())
    return Ground(
        reason,
        kind,
        BASIS,
        "潜城管〔2026〕12 号",
        people[HANDLER],
        units["water_supply"],
        people[LEADER],
        units["supervision_centre"],
    )


def shelved(city: City, clock: ManualClock) -> int:
    """A case at its unit, extended once, then shelved for a month."""
    case = case_at(city, "File")
    do(city, case, "File", standard_code="C-0101-3")  # 2 working days
    for node in ("Dispatch", "SignFor"):
        do(city, case, node)
    clock.advance(timedelta(hours=5))
    change(city, case, "extend", Decimal(2), ground(city, "汛期地下水位高，须待水位下降"), name="handle")
    clock.advance(timedelta(hours=1))
    for name in ("case", "handle"):
        why = ground(city, "须待汛期结束", "shelved")
        change(city, case, "pause", why, clock.now() + timedelta(days=30), name=name)
    clock.advance(timedelta(hours=2))
    return case


def late(city: City, clock: ManualClock) -> int:
    """A case that was paused for a hearing, went on, and whose unit is late now."""
    case = case_at(city, "Handle")
    clock.advance(timedelta(minutes=30))
    change(city, case, "pause", ground(city, "等待听证", "hearing"), name="handle")
    clock.advance(timedelta(hours=3))
    change(city, case, "resume", ground(city, "听证结束"), name="handle")
    clock.advance(timedelta(days=2))
    sweep.breaches(city.core)  # the fact alone: nobody has begun to supervise it yet
    return case


def bounced(city: City, clock: ManualClock) -> int:
    """A case that came back to the dispatcher and went out again."""
    case = case_at(city, "SignFor")
    clock.advance(timedelta(minutes=20))
    do(city, case, "SignFor", sign_decision="return", return_reason="not_ours", return_note="此井盖属排水单位")
    clock.advance(timedelta(minutes=40))
    do(city, case, "Dispatch")
    clock.advance(timedelta(minutes=10))
    return case
