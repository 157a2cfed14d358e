"""Deliveries that are over do not stay: their notice does, and the history that it tells of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, tuple_

from engine import worlds
from engine.tables import LIVE
from escalation.sending import rules
from escalation.tables import delivery

if TYPE_CHECKING:
    from engine.core import Core


def sweep(core: Core, limit: int = 500) -> int:
    """Delete up to so many that ended before the days of `sending_keep_days`; answers how many. What waits stays."""
    with core.db.write() as connection:
        before = worlds.on(connection, core, LIVE).now - rules.read(connection).keep
        old = connection.execute(
            select(delivery.c.instance_id, delivery.c.id)
            .where(delivery.c.state.in_(("sent", "dropped", "dead")), delivery.c.at < before)
            .limit(limit)
        ).all()
        if old:
            keys = [tuple(each) for each in old]
            connection.execute(delete(delivery).where(tuple_(delivery.c.instance_id, delivery.c.id).in_(keys)))
        return len(old)
