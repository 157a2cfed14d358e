"""Open periods of a large city: a worker counts them, part by part, and the marks are kept until the next count (`kept/keeping.py`).
Nothing is reckoned differently: the same marks, as of an instant that the page names. In a small city every page counts for itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from engine import worlds
from engine.tables import LIVE
from escalation.assessment import definitions, editions, marking, near, reporting, unit_marks
from escalation.assessment.editions import KEYS, Read
from escalation.assessment.periods import Span, covering
from escalation.assessment.unit_marks import Marks
from escalation.indicators import Period
from escalation.kept import keeping
from escalation.kept.keeping import Counting, Held, Matter
from escalation.tables import assessment_count_mark, assessment_count_unit_mark

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

Row = dict[str, Any]
SUBJECT = "assessment"


def read(core: Core, connection: Connection, span: Span, actor: Actor | None) -> Read:
    """The report of an open period for its reader (none: of the whole city): as the trail is now; of a large city as it was last counted.
    Counting where it never was."""
    if not keeping.is_large(connection):
        return editions.live(core, connection, span, actor)
    row = _newest(core, connection, span)
    behind = replace(_behind(connection, row["id"], actor), at=row["at"])
    asked = reporting.asked(core, connection, Period(row["since"], row["until"]), LIVE, actor)
    if actor is None:
        sums = json.loads(row["sums"])
        counted = reporting.Sums(sums["patterns"], KEYS, sums["waiting"], sums["units"], unit_marks.KEYS)
    else:
        counted = editions.sums(connection, behind, reporting.waiting(connection, asked, row["at"]))
    report = reporting.make(core, connection, span, counted, definitions.read(connection), asked.public, row["at"])
    return replace(behind, report=report)


def marks(core: Core, connection: Connection, row: Mapping[str, Any], actor: Actor | None) -> Marks:
    """The marks of a closed period as they are now, of a large city as they were last counted."""
    if keeping.is_large(connection):
        span = covering(row["kind"], row["since"], row["until"])
        return _kept(connection, _newest(core, connection, span)["id"], actor)
    asked = reporting.asked(core, connection, Period(row["since"], row["until"]), LIVE, actor)
    return Marks(marking.live(connection, asked), unit_marks.live(connection, asked))


def work(core: Core, held: Held) -> None:
    """Count one period that was asked for. LeaseLost when another does."""
    row = held.row
    at, _, waiting = count(core, covering(row["about"], row["since"], row["until"]), held)
    with core.db.write() as connection:
        sums = of(connection, held, waiting)
        told = {name: [list(one) for one in rows] for name, rows in (("patterns", sums.rows), ("units", sums.units))}
        held.finish(connection, at, json.dumps({**told, "waiting": waiting}))


def count(core: Core, span: Span, held: Held) -> tuple[datetime, marking.Asked, list[Row]]:
    """Write the marks of a period, some cases at a time; each case is as it was at one moment. Answers of when they are, what was asked,
    and what waits. LeaseLost when another does."""
    at = worlds.get(core, LIVE).now
    with core.db.read() as connection:
        asked = reporting.asked(core, connection, editions.period(span, at), LIVE, None)
        parts = list(near.parts(connection, asked))
        waiting = reporting.waiting(connection, asked, at)
    for some in parts:
        with core.db.write() as connection:
            held.hold(connection)
            marking.keep(connection, assessment_count_mark, held.id, asked, some)
            units = unit_marks.live(connection, asked, some)
            marking.write(connection, assessment_count_unit_mark, held.id, units)
    return at, asked, waiting


def of(connection: Connection, held: Held, waiting: list[Row]) -> reporting.Sums:
    """What the marks add up to that were written so far."""
    return editions.sums(connection, _behind(connection, held.id, None), waiting)


# ---------------------------------------------------------------- inside


def _kept(connection: Connection, number: int, actor: Actor | None) -> Marks:
    """What a count keeps."""
    return Marks(
        marking.kept(connection, assessment_count_mark, number, actor),
        marking.kept(connection, assessment_count_unit_mark, number, actor),
    )


def _behind(connection: Connection, number: int, actor: Actor | None) -> Read:
    """The same, for a report that is not made yet."""
    found = _kept(connection, number, actor)
    return Read({}, found.cases, KEYS, whole=actor is None, units=found.units, own=unit_marks.KEYS)


def _newest(core: Core, connection: Connection, span: Span) -> Row:
    found, _ = keeping.newest(core, connection, Matter(SUBJECT, span.kind, span.since, span.until))
    if found is None:
        raise Counting
    return found
