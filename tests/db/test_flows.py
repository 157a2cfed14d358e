"""The live picture's numbers: equal to a slow recount of the raw rows, and of what the reader sees only."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from engine import definitions, worlds
from engine.bpmn.model import Kind
from engine.clock import ManualClock
from engine.queries import flow_waits, flows, listing
from engine.queries.flows import Asked
from engine.queries.listing import Wanted
from engine.tables import LIVE, history, instance, recusal, task
from escalation import sla, step_times
from escalation.clocks import from_row
from escalation.lights import calendar_of
from escalation.tables import clock
from tests.bench.story import LOOP, OLD, PROCESS, YOUNG, Walker
from tests.factories import HANDLER, LEADER, OTHER_LEADER, STRANGER
from web.city import City

VERIFY, FILE, SEND = YOUNG


@pytest.fixture
def month(city: City, clock: ManualClock) -> Asked:
    """Cases everywhere on their way: closed, sent back twice, voided, waiting at several steps, one late."""
    walker = Walker(city)
    closed, back, voided, open_, fresh = (walker.start() for _ in range(5))
    walker.walk(closed, (*YOUNG, *OLD))
    clock.advance(timedelta(minutes=7))
    walker.walk(back, (*YOUNG, *LOOP, *LOOP))
    clock.advance(timedelta(minutes=13))
    for case in (voided, open_):
        walker.walk(case, (VERIFY,))
    walker.walk(voided, (("File", {"file_decision": "void", "void_reason": "重复上报"}),))
    walker.walk(open_, (FILE, SEND, *OLD[:2]))
    clock.advance(timedelta(hours=4))
    walker.walk(back, OLD[:1])
    city.run_due()
    del fresh
    now = worlds.get(city.core).now
    return Asked(PROCESS, now - timedelta(days=2), now + timedelta(seconds=1))


def rows(city: City, table: Any) -> list[dict[str, Any]]:
    with city.core.db.read() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def recount(city: City, asked: Asked) -> Counter[str]:
    """Every row read and counted one by one."""
    ours = {row["id"] for row in rows(city, instance) if row["key"] == asked.key and row["world_id"] == asked.world}
    found: Counter[str] = Counter()
    for row in rows(city, history):
        if row["instance_id"] in ours and asked.since <= row["at"] < asked.until:
            found.update(name for name in (row["data"] or {}).get("path", ()) if "/" not in name)
    return found


def passes_are_those_of_the_raw_rows(city: City, month: Asked) -> None:
    actor = city.actor(LEADER)
    told = flows.passed(city.core, flows.patterns(city.core, actor, month))
    assert told.nodes == recount(city, month)
    assert told.nodes["Verify"] == 4
    assert told.nodes["SignFor"] == 5
    assert not told.untold
    early = Asked(PROCESS, month.since, month.since + timedelta(hours=1))
    assert flows.passed(city.core, flows.patterns(city.core, actor, early)).nodes == recount(city, early) == Counter()


def flows_keep_every_token(city: City, month: Asked) -> None:
    """What comes into a node is what left it or is there; what leaves a choice are as many flows as it was passed."""
    told = flows.passed(city.core, flows.patterns(city.core, city.actor(LEADER), month))
    model = definitions.newest(city.core, PROCESS).model
    here = Counter(row["node"] for row in rows(city, task) if row["state"] == "open")
    assert sum(told.flows.values()) > 40
    for node in model.nodes.values():
        if node.incoming and node.parent is None and node.kind is not Kind.BOUNDARY:
            came = sum(told.flows[flow] for flow in node.incoming)
            assert came == told.nodes[node.id] + here[node.id], node.id
        if node.outgoing and node.kind is Kind.EXCLUSIVE:
            assert sum(told.flows[flow] for flow in node.outgoing) == told.nodes[node.id], node.id


def each_number_opens_to_its_cases(city: City, month: Asked) -> None:
    actor = city.actor(LEADER)
    told = flows.passed(city.core, flows.patterns(city.core, actor, month))
    by_case: dict[str, set[int]] = {}
    for row in rows(city, history):
        for name in (row["data"] or {}).get("path", ()):
            by_case.setdefault(name, set()).add(row["instance_id"])
    for element, times in told.nodes.items():
        counted, condition = flows.went_over(city.core, actor, month, element)
        assert counted == times
        assert found(city, actor, condition) == by_case[element], element
    model = definitions.newest(city.core, PROCESS).model
    for element, times in told.flows.items():
        counted, condition = flows.went_over(city.core, actor, month, element)
        assert counted == times
        cases = found(city, actor, condition)
        assert cases
        assert cases <= by_case[model.flows[element].source]


def found(city: City, actor: Any, condition: Any) -> set[int]:
    return {row["id"] for row in listing.everything(city.core, actor, Wanted(more=(condition,)), 1_000)}


def what_waits_and_is_late(city: City, month: Asked) -> None:
    actor, now = city.actor(LEADER), worlds.get(city.core).now
    told = flow_waits.waiting(city.core, actor, month, now)
    open_ = [row for row in rows(city, task) if row["state"] == "open"]
    assert {node: one.waiting for node, one in told.items()} == Counter(row["node"] for row in open_)
    late = Counter(row["node"] for row in open_ if row["due_at"] and row["due_at"] < now)
    assert late
    assert {node: one.late for node, one in told.items() if one.late} == late
    for node, one in told.items():
        assert one.since == min(row["opened_at"] for row in open_ if row["node"] == node)
        with city.core.db.read() as connection:
            waits = flow_waits.waits_at(city.core, connection, month, node)
            are_late = flow_waits.waits_at(city.core, connection, month, node, late_at=now)
        assert found(city, actor, waits) == {row["instance_id"] for row in open_ if row["node"] == node}
        assert len(found(city, actor, are_late)) == one.late


def times_are_those_of_the_raw_rows(city: City, month: Asked) -> None:
    told = flows.lasted(city.core, city.actor(LEADER), month)
    spans: dict[str, list[float]] = {}
    for row in rows(city, task):
        if row["state"] == "completed":
            spans.setdefault(row["node"], []).append((row["closed_at"] - row["opened_at"]).total_seconds())
    assert set(told) == set(spans)
    for node, several in spans.items():
        several.sort()
        one = told[node]
        assert one.times == len(several)
        assert one.median == pytest.approx(several[-(-len(several) * 5 // 10) - 1], abs=0.01)
        assert one.p90 == pytest.approx(several[-(-len(several) * 9 // 10) - 1], abs=0.01)
    working = step_times.counted(city.core, city.actor(LEADER), month)
    (handled,) = working["Handle"]
    ours = [row for row in rows(city, clock) if row["name"] == "handle" and row["stopped_at"] is not None]
    used = sorted(used_of(city, from_row(row), month) for row in ours)
    assert (handled.times, handled.median) == (len(used), used[-(-len(used) * 5 // 10) - 1])


def used_of(city: City, one: sla.SlaClock, month: Asked) -> Decimal:
    calendar = calendar_of(city.core, one)
    assert calendar is not None
    return sla.used(one, calendar, month.until).amount


def only_what_the_reader_sees(city: City, month: Asked) -> None:
    for login, cases in ((STRANGER, 0), (HANDLER, 3)):  # 3 came to the water company
        actor = city.actor(login)
        told = flows.passed(city.core, flows.patterns(city.core, actor, month))
        assert told.nodes["Verify"] == cases, login
        waits = flow_waits.waiting(city.core, actor, month, worlds.get(city.core).now)
        assert bool(waits) is bool(cases)
        assert bool(flows.lasted(city.core, actor, month)) is bool(cases)
        assert bool(step_times.counted(city.core, actor, month)) is bool(cases)


def test_every_number_equals_a_slow_recount(city: City, month: Asked) -> None:
    passes_are_those_of_the_raw_rows(city, month)
    flows_keep_every_token(city, month)
    what_waits_and_is_late(city, month)
    times_are_those_of_the_raw_rows(city, month)
    each_number_opens_to_its_cases(city, month)
    only_what_the_reader_sees(city, month)


def test_other_worlds_confidential_and_recused_cases_are_in_no_number(city: City, month: Asked) -> None:
    leader = city.actor(OTHER_LEADER)  # sees all cases, and has worked none
    before = flows.passed(city.core, flows.patterns(city.core, leader, month)).nodes["Verify"]
    drill = worlds.create(city.core, "drill", "演练", datetime(2026, 6, 10, tzinfo=UTC))
    ids = sorted({row["instance_id"] for row in rows(city, history) if row["kind"] == "completed"})
    with city.core.db.write() as connection:
        connection.execute(update(instance).where(instance.c.id == ids[0]).values(world_id=drill.id))
        connection.execute(update(instance).where(instance.c.id == ids[1]).values(confidential=True))
        home = next(iter(leader.home_units))
        connection.execute(insert(recusal).values(instance_id=ids[2], unit_id=home))
        connection.execute(update(instance).where(instance.c.id == ids[2]).values(starter_id=None))
    after = flows.passed(city.core, flows.patterns(city.core, leader, month)).nodes["Verify"]
    assert (before, after) == (4, 1)
    waits = flow_waits.waiting(city.core, leader, month, worlds.get(city.core).now)
    seen = {row["id"] for row in listing.everything(city.core, leader, Wanted(world=LIVE), 100)}
    open_ = [row for row in rows(city, task) if row["state"] == "open" and row["instance_id"] in seen]
    assert {node: one.waiting for node, one in waits.items()} == Counter(row["node"] for row in open_)
