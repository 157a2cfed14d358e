"""What a number counts: the condition on cases behind a count of a report, of the whole, a unit, a town, a kind, or the plan's filter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, select

from engine.errors import NotFound
from engine.tables import area, instance, unit
from escalation.assessment import definitions, marking, plan, unit_marks
from escalation.assessment.counts import READINGS
from escalation.assessment.reporting import town_of

if TYPE_CHECKING:
    from escalation.assessment.editions import Read

NONE = "none"
"""Stands for cases of no unit, or at no known place."""


@dataclass(frozen=True, slots=True)
class Number:
    """Which number: a count in a reading, of whom. `unit`, `town`: keys, `none`: of nobody; "": of all. `plan`: a number of the plan."""

    key: str
    reading: str = "base"
    unit: str = ""
    town: str = ""
    kind: str = ""
    plan: int = 0


def cases(connection: Connection, read: Read, number: Number, public: tuple[str, ...]) -> ColumnElement[bool]:
    """The condition on `instance`. NotFound for a number that the report does not have."""
    if number.key not in read.keys or number.reading not in READINGS:
        raise NotFound(what="figure")
    m = read.marks.c
    place = read.keys.index(number.key)
    conditions: list[ColumnElement[bool]] = []
    if number.unit:
        found = connection.execute(select(unit.c.id).where(unit.c.key == number.unit)).scalar()
        theirs = unit_marks.NOBODY if number.unit == NONE else found or -1
    if number.unit and read.units is not None and number.key in read.own:
        own = read.units.c
        mine = select(own.instance_id).where(own.unit_id == theirs, marking.has(own[number.reading], place))
        conditions.append(m.instance_id.in_(mine))
    else:
        conditions.append(marking.has(m[number.reading], place))
        if number.unit:
            conditions.append(m.unit_id.is_(None) if number.unit == NONE else m.unit_id == theirs)
    if number.town:
        conditions.append(_within(connection, m.area, number.town))
    if number.kind:
        conditions.append(m["class"].is_(None) if number.kind == NONE else m["class"] == number.kind)
    if number.plan:
        rows = definitions.of_data(read.report["definitions"]).plan
        row = next((one for one in rows if int(one["no"]) == number.plan), None)
        filter_ = plan.scope(row, public) if row is not None else None
        if filter_ is not None and filter_.classes is not None:
            conditions.append(m["class"].in_(sorted(filter_.classes)))
        if filter_ is not None and filter_.sources is not None:
            conditions.append(m.source.in_(sorted(filter_.sources)))
    return instance.c.id.in_(select(m.instance_id).where(*conditions))


def _within(connection: Connection, column: Any, town: str) -> ColumnElement[bool]:
    areas = {row["key"]: dict(row) for row in connection.execute(select(area)).mappings()}
    if town == NONE:
        found: ColumnElement[bool] = column.is_(None) | column.not_in(sorted(areas))
        return found
    inside: ColumnElement[bool] = column.in_(sorted(key for key in areas if town_of(areas, key) == town))
    return inside
