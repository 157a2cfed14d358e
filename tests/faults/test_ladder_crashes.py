"""A crash before and after every database call from a breach to its ladder: repeated, there is one ladder. Two workers begin one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from engine import jobs
from engine.clock import ManualClock
from engine.tables import instance, job
from escalation.tables import rung
from tests import laws
from tests.conftest import A_WORKING_MORNING
from tests.factories import case_at, say
from tests.faults.scenes import _sweep
from tests.faults.wrecking import ConnectionLost, wrecked
from tests.stories.test_ladder import ladder_of
from web.city import City

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Stage:
    """`prepare` answers the case; `act` is what a worker or a person does next, and can be done again."""

    name: str
    prepare: Callable[[City], int]
    act: Callable[[City, int], object]


def _late(city: City) -> int:
    assert isinstance(city.core.clock, ManualClock)
    city.core.clock.set(A_WORKING_MORNING)
    case = case_at(city, "Handle")
    city.core.clock.advance(2 * HOUR + timedelta(seconds=1))
    return case


def _breached(city: City) -> int:
    case = _late(city)
    _sweep(city, case)
    return case


def _run_jobs(kind: str) -> Callable[[City, int], int]:
    """Carry out what is due of one instance, as a worker that may die; what others left lying is not looked at."""

    def act(city: City, case: int) -> int:
        with city.core.db.write() as connection:
            connection.execute(update(job).where(job.c.instance_id == case).values(lease_until=None))
        for leased in jobs.lease(city.core, 10_000):
            if (leased.instance_id, leased.kind) == (case, kind):
                jobs.execute(city.core, leased)
        return case

    return act


STAGES = (
    Stage("a breach", _late, _sweep),
    Stage("the ladder begins", _breached, _run_jobs("send")),
)


def state(city: City, case: int) -> tuple[object, ...]:
    """What must be there once: the supervisions of a case with where they stand, and their rungs."""
    with city.core.db.read() as connection:
        ladders = [
            row
            for row in connection.execute(
                select(instance.c.id, instance.c.facts, instance.c.status).where(instance.c.key == "supervision")
            )
            if row.facts.get("case_id") == str(case)
        ]
        ids = [row.id for row in ladders]
        rungs = connection.execute(
            select(rung.c.kind, rung.c.outcome)
            .where(rung.c.instance_id.in_(ids))
            .order_by(rung.c.instance_id, rung.c.id)
        ).all()
        waiting = connection.execute(
            select(job.c.kind, job.c.node).where(job.c.instance_id.in_([case, *ids])).order_by(job.c.kind, job.c.node)
        ).all()
    tasks = sorted(t.node for one in ids for t in city.tasks(one))
    return (
        len(ladders),
        tuple(tuple(row) for row in rungs),
        tuple(tasks),
        tuple(tuple(row) for row in waiting),
        sum(row["kind"] == "breached" for row in city.trail(case)),
    )


@pytest.mark.faults
@pytest.mark.parametrize("stage", STAGES, ids=lambda s: s.name)
def test_each_rung_is_climbed_once(city: City, stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    given = stage.prepare(city)
    before = state(city, given)
    with wrecked(city.core.db) as wreck:
        stage.act(city, given)
    whole = state(city, given)
    assert whole != before
    crashed = 0
    for point in range(wreck.point):
        given = stage.prepare(city)
        with wrecked(city.core.db, point):
            try:
                stage.act(city, given)
            except ConnectionLost:
                crashed += 1
        stage.act(city, given)
        assert state(city, given) == whole, f"{stage.name}: after a crash at point {point}, {wreck.names[point]}"
        stage.act(city, given) if stage.name == "a breach" else None
        assert state(city, given) == whole, f"{stage.name}: repeated, it is not the same"
    laws.check(city)
    say(capsys, points=wreck.point, crashed=crashed)


def test_two_workers_begin_one_ladder(city: City) -> None:
    """Both have looked for a taker before either has begun: the second finds the place taken, and its message is noted in the first."""
    case = _breached(city)
    first, second = [each for each in jobs.lease(city.core, 100) if each.kind == "send"][:2]
    jobs.execute(city.core, first)
    jobs.execute(city.core, second)
    city.run_due()
    assert state(city, case)[0] == 1
    assert city.instance(ladder_of(city, case))["facts"]["breaches_noted"] == 1
    laws.check(city)
