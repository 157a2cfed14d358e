"""The supervision board: who is late, on which rung, what comes next and when. Read from late clocks (`ix_clock_late`), soon due ones
(`ix_clock_due`) and the supervisions that are open, as far as the reader sees their cases; what is confidential is never on it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from engine import access
from engine.people import Actor
from engine.tables import LIVE, instance, job, task
from escalation import holders
from escalation.tables import clock, rung

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

SUPERVISION: Final = "supervision"
"""The process whose instances are supervisions."""

MOST = 200
"""Cases on the board; the most urgent."""
MOST_LOOKED_AT = 2000
"""Clocks that are looked at for the counts by unit: the most urgent."""
NO_RUNG = "none"
"""The filter for cases that nobody has done anything about yet."""

_OPEN = ("active", "suspended")
_CASE = ("id", "number", "title", "grade", "area", "place", "key", "definition_id", "unit_id", "status", "started_at")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader wants to see: of a late unit, on a rung (`NO_RUNG`: none yet), of a grade."""

    unit: int | None = None
    rung: str = ""
    grade: str = ""


@dataclass(frozen=True, slots=True)
class Next:
    """What happens next in a supervision: somebody's act (`task` is its row), or by itself at `at` (a timer)."""

    node: str
    definition_id: int
    at: datetime | None
    task: Row | None = None


@dataclass(slots=True)
class Line:
    """A case on the board. `late`: its late clocks, longest late first; none where it is supervised though nothing is late. A matter that
    was raised by hand and is about no one case stands there itself: `case` is its own row."""

    case: Row
    late: list[Row] = field(default_factory=list)
    unit_id: int | None = None
    rung: Row | None = None
    rungs: int = 0
    supervision: Row | None = None
    nexts: list[Next] = field(default_factory=list)

    @property
    def since(self) -> datetime | None:
        """Since when it is late."""
        return min((row["breached_at"] for row in self.late), default=None)


@dataclass(frozen=True, slots=True)
class Board:
    """The lines, most urgent first; `more`: there are others behind them."""

    lines: list[Line]
    more: bool


def read(core: Core, actor: Actor, wanted: Wanted, world: int = LIVE) -> Board:
    """The board as this reader sees it: what is late longest first, then what is supervised though nothing is late, newest first."""
    with core.db.read() as connection:
        seen = access.visible(connection, actor)
        lines = _late(connection, seen, wanted, world)
        more = len(lines) > MOST
        supervisions = _supervisions(connection, seen, world)
        named = _named(connection, supervisions, seen, world)
        by_case = {case: row for row in reversed(supervisions) if (case := named.get(row["id"])) is not None}
        missing = [case for case in by_case if case not in lines]
        lines |= _others(connection, seen, missing, wanted, {c: by_case[c] for c in missing})
        lines |= _raised(core, [row for row in supervisions if row["id"] not in named], wanted)
        _climbed(connection, lines, by_case, {row["id"] for row in supervisions}, seen)
        for case_id, line in lines.items():
            line.supervision = by_case.get(case_id) or line.supervision
        _nexts(connection, lines.values())
    shown = [line for line in lines.values() if _on_rung(line, wanted.rung)]
    return Board(shown[:MOST], more or len(shown) > MOST)


def units(core: Core, actor: Actor, now: datetime, world: int = LIVE) -> list[tuple[int | None, int, int]]:
    """For each unit how many of its cases are red and how many yellow, the most red first: of the most urgent `MOST_LOOKED_AT` clocks
    of either colour."""
    with core.db.read() as connection:
        seen = access.visible(connection, actor)
        c = clock.c
        red = select(c.instance_id, c.task_id).where(
            c.world_id == world, c.stopped_at.is_(None), c.breached_at.is_not(None)
        )
        soon = and_(c.world_id == world, c.stopped_at.is_(None), c.breached_at.is_(None), c.due_at >= now)
        near = (
            select(c.instance_id, c.task_id, c.warn_at).where(soon).order_by(c.due_at).limit(MOST_LOOKED_AT).subquery()
        )
        yellow = select(near.c.instance_id, near.c.task_id).where(near.c.warn_at <= now)
        found: dict[int | None, list[int]] = {}
        for place, query in enumerate((red.order_by(c.breached_at).limit(MOST_LOOKED_AT), yellow)):
            for unit_id, count in connection.execute(_counted(query, seen)):
                found.setdefault(unit_id, [0, 0])[place] = count
    rows = [(unit, red, yellow) for unit, (red, yellow) in found.items()]
    return sorted(rows, key=lambda row: (-row[1], -row[2], row[0] or 0))


