"""What a trial of a draft would have told people, and which actions it called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.events import Event
from engine.tables import history, instance, notice, task
from engine.trials import Trial

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

MOST = 60


def notices(core: Core, trial: Trial) -> list[Row]:
    """What people would have been told, the newest first. `by_id` is as whom the designer acted, where they did."""
    columns = (
        instance.c.number,
        instance.c.title,
        instance.c.outcome,
        instance.c.definition_id.label("case_definition_id"),
    )
    query = (
        select(notice, *columns, task.c.node, task.c.definition_id)
        .join(instance, instance.c.id == notice.c.instance_id)
        .outerjoin(task, (task.c.instance_id == notice.c.instance_id) & (task.c.id == notice.c.task_id))
        .where(notice.c.world_id == trial.id)
        .order_by(notice.c.at.desc(), notice.c.id)
        .limit(MOST)
    )
    with core.db.read() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
        acts = select(history.c.instance_id, history.c.seq, history.c.data)
        acts = acts.where(history.c.instance_id.in_({row["instance_id"] for row in rows}))
        played = {(act.instance_id, act.seq): (act.data or {}).get("played") for act in connection.execute(acts)}
    return [{**row, "by_id": played.get(_act(row)) or row["by_id"]} for row in rows]


def services(core: Core, trial: Trial) -> list[Row]:
    """The actions that its service tasks called, the newest first: `name`, `node`, `called` (with what), `result`, `simulated`: the city
    has no such action, so nothing was done."""
    query = (
        select(history.c.at, history.c.node, history.c.data, instance.c.definition_id, instance.c.number)
        .join(instance, instance.c.id == history.c.instance_id)
        .where(instance.c.world_id == trial.id, history.c.kind == str(Event.ACTION_DONE))
        .order_by(history.c.at.desc(), history.c.seq.desc())
        .limit(MOST)
    )
    with core.db.read() as connection:
        return [
            {**row, **(row["data"] or {})}
            for row in connection.execute(query).mappings()
            if "called" in (row["data"] or {})
        ]


def _act(row: Row) -> tuple[int, int]:
    """The history row that a notice tells of: the number in front of its id."""
    number = str(row["id"]).partition(".")[0]
    return row["instance_id"], int(number) if number.isdecimal() else -1
