"""A unit's desk: what has come and nobody has signed for, what nobody has taken, and who works on what.

At most `MOST` rows a part: a desk is looked at, not paged through. Not measured with a million open tasks yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal_column, or_, select

from engine.people import Actor
from engine.queries import offers
from engine.queries.inbox import CASE
from engine.tables import LIVE, instance, membership, person, substitution, task
from engine.tables.columns import database_now

if TYPE_CHECKING:
    from datetime import datetime

    from engine.core import Core

Row = dict[str, Any]

MOST = 60
"""Rows of one part: the most urgent."""

_OPEN = task.c.state == literal_column("'open'")


@dataclass(frozen=True, slots=True)
class Worker:
    """One of the unit who holds a post that gets tasks: how many they have open, and how many of these are late."""

    id: int
    name: str
    posts: frozenset[str]
    open: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts of a desk; each row a task with its case, as in the inbox."""

    unsigned: list[Row] = field(default_factory=list)
    free: list[Row] = field(default_factory=list)
    taken: list[Row] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)


def units(actor: Actor, organised: Iterable[int]) -> list[int]:
    """Units whose desk the actor may open: where they hold a post that shows cases, and those they head."""
    return sorted({p.unit_id for p in actor.posts if p.sees and p.processes is None} | set(organised))


def desk(core: Core, actor: Actor, unit_id: int, now: datetime, world: int = LIVE) -> Desk:
    """The desk of a unit that `units` allows: who may open it sees what its unit has a task of, but nothing about a unit of theirs."""
    with core.db.read() as connection:
        here = [
            _OPEN,
            task.c.world_id == world,
            task.c.unit_id == unit_id,
            task.c.post_key.is_not(None),
            *offers.not_about(connection, actor),
        ]
        posts = connection.execute(
            select(membership.c.post_key).where(membership.c.unit_id == unit_id, *_held()).distinct()
        )
        keys = sorted(posts.scalars())

        def rows(*more: ColumnElement[bool]) -> list[Row]:
            query = (
                select(task, *CASE)
                .join(instance, instance.c.id == task.c.instance_id)
                .where(*here, *more)
                .order_by(task.c.due_at.is_(None), task.c.due_at, task.c.instance_id, task.c.id)
                .limit(MOST)
            )
            return [dict(r) for r in connection.execute(query).mappings()]

        offered = and_(task.c.assignee_id.is_(None), task.c.post_key.in_(keys))
        workers = _workers(connection, unit_id, now, world, offers.not_about(connection, actor))
        mine = _theirs(connection, [one.id for one in workers])
        return Desk(
            unsigned=rows(task.c.signed_at.is_(None), or_(offered, mine)),
            free=rows(task.c.signed_at.is_not(None), offered),
            taken=rows(mine),
            workers=workers,
        )


def _theirs(connection: Connection, workers: Sequence[int]) -> ColumnElement[bool]:
    """What one of the unit has: also what somebody else does in their place, or prepares for them."""
    lent = select(substitution.c.substitute_id).where(substitution.c.principal_id.in_(workers)).distinct()
    here = sorted({*workers, *connection.execute(lent).scalars()})
    return or_(task.c.assignee_id.in_(here), and_(task.c.owner_id.in_(here), task.c.assignee_id.is_not(None)))


def _held() -> tuple[ColumnElement[bool], ...]:
    return (
        or_(membership.c.since.is_(None), membership.c.since <= database_now()),
        or_(membership.c.until.is_(None), membership.c.until > database_now()),
    )


def _workers(
    connection: Any, unit_id: int, now: datetime, world: int, not_about: list[ColumnElement[bool]]
) -> list[Worker]:
    held = connection.execute(
        select(person.c.id, person.c.name, membership.c.post_key)
        .join(membership, membership.c.person_id == person.c.id)
        .where(membership.c.unit_id == unit_id, person.c.active, *_held())
        .order_by(person.c.pinyin, person.c.id)
    ).all()
    people: dict[int, tuple[str, set[str]]] = {}
    for id_, name, post_key in held:
        people.setdefault(id_, (name, set()))[1].add(post_key)
    whose = case(
        (task.c.assignee_id.in_(people), task.c.assignee_id),
        (task.c.owner_id.in_(people), task.c.owner_id),
        else_=task.c.for_id,
    ).label("whose")
    counted = connection.execute(
        select(whose, func.count(), func.count().filter(task.c.due_at < now))
        .where(_OPEN, task.c.world_id == world, task.c.unit_id == unit_id, *not_about)
        .where(_theirs(connection, list(people)))
        .group_by(literal_column("whose"))
    ).all()
    loads = {who: (total, late) for who, total, late in counted}
    return [Worker(id_, name, frozenset(posts), *loads.get(id_, (0, 0))) for id_, (name, posts) in people.items()]
