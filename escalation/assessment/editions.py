"""Closed periods (`closing.py` closes them): the report with its definitions and, behind it, which numbers each case is in; a hash says
whether anybody touched either. Nothing reopens one: what is wrong is corrected by a new edition that names the old, what came late is told
beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Subquery,
    Table,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from engine import worlds
from engine.errors import NotFound
from engine.tables import LIVE, instance, person
from escalation.assessment import definitions, marking, plan, reporting, supervised, unit_marks
from escalation.assessment.counts import COUNTS, READINGS
from escalation.assessment.periods import Span
from escalation.indicators import Period
from escalation.tables import assessment_edition, assessment_mark, assessment_unit_mark

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor
    from escalation.assessment.definitions import Book
    from escalation.assessment.marking import Asked
    from escalation.assessment.unit_marks import Marks

Row = dict[str, Any]
KEYS = tuple(one.key for one in COUNTS)
WHERE = ("unit_id", "area", "class", "source")
"""Of a mark, what says among whose numbers a case is: moved from one unit, town or kind to another, it moves theirs."""
MOST_LATE = 200
"""Late changes that are listed; all are counted."""

CHECKED_AT_ONCE = 20_000
"""Cases up to which every look at an edition checks the marks of all; of a larger one somebody asks for it."""
_AT_ONCE = 5000
_INSTANT = timedelta(microseconds=1)
_HEAD = [c for c in assessment_edition.c if c.name != "body"]


@dataclass(frozen=True, slots=True)
class Read:
    """A report and where it comes from. `edition`: the row of a closed one, none: as the trail is now. `keys`: what the bits of its marks
    mean; `whole`: of the whole city, not only of what one reader sees. `at`: when a worker counted it; none: just now, or as the edition
    says. `units`: what of the cases is a unit's own (`unit_marks`), of which counts: `own`; none: this report counts all by case."""

    report: Row
    marks: Subquery
    keys: tuple[str, ...]
    edition: Row | None = None
    whole: bool = True
    at: datetime | None = None
    units: Subquery | None = None
    own: tuple[str, ...] = ()


def live(core: Core, connection: Connection, span: Span, actor: Actor | None) -> Read:
    """The report as the trail is now, of what the actor sees; none: of the whole city."""
    world = worlds.get(core, LIVE)
    asked = reporting.asked(core, connection, period(span, world.now), LIVE, actor)
    marks = marking.live(connection, asked)
    units = unit_marks.live(connection, asked)
    book = definitions.read(connection)
    found = Read({}, marks, KEYS, whole=actor is None, units=units, own=unit_marks.KEYS)
    return replace(found, report=_made(core, connection, span, found, book, asked, world.now))


def period(span: Span, now: datetime) -> Period:
    """What of a calendar period has happened; one under way ends now, and what happens at this very instant is in."""
    ends = now + _INSTANT
    return Period(span.since, max(span.since, min(span.until, ends)))


def find(connection: Connection, number: str) -> Row:
    """An edition by its number, with its body. NotFound."""
    row = connection.execute(select(assessment_edition).where(assessment_edition.c.number == number)).mappings().first()
    if row is None:
        raise NotFound(what="report")
    return dict(row)


