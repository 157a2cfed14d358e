"""The supervision board of a large city: five thousand supervised matters on its pages, each once, counted whole, by what comes next."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Table, insert, select

from engine.clock import ManualClock
from engine.tables import instance, involvement, job, task
from escalation import board
from escalation.board import NO_RUNG, Wanted
from escalation.tables import clock as clock_table
from escalation.tables import rung
from tests.clocking import late
from tests.db.test_board import read
from tests.factories import say
from web.city import City

MANY, SOME = 5000, 300
KINDS = ("reminder", "urge", "yellow_card", "red_card", "supervise")
UNITS = ("water_supply", "drainage", "sanitation")
MOST_SECONDS = 20
"""A guard against what never ends, not a promise of speed: what it takes is printed."""


def many(city: City, clock: ManualClock, count: int = MANY) -> tuple[int, int]:
    """So many late cases under supervision, made as rows after a real one; each with a timer due at a time of its own.
    Answers the real case and its supervision."""
    case = late(city, clock)
    city.run_due()
    (line,) = read(city).lines
    assert line.supervision is not None
    own = int(line.supervision["id"])
    now = city.world().now
    with city.core.db.write() as connection:
        rows = {
            table: _rows(connection, table, one) for table, one in ((instance, case), (clock_table, case), (task, case))
        }
        rows |= {involvement: _rows(connection, involvement, case)[:1]}
        watch = _rows(connection, instance, own)[0]
        (climbed,) = _rows(connection, rung, own)
        (timer,) = (row for row in _rows(connection, job, own) if row["kind"] == "timer")
        made: dict[Table, list[dict[str, Any]]] = {t: [] for t in (*rows, rung, job)}
        for n in range(1, count):
            new, over = case + n * 10, own + n * 10
            unit_id = city.core.unit_id(UNITS[n % len(UNITS)])
            made[instance].append({**rows[instance][0], "id": new, "number": f"X-{n}", "title": f"事项 {n}"})
            facts = {**watch["facts"], "case_id": str(new)}
            made[instance].append({**watch, "id": over, "number": f"DB-{n}", "facts": facts})
            for table in (clock_table, task, involvement):
                changed = {"unit_id": unit_id} if table is not clock_table else {}
                made[table] += [{**row, "instance_id": new, **changed} for row in rows[table]]
            kind = KINDS[n % len(KINDS)]
            made[rung].append({**climbed, "instance_id": over, "case_id": new, "kind": kind, "unit_id": unit_id})
            at = now + timedelta(minutes=(n * 7919) % MANY - 60)
            made[job].append({**timer, "instance_id": over, "due_at": at})
        for table, some in made.items():
            for begin in range(0, len(some), 500):
                connection.execute(insert(table), some[begin : begin + 500])
    return case, own


def _rows(connection: Connection, table: Table, instance_id: int) -> list[dict[str, Any]]:
    column = table.c.id if table is instance else table.c.instance_id
    return [dict(row) for row in connection.execute(select(table).where(column == instance_id)).mappings()]


def test_five_thousand_are_all_on_its_pages(city: City, clock: ManualClock, capsys: pytest.CaptureFixture[str]) -> None:
    many(city, clock)
    began = time.perf_counter()
    first = read(city)
    seconds = time.perf_counter() - began
    say(capsys, board_of_5000_seconds=round(seconds, 2))
    assert seconds < MOST_SECONDS
    assert (first.counted.all, first.counted.late, first.counted.supervised, first.more) == (MANY, MANY, MANY, False)
    assert (len(first.lines), first.pages) == (board.PAGE, MANY // board.PAGE)
    per_unit = {city.core.unit_key(unit): red for unit, red, _ in first.units}
    assert sum(per_unit.values()) == MANY
    assert set(per_unit) == set(UNITS)
    lines, seen = [], set()
    for page in range(1, first.pages + 1, 9):
        found = read(city, page=page)
        assert (found.page, len(found.lines)) == (page, board.PAGE)
        lines += [min(one.at for one in line.nexts if one.at is not None) for line in found.lines]
        seen |= {line.case["id"] for line in found.lines}
    assert lines == sorted(lines), "what comes next comes first"
    assert len(seen) == len(lines), "nothing stands on two pages"
    assert read(city, page=10_000).page == first.pages


def test_they_are_counted_and_paged_as_they_are_filtered(city: City, clock: ManualClock) -> None:
    many(city, clock, SOME)
    drainage = city.core.unit_id("drainage")
    by_rung = {kind: read(city, rung=kind) for kind in (*KINDS, NO_RUNG)}
    assert sum(found.counted.all for found in by_rung.values()) == SOME
    assert by_rung["red_card"].counted.all == SOME // len(KINDS)
    assert {line.rung["kind"] for line in by_rung["red_card"].lines if line.rung} == {"red_card"}
    of_unit = board.read(city.core, city.actor("sunguoqing"), Wanted(unit=drainage, rung="urge"), city.world().now)
    assert {line.unit_id for line in of_unit.lines} == {drainage}
    assert (of_unit.counted.all, len(of_unit.lines), of_unit.pages) == (20, 20, 1)
    assert (read(city, light="red").counted.all, read(city, light="green").counted.all) == (SOME, 0)
