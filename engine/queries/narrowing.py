"""What narrows an inbox to a light, a unit or a place. Some of it is a range of the index that an inbox reads the front of (`before`);
the rest is asked of that front alone (`after`), so that nothing is scanned for what may not be there."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, case

from engine.tables import instance, task


class Lit(StrEnum):
    """The light of a task by its own two times."""

    RED = "red"
    YELLOW = "yellow"
    GREEN = "green"
    NONE = "none"


def before(light: Lit | None, now: datetime) -> list[ColumnElement[bool]]:
    """Conditions that are ranges of the due time."""
    if light is Lit.RED:
        return [task.c.due_at < now]
    if light is Lit.NONE:
        return [task.c.due_at.is_(None)]
    return [task.c.due_at >= now] if light is not None else []


def after(light: Lit | None, unit_id: int | None, area: str | None, now: datetime) -> list[ColumnElement[bool]]:
    """Conditions on the front of an inbox, joined with its cases. `unit_id`: whose the case is; `area`: where it lies."""
    found: list[ColumnElement[bool]] = []
    if light in (Lit.YELLOW, Lit.GREEN):
        found.append(lit(now) == light.value)
    if unit_id is not None:
        found.append(instance.c.unit_id == unit_id)
    if area is not None:
        found.append(instance.c.area == area)
    return found


def lit(now: datetime) -> ColumnElement[Any]:
    """The light of a task, as SQL."""
    return case(
        (task.c.due_at.is_(None), Lit.NONE.value),
        (task.c.due_at < now, Lit.RED.value),
        (task.c.warn_at <= now, Lit.YELLOW.value),
        else_=Lit.GREEN.value,
    )
