"""What is a unit's own of a case, not the whole case's: its tasks to handle, and the rungs of supervision that were about it. A row for
each case and unit with bits in the places of the marks' own. By unit, a count with `whose` is the sum of these, every other the sum of
the marks of the cases that the unit is responsible for when the period ends. A case that passed from one unit, late, to another, in time,
is late for the one and in time for the other; for the city it is one case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Subquery,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)

from engine.tables import instance, task
from escalation.assessment import clocked, marking, supervised
from escalation.assessment import near as nearby
from escalation.assessment.counts import COUNTS, RUNG, TASK
from escalation.assessment.marking import Asked
from escalation.indicators import PROCESS, Period
from escalation.tables import clock, clock_entry, exemption, exemption_decision, rung

STAGE: Final = "handle"
"""The stage of which the counts are by whose task it was."""
KEYS: Final = tuple(one.key for one in COUNTS if one.whose)
"""The counts that are the unit's own."""
NOBODY: Final = 0
"""Stands for no unit: a task of none in a case that nobody is responsible for."""
_NEAR = "near_units"


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of a period: of the cases, and of the units in them."""

    cases: Subquery
    units: Subquery


def live(connection: Connection, asked: Asked, some: Sequence[int] | None = None) -> Subquery:
    """These marks as the trail gives them now: `instance_id`, `unit_id` (`NOBODY` for none), `full`, `base`, `adjusted`. `some`: of these
    cases alone."""
    near = nearby.of_period(asked, _NEAR) if some is None else nearby.of_ids(connection, some, _NEAR)
    every = union_all(_handling(connection, asked, near), _rungs(connection, asked, near)).subquery("every_mark")
    sums = [cast(func.sum(every.c[name]), BigInteger).label(name) for name in ("full", "base", "adjusted")]
    added = select(every.c.instance_id, every.c.unit_id, *sums).group_by(every.c.instance_id, every.c.unit_id)
    found = added.subquery("added")
    return select(found).where(or_(found.c.full != 0, found.c.base != 0)).subquery("unit_marks")


def patterns(marks: Subquery) -> Select[Any]:
    """How many cases of a unit have the same marks."""
    m = marks.c
    group = (m.unit_id, m.full, m.base, m.adjusted)
    return select(*group, func.count()).group_by(*group)


def differing(some: Subquery, others: Subquery) -> Select[Any]:
    """The cases of which the units have other marks here than there."""
    names = ("instance_id", "unit_id", "full", "base", "adjusted")
    both = union_all(*(select(*(side.c[name] for name in names)) for side in (some, others))).subquery("both")
    return select(both.c.instance_id).group_by(*both.c).having(func.count() == 1)


# ---------------------------------------------------------------- inside


def _handling(connection: Connection, asked: Asked, near: CTE) -> Select[Any]:
    """Each unit by its own tasks to handle."""
    period = asked.period
    said = clocked.terms(period)
    whose = clocked.whose(connection, period).label("whose")
    own = (
        select(
            clock.c.instance_id,
            whose,
            *clocked.of_stage(STAGE, said, period),
            clocked.any_of(said.extended).label("extended"),
            func.min(clocked.ran_out()).label("first_overrun"),
        )
        .join(near, near.c.id == clock.c.instance_id)
        .join(instance, instance.c.id == clock.c.instance_id)
        .outerjoin(task, clocked.own_task())
        .where(clock.c.name == STAGE, clock.c.task_id != 0, marking.seen(connection, asked), marking.counts_at_all())
        .group_by(clock.c.instance_id, whose)
        .subquery("own")
    )
    flags = {f"{what}_{STAGE}": own.c[f"{what}_{STAGE}"] == 1 for what in ("due", "open", "late", "stands")}
    flags |= {"counted": true(), "extended": or_(own.c.extended == 1, _asked_for_more(own, period))}
    agreed = and_(exemption_decision.c.exemption_id == exemption.c.id, exemption_decision.c.agreed)
    asked_at = case((exemption_decision.c.agreed, exemption.c.at), else_=null())
    exempt = _is_exempt(asked_at, own.c[f"overrun_{STAGE}"], own.c.first_overrun)
    found = _marks(own.c.instance_id, own.c.whose, marking.bits(flags, _places(TASK), {STAGE: exempt}))
    exempted = own.outerjoin(exemption, and_(exemption.c.instance_id == own.c.instance_id, exemption.c.family == STAGE))
    return found.select_from(exempted.outerjoin(exemption_decision, agreed))


def _asked_for_more(own: Subquery, period: Period) -> ColumnElement[bool]:
    """The whole case's term was extended because this unit asked for it."""
    e = clock_entry.c
    whole = (e.instance_id == own.c.instance_id, e.name == "case", e.task_id == 0)
    return exists().where(*whole, e.kind == "extended", e.at < period.until, e.asked_unit == own.c.whose)


def _is_exempt(
    asked_at: ColumnElement[Any], overrun: ColumnElement[Any], first: ColumnElement[Any]
) -> ColumnElement[bool]:
    """As of a case (`marking`), and it is the unit's own overrun that was exempted, not another's."""
    covers = and_(asked_at.is_not(None), first <= asked_at, or_(overrun.is_(None), overrun <= asked_at))
    return func.coalesce(covers, false())


def _rungs(connection: Connection, asked: Asked, near: CTE) -> Select[Any]:
    """Each unit by the rungs about it."""
    said = supervised.flags(asked.period)
    own = (
        select(rung.c.case_id.label("instance_id"), rung.c.unit_id, *(one.label(name) for name, one in said.items()))
        .join(near, near.c.id == rung.c.case_id)
        .join(instance, instance.c.id == rung.c.case_id)
        .where(marking.seen(connection, asked), instance.c.key == PROCESS)
        .group_by(rung.c.case_id, rung.c.unit_id)
        .subquery("about")
    )
    flags = {"live": true(), **{name: own.c[name] == 1 for name in said}}
    return _marks(own.c.instance_id, own.c.unit_id, marking.bits(flags, _places(RUNG), {}))


def _places(whose: str) -> list[Any]:
    return [(place, one) for place, one in enumerate(COUNTS) if one.whose == whose]


def _marks(which: Any, unit: Any, bits: Sequence[ColumnElement[int]]) -> Select[Any]:
    return select(which.label("instance_id"), func.coalesce(unit, literal(NOBODY)).label("unit_id"), *bits)
