"""The marks of cases in a period: one row for each case that something in the period is about, with a bit for each count it is in, in
three readings. Live they follow from the trail in one statement, each table read once and only where the period is; of a closed
edition they are the rows it keeps. Everything else is sums over them, so that a number and its cases are one question asked twice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    Subquery,
    Table,
    Text,
    and_,
    case,
    cast,
    func,
    insert,
    literal,
    not_,
    null,
    or_,
    select,
    true,
)

from engine import access
from engine.links import DUPLICATE
from engine.people import Actor
from engine.queries.counting import unit_at
from engine.tables import instance, public_message, task
from escalation.assessment import near as nearby
from escalation.assessment import supervised
from escalation.assessment.counts import BASE, COUNTS, FAMILIES, FULL, STAGES, Count, Flags
from escalation.assessment.near import within
from escalation.indicators import PROCESS, VOIDED, Period
from escalation.tables import clock, clock_entry, exemption, exemption_decision, rung

COLUMNS = ("instance_id", "unit_id", "area", "class", "source", "full", "base", "adjusted")
"""Of a mark."""
RECEIPT = "receipt"
"""The clock of an order of an emergency plan: until when it is to be signed for."""
HANDLED = ("SignOut", "Feedback")
"""What a task to handle opens when it was handled; sent back, it opens none of these."""
LIGHTEST = 4
"""The level of an emergency that is not a major one: IV (突发事件应对法 art. 3 has four; the plan's indicator 3 is about I to III)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which cases, and what the city's content says of them. `public`, `collectors`: keys of sources; `plans`: processes of emergency
    plans. `actor`: who reads; none: the whole city, without what is confidential."""

    world: int
    period: Period
    public: tuple[str, ...]
    collectors: tuple[str, ...]
    plans: tuple[str, ...]
    actor: Actor | None = None


def live(connection: Connection, asked: Asked, some: Sequence[int] | None = None) -> Subquery:
    """Marks as the trail gives them now. `some`: of these cases alone (`near.parts`)."""
    near = nearby.of_period(asked) if some is None else nearby.of_ids(connection, some)
    who = access.visible(connection, asked.actor) if asked.actor is not None else not_(instance.c.confidential)
    parts = [
        _tasks(near, asked.period),
        _clocks(near, asked.period),
        _rungs(near, asked.period),
        _ratings(near, asked.period),
        _exemptions(near),
    ]
    source: Any = near.join(instance, instance.c.id == near.c.id)
    for part in parts:
        source = source.outerjoin(part, part.c.instance_id == instance.c.id)
    flags = _flags(asked, parts)
    exempt = parts[-1]
    bits = (
        _bits(flags, COUNTS, FULL),
        _bits(flags, COUNTS, BASE),
        _adjusted(flags, {one: _is_exempt(exempt.c[one], parts[1].c[f"overrun_{one}"]) for one in FAMILIES}),
    )
    found = (
        select(
            instance.c.id.label("instance_id"),
            unit_at(asked.period.until).label("unit_id"),
            instance.c.area,
            instance.c["class"],
            instance.c.source,
            *(one.label(name) for one, name in zip(bits, ("full", "base", "adjusted"), strict=True)),
        )
        .select_from(source)
        .where(instance.c.world_id == asked.world, who, or_(flags["live"], flags["emergency"]))
        .cte("found")
        .prefix_with("MATERIALIZED")  # read once for all sums, instead of once for each
    )
    return select(found).where(or_(found.c.full != 0, found.c.base != 0)).subquery("marks")


def kept(connection: Connection, table: Table, number: int, actor: Actor | None) -> Subquery:
    """Marks that are rows: of a closed edition, or of a count of an open period; of an actor who does not see all, of the cases they
    see."""
    query = select(*(table.c[name] for name in COLUMNS)).where(next(iter(table.primary_key)) == number)
    if actor is not None:
        query = query.join(instance, instance.c.id == table.c.instance_id).where(access.visible(connection, actor))
    return query.subquery(f"kept_{table.name}")


def keep(connection: Connection, table: Table, number: int, asked: Asked, some: Sequence[int]) -> int:
    """Write the marks of these cases as rows; answers how many there are."""
    marks = live(connection, asked, some)
    key = next(iter(table.primary_key)).name
    found = select(literal(number), *(marks.c[name] for name in COLUMNS))
    return connection.execute(insert(table).from_select([key, *COLUMNS], found)).rowcount


def has(bits: ColumnElement[int], place: int) -> ColumnElement[bool]:
    """Whether the bit at this place is set."""
    return bits.op("&")(literal(1 << place, BigInteger)) != 0


# ---------------------------------------------------------------- inside


def _one(condition: Any) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _any(condition: Any) -> ColumnElement[int]:
    return func.max(_one(condition))


def _tasks(near: CTE, period: Period) -> Subquery:
    done = and_(task.c.state == "completed", task.c.closed_at < period.until)
    opened = task.c.opened_at < period.until
    node = task.c.node

    def newest(name: str) -> ColumnElement[Any]:
        return func.max(case((and_(node == name, opened), task.c.opened_at), else_=null()))

    return (
        select(
            task.c.instance_id,
            _any(and_(node == "File", done, task.c.closed_at >= period.since)).label("filed_now"),
            _any(and_(node == "File", done)).label("filed_by_end"),
            _any(and_(node == "Verify", done)).label("verified_by_end"),
            _any(node == "Dispatch").label("dispatched_ever"),
            func.sum(_one(and_(node == "Dispatch", opened))).label("dispatches"),
            newest("Dispatch").label("last_dispatch"),
            newest("Handle").label("last_handle"),
            func.min(case((and_(node == "Check", done), task.c.closed_at), else_=null())).label("first_check"),
        )
        .join(near, near.c.id == task.c.instance_id)
        .where(node.in_(("Verify", "File", "Dispatch", "Handle", "Check")), task.c.role.is_(None))
        .group_by(task.c.instance_id)
        .subquery("t")
    )


def _clocks(near: CTE, period: Period) -> Subquery:
    due, stopped, paused = clock.c.due_at, clock.c.stopped_at, clock.c.paused_at
    stood = and_(due.is_(None), paused.is_not(None))
    ends = and_(within(due, period), or_(stopped.is_(None), stopped >= period.since))
    ahead = and_(or_(due >= period.until, stood), within(stopped, period))
    counts = and_(or_(ends, ahead), not_(_given_up()))
    done = stopped < period.until
    in_time = and_(done, or_(stopped <= due, stood), clock.c.breached_at.is_(None))
    standing = and_(paused < period.until, due.is_(None), or_(stopped.is_(None), stopped >= period.until))
    pause = (
        select(clock_entry.c.due_before)
        .where(
            clock_entry.c.instance_id == clock.c.instance_id,
            clock_entry.c.name == clock.c.name,
            clock_entry.c.task_id == clock.c.task_id,
            clock_entry.c.kind == "paused",
            clock_entry.c.at == paused,
        )
        .order_by(clock_entry.c.n.desc())
        .limit(1)
        .correlate(clock)
        .scalar_subquery()
    )
    extension = (
        select(literal(1))
        .where(
            clock_entry.c.instance_id == clock.c.instance_id,
            clock_entry.c.name == clock.c.name,
            clock_entry.c.task_id == clock.c.task_id,
            clock_entry.c.kind == "extended",
            clock_entry.c.at < period.until,
        )
        .limit(1)
        .correlate(clock)
        .scalar_subquery()
    )
    columns: list[ColumnElement[Any]] = []
    for name in STAGES:
        own = and_(clock.c.name == name, clock.c.task_id == 0 if name == "case" else clock.c.task_id != 0)
        would = case((and_(own, standing), pause), else_=null())
        columns += [
            _any(and_(own, counts)).label(f"due_{name}"),
            func.max(case((and_(own, counts, done), 0), (and_(own, counts), 1), else_=0)).label(f"open_{name}"),
            func.max(case((and_(own, counts, in_time), 0), (and_(own, counts), 1), else_=0)).label(f"late_{name}"),
            _any(within(would, period)).label(f"stands_{name}"),
            func.max(
                case(
                    (
                        and_(own, counts, not_(func.coalesce(in_time, literal(0) == 1))),
                        func.coalesce(clock.c.breached_at, due),
                    ),
                    else_=null(),
                )
            ).label(f"overrun_{name}"),
        ]
    file_late = and_(
        clock.c.name == "file", within(stopped, period), or_(clock.c.breached_at.is_not(None), stopped > due)
    )
    own_task = and_(task.c.instance_id == clock.c.instance_id, task.c.id == clock.c.task_id)
    more_time = case((and_(clock.c.extensions > 0, clock.c.name.in_(("case", "handle"))), extension), else_=null())
    is_order = clock.c.name == RECEIPT
    major = case((is_order, _level().in_([str(n) for n in range(1, LIGHTEST)])), else_=literal(0) == 1)
    first_late = and_(or_(clock.c.breached_at.is_not(None), stopped > due), clock.c.started_at == _first_order())
    return (
        select(
            clock.c.instance_id,
            *columns,
            _any(file_late).label("filed_late"),
            _any(and_(clock.c.name == "case", clock.c.task_id == 0, standing)).label("standing"),
            _any(more_time == 1).label("extended"),
            _any(major).label("ordered_out"),
            _any(case((is_order, first_late), else_=literal(0) == 1)).label("receipt_late"),
        )
        .join(near, near.c.id == clock.c.instance_id)
        .outerjoin(task, own_task)
        .group_by(clock.c.instance_id)
        .subquery("c")
    )


def _level() -> ColumnElement[str]:
    """From which level on the order is given that a task asks to sign for."""
    return cast(task.c.variables[("order", "level")].as_string(), Text)


def _first_order() -> ColumnElement[Any]:
    """When the first order of the event was given."""
    other = clock.alias("other")
    first = select(func.min(other.c.started_at)).where(
        other.c.instance_id == clock.c.instance_id, other.c.name == RECEIPT
    )
    return first.correlate(clock).scalar_subquery()


def _given_up() -> ColumnElement[bool]:
    """Of a clock and its task: the task was taken away, or handed back unhandled, before its time was over. It was then nobody's to do,
    and neither done nor missed. What was late before stays late."""
    after = task.alias("after")
    went_on = (
        select(after.c.id)
        .where(
            after.c.instance_id == clock.c.instance_id,
            after.c.node.in_(HANDLED),
            after.c.opened_at == clock.c.stopped_at,
        )
        .limit(1)
        .correlate(clock)
        .scalar_subquery()
    )
    taken = and_(clock.c.task_id != 0, func.coalesce(task.c.state, "") != "completed")
    sent_back = case((clock.c.name == "handle", went_on.is_(None)), else_=literal(0) == 1)
    in_time = and_(clock.c.breached_at.is_(None), or_(clock.c.due_at.is_(None), clock.c.stopped_at <= clock.c.due_at))
    return and_(clock.c.stopped_at.is_not(None), in_time, or_(taken, sent_back))


def _rungs(near: CTE, period: Period) -> Subquery:
    return (
        select(
            rung.c.case_id.label("instance_id"),
            *(one.label(name) for name, one in supervised.flags(period).items()),
        )
        .join(near, near.c.id == rung.c.case_id)
        .group_by(rung.c.case_id)
        .subquery("r")
    )


def _ratings(near: CTE, period: Period) -> Subquery:
    m = public_message
    return (
        select(m.c.instance_id, literal(1).label("answered"), _any(m.c.kind == "unsolved").label("unsatisfied"))
        .join(near, near.c.id == m.c.instance_id)
        .where(m.c.kind.in_(("solved", "unsolved")), within(m.c.at, period))
        .group_by(m.c.instance_id)
        .subquery("p")
    )


def _exemptions(near: CTE) -> Subquery:
    e = exemption
    return (
        select(
            e.c.instance_id, *(func.max(case((e.c.family == one, e.c.at), else_=null())).label(one) for one in FAMILIES)
        )
        .join(near, near.c.id == e.c.instance_id)
        .join(exemption_decision, and_(exemption_decision.c.exemption_id == e.c.id, exemption_decision.c.agreed))
        .group_by(e.c.instance_id)
        .subquery("x")
    )


def _is_exempt(asked_at: ColumnElement[Any], overrun: ColumnElement[Any]) -> ColumnElement[bool]:
    """Agreed to, and no overrun in the period came after it was asked for: nobody has judged that one."""
    return and_(asked_at.is_not(None), or_(overrun.is_(None), overrun <= asked_at))


def _flags(asked: Asked, parts: Collection[FromClause]) -> Flags:
    """What is known of a case, by name: its own columns, and what the parts gathered."""
    t, c, r, p, _ = parts
    period = asked.period
    found: dict[str, ColumnElement[Any]] = {
        column.name: func.coalesce(column, 0) == 1
        for part in (t, c, r, p)
        for column in part.c
        if isinstance(column.type, Integer) and column.name not in ("instance_id", "dispatches")
    }
    ours = instance.c.key == PROCESS
    outcome = func.coalesce(instance.c.outcome, "")
    ended = func.coalesce(instance.c.ended_at < period.until, literal(0) == 1)
    voided = outcome == VOIDED
    found |= {
        "live": ours,
        "came": and_(ours, within(instance.c.started_at, period)),
        "duplicate": outcome == DUPLICATE,
        "voided": voided,
        "counted": and_(ours, instance.c.status.not_in(("cancelled", "rejected")), not_(voided)),
        "was_filed": or_(found["dispatched_ever"], outcome == "EndSelfHandled"),
        "ended_now": and_(ended, instance.c.ended_at >= period.since),
        "public": func.coalesce(instance.c.source, "").in_(asked.public),
        "collector": func.coalesce(instance.c.source, "").in_(asked.collectors),
        "redispatched": and_(
            func.coalesce(t.c.dispatches, 0) > 1, func.coalesce(within(t.c.last_dispatch, period), literal(0) == 1)
        ),
        "reworked": func.coalesce(t.c.last_handle >= t.c.first_check, literal(0) == 1),
        "emergency": and_(instance.c.key.in_(asked.plans), within(instance.c.started_at, period), found["ordered_out"])
        if asked.plans
        else literal(0) == 1,
        "ended_by_end": and_(ended, instance.c.status == "completed"),
    }
    return found


def _bits(flags: Flags, counts: Collection[Count], reading: str) -> ColumnElement[int]:
    return _sum([(place, one.condition(flags, reading)) for place, one in enumerate(counts)])


def _adjusted(flags: Flags, exempt: dict[str, ColumnElement[bool]]) -> ColumnElement[int]:
    return _sum(
        [
            (place, and_(one.condition(flags, BASE), not_(exempt[one.family]) if one.family else true()))
            for place, one in enumerate(COUNTS)
        ]
    )


def _sum(places: list[tuple[int, ColumnElement[bool]]]) -> ColumnElement[int]:
    total: ColumnElement[int] = cast(literal(0), BigInteger)
    for place, condition in places:
        total = total + case((condition, literal(1 << place, BigInteger)), else_=literal(0, BigInteger))
    return total


def patterns(marks: Subquery) -> Select[Any]:
    """How many cases of a unit, place, kind and source have the same marks: what all sums are made of, in one pass."""
    m = marks.c
    group = (m.unit_id, m.area, m["class"], m.source, m.full, m.base, m.adjusted)
    return select(*group, func.count()).group_by(*group)
