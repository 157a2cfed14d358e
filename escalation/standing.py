"""How a supervised case stands: the action `clock_standing`, asked before each rung. It only reads, so that trying again changes nothing.

    <ld:action name="clock_standing" case_id="=case_id" since="=stalled_since" raised="=raised"
               result="={matter_moved: result.moved, standing: result}"/>

`moved`: the case has ended, or none of its late clocks runs or stands any more (and, where it is supervised because nothing happened
since `since`, people did something); a matter that was `raised` by hand is an order of its own, which only the end of its case settles.
`paused`: all its late clocks stand by an approved request; the earliest end of that is `until`.
`unit`: whose the clock is that is late the longest (`holders.py`). `late`, `due`: how many late clocks are open, and since when the first
is late. `rounds_most`: the setting."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select

from engine import definitions, settings
from engine.events import Event
from engine.tables import history, instance, task
from escalation import holders
from escalation.clocks import setting_id
from escalation.tables import clock

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

DEFAULTS: Row = {"supervision_rounds": 3}
"""Proposal: the plan says 多次 and gives no number; a row of `setting` wins."""


def clock_standing(core: Core, _instance_id: int, parameters: Row) -> Row:
    """See above. A supervision of no case of ours (raised by hand) never moved by itself."""
    case_id = parameters.get("case_id")
    with core.db.read() as connection:
        most = settings.read(connection, DEFAULTS)["supervision_rounds"]
        if not case_id:
            return {"open": True, "moved": False, "paused": False, "late": 0, "rounds_most": most}
        found = _of(core, connection, int(case_id), parameters.get("since"))
        if parameters.get("raised") is True:
            found["moved"] = not found["open"]
        return {**found, "rounds_most": most}


def _of(core: Core, connection: Connection, case_id: int, since: Any) -> Row:
    case = connection.execute(
        select(instance.c.ended_at, instance.c.definition_id, holders.of_case().label("whose")).where(
            instance.c.id == case_id
        )
    ).first()
    if case is None:
        return {"open": False, "moved": True, "paused": False, "late": 0}
    rows = [row for row in _late(connection, case_id) if _watched(core, row, case.definition_id)]
    moved_at = last_by_people(connection, case_id)
    waits = bool(since) and (moved_at is None or moved_at <= datetime.fromisoformat(str(since)))
    is_open = case.ended_at is None
    paused = bool(rows) and all(row.paused_at is not None for row in rows)
    until = min((row.paused_until for row in rows if row.paused_until is not None), default=None)
    return {
        "open": is_open,
        "moved": not is_open or not (rows or waits),
        "paused": is_open and paused and not waits,
        "until": until.isoformat() if paused and until is not None else None,
        "late": len(rows),
        "due": min(row.breached_at for row in rows).isoformat() if rows else None,
        "unit": core.unit_key(rows[0].whose if rows else case.whose),
        "moved_at": moved_at.isoformat() if moved_at is not None else None,
    }


def _late(connection: Connection, case_id: int) -> list[Any]:
    """The clocks of a case that are late and not stopped, the longest late first, with the version that the task follows and the unit."""
    query = (
        select(
            clock.c.name,
            clock.c.paused_at,
            clock.c.paused_until,
            clock.c.breached_at,
            task.c.definition_id,
            holders.of_clock().label("whose"),
        )
        .join_from(clock, instance, instance.c.id == clock.c.instance_id)
        .outerjoin(task, (task.c.instance_id == clock.c.instance_id) & (task.c.id == clock.c.task_id))
        .where(clock.c.instance_id == case_id, clock.c.stopped_at.is_(None), clock.c.breached_at.is_not(None))
        .order_by(clock.c.breached_at, clock.c.task_id)
    )
    return list(connection.execute(query))


def _watched(core: Core, row: Any, definition_id: int) -> bool:
    """Whether the diagram says of this clock that its breach is told to others: only such clocks are supervised."""
    model = definitions.get(core, row.definition_id or definition_id).model
    named = setting_id(row.name)
    settings_of = (*model.clocks, *(each for node in model.nodes.values() for each in node.settings.clocks))
    return any(each.id == named and each.breach is not None for each in settings_of)


def last_by_people(connection: Connection, case_id: int) -> datetime | None:
    """When a person last brought a case further."""
    query = select(func.max(history.c.at)).where(
        history.c.instance_id == case_id,
        history.c.actor_id.is_not(None),
        history.c.kind.in_(PROGRESS),
    )
    found: datetime | None = connection.execute(query).scalar()
    return found


PROGRESS = (str(Event.COMPLETED), str(Event.TOKEN_MOVED))
"""Kinds of history that bring a matter further: a step was done, or it was put at another one. All else does not, whoever did it: signing
for it, passing it on, delegating, sending back, asking for help, more time, opinions, writing and reading."""
