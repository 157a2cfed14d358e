"""Instances for programs: pages by key, so that a list that grows meanwhile neither repeats nor leaves out a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select

from engine import access, worlds
from engine.definitions import IS_VERSION
from engine.people import Actor
from engine.queries import searching
from engine.tables import LIVE, definition, history, incident, instance, task
from engine.tables.columns import LARGEST_ID

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which instances; `after` is the `next` of the page before."""

    process: str | None = None
    status: str | None = None
    text: str | None = None
    area: str | None = None
    unit: str | None = None
    mine: bool = False
    started_from: datetime | None = None
    started_before: datetime | None = None
    limit: int = 50
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of `instance` with the version of their definition, newest first."""

    rows: list[Row]
    next: str | None


def page(core: Core, actor: Actor, wanted: Wanted, world: int = LIVE) -> Page:
    """One page of the instances the actor sees."""
    columns = [c for c in instance.columns if c.name not in {"state", "facts"}]
    query = select(*columns, definition.c.version).join(definition, definition.c.id == instance.c.definition_id)
    query = query.order_by(instance.c.started_at.desc(), instance.c.id.desc()).limit(wanted.limit + 1)
    before = _position(wanted.after)[0] if wanted.after is not None else wanted.started_before
    with core.db.read() as connection:
        usual = [*_conditions(core, actor, wanted), access.visible(connection, actor)]
        now = worlds.on(connection, core, world).now
        for most in searching.STEPS:
            found = searching.hits(
                connection, actor, wanted.text or "", most, now, world=world, process=wanted.process, until=before
            )
            here = [instance.c.world_id == world, *usual]
            if found is not None:
                here = searching.found_in(connection, world, found.ids, usual)
            rows = [dict(r) for r in connection.execute(query.where(*here)).mappings()]
            if found is None or found.whole or len(rows) > wanted.limit:
                break
    more = len(rows) > wanted.limit
    rows = rows[: wanted.limit]
    return Page(rows, _cursor(rows[-1]) if more else None)


def open_tasks(core: Core, instance_id: int) -> list[Row]:
    """The open tasks of an instance, oldest first. Rights are the caller's to ask."""
    with core.db.read() as connection:
        rows = connection.execute(
            select(task).where(task.c.instance_id == instance_id, task.c.state == "open").order_by(task.c.id)
        ).mappings()
        return [dict(r) for r in rows]


def trail(core: Core, instance_id: int, first: int, limit: int) -> list[Row]:
    """History rows from number `first` on. Rights are the caller's to ask."""
    with core.db.read() as connection:
        rows = connection.execute(
            select(history)
            .where(history.c.instance_id == instance_id, history.c.seq >= first)
            .order_by(history.c.seq)
            .limit(limit)
        ).mappings()
        return [dict(r) for r in rows]


def incidents(core: Core, limit: int = 200, instance_id: int | None = None) -> list[Row]:
    """Open incidents, newest first, or all of one instance. For operators; those of confidential instances are not among them (their
    page counts these, `engine.queries.machinery`)."""
    which = incident.c.resolved_at.is_(None) if instance_id is None else incident.c.instance_id == instance_id
    query = select(incident).join(instance, instance.c.id == incident.c.instance_id)
    query = query.where(which, ~instance.c.confidential, instance.c.id > 0).order_by(incident.c.at.desc()).limit(limit)
    with core.db.read() as connection:
        return [dict(r) for r in connection.execute(query).mappings()]


def versions(core: Core, key: str | None = None) -> list[Row]:
    """The newest version of every process, or every version of one, newest first."""
    query = select(definition).where(IS_VERSION).order_by(definition.c.key, definition.c.version.desc())
    if key is not None:
        query = query.where(definition.c.key == key)
    else:
        latest = (
            select(definition.c.key, func.max(definition.c.version).label("v")).group_by(definition.c.key).subquery()
        )
        query = query.join(latest, and_(latest.c.key == definition.c.key, latest.c.v == definition.c.version))
    with core.db.read() as connection:
        return [dict(r) for r in connection.execute(query).mappings()]


def _conditions(core: Core, actor: Actor, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.process is not None:
        found.append(instance.c.key == wanted.process)
    if wanted.status is not None:
        found.append(instance.c.status == wanted.status)
    if wanted.area is not None:
        found.append(instance.c.area == wanted.area)
    if wanted.unit is not None:
        unit_id = core.unit_id(wanted.unit)
        found.append(instance.c.unit_id == unit_id if unit_id is not None else false())
    if wanted.mine:
        found.append(instance.c.starter_id == actor.id)
    if wanted.started_from is not None:
        found.append(instance.c.started_at >= wanted.started_from)
    if wanted.started_before is not None:
        found.append(instance.c.started_at < wanted.started_before)
    if wanted.after is not None:
        at, last_id = _position(wanted.after)
        found.append(or_(instance.c.started_at < at, and_(instance.c.started_at == at, instance.c.id < last_id)))
    return found


def _cursor(row: Row) -> str:
    return f"{(row['started_at'] - _EPOCH) // _TICK}-{row['id']}"


def _position(cursor: str) -> tuple[datetime, int]:
    ticks, _, last_id = cursor.partition("-")
    at = _EPOCH + min(int(ticks), 250_000_000_000_000_000) * _TICK
    return at, min(int(last_id), LARGEST_ID)
