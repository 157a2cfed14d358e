"""A case whose term stands is green, neither due nor late; closed while it stands, it is closed in time."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select, update

from engine.clock import ManualClock
from engine.tables import instance
from escalation import filters, indicators, lights, sweep
from escalation.indicators import Period
from escalation.sla import Light
from escalation.tables import clock as clock_table
from tests.clocking import shelved
from tests.factories import LEADER, do
from web.city import City


def counted(city: City, key: str, period: Period) -> int:
    one = indicators.count(key)
    assert one is not None
    with city.core.db.read() as connection:
        query = select(func.count()).select_from(instance).where(one.condition(period))
        return int(connection.execute(query).scalar_one())


def colours(city: City, case: int) -> list[Light]:
    with city.core.db.read() as connection:
        now = city.world().now
        return [
            colour
            for colour in Light
            if connection.execute(
                select(instance.c.id).where(instance.c.id == case, filters.light(colour, now))
            ).first()
        ]


def test_a_case_that_stands_is_neither_due_nor_late(city: City, clock: ManualClock) -> None:
    period = Period(clock.now() - timedelta(days=1), clock.now() + timedelta(days=25))
    case = shelved(city, clock)
    clock.advance(timedelta(days=20))
    assert sweep.breaches(city.core) == 0
    assert colours(city, case) == [Light.GREEN]
    assert lights.of_cases(city.core, [case], city.world().now)[case].colour == "green"
    assert (counted(city, "due", period), counted(city, "missed", period)) == (0, 0)
    for node in ("Handle", "Feedback", "Check"):
        do(city, case, node)
    do(city, case, "Close", LEADER)
    assert (counted(city, "due", period), counted(city, "closed_in_time", period)) == (1, 1)
    assert colours(city, case) == [Light.GREEN]


def test_every_case_has_one_light(city: City, clock: ManualClock) -> None:
    case = shelved(city, clock)
    for stands in (True, False):
        with city.core.db.write() as connection:
            if not stands:
                connection.execute(
                    update(clock_table)
                    .where(clock_table.c.instance_id == case)
                    .values(paused_at=None, paused_until=None, due_at=None)
                )
        assert colours(city, case) == [Light.GREEN if stands else Light.NONE]
