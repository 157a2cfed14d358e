"""Definitions as the registers hold them, each with the version that counts now: figures, bands and grades, the plan's indicators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, select

from engine.tables import register_row
from escalation.assessment import formulas
from escalation.assessment.counts import BY_KEY
from escalation.assessment.formulas import BadFormula

FIGURES = "indicators"
BANDS = "assessment_bands"
PLAN = "plan_indicators"
GRADE = "grade"
"""The scale whose labels are grades."""
OUTSIDE = ("inspected", "listed")
"""Numbers of the plan's formulas that are no counts of cases: units that were inspected in the period, and units on the list."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Book:
    """Everything that a report's numbers follow from, as rows with `version`: it is kept with a closed report."""

    figures: tuple[Row, ...]
    bands: tuple[Row, ...]
    plan: tuple[Row, ...]

    def of(self, thing: str) -> list[Row]:
        """The figures of the city, of a unit, an area or a post, in order."""
        return [row for row in self.figures if thing in str(row["objects"]).split()]

    def values(self, figures: Iterable[Row], counts: Mapping[str, int]) -> dict[str, Fraction | None]:
        """Each of these figures of these counts, exactly. One whose formula is no good has no value."""
        by_key = {str(row["key"]): row for row in figures}
        found: dict[str, Fraction | None] = {}

        def value(key: str, asked: tuple[str, ...]) -> Fraction | None:
            if key in found:
                return found[key]
            row = by_key[key]
            if problem(row) or key in asked:
                found[key] = None
                return None
            formula = formulas.parse(str(row["expression"]))
            known: dict[str, Fraction | int | None] = dict(counts)
            for name in formula.names:
                if name in by_key and name not in BY_KEY:
                    known[name] = value(name, (*asked, key))
            found[key] = formula.value(known, self.points)
            return found[key]

        for key in by_key:
            value(key, ())
        return found

    def points(self, scale: str, number: Fraction) -> Fraction | None:
        """What a table of points gives a number; none below its first row."""
        row = self._step(scale, number)
        return Fraction(str(row["points"])) if row is not None else None

    def grade(self, score: Fraction | None) -> str:
        """A to E; "" where there is no score."""
        row = self._step(GRADE, score) if score is not None else None
        return str(row["label"]) if row is not None else ""

    def _step(self, scale: str, number: Fraction) -> Row | None:
        steps = [row for row in self.bands if row["scale"] == scale and Fraction(str(row["at_least"])) <= number]
        return max(steps, key=lambda row: Fraction(str(row["at_least"])), default=None)

    def as_data(self) -> Row:
        """For an edition."""
        return {"figures": list(self.figures), "bands": list(self.bands), "plan": list(self.plan)}


def problem(row: Row, others: Sequence[str] | None = None, scales: Iterable[str] = ()) -> BadFormula | None:
    """What is wrong with the formula of a definition; none: nothing. `others`: keys of the figures it may name, `scales`: of
    the tables it may ask."""
    try:
        found = formulas.parse(str(row.get("expression") or ""))
        if others is not None:
            formulas.check(found.text, {*BY_KEY, *OUTSIDE, *others}, set(scales))
    except BadFormula as error:
        return error
    return None


def read(connection: Connection) -> Book:
    """As they are now."""
    return Book(_rows(connection, FIGURES), _rows(connection, BANDS), _rows(connection, PLAN))


def of_data(data: Mapping[str, Any]) -> Book:
    """As an edition kept them."""
    return Book(tuple(data["figures"]), tuple(data["bands"]), tuple(data["plan"]))


def versions(connection: Connection, register: str, key: str) -> list[Row]:
    """Every version of a definition, newest first, with who made it, when and why."""
    r = register_row.c
    query = select(r.data, r.version, r.at, r.by_id, r.why).where(r.register == register, r.row_key == key)
    return [
        {**row.data, "version": row.version, "at": row.at, "by_id": row.by_id, "why": row.why}
        for row in connection.execute(query.order_by(r.version.desc()))
    ]


def _rows(connection: Connection, register: str) -> tuple[Row, ...]:
    r = register_row.c
    query = (
        select(r.data, r.version, r.row_key).where(r.register == register, r.current).order_by(r.position, r.row_key)
    )
    return tuple({**data, "version": version} for data, version, _ in connection.execute(query))
