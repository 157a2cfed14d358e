"""What is on the supervision board, whole: every late case and every open supervision that the reader sees, each as one small entry, in
the order in which somebody, or a timer, acts next. The board counts, filters and pages by these; a page reads the rest of its own lines."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Connection, Select, Subquery, and_, func, select

from engine import naming
from engine.tables import instance, job, task
from escalation import holders
from escalation.sla import Light
from escalation.tables import clock, rung

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

SUPERVISION: Final = "supervision"
"""The process whose instances are supervisions."""

MOST_READ: Final = 20_000
"""Late clocks, clocks that are due soon, and open supervisions that are looked at, the most urgent of each: more than a city has, and a
bound for a page."""

_OPEN = ("active", "suspended")
_AT_ONCE = 1000
"""Ids in one statement."""


@dataclass(slots=True)
class Entry:
    """A case on the board, or a matter raised by hand that is about no one case (`case_id` is its own id then). `units`: whose its late
    clocks are, the longest late first; else who has it. `next_at`: when somebody must act or a timer does; `acts`: whether anything of
    the kind is open at all. `kind`: its newest rung."""

    case_id: int
    units: list[int | None]
    grade: str | None
    light: Light
    began: datetime
    since: datetime | None = None
    supervision: int | None = None
    kind: str | None = None
    next_at: datetime | None = None
    acts: bool = False
    raised: bool = False

    @property
    def order(self) -> tuple[Any, ...]:
        """What comes next first; then where an act is open that has no term; then where nothing is planned, the longest late first."""
        return (
            0 if self.next_at is not None else 1 if self.acts else 2,
            self.next_at or self.since or self.began,
            self.case_id,
        )


@dataclass(frozen=True, slots=True)
class Index:
    """The entries in their order; `more`: there was more than is looked at. `soon`: cases that are due soon and not late, by unit."""

    entries: Sequence[Entry]
    soon: Mapping[int | None, int]
    more: bool


def read(core: Core, connection: Connection, seen: ColumnElement[bool], now: datetime, world: int) -> Index:
    """Everything that the reader sees. `seen`: their filter on `instance`."""
    entries, late = _late(connection, seen, world)
    supervisions = _supervisions(core, connection, seen, world)
    named = _named(connection, supervisions, seen, world)
    by_case = {case: row for row in reversed(supervisions) if (case := named.get(row["id"])) is not None}
    entries |= _calm(connection, seen, [case for case in by_case if case not in entries], now)
    for case, row in by_case.items():
        if case in entries:
            entries[case].supervision = row["id"]
            entries[case].raised = row["case_id"] is None
    for row in supervisions:
        if row["id"] not in named:
            own, units = row["id"], [row["late_unit"]]
            entries[own] = Entry(own, units, row["grade"], Light.NONE, row["started_at"], supervision=own, raised=True)
    _next_acts(connection, entries.values())
    _newest_rungs(connection, entries, seen)
    soon, more_soon = _soon(connection, seen, now, world)
    more = late >= MOST_READ or len(supervisions) >= MOST_READ or more_soon
    return Index(sorted(entries.values(), key=lambda one: one.order), soon, more)


def shown() -> ColumnElement[bool]:
    """What belongs on the board at all: open, no supervision itself, and not confidential."""
    return and_(instance.c.status.in_(_OPEN), instance.c.key != SUPERVISION, ~instance.c.confidential)


def late_clocks(seen: ColumnElement[bool], world: int, *columns: Any) -> Select[Any]:
    """The late clocks of cases that the reader sees, the longest late first, with the unit (`late_unit`) that each is of."""
    c = clock.c
    unit = holders.of_clock().label("late_unit")
    return (
        select(unit, *columns)
        .select_from(clock)
        .join(instance, instance.c.id == c.instance_id)
        .outerjoin(task, and_(task.c.instance_id == c.instance_id, task.c.id == c.task_id))
        .where(c.world_id == world, c.stopped_at.is_(None), c.breached_at.is_not(None), shown(), seen)
        .order_by(c.breached_at, c.instance_id, c.task_id)
    )


def some(ids: Iterable[int]) -> Iterator[list[int]]:
    """Ids, so many at once as a statement takes."""
    listed = list(ids)
    for begin in range(0, len(listed), _AT_ONCE):
        yield listed[begin : begin + _AT_ONCE]


# ---------------------------------------------------------------- inside


def _late(connection: Connection, seen: ColumnElement[bool], world: int) -> tuple[dict[int, Entry], int]:
    columns = (clock.c.instance_id, clock.c.breached_at, instance.c.grade, instance.c.started_at)
    found: dict[int, Entry] = {}
    rows = connection.execute(late_clocks(seen, world, *columns).limit(MOST_READ)).all()
    for row in rows:
        if row.instance_id not in found:
            found[row.instance_id] = Entry(
                row.instance_id, [row.late_unit], row.grade, Light.RED, row.started_at, row.breached_at
            )
        elif row.late_unit not in found[row.instance_id].units:
            found[row.instance_id].units.append(row.late_unit)
    return found, len(rows)


def _supervisions(core: Core, connection: Connection, seen: ColumnElement[bool], world: int) -> list[Row]:
    """The open supervisions that the reader sees, the newest first."""
    i = instance.c
    said = [i.facts[name].as_string().label(f"said_{name}") for name in ("case_id", "late_unit", "case_numbers")]
    query = (
        select(i.id, i.grade, i.started_at, *said)
        .where(i.world_id == world, i.key == SUPERVISION, i.status.in_(_OPEN), ~i.confidential, seen)
        .order_by(i.started_at.desc())
        .limit(MOST_READ)
    )
    return [
        {
            "id": row.id,
            "grade": row.grade,
            "started_at": row.started_at,
            "late_unit": core.unit_id(row.said_late_unit),
            "case_id": _number(row.said_case_id),
            "numbers": row.said_case_numbers or "",
        }
        for row in connection.execute(query)
    ]


def _number(said: str | None) -> int | None:
    return int(said) if said and said.isdecimal() and len(said) < 20 else None


def _named(
    connection: Connection, supervisions: Collection[Row], seen: ColumnElement[bool], world: int
) -> dict[int, int]:
    """The case of each supervision that is about one: by its id, or because what was raised by hand names exactly one by number."""
    found = {row["id"]: row["case_id"] for row in supervisions if row["case_id"] is not None}
    numbers: dict[str, int] = {}
    for row in supervisions:
        said = naming.numbers(row["numbers"])
        if row["id"] not in found and len(said) == 1:
            numbers.setdefault(said[0], row["id"])
    query = select(instance.c.number, instance.c.id).where(
        instance.c.number.in_(numbers), instance.c.world_id == world, shown(), seen
    )
    taken = set(found.values())
    for number, case_id in connection.execute(query) if numbers else ():
        if case_id not in taken:  # its own supervision stands there; what was raised beside it keeps a line of its own
            found[numbers[number]] = case_id
    return found


def _calm(connection: Connection, seen: ColumnElement[bool], ids: Collection[int], now: datetime) -> dict[int, Entry]:
    """Cases that are supervised though nothing is late: for no progress, or by hand."""
    whose = holders.of_case().label("whose")
    found: dict[int, Entry] = {}
    for part in some(ids):
        query = select(instance.c.id, instance.c.grade, instance.c.started_at, whose)
        for row in connection.execute(query.where(instance.c.id.in_(part), shown(), seen)):
            found[row.id] = Entry(row.id, [row.whose], row.grade, Light.NONE, row.started_at)
        warned = func.min(clock.c.warn_at).label("warned")
        lights = select(clock.c.instance_id, warned).where(
            clock.c.instance_id.in_(part), clock.c.stopped_at.is_(None), clock.c.due_at.is_not(None)
        )
        for row in connection.execute(lights.group_by(clock.c.instance_id)):
            if row.instance_id in found:
                near = row.warned is not None and row.warned <= now
                found[row.instance_id].light = Light.YELLOW if near else Light.GREEN
    return found


def _next_acts(connection: Connection, entries: Iterable[Entry]) -> None:
    """When each supervision goes on: the first open act that has a term, or the first timer, whichever is sooner."""
    by_id = {one.supervision: one for one in entries if one.supervision is not None}
    t, j = task.c, job.c
    for part in some(by_id):
        acts = select(t.instance_id, func.min(t.due_at).label("at")).where(t.instance_id.in_(part), t.state == "open")
        timers = select(j.instance_id, func.min(j.due_at).label("at")).where(
            j.instance_id.in_(part), j.kind == "timer", j.state == "waiting"
        )
        for query in (acts.group_by(t.instance_id), timers.group_by(j.instance_id)):
            for row in connection.execute(query):
                one = by_id[row.instance_id]
                one.acts = True
                one.next_at = min((at for at in (one.next_at, row.at) if at is not None), default=None)


def _newest_rungs(connection: Connection, entries: Mapping[int, Entry], seen: ColumnElement[bool]) -> None:
    """The kind of the newest rung about each case, of supervisions that the reader sees, open or over."""
    newest: dict[int, tuple[datetime, int, int]] = {}
    raised = {one.supervision: one.case_id for one in entries.values() if one.raised and one.supervision is not None}
    own = {one.case_id: one.case_id for one in entries.values()}
    for column, ids in ((rung.c.case_id, own), (rung.c.instance_id, raised)):
        for part in some(ids):
            for about, row in _newest_by(connection, column, part, seen):
                key = (row.at, row.instance_id, row.id)
                case = ids[about]
                if key > newest.get(case, _NEVER):
                    newest[case], entries[case].kind = key, row.kind


_NEVER = (datetime.min.replace(tzinfo=UTC), 0, 0)


def _newest_by(
    connection: Connection, column: Any, ids: Collection[int], seen: ColumnElement[bool]
) -> Iterator[tuple[int, Any]]:
    r = rung.c
    place = func.row_number().over(partition_by=column, order_by=(r.at.desc(), r.instance_id.desc(), r.id.desc()))
    numbered = (
        select(column.label("about"), r.kind, r.at, r.instance_id, r.id, place.label("place"))
        .join(instance, instance.c.id == r.instance_id)
        .where(column.in_(ids), ~instance.c.confidential, seen)
        .subquery()
    )
    for row in connection.execute(select(numbered).where(numbered.c.place == 1)):
        yield row.about, row


def soon_entries(connection: Connection, seen: ColumnElement[bool], now: datetime, world: int) -> list[Entry]:
    """What `Index.soon` counts, case by case, due first: at most `MOST_READ` clocks of them are looked at."""
    i = instance.c
    near, unit = _near(now, world), holders.of_clock().label("whose")
    found: dict[int, Entry] = {}
    for row in connection.execute(
        _of_near(near, seen, unit, i.id, i.grade, i.started_at, near.c.due_at).order_by(near.c.due_at)
    ):
        one = found.setdefault(row.id, Entry(row.id, [], row.grade, Light.YELLOW, row.started_at, next_at=row.due_at))
        if row.whose not in one.units:
            one.units.append(row.whose)
    return list(found.values())


def _soon(
    connection: Connection, seen: ColumnElement[bool], now: datetime, world: int
) -> tuple[dict[int | None, int], bool]:
    """How many cases of each unit have a clock that is due soon."""
    unit = holders.of_clock()
    query = _of_near(_near(now, world), seen, unit, func.count(instance.c.id.distinct())).group_by(unit)
    found: dict[int | None, int] = {unit_id: count for unit_id, count in connection.execute(query)}  # noqa: C416  rows are not pairs to the type checker
    return found, sum(found.values()) >= MOST_READ


def _near(now: datetime, world: int) -> Subquery:
    """The clocks that are due soon, the nearest first."""
    c = clock.c
    return (
        select(c.instance_id, c.task_id, c.due_at)
        .where(c.world_id == world, c.stopped_at.is_(None), c.breached_at.is_(None), c.due_at >= now, c.warn_at <= now)
        .order_by(c.due_at)
        .limit(MOST_READ)
        .subquery()
    )


def _of_near(near: Subquery, seen: ColumnElement[bool], *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(near)
        .join(instance, instance.c.id == near.c.instance_id)
        .outerjoin(task, and_(task.c.instance_id == near.c.instance_id, task.c.id == near.c.task_id))
        .where(shown(), seen)
    )
