"""What the rungs of supervision say of a case in a period, or of a unit in a case: a card or an order is the unit's about which it was, as
the rung says, at the time of the card. What became of the unit or of its people later changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Subquery, and_, case, cast, func, literal, or_, select

from escalation.assessment.counts import COUNTS, READINGS, RUNG
from escalation.assessment.near import within
from escalation.indicators import Period
from escalation.tables import rung

CARDS: Final = ("yellow_card", "red_card")
ORDER: Final = "supervise"


def flags(period: Period, at: datetime | None = None) -> dict[str, ColumnElement[Any]]:
    """What the rungs of a group say, by name: of a case, or of a unit in a case. `at`: as it was then; a card that was withdrawn after
    that stood still."""
    order = and_(rung.c.kind == ORDER, within(rung.c.due_at, period))
    in_time = and_(rung.c.answered_at <= rung.c.due_at, rung.c.answered_at < period.until)
    done = and_(rung.c.kind == ORDER, rung.c.outcome.in_(("accepted", "resolved")), rung.c.closed_at < period.until)
    stands = rung.c.outcome.is_distinct_from("withdrawn")
    if at is not None:
        stands = or_(stands, rung.c.closed_at > at)
    return {
        "carded": _any(and_(rung.c.kind.in_(CARDS), stands, within(rung.c.at, period))),
        "urged": _any(and_(rung.c.kind.in_(("urge", ORDER)), within(rung.c.at, period))),
        "ordered": _any(order),
        "ordered_late": func.max(case((and_(order, in_time), 0), (order, 1), else_=0)),
        "carried_out": _any(done),
    }


def of_units(marks: Subquery, keys: Sequence[str], period: Period, at: datetime) -> Subquery:
    """The marks of units (`unit_marks`) in an edition of the time before these were kept: only rungs were counted by unit, and they are
    read anew, as they were `at` the closing."""
    found = flags(period, at)
    unit_id = func.coalesce(rung.c.unit_id, literal(0)).label("about")
    grouped = (
        select(unit_id, rung.c.case_id.label("instance_id"), *(one.label(name) for name, one in found.items()))
        .join(marks, marks.c.instance_id == rung.c.case_id)
        .where(or_(*(marks.c.full.op("&")(_bit(keys, key)) != 0 for key in ("carded", "urged", "ordered"))))
        .group_by(unit_id, rung.c.case_id)
        .subquery("of_units")
    )
    known = {name: grouped.c[name] == 1 for name in found}
    conditions = {
        one.key: one.condition({**known, "live": literal(1) == 1}, "base") for one in COUNTS if one.whose == RUNG
    }
    bits: ColumnElement[int] = cast(literal(0), BigInteger)
    for key, condition in conditions.items():
        bits = bits + case((condition, _bit(keys, key)), else_=literal(0, BigInteger))
    columns = (grouped.c.instance_id, grouped.c.about.label("unit_id"), *(bits.label(one) for one in READINGS))
    every = select(*columns).subquery("every_unit")
    return select(every).where(every.c.base != 0).subquery("supervised")


def _bit(keys: Sequence[str], key: str) -> ColumnElement[int]:
    return literal(1 << list(keys).index(key), BigInteger)


def _any(condition: Any) -> ColumnElement[int]:
    return func.max(case((condition, 1), else_=0))
