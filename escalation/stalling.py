"""The pass that finds cases which nobody moves: late or of a grade that matters, open, and no act of a person for so many working days.
Each stillness is told once, in the case's own step: a row of history and the message `no_progress`, by which a supervision begins."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Connection, exists, func, or_, select

from engine import calendars, effects, settings, waits, worlds
from engine.calendar import Budget, Unit
from engine.events import Event
from engine.steps import Reply, Seen, run
from engine.tables import LIVE, history, instance
from engine.writes import WriteSet
from escalation import holders
from escalation.breaching import FACTS
from escalation.standing import PROGRESS, last_by_people
from escalation.tables import clock, rung

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

DEFAULTS: Row = {"stalled_after_days": 5, "stalled_grades": ["major"], "stalled_processes": ["case_dispatch"]}
"""Proposals: no source says when a matter counts as 无进展. Working days; rows of `setting` win."""

MESSAGE = "no_progress"

log = structlog.get_logger("liandong.stalling")


def sweep(core: Core, limit: int = 100) -> int:
    """Tell of up to `limit` cases that stand still; answers of how many. Only of the live world."""
    with core.db.read() as connection:
        said = settings.read(connection, DEFAULTS)
        now = worlds.on(connection, core, LIVE).now
        book = calendars.current(core, connection)
        found = _candidates(connection, said, now, limit)
    days = Decimal(str(said["stalled_after_days"]))
    calendar = book.calendars[calendars.DEFAULT]
    told = 0
    for case_id, last in found:
        if calendar.due(last, Budget(days, Unit.WORK_DAY)) > now:
            continue
        try:
            told += run(core, case_id, partial(_tell, core, last))["told"]
        except Exception:
            log.exception("stillness not told", instance=case_id)  # the others are not held up; it is tried again
    return told


def _candidates(connection: Connection, said: Row, now: datetime, limit: int) -> list[tuple[int, datetime]]:
    """Cases with the time of the last act of a person, the longest first. A work day is no shorter than a day of the calendar."""
    acts, told_before = history.alias("acts"), history.alias("told_before")
    newest = select(func.max(acts.c.at)).where(
        acts.c.instance_id == instance.c.id, acts.c.actor_id.is_not(None), acts.c.kind.in_(PROGRESS)
    )
    last = func.coalesce(newest.correlate(instance).scalar_subquery(), instance.c.started_at)
    late = exists().where(
        clock.c.instance_id == instance.c.id, clock.c.stopped_at.is_(None), clock.c.breached_at.is_not(None)
    )
    stands = exists().where(
        clock.c.instance_id == instance.c.id, clock.c.stopped_at.is_(None), clock.c.paused_at.is_not(None)
    )
    supervision = instance.alias("supervision")
    supervised = exists().where(
        rung.c.case_id == instance.c.id, supervision.c.id == rung.c.instance_id, supervision.c.ended_at.is_(None)
    )
    told = exists().where(
        told_before.c.instance_id == instance.c.id,
        told_before.c.kind == str(Event.STALLED),
        told_before.c.at >= last,
    )
    query = (
        select(instance.c.id, last.label("last"))
        .where(
            instance.c.world_id == LIVE,
            instance.c.status == "active",
            instance.c.key.in_(said["stalled_processes"]),
            or_(instance.c.grade.in_(said["stalled_grades"]), late),
            last <= now - timedelta(days=int(said["stalled_after_days"])),
            ~stands,
            ~supervised,
            ~told,
        )
        .order_by(last)
        .limit(limit)
    )
    return [(row.id, row.last) for row in connection.execute(query)]


def _tell(core: Core, last: datetime, seen: Seen, writes: WriteSet) -> Reply:
    with core.db.read() as connection:
        moved = last_by_people(connection, writes.instance_id)
    if seen.instance["state"] is None or (moved is not None and moved > last):
        return {"told": 0}
    facts = seen.instance["facts"]
    seq = effects.record(seen, writes, Event.STALLED, data={"since": last.isoformat()})
    payload: Row = {
        "case_id": str(writes.instance_id),
        "case_number": seen.instance["number"],
        "case_process": seen.instance["key"],
        **{name: facts[name] for name in FACTS if facts.get(name) is not None},
        "late_unit": core.unit_key(holders.of_tasks(seen.open_tasks.values(), seen.instance["unit_id"])),
        "since": last.isoformat(),
    }
    letter: Row = {
        "what": "message",
        "name": MESSAGE,
        "key": str(writes.instance_id),
        "payload": payload,
        "at": seen.now.isoformat(),
        "optional": True,  # a supervision that runs already needs no second one
    }
    waits.put(writes, seen, f"stalled-{seq}", "send", None, seen.now, letter)
    return {"told": 1}
