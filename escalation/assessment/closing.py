"""Closing a period: the report with its definitions and, behind it, which numbers each case is in, become rows that nobody changes.

Who closes asks for it, and it is done as a count is (`kept/keeping.py`): in a small city at once, in a large one by a worker, once however
many ask and whoever dies over it. What was asked for goes in the transaction that makes the edition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, insert, select

from engine import origin, worlds
from engine.access import check_power
from engine.audit import recording
from engine.errors import Invalid, NotFound
from engine.people import load_actor
from engine.tables import LIVE
from escalation.assessment import counting, definitions, editions, marking, periods, reporting
from escalation.assessment.periods import Span
from escalation.kept import keeping
from escalation.kept.keeping import Held, Matter
from escalation.tables import (
    assessment_count_mark,
    assessment_count_unit_mark,
    assessment_edition,
    assessment_mark,
    assessment_unit_mark,
)

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

Row = dict[str, Any]
CLOSED = "assessment_closed"
"""The kind of audit row that tells of a closing."""
CLOSE = "assess"
"""The power to close a period."""
SUBJECT = "closing"


def close(core: Core, actor: Actor, span: Span, note: str = "") -> Row | None:
    """Close a period, or make a corrected edition of a closed one: the edition, or none where a worker makes it (`under_way`). NotAllowed
    without the power; Invalid before its end, for a correction without a reason, and while somebody else's is under way."""
    check_power(actor, CLOSE, "封存考核期", "close a period")
    now = worlds.get(core, LIVE).now
    if now < span.until:
        raise Invalid(why_zh="该时段尚未结束，不能封存。", why_en="This period is not over yet.")
    with core.db.write() as connection:
        before = editions.newest(connection, span)
        if before is not None and not note.strip():
            raise Invalid(why_zh="更正须写明理由。", why_en="A correction needs its reason.")
        asked = {
            "label": span.label,
            "note": note.strip()[:2000],
            "replaces": before["number"] if before else None,
            "by_id": actor.id,
            "by_unit_id": actor.own_posts[0].unit_id if actor.own_posts else None,
            "origin": origin.current(),
        }
        number = keeping.ask(core, connection, _matter(span), now, asked)
        if number is None:
            raise Invalid(why_zh="该时段正在封存，请稍候。", why_en="This period is being closed already; please wait.")
        large = keeping.is_large(connection)
    held = None if large else keeping.take(core, number)
    return work(core, held) if held is not None else None


def under_way(connection: Connection, span: Span) -> Row | None:
    """Who asked to close this period (`by_id`), when (`asked_at`) and why (`note`), while it is not done."""
    row = keeping.waiting(connection, _matter(span))
    return {**row["asked"], "asked_at": row["asked_at"]} if row else None


def work(core: Core, held: Held) -> Row | None:
    """Make the edition that was asked for. None when somebody has made another since. LeaseLost when another worker makes it."""
    asked: Row = held.row["asked"]
    span = periods.read(asked["label"], worlds.get(core, LIVE).zone)
    at, wanted, waits = counting.count(core, span, held)
    with core.db.read() as connection:  # what takes long, before anything is locked
        sums = counting.of(connection, held, waits)
        cases, digest = editions.digest(connection, assessment_count_mark, held.id)
        _, of_units = editions.digest(connection, assessment_count_unit_mark, held.id)
        report = reporting.make(core, connection, span, sums, definitions.read(connection), wanted.public, at)
    with core.db.write() as connection:
        recording.lock(core, connection, recording.CONTENT)  # editions are numbered one after the other
        held.hold(connection)
        before = editions.newest(connection, span)
        if (before["number"] if before else None) != asked["replaces"]:
            keeping.drop(connection, held.id)
            return None
        row = _row(connection, asked, span, before) | {"at": at, "cases": cases}
        report |= {"edition": row["number"], "replaces": asked["replaces"], "marks": digest, "unit_marks": of_units}
        row["body"] = editions.canonical(report)
        row["hash"] = editions.hashed(row["body"])
        connection.execute(insert(assessment_edition).values(**row))
        _keep(connection, row["id"], held.id)
        said = {"edition": row["number"], "hash": row["hash"], "cases": row["cases"], "note": row["note"]}
        with origin.coming_from(asked["origin"]):
            recording.record(
                core,
                connection,
                recording.CONTENT,
                CLOSED,
                actor=_actor(connection, asked["by_id"]),
                about=f"edition:{row['number']}",
                data=said,
            )
        keeping.drop(connection, held.id)
    return row


# ---------------------------------------------------------------- inside


def _matter(span: Span) -> Matter:
    return Matter(SUBJECT, span.kind, span.since, span.until)


def _actor(connection: Connection, person_id: int) -> Actor | None:
    """Who asked; none when they have left meanwhile. The edition names them all the same."""
    try:
        return load_actor(connection, person_id)
    except NotFound:
        return None


def _row(connection: Connection, asked: Row, span: Span, before: Row | None) -> Row:
    edition = 1 + (before["edition"] if before else 0)
    return {
        "id": 1 + (connection.execute(select(func.max(assessment_edition.c.id))).scalar() or 0),
        "number": f"{span.label}/{edition}",
        "kind": span.kind,
        "since": span.since,
        "until": span.until,
        "edition": edition,
        "replaces_id": before["id"] if before else None,
        "by_id": asked["by_id"],
        "by_unit_id": asked["by_unit_id"],
        "note": asked["note"],
    }


def _keep(connection: Connection, edition: int, count: int) -> None:
    """The counted marks become those of the edition."""
    for counted, table in (
        (assessment_count_mark, assessment_mark),
        (assessment_count_unit_mark, assessment_unit_mark),
    ):
        marking.write(connection, table, edition, marking.kept(connection, counted, count, None))
