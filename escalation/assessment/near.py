"""Ids of what a period may be about, each found by an index: what began, ended or was rated in it, clocks that end or stopped in it or
stand, rungs of it. A task that figures count has a clock of its own (`counts.STAGES`), so it is found by that."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY

from engine.tables import instance, public_message
from escalation.indicators import PROCESS
from escalation.tables import clock, rung

if TYPE_CHECKING:
    from datetime import datetime

    from escalation.assessment.marking import Asked
    from escalation.indicators import Period

AT_ONCE = 2000
"""Cases that are marked by one statement where there are many: few enough for the database to look each up by its key."""


def of_period(asked: Asked, name: str = "near") -> CTE:
    """All of them, for a statement that marks them at once. `name`: of its own for each of two that one statement reads."""
    return select(_every(asked).subquery("every").c[0].label("id")).cte(name).prefix_with("MATERIALIZED")


def of_ids(connection: Connection, ids: Sequence[int], name: str = "near") -> CTE:
    """These, for a statement that marks some."""
    if connection.dialect.name == "postgresql":
        each = func.unnest(bindparam("near_ids", list(ids), ARRAY(BigInteger), unique=True))
        return select(each.label("id")).cte(name).prefix_with("MATERIALIZED")
    text = bindparam("near_ids", json.dumps(list(ids)), Text, unique=True)
    value = func.json_each(text).table_valued("value").c.value
    return select(cast(value, BigInteger).label("id")).cte(name).prefix_with("MATERIALIZED")


def parts(connection: Connection, asked: Asked) -> Iterator[Sequence[int]]:
    """All of them, `AT_ONCE` at a time, in their order."""
    found: list[int] = sorted(connection.execute(_every(asked)).scalars())
    for start in range(0, len(found), AT_ONCE):
        yield found[start : start + AT_ONCE]


# ---------------------------------------------------------------- inside


def within(column: ColumnElement[datetime], period: Period) -> ColumnElement[bool]:
    """In the period."""
    return and_(column >= period.since, column < period.until)


def _every(asked: Asked) -> Select[Any]:
    period, world = asked.period, asked.world
    ours = (instance.c.world_id == world, instance.c.key.in_([PROCESS, *asked.plans]))
    began = select(instance.c.id).where(*ours, within(instance.c.started_at, period))
    ended = select(instance.c.id).where(*ours, within(instance.c.ended_at, period))
    due = select(clock.c.instance_id).where(clock.c.world_id == world, within(clock.c.due_at, period))
    stopped = select(clock.c.instance_id).where(clock.c.world_id == world, within(clock.c.stopped_at, period))
    stood = select(clock.c.instance_id).where(
        clock.c.world_id == world,
        clock.c.paused_at < period.until,
        or_(clock.c.stopped_at.is_(None), clock.c.stopped_at >= period.until),
    )
    rungs = select(rung.c.case_id).where(
        rung.c.world_id == world,
        rung.c.case_id.is_not(None),
        or_(within(rung.c.at, period), within(rung.c.due_at, period)),
    )
    rated = select(public_message.c.instance_id).where(within(public_message.c.at, period))
    every = union(began, ended, due, stopped, stood, rungs, rated).subquery("found")
    return select(every.c[0])
