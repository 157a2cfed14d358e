"""Closed periods. Closing keeps the report with its definitions and, behind it, which numbers each case is in; a hash says whether anybody
touched either.
Nothing reopens one: what is wrong is corrected by a new edition that names the old, what came late is told beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Subquery, and_, func, insert, or_, select

from engine import worlds
from engine.access import check_power
from engine.audit import recording
from engine.errors import Invalid, NotFound
from engine.tables import LIVE, instance, person
from escalation.assessment import definitions, marking, reporting
from escalation.assessment.counts import COUNTS
from escalation.assessment.periods import Span
from escalation.indicators import Period
from escalation.tables import assessment_edition, assessment_mark

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

Row = dict[str, Any]
CLOSED = "assessment_closed"
"""The kind of audit row that tells of a closing."""
KEYS = tuple(one.key for one in COUNTS)
CLOSE = "assess"
"""The power to close a period."""
MOST_LATE = 200
"""Late changes that are listed; all are counted."""

_INSTANT = timedelta(microseconds=1)
_MARK = ("instance_id", "unit_id", "area", "class", "source", "full", "base", "adjusted")
_HEAD = [c for c in assessment_edition.c if c.name != "body"]


@dataclass(frozen=True, slots=True)
class Read:
    """A report and where it comes from. `edition`: the row of a closed one, none: as the trail is now. `keys`: what the bits of its marks
    mean; `whole`: of the whole city, not only of what one reader sees."""

    report: Row
    marks: Subquery
    keys: tuple[str, ...]
    edition: Row | None = None
    whole: bool = True


def live(core: Core, connection: Connection, span: Span, actor: Actor | None) -> Read:
    """The report as the trail is now, of what the actor sees; none: of the whole city."""
    world = worlds.get(core, LIVE)
    asked = reporting.asked(core, connection, period(span, world.now), LIVE, actor)
    marks = marking.live(connection, asked)
    book = definitions.read(connection)
    report = reporting.make(core, connection, span, marks, book, KEYS, asked, world.now)
    return Read(report, marks, KEYS, whole=actor is None)


def period(span: Span, now: datetime) -> Period:
    """What of a calendar period has happened; one under way ends now, and what happens at this very instant is in."""
    ends = now + _INSTANT
    return Period(span.since, max(span.since, min(span.until, ends)))


def close(core: Core, actor: Actor, span: Span, note: str = "") -> Row:
    """Close a period, or make a corrected edition of a closed one. NotAllowed without the power; Invalid before its end, and for a
    correction without a reason or where nothing has changed."""
    check_power(actor, CLOSE, "封存考核期", "close a period")
    world = worlds.get(core, LIVE)
    if world.now < span.until:
        raise Invalid(why_zh="该时段尚未结束，不能封存。", why_en="This period is not over yet.")
    with core.db.write() as connection:
        recording.lock(core, connection, recording.CONTENT)  # two who close at once: one after the other
        before = newest(connection, span)
        if before is not None and not note.strip():
            raise Invalid(why_zh="更正须写明理由。", why_en="A correction needs its reason.")
        asked = reporting.asked(core, connection, Period(span.since, span.until), LIVE, None)
        marks = marking.live(connection, asked)
        number = 1 + (before["edition"] if before else 0)
        row: Row = {
            "number": f"{span.label}/{number}",
            "kind": span.kind,
            "since": span.since,
            "until": span.until,
            "edition": number,
            "replaces_id": before["id"] if before else None,
            "at": world.now,
            "by_id": actor.id,
            "by_unit_id": actor.own_posts[0].unit_id if actor.own_posts else None,
            "note": note.strip()[:2000],
        }
        row["id"] = 1 + (connection.execute(select(func.max(assessment_edition.c.id))).scalar() or 0)
        book = definitions.read(connection)
        report = reporting.make(core, connection, span, marks, book, KEYS, asked, world.now)
        found = connection.execute(select(marks).order_by(marks.c.instance_id)).mappings()
        kept, digest = _digested(found)
        report |= {"edition": row["number"], "replaces": before["number"] if before else None, "marks": digest}
        row["body"] = canonical(report)
        row["hash"] = _hash(row["body"])
        row["cases"] = len(kept)
        connection.execute(insert(assessment_edition).values(**row))
        for start in range(0, len(kept), 5000):
            connection.execute(
                insert(assessment_mark), [{**one, "edition_id": row["id"]} for one in kept[start : start + 5000]]
            )
        said = {"edition": row["number"], "hash": row["hash"], "cases": row["cases"], "note": row["note"]}
        recording.record(
            core, connection, recording.CONTENT, CLOSED, actor=actor, about=f"edition:{row['number']}", data=said
        )
    return row


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
    marks = marking.kept(connection, row["id"], actor)
    if actor is None:
        return Read(body, marks, keys, dict(row))
    asked = reporting.asked(core, connection, Period(span.since, span.until), LIVE, actor)
    book = definitions.of_data(body["definitions"])
    report = reporting.make(core, connection, span, marks, book, keys, asked, row["at"])
    return Read({**report, "counts": body["counts"]}, marks, keys, dict(row), whole=False)


def is_sound(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Whether body and marks are those that were closed."""
    m = assessment_mark
    columns = [m.c[name] for name in _MARK]
    found = connection.execute(select(*columns).where(m.c.edition_id == row["id"]).order_by(m.c.instance_id)).mappings()
    _, digest = _digested(found)
    body: Row = json.loads(row["body"])
    return bool(_hash(row["body"]) == row["hash"] and body["marks"] == digest)


