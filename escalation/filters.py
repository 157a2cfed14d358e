"""Conditions on cases by their clocks, for lists and figures: what a light shows at an instant, as SQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, or_, select

from engine.tables import instance
from escalation.sla import Light
from escalation.tables import clock

CASE = "case"
"""The id of the clock of a whole case, by convention of the diagrams."""


def light(colour: Light, now: datetime) -> ColumnElement[bool]:
    """Cases whose case clock shows this light at `now`; `Light.NONE`: no clock, or one without a due time."""
    stopped, due, warn, stands = clock.c.stopped_at, clock.c.due_at, clock.c.warn_at, clock.c.paused_at
    late = or_(clock.c.breached_at.is_not(None), and_(stopped.is_(None), due < now), stopped > due)
    near = and_(stopped.is_(None), warn <= now)
    if colour is Light.NONE:
        return ~_case_clock(or_(due.is_not(None), clock.c.breached_at.is_not(None), stands.is_not(None)))
    # A clock without a due time compares as unknown: each branch says what it needs.
    timed = due.is_not(None)
    in_time = and_(clock.c.breached_at.is_(None), or_(and_(stopped.is_(None), due >= now), stopped <= due))
    conditions: dict[Light, ColumnElement[bool]] = {
        Light.RED: late,
        Light.YELLOW: and_(timed, in_time, near),
        Light.GREEN: or_(
            and_(timed, in_time, or_(stopped.is_not(None), warn.is_(None), warn > now)),
            and_(stands.is_not(None), due.is_(None), clock.c.breached_at.is_(None)),  # one that stands is not late
        ),
    }
    return _case_clock(conditions[colour])


def case_due() -> ScalarSelect[Any]:
    """When a case is due, to sort by; none for one without a due time."""
    return (
        select(clock.c.due_at)
        .where(clock.c.instance_id == instance.c.id, clock.c.task_id == 0, clock.c.name == CASE)
        .order_by(clock.c.started_at.desc())
        .limit(1)
        .scalar_subquery()
    )


def _case_clock(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(
        select(clock.c.instance_id).where(
            clock.c.instance_id == instance.c.id, clock.c.task_id == 0, clock.c.name == CASE, condition
        )
    )
