"""Workers as the database knows them: each writes a row when it starts and says from time to time that it lives. All times are the
database's own: a node whose clock is wrong is neither taken for dead nor for alive."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from engine.tables import worker

if TYPE_CHECKING:
    from engine.core import Core

HEARTBEAT = timedelta(seconds=10)
SILENT = 3 * HEARTBEAT
"""Not heard of for so long: stopped, or cut off."""
FORGOTTEN = timedelta(days=7)
"""Rows of workers that are gone are kept so long, for whoever asks what happened."""


@dataclass(slots=True)
class Tally:
    """What a worker did since it started."""

    passes: int = 0
    done: int = 0
    failed: int = 0
    fenced: int = 0
    breaches: int = 0
    error: str | None = None


@dataclass(slots=True)
class Worker:
    """This process, as a worker."""

    name: str
    tally: Tally = field(default_factory=Tally)


def enlist(core: Core) -> Worker:
    """Write the row of a worker that starts, and forget those that are long gone."""
    host = socket.gethostname()[:80]
    me = Worker(f"{host}-{os.getpid()}-{secrets.token_hex(3)}")
    with core.db.write() as connection:
        now = core.db.now_on(connection)
        connection.execute(delete(worker).where(worker.c.seen_at < now - FORGOTTEN))
        connection.execute(
            insert(worker).values(name=me.name, host=host, process=os.getpid(), started_at=now, seen_at=now)
        )
    return me


def beat(core: Core, me: Worker, *, stopped: bool = False) -> None:
    """Say that it lives, and what it did; with `stopped` that it goes on purpose."""
    tally = me.tally
    with core.db.write() as connection:
        now = core.db.now_on(connection)
        connection.execute(
            update(worker)
            .where(worker.c.name == me.name)
            .values(
                seen_at=now,
                stopped_at=now if stopped else None,
                passes=tally.passes,
                done=tally.done,
                failed=tally.failed,
                fenced=tally.fenced,
                breaches=tally.breaches,
                error=tally.error,
            )
        )


def listing(core: Core) -> list[dict[str, Any]]:
    """Every worker known, newest first, each with `alive`: it said so lately, and not that it went."""
    with core.db.read() as connection:
        now = core.db.now_on(connection)
        rows = connection.execute(select(worker).order_by(worker.c.started_at.desc())).mappings()
        return [{**r, "alive": r["stopped_at"] is None and now - r["seen_at"] < SILENT} for r in rows]
