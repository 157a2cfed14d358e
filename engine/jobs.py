"""Durable jobs: timers, actions, messages and signals on their way, kept in the database with an indexed due time.

Any number of workers share them. A worker leases due rows (by the database's clock), raises their fence and carries each out
as one step that is refused when the fence has moved on: a worker that slept through its lease cannot write late. A job that fails
three times becomes an incident; the others go on. Whatever ticks only calls `run_due`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import bindparam, or_, select, update

from engine import actions, automatic, effects, incidents, messages, waits, worlds
from engine.db import is_lost
from engine.errors import LeaseLost
from engine.events import Event
from engine.leases import LEASE, Leased
from engine.steps import Reply, Seen, run
from engine.tables import job
from engine.waits import timer_of
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core

TRIES = 3
BACKOFF = timedelta(seconds=10)
"""Wait before the next try, times the number of tries so far."""

log = structlog.get_logger("liandong.jobs")


@dataclass(slots=True)
class Pass:
    """What one pass did."""

    done: int = 0
    failed: int = 0
    fenced: int = 0


def run_due(core: Core, limit: int = 100, world_id: int | None = None, lease_for: timedelta = LEASE) -> Pass:
    """Carry out up to `limit` due jobs, each in a transaction of its own."""
    result = Pass()
    for leased in lease(core, limit, world_id, lease_for):
        try:
            _at_once_again(core, leased)
            result.done += 1
        except LeaseLost:
            result.fenced += 1
        except Exception as error:
            log.exception("job failed", instance=leased.instance_id, job=leased.id)
            failed(core, leased, error)
            result.failed += 1
    return result


def _at_once_again(core: Core, leased: Leased) -> None:
    """Carry out a job, once more where the database went away meanwhile: that is no failure of the job. Whether its step was written before
    says the fence: it went with the job."""
    try:
        execute(core, leased)
    except Exception as error:
        if not is_lost(error):
            raise
        log.warning("connection lost, job done again", instance=leased.instance_id, job=leased.id)
        execute(core, leased)


def lease(core: Core, limit: int, world_id: int | None = None, lease_for: timedelta = LEASE) -> list[Leased]:
    """Take due jobs, the longest due first: those whose time has come on their world's clock and that nobody holds. A world in which none
    is due costs one look and locks nothing."""
    taken: list[Leased] = []
    with core.db.read() as connection:
        found = [
            world
            for world in worlds.at_work(connection, core, world_id)
            if connection.execute(_ANY_DUE, {"world": world.id, "by": world.now}).first() is not None
        ]
    for world in found:
        with core.db.write() as connection:
            now = core.db.now_on(connection)
            asked = {"world": world.id, "by": world.now, "now": now, "most": limit - len(taken)}
            rows = connection.execute(_DUE, asked).mappings().all()
            until = now + lease_for
            if rows:
                connection.execute(_TAKE, [{"i": row["instance_id"], "j": row["id"], "until": until} for row in rows])
            taken += [Leased.of(dict(row)) for row in rows]
        if len(taken) >= limit:
            break
    return taken


# Statements are built once: building one costs more than running it.

_WAITS = (
    job.c.world_id == bindparam("world"),
    job.c.state == "waiting",
    job.c.due_at <= bindparam("by", type_=job.c.due_at.type),
)
_ANY_DUE = select(job.c.id).where(*_WAITS).limit(1)
_DUE = (
    select(job)
    .where(
        *_WAITS, or_(job.c.lease_until.is_(None), job.c.lease_until < bindparam("now", type_=job.c.lease_until.type))
    )
    .order_by(job.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_TAKE = (
    update(job)
    .where(job.c.instance_id == bindparam("i"), job.c.id == bindparam("j"))
    .values(lease_until=bindparam("until", type_=job.c.lease_until.type), fence=job.c.fence + 1)
)


def execute(core: Core, leased: Leased) -> None:
    """Carry out one leased job. LeaseLost when another worker has it now."""
    _KINDS[leased.kind](core, leased)


def _fire(core: Core, leased: Leased) -> None:
    """The time of a timer has come."""

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        if seen.suspended:
            waits.hold(writes, leased)
            return {}
        if seen.instance["state"] is None:
            writes.delete(job, id=leased.id)
            return {}
        definition, process_run = effects.resume(core, seen)
        timer = timer_of(leased.id)
        due = process_run.not_before(*timer)
        if due is not None and due > seen.now:  # another calendar moved it after it was taken
            writes.update(job, id=leased.id, due_at=due, lease_until=None)
            return {}
        writes.delete(job, id=leased.id)
        if process_run.fire(*timer):
            missed = process_run.lapse["missed"] if process_run.lapse is not None else 0
            said: dict[str, Any] = {"timer": leased.node, **({"missed": missed} if missed else {})}
            effects.apply(core, definition, seen, writes, process_run, Event.TIMER_FIRED, data=said)
        return {}

    run(core, leased.instance_id, plan, fence=leased.held)


_KINDS: dict[str, Callable[[Core, Leased], None]] = {
    "timer": _fire,
    "action": actions.carry_out,
    "send": messages.send,
    "deliver": messages.deliver,
    "back": messages.bring_back,
    "auto": automatic.carry_out,
}


def failed(core: Core, leased: Leased, error: Exception) -> None:
    """Count a failure; after the third, or when trying again is of no use, hold the job and write an incident. What an action has
    done already is kept, so that it is not done once more."""
    keep: dict[str, Any] = {}
    if isinstance(error, actions.NotTaken):
        keep, error = {"payload": {**(leased.payload or {}), "done": error.done}}, error.cause
    elif isinstance(error, messages.Undelivered):
        keep = {"payload": messages.fresh(leased.payload or {})}
    message = incidents.explain(error)
    tries = leased.tries + 1
    if tries >= TRIES or leased.world_id < 0 or isinstance(error, messages.Undelivered):  # a trial does not wait
        held = {"state": "failed", "tries": tries, "error": message[:2000], "lease_until": None, **keep}

        def plan(seen: Seen, writes: WriteSet) -> Reply:
            writes.update(job, id=leased.id, **held)
            # what somebody else's process says of a message is told at the node of this one that sent it
            node = leased.node if leased.kind == "send" else incidents.node_of(error) or leased.node
            incidents.add(seen, writes, node, error, leased.id)
            return {}

        run(core, leased.instance_id, plan, fence=leased.held)
        return
    with core.db.write() as connection:
        wait = core.db.now_on(connection) + BACKOFF * tries
        connection.execute(
            update(job)
            .where(job.c.instance_id == leased.instance_id, job.c.id == leased.id, job.c.fence == leased.fence)
            .values(tries=tries, error=message[:2000], lease_until=wait, **keep)
        )
