"""Reminders (提醒): when a clock turns yellow that the diagram wants them for, whoever has to act is told, once. No rung of the ladder: a
clock that is extended or resumed, and so green again, reminds again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement

from engine import effects, notices
from engine.acts import receivers
from engine.events import Event
from engine.steps import Reply, Seen
from engine.worlds import World
from engine.writes import WriteSet
from escalation import sweep
from escalation.ledger import REMINDED, WANTED
from escalation.tables import clock

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


def reminders(core: Core, limit: int = 200, world_id: int | None = None) -> int:
    """Tell of up to `limit` clocks that have turned yellow; answers of how many instances somebody was told."""

    def due(world: World) -> list[ColumnElement[bool]]:
        return [clock.c.remind == WANTED, clock.c.stopped_at.is_(None), clock.c.warn_at <= world.now]

    return sweep.each(core, due, clock.c.warn_at, _remind, "nobody reminded", limit, world_id)


def _remind(core: Core, seen: Seen, writes: WriteSet) -> Reply:
    done = 0
    for row in seen.extra[clock.name]:
        if row["remind"] == WANTED and row["warn_at"] is not None and row["warn_at"] <= seen.now:
            done += 1
            writes.update(clock, name=row["name"], task_id=row["task_id"], remind=REMINDED)
            if seen.world.kind != "replay" and not _late(row, seen.now):
                _tell(core, seen, writes, row)
    return {"done": done}


def _late(row: Row, now: datetime) -> bool:
    """Whether it is late by now: then the breach tells more than a reminder could."""
    return row["breached_at"] is not None or (row["due_at"] is not None and row["due_at"] < now)


def _tell(core: Core, seen: Seen, writes: WriteSet, row: Row) -> None:
    """A history row, and a notice for each who has to act: of a task's clock those who have it, of the case's all who have one of its."""
    tasks = [task for task in seen.open_tasks.values() if row["task_id"] in (0, task["id"])]
    told = {task["id"]: receivers.holders(core, seen, task) for task in tasks}
    people = sorted({who for some in told.values() for who in some})[: receivers.most(core)]
    own = seen.open_tasks.get(row["task_id"])
    due = row["due_at"].isoformat() if row["due_at"] is not None else None
    data: Row = {"clock": row["name"], "due": due, "people": people}
    seq = effects.record(
        seen,
        writes,
        Event.REMINDED,
        node=own["node"] if own is not None else None,
        task_id=row["task_id"] or None,
        data=data,
    )
    for task_id, some in told.items():
        wanted = [who for who in some if who in people]
        notices.tell(seen, writes, seq, "reminded", wanted, task_id=task_id, data={"clock": row["name"], "due": due})
