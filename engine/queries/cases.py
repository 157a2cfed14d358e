"""One case, as its page shows it, and the newest cases for a home page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from engine import access
from engine.bpmn.runtime.held import SIGNER
from engine.definitions import IS_VERSION
from engine.errors import NotFound
from engine.events import Event
from engine.people import Actor
from engine.tables import LIVE, attachment, definition, history, incident, instance, link, subscription, task
from engine.tables.columns import LARGEST_ID

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

MOST_TOLD = 300
"""History rows a page tells at first; older ones on request."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A case tied to this one, as far as the reader may see it. `outwards`: this case names the other."""

    kind: str
    outwards: bool
    case: Row


@dataclass(frozen=True, slots=True)
class Case:
    """A case with what belongs to it. `history` is oldest first; `untold` rows before it were left out."""

    row: Row
    version: int
    tasks: list[Row]
    history: list[Row]
    untold: int
    visits: dict[str, int]
    files: list[Row]
    links: list[Linked]
    incidents: list[Row]
    waits: list[Row]
    """Messages and signals it waits for."""

    @property
    def open_tasks(self) -> list[Row]:
        """What is to be done now."""
        return [t for t in self.tasks if t["state"] == "open"]


def row(core: Core, actor: Actor, instance_id: int) -> Row:
    """The instance row of a case that the actor sees. NotFound otherwise."""
    if instance_id > LARGEST_ID:
        raise NotFound(what="case")
    with core.db.read() as connection:
        found = (
            connection.execute(select(instance).where(instance.c.id == instance_id, access.visible(connection, actor)))
            .mappings()
            .first()
        )
    if found is None:
        raise NotFound(what="case")
    return dict(found)


def by_number(core: Core, number: str) -> int:
    """The id of the case with this number, whoever asks: for explaining rights. NotFound when there is none, or it is confidential."""
    with core.db.read() as connection:
        query = select(instance.c.id).where(instance.c.number == number, ~instance.c.confidential)
        found = connection.execute(query.limit(1)).scalar()
    if found is None:
        raise NotFound(what="case")
    return int(found)


def case(core: Core, actor: Actor, instance_id: int, *, whole: bool = False) -> Case:
    """A case with its tasks, history, files and links. NotFound when the actor does not see it."""
    return whole_of(core, actor, row(core, actor, instance_id), whole=whole)


def whole_of(core: Core, actor: Actor, found: Row, *, whole: bool = False) -> Case:
    """The same of an instance's row of which the caller knows that it may be shown."""
    instance_id = found["id"]
    here = history.c.instance_id == instance_id
    with core.db.read() as connection:
        told = select(history).where(here).order_by(history.c.seq.desc())
        rows = [dict(r) for r in connection.execute(told if whole else told.limit(MOST_TOLD)).mappings()][::-1]
        untold = rows[0]["seq"] if rows else 0
        visits: dict[str, int] = {}
        for (data,) in connection.execute(select(history.c.data).where(here, history.c.seq < untold)):
            _count(visits, data)
        for told_row in rows:
            _count(visits, told_row["data"])
        return Case(
            row=found,
            version=connection.execute(
                select(definition.c.version).where(definition.c.id == found["definition_id"])
            ).scalar_one(),
            tasks=[
                dict(r)
                for r in connection.execute(
                    select(task).where(task.c.instance_id == instance_id).order_by(task.c.id)
                ).mappings()
            ],
            history=rows,
            untold=untold,
            visits=visits,
            files=[
                dict(r)
                for r in connection.execute(
                    select(attachment)
                    .where(attachment.c.instance_id == instance_id)
                    .order_by(attachment.c.at, attachment.c.id)
                ).mappings()
            ],
            links=_links(core, actor, instance_id),
            incidents=[
                dict(r)
                for r in connection.execute(
                    select(incident).where(incident.c.instance_id == instance_id, incident.c.resolved_at.is_(None))
                ).mappings()
            ],
            waits=waits(core, instance_id),
        )


def waits(core: Core, instance_id: int) -> list[Row]:
    """The messages and signals an instance waits for, the longest first."""
    query = (
        select(subscription)
        .where(subscription.c.instance_id == instance_id)
        .order_by(subscription.c.at, subscription.c.task_id, subscription.c.idx)
    )
    with core.db.read() as connection:
        return [dict(r) for r in connection.execute(query).mappings()]


def _count(visits: dict[str, int], data: Row | None) -> None:
    for node in (data or {}).get("path", ()):
        visits[node] = visits.get(node, 0) + 1


def _links(core: Core, actor: Actor, instance_id: int) -> list[Linked]:
    with core.db.read() as connection:
        pairs = connection.execute(
            select(link.c.instance_id, link.c.other_id, link.c.kind)
            .where(or_(link.c.instance_id == instance_id, link.c.other_id == instance_id))
            .order_by(link.c.at)
            .limit(100)
        ).all()
        others = {p.other_id if p.instance_id == instance_id else p.instance_id for p in pairs}
        seen = {
            r["id"]: dict(r)
            for r in connection.execute(
                select(instance.c.id, instance.c.number, instance.c.title, instance.c.status, instance.c.key).where(
                    instance.c.id.in_(others), access.visible(connection, actor)
                )
            ).mappings()
        }
    found = []
    for pair in pairs:
        outwards = pair.instance_id == instance_id
        other = seen.get(pair.other_id if outwards else pair.instance_id)
        if other is not None:
            found.append(Linked(pair.kind, outwards, other))
    return found


def last_answers(core: Core, instance_id: int, node: str) -> Row:
    """What was answered when this step was last done in this case; empty the first time."""
    with core.db.read() as connection:
        data = connection.execute(
            select(history.c.data)
            .join(task, (task.c.instance_id == history.c.instance_id) & (task.c.id == history.c.task_id))
            .where(
                history.c.instance_id == instance_id,
                history.c.kind == str(Event.COMPLETED),
                history.c.node == node,
                or_(task.c.role.is_(None), task.c.role != SIGNER),  # an opinion is no answer of the step
            )
            .order_by(history.c.seq.desc())
            .limit(1)
        ).scalar()
    answers: Row = (data or {}).get("answers", {})
    return answers


def newest(
    core: Core, actor: Actor, *, mine: bool = False, limit: int = 8, within: int = 2000, world: int = LIVE
) -> list[Row]:
    """The newest cases the actor sees, or (`mine`) has started, among the `within` newest of each process: a home page never reads
    the whole table."""
    with core.db.read() as connection:
        keys = connection.execute(select(definition.c.key).where(IS_VERSION).distinct()).scalars().all()
        theirs = instance.c.starter_id == actor.id if mine else access.visible(connection, actor)
        found: list[Row] = []
        for key in keys:
            front = (
                select(instance.c.id)
                .where(instance.c.world_id == world, instance.c.key == key)
                .order_by(instance.c.started_at.desc())
                .limit(within)
                .subquery()
            )
            query = select(
                instance.c.id,
                instance.c.number,
                instance.c.title,
                instance.c.key,
                instance.c.status,
                instance.c.outcome,
                instance.c.place,
                instance.c.area,
                instance.c.unit_id,
                instance.c.definition_id,
                instance.c.started_at,
                instance.c.ended_at,
            ).where(instance.c.id.in_(select(front.c.id)))
            query = query.where(theirs).order_by(instance.c.started_at.desc()).limit(limit)
            found += [dict(r) for r in connection.execute(query).mappings()]
    return sorted(found, key=lambda r: r["started_at"], reverse=True)[:limit]
