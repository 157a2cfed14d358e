"""Carrying out batches. Whoever is at one holds a lease on it by the database's clock; after a crash another goes on with the tasks that
are left. Each task is a step under a key that names batch and task, so that doing it again changes nothing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Connection, or_, select, update

from engine import origin
from engine.batches import doing
from engine.batches.asking import DONE, REFUSED, RUNNING, WAITING
from engine.errors import Busy, LiandongError
from engine.leases import LEASE
from engine.tables import batch, batch_item
from forms.errors import FormsError

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

TRIES = 3
"""So often is a task tried on which many work at once."""

log = structlog.get_logger("liandong.batches")


def run_due(core: Core, limit: int = 100) -> int:
    """Go on with batches that nobody is at, the oldest first; answers how many tasks were come to."""
    come_to = 0
    while come_to < limit and (row := _take(core)) is not None:
        done = _go_on(core, row, limit - come_to, None)
        come_to += done
        if not done:
            break
    return come_to


def work(core: Core, batch_id: int, seconds: float) -> None:
    """Carry out one batch here and now, for so many seconds at most; a worker does the rest. Nothing happens when somebody is at it."""
    row = _take(core, batch_id)
    if row is not None:
        _go_on(core, row, row["total"], time.monotonic() + seconds)


# ---------------------------------------------------------------- inside


def _take(core: Core, batch_id: int | None = None) -> Row | None:
    with core.db.read() as connection:
        if connection.execute(_free(core, connection, batch_id)).first() is None:
            return None  # as nearly always: no lock is taken to learn it
    with core.db.write() as connection:
        query = _free(core, connection, batch_id).with_for_update(skip_locked=True)
        row = connection.execute(query).mappings().first()
        if row is None:
            return None
        until = core.db.now_on(connection) + LEASE
        connection.execute(update(batch).where(batch.c.id == row["id"]).values(lease_until=until))
        return dict(row) | {"lease_until": until}


def _free(core: Core, connection: Connection, batch_id: int | None) -> Any:
    now = core.db.now_on(connection)
    query = select(batch).where(batch.c.state == RUNNING, or_(batch.c.lease_until.is_(None), batch.c.lease_until < now))
    if batch_id is not None:
        query = query.where(batch.c.id == batch_id)
    return query.order_by(batch.c.id).limit(1)


def _go_on(core: Core, row: Row, limit: int, until: float | None) -> int:
    """Answers how many tasks it came to; gives the batch back, ended when nothing is left."""
    mine = row["id"]
    with core.db.read() as connection:
        left = select(batch_item).where(batch_item.c.batch_id == mine, batch_item.c.state == WAITING)
        items = [dict(i) for i in connection.execute(left.order_by(batch_item.c.n).limit(limit)).mappings()]
    come_to = 0
    for item in items:
        if until is not None and time.monotonic() > until:
            break
        if not _one(core, row, item):
            return come_to  # stopped, or another has it now
        come_to += 1
    _give_back(core, row)
    return come_to


def _one(core: Core, row: Row, item: Row) -> bool:
    """Do one task and write what became of it. False when the batch is ours no more."""
    outcome = _do(core, row, item)
    with core.db.write() as connection:
        now = core.db.now_on(connection)
        ours = (batch.c.id == row["id"], batch.c.state == RUNNING, batch.c.lease_until == row["lease_until"])
        counts = {name: batch.c[name] + 1 for name in (DONE, REFUSED) if outcome["state"] == name}
        renewed = update(batch).where(*ours).values(lease_until=now + LEASE, **counts)
        if connection.execute(renewed).rowcount != 1:
            if outcome["state"] != DONE:
                return False
            # it was stopped meanwhile; what was done was done, and is told
            late = (batch_item.c.batch_id == row["id"], batch_item.c.n == item["n"], batch_item.c.state == "left")
            if connection.execute(update(batch_item).where(*late).values(**outcome, at=now)).rowcount:
                connection.execute(update(batch).where(batch.c.id == row["id"]).values(done=batch.c.done + 1))
            return False
        row["lease_until"] = now + LEASE
        here = (batch_item.c.batch_id == row["id"], batch_item.c.n == item["n"])
        connection.execute(update(batch_item).where(*here).values(**outcome, at=now))
    return True


def _do(core: Core, row: Row, item: Row) -> Row:
    by, ref = row["by_id"], item["ref"]
    try:
        with origin.coming_from(row["origin"]):
            doing.check_may_batch(core, ref, by)
            key = f"batch-{row['id']}-{item['n']}"
            reply = doing.DOES[row["act"]](core, ref, by, row["params"], key)
    except Busy as error:
        tries = item["tries"] + 1
        return {"state": WAITING, "tries": tries} if tries < TRIES else _refused(error)
    except (LiandongError, FormsError) as error:
        return _refused(error)
    except Exception as error:  # one task that fails holds up no other
        log.exception("a task of a batch failed", batch=row["id"], ref=ref)
        return {"state": REFUSED, "code": "error", "text_zh": "系统出错，没有办理", "text_en": type(error).__name__}
    return {"state": DONE, "reply": reply}


def _refused(error: LiandongError | FormsError) -> Row:
    return {"state": REFUSED, "code": error.code, "text_zh": error.text("zh"), "text_en": error.text("en")}


def _give_back(core: Core, row: Row) -> None:
    with core.db.write() as connection:
        ours = (batch.c.id == row["id"], batch.c.state == RUNNING, batch.c.lease_until == row["lease_until"])
        left = select(batch_item.c.n).where(batch_item.c.batch_id == row["id"], batch_item.c.state == WAITING)
        values: Row = {"lease_until": None}
        if connection.execute(left.limit(1)).first() is None:
            values |= {"state": DONE, "ended_at": core.db.now_on(connection)}
        connection.execute(update(batch).where(*ours).values(**values))
