"""What has just moved, for pages that follow it: the newest history rows, and whom they concern. Pages learn that something of theirs
changed, never what: they ask again for what they may see."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select

from engine import access
from engine.login import rules
from engine.people import Actor
from engine.tables import LIVE, history, instance, notice, person, recusal, session, task

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]
Key = tuple[int, int]

OVERLAP = timedelta(seconds=5)
"""A row carries the database's time of when its step began to read, and is seen when the step has committed: no step takes longer, and
one that did is seen by the page's own slow round."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What changed hands: tasks as they are now (with the process of their case), who acted on which case, who was told something, and
    by case the units that it is about."""

    tasks: list[Row] = field(default_factory=list)
    actors: frozenset[int] = frozenset()
    told: frozenset[int] = frozenset()
    about: dict[int, frozenset[int]] = field(default_factory=dict)
    cases: frozenset[int] = frozenset()
    """All that moved, of every world; for pages that show one of them."""
    secret: frozenset[int] = frozenset()
    """Confidential instances: these move only pages of who works them."""

    def concerns(self, actor: Actor) -> bool:
        """Whether the actor's inbox may look otherwise than before: a task of theirs or of a post of theirs came, went or changed."""
        if actor.id in self.actors:
            return True
        if any(_works(actor, row) for row in self.tasks if row["instance_id"] in self.secret):
            return True
        return any(
            row["instance_id"] not in self.secret
            and actor.home_units.isdisjoint(self.about.get(row["instance_id"], ()))
            and (access.is_offered(actor, row, row["process"]) or access.holds_its_post(actor, row, row["process"]))
            for row in self.tasks
        )


def _works(actor: Actor, row: Row) -> bool:
    """Whether a task of a confidential instance is the actor's own, or waits for a post of their own."""
    if row["assignee_id"] is not None:
        return bool(row["assignee_id"] == actor.id)
    return any(p.unit_id == row["unit_id"] and p.post == row["post_key"] for p in actor.own_posts)


@dataclass(slots=True)
class Follower:
    """Reads on from where it was. Not for two threads at once."""

    core: Core
    at: datetime
    _seen: dict[Key, datetime] = field(default_factory=dict)

    def news(self) -> Moved | None:
        """What moved since the last call; none when nothing did: then it was one short read of an index."""
        since = self.at - OVERLAP
        with self.core.db.read() as connection:
            rows = connection.execute(
                select(
                    history.c.instance_id,
                    history.c.seq,
                    history.c.written_at,
                    history.c.at,
                    history.c.task_id,
                    history.c.actor_id,
                ).where(history.c.written_at > since, history.c.instance_id > 0)
            ).all()
        fresh = [row for row in rows if (row.instance_id, row.seq) not in self._seen]
        self._seen = {(row.instance_id, row.seq): row.written_at for row in rows}
        if not fresh:
            return None
        self.at = max(self.at, *(row.written_at for row in fresh))
        return moved(self.core, fresh)


def moved(core: Core, rows: Iterable[Any]) -> Moved:
    """Whom these history rows concern: the cases' open tasks, those that the rows name, and those that closed with them."""
    named: dict[int, set[int]] = {}
    since: dict[int, datetime] = {}
    by: dict[int, set[int]] = {}
    for row in rows:
        named.setdefault(row.instance_id, set()).update({row.task_id} - {None})
        by.setdefault(row.instance_id, set()).update({row.actor_id} - {None})
        since[row.instance_id] = min(row.at, since.get(row.instance_id, row.at))
    ids = sorted(named)
    columns = (
        task.c.instance_id,
        task.c.id,
        task.c.unit_id,
        task.c.post_key,
        task.c.assignee_id,
        task.c.for_id,
        instance.c.key.label("process"),
    )
    with core.db.read() as connection:
        query = (
            select(*columns)
            .join(instance, instance.c.id == task.c.instance_id)
            .where(
                task.c.instance_id.in_(ids),
                task.c.world_id == LIVE,
                or_(
                    task.c.state == "open",
                    task.c.closed_at >= min(since.values()),
                    *(and_(task.c.instance_id == i, task.c.id.in_(sorted(some))) for i, some in named.items() if some),
                ),
            )
        )
        tasks = [dict(row) for row in connection.execute(query).mappings()]
        secret = select(instance.c.id).where(instance.c.confidential, instance.c.id.in_(ids))
        hidden = frozenset(connection.execute(secret).scalars())
        told = connection.execute(
            select(notice.c.person_id).where(
                notice.c.instance_id.in_(ids), notice.c.world_id == LIVE, notice.c.at >= min(since.values())
            )
        ).scalars()
        people = frozenset(told)
        about: dict[int, set[int]] = {}
        for one in connection.execute(select(recusal).where(recusal.c.instance_id.in_(ids))):
            about.setdefault(one.instance_id, set()).add(one.unit_id)
    live = {row["instance_id"] for row in tasks}
    return Moved(
        tasks=tasks,
        actors=frozenset(who for i in live for who in by[i]),
        told=people,
        about={i: frozenset(units) for i, units in about.items()},
        cases=frozenset(ids),
        secret=hidden,
    )


def standing(core: Core, keys: Collection[str]) -> dict[str, int]:
    """Of these sessions (`engine.sessions.key_of` of their cookies, the newest or the one before) those that still hold, with the access
    revision of their person. Looking so does not keep a session awake."""
    if not keys:
        return {}
    with core.db.read() as connection:
        now, law = core.db.now_on(connection), rules.read(connection)
        rows = connection.execute(
            select(session.c.id, session.c.previous, person.c.access_revision)
            .join(person, person.c.id == session.c.person_id)
            .where(
                or_(session.c.id.in_(keys), session.c.previous.in_(keys)),
                session.c.expires_at > now,
                session.c.seen_at > now - law.idle,
                session.c.stage == "full",
                person.c.active,
            )
        ).all()
    return {key: row.access_revision for row in rows for key in (row.id, row.previous) if key is not None}
