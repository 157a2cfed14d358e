"""The supervision board: who is late, on which rung, what comes next and when. Every late case and every open supervision that the reader
sees is counted and stands on one of its pages (`board_index`), by what comes next; what is confidential is never on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Connection, or_, select

from engine import access
from engine.people import Actor
from engine.tables import LIVE, instance, job, task
from escalation import board_index
from escalation.board_index import SUPERVISION, Entry
from escalation.dossier.words import RUNGS
from escalation.sla import Light
from escalation.tables import clock, rung

if TYPE_CHECKING:
    from engine.core import Core

__all__ = ["SUPERVISION", "Board", "Counted", "Line", "Next", "Wanted", "read"]

Row = dict[str, Any]

PAGE: Final = 50
"""Lines on a page."""
NO_RUNG = "none"
"""The filter for cases that nobody has done anything about yet."""
NO_UNIT: Final = 0
"""The filter for cases that no unit has yet."""
SOON: Final = "soon"
WHICH: Final = ("late", "supervised", "untouched", "grave", SOON)
"""What one number counts: late; under supervision; without any rung; with a red card or further; due soon and on no rung for it."""
_GRAVE: Final = tuple(RUNGS)[tuple(RUNGS).index("red_card") :]

_CASE = ("id", "number", "title", "grade", "area", "place", "key", "definition_id", "unit_id", "status", "started_at")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader wants to see: of a late unit (`NO_UNIT`: of none), on a rung (`NO_RUNG`: none yet), of a grade, with a light; of
    these all, or what one of the numbers above counts (`which`, see `WHICH`); which page, from 1."""

    unit: int | None = None
    rung: str = ""
    grade: str = ""
    light: str = ""
    which: str = ""
    page: int = 1

    @property
    def whose(self) -> int | None:
        """The unit itself."""
        return self.unit or None


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
    light: Light
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
class Counted:
    """How many lines there are under the filters, whichever number's are shown: all, late, under supervision, without any rung, with a
    red card or further."""

    all: int
    late: int
    supervised: int
    untouched: int
    grave: int


@dataclass(frozen=True, slots=True)
class Board:
    """One page of lines, what comes next first, of `total` on `pages` pages; `units`: of everything, unfiltered, how many cases of each
    unit are late and how many are due soon, the most late first; `more`: there is more than is looked at, so that counts are at least."""

    lines: list[Line]
    counted: Counted
    total: int
    page: int
    pages: int
    units: list[tuple[int | None, int, int]]
    more: bool


def read(core: Core, actor: Actor, wanted: Wanted, now: datetime, world: int = LIVE) -> Board:
    """The board as this reader sees it at `now`. A page beyond the last is the last."""
    with core.db.read() as connection:
        seen = access.visible(connection, actor)
        index = board_index.read(core, connection, seen, now, world)
        under = [one for one in index.entries if _is_wanted(one, wanted)]
        if wanted.which == SOON:
            soon = board_index.soon_entries(connection, seen, now, world)
            found = [one for one in soon if _is_wanted(one, wanted)]
        else:
            found = [one for one in under if _counts(one, wanted.which)]
        pages = max(1, -(-len(found) // PAGE))
        page = max(1, min(wanted.page, pages))
        lines = _lines(connection, seen, found[(page - 1) * PAGE : page * PAGE], wanted, world)
    return Board(lines, _counted(under), len(found), page, pages, _units(index), index.more)


# ---------------------------------------------------------------- inside


def _is_wanted(one: Entry, wanted: Wanted) -> bool:
    return (
        (wanted.unit is None or wanted.whose in one.units)
        and wanted.grade in ("", one.grade)
        and wanted.light in ("", one.light)
        and (not wanted.rung or wanted.rung == (one.kind or NO_RUNG))
    )


def _counts(one: Entry, which: str) -> bool:
    """Whether this number counts it; "": all are wanted."""
    return {
        "late": one.since is not None,
        "supervised": one.supervision is not None,
        "untouched": one.kind is None,
        "grave": one.kind in _GRAVE,
    }.get(which, True)


def _counted(under: Sequence[Entry]) -> Counted:
    return Counted(len(under), *(sum(_counts(one, which) for one in under) for which in WHICH if which != SOON))


def _units(index: board_index.Index) -> list[tuple[int | None, int, int]]:
    red = Counter(unit for one in index.entries if one.since is not None for unit in one.units)
    rows = [(unit, red[unit], index.soon.get(unit, 0)) for unit in red.keys() | index.soon.keys()]
    return sorted(rows, key=lambda row: (-row[1], -row[2], row[0] or 0))


def _lines(
    connection: Connection, seen: ColumnElement[bool], entries: Sequence[Entry], wanted: Wanted, world: int
) -> list[Line]:
    """The lines of a page, in the order of their entries."""
    ids = {one.case_id for one in entries} | {one.supervision for one in entries if one.supervision is not None}
    query = select(*(instance.c[n] for n in _CASE)).where(instance.c.id.in_(ids))
    rows = {row["id"]: dict(row) for row in connection.execute(query).mappings()}
    lines = {
        one.case_id: Line(
            rows[one.case_id],
            one.light,
            unit_id=wanted.whose if wanted.unit is not None else next(iter(one.units), None),
            supervision=rows[one.supervision] if one.supervision is not None else None,
        )
        for one in entries
    }
    late = board_index.late_clocks(seen, world, clock).where(clock.c.instance_id.in_(lines))
    for row in connection.execute(late).mappings():
        if wanted.unit is None or wanted.whose == row["late_unit"]:
            told = {n: row[n] for n in clock.c.keys()}  # noqa: SIM118
            lines[row["instance_id"]].late.append(told | {"unit_id": row["late_unit"]})
    _climbed(connection, lines, {one.supervision: one.case_id for one in entries if one.raised}, seen)
    _nexts(connection, lines.values())
    return list(lines.values())


def _climbed(
    connection: Connection, lines: Mapping[int, Line], raised: Mapping[int | None, int], seen: ColumnElement[bool]
) -> None:
    """The newest rung about each case, of supervisions that the reader sees, open or over. `raised`: the cases of supervisions that were
    raised by hand, whose rungs name none."""
    query = (
        select(rung, instance.c.ended_at)
        .join(instance, instance.c.id == rung.c.instance_id)
        .where(or_(rung.c.case_id.in_(lines), rung.c.instance_id.in_(raised)), ~instance.c.confidential, seen)
        .order_by(rung.c.at, rung.c.instance_id, rung.c.id)
    )
    for row in connection.execute(query).mappings():
        line = lines.get(raised.get(row["instance_id"], row["case_id"]))
        if line is not None:
            line.rung, line.rungs = {**row, "open": row["ended_at"] is None}, line.rungs + 1


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
