"""How long steps took by their own clocks: what counted of a limit, in its unit, pauses left out. By step, median and 90th percentile."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from engine.calendar import Unit
from engine.people import Actor
from engine.queries import flows
from engine.queries.flows import Asked
from engine.tables import instance, task
from escalation import sla
from escalation.clocks import from_row
from escalation.lights import calendar_of
from escalation.tables import clock

if TYPE_CHECKING:
    from engine.core import Core

MOST = 50_000
"""Clocks that are counted for one page while somebody waits; of more a worker counts (`picture/counting.py`)."""
_PLACES, _HALF = 18, 10**9
"""Calendars count to so many decimals (`Calendar.between`, finely)."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What counted of the limits of a step in one unit: of how many, the median and the 90th percentile (nearest rank)."""

    unit: Unit
    times: int
    median: Decimal
    p90: Decimal


class Amounts:
    """Many amounts of which nearest ranks are asked: exact, at sixteen bytes each."""

    def __init__(self) -> None:
        self._whole, self._rest = array("q"), array("q")  # billionths, and billionths of these

    def __len__(self) -> int:
        return len(self._whole)

    def add(self, amount: Decimal) -> None:
        """One more."""
        whole, rest = divmod(int(amount.scaleb(_PLACES)), _HALF)
        self._whole.append(whole)
        self._rest.append(rest)

    def extend(self, other: Amounts) -> None:
        """All of another."""
        self._whole.extend(other._whole)
        self._rest.extend(other._rest)

    def counted(self, unit: Unit) -> Counted:
        """Their median and 90th percentile."""
        ordered = sorted(self._whole)
        return Counted(unit, len(ordered), self._nearest(ordered, 5), self._nearest(ordered, 9))

    def _nearest(self, ordered: list[int], tenths: int) -> Decimal:
        place = rank(len(ordered), tenths)
        whole = ordered[place]
        alike = sorted(r for w, r in zip(self._whole, self._rest, strict=True) if w == whole)
        return Decimal(whole * _HALF + alike[place - bisect_left(ordered, whole)]).scaleb(-_PLACES)


def counted(core: Core, actor: Actor, asked: Asked) -> dict[str, list[Counted]]:
    """By node, for each unit that its clocks count in."""
    amounts: dict[tuple[str, Unit], Amounts] = {}
    with core.db.snapshot() as connection:
        query = of_clocks(flows.done(connection, actor, asked, *COLUMNS))
        for row, used in each(core, connection, query):
            amounts.setdefault((row["node"], used.unit), Amounts()).add(used.amount)
    found: dict[str, list[Counted]] = {}
    for (node, unit), several in amounts.items():
        found.setdefault(node, []).append(several.counted(unit))
    return found


def are_many(connection: Connection, actor: Actor, asked: Asked) -> bool:
    """Whether a period holds more clocks than are counted while somebody waits."""
    some = of_clocks(flows.done(connection, actor, asked, task.c.id)).limit(MOST + 1).subquery()
    return bool(connection.execute(select(func.count()).select_from(some)).scalar_one() > MOST)


COLUMNS: tuple[ColumnElement[Any], ...] = (
    instance.c.definition_id,
    task.c.node,
    task.c.closed_at.label("done_at"),
    *(c for c in clock.columns if c.name not in {"instance_id", "task_id"}),
)
"""Of a completed task and a clock of its own."""


def of_clocks(done: Select[Any]) -> Select[Any]:
    """A query of completed tasks (`flows.done`), once for each clock of theirs."""
    return done.join(clock, (clock.c.instance_id == task.c.instance_id) & (clock.c.task_id == task.c.id))


def each(core: Core, connection: Connection, query: Select[Any]) -> Iterator[tuple[Any, sla.Amount]]:
    """Rows with `COLUMNS`, one at a time, and what counted of each."""
    with connection.execute(query, execution_options={"yield_per": 1000}) as rows:
        for row in rows.mappings():
            one = from_row(dict(row))
            calendar = calendar_of(core, one)
            if calendar is not None:
                yield row, sla.used(one, calendar, row["done_at"])


def rank(many: int, tenths: int) -> int:
    """The place, from nought, of the nearest rank of so many tenths: the least that so many are not above."""
    return (many * tenths + 9) // 10 - 1
