"""Carrying out plans: first the dry run, then, once approved, the change itself. Whoever is at one holds a lease on it by the database's
clock; after a crash another goes on with the cases that are left. Each case is one step that knows whether it was done already, so doing
it again changes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Connection, or_, select, update

from engine import steps
from engine.errors import Busy, CannotChange, LiandongError, NotFound
from engine.leases import LEASE
from engine.migrating import changing, deciding
from engine.migrating.plans import DONE, FITS, GONE, MOVED, RUNNING, STAYED, TRIED, TRYING, UNFIT, WAITING
from engine.tables import process_migration, process_migration_item

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

TRIES = 3
"""So often is a case tried on which many work at once, or whose step failed for no reason of its own."""
AT_ONCE = 50
"""Cases between two looks at the lease and at whether the plan was stopped: what a killed worker's progress is behind at most."""

log = structlog.get_logger("liandong.migrating")


def run_due(core: Core, limit: int = 100) -> int:
    """Go on with plans that nobody is at, the oldest first; answers how many cases were come to."""
    come_to = 0
    while come_to < limit and (plan := _take(core)) is not None:
        done = _go_on(core, plan, limit - come_to, None)
        come_to += done
        if not done:
            break
    return come_to


def work(core: Core, plan_id: int, seconds: float) -> None:
    """Go on with one plan here and now, for so many seconds at most; a worker does the rest. Nothing happens when somebody is at it."""
    plan = _take(core, plan_id)
    if plan is not None:
        _go_on(core, plan, 1_000_000, time.monotonic() + seconds)


# ---------------------------------------------------------------- inside


def _take(core: Core, plan_id: int | None = None) -> Row | None:
    with core.db.read() as connection:
        if connection.execute(_free(core, connection, plan_id)).first() is None:
            return None  # as nearly always: no lock is taken to learn it
    with core.db.write() as connection:
        query = _free(core, connection, plan_id).with_for_update(skip_locked=True)
        row = connection.execute(query).mappings().first()
        if row is None:
            return None
        until = core.db.now_on(connection) + LEASE
        connection.execute(
            update(process_migration).where(process_migration.c.id == row["id"]).values(lease_until=until)
        )
        return dict(row) | {"lease_until": until}


def _free(core: Core, connection: Connection, plan_id: int | None) -> Any:
    c, now = process_migration.c, core.db.now_on(connection)
    query = select(process_migration).where(
        c.state.in_((TRYING, RUNNING)), or_(c.lease_until.is_(None), c.lease_until < now)
    )
    if plan_id is not None:
        query = query.where(c.id == plan_id)
    return query.order_by(c.id).limit(1)


def _go_on(core: Core, plan: Row, limit: int, until: float | None) -> int:
    """Answers how many cases it came to; gives the plan back, moved on when no case is left."""
    one, left = (_try, (WAITING,)) if plan["state"] == TRYING else (_carry_out, (WAITING, FITS, UNFIT))
    come_to = 0
    while come_to < limit and (until is None or time.monotonic() <= until):
        batch = _left(core, plan, left, min(AT_ONCE, limit - come_to))
        for item in batch:
            if not _keep(core, plan, item, one(core, plan, item)):
                return come_to  # stopped, or another has it now
            come_to += 1
            if until is not None and time.monotonic() > until:
                break
        if not batch:
            break
    _give_back(core, plan, left)
    return come_to


def _left(core: Core, plan: Row, states: tuple[str, ...], limit: int) -> list[Row]:
    c = process_migration_item.c
    query = select(process_migration_item).where(c.migration_id == plan["id"], c.state.in_(states))
    with core.db.read() as connection:
        return [dict(row) for row in connection.execute(query.order_by(c.n).limit(limit)).mappings()]


def _try(core: Core, plan: Row, item: Row) -> Row:
    def do() -> Row:
        told = changing.attempt(core, steps.read(core, item["instance_id"]), plan)
        return {"state": GONE} if told.get("state") == GONE else {"state": FITS, "told": told}

    return _outcome(plan, item, do, UNFIT)


def _carry_out(core: Core, plan: Row, item: Row) -> Row:
    def do() -> Row:
        told = changing.carry_out(core, item["instance_id"], plan)
        return {"state": told.pop("state")} | ({"told": told} if told else {})

    return _outcome(plan, item, do, STAYED)


def _outcome(plan: Row, item: Row, do: Callable[[], Row], otherwise: str) -> Row:
    """What became of a case, as columns of its row."""
    try:
        return {"code": None, "text_zh": None, "text_en": None, **do()}
    except Busy as error:
        return _again(item) or _why(otherwise, "busy", error)
    except NotFound:
        return {"state": GONE}
    except LiandongError as error:
        return _why(otherwise, error.kind if isinstance(error, CannotChange) else error.code, error)
    except Exception as error:  # one case that fails holds up no other
        log.exception("a case could not be changed", migration=plan["id"], instance=item["instance_id"])
        why = {"text_zh": "系统出错，没有改动", "text_en": f"an error of the system: {type(error).__name__}"}
        return _again(item) or {"state": otherwise, "code": "error", "told": None, **why}


def _again(item: Row) -> Row | None:
    """It is tried once more, as what went wrong may not be its own; none when that was done often enough."""
    tries: int = item["tries"] + 1
    return {"state": item["state"], "tries": tries} if tries < TRIES else None


def _why(state: str, code: str, error: LiandongError) -> Row:
    return {"state": state, "code": code, "told": None, "text_zh": error.text("zh"), "text_en": error.text("en")}


def _ours(plan: Row) -> tuple[Any, ...]:
    c = process_migration.c
    return (c.id == plan["id"], c.state == plan["state"], c.lease_until == plan["lease_until"])


def _keep(core: Core, plan: Row, item: Row, outcome: Row) -> bool:
    """Write what became of a case. False when the plan is ours no more: what was changed was changed, and is told."""
    with core.db.write() as connection:
        now = core.db.now_on(connection)
        renewed = update(process_migration).where(*_ours(plan)).values(lease_until=now + LEASE)
        ours = connection.execute(renewed).rowcount == 1
        if ours or outcome["state"] == MOVED:
            c = process_migration_item.c
            here = update(process_migration_item).where(
                c.migration_id == plan["id"], c.n == item["n"], c.state != MOVED
            )
            connection.execute(here.values(**outcome, at=now))
    if ours:
        plan["lease_until"] = now + LEASE
    return ours


def _give_back(core: Core, plan: Row, left: tuple[str, ...]) -> None:
    c = process_migration_item.c
    with core.db.write() as connection:
        query = select(c.n).where(c.migration_id == plan["id"], c.state.in_(left)).limit(1)
        values: Row = {"lease_until": None}
        now = core.db.now_on(connection)
        over = connection.execute(query).first() is None
        if over:
            values |= {"state": TRIED, "tried_at": now} if plan["state"] == TRYING else {"state": DONE, "ended_at": now}
        changed = connection.execute(update(process_migration).where(*_ours(plan)).values(**values)).rowcount
        if over and changed and plan["state"] == RUNNING:
            deciding.say_ended(core, connection, plan)
