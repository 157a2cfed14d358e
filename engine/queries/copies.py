"""To whom a case was shown (抄送, 传阅), and who has read it; what was shown to somebody, and what they have others prepare (委托)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, tuple_

from engine import access
from engine.acts.copying import KINDS
from engine.people import Actor
from engine.tables import LIVE, copy, instance, task

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

_CASE = (instance.c.number, instance.c.title, instance.c.key, instance.c.status)


def of_case(core: Core, instance_id: int, most: int = 300) -> list[Row]:
    """The copies of a case, the newest first; whoever asks must see the case."""
    query = (
        select(copy)
        .where(copy.c.instance_id == instance_id, copy.c.kind.in_(KINDS))
        .order_by(copy.c.at.desc(), copy.c.id)
        .limit(most)
    )
    with core.db.read() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def mine(
    core: Core, actor: Actor, *, unread: bool = False, before: tuple[datetime, str] | None = None, limit: int = 25
) -> list[Row]:
    """What was shown to the actor in the live world and they still see, the newest first, with number and title of each case. `before`:
    time and id of the last one seen, to go on from."""
    with core.db.read() as connection:
        query = (
            select(copy, *_CASE)
            .join(instance, instance.c.id == copy.c.instance_id)
            .where(copy.c.person_id == actor.id, copy.c.kind.in_(KINDS), instance.c.world_id == LIVE)
            .where(access.visible(connection, actor))
            .order_by(copy.c.at.desc(), copy.c.id.desc())
            .limit(limit)
        )
        if unread:
            query = query.where(copy.c.read_at.is_(None))
        if before is not None:
            query = query.where(tuple_(copy.c.at, copy.c.id) < tuple_(*before))
        return [dict(row) for row in connection.execute(query).mappings()]


def delegated(core: Core, actor: Actor, limit: int = 200) -> list[Row]:
    """Open tasks of the actor that somebody prepares for them, the most urgent first, with number and title of their case."""
    with core.db.read() as connection:
        query = (
            select(task, *_CASE)
            .join(instance, instance.c.id == task.c.instance_id)
            .where(task.c.owner_id == actor.id, task.c.assignee_id.is_not(None), task.c.state == "open")
            .where(task.c.world_id == LIVE, access.visible(connection, actor))
            .order_by(task.c.due_at.is_(None), task.c.due_at, task.c.opened_at)
            .limit(limit)
        )
        return [dict(row) for row in connection.execute(query).mappings()]
