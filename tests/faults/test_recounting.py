"""A new version of the calendars and many open clocks: each follows once, whoever is killed meanwhile. `CLOCKS=…` for other numbers."""

from __future__ import annotations

import os
import time
from datetime import date, timedelta

import pytest
from sqlalchemy import Table, func, literal_column, select, text, update

from engine import calendars
from engine.calendars import changes, editing
from engine.events import Event
from engine.tables import calendar_book, history, instance, task
from escalation import previewing, recounting
from escalation.tables import clock as clock_table
from tests import laws
from tests.bpmn.drawing import chain, end, ext, process, start, user
from tests.factories import OPERATOR, say
from web.city import City

ONE, OTHER = "shenjiahao", "tanwenbo"
STORM = date(2026, 6, 11)
WHO = '<ld:candidates post="operator"/>'


def crowd(city: City, count: int) -> None:
    """`count` cases with an open clock each, half of which no day off moves: copies of two real ones."""
    for key, unit in (("moves", "work_day"), ("stays", "urgent_day")):
        setting = ext(f'<ld:clock id="whole" budget="3" unit="{unit}"/>')
        parts = [setting, *start(), *user("A", settings=WHO), *end(), *chain("S", "A", "E")]
        city.deploy({f"{key}.bpmn": process(*parts, id=key)})
        case = city.start(key, {}, OPERATOR)
        with city.core.db.write() as connection:
            for table in (instance, task, clock_table):
                _copy(connection, table, case, count // 2 - 1, 1_000_000 if key == "moves" else 5_000_000)
    if city.core.db.postgresql:
        with city.core.db.write() as connection:
            connection.execute(text("ANALYZE instance, task, clock"))


def _copy(connection: object, table: Table, case: int, count: int, base: int) -> None:
    own = "id" if table is instance else "instance_id"
    values = {c.name: f'"{c.name}"' for c in table.columns if not c.computed}
    values[own] = f"{base} + n"
    if table is instance:
        values["number"] = f"'c' || ({base} + n)"
    names = ", ".join(f'"{name}"' for name in values)
    sql = (
        f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) "
        f"INSERT INTO {table.name} ({names}) SELECT {', '.join(values.values())} FROM {table.name}, numbers WHERE {own} = {case}"
    )
    connection.execute(text(sql))  # type: ignore[attr-defined]


def storm(text: str) -> str:
    given = ("qianjiang", "override", STORM.isoformat(), "", "holiday", "", "", "暴雨停工", "Storm", "市政府停工通知")
    return editing.put(text, dict(zip(calendars.COLUMNS, given, strict=True)))


def decided(city: City) -> dict[str, object]:
    """Draft, preview, approval; answers how long the preview took and what it said."""
    draft = changes.begin(city.core, ONE)
    changes.edit(city.core, draft, ONE, storm)
    began = time.perf_counter()
    shown = previewing.propose(city.core, draft, ONE, "台风", "市政府停工通知")
    seconds = time.perf_counter() - began
    changes.approve(city.core, draft, OTHER)
    return {"preview_seconds": round(seconds, 2), "later_foretold": shown["later"], "counted": shown["counted"]}


def followed(city: City, count: int, stops: int, limit: int = recounting.AT_ONCE) -> dict[str, object]:
    """Workers count until nothing is left; `stops` of them die with their lease in hand."""
    began = time.perf_counter()
    batches = 0
    while recounting.run_due(city.core, limit):
        batches += 1
        if batches <= stops:
            assert recounting._take(city.core, timedelta(seconds=30)) is not None
            assert recounting.run_due(city.core) == 0, "another worker is at it"
            with city.core.db.write() as connection:  # its lease is over
                connection.execute(update(calendar_book).values(lease_until=None))
    seconds = time.perf_counter() - began
    moved = count // 2
    with city.core.db.read() as connection:
        told = connection.execute(
            select(func.count(), func.count(func.distinct(history.c.instance_id))).where(
                history.c.kind == Event.CLOCK_MOVED
            )
        ).one()
        old = connection.execute(
            select(func.count()).select_from(clock_table).where(clock_table.c.calendar_version < 2)
        ).scalar_one()
        dues = connection.execute(select(func.count(func.distinct(clock_table.c.due_at)))).scalar_one()
        tasks = connection.execute(
            select(func.count())
            .select_from(task.join(clock_table, clock_table.c.instance_id == task.c.instance_id))
            .where(task.c.due_at != clock_table.c.due_at)
        ).scalar_one()
    assert tuple(told) == (count, count)  # one row each, also where the due time stayed
    assert (old, dues, tasks) == (0, 2, 0)
    book = changes.of_version(city.core, 2)
    assert book.moved is not None
    assert (book.moved["total"], book.moved["moved"], book.moved["later"]) == (count, moved, moved)
    return {"clocks": count, "moved": moved, "seconds": round(seconds, 1), "a_second": round(count / seconds)}


def test_sixty_clocks_follow_once(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    crowd(city, 60)
    shown = decided(city)
    assert (shown["later_foretold"], shown["counted"]) == (30, 30)
    say(capsys, **followed(city, 60, stops=2, limit=15))
    with city.core.db.read() as connection:
        some = connection.execute(select(clock_table.c.instance_id).order_by(literal_column("1")).limit(1)).scalar_one()
    assert laws.rows(city, clock_table, some)[0]["calendar_version"] == 2


@pytest.mark.faults
def test_fifty_thousand_clocks_follow_once(city: City, capsys: pytest.CaptureFixture[str]) -> None:
    count = int(os.environ.get("CLOCKS", "50000"))
    crowd(city, count)
    shown = decided(city)
    assert abs(int(str(shown["later_foretold"])) - count // 2) <= count // 100
    say(capsys, **shown, **followed(city, count, stops=3))
