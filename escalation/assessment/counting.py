"""Open periods of a large city: a worker counts them, part by part, and keeps the marks until the next count, so that a page neither waits
for a million cases nor keeps others waiting. Nothing is reckoned differently: the same marks, as of an instant that the page names.

Who asks first for a period has it counted; who asks when the count is old sees that one, and has it counted anew. In a small city every
page counts for itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Subquery, delete, func, insert, or_, select, update

from engine import settings, worlds
from engine.errors import LiandongError
from engine.tables import LIVE, instance
from escalation.assessment import definitions, editions, marking, near, reporting
from escalation.assessment.editions import KEYS, Read
from escalation.assessment.periods import Span, covering
from escalation.indicators import PROCESS, Period
from escalation.tables import assessment_count, assessment_count_mark

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

Row = dict[str, Any]
DEFAULTS: Row = {"assessment_counted_from": 50_000, "assessment_counted_minutes": 15}
"""From how many cases on a city is large, and after how many minutes a count is old."""
LEFT_LYING = timedelta(minutes=10)
"""A count that was begun and is not done after this is begun anew: its worker is gone."""
UNASKED = timedelta(days=30)
"""A count nobody has asked anew for so long is deleted."""


class Counting(LiandongError):
    """The period is being counted for the first time."""

    code = "counting"
    status = 503
    zh = "案件较多，后台正在统计该时段，一般一两分钟内完成。请稍后刷新本页。"
    en = "This period holds many cases; it is being counted, which takes a minute or two. Please reload this page then."


def read(core: Core, connection: Connection, span: Span, actor: Actor | None) -> Read:
    """The report of an open period for its reader (none: of the whole city): as the trail is now; of a large city as it was last counted.
    Counting where it never was."""
    if not is_large(connection):
        return editions.live(core, connection, span, actor)
    row = _newest(core, connection, span)
    marks = marking.kept(connection, assessment_count_mark, row["id"], actor)
    asked = reporting.asked(core, connection, Period(row["since"], row["until"]), LIVE, actor)
    sums = json.loads(row["sums"])
    counted = reporting.Sums(sums["patterns"], KEYS, sums["waiting"])
    if actor is not None:
        rows = connection.execute(marking.patterns(marks))
        counted = reporting.Sums(rows, KEYS, reporting.waiting(connection, asked, row["at"]))
    report = reporting.make(core, connection, span, counted, definitions.read(connection), asked.public, row["at"])
    return Read(report, marks, KEYS, whole=actor is None, at=row["at"])


def marks(core: Core, connection: Connection, row: Mapping[str, Any], actor: Actor | None) -> Subquery:
    """The marks of a closed period as they are now, of a large city as they were last counted."""
    if is_large(connection):
        span = covering(row["kind"], row["since"], row["until"])
        return marking.kept(connection, assessment_count_mark, _newest(core, connection, span)["id"], actor)
    asked = reporting.asked(core, connection, Period(row["since"], row["until"]), LIVE, actor)
    return marking.live(connection, asked)


def is_large(connection: Connection) -> bool:
    """Whether the city has so many cases that a worker counts."""
    least = int(settings.read(connection, DEFAULTS)["assessment_counted_from"])
    some = select(instance.c.id).where(instance.c.world_id == LIVE, instance.c.key == PROCESS).limit(least).subquery()
    return bool(connection.execute(select(func.count()).select_from(some)).scalar_one() >= least)


def run_due(core: Core) -> int:
    """Count one period that was asked for. Answers how many were: 1, or 0 when nothing waits."""
    row = _taken(core)
    if row is None:
        return 0
    with core.db.write() as connection:
        delete_marks(connection, row["id"])  # what a worker that is gone left
    at, _, waiting = count(core, covering(row["kind"], row["since"], row["until"]), row["id"])
    with core.db.write() as connection:
        kept = marking.kept(connection, assessment_count_mark, row["id"], None)
        patterns = [list(one) for one in connection.execute(marking.patterns(kept))]
        done = {"at": at, "sums": json.dumps({"patterns": patterns, "waiting": waiting})}
        connection.execute(update(assessment_count).where(assessment_count.c.id == row["id"]).values(**done))
        _forget(connection, row, at)
    return 1


def count(core: Core, span: Span, number: int) -> tuple[datetime, marking.Asked, list[Row]]:
    """Write the marks of a period under this number, some cases at a time; each case is as it was at one moment. Answers of when they are,
    what was asked, and what waits."""
    at = worlds.get(core, LIVE).now
    with core.db.read() as connection:
        asked = reporting.asked(core, connection, editions.period(span, at), LIVE, None)
        parts = list(near.parts(connection, asked))
        waiting = reporting.waiting(connection, asked, at)
    for some in parts:
        with core.db.write() as connection:
            marking.keep(connection, assessment_count_mark, number, asked, some)
    return at, asked, waiting


def delete_marks(connection: Connection, *numbers: int) -> None:
    """The rows behind these counts."""
    connection.execute(delete(assessment_count_mark).where(assessment_count_mark.c.count_id.in_(numbers)))


# ---------------------------------------------------------------- inside


def _newest(core: Core, connection: Connection, span: Span) -> Row:
    """The newest count that is done; a new one is asked for where there is none, or an old one. Counting."""
    c = assessment_count.c
    now = worlds.get(core, LIVE).now
    query = select(assessment_count).where(c.kind == span.kind, c.since == span.since).order_by(c.id.desc()).limit(2)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    found = next((row for row in rows if row["sums"] is not None), None)
    waits = bool(rows) and rows[0]["sums"] is None
    old = timedelta(minutes=float(settings.read(connection, DEFAULTS)["assessment_counted_minutes"]))
    if not waits and (found is None or now - found["at"] >= old):
        with core.db.write() as writing:
            asked = {"kind": span.kind, "since": span.since, "until": span.until, "asked_at": now}
            writing.execute(insert(assessment_count).values(**asked))
    if found is None:
        raise Counting
    return found


def _taken(core: Core) -> Row | None:
    """The next to count, taken by this worker."""
    c = assessment_count.c
    with core.db.write() as connection:
        now = core.db.now_on(connection)
        free = (c.sums.is_(None), or_(c.begun_at.is_(None), c.begun_at < now - LEFT_LYING))
        row = connection.execute(select(assessment_count).where(*free).order_by(c.id).limit(1)).mappings().first()
        if row is None:
            return None
        taking = update(assessment_count).where(c.id == row["id"], *free).values(begun_at=now)
        return dict(row) if connection.execute(taking).rowcount == 1 else None


def _forget(connection: Connection, row: Row, now: datetime) -> None:
    """Delete counts that newer ones stand for, but for the last: somebody may be reading it; and those nobody asks for."""
    c = assessment_count.c
    done = (c.kind == row["kind"], c.since == row["since"], c.sums.is_not(None))
    last = connection.execute(select(c.id).where(*done).order_by(c.id.desc()).limit(2)).scalars().all()
    older = select(c.id).where(
        or_((c.kind == row["kind"]) & (c.since == row["since"]) & (c.id < min(last)), c.asked_at < now - UNASKED)
    )
    gone = connection.execute(older).scalars().all()
    delete_marks(connection, *gone)
    connection.execute(delete(assessment_count).where(c.id.in_(gone)))