def late(core: Core, connection: Connection, row: Mapping[str, Any], actor: Actor | None) -> tuple[int, list[Row]]:
    """Cases whose marks of the period are others now than when it was closed: how many, and the first of them with what they are in now
    and were in then."""
    keys = tuple(one["key"] for one in json.loads(row["body"])["counts"])
    asked = reporting.asked(core, connection, Period(row["since"], row["until"]), LIVE, actor)
    now, then = marking.live(connection, asked), marking.kept(connection, row["id"], actor)
    changed: list[Row] = []
    total = 0
    same = and_(
        now.c.full == then.c.full, now.c.base == then.c.base, now.c.adjusted == then.c.adjusted, _same_unit(now, then)
    )
    sides = (
        (now, then, or_(then.c.instance_id.is_(None), ~same)),
        (then, now, now.c.instance_id.is_(None)),
    )
    for side, other, differs in sides:
        joined = side.outerjoin(other, other.c.instance_id == side.c.instance_id)
        total += int(connection.execute(select(func.count()).select_from(joined).where(differs)).scalar_one())
        query = (
            select(instance.c.id, instance.c.number, instance.c.title, *_both(now, then))
            .select_from(joined.join(instance, instance.c.id == side.c.instance_id))
            .where(differs)
            .order_by(side.c.instance_id)
            .limit(MOST_LATE - len(changed))
        )
        changed += [_told(dict(one), keys) for one in connection.execute(query).mappings()]
    return total, changed


def canonical(data: Mapping[str, Any]) -> str:
    """JSON that is the same wherever it is written."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


# ---------------------------------------------------------------- inside


def _same_unit(now: Subquery, then: Subquery) -> Any:
    return func.coalesce(now.c.unit_id, 0) == func.coalesce(then.c.unit_id, 0)


def _both(now: Subquery, then: Subquery) -> list[Any]:
    return [
        column.label(f"{when}_{name}")
        for when, side in (("now", now), ("then", then))
        for name, column in (("base", side.c.base), ("adjusted", side.c.adjusted), ("unit", side.c.unit_id))
    ]


def _told(row: Row, keys: Sequence[str]) -> Row:
    def named(bits: int | None) -> list[str]:
        return [key for place, key in enumerate(keys) if bits and bits >> place & 1]

    now, then = named(row["now_base"]), named(row["then_base"])
    return {
        "id": row["id"],
        "number": row["number"],
        "title": row["title"],
        "added": [key for key in now if key not in then],
        "gone": [key for key in then if key not in now],
        "exempted": row["now_base"] == row["then_base"] and row["now_adjusted"] != row["then_adjusted"],
        "moved": row["now_unit"] != row["then_unit"],
    }


def _digested(rows: Any) -> tuple[list[Row], str]:
    """The marks as rows, and the hash over them in the order of the cases."""
    digest = hashlib.sha256()
    kept = []
    for row in rows:
        one = {name: row[name] for name in _MARK}
        digest.update(canonical(one).encode() + b"\n")
        kept.append(one)
    return kept, f"sha256:{digest.hexdigest()}"


def _hash(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
