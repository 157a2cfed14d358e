"""Counting cases by many conditions at once, by unit, in the actor's scope."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, func, or_, select

from engine import access
from engine.people import Actor
from engine.tables import instance

if TYPE_CHECKING:
    from engine.core import Core


def by_unit(
    core: Core, actor: Actor, conditions: Mapping[str, ColumnElement[bool]], world: int
) -> dict[int | None, dict[str, int]]:
    """How many cases of each responsible unit (none: not dispatched yet) meet each condition. The sum over the units is the whole."""
    columns = [func.count().filter(condition).label(name) for name, condition in conditions.items()]
    with core.db.read() as connection:
        query = (
            select(instance.c.unit_id, *columns)
            .where(instance.c.world_id == world, or_(*conditions.values()), access.visible(connection, actor))
            .group_by(instance.c.unit_id)
        )
        rows = connection.execute(query).mappings()
        return {row["unit_id"]: {name: row[name] for name in conditions} for row in rows}


def instants(
    core: Core, actor: Actor, column: ColumnElement[datetime], condition: ColumnElement[bool], world: int
) -> list[datetime]:
    """The instants in a column of the cases that meet a condition, for a chart of days."""
    with core.db.read() as connection:
        query = select(column).where(instance.c.world_id == world, condition, access.visible(connection, actor))
        return list(connection.execute(query).scalars())
