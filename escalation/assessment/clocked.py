"""What clocks say in a period, of a case or of a unit in a case: what was due, done, late or standing, and whose a task was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    not_,
    null,
    or_,
    select,
)

from engine.events import Event
from engine.queries.counting import unit_at
from engine.tables import history, task, unit
from escalation.assessment.near import within
from escalation.indicators import Period
from escalation.tables import clock, clock_entry

HANDLED = ("SignOut", "Feedback")
"""What a task to handle opens when it was handled; sent back, it opens none of these."""
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """Of one clock, with its task joined outer. `counts`: its term is one of the period's; `done`: by the end of the period; `in_time`:
    within the term; `standing`: it stands at the end of the period; `would_be`: when the term would have ended that it stood in;
    `extended`: it was given more time by then."""

    counts: ColumnElement[bool]
    done: ColumnElement[bool]
    in_time: ColumnElement[bool]
    standing: ColumnElement[bool]
    would_be: ColumnElement[Any]
    extended: ColumnElement[bool]


def terms(period: Period) -> Terms:
    """What a query says that reads `clock` and, joined outer, the row of `task` that the clock is of."""
    due, stopped, paused = clock.c.due_at, clock.c.stopped_at, clock.c.paused_at
    stood = and_(due.is_(None), paused.is_not(None))
    ends = and_(within(due, period), or_(stopped.is_(None), stopped >= period.since))
    ahead = and_(or_(due >= period.until, stood), within(stopped, period))
    entry = and_(
        clock_entry.c.instance_id == clock.c.instance_id,
        clock_entry.c.name == clock.c.name,
        clock_entry.c.task_id == clock.c.task_id,
    )
    pause = (
        select(clock_entry.c.due_before)
        .where(entry, clock_entry.c.kind == "paused", clock_entry.c.at == paused)
        .order_by(clock_entry.c.n.desc())
        .limit(1)
        .correlate(clock)
        .scalar_subquery()
    )
    extension = (
        select(literal(1))
        .where(entry, clock_entry.c.kind == "extended", clock_entry.c.at < period.until)
        .limit(1)
        .correlate(clock)
        .scalar_subquery()
    )
    done = stopped < period.until
    return Terms(
        counts=and_(or_(ends, ahead), not_(_given_up())),
        done=done,
        in_time=and_(done, or_(stopped <= due, stood), clock.c.breached_at.is_(None)),
        standing=and_(paused < period.until, due.is_(None), or_(stopped.is_(None), stopped >= period.until)),
        would_be=pause,
        extended=case((clock.c.extensions > 0, extension), else_=null()) == 1,
    )


def of_stage(name: str, said: Terms, period: Period) -> list[ColumnElement[Any]]:
    """Of a group of clocks, what those of one stage say: `due_`, `open_`, `late_`, `stands_` and `overrun_` with its name."""
    own = and_(clock.c.name == name, clock.c.task_id == 0 if name == "case" else clock.c.task_id != 0)
    would = case((and_(own, said.standing), said.would_be), else_=null())
    missed = and_(own, said.counts, not_(func.coalesce(said.in_time, literal(0) == 1)))
    return [
        any_of(and_(own, said.counts)).label(f"due_{name}"),
        func.max(case((and_(own, said.counts, said.done), 0), (and_(own, said.counts), 1), else_=0)).label(
            f"open_{name}"
        ),
        func.max(case((and_(own, said.counts, said.in_time), 0), (and_(own, said.counts), 1), else_=0)).label(
            f"late_{name}"
        ),
        any_of(within(would, period)).label(f"stands_{name}"),
        func.max(case((missed, func.coalesce(clock.c.breached_at, clock.c.due_at)), else_=null())).label(
            f"overrun_{name}"
        ),
    ]


def ran_out() -> ColumnElement[Any]:
    """When the time of a clock was over before it stopped; none: it never was."""
    late = or_(clock.c.stopped_at.is_(None), clock.c.stopped_at > clock.c.due_at)
    return func.coalesce(clock.c.breached_at, case((late, clock.c.due_at), else_=null()))


def whose(connection: Connection, period: Period) -> ColumnElement[int | None]:
    """The unit whose task it was, as the ladder asks who is late (`escalation.breaching`): the one that had it when its time ran out, else
    when it ended, else when the period ends, though it passed to another unit by then or since (history `moved`). A task of no unit is
    its whose the case is. The query reads `clock`, `instance` and, joined outer, the row of `task` that the clock is of."""
    over, stopped = ran_out(), clock.c.stopped_at
    last = literal(period.until - _INSTANT, clock.c.due_at.type)
    when = case((over < period.until, over), (stopped < period.until, stopped), else_=last)
    if connection.dialect.name == "postgresql":
        each = func.jsonb_array_elements_text(history.c.data["tasks"]).table_valued("value")
    else:
        each = func.json_each(history.c.data, "$.tasks").table_valued("value")
    names = select(literal(1)).select_from(each).where(cast(each.c.value, Integer) == clock.c.task_id)
    before = (
        select(unit.c.id)
        .select_from(history.join(unit, unit.c.key == history.c.data["from"].as_string()))
        .where(
            history.c.instance_id == clock.c.instance_id,
            history.c.kind == literal_column(f"'{Event.MOVED}'"),  # as the index says it
            history.c.at > when,
            names.correlate(history, clock).exists(),
        )
        .order_by(history.c.seq)
        .limit(1)
        .correlate(clock)
        .scalar_subquery()
    )
    return func.coalesce(before, task.c.unit_id, unit_at(period.until))


def own_task() -> ColumnElement[bool]:
    """The task that a clock is of."""
    return and_(task.c.instance_id == clock.c.instance_id, task.c.id == clock.c.task_id)


def any_of(condition: Any) -> ColumnElement[int]:
    """1 when it is true of one of a group, else 0."""
    return func.max(case((condition, 1), else_=0))


# ---------------------------------------------------------------- inside


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
