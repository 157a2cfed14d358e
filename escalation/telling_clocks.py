"""What a process may ask of clocks, its own and others': two actions that only read, so that trying again changes nothing.

    <ld:action name="clock_told" clock="rectify" result="={in_time: result.in_time, due: result.due}"/>
    <ld:action name="late_matters" process="case_dispatch" most="=terms.late" result="={proposed: result.matters}"/>

`clock_told`: the newest clock of this name of the instance itself. `due`: until when (with its extensions; none: it had no term),
`stopped`: when it stopped, `in_time`: it never became late, `extensions`: how many were granted. Nothing but `in_time: true` where the
diagram's clock never ran.

`late_matters`: open cases of a process (several: separated by spaces) whose own clock is late, the longest late first, no more than `most`
(20, 200 at most): a list `matters` of {number, title, unit, since}. What is confidential is never among them, nor another world's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from engine import worlds
from engine.tables import instance
from escalation.filters import CASE
from escalation.tables import clock

if TYPE_CHECKING:
    from datetime import datetime

    from engine.core import Core

Row = dict[str, Any]

USUAL, MOST = 20, 200
"""Late matters that are told: where nothing is said, and however many are asked for."""

PROCESS: Final = "case_dispatch"
_OPEN = ("active", "suspended")


def clock_told(core: Core, instance_id: int, parameters: Row) -> Row:
    """See above."""
    query = (
        select(clock.c.due_at, clock.c.stopped_at, clock.c.breached_at, clock.c.extensions, clock.c.world_id)
        .where(clock.c.instance_id == instance_id, clock.c.name == str(parameters.get("clock")))
        .order_by(clock.c.started_at.desc(), clock.c.task_id.desc())
        .limit(1)
    )
    with core.db.read() as connection:
        row = connection.execute(query).first()
    if row is None:
        return {"in_time": True}
    zone = worlds.get(core, row.world_id).zone
    due, stopped = (at.astimezone(zone).isoformat() if at is not None else None for at in (row.due_at, row.stopped_at))
    return {"due": due, "stopped": stopped, "in_time": row.breached_at is None, "extensions": row.extensions}


def late_matters(core: Core, instance_id: int, parameters: Row) -> Row:
    """See above."""
    keys = str(parameters.get("process") or PROCESS).split()
    asked = parameters.get("most")
    most = USUAL if asked is None else max(0, min(int(asked), MOST))
    with core.db.read() as connection:
        here = connection.execute(select(instance.c.world_id).where(instance.c.id == instance_id)).scalar_one()
        query = (
            select(instance.c.number, instance.c.title, instance.c.unit_id, clock.c.breached_at)
            .join_from(clock, instance, instance.c.id == clock.c.instance_id)
            .where(
                clock.c.world_id == here,
                clock.c.name == CASE,
                clock.c.task_id == 0,
                clock.c.stopped_at.is_(None),
                clock.c.breached_at.is_not(None),
                instance.c.key.in_(keys),
                instance.c.status.in_(_OPEN),
                ~instance.c.confidential,
            )
            .order_by(clock.c.breached_at, clock.c.instance_id)
            .limit(most)
        )
        found = list(connection.execute(query))
    zone = worlds.get(core, here).zone

    def day(at: datetime) -> str:
        return at.astimezone(zone).date().isoformat()

    matters = [
        {"number": row.number, "title": row.title, "unit": core.unit_key(row.unit_id), "since": day(row.breached_at)}
        for row in found
    ]
    return {"matters": matters}


ACTIONS = {"clock_told": clock_told, "late_matters": late_matters}
