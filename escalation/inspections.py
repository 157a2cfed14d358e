"""What the desk of the government's inspection office shows: requests that wait, inspections under way, objections and rectification, and
what was concluded; of each what it needs next, and from whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import access
from engine.errors import NotFound
from engine.people import Actor
from engine.tables import LIVE, instance, task

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

PROCESS = "government_inspection"

MOST, MOST_OVER = 200, 30
"""Inspections that run, and that are over, on one page: the newest."""

WAITING = frozenset(("Terms", "Decide"))
AFTER = frozenset(("Object", "Review", "Rectify", "Recheck"))
"""Steps after the unit has the conclusion."""


@dataclass(slots=True)
class Desk:
    """Rows of `instance` with their open `tasks`."""

    waiting: list[Row] = field(default_factory=list)
    running: list[Row] = field(default_factory=list)
    after: list[Row] = field(default_factory=list)
    over: list[Row] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        """All of them."""
        return [*self.waiting, *self.running, *self.after, *self.over]


def desk(core: Core, actor: Actor) -> Desk:
    """What the actor sees of it. For those with the power to inspect."""
    access.check_power(actor, "inspect", "查看督查工作台", "see the desk of the inspection office")
    columns = [c for c in instance.columns if c.name != "state"]
    with core.db.read() as connection:
        query = select(*columns).where(
            instance.c.key == PROCESS, instance.c.world_id == LIVE, access.visible(connection, actor)
        )
        newest = instance.c.started_at.desc(), instance.c.id.desc()
        running = connection.execute(query.where(instance.c.ended_at.is_(None)).order_by(*newest).limit(MOST))
        rows = [dict(r) for r in running.mappings()]
        over = connection.execute(query.where(instance.c.ended_at.is_not(None)).order_by(*newest).limit(MOST_OVER))
        ended = [dict(r) for r in over.mappings()]
    found = Desk(over=ended)
    tasks = open_tasks(core, [row["id"] for row in rows])
    for row in [*rows, *ended]:
        row["tasks"] = tasks.get(row["id"], [])
    for row in rows:
        nodes = {each["node"] for each in row["tasks"]}
        if row["facts"].get("take_decision") is None:
            found.waiting.append(row)
        else:
            (found.after if nodes & AFTER else found.running).append(row)
    return found


def open_tasks(core: Core, ids: Iterable[int]) -> dict[int, list[Row]]:
    """The open tasks of these instances, the oldest first."""
    found: dict[int, list[Row]] = {}
    with core.db.read() as connection:
        query = select(task).where(task.c.instance_id.in_(list(ids)), task.c.state == "open")
        for row in connection.execute(query.order_by(task.c.instance_id, task.c.id)).mappings():
            found.setdefault(row["instance_id"], []).append(dict(row))
    return found


def one(core: Core, actor: Actor, instance_id: int) -> Row:
    """An inspection that the actor sees and may refer a clue of: the unit was told of the inspection. NotFound otherwise."""
    with core.db.read() as connection:
        query = select(instance).where(
            instance.c.id == instance_id, instance.c.key == PROCESS, access.visible(connection, actor)
        )
        row = connection.execute(query).mappings().first()
    if row is None or not may_refer(dict(row)):
        raise NotFound(what="case")
    return dict(row)


def may_refer(row: Row) -> bool:
    """Whether a clue can be referred from an inspection: by what was found on site, or by its conclusion (政府督查工作条例 art. 21, 23)."""
    return row["facts"].get("check_text") is not None
