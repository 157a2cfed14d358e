"""How long steps took by their own clocks: what counted of a limit, in its unit, pauses left out. By step, median and 90th percentile."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from engine.calendar import Unit
from engine.people import Actor
from engine.queries import flows
from engine.queries.flows import Asked
from engine.tables import task
from escalation import sla
from escalation.clocks import from_row
from escalation.lights import calendar_of
from escalation.tables import clock

if TYPE_CHECKING:
    from engine.core import Core

MOST = 50_000
"""Clocks that are counted for one page; of more nothing is told rather than of some."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What counted of the limits of a step in one unit: of how many, the median and the 90th percentile (nearest rank)."""

    unit: Unit
    times: int
    median: Decimal
    p90: Decimal


def counted(core: Core, actor: Actor, asked: Asked) -> dict[str, list[Counted]] | None:
    """By node, for each unit that its clocks count in. None when the period holds more than `MOST` of them."""
    columns = [c for c in clock.columns if c.name not in {"instance_id", "task_id"}]
    amounts: dict[tuple[str, Unit], list[Decimal]] = {}
    its_own = (clock.c.instance_id == task.c.instance_id) & (clock.c.task_id == task.c.id)
    with core.db.snapshot() as connection:
        some = flows.done(connection, actor, asked, task.c.id).join(clock, its_own).limit(MOST + 1).subquery()
        if connection.execute(select(func.count()).select_from(some)).scalar_one() > MOST:
            return None
        query = flows.done(connection, actor, asked, task.c.node, task.c.closed_at.label("done_at"), *columns)
        rows = connection.execution_options(yield_per=1000).execute(query.join(clock, its_own)).mappings()
        for row in rows:
            one = from_row(dict(row))
            calendar = calendar_of(core, one)
            if calendar is not None:
                used = sla.used(one, calendar, row["done_at"])
                amounts.setdefault((row["node"], used.unit), []).append(used.amount)
    found: dict[str, list[Counted]] = {}
    for (node, unit), several in amounts.items():
        several.sort()
        found.setdefault(node, []).append(Counted(unit, len(several), nearest(several, 5), nearest(several, 9)))
    return found


def nearest(ordered: list[Decimal], tenths: int) -> Decimal:
    """The nearest rank of so many tenths: the least of them that so many are not above."""
    return ordered[(len(ordered) * tenths + 9) // 10 - 1]
