"""The inbox seen by light, process, unit or place: how many of the most urgent there are of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, func

from engine.people import Actor
from engine.queries import inbox, narrowing
from engine.queries.inbox import Sort, Tab, Wanted
from engine.queries.narrowing import Lit
from engine.tables import instance

if TYPE_CHECKING:
    from engine.core import Core

KEYS = ("tab", "q", "kind", "light", "unit", "area", "sort", "by")
"""What an address of the inbox, and a filter that somebody keeps, may say."""


class By(StrEnum):
    """What the inbox is seen by."""

    LIGHT = "light"
    PROCESS = "process"
    UNIT = "unit"
    AREA = "area"


def groups(core: Core, actor: Actor, wanted: Wanted, by: By, now: datetime) -> list[tuple[Any, int]]:
    """The values of `by` among the most urgent tasks that `wanted` means, whatever value it names itself, with how many there are of
    each, the most first, lights from red to none. None stands for those without."""
    column = _column(by, now)
    open_ = _without(wanted, by)
    with core.db.read() as connection:
        query = inbox.fronted(connection, actor, open_, now)
        if query is None:
            return []
        later = narrowing.after(open_.light, open_.unit, open_.area, now)
        query = query.with_only_columns(column, func.count()).where(*later).group_by(column)
        found = [(value, count) for value, count in connection.execute(query)]
    if by is By.LIGHT:
        return sorted(found, key=lambda one: list(Lit).index(one[0]))
    return sorted(found, key=lambda one: (-one[1], str(one[0])))


def wanted_of(said: Mapping[str, str], *, usual: Tab, page: int = 1, size: int = 25) -> Wanted:
    """What an address or a kept filter asks for; what makes no sense is as if it were not said."""
    process, _, node = said.get("kind", "").partition(".")
    unit = said.get("unit", "")
    return Wanted(
        tab=Tab(said["tab"]) if said.get("tab") in list(Tab) else usual,
        text=said.get("q", "").replace("\x00", "").strip()[:100],
        process=process[:100] or None,
        node=node[:100] or None,
        light=Lit(said["light"]) if said.get("light") in list(Lit) else None,
        unit=int(unit) if unit.isascii() and unit.isdecimal() and len(unit) < 10 else None,
        area=said.get("area", "").replace("\x00", "")[:64] or None,
        sort=Sort(said["sort"]) if said.get("sort") in list(Sort) else Sort.DUE,
        page=max(1, page),
        size=size,
    )


def _column(by: By, now: datetime) -> ColumnElement[Any]:
    if by is By.LIGHT:
        return narrowing.lit(now)
    return {By.PROCESS: instance.c.key, By.UNIT: instance.c.unit_id, By.AREA: instance.c.area}[by]


def _without(wanted: Wanted, by: By) -> Wanted:
    if by is By.LIGHT:
        return replace(wanted, light=None)
    if by is By.UNIT:
        return replace(wanted, unit=None)
    if by is By.AREA:
        return replace(wanted, area=None)
    return replace(wanted, process=None, node=None)