# ---------------------------------------------------------------- inside


def _counted(query: Select[Any], seen: ColumnElement[bool]) -> Select[Any, int]:
    """Cases of these clocks by the unit that has them."""
    some = query.subquery()
    unit = holders.of_clock()
    return (
        select(unit, func.count(instance.c.id.distinct()))
        .select_from(some)
        .join(instance, instance.c.id == some.c.instance_id)
        .outerjoin(task, and_(task.c.instance_id == some.c.instance_id, task.c.id == some.c.task_id))
        .where(_shown(), seen)
        .group_by(unit)
    )


def _shown() -> ColumnElement[bool]:
    """What belongs on the board at all: open, no supervision itself, and not confidential."""
    return and_(instance.c.status.in_(_OPEN), instance.c.key != SUPERVISION, ~instance.c.confidential)


def _late(connection: Connection, seen: ColumnElement[bool], wanted: Wanted, world: int) -> dict[int, Line]:
    c = clock.c
    unit = holders.of_clock()
    query = (
        select(clock, unit.label("late_unit"), *(instance.c[n].label(f"case_{n}") for n in _CASE))
        .join(instance, instance.c.id == c.instance_id)
        .outerjoin(task, and_(task.c.instance_id == c.instance_id, task.c.id == c.task_id))
        .where(c.world_id == world, c.stopped_at.is_(None), c.breached_at.is_not(None), _shown(), seen)
        .order_by(c.breached_at, c.instance_id, c.task_id)
    )
    if wanted.unit is not None:
        query = query.where(unit == wanted.unit)
    if wanted.grade:
        query = query.where(instance.c.grade == wanted.grade)
    if wanted.rung:
        query = query.where(_rung_is(wanted.rung))
    lines: dict[int, Line] = {}
    for row in connection.execute(query.limit(MOST_LOOKED_AT)).mappings():
        if row["instance_id"] not in lines:
            if len(lines) > MOST:
                break
            lines[row["instance_id"]] = Line({n: row[f"case_{n}"] for n in _CASE}, unit_id=row["late_unit"])
        lines[row["instance_id"]].late.append({n: row[n] for n in clock.c.keys()} | {"unit_id": row["late_unit"]})  # noqa: SIM118
    return lines


def _rung_is(kind: str) -> ColumnElement[bool]:
    """The newest rung about a case is of this kind."""
    theirs = instance.alias()
    newest = (
        select(rung.c.kind)
        .join(theirs, theirs.c.id == rung.c.instance_id)
        .where(rung.c.case_id == instance.c.id, ~theirs.c.confidential)
        .order_by(rung.c.at.desc(), rung.c.instance_id.desc(), rung.c.id.desc())
        .limit(1)
        .correlate(instance)
        .scalar_subquery()
    )
    return newest.is_(None) if kind == NO_RUNG else newest == kind


