"""Reminders (提醒): when a clock turns yellow that the diagram wants them for, whoever has to act is told, once. No rung of the ladder: a
clock that is extended or resumed, and so green again, reminds again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement

from engine import definitions, effects, notices
from engine.acts import receivers
from engine.events import Event
from engine.steps import Reply, Seen
from engine.worlds import World
from engine.writes import WriteSet
from escalation import sweep
from escalation.clocks import setting_id
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


def clocks_of(core: Core, told: Row, locale: str) -> list[str]:
    """The clocks that a reminder tells of, by their names in the diagram; one without a name is left out. `told`: the row of the notice,
    with node and definition of its task, and the definition of its case."""
    wanted = [setting_id(str(one)) for one in (told["data"] or {}).get("clocks") or ()]
    if not wanted:
        return []
    known: dict[str, str] = {}
    for definition_id in filter(None, (told.get("case_definition_id"), told["definition_id"])):
        model = definitions.get(core, definition_id).model
        node = model.nodes.get(told["node"] or "")
        settings = (*model.clocks, *(node.settings.clocks if node is not None else ()))
        known |= {one.id: one.names.text(locale) for one in settings}
    return list(filter(None, (known.get(one) for one in wanted)))


def _remind(core: Core, seen: Seen, writes: WriteSet) -> Reply:
    yellow = [
        row
        for row in seen.extra[clock.name]
        if row["remind"] == WANTED and row["warn_at"] is not None and row["warn_at"] <= seen.now
    ]
    for row in yellow:
        writes.update(clock, name=row["name"], task_id=row["task_id"], remind=REMINDED)
    if seen.world.kind != "replay":
        _tell(core, seen, writes, [row for row in yellow if not _late(row, seen.now)])
    return {"done": len(yellow)}


def _late(row: Row, now: datetime) -> bool:
    """Whether it is late by now: then the breach tells more than a reminder could."""
    return row["breached_at"] is not None or (row["due_at"] is not None and row["due_at"] < now)


def _tell(core: Core, seen: Seen, writes: WriteSet, rows: list[Row]) -> None:
    """A history row for each clock, and one notice for each who has to act: of a task's clock those who have it, of the case's all who
    have one of its. Whom several concern at once is told of them together, of the case's beside the first of their tasks."""
    told: dict[tuple[int, int], list[tuple[int, Row]]] = {}  # by who and task: rows of the history, clocks
    for row in sorted(rows, key=lambda one: (one["task_id"] == 0, one["task_id"], one["name"])):
        tasks = [task for task in seen.open_tasks.values() if row["task_id"] in (0, task["id"])]
        first: dict[int, int] = {}
        for task in tasks:
            for who in receivers.reached(core, seen, task):
                first.setdefault(who, task["id"])
        people = sorted(first)[: receivers.most(core)]
        seq = _record(seen, writes, row, people)
        for who in people:
            own = next((key for key in told if key[0] == who), None) if row["task_id"] == 0 else None
            told.setdefault(own or (who, first[who]), []).append((seq, row))
    for (who, task_id), several in told.items():
        clocks = [row["name"] for _, row in several]
        notices.tell(seen, writes, several[0][0], "reminded", [who], task_id=task_id, data={"clocks": clocks})


def _record(seen: Seen, writes: WriteSet, row: Row, people: list[int]) -> int:
    own = seen.open_tasks.get(row["task_id"])
    due = row["due_at"].isoformat() if row["due_at"] is not None else None
    data: Row = {"clock": row["name"], "due": due, "people": people}
    node, task_id = own["node"] if own is not None else None, row["task_id"] or None
    return effects.record(seen, writes, Event.REMINDED, node=node, task_id=task_id, data=data)
