"""Whether what a page shows is of a drill: then it says so on every page, and its times are those of the drill's clock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import g, request

from engine import worlds
from engine.tables import LIVE
from engine.tables.columns import LARGEST_ID
from engine.worlds import DRILL, World
from escalation.emergencies import drills, plans
from web.auth import city

_NONE = object()


def shown() -> World | None:
    """The drill whose case, task or page this request is about; none otherwise."""
    found = g.get("drill", _NONE)
    if found is _NONE:
        found = g.drill = _find()
    return found  # type: ignore[no-any-return]


def now() -> datetime | None:
    """What the clock of that drill shows; none where the page is of no drill."""
    world = shown()
    return world.now if world is not None else None


def running() -> list[dict[str, Any]]:
    """The drills that run and tell the reader something: tabs of their own beside the inbox, which counts nothing of them."""
    return drills.mine(city().core, g.actor)


def say(world: World) -> None:
    """This page is of that drill."""
    g.drill = world
    g.now = world.now


def _find() -> World | None:
    case = _case(request.view_args or {})
    if case is None or g.get("actor") is None:
        return None
    where = plans.kind_of_world(city().core, case)
    if where is None or where[0] == LIVE or where[1] != DRILL:
        return None
    return worlds.get(city().core, where[0])


def _case(given: dict[str, Any]) -> int | None:
    for name in ("instance_id", "instance"):
        if isinstance(given.get(name), int):
            return _kept(int(given[name]))
    before = str(given.get("ref") or "").partition(".")[0]
    return _kept(int(before)) if before.isdecimal() and len(before) < 20 else None


def _kept(number: int) -> int | None:
    """A number that a database keeps; others are no case's."""
    return number if number <= LARGEST_ID else None
