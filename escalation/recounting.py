"""A new version of the calendars moves due times: workers count every open clock anew, each in a step of its own case, once.

What is left says so itself (`clock.calendar_version`), so whoever goes on after a crash finds it; the lease on the book only keeps two
workers from doing the same at once. A step that was planned before the approval may start a clock by the older version after it: so the
pass looks again and again, also when a version was through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Connection, case, func, select, update

from engine import calendars, incidents
from engine.audit.recording import CONTENT, record
from engine.calendars.followers import Follower, Moves
from engine.leases import LEASE
from engine.retiming import Timers
from engine.steps import run
from engine.tables import calendar_book
from escalation import ledger
from escalation.ledger import Ledger
from escalation.tables import clock, clock_entry

if TYPE_CHECKING:
    from engine.core import Core
    from engine.steps import Reply, Seen
    from engine.writes import WriteSet

Row = dict[str, Any]

AT_ONCE = 200
"""Instances of one batch; its progress is written at its end."""
AGAIN = timedelta(minutes=1)
"""What could not be counted is tried again after this."""

log = structlog.get_logger("liandong.recounting")


class Clocks:
    """Clocks that have not stopped."""

    def waiting(self, connection: Connection, version: int, after: int, limit: int) -> Sequence[int]:
        """Cases with clocks of older versions."""
        c = clock.c
        query = select(c.instance_id).where(c.stopped_at.is_(None), c.calendar_version < version, c.instance_id > after)
        return connection.execute(query.distinct().order_by(c.instance_id).limit(limit)).scalars().all()

    def left(self, connection: Connection, version: int) -> int:
        """How many clocks are of older versions."""
        query = select(func.count()).select_from(clock)
        query = query.where(clock.c.stopped_at.is_(None), clock.c.calendar_version < version)
        return connection.execute(query).scalar_one()

    def recount(self, core: Core, seen: Seen, writes: WriteSet) -> Moves:
        """Count those of one case; its ledger is read only where a clock has one."""
        rows = [row for row in seen.extra[clock.name] if row["calendar_version"] < seen.calendars]
        entries: dict[tuple[str, int], list[Row]] = {}
        if any(row["entries"] for row in rows):
            with core.db.read() as connection:
                entries = ledger.entries_of(connection, writes.instance_id)
        counting = Ledger(core, seen, writes)
        moves = Moves()
        for row in rows:
            before = row["due_at"]
            moved = counting.recount(row, entries.get((row["name"], row["task_id"]), ()))
            later = moved and before is not None and row["due_at"] is not None and row["due_at"] > before
            moves += Moves(1, int(moved and not later), int(later))
        return moves


FOLLOWERS: tuple[Follower, ...] = (Clocks(), Timers())
"""Whatever is counted by calendars."""


def run_due(core: Core, limit: int = AT_ONCE, lease: timedelta = LEASE) -> int:
    """One batch; answers how many instances were looked at: 0 when nothing waits, or another worker is at it."""
    book = _take(core, lease)
    if book is None:
        return 0
    version, told = book["version"], dict(book["moved"] or {})
    ids = _next(core, version, told.get("after", 0), limit)
    done, failed, why = Moves(), 0, ""
    for instance_id, those in ids.items():
        try:
            done += _one(core, instance_id, those)
        except Exception as error:
            failed, why = failed + 1, f"{instance_id}: {incidents.explain(error)}"
            log.exception("clocks not counted anew", instance=instance_id, version=version)
    told["failed"] = told.get("failed", 0) + failed
    if why:
        told["error"] = why[:2000]
    if len(ids) == limit:
        told["after"] = max(ids)
        _keep(core, book, told)
        return len(ids)
    return _around(core, book, told, len(ids))


def _take(core: Core, lease: timedelta) -> Row | None:
    """The book that counts now, under a lease; none when all is counted by it, or another worker is at it."""
    with core.db.read() as connection:
        version = calendars.version(connection)
        query = select(calendar_book.c.moved_at).where(calendar_book.c.version == version)
        book = connection.execute(query).first()
        if book is None or (book.moved_at is not None and not _any_left(connection, version)):
            return None  # as nearly always: no lock is taken to learn it
    with core.db.write() as connection:
        now = core.db.now_on(connection)
        c = calendar_book.c
        taken = select(c.id, c.version, c.moved, c.moved_at, c.lease_until).where(c.version == version)
        row = connection.execute(taken.with_for_update(skip_locked=True)).mappings().first()
        if row is None or (row["lease_until"] is not None and row["lease_until"] > now):
            return None
        moved = dict(row["moved"] or {})
        if "total" not in moved:
            moved |= {"total": sum(each.left(connection, version) for each in FOLLOWERS), "after": 0, "failed": 0}
        connection.execute(update(calendar_book).where(c.id == row["id"]).values(lease_until=now + lease, moved=moved))
        return {**row, "moved": moved}


def _next(core: Core, version: int, after: int, limit: int) -> dict[int, list[Follower]]:
    """The next instances, in their order, each with what of it waits: the rest of it is not read."""
    found: dict[int, list[Follower]] = {}
    with core.db.read() as connection:
        for each in FOLLOWERS:
            for instance_id in each.waiting(connection, version, after, limit):
                found.setdefault(instance_id, []).append(each)
    return {instance_id: found[instance_id] for instance_id in sorted(found)[:limit]}


def _any_left(connection: Connection, version: int) -> bool:
    return any(each.waiting(connection, version, 0, 1) for each in FOLLOWERS)


def _one(core: Core, instance_id: int, those: Sequence[Follower] = FOLLOWERS) -> Moves:
    found = Moves()

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        nonlocal found
        found = sum((each.recount(core, seen, writes) for each in those), Moves())
        return {"counted": found.counted}

    run(core, instance_id, plan)
    return found


def _keep(core: Core, book: Row, told: Row, *, wait: bool = False) -> None:
    with core.db.write() as connection:
        until = core.db.now_on(connection) + AGAIN if wait else None
        connection.execute(
            update(calendar_book).where(calendar_book.c.id == book["id"]).values(moved=told, lease_until=until)
        )


def _around(core: Core, book: Row, told: Row, looked: int) -> int:
    """The end of the ids: from the beginning again where something is left, with a pause where that could not be counted; else done."""
    with core.db.read() as connection:
        left = _any_left(connection, book["version"])
    if left:
        wait = told["failed"] > 0
        _keep(core, book, {**told, "after": 0, "failed": 0}, wait=wait)
        return 0 if wait else max(looked, 1)
    _finish(core, book, told)
    return looked


def _finish(core: Core, book: Row, told: Row) -> None:
    """Everything is counted by this version. How much moved the ledgers tell, whoever counted it and however often it was interrupted. A
    version that was overtaken before it was through is done with, too."""
    fresh = {k: v for k, v in told.items() if k not in ("after", "failed", "error")}
    c = calendar_book.c
    with core.db.write() as connection:
        now = core.db.now_on(connection)
        unfinished = select(c.id, c.version, c.moved).where(c.version < book["version"], c.moved_at.is_(None))
        rows = [*connection.execute(unfinished).mappings(), {**book, "moved": fresh}]
        for row in rows:
            figures = {**(row["moved"] or {}), **_figures(connection, row["version"])}
            values = {"moved": figures, "moved_at": now, "lease_until": None}
            connection.execute(update(calendar_book).where(c.id == row["id"]).values(**values))
            if row["id"] != book["id"] or book["moved_at"] is None:
                data = {"version": row["version"], **figures}
                record(core, connection, CONTENT, "calendar_counted", about=f"calendar:{row['id']}", data=data)


def _figures(connection: Connection, version: int) -> Row:
    """How many due times moved: a clock that was counted and stayed where it was has its entry, too."""
    e = clock_entry.c
    query = select(
        func.sum(case((e.due_after.is_distinct_from(e.due_before), 1), else_=0)),
        func.sum(case((e.due_after < e.due_before, 1), else_=0)),
        func.sum(case((e.due_after > e.due_before, 1), else_=0)),
    ).where(e.kind == ledger.CALENDAR, e.calendar_version == version)
    moved, earlier, later = connection.execute(query).one()
    return {"moved": moved or 0, "earlier": earlier or 0, "later": later or 0}
