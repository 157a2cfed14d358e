"""The plan's thirty indicators: those that the trail gives, reckoned against their targets; the others as they were filed by hand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from engine import registers, settings, worlds
from engine.access import check_power
from engine.audit import recording
from engine.errors import Invalid
from engine.tables import LIVE, person, unit
from escalation.assessment import definitions, exemptions, formulas
from escalation.assessment.periods import Span
from escalation.assessment.tallying import Filter, Numbers, Tally
from escalation.tables import plan_filing

if TYPE_CHECKING:
    from engine.core import Core
    from engine.files import Accepted
    from engine.people import Actor
    from escalation.assessment.definitions import Book

Row = dict[str, Any]
ROUNDS = "round_results"
PUBLIC = "public"
"""Stands in `sources` for the sources of the public."""


def rows(core: Core, connection: Connection, book: Book, span: Span, found: Tally, public: Sequence[str]) -> list[Row]:
    """Each with its target, its value in each reading where it is reckoned, what was filed, and whether the target is met (base)."""
    filed = filings(connection, span)
    outside = inspected(core, connection, span)
    whole = found.whole()
    told = []
    for row in book.plan:
        own: Row = {"no": int(row["no"]), "zh": row["name_zh"], "en": row["name_en"], "target": str(row["target"])}
        own |= {
            "unit": row.get("unit") or "",
            "kind": row["kind"],
            "measured": row["measured"],
            "version": row["version"],
        }
        own |= {"text": ["—"] * 3, "exact": [None] * 3, "parts": {}, "filed": filed.get(int(row["no"]))}
        if row.get("expression") and definitions.problem(row) is None:
            filter_ = scope(row, public)
            numbers = whole if filter_ is None else found.numbers(found.filtered[filter_])
            own |= _reckoned(book, row, numbers, outside)
        value = Fraction(own["exact"][1]) * 100 if own["exact"][1] is not None else None
        if value is None and own["filed"] is not None:
            value = Fraction(own["filed"]["value"])
        own["met"] = None if value is None else value >= Fraction(str(row["target"]))
        told.append(own)
    return sorted(told, key=lambda one: one["no"])


def scope(row: Row, public: Sequence[str]) -> Filter | None:
    """Which cases a row is about; none: all."""
    kinds = frozenset(str(row.get("classes") or "").split())
    sources = frozenset(
        one for each in str(row.get("sources") or "").split() for one in (public if each == PUBLIC else (each,))
    )
    return Filter(kinds or None, sources if row.get("sources") else None) if kinds or row.get("sources") else None


def filings(connection: Connection, span: Span) -> dict[int, Row]:
    """What was filed for a period, the newest of each indicator."""
    f = plan_filing
    query = (
        select(f, person.c.name.label("by_name"))
        .outerjoin(person, person.c.id == f.c.by_id)
        .where(f.c.since == span.since, f.c.until == span.until)
        .order_by(f.c.id)
    )
    return {
        int(row["no"]): {
            "value": row["value"],
            "note": row["note"],
            "paper": row["document_name"],
            "document_hash": row["document_hash"],
            "by": row["by_name"] or "",
            "at": row["at"].isoformat(),
        }
        for row in connection.execute(query).mappings()
    }


def inspected(core: Core, connection: Connection, span: Span) -> dict[str, int]:
    """How many units on the assessment list a round of the period has a result for, and how many are listed."""
    wanted = settings.read(connection, {"assessment_units": []})["assessment_units"]
    listed = set(wanted) or set(
        connection.execute(
            select(unit.c.key).where(
                unit.c.kind.in_(("department", "town")), unit.c.realm == "", unit.c.ended_at.is_(None)
            )
        ).scalars()
    )
    last = span.since.month + {"month": 1, "quarter": 3}.get(span.kind, 12) - 1
    months = f"{span.since:%Y-%m}", f"{span.since.year}-{last:02}"
    seen = {str(r["unit"]) for r in registers.rows(core, ROUNDS) if meets(str(r.get("period") or ""), months)}
    return {"inspected": len(seen & listed), "listed": len(listed)}


def meets(when: str, months: tuple[str, str]) -> bool:
    """Whether a round, of a month or from one day to another (2026-10-15/2026-11-14), was in these months, the first to the last."""
    began, _, ended = when.partition("/")
    return bool(began) and began[:7] <= months[1] and (ended or began)[:7] >= months[0]


def file(core: Core, actor: Actor, span: Span, no: int, value: str, note: str, paper: Accepted) -> None:
    """File a figure by hand, on a paper that is kept. Invalid for what the trail gives, or what is no number."""
    if re.fullmatch(r"\s*[0-9]{1,9}(\.[0-9]{1,4})?\s*%?\s*", value) is None:
        raise Invalid(why_zh="请填写数字。", why_en="Give a number.")
    check_power(actor, exemptions.DECIDE, "填报规划指标", "file figures of the plan")
    number = Fraction(value.strip().removesuffix("%").strip())
    with core.db.write() as connection:
        row = next((r for r in definitions.read(connection).plan if int(r["no"]) == no), None)
        if row is None or row["measured"] == "F":
            raise Invalid(
                why_zh="该指标由办件轨迹计算，不能填报。", why_en="The trail gives this figure; it is not filed."
            )
        if number < 0 or (row.get("unit") == "%" and number > 100):
            raise Invalid(why_zh="数值超出范围。", why_en="The number is out of range.")
        if not note.strip():
            raise Invalid(why_zh="请说明数据来源。", why_en="Say where the number comes from.")
        first = actor.own_posts[0] if actor.own_posts else None
        at = worlds.get(core, LIVE).now
        digest, name = exemptions.keep(connection, paper, at)
        filed: Row = {
            "no": no,
            "since": span.since,
            "until": span.until,
            "value": _plain(number),
            "note": note.strip()[:2000],
        }
        filed |= {"document_hash": digest, "document_name": name, "at": at, "by_id": actor.id}
        filed["by_unit_id"] = first.unit_id if first else None
        connection.execute(plan_filing.insert().values(**filed))
        said = {"no": no, "period": span.label, "value": filed["value"], "paper": digest}
        recording.record(core, connection, recording.CONTENT, "plan_filed", actor=actor, about=f"plan:{no}", data=said)


def _plain(number: Fraction) -> str:
    return f"{float(number):.4f}".rstrip("0").rstrip(".")


def _reckoned(book: Book, row: Row, numbers: Numbers, outside: dict[str, int]) -> Row:
    formula = formulas.parse(str(row["expression"]))
    exact = []
    for place in range(3):
        known: dict[str, Any] = {**{key: n[place] for key, n in numbers.items()}, **outside}
        exact.append(formula.value(known, book.points))
    parts = {**numbers, **{key: [n] * 3 for key, n in outside.items()}}
    return {
        "exact": [str(e) if e is not None else None for e in exact],
        "text": [_percent(e) for e in exact],
        "parts": {key: n for key, n in parts.items() if key in formula.names},
    }


def _percent(value: Fraction | None) -> str:
    if value is None:
        return "—"
    tenths = int(value * 1000 // 1)
    return "100%" if value == 1 else f"{tenths // 10}.{tenths % 10}%"