def newest(connection: Connection, span: Span) -> Row | None:
    """The newest edition of a period, with its body; none: it is not closed."""
    e = assessment_edition
    query = select(e).where(e.c.kind == span.kind, e.c.since == span.since).order_by(e.c.edition.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return dict(row) if row else None


def every(connection: Connection) -> list[Row]:
    """All editions without their bodies, newest first, with who closed them."""
    e = assessment_edition
    query = select(*_HEAD, person.c.name.label("by_name")).outerjoin(person, person.c.id == e.c.by_id)
    return [dict(row) for row in connection.execute(query.order_by(e.c.since.desc(), e.c.id.desc())).mappings()]


def read(core: Core, connection: Connection, row: Mapping[str, Any], actor: Actor | None, span: Span) -> Read:
    """A closed report, as it was closed; for an actor who does not see all, made of the kept marks of the cases they see."""
    body: Row = json.loads(row["body"])
    keys = tuple(one["key"] for one in body["counts"])
    marks = marking.kept(connection, assessment_mark, row["id"], actor)
    own = tuple(one["key"] for one in body["counts"] if one.get("whose"))
    units = None
    if "unit_marks" in body:
        units = marking.kept(connection, assessment_unit_mark, row["id"], actor)
    elif own:  # of the time when rungs alone were counted by unit, and nothing of it was kept
        units = supervised.of_units(marks, keys, Period(span.since, span.until), row["at"])
    found = Read(body, marks, keys, dict(row), whole=actor is None, units=units, own=own)
    if actor is None:
        return found
    asked = reporting.asked(core, connection, Period(span.since, span.until), LIVE, actor)
    asked = replace(asked, public=tuple(body.get("public", asked.public)))
    book = definitions.of_data(body["definitions"])
    report = _made(core, connection, span, found, book, asked, row["at"])
    return replace(found, report={**report, "counts": body["counts"]})


def sums(connection: Connection, behind: Read, waits: list[Row]) -> reporting.Sums:
    """What a report is made of, by the marks behind it."""
    rows = connection.execute(marking.patterns(behind.marks)).all()
    units = connection.execute(unit_marks.patterns(behind.units)).all() if behind.units is not None else ()
    return reporting.Sums(rows, behind.keys, waits, units, behind.own)


def is_sound(connection: Connection, row: Mapping[str, Any], *, wholly: bool = True) -> bool | None:
    """Whether body and marks are those that were closed. None: the body is, and nobody looked at the marks, for there are many and it was
    not asked for `wholly`."""
    if not wholly and row["cases"] > CHECKED_AT_ONCE and hashed(row["body"]) == row["hash"]:
        return None
    body: Row = json.loads(row["body"])
    if hashed(row["body"]) != row["hash"] or body["marks"] != digest(connection, assessment_mark, row["id"])[1]:
        return False
    return "unit_marks" not in body or bool(
        body["unit_marks"] == digest(connection, assessment_unit_mark, row["id"])[1]
    )


def late(connection: Connection, row: Mapping[str, Any], marks: Marks, actor: Actor | None) -> tuple[int, list[Row]]:
    """Cases whose marks of the period, or those of a unit in them, are others now (`marks`) than when it was closed: how many, and the
    first of them with what they are in now and were in then."""
    body: Row = json.loads(row["body"])
    keys = tuple(one["key"] for one in body["counts"])
    now, then = marks.cases, marking.kept(connection, assessment_mark, row["id"], actor)
    passed = literal(0) == 1
    if "unit_marks" in body:
        elsewhere = unit_marks.differing(marks.units, marking.kept(connection, assessment_unit_mark, row["id"], actor))
        passed = now.c.instance_id.in_(elsewhere)
    changed: list[Row] = []
    total = 0
    same = and_(
        ~passed,
        now.c.full == then.c.full,
        now.c.base == then.c.base,
        now.c.adjusted == then.c.adjusted,
        *(now.c[name].is_not_distinct_from(then.c[name]) for name in WHERE),
    )
    sides = (
        (now, then, or_(then.c.instance_id.is_(None), ~same)),
        (then, now, now.c.instance_id.is_(None)),
    )
    for side, other, differs in sides:
        joined = side.outerjoin(other, other.c.instance_id == side.c.instance_id)
        total += int(connection.execute(select(func.count()).select_from(joined).where(differs)).scalar_one())
        query = (
            select(instance.c.id, instance.c.number, instance.c.title, *_both(now, then), _one(passed))
            .select_from(joined.join(instance, instance.c.id == side.c.instance_id))
            .where(differs)
            .order_by(side.c.instance_id)
            .limit(MOST_LATE - len(changed))
        )
        changed += [_told(dict(one), keys) for one in connection.execute(query).mappings()]
    return total, changed


def late_beside(core: Core, connection: Connection, row: Mapping[str, Any], span: Span) -> list[Row]:
    """What else of a closed period is otherwise now, though no case is: figures of the plan that were filed since, and units that were
    inspected or listed. Each with the number of the indicator, what it was then and is now."""
    then = {one["no"]: one for one in json.loads(row["body"])["plan"]}
    found: list[Row] = []
    for no, filed in plan.filings(connection, span).items():
        before = then.get(no, {}).get("filed")
        if before is None or (before["value"], before["at"]) != (filed["value"], filed["at"]):
            found.append(
                {"no": no, "then": before["value"] if before else None, "now": filed["value"], "by": filed["by"]}
            )
    outside = plan.inspected(core, connection, span)
    for no, one in sorted(then.items()):
        parts = {key: one["parts"][key][1] for key in outside if key in one["parts"]}
        if any(parts[key] != outside[key] for key in parts):
            was, is_ = (" / ".join(str(each[key]) for key in parts) for each in (parts, outside))
            found.append({"no": no, "then": was, "now": is_, "by": ""})
    names = {no: (one["zh"], one["en"]) for no, one in then.items()}
    return [{**one, "zh": names.get(one["no"], ("", ""))[0], "en": names.get(one["no"], ("", ""))[1]} for one in found]


def canonical(data: Mapping[Any, Any]) -> str:
    """JSON that is the same wherever it is written."""
    return json.dumps(dict(data), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(connection: Connection, table: Table, number: int) -> tuple[int, str]:
    """How many marks there are, and the hash over them in the order of the cases, and of the units in them. They go by some thousands at a
    time."""
    order = [column for column in table.primary_key if column is not marking.key(table)]
    query = select(*marking.columns(table)).where(marking.key(table) == number).order_by(*order).limit(_AT_ONCE)
    found, several = hashlib.sha256(), 0
    rows = connection.execute(query).mappings().all()
    while rows:
        for row in rows:
            found.update(canonical(row).encode() + b"\n")
        several += len(rows)
        last = [rows[-1][column.name] for column in order]
        rows = connection.execute(query.where(tuple_(*order) > tuple_(*last))).mappings().all()
    return several, f"sha256:{found.hexdigest()}"


def hashed(text: str) -> str:
    """What says whether anybody touched it."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


# ---------------------------------------------------------------- inside


def _made(core: Core, connection: Connection, span: Span, behind: Read, book: Book, asked: Asked, now: datetime) -> Row:
    waits = reporting.waiting(connection, asked, now)
    return reporting.make(core, connection, span, sums(connection, behind, waits), book, asked.public, now)


def _both(now: Subquery, then: Subquery) -> list[Any]:
    return [
        column.label(f"{when}_{name}")
        for when, side in (("now", now), ("then", then))
        for name, column in (
            ("full", side.c.full),
            ("base", side.c.base),
            ("adjusted", side.c.adjusted),
            *((name, side.c[name]) for name in WHERE),
        )
    ]


def _one(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0).label("passed")


def _told(row: Row, keys: Sequence[str]) -> Row:
    def named(bits: int | None) -> list[str]:
        return [key for place, key in enumerate(keys) if bits and bits >> place & 1]

    now, then = named(row["now_base"]), named(row["then_base"])
    both = row["now_base"] is not None and row["then_base"] is not None
    same = all(row[f"now_{one}"] == row[f"then_{one}"] for one in READINGS)
    moved = [name for name in WHERE if both and row[f"now_{name}"] != row[f"then_{name}"]]
    return {
        "id": row["id"],
        "number": row["number"],
        "title": row["title"],
        "added": [key for key in now if key not in then],
        "gone": [key for key in then if key not in now],
        "exempted": row["now_base"] == row["then_base"] and row["now_adjusted"] != row["then_adjusted"],
        "standing": row["now_base"] == row["then_base"] and row["now_full"] != row["then_full"],
        "moved": [*moved, *(["units"] if same and row["passed"] else [])],
    }
