"""Somebody's own figures: what they did in a time, and whether it was in time. By the index of who closed a task when."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from statistics import median
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, select

from engine import access
from engine.people import Actor
from engine.tables import LIVE, instance, task

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

MOST = 20_000
"""Tasks of one person in one period that are counted: more than anybody does in a quarter."""


@dataclass(frozen=True, slots=True)
class Mine:
    """What somebody completed: `in_time` of those that had a due time, `late` after it; `median` from claiming (or arriving, where it
    was never claimed) to completing; by day in the city's zone and by step (definition id, node), the most first."""

    done: int
    in_time: int
    late: int
    median: timedelta | None
    days: dict[str, int]
    steps: list[tuple[tuple[int, str], int]]
    more: bool

    @property
    def share(self) -> int | None:
        """Per cent in time of those that had a due time, cut off, never rounded up to all; none where none had."""
        dated = self.in_time + self.late
        return self.in_time * 100 // dated if dated else None


def of(core: Core, actor: Actor, since: datetime, until: datetime, zone: tzinfo, world: int = LIVE) -> Mine:
    """What the actor completed from `since` on and before `until`."""
    with core.db.read() as connection:
        rows = connection.execute(_query(actor, since, until, world).limit(MOST + 1)).all()
    counted = rows[:MOST]
    took = [row.closed_at - (row.claimed_at or row.opened_at) for row in counted]
    dated = [row for row in counted if row.due_at is not None]
    late = sum(row.closed_at > row.due_at for row in dated)
    return Mine(
        done=len(counted),
        in_time=len(dated) - late,
        late=late,
        median=timedelta(seconds=median(each.total_seconds() for each in took)) if took else None,
        days=dict(Counter(row.closed_at.astimezone(zone).date().isoformat() for row in counted)),
        steps=Counter((row.definition_id, row.node) for row in counted).most_common(12),
        more=len(rows) > MOST,
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of what somebody completed: from `since` on and before `until`; in time or late (`late`; None: both, and what had no due time),
    of one step (definition id, node); which page of so many."""

    since: datetime
    until: datetime
    late: bool | None = None
    step: tuple[int, str] | None = None
    page: int = 1
    size: int = 25


@dataclass(frozen=True, slots=True)
class Page:
    """Tasks, the newest first, of `total`: instance, task, definition, node, when, `late`, and number and title of the case where they
    still see it (`seen`)."""

    rows: list[Row]
    total: int
    more: bool


def listing(core: Core, actor: Actor, wanted: Wanted, world: int = LIVE) -> Page:
    """The tasks that a number of `of` counts, one page of them."""
    t = task.c
    query = _query(actor, wanted.since, wanted.until, world)
    if wanted.late is not None:
        query = query.where(t.closed_at > t.due_at if wanted.late else t.closed_at <= t.due_at)
    if wanted.step is not None:
        query = query.where(t.definition_id == wanted.step[0], t.node == wanted.step[1])
    first = (wanted.page - 1) * wanted.size
    with core.db.read() as connection:
        total = connection.execute(select(func.count()).select_from(query.limit(MOST).subquery())).scalar_one()
        seen = access.visible(connection, actor).label("seen")
        late = func.coalesce(t.closed_at > t.due_at, False).label("late")
        case = (instance.c.number, instance.c.title)
        columns = (t.instance_id, t.id, t.definition_id, t.node, t.closed_at, late, *case, seen)
        rows = connection.execute(
            query.with_only_columns(*columns)
            .select_from(task.join(instance, instance.c.id == t.instance_id))
            .order_by(t.closed_at.desc(), t.instance_id.desc(), t.id.desc())
            .limit(wanted.size)
            .offset(first)
        ).mappings()
        return Page([dict(row) for row in rows], int(total), total > first + wanted.size)


def done_since(core: Core, actor: Actor, since: datetime, world: int = LIVE) -> int:
    """How many they completed since then."""
    found = _query(actor, since, None, world).limit(MOST).subquery()
    with core.db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(found)).scalar_one())


def _query(actor: Actor, since: datetime, until: datetime | None, world: int) -> Select[tuple[object, ...]]:
    query = select(
        task.c.definition_id, task.c.node, task.c.opened_at, task.c.claimed_at, task.c.closed_at, task.c.due_at
    ).where(
        task.c.closed_by == actor.id,
        task.c.closed_at >= since,
        task.c.state == "completed",
        task.c.world_id == world,
    )
    return query.where(task.c.closed_at < until) if until is not None else query
