"""Many running permits change their version: each once, with what was left of every clock and timer, whoever is killed meanwhile.
`PERMITS=…` for another number in the long form."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import func, select, update

from engine.events import Event
from engine.migrating import deciding, plans, working
from engine.tables import history, process_migration, process_migration_item
from tests import changing, laws
from tests.changing import OTHER, deploy, drawn_up, improved, permits_at_work, remaining
from tests.factories import DESIGNER, say
from tests.faults.wrecking import ConnectionLost, wrecked
from web.city import City


def lease_over(city: City) -> None:
    """Who had the plan is dead, and its lease has run out; how often what was tried stands nowhere."""
    with city.core.db.write() as connection:
        connection.execute(update(process_migration).values(lease_until=None))
        connection.execute(update(process_migration_item).values(tries=0))


def tried(city: City, plan: int) -> float:
    began = time.perf_counter()
    while working.run_due(city.core):
        pass
    return time.perf_counter() - began


def approved(city: City) -> int:
    deploy(city, improved())
    plan = drawn_up(city)
    tried(city, plan)
    deciding.propose(city.core, plan, DESIGNER, "改按新版")
    deciding.approve(city.core, plan, OTHER)
    return plan


def once_each(city: City, count: int) -> None:
    """Nothing is lost and nothing was done twice."""
    query = select(func.count(), func.count(func.distinct(history.c.instance_id))).where(
        history.c.kind == str(Event.MIGRATED)
    )
    with city.core.db.read() as connection:
        assert tuple(connection.execute(query).one()) == (count, count)
    laws.check(city)


def test_killed_anywhere_and_gone_on_with(city: City) -> None:
    """At each of the points of one case's change the database goes: before a call, or after it was done and before anybody heard."""
    permits_at_work(city, 6)
    plan = approved(city)
    before = remaining(city)
    with wrecked(city.core.db) as counted:
        assert working.run_due(city.core, 1) == 1
    points = counted.point
    assert points > 10
    for at in range(0, points, max(1, points // 16)):
        lease_over(city)
        with suppress(ConnectionLost), wrecked(city.core.db, at):
            working.run_due(city.core, 1)
    lease_over(city)
    while working.run_due(city.core):
        pass
    found = plans.get(city.core, plan)
    assert (found.state, found.counts) == ("done", {"moved": 6})
    assert remaining(city) == before
    once_each(city, 6)


def test_two_workers_at_a_time_change_each_once(city: City) -> None:
    """One whose lease ran out while it worked goes on beside the other: nothing is done twice."""
    permits_at_work(city, 5)
    plan = approved(city)
    row = working._take(city.core, plan)
    assert row is not None
    assert working.run_due(city.core) == 0, "another worker is at it"
    lease_over(city)
    assert working.run_due(city.core, 3) == 3
    assert working._go_on(city.core, row, 5, None) == 0, "it is its no more"
    while working.run_due(city.core):
        pass
    assert plans.get(city.core, plan).counts == {"moved": 5}
    once_each(city, 5)


def dies_after(monkeypatch: pytest.MonkeyPatch, cases: int) -> None:
    """A worker that dies when a case was changed and nobody has written so yet."""
    left = [cases]
    keep = working._keep

    def dying(*args: Any) -> bool:
        left[0] -= 1
        if left[0] < 0:
            raise ConnectionLost("killed")
        return keep(*args)

    monkeypatch.setattr(working, "_keep", dying)


@pytest.mark.faults
def test_a_thousand_running_permits(
    city: City, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Remaining times are equal before and after, to the microsecond; three workers die on the way."""
    count = int(os.environ.get("PERMITS", "1000"))
    began = time.perf_counter()
    permits_at_work(city, count)
    made = time.perf_counter() - began
    before = remaining(city)
    deploy(city, improved())
    plan = drawn_up(city)
    trying = tried(city, plan)
    assert plans.get(city.core, plan).counts == {"fits": count}
    assert remaining(city) == before
    deciding.propose(city.core, plan, DESIGNER, "改按新版")
    deciding.approve(city.core, plan, OTHER)
    began = time.perf_counter()
    for dies_at in (count // 5, count // 4, count // 3):
        dies_after(monkeypatch, dies_at)
        with pytest.raises(ConnectionLost):
            working.run_due(city.core, count)
        monkeypatch.undo()
        lease_over(city)
    while working.run_due(city.core):
        pass
    carrying = time.perf_counter() - began
    assert plans.get(city.core, plan).counts == {"moved": count}
    after = remaining(city)
    assert after == before
    once_each(city, count)
    changing.lawful(city)
    clocks = sum(key[0] == "clock" for key in after)
    figures = {"making": round(made, 1), "dry_run": round(trying, 1), "migration": round(carrying, 1)}
    say(capsys, permits=count, clocks=clocks, timers=len(after) - clocks, **figures)
