"""On-time figures of real requests by department and month, computed from the file alone: the csv module, its columns, and the table that
says which unit stands for which department. Nothing of `escalation`, `engine` or the replay is used for them.

    ./run replay FILE    (--working-time: by the test mapping of limits)
    .venv/bin/python -m tests.on_time sqlite:///var/liandong.db FILE

compares them with the assessment's of the replay world: how many figures, and how many differ."""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests import recomputing

BOSTON = ZoneInfo("America/New_York")
DEPARTMENTS = Path(__file__).resolve().parent.parent / "processes" / "replay" / "boston" / "departments.csv"
NOBODY = "boston_unassigned"

Key = tuple[str, str]
"""A month and a unit: 2011-07, boston_pwd_lights."""


@dataclass
class Figures:
    """Of each month and unit: requests due to be closed, closed, and closed in time."""

    due: Counter[Key] = field(default_factory=Counter)
    closed: Counter[Key] = field(default_factory=Counter)
    in_time: Counter[Key] = field(default_factory=Counter)


def from_file(path: Path, *, working_time: bool = False) -> Figures:
    """A request is due in the month in which its target lies, unless it was closed in an earlier one: then it is due, and closed in
    time, in that month. It is in time when it was closed at its target or before it. `working_time`: the target is not the file's, but
    counted by `tests.recomputing` from when the replay says that it was filed, by the test mapping of limits."""
    limits = recomputing.limits()
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    found = Figures()
    units = _units()
    seen = set()
    for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")):
        opened, target, closed = (_time(row[name]) for name in ("open_dt", "target_dt", "closed_dt"))
        if row["case_enquiry_id"] in seen or opened is None or (closed and closed < opened):
            continue
        seen.add(row["case_enquiry_id"])
        if working_time:
            amount, unit = limits.get(row["type"].strip()) or limits["*"]
            target = recomputing.due(_filed(opened, closed), amount, unit)
        elif target is None or target < opened or target.year >= 2014:  # slips of the keyboard (data/SOURCES.md)
            continue
        unit = units(row["department"].strip(), row["queue"].strip())
        month = min(_month(target), _month(closed)) if closed else _month(target)
        key = (month, unit)
        found.due[key] += 1
        if closed and _month(closed) <= month:
            found.closed[key] += 1
            found.in_time[key] += closed <= target
    return found


def _units() -> Any:
    """By department and queue; else the unit that stands for most requests of the department."""
    with DEPARTMENTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    exact = {(row["department"], row["queue"]): row["unit"] for row in rows}
    whole: dict[str, str] = {}
    most: dict[str, int] = {}
    for row in rows:
        if int(row["rows_2011_07_08"] or 0) > most.get(row["department"], -1):
            most[row["department"]], whole[row["department"]] = int(row["rows_2011_07_08"] or 0), row["unit"]
    return lambda department, queue: exact.get((department, queue)) or whole.get(department, NOBODY)


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text.strip()).replace(tzinfo=BOSTON).astimezone(UTC) if text.strip() else None


def _filed(opened: datetime, closed: datetime | None) -> datetime:
    """A quarter of an hour after the opening, or at 3 % of the whole time where that is sooner (`web/replay/schedule.py`)."""
    span = closed - opened if closed else timedelta(days=1)
    return opened + min(timedelta(minutes=15), span * 0.03)


def _month(at: datetime) -> str:
    return f"{at.astimezone(BOSTON):%Y-%m}"


# ---------------------------------------------------------------- the assessment's


def from_city(city: Any, world: int, months: Iterator[str] | list[str]) -> Figures:
    """The same numbers as the assessment has them, of a replay world."""
    from sqlalchemy import select  # noqa: PLC0415

    from engine.tables import unit  # noqa: PLC0415
    from escalation.assessment import marking, periods, reporting  # noqa: PLC0415
    from escalation.assessment.editions import KEYS  # noqa: PLC0415
    from escalation.assessment.tallying import tally  # noqa: PLC0415
    from escalation.indicators import Period  # noqa: PLC0415

    found = Figures()
    with city.core.db.read() as connection:
        names = {row.id: row.key for row in connection.execute(select(unit.c.id, unit.c.key))}
        for month in months:
            span = periods.read(month, BOSTON)
            asked = reporting.asked(city.core, connection, Period(span.since, span.until), world, None)
            rows = connection.execute(marking.patterns(marking.live(connection, asked)))
            summed = tally(rows, KEYS, lambda place: place, ())
            for number, patterns in summed.units.items():
                counts = summed.numbers(patterns)
                for name, into in (("due", found.due), ("closed", found.closed), ("closed_in_time", found.in_time)):
                    if counts[name][1]:
                        into[month, names[number] if number else NOBODY] += counts[name][1]
    return found


def differences(path: Path, city: Any, world: int, *, working_time: bool = False) -> tuple[int, list[Any]]:
    """How many figures there are, and those that differ: what, month, unit, the file's and the assessment's."""
    ours = from_file(path, working_time=working_time)
    months = sorted({month for month, _ in ours.due})
    theirs = from_city(city, world, months)
    told, compared = [], 0
    for name in ("due", "closed", "in_time"):
        a, b = getattr(ours, name), getattr(theirs, name)
        for key in sorted({key for key in (*a, *b) if a[key] or b[key]}):
            compared += 1
            if a[key] != b[key]:
                told.append((name, *key, a[key], b[key]))
    return compared, told


def main(arguments: list[str]) -> int:
    """Print it."""
    from sqlalchemy import select  # noqa: PLC0415

    from engine.tables import world  # noqa: PLC0415
    from web.wiring import open_city  # noqa: PLC0415

    city = open_city(arguments[0])
    with city.core.db.read() as connection:
        worlds = connection.execute(select(world.c.id, world.c.name).where(world.c.kind == "replay")).all()
    bad = 0
    for number, name in worlds:
        compared, told = differences(Path(arguments[1]), city, number, working_time=" limits " in name)
        print(f"world {number}: {compared} figures of departments and months, {len(told)} differences")  # noqa: T201  a command
        for one in told[:20]:
            print(one)  # noqa: T201
        bad += len(told)
    city.close()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
