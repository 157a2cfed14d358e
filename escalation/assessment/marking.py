"""The marks of cases in a period: one row for each case that something in the period is about, with a bit for each count it is in, in
three readings. Live they follow from the trail in one statement, each table read once and only where the period is; of a closed
edition they are the rows it keeps. Everything else is sums over them, so that a number and its cases are one question asked twice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    Column,
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
from escalation.assessment import clocked, supervised
from escalation.assessment import near as nearby
from escalation.assessment.clocked import any_of, own_task
from escalation.assessment.counts import BASE, COUNTS, FAMILIES, FULL, READINGS, STAGES, Count, Flags
from escalation.assessment.near import within
from escalation.indicators import PROCESS, VOIDED, Period
from escalation.tables import clock, exemption, exemption_decision, rung

RECEIPT = "receipt"
"""The clock of an order of an emergency plan: until when it is to be signed for."""
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
    gone = {one: _is_exempt(exempt.c[one], parts[1].c[f"overrun_{one}"]) for one in FAMILIES}
    found = (
        select(
            instance.c.id.label("instance_id"),
            unit_at(asked.period.until).label("unit_id"),
            instance.c.area,
            instance.c["class"],
            instance.c.source,
            *bits(flags, list(enumerate(COUNTS)), gone),
        )
        .select_from(source)
        .where(seen(connection, asked), or_(flags["live"], flags["emergency"]))
        .cte("found")
        .prefix_with("MATERIALIZED")  # read once for all sums, instead of once for each
    )
    return select(found).where(or_(found.c.full != 0, found.c.base != 0)).subquery("marks")


def kept(connection: Connection, table: Table, number: int, actor: Actor | None) -> Subquery:
    """Marks that are rows: of a closed edition, or of a count of an open period; of an actor who does not see all, of the cases they
    see."""
    query = select(*columns(table)).where(key(table) == number)
    if actor is not None:
        query = query.join(instance, instance.c.id == table.c.instance_id).where(access.visible(connection, actor))
    return query.subquery(f"kept_{table.name}")


def keep(connection: Connection, table: Table, number: int, asked: Asked, some: Sequence[int]) -> int:
    """Write the marks of these cases as rows; answers how many there are."""
    return write(connection, table, number, live(connection, asked, some))


def write(connection: Connection, table: Table, number: int, marks: FromClause) -> int:
    """Write marks as rows of an edition or a count; answers how many there are."""
    names = [column.name for column in columns(table)]
    found = select(literal(number), *(marks.c[name] for name in names))
    return connection.execute(insert(table).from_select([key(table).name, *names], found)).rowcount


def key(table: Table) -> Column[Any]:
    """The column of kept marks that says of which edition or count they are."""
    return next(iter(table.primary_key))


def columns(table: Table) -> list[Column[Any]]:
    """All others: what a mark says."""
    return [column for column in table.c if column is not key(table)]


def seen(connection: Connection, asked: Asked) -> ColumnElement[bool]:
    """The condition on `instance` for cases of this world that the reader sees."""
    who = access.visible(connection, asked.actor) if asked.actor is not None else not_(instance.c.confidential)
    return and_(instance.c.world_id == asked.world, who)


def counts_at_all() -> ColumnElement[bool]:
    """The condition on `instance` for cases whose stages count: neither broken off nor voided."""
    voided = func.coalesce(instance.c.outcome, "") == VOIDED
    return and_(instance.c.key == PROCESS, instance.c.status.not_in(("cancelled", "rejected")), not_(voided))


def has(mark: ColumnElement[int], place: int) -> ColumnElement[bool]:
    """Whether the bit at this place is set."""
    return mark.op("&")(literal(1 << place, BigInteger)) != 0


def bits(
    flags: Flags, counts: Sequence[tuple[int, Count]], exempt: Mapping[str, ColumnElement[bool]]
) -> list[ColumnElement[int]]:
    """The marks of a case, or of a unit in a case, in each reading, by the names of these: of counts with their places. `exempt`: whether
    the overruns of a family are."""
    found = [_sum([(place, one.condition(flags, reading)) for place, one in counts]) for reading in (FULL, BASE)]
    found.append(
        _sum(
            [
                (place, and_(one.condition(flags, BASE), not_(exempt[one.family]) if one.family in exempt else true()))
                for place, one in counts
            ]
        )
    )
    return [one.label(name) for one, name in zip(found, READINGS, strict=True)]


# ---------------------------------------------------------------- inside


def _tasks(near: CTE, period: Period) -> Subquery:
    done = and_(task.c.state == "completed", task.c.closed_at < period.until)
    opened = task.c.opened_at < period.until
    node = task.c.node

    def newest(name: str) -> ColumnElement[Any]:
        return func.max(case((and_(node == name, opened), task.c.opened_at), else_=null()))

    return (
        select(
            task.c.instance_id,
            any_of(and_(node == "File", done, task.c.closed_at >= period.since)).label("filed_now"),
            any_of(and_(node == "File", done)).label("filed_by_end"),
            any_of(and_(node == "Verify", done)).label("verified_by_end"),
            any_of(node == "Dispatch").label("dispatched_ever"),
            func.sum(case((and_(node == "Dispatch", opened), 1), else_=0)).label("dispatches"),
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
    said = clocked.terms(period)
    stopped = clock.c.stopped_at
    file_late = and_(
        clock.c.name == "file",
        within(stopped, period),
        or_(clock.c.breached_at.is_not(None), stopped > clock.c.due_at),
    )
    is_order = clock.c.name == RECEIPT
    major = case((is_order, _level().in_([str(n) for n in range(1, LIGHTEST)])), else_=literal(0) == 1)
    first_late = and_(
        or_(clock.c.breached_at.is_not(None), stopped > clock.c.due_at), clock.c.started_at == _first_order()
    )
    return (
        select(
            clock.c.instance_id,
            *(column for name in STAGES for column in clocked.of_stage(name, said, period)),
            any_of(file_late).label("filed_late"),
            any_of(and_(clock.c.name == "case", clock.c.task_id == 0, said.standing)).label("standing"),
            any_of(case((clock.c.name.in_(("case", "handle")), said.extended), else_=literal(0) == 1)).label(
                "extended"
            ),
            any_of(major).label("ordered_out"),
            any_of(case((is_order, first_late), else_=literal(0) == 1)).label("receipt_late"),
        )
        .join(near, near.c.id == clock.c.instance_id)
        .outerjoin(task, own_task())
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
        select(m.c.instance_id, literal(1).label("answered"), any_of(m.c.kind == "unsolved").label("unsatisfied"))
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
    found |= {
        "live": ours,
        "came": and_(ours, within(instance.c.started_at, period)),
        "duplicate": outcome == DUPLICATE,
        "voided": outcome == VOIDED,
        "counted": counts_at_all(),
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
