"""Pauses that end by themselves: what was shelved for a time, or stood for as long as a ground lasts, runs again when that is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement

from engine.steps import Reply, Seen
from engine.worlds import World
from engine.writes import WriteSet
from escalation import sweep
from escalation.ledger import Ledger
from escalation.tables import clock

if TYPE_CHECKING:
    from engine.core import Core


def resumptions(core: Core, limit: int = 200, world_id: int | None = None) -> int:
    """Let up to `limit` clocks go on whose pause is over; answers of how many instances one did."""

    def due(world: World) -> list[ColumnElement[bool]]:
        return [clock.c.paused_at.is_not(None), clock.c.stopped_at.is_(None), clock.c.paused_until <= world.now]

    return sweep.each(core, due, clock.c.paused_until, _resume, "clock not resumed", limit, world_id)


def _resume(core: Core, seen: Seen, writes: WriteSet) -> Reply:
    ledger, done = Ledger(core, seen, writes), 0
    for row in seen.extra[clock.name]:
        if row["paused_until"] is not None and row["paused_until"] <= seen.now:
            done += ledger.resume(row) is not None
    return {"done": done}
