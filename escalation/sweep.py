"""What comes of clocks with time, whoever acts or not: found by an index, written in the instance's own step, once. Each pass has a file
of its own: breaches here, `reminding`, `resuming`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import ColumnElement, select

from engine import worlds
from engine.steps import Reply, Seen, run
from engine.worlds import World
from engine.writes import WriteSet
from escalation import breaching, sla
from escalation.clocks import from_row
from escalation.tables import clock

if TYPE_CHECKING:
    from engine.core import Core

log = structlog.get_logger("liandong.sweep")

Plan = Callable[["Core", Seen, WriteSet], Reply]
"""A step that answers {"done": how many clocks it changed}; one that finds nothing left to do writes nothing."""


def breaches(core: Core, limit: int = 200, world_id: int | None = None) -> int:
    """Write the breach of up to `limit` clocks that ran out; answers for how many instances one was written."""

    def due(world: World) -> list[ColumnElement[bool]]:
        return [clock.c.stopped_at.is_(None), clock.c.breached_at.is_(None), clock.c.due_at < world.now]

    return each(core, due, clock.c.due_at, _breach, "breach not written", limit, world_id)


def each(
    core: Core,
    due: Callable[[World], list[ColumnElement[bool]]],
    order: ColumnElement[object],
    plan: Plan,
    failed: str,
    limit: int,
    world_id: int | None,
) -> int:
    """A step of `plan` for each instance of which a clock is due, world by world, at most `limit` clocks of each; answers for how many
    something was written. One that fails holds up no other, and is tried again by the next pass."""
    written = 0
    with core.db.read() as connection:
        known = worlds.at_work(connection, core, world_id)
    for world in known:
        query = select(clock.c.instance_id).where(clock.c.world_id == world.id, *due(world)).order_by(order)
        with core.db.read() as connection:
            ids = list(dict.fromkeys(i for (i,) in connection.execute(query.limit(limit))))
        for instance_id in ids:
            try:
                written += run(core, instance_id, partial(plan, core))["done"] > 0
            except Exception:
                log.exception(failed, instance=instance_id)
    return written


def breach(core: Core, instance_id: int) -> int:
    """Write the breaches of one instance, now; answers how many."""
    return int(run(core, instance_id, partial(_breach, core))["done"])


def _breach(core: Core, seen: Seen, writes: WriteSet) -> Reply:
    found = 0
    for row in seen.extra[clock.name]:
        late = sla.breach(from_row(row), seen.now)
        if late.breached_at is not None and row["breached_at"] is None:
            found += 1
            writes.update(clock, name=row["name"], task_id=row["task_id"], breached_at=late.breached_at)
            breaching.record(core, seen, writes, row, late)
    return {"done": found}
