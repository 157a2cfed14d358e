"""Where the areas of the city lie: for a map without tiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from engine.bpmn.values import Names
from engine.tables import area

if TYPE_CHECKING:
    from engine.core import Core


@dataclass(frozen=True, slots=True)
class Place:
    """An area with its centre (degrees, WGS 84); `parent` is the area it lies in."""

    key: str
    names: Names
    kind: str
    parent: str | None
    lat: float
    lon: float


def places(core: Core) -> list[Place]:
    """The city's own areas that have a position."""
    with core.db.read() as connection:
        rows = connection.execute(
            select(area)
            .where(area.c.realm == "", area.c.lat.is_not(None), area.c.lon.is_not(None))
            .order_by(area.c.key)
        )
        return [Place(r.key, Names(r.name_zh, r.name_en), r.kind, r.parent_key, r.lat, r.lon) for r in rows]
