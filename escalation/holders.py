"""Whose a late clock is: the unit's whose task it is; a clock of the whole case is the unit's that has the case, that of its oldest open
task (as `holding.py` tells it of the past), else the case's own. One rule for ladder and board: a unit that did its part in time is not
called late for what another one keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from engine.tables import instance, task
from escalation.holding import SIGNER

OPEN = ("open", "suspended")


def of_tasks(tasks: Iterable[Mapping[str, Any]], own: int | None) -> int | None:
    """The unit that has a case with these open tasks; `own`: the case's unit, which has it while none of them is a unit's."""
    held = sorted((t for t in tasks if t["role"] != SIGNER), key=lambda t: (t["opened_at"], t["id"]))
    return next((t["unit_id"] for t in held if t["unit_id"] is not None), own)


def at(connection: Connection, case_id: int, when: datetime, own: int | None) -> int | None:
    """The unit that had a case at a moment, by what is written."""
    query = select(task.c.id, task.c.role, task.c.unit_id, task.c.opened_at).where(
        task.c.instance_id == case_id,
        task.c.opened_at <= when,
        or_(task.c.closed_at.is_(None), task.c.closed_at > when),
    )
    return of_tasks((dict(row) for row in connection.execute(query).mappings()), own)


def of_case() -> ColumnElement[int | None]:
    """The unit that has a case now, in SQL: of the row of `instance` that the query around it reads."""
    held = task.alias("held")
    oldest = (
        select(held.c.unit_id)
        .where(
            held.c.instance_id == instance.c.id,
            held.c.state.in_(OPEN),
            held.c.role.is_distinct_from(SIGNER),
            held.c.unit_id.is_not(None),
        )
        .order_by(held.c.opened_at, held.c.id)
        .limit(1)
        .correlate(instance)
        .scalar_subquery()
    )
    return func.coalesce(oldest, instance.c.unit_id)


def of_clock() -> ColumnElement[int | None]:
    """The unit of a clock, where the query around it reads `instance` and, joined outer, the row of `task` that the clock is of."""
    return func.coalesce(task.c.unit_id, of_case())
