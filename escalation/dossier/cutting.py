"""Up to where a dossier tells: the last event of the case, and of each supervision of it. Nothing after these is in it, so that the same
last events give the same dossier, whenever it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from engine.errors import Invalid, NotFound
from engine.tables import history, instance
from escalation.dossier.sealing import FORMATS, NEWEST
from escalation.tables import rung

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cut:
    """The last event of each instance that a dossier tells of. `at`: business time of the newest of them; `written_at`: the same in
    database time, by which acts of no case (a unit renamed, calendars decided) are told from later ones. `edition`: what is told
    (`sealing.FORMATS`)."""

    case: int
    ends: Mapping[int, int]
    at: datetime
    written_at: datetime | None
    edition: int = NEWEST

    @property
    def event(self) -> str:
        """Its name: the number of the case's last history row, `+instance:number` for each supervision, and `~edition`, without which it
        is of the first: a name that was written down before there were others still names the same bytes."""
        others = "".join(f"+{i}:{seq}" for i, seq in sorted(self.ends.items()) if i != self.case)
        edition = f"{_EDITION}{self.edition}" if self.edition > 1 else ""
        return f"{self.ends[self.case]}{others}{edition}"

    @property
    def supervisions(self) -> list[int]:
        """The instances that supervise the case."""
        return sorted(i for i in self.ends if i != self.case)


def cut(connection: Connection, case: int, event: str | None = None) -> Cut:
    """Where to cut: at the newest events, or at those that are named. Only the case's named, its supervisions are told up to that time.
    NotFound without such a case, Invalid for an event that never was."""
    count = connection.execute(select(instance.c.history_count).where(instance.c.id == case)).scalar()
    if not count:
        raise NotFound(what="case")
    ends, edition = {case: count - 1}, NEWEST
    if event is None:
        ends |= {i: seq for i, seq in _counts(connection, supervising(connection, case)).items() if seq >= 0}
    else:
        ends, edition = _parse(case, event)
        if "+" not in event:
            ends |= _until(connection, case, ends[case])
        allowed = {case, *supervising(connection, case)}
        if not allowed.issuperset(ends):
            raise _no_event(event)
    times = [_time(connection, i, seq, event or "") for i, seq in ends.items()]
    written = [w for _, w in times if w is not None]
    return Cut(case, ends, max(at for at, _ in times), max(written) if written else None, edition)


def supervising(connection: Connection, case: int) -> list[int]:
    """The instances with a rung about the case. What is confidential is in nobody else's dossier."""
    query = (
        select(rung.c.instance_id)
        .join(instance, instance.c.id == rung.c.instance_id)
        .where(rung.c.case_id == case, rung.c.instance_id != case, instance.c.confidential.is_(False))
        .distinct()
    )
    return sorted(connection.execute(query).scalars())


def _counts(connection: Connection, ids: list[int]) -> dict[int, int]:
    query = select(instance.c.id, instance.c.history_count).where(instance.c.id.in_(ids))
    return {row.id: row.history_count - 1 for row in connection.execute(query)}


def _until(connection: Connection, case: int, seq: int) -> dict[int, int]:
    """The last events of supervisions that were not after this event of the case."""
    at = select(history.c.at).where(history.c.instance_id == case, history.c.seq == seq).scalar_subquery()
    query = (
        select(history.c.instance_id, func.max(history.c.seq))
        .where(history.c.instance_id.in_(supervising(connection, case)), history.c.at <= at)
        .group_by(history.c.instance_id)
    )
    return dict(connection.execute(query).all())


def _parse(case: int, event: str) -> tuple[dict[int, int], int]:
    where, apart, said = event.partition(_EDITION)
    first, *others = where.split("+")
    try:
        edition = int(said) if apart else 1
        ends = {case: int(first)} | {int(i): int(seq) for i, seq in (each.split(":") for each in others)}
    except ValueError as error:
        raise _no_event(event) from error
    if len(ends) != len(others) + 1 or any(abs(n) >= 1 << 63 for pair in ends.items() for n in pair):
        raise _no_event(event)
    if edition not in FORMATS or (apart and edition == 1):
        raise _no_event(event)
    return ends, edition


_EDITION = "~"


def _time(connection: Connection, instance_id: int, seq: int, event: str) -> tuple[datetime, datetime | None]:
    query = select(history.c.at, history.c.written_at).where(history.c.instance_id == instance_id, history.c.seq == seq)
    row = connection.execute(query).first()
    if row is None:
        raise _no_event(event)
    return row.at, row.written_at


def _no_event(event: str) -> Invalid:
    return Invalid(why_zh=f"没有这样的事件：{event[:60]}", why_en=f"there is no such event: {event[:60]}")
