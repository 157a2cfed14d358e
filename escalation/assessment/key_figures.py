"""The figures that open with their parts on the page of a month: read from the register of definitions, so that both pages say the same."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from engine.bpmn.values import Names
from escalation import indicators
from escalation.assessment import definitions, formulas
from escalation.assessment.formulas import BadFormula
from escalation.indicators import Indicator

SHOWN: Final = (
    "problems",
    "closing_rate",
    "filing_in_time_rate",
    "closing_in_time_rate",
    "cards",
    "supervision_carried_out_rate",
)
"""Keys of the register: the four of the city's plan, cards, and how far supervision is carried out."""
LEFT: Final = {
    "closed": "not_closed",
    "filed_in_time": "filed_late",
    "closed_in_time": "missed",
    "carried_out": "not_carried_out",
}
"""What is left of the whole beside a count."""


def read(connection: Connection) -> tuple[Indicator, ...]:
    """Those of `SHOWN` that the register has and whose formula is a count, or one count divided by another, of those that
    `escalation.indicators` counts."""
    rows = {str(row["key"]): row for row in definitions.read(connection).figures}
    found = (_indicator(rows[key]) for key in SHOWN if key in rows)
    return tuple(one for one in found if one is not None)


# ---------------------------------------------------------------- inside


def _indicator(row: Mapping[str, Any]) -> Indicator | None:
    parts = [indicators.count(one) for one in _parts(str(row["expression"]))]
    known = [one for one in parts if one is not None]
    if not known or len(known) != len(parts):
        return None
    part, base = known[0], known[1] if len(known) > 1 else None
    return Indicator(
        str(row["key"]),
        int(row["version"]),
        Names(str(row["name_zh"]), str(row["name_en"])),
        Names(str(row["formula_zh"]), str(row["formula_en"])),
        str(row.get("source") or ""),
        part,
        base,
        indicators.count(LEFT.get(part.key, "")) if base is not None else None,
    )


def _parts(expression: str) -> tuple[str, ...]:
    """The count, or the two of a division; nothing for any other formula."""
    try:
        tree = formulas.parse(expression).tree
    except BadFormula:
        return ()
    match tree:
        case ast.Name(id=part):
            return (part,)
        case ast.BinOp(left=ast.Name(id=part), op=ast.Div(), right=ast.Name(id=base)):
            return (part, base)
    return ()
