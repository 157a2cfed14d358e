"""Every due time and breach of a replay in working time, computed again by slow and obvious means: plain dates, one day after the other,
the notices of the State Council as the package chinesecalendar has them. Nothing of `engine.calendar`, `escalation.sla` or the replay
is used, only rows of the database, the diagram as text and the table of limits.

    ./run replay FILE --working-time
    .venv/bin/python -m tests.recomputing sqlite:///var/liandong.db

prints, for each world that was replayed with limits: how many clocks, how many of them late, and how many differ."""

from __future__ import annotations

import csv
import json
import sys
import xml.etree.ElementTree as ET
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar
from sqlalchemy import create_engine, text

ROOT = Path(__file__).resolve().parent.parent
DIAGRAM = ROOT / "processes" / "case_dispatch" / "case_dispatch.bpmn"
LIMITS = ROOT / "processes" / "replay" / "boston" / "test_limits.csv"
SHANGHAI = ZoneInfo("Asia/Shanghai")
LD = "{urn:liandong:bpmn:1}clock"

ROWS = text(
    "select c.instance_id, c.name, c.task_id, c.amount, c.unit, c.started_at, c.due_at, c.stopped_at, c.breached_at, i.facts,"
    " t.opened_at, t.closed_at from clock c join instance i on i.id = c.instance_id"
    " left join task t on t.instance_id = c.instance_id and t.id = c.task_id where i.world_id = :w order by c.instance_id"
)
STANDARDS = text("select row_key, data from register_row where register = 'boston/standards' and current")
FILED = text(
    "select h.instance_id, h.at from history h join instance i on i.id = h.instance_id"
    " where i.world_id = :w and h.node = 'File' and h.kind = 'completed'"
)
CLOSED = text(
    "select h.instance_id, h.at from history h join instance i on i.id = h.instance_id"
    " where i.world_id = :w and h.node = 'Close' and h.kind = 'completed'"
)
WORLDS = text("select id, now, name from world where kind = 'replay' and name like '% limits %'")


@dataclass
class Recomputed:
    """What came of a world. `differences`: clocks of which start, budget, due time, stop or breach is another."""

    world: int
    clocks: int = 0
    late: int = 0
    differences: list[dict[str, Any]] = field(default_factory=list)


def opening_hours(day: date) -> list[tuple[datetime, datetime]]:
    """The working hours of a day in Qianjiang; none on a day off."""
    if not chinese_calendar.is_workday(day):
        return []
    summer = 6 <= day.month <= 8
    noon = [(9, 0), (12, 0), (14, 30), (18, 0)] if summer else [(9, 0), (12, 0), (13, 30), (17, 30)]
    a, b, c, d = (datetime.combine(day, time(*each), SHANGHAI) for each in noon)
    return [(a, b), (c, d)]


def due(start: datetime, amount: float, unit: str) -> datetime:
    """When `amount` of a unit from `start` is over."""
    start = start.astimezone(SHANGHAI)
    if unit == "urgent_hour":
        return start + timedelta(hours=amount)
    if unit == "natural_day":
        return start + timedelta(days=amount)
    if unit == "work_hour":
        return _after_hours(start, timedelta(hours=amount))
    if unit == "work_day":
        return _after_days(start, int(amount))
    raise ValueError(unit)


def _after_hours(start: datetime, left: timedelta) -> datetime:
    """Walk through the hours, one span after the other, until nothing is left."""
    day = start.date()
    while True:
        for opens, closes in opening_hours(day):
            begin = max(start, opens)
            if begin < closes:
                if begin + left <= closes:
                    return begin + left
                left -= closes - begin
        day += timedelta(days=1)


def _after_days(start: datetime, days: int) -> datetime:
    """The same clock time so many working days on. Started outside of working hours, it is as if started at the next opening."""
    day = start.date()
    while not any(start <= closes for _, closes in opening_hours(day)):
        day += timedelta(days=1)
    begin = next(max(start, opens) for opens, closes in opening_hours(day) if start <= closes)
    while days:
        day += timedelta(days=1)
        days -= bool(opening_hours(day))
    wanted = datetime.combine(day, begin.timetz().replace(tzinfo=None), SHANGHAI)
    for opens, closes in opening_hours(day):
        if wanted <= closes:
            return max(wanted, opens)  # in the noon break: when that ends
    return opening_hours(day)[-1][1]  # after closing: the closing


def promises() -> dict[str, tuple[float, str]]:
    """Clocks whose budget the diagram writes as numbers."""
    found = {}
    for each in ET.parse(DIAGRAM).getroot().iter(LD):
        budget = each.get("budget", "")
        if not budget.startswith("=") and budget:
            found[each.get("id", "")] = (float(budget), each.get("unit", ""))
    return found


def limits() -> dict[str, tuple[float, str]]:
    """The test mapping, by type."""
    with LIMITS.open(encoding="utf-8", newline="") as file:
        return {row["type"]: (float(row["amount"]), row["unit"]) for row in csv.DictReader(file)}


def recompute(url: str) -> list[Recomputed]:
    """Every world of a database that was replayed with limits."""
    engine = create_engine(url)
    with closing(engine.connect()) as connection:
        found = [_world(connection, w.id, _time(w.now)) for w in connection.execute(WORLDS)]
    engine.dispose()
    return found


def _world(connection: Any, world: int, now: datetime | None) -> Recomputed:
    fixed, by_type = promises(), limits()
    names = {r.row_key: _json(r.data)["small_name"] for r in connection.execute(STANDARDS)}
    filed = {r.instance_id: _time(r.at) for r in connection.execute(FILED, {"w": world})}
    closed = {r.instance_id: _time(r.at) for r in connection.execute(CLOSED, {"w": world})}
    found = Recomputed(world)
    for row in connection.execute(ROWS, {"w": world}):
        found.clocks += 1
        code = _json(row.facts).get("standard_code")
        own = by_type.get(names.get(code, "*")) or by_type["*"]
        amount, unit = fixed.get(row.name, own)
        began = _time(row.opened_at) if row.task_id else filed.get(row.instance_id)
        ended = _time(row.closed_at) if row.task_id else closed.get(row.instance_id)
        assert began is not None
        ends = due(began, amount, unit)
        late = (ended or now or began) > ends
        found.late += late
        ours = (began, ends, ended, ends if late else None, amount, unit)
        theirs = (
            *(_time(t) for t in (row.started_at, row.due_at, row.stopped_at, row.breached_at)),
            float(row.amount),
            row.unit,
        )
        if ours != theirs:
            found.differences.append({"clock": (row.instance_id, row.name), "ours": ours, "theirs": theirs})
    return found


def _time(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def main(arguments: list[str]) -> int:
    """Print it."""
    bad = 0
    for each in recompute(arguments[0]):
        print(f"world {each.world}: {each.clocks} clocks, {each.late} late, {len(each.differences)} differences")  # noqa: T201  a command
        for one in each.differences[:20]:
            print(one)  # noqa: T201
        bad += len(each.differences)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
