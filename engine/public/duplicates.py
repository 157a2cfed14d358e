"""Reports near in place and kind, offered for joining before one more is sent. What another person wrote is not told: only the kind of
problem, how far away, since when, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import worlds
from engine.errors import NotFound
from engine.public import terms
from engine.public.places import box, metres
from engine.states import InstanceStatus
from engine.tables import LIVE, instance

if TYPE_CHECKING:
    from engine.core import Core

MOST = 3
"""Offered at once: more is a list that nobody reads on a phone."""
_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Near:
    """A case that may be the same. `metres`: how far away, none when one of the two has no point."""

    instance_id: int
    topic: str
    area: str | None
    at: datetime
    metres: int | None


def near(core: Core, answers: Mapping[str, Any]) -> list[Near]:
    """Running cases that may be what this report tells, the nearest first."""
    with core.db.read() as connection:
        asked = terms.read(connection)
        now = worlds.on(connection, core, LIVE).now
        lat, lon = answers.get("lat"), answers.get("lon")
        around = float(asked["public_duplicate_metres"])
        query = (
            select(instance.c.id, instance.c.lat, instance.c.lon, instance.c.area, instance.c.started_at,
                   instance.c["class"], instance.c.facts)
            .where(
                instance.c.world_id == LIVE,
                instance.c.key == asked["public_process"],
                instance.c.started_at > now - timedelta(days=float(asked["public_duplicate_days"])),
                instance.c.status == str(InstanceStatus.ACTIVE),
                instance.c.source.in_(list(asked["public_duplicate_sources"])),
            )
            .order_by(instance.c.started_at.desc())
            .limit(_LOOKED_AT)
        )  # fmt: skip
        if lat is not None and lon is not None:
            south, north, west, east = box(lat, lon, around)
            query = query.where(instance.c.lat.between(south, north), instance.c.lon.between(west, east))
        else:
            query = query.where(instance.c.area == answers.get("area"), instance.c.place == answers.get("place"))
        rows = connection.execute(query).all()
    found = []
    for row in rows:
        topic = str(row.facts.get("topic") or (row[5] or "")[: len("C-01")])
        if topic != answers.get("topic"):
            continue
        away = metres(lat, lon, row.lat, row.lon) if lat is not None and lon is not None else None
        if away is None or away <= around:
            found.append(
                Near(row.id, topic, row.area, row.started_at, int(round(away, -1)) if away is not None else None)
            )
    return sorted(found, key=lambda one: (one.metres or 0, one.at))[:MOST]


def check_offered(core: Core, answers: Mapping[str, Any], instance_id: int) -> None:
    """NotFound unless this case would be offered to who sends these answers: nobody joins a case they only know the number of."""
    if not any(one.instance_id == instance_id for one in near(core, answers)):
        raise NotFound(what="case")
