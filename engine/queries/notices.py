"""What somebody was told: the newest first, of cases that they still see, and of what they still may decide."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, or_, select, tuple_, update

from engine import access
from engine.errors import NotFound
from engine.notices import NO_CASE, POWER
from engine.people import Actor
from engine.tables import LIVE, instance, notice, task
from engine.tables.columns import LARGEST_ID

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.core import Core

Row = dict[str, Any]

MOST = 100
"""Unread ones are counted up to here, and shown as 99+."""


def newest(
    core: Core, actor: Actor, *, unread: bool = False, before: tuple[datetime, str] | None = None, limit: int = 25
) -> list[Row]:
    """Rows of `notice` with number, title and definition of their case, and the node and definition of the task they name. `before`:
    time and id of the last one seen, to go on from."""
    case = (
        instance.c.number,
        instance.c.title,
        instance.c.definition_id.label("case_definition_id"),
        instance.c.outcome,
    )
    with core.db.read() as connection:
        query = _mine(connection, actor, unread=unread).with_only_columns(
            notice, *case, task.c.node, task.c.definition_id, task.c.state.label("task_state")
        )
        query = query.outerjoin(
            task, (task.c.instance_id == notice.c.instance_id) & (task.c.id == notice.c.task_id)
        ).order_by(notice.c.at.desc(), notice.c.id.desc())
        if before is not None:
            query = query.where(tuple_(notice.c.at, notice.c.id) < tuple_(*before))
        return [dict(row) for row in connection.execute(query.limit(limit)).mappings()]


def unread(core: Core, actor: Actor) -> int:
    """How many they have not read, at most `MOST`."""
    with core.db.read() as connection:
        found = _mine(connection, actor, unread=True).with_only_columns(notice.c.id).limit(MOST).subquery()
        return int(connection.execute(select(func.count()).select_from(found)).scalar_one())


def open_one(core: Core, actor: Actor, instance_id: int, notice_id: str) -> Row:
    """Read one: answers its row. NotFound for others', and where the case is not theirs to see any more."""
    if instance_id > LARGEST_ID:
        raise NotFound(what="notice")
    with core.db.read() as connection:
        query = _mine(connection, actor, unread=False).with_only_columns(notice)
        row = (
            connection.execute(query.where(notice.c.instance_id == instance_id, notice.c.id == notice_id[:60]))
            .mappings()
            .first()
        )
    if row is None:
        raise NotFound(what="notice")
    if row["read_at"] is None:
        _mark(core, actor, notice.c.instance_id == instance_id, notice.c.id == row["id"])
    return dict(row)


def mark_case(core: Core, actor: Actor, instance_id: int) -> None:
    """They look at the case: what they were told of it is read."""
    here = (notice.c.instance_id == instance_id, notice.c.person_id == actor.id, notice.c.read_at.is_(None))
    with core.db.read() as connection:
        if connection.execute(select(notice.c.id).where(*here).limit(1)).first() is None:
            return
    _mark(core, actor, notice.c.instance_id == instance_id)


def mark_all(core: Core, actor: Actor) -> None:
    """Everything is read."""
    _mark(core, actor)


def _mark(core: Core, actor: Actor, *which: Any) -> None:
    with core.db.write() as connection:
        connection.execute(
            update(notice)
            .where(notice.c.person_id == actor.id, notice.c.read_at.is_(None), *which)
            .values(read_at=core.db.now_on(connection))
        )


def _mine(connection: Connection, actor: Actor, *, unread: bool) -> Select[Any]:
    theirs = access.visible(connection, actor)
    if POWER in actor.powers:
        theirs = or_(theirs, notice.c.instance_id == NO_CASE)
    query = (
        select(notice.c.id)
        .outerjoin(instance, instance.c.id == notice.c.instance_id)
        .where(notice.c.person_id == actor.id, notice.c.world_id == LIVE, theirs)
    )
    return query.where(notice.c.read_at.is_(None)) if unread else query
