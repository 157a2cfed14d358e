"""Where something is: the nearest community to a point, and how far two points lie apart."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from engine.queries import places

if TYPE_CHECKING:
    from engine.core import Core

SMALL = ("community", "village")
LARGE = ("street", "town", "district")
NEAR, FARTHEST = 5_000, 30_000
"""Metres: a community is taken when it is near, else a town; a point farther from every town lies in another city."""
_METRES_A_DEGREE = 111_320


def metres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """The distance of two points (degrees, WGS 84), good to a percent within a city."""
    north = (other_lat - lat) * _METRES_A_DEGREE
    east = (other_lon - lon) * _METRES_A_DEGREE * math.cos(math.radians(lat))
    return math.hypot(north, east)


def box(lat: float, lon: float, around: float) -> tuple[float, float, float, float]:
    """South, north, west, east of the square that holds everything within `around` metres."""
    high = around / _METRES_A_DEGREE
    wide = around / (_METRES_A_DEGREE * max(0.1, math.cos(math.radians(lat))))
    return lat - high, lat + high, lon - wide, lon + wide


def nearest_area(core: Core, lat: float, lon: float) -> str | None:
    """The key of the community whose centre is nearest, else of the town; none when the point lies in another city."""
    known = places.places(core)
    for kinds, most in ((SMALL, NEAR), (LARGE, FARTHEST)):
        found = min(((metres(lat, lon, p.lat, p.lon), p.key) for p in known if p.kind in kinds), default=None)
        if found is not None and found[0] <= most:
            return found[1]
    return None
