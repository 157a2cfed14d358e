"""What happens when a clock runs out: the fact of the breach is written once, in the instance's own step."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select

from engine import worlds
from engine.steps import Reply, Seen, run
from engine.writes import WriteSet
from escalation import breaching, sla
from escalation.clocks import from_row
from escalation.tables import clock

if TYPE_CHECKING:
    from engine.core import Core

log = structlog.get_logger("liandong.sweep")


def breaches(core: Core, limit: int = 200, world_id: int | None = None) -> int:
    """Write the breach of up to `limit` clocks that ran out; answers for how many instances one was written."""
    written = 0
    for world in worlds.every(core):
        if world_id is not None and world.id != world_id:
            continue
        with core.db.read() as connection:
            due = connection.execute(
                select(clock.c.instance_id)
                .where(
                    clock.c.world_id == world.id,
                    clock.c.stopped_at.is_(None),
                    clock.c.breached_at.is_(None),
                    clock.c.due_at < world.now,
                )
                .order_by(clock.c.due_at)
                .limit(limit)
            )
            ids = list(dict.fromkeys(i for (i,) in due))
        for instance_id in ids:
            try:
                written += run(core, instance_id, partial(_breach, core))["breached"] > 0
            except Exception:
                log.exception(
                    "breach not written", instance=instance_id
                )  # the others are not held up; it is tried again
    return written


def _breach(core: Core, seen: Seen, writes: WriteSet) -> Reply:
    found = 0
    for row in seen.extra[clock.name]:
        late = sla.breach(from_row(row), seen.now)
        if late.breached_at is not None and row["breached_at"] is None:
            found += 1
            writes.update(clock, name=row["name"], task_id=row["task_id"], breached_at=late.breached_at)
            breaching.record(core, seen, writes, row, late)
    return {"breached": found}
