"""Closing a period: the report with its definitions and, behind it, which numbers each case is in, become rows that nobody changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, insert, literal, select

from engine import worlds
from engine.access import check_power
from engine.audit import recording
from engine.errors import Invalid
from engine.tables import LIVE
from escalation.assessment import counting, definitions, editions, marking, reporting
from escalation.assessment.editions import KEYS
from escalation.assessment.periods import Span
from escalation.tables import assessment_count, assessment_count_mark, assessment_edition, assessment_mark

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

Row = dict[str, Any]
CLOSED = "assessment_closed"
"""The kind of audit row that tells of a closing."""
CLOSE = "assess"
"""The power to close a period."""


def close(core: Core, actor: Actor, span: Span, note: str = "") -> Row:
    """Close a period, or make a corrected edition of a closed one. NotAllowed without the power; Invalid before its end, and for a
    correction without a reason."""
    check_power(actor, CLOSE, "封存考核期", "close a period")
    if worlds.get(core, LIVE).now < span.until:
        raise Invalid(why_zh="该时段尚未结束，不能封存。", why_en="This period is not over yet.")
    with core.db.read() as connection:
        _check(editions.newest(connection, span), note)
    with core.db.write() as connection:  # counted first, beside: so nobody waits for a million cases
        now = core.db.now_on(connection)
        begun = {"kind": span.kind, "since": span.since, "until": span.until, "asked_at": now, "begun_at": now}
        number = connection.execute(
            insert(assessment_count).values(**begun).returning(assessment_count.c.id)
        ).scalar_one()
    try:
        at, asked, waits = counting.count(core, span, number)
        with core.db.write() as connection:
            recording.lock(core, connection, recording.CONTENT)  # two who close at once: one after the other
            before = editions.newest(connection, span)
            _check(before, note)
            row = _row(connection, actor, span, before, note) | {"at": at}
            patterns = connection.execute(
                marking.patterns(marking.kept(connection, assessment_count_mark, number, None))
            )
            book = definitions.read(connection)
            sums = reporting.Sums(patterns, KEYS, waits)
            report = reporting.make(core, connection, span, sums, book, asked.public, at)
            row["cases"], digest = editions.digest(connection, assessment_count_mark, number)
            report |= {"edition": row["number"], "replaces": before["number"] if before else None, "marks": digest}
            row["body"] = editions.canonical(report)
            row["hash"] = editions.hashed(row["body"])
            connection.execute(insert(assessment_edition).values(**row))
            _keep(connection, row["id"], number)
            said = {"edition": row["number"], "hash": row["hash"], "cases": row["cases"], "note": row["note"]}
            recording.record(
                core, connection, recording.CONTENT, CLOSED, actor=actor, about=f"edition:{row['number']}", data=said
            )
    finally:
        with core.db.write() as connection:
            counting.delete_marks(connection, number)
            connection.execute(delete(assessment_count).where(assessment_count.c.id == number))
    return row


# ---------------------------------------------------------------- inside


def _check(before: Row | None, note: str) -> None:
    if before is not None and not note.strip():
        raise Invalid(why_zh="更正须写明理由。", why_en="A correction needs its reason.")


def _row(connection: Connection, actor: Actor, span: Span, before: Row | None, note: str) -> Row:
    edition = 1 + (before["edition"] if before else 0)
    return {
        "id": 1 + (connection.execute(select(func.max(assessment_edition.c.id))).scalar() or 0),
        "number": f"{span.label}/{edition}",
        "kind": span.kind,
        "since": span.since,
        "until": span.until,
        "edition": edition,
        "replaces_id": before["id"] if before else None,
        "by_id": actor.id,
        "by_unit_id": actor.own_posts[0].unit_id if actor.own_posts else None,
        "note": note.strip()[:2000],
    }


def _keep(connection: Connection, edition: int, count: int) -> None:
    """The counted marks become those of the edition."""
    m = assessment_count_mark.c
    found = select(literal(edition), *(m[name] for name in marking.COLUMNS)).where(m.count_id == count)
    connection.execute(insert(assessment_mark).from_select(["edition_id", *marking.COLUMNS], found))
