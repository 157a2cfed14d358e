"""Counting cases by many conditions at once, by unit, in the actor's scope."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, func, literal_column, or_, select

from engine import access
from engine.events import Event
from engine.people import Actor
from engine.tables import history, instance

if TYPE_CHECKING:
    from engine.core import Core


def by_unit(
    core: Core,
    actor: Actor,
    conditions: Mapping[str, ColumnElement[bool]],
    world: int,
    at: datetime | None = None,
) -> dict[int | None, dict[str, int]]:
    """How many cases of each responsible unit (none: not dispatched yet) meet each condition. The sum over the units is the whole. A case
    that a merger or split gave to another unit after `at` is still counted for the one whose it was then."""
    whose = unit_at(at).label("whose")
    columns = [func.count().filter(condition).label(name) for name, condition in conditions.items()]
    with core.db.read() as connection:
        query = (
            select(whose, *columns)
            .where(instance.c.world_id == world, or_(*conditions.values()), access.visible(connection, actor))
            .group_by(whose)
        )
        rows = connection.execute(query).mappings()
        return {row["whose"]: {name: row[name] for name in conditions} for row in rows}


def unit_at(at: datetime | None) -> ColumnElement[int | None]:
    """The unit that is responsible for a case, or was at an earlier time as far as changes of the organisation go: figures of a month
    that is over stay as they were."""
    if at is None:
        return instance.c.unit_id
    before = (
        select(history.c.unit_id)
        .where(
            history.c.instance_id == instance.c.id,
            history.c.kind == literal_column(f"'{Event.MOVED}'"),  # as the index says it
            history.c.unit_id.is_not(None),
            history.c.at >= at,
        )
        .order_by(history.c.seq)
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(before, instance.c.unit_id)


def instants(
    core: Core, actor: Actor, column: ColumnElement[datetime], condition: ColumnElement[bool], world: int
) -> list[datetime]:
    """The instants in a column of the cases that meet a condition, for a chart of days."""
    with core.db.read() as connection:
        query = select(column).where(instance.c.world_id == world, condition, access.visible(connection, actor))
        return list(connection.execute(query).scalars())
