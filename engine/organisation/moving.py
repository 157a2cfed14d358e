"""Workers carry out approved changes: first the rows of the organisation, in one transaction; then the open tasks and cases, a step of
each instance; then what had to stay until all had moved.

Nothing says which instances are done but the instances themselves, so whoever goes on after a crash finds what is left. A change that
was carried out is looked at again for a day: a step that was planned before it may have opened a task after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, literal_column, null, or_, select, update

from engine import incidents
from engine.audit.recording import ORGANISATION, record
from engine.leases import LEASE
from engine.organisation import drafting, plans, writing
from engine.organisation.mover import Mover
from engine.organisation.work import Work
from engine.steps import run
from engine.tables import instance, membership, organisation_change, recusal, task, unit

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

AT_ONCE = 200
"""Instances of one batch; its progress is written at its end."""
AGAIN = timedelta(minutes=1)
"""A change that could not be carried out to the end, or was, is looked at again after this."""
LONG_AGO = timedelta(days=1)
"""No step is planned longer than this."""

log = structlog.get_logger("liandong.organisation")


def run_due(core: Core, limit: int = AT_ONCE) -> int:
    """One batch of the oldest change that nobody is at; answers how much was done: 0 when nothing waits."""
    change = _take(core)
    if change is None:
        return 0
    try:
        if change["state"] == "approved":
            return _begin(core, change)
        return _go_on(core, change, limit)
    except Exception as error:
        log.exception("a change of the organisation does not go on", change=change["id"])
        _free(core, change, wait=True, error=incidents.explain(error)[:2000])
        return 0


def _take(core: Core) -> Row | None:
    """The oldest change to be carried out, under a lease; else one to be looked at again. They are carried out one after another."""
    with core.db.read() as connection:
        if connection.execute(_next(core.db.now_on(connection))).first() is None:
            return None  # as nearly always: no lock is taken to learn it
    with core.db.write() as connection:
        now = core.db.now_on(connection)
        found = connection.execute(_next(now).with_for_update(skip_locked=True)).mappings().first()
        if found is None:
            return None
        mine = update(organisation_change).where(organisation_change.c.id == found["id"])
        connection.execute(mine.values(lease_until=now + LEASE))
        return dict(found)


def _next(now: datetime) -> Select[Any]:
    c = organisation_change.c
    free = or_(c.lease_until.is_(None), c.lease_until < now)
    other = organisation_change.alias()
    first = ~exists(select(other.c.id).where(other.c.state == "applying"))
    open_ones = or_(c.state == "applying", and_(c.state == "approved", first))
    lately = and_(c.state == "applied", c.work.is_not(None), c.applied_at > now - LONG_AGO)
    query = select(organisation_change).where(free, or_(open_ones, lately))
    return query.order_by(c.state == "applied", c.id).limit(1)


def _free(core: Core, change: Row, *, wait: bool, **values: Any) -> None:
    with core.db.write() as connection:
        until = core.db.now_on(connection) + AGAIN if wait else None
        connection.execute(
            update(organisation_change)
            .where(organisation_change.c.id == change["id"])
            .values(lease_until=until, **values)
        )


# ---------------------------------------------------------------- the organisation itself


def _begin(core: Core, change: Row) -> int:
    with core.db.write() as connection:
        c = organisation_change.c
        # all that wait or are under way are locked: nobody else begins one now
        waiting_ones = select(c.id, c.state).where(c.state.in_(("approved", "applying"))).order_by(c.id)
        states = {row.id: row.state for row in connection.execute(waiting_ones.with_for_update())}
        if states.get(change["id"]) != "approved" or "applying" in states.values():
            return 0
        draft, preview = drafting.draft(core, connection, change["kind"], change["plan"])
        values: Row = {"lease_until": None}
        if draft.problems:
            error = plans.refused(draft.problems)
            values |= {"state": "failed", "error": error.text("zh"), "preview": preview.json()}
            _say(core, connection, "change_failed", change, {"why": error.text("en")})
        else:
            work = writing.write(core, connection, draft, change["id"])
            values |= {"work": work.json(), "state": "applying"}
            values["total"] = sum(m["tasks"] for m in preview.moves) + preview.back
            _say(core, connection, "change_begun", change, {"edits": len(draft.edits), "tasks": values["total"]})
        connection.execute(update(organisation_change).where(c.id == change["id"]).values(**values))
    core.forget_units()
    return 1


def _say(core: Core, connection: Connection, kind: str, change: Row, data: Row) -> None:
    record(core, connection, ORGANISATION, kind, about=f"change:{change['id']}", data={"kind": change["kind"], **data})


# ---------------------------------------------------------------- tasks and cases


def _go_on(core: Core, change: Row, limit: int) -> int:
    core.forget_units()  # another worker may have begun it
    with core.db.read() as connection:
        mover = _mover(core, connection, change)
    after, changed, failed, why = 0, 0, 0, ""
    while batch := waiting(core, mover, after, limit):
        bad = 0
        for instance_id in batch:
            try:
                reply = run(core, instance_id, mover.plan)
                changed += reply["changed"]
            except Exception as error:
                bad, why = bad + 1, f"{instance_id}: {incidents.explain(error)}"
                log.exception("a case could not be moved", instance=instance_id, change=change["id"])
        failed += bad
        if bad < len(batch):
            break
        after = batch[-1]  # none of these can be moved: what comes after them is not held up
    if change["state"] == "applied":
        _free(core, change, wait=True)
        return changed
    if batch or failed:
        with core.db.read() as connection:
            left = sum(tasks for _, _, tasks in _groups(connection, mover))
        far = max(change["done"], change["total"] - left)
        # where nothing could be changed, trying again at once would go on for ever
        _free(core, change, wait=not changed or (failed > 0 and len(batch) < limit), done=far, error=why[:2000] or None)
        return changed
    _finish(core, change, mover.work)
    return 1


def _mover(core: Core, connection: Connection, change: Row) -> Mover:
    keys: dict[int, str] = dict(connection.execute(select(unit.c.id, unit.c.key)).all())
    running = or_(membership.c.until.is_(None), membership.c.until > core.db.now_on(connection))
    query = select(membership.c.person_id, membership.c.unit_id, membership.c.post_key).where(running)
    work = Work.of(change["work"])
    if change["state"] == "applied":  # what goes on as a unit keeps what came to it since
        work.ways = {unit_id: way for unit_id, way in work.ways.items() if unit_id in dict(work.ends)}
    return Mover(
        change["id"],
        work,
        {key: core.unit_id(key) or unit_id for unit_id, key in keys.items()},  # of one that ended since: its successor
        keys,
        frozenset(connection.execute(query)),
    )


def waiting(core: Core, mover: Mover, after: int, limit: int) -> list[int]:
    """The first instances behind `after` of which something is left to be moved, by their ids."""
    found: set[int] = set()
    with core.db.read() as connection:
        found.update(_about(connection, mover, after, limit))
        for query in _concerned(mover.work):
            mine: set[int] = set()
            last = after
            while len(mine) < limit:
                page = query.where(instance.c.id > last).order_by(instance.c.id).limit(2 * limit)
                rows = connection.execute(page).mappings().all()
                mine.update(row["id"] for row in rows if mover.moves(dict(row)))
                if len(rows) < 2 * limit:
                    break
                last = rows[-1]["id"] - (rows[-1]["id"] != rows[0]["id"])  # its other tasks may be on the next page
            found |= mine
    return sorted(found)[:limit]


def _about(connection: Connection, mover: Mover, after: int, limit: int) -> Iterator[int]:
    """Cases that are about a unit, and do not say so yet of those that its people have gone to."""
    for unit_id in mover.work.ways:
        other = recusal.alias()
        for heir in sorted(mover.heirs(unit_id)):
            said = exists(
                select(other.c.unit_id).where(other.c.instance_id == recusal.c.instance_id, other.c.unit_id == heir)
            )
            query = select(recusal.c.instance_id).where(recusal.c.unit_id == unit_id, recusal.c.instance_id > after)
            yield from connection.execute(query.where(~said).order_by(recusal.c.instance_id).limit(limit)).scalars()


_OF_CASE = (instance.c.id, instance.c.area, instance.c["class"])


def _concerned(work: Work) -> list[Select[Any]]:
    """Open and suspended tasks of the units and people concerned, and cases of the units."""
    found = _tasks(work)
    if ways := list(work.ways):
        of_cases = select(*_OF_CASE, instance.c.unit_id, null().label("assignee_id"))
        found.append(of_cases.where(instance.c.ended_at.is_(None), instance.c.unit_id.in_(ways)))
    return found


def _tasks(work: Work) -> list[Select[Any]]:
    """A query for each state, so that each has its index."""
    ways = list(work.ways)
    people = sorted({back[0] for back in work.backs})
    which = [task.c.unit_id.in_(ways)] if ways else []
    which += [task.c.assignee_id.in_(people), task.c.for_id.in_(people)] if people else []
    if not which:
        return []
    rest = (task.c.unit_id, task.c.post_key, task.c.assignee_id, task.c.for_id)
    query = select(*_OF_CASE, *rest).join(task, task.c.instance_id == instance.c.id).where(or_(*which))
    states: tuple[ColumnElement[str], ...] = (literal_column("'open'"), literal_column("'suspended'"))
    return [query.where(task.c.state == state) for state in states]


def _groups(connection: Connection, mover: Mover) -> Iterator[tuple[int | None, int | None, int]]:
    """Open tasks that are left, counted by the unit they are at and the one they go to."""
    for query in _tasks(mover.work):
        rows = query.subquery()
        names = ("area", "class", "unit_id", "post_key", "assignee_id", "for_id")
        counted = select(*(rows.c[n] for n in names), func.count()).group_by(*(rows.c[n] for n in names))
        for *values, tasks in connection.execute(counted):
            row = dict(zip(names, values, strict=True))
            if mover.moves(row):
                yield row["unit_id"], mover.target(row["unit_id"], row), tasks


# ---------------------------------------------------------------- the end


def _finish(core: Core, change: Row, work: Work) -> None:
    """Nothing is left: units end, posts in them are taken, what was lent in them ends. Whoever was first did it."""
    with core.db.write() as connection:
        c = organisation_change.c
        state = connection.execute(select(c.state).where(c.id == change["id"]).with_for_update()).scalar_one()
        if state != "applying":
            return
        now = core.db.now_on(connection)
        writing.end(core, connection, work, change["id"], now)
        values = {"state": "applied", "applied_at": now, "done": change["total"], "error": None}
        values["lease_until"] = now + AGAIN
        connection.execute(update(organisation_change).where(c.id == change["id"]).values(**values))
        _say(core, connection, "change_applied", change, {"tasks": change["total"]})
    core.forget_units()
