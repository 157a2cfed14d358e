"""Another book of calendars counts: waiting timers in working time follow it. Each instance is one step, with one history row.

Nothing fires here, and nothing twice: a timer that is due earlier by the new book waits for the next pass over due jobs; one that a worker
has taken already and that is due later now is given back (`engine.jobs`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select

from engine import effects, incidents
from engine.calendars.followers import Moves
from engine.events import Event
from engine.steps import run
from engine.tables import job
from engine.waits import timer_id

if TYPE_CHECKING:
    from engine.core import Core
    from engine.steps import Reply, Seen
    from engine.writes import WriteSet

Row = dict[str, Any]


class Timers:
    """Timers in working time that have not fired: a follower (`engine.calendars.followers`)."""

    def waiting(self, connection: Connection, version: int, after: int, limit: int) -> Sequence[int]:
        """Instances with timers of older versions."""
        c = job.c
        query = select(c.instance_id).where(c.calendars < version, c.instance_id > after)
        return connection.execute(query.distinct().order_by(c.instance_id).limit(limit)).scalars().all()

    def left(self, connection: Connection, version: int) -> int:
        """How many timers are of older versions."""
        return connection.execute(select(func.count()).select_from(job).where(job.c.calendars < version)).scalar_one()

    def recount(self, core: Core, seen: Seen, writes: WriteSet) -> Moves:
        """Count those of one instance, its state and their jobs together. A timer whose calendar the new book does not have stays as it
        was, and is an incident."""
        known = _known(core, seen)
        if seen.instance["state"] is None or not known:
            return Moves()
        _, process_run = effects.resume(core, seen)
        counted, told, later = 0, [], 0
        for timer in process_run.retime():
            job_id = timer_id(timer.id, timer.index, timer.occurrence)
            if job_id not in known:
                continue
            counted += 1
            if timer.problem is not None:
                incidents.add(seen, writes, timer.node.id, timer.problem, None)
            moved = {"due_at": timer.due} if timer.due != timer.before else {}
            writes.update(job, id=job_id, calendars=seen.calendars, **moved)
            if moved:
                later += timer.due > timer.before
                before, after = timer.before.isoformat(), timer.due.isoformat()
                told.append({"timer": timer.node.id, "before": before, "after": after})
        if told:
            writes.instance["state"] = process_run.outcome().state
            effects.record(seen, writes, Event.TIMERS_MOVED, data={"timers": told, "version": seen.calendars})
        return Moves(counted, len(told) - later, later)


def retime(core: Core, instance_id: int) -> Moves:
    """Bring the timers of one instance to the book that counts now, as a step of its own. NotFound when there is no such instance."""
    found = Moves()

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        nonlocal found
        found = Timers().recount(core, seen, writes)
        return {"counted": found.counted}

    run(core, instance_id, plan)
    return found


def _known(core: Core, seen: Seen) -> set[str]:
    """The jobs of the instance that an earlier book counted."""
    query = select(job.c.id).where(job.c.instance_id == seen.instance["id"], job.c.calendars < seen.calendars)
    with core.db.read() as connection:
        return set(connection.execute(query).scalars())
