"""Which open tasks wait for somebody: the ranges of the two partial indexes, each a condition on `task`. What `access.is_offered` says of
one row is said here of all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from engine import access
from engine.people import Actor, Post
from engine.tables import instance, recusal, task


@dataclass(frozen=True, slots=True)
class Sources:
    """Where tasks come from, each a condition: what posts are offered in a unit, and all else."""

    of_units: list[ColumnElement[bool]]
    others: list[ColumnElement[bool]]

    @property
    def all(self) -> list[ColumnElement[bool]]:
        """Both."""
        return [*self.others, *self.of_units]


def sources(actor: Actor, world: int, *, taken: bool = True, offered: bool = True) -> Sources:
    """Where tasks come from: those `taken` by the actor or by whom they stand in for, and those `offered` to posts they hold."""
    found: list[ColumnElement[bool]] = []
    of_units: list[ColumnElement[bool]] = []
    here = task.c.world_id == world
    if taken:
        found.append(and_(task.c.assignee_id == actor.id, here, _still_theirs(actor)))
        for principal in sorted(actor.principals):
            lent = [post for post in actor.posts if post.for_id == principal]
            found.append(and_(task.c.assignee_id == principal, here, or_(*(_of_post(post) for post in lent))))
    if offered:
        nobodys = and_(task.c.assignee_id.is_(None), here)
        places = {(post.post, post.unit_id): _limits(actor.posts, post.post, post.unit_id) for post in actor.posts}
        of_units = [
            and_(nobodys, task.c.post_key == key, task.c.unit_id == unit, *more) for (key, unit), more in places.items()
        ]
        anywhere = {post.post: _limits(actor.posts, post.post, None) for post in actor.posts}
        found += [
            and_(nobodys, task.c.post_key == key, task.c.unit_id.is_(None), *more)
            for key, more in sorted(anywhere.items(), key=lambda each: each[0])
        ]
    return Sources(of_units, found)


def not_about(connection: Connection, actor: Actor) -> list[ColumnElement[bool]]:
    """Nothing of cases that are about a unit of theirs, nor of confidential ones that they do not work (as a substitute, or barred). Asked
    once, since there are few: most people pay nothing for it."""
    about_them = select(recusal.c.instance_id).where(recusal.c.unit_id.in_(sorted(actor.home_units)))
    barring = [access.unseen(actor), *([about_them] if actor.home_units else [])]
    return [
        task.c.instance_id.not_in(query) for query in barring if connection.execute(query.limit(1)).first() is not None
    ]


def _still_theirs(actor: Actor) -> ColumnElement[bool]:
    """Claimed for themselves, or for somebody they still stand in for."""
    lent = [and_(task.c.for_id == post.for_id, _of_post(post)) for post in actor.posts if post.for_id is not None]
    return or_(task.c.for_id.is_(None), *lent)


def _of_post(post: Post) -> ColumnElement[bool]:
    """Offered to this post, or meant for the person, and of a process they stand in for."""
    place = and_(
        or_(task.c.unit_id.is_(None), task.c.unit_id == post.unit_id),
        or_(task.c.post_key.is_(None), task.c.post_key == post.post),
    )
    return and_(place, _of_process(post.processes)) if post.processes is not None else place


def _limits(posts: Iterable[Post], key: str, unit_id: int | None) -> list[ColumnElement[bool]]:
    """What limits the tasks of this post: nothing where they hold it for every process, else the processes they stand in for."""
    fitting = [post for post in posts if post.post == key and unit_id in (None, post.unit_id)]
    limited = [post.processes for post in fitting if post.processes is not None]
    if len(limited) < len(fitting):
        return []
    return [_of_process(frozenset().union(*limited))]


def _of_process(keys: frozenset[str]) -> ColumnElement[bool]:
    return exists(select(instance.c.id).where(instance.c.id == task.c.instance_id, instance.c.key.in_(sorted(keys))))