def _supervisions(connection: Connection, seen: ColumnElement[bool], world: int) -> list[Row]:
    """The newest open supervisions that the reader sees."""
    i = instance.c
    query = (
        select(i.facts, *(i[name] for name in _CASE))
        .where(i.world_id == world, i.key == SUPERVISION, i.status.in_(_OPEN), ~i.confidential, seen)
        .order_by(i.started_at.desc())
        .limit(MOST)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _case_of(supervision: Mapping[str, Any]) -> int | None:
    said = str(supervision["facts"].get("case_id") or "")
    return int(said) if said.isdecimal() and len(said) < 20 else None


def _named(
    connection: Connection, supervisions: Collection[Row], seen: ColumnElement[bool], world: int
) -> dict[int, int]:
    """The case of each supervision that is about one: by its id, or because what was raised by hand names exactly one by number."""
    found = {row["id"]: case for row in supervisions if (case := _case_of(row)) is not None}
    numbers: dict[str, int] = {}
    for row in supervisions:
        said = [one for one in re.split(r"[\s、，,;；]+", str(row["facts"].get("case_numbers") or "")) if one]
        if row["id"] not in found and len(said) == 1:
            numbers.setdefault(said[0], row["id"])
    query = select(instance.c.number, instance.c.id).where(
        instance.c.number.in_(numbers), instance.c.world_id == world, _shown(), seen
    )
    taken = set(found.values())
    for number, case_id in connection.execute(query) if numbers else ():
        if case_id not in taken:  # its own supervision stands there; what was raised beside it keeps a line of its own
            found[numbers[number]] = case_id
    return found


def _raised(core: Core, supervisions: Collection[Row], wanted: Wanted) -> dict[int, Line]:
    """Matters raised by hand that are about no one case, each as a line of its own."""
    lines = {}
    for row in supervisions:
        unit_id = core.unit_id(row["facts"].get("late_unit"))
        if wanted.unit in (None, unit_id) and wanted.grade in ("", row["grade"]):
            lines[row["id"]] = Line({name: row[name] for name in _CASE}, unit_id=unit_id, supervision=row)
    return lines


def _others(
    connection: Connection,
    seen: ColumnElement[bool],
    case_ids: Collection[int],
    wanted: Wanted,
    supervisions: Mapping[int, Row],
) -> dict[int, Line]:
    """Cases that are supervised though nothing is late: for no progress, or by hand."""
    whose = holders.of_case()
    query = select(*(instance.c[n] for n in _CASE), whose.label("whose")).where(
        instance.c.id.in_(case_ids), _shown(), seen
    )
    if wanted.unit is not None:
        query = query.where(whose == wanted.unit)
    if wanted.grade:
        query = query.where(instance.c.grade == wanted.grade)
    rows = {row["id"]: dict(row) for row in connection.execute(query).mappings()} if case_ids else {}
    order = sorted(rows, key=lambda i: supervisions[i]["started_at"], reverse=True)
    return {case_id: Line(rows[case_id], unit_id=rows[case_id]["whose"]) for case_id in order}


def _climbed(
    connection: Connection,
    lines: Mapping[int, Line],
    by_case: Mapping[int, Row],
    known: Collection[int],
    seen: ColumnElement[bool],
) -> None:
    """The newest rung about each case, of supervisions that the reader sees, open or over."""
    if not lines:
        return
    raised = {row["id"]: case for case, row in by_case.items() if _case_of(row) is None}
    raised |= {own: own for own, line in lines.items() if line.supervision is not None}
    query = (
        select(rung)
        .join(instance, instance.c.id == rung.c.instance_id)
        .where(or_(rung.c.case_id.in_(lines), rung.c.instance_id.in_(raised)), ~instance.c.confidential, seen)
        .order_by(rung.c.at, rung.c.instance_id, rung.c.id)
    )
    for row in connection.execute(query).mappings():
        about = raised.get(row["instance_id"], row["case_id"])
        if about not in lines:  # of another unit or grade than wanted
            continue
        line = lines[about]
        line.rung, line.rungs = {**row, "open": row["instance_id"] in known}, line.rungs + 1


def _nexts(connection: Connection, lines: Iterable[Line]) -> None:
    """What comes next in each supervision: its open tasks, and the first timer."""
    by_id = {line.supervision["id"]: line for line in lines if line.supervision is not None}
    if not by_id:
        return
    t, j = task.c, job.c
    open_tasks = select(task).where(t.instance_id.in_(by_id), t.state == "open").order_by(t.due_at, t.id)
    for row in connection.execute(open_tasks).mappings():
        by_id[row["instance_id"]].nexts.append(Next(row["node"], row["definition_id"], row["due_at"], dict(row)))
    timers = select(j.instance_id, j.node, j.due_at).where(
        j.instance_id.in_(by_id), j.kind == "timer", j.state == "waiting"
    )
    told: set[int] = set()
    for instance_id, node, due_at in connection.execute(timers.order_by(j.due_at)):
        line = by_id[instance_id]
        if instance_id not in told and line.supervision is not None:
            told.add(instance_id)
            line.nexts.append(Next(node or "", line.supervision["definition_id"], due_at))


def _on_rung(line: Line, wanted: str) -> bool:
    if not wanted:
        return True
    return line.rung is None if wanted == NO_RUNG else line.rung is not None and line.rung["kind"] == wanted
