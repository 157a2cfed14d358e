"""Posts whose term runs out by itself: nobody carries out a change then, so what was claimed by their holder goes back to the post here."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select

from engine.organisation import moving
from engine.organisation.mover import Mover
from engine.organisation.work import Work
from engine.steps import run
from engine.tables import membership, unit

if TYPE_CHECKING:
    from engine.core import Core

log = structlog.get_logger("liandong.organisation")

LOOKED_BACK = timedelta(days=7)
"""Terms that ended so lately are looked at: longer than a city's workers stand still."""


def run_due(core: Core, limit: int) -> int:
    """Give back the tasks of those whose term is over, each case in a step of its own; answers how many cases changed."""
    mover = _mover(core)
    if mover is None:
        return 0
    changed = 0
    for each in moving.waiting(core, mover, 0, limit):
        try:
            changed += bool(run(core, each, mover.plan)["changed"])
        except Exception:  # one case that cannot be moved holds up no other
            log.exception("a task could not be given back", instance=each)
    return changed


def _mover(core: Core) -> Mover | None:
    m = membership.c
    with core.db.read() as connection:
        now = core.db.now_on(connection)
        over = select(m.person_id, m.unit_id, m.post_key).where(m.until <= now, m.until > now - LOOKED_BACK)
        backs: list[tuple[int, int | None, str | None, int | None]] = [
            (person, unit_id, post, None) for person, unit_id, post in connection.execute(over)
        ]
        if not backs:
            return None
        held = select(m.person_id, m.unit_id, m.post_key).where((m.until.is_(None)) | (m.until > now))
        keys: dict[int, str] = dict(connection.execute(select(unit.c.id, unit.c.key)).all())
        units = {key: core.unit_id(key) or unit_id for unit_id, key in keys.items()}
        return Mover(None, Work(backs=backs), units, keys, frozenset(connection.execute(held)))
