"""Counts of a large city: a worker makes them, and they are kept until the next, so that a page neither waits for a million cases nor keeps
others waiting. Nothing is reckoned differently; the page names the instant that the figures are of.

Who asks first has it counted; who asks when a count is old sees that one, and has it counted anew. What is asked for twice is counted once.
Whoever counts holds a lease by the database's clock; when it runs out another begins anew, and the first writes nothing more."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, and_, delete, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine import settings, worlds
from engine.errors import LeaseLost, LiandongError
from engine.tables import LIVE, instance
from escalation.indicators import PROCESS
from escalation.tables import assessment_count_mark, assessment_count_unit_mark, kept_count, kept_count_cases

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]
DEFAULTS: Row = {"assessment_counted_from": 50_000, "assessment_counted_minutes": 15}
"""From how many cases of a process on a worker counts, and after how many minutes a count is old."""
LEASE = timedelta(minutes=5)
"""How long a count is its worker's own. It holds it on as it goes; one statement over a year of a large city may take a minute or two."""
HOLD_ON_EVERY = 10.0
"""Seconds."""
KEPT = {"assessment": timedelta(days=30), "picture": timedelta(days=2)}
"""A count that nobody has had counted anew for so long is deleted. There are as many pictures as readers and periods."""
BEHIND = (assessment_count_mark, assessment_count_unit_mark, kept_count_cases)
"""The rows behind a count."""


class Counting(LiandongError):
    """It is being counted for the first time."""

    code = "counting"
    status = 503
    zh = "案件较多，后台正在统计，一般一两分钟内完成；统计好后本页自动显示。"
    en = "There are many cases; a worker is counting them, which takes a minute or two. This page then shows itself."


@dataclass(frozen=True, slots=True)
class Matter:
    """What is counted: a subject (assessment, picture, closing), what of it, and of which period."""

    subject: str
    about: str
    since: datetime
    until: datetime

    @property
    def columns(self) -> Row:
        """As a row names it."""
        return {"subject": self.subject, "about": self.about, "since": self.since, "until": self.until}

    @property
    def is_this(self) -> tuple[Any, ...]:
        """The condition on rows."""
        return tuple(kept_count.c[name] == value for name, value in self.columns.items())


class Held:
    """A count in a worker's hands, for as long as no other has taken it."""

    def __init__(self, core: Core, row: Row) -> None:
        self.core, self.row, self.id = core, row, int(row["id"])
        self._held_at = time.monotonic()

    def hold(self, connection: Connection) -> None:
        """Hold it on, in the transaction of what is written for it. LeaseLost when another has it."""
        until = self.core.db.now_on(connection) + LEASE
        ours = (kept_count.c.id == self.id, kept_count.c.lease_until == self.row["lease_until"])
        if connection.execute(update(kept_count).where(*ours).values(lease_until=until)).rowcount != 1:
            raise LeaseLost(job=f"{self.row['subject']} {self.id}")
        self.row["lease_until"] = until
        self._held_at = time.monotonic()

    def hold_on(self) -> None:
        """The same beside a long read, every now and then."""
        if time.monotonic() - self._held_at >= HOLD_ON_EVERY:
            with self.core.db.write() as connection:
                self.hold(connection)

    def finish(self, connection: Connection, at: datetime, sums: str) -> None:
        """It is done: the figures as JSON, and of when they are. LeaseLost when another has it."""
        self.hold(connection)
        connection.execute(update(kept_count).where(kept_count.c.id == self.id).values(at=at, sums=sums))
        _forget(connection, self.row, at)


def is_large(connection: Connection, key: str = PROCESS, world: int = LIVE) -> bool:
    """Whether there are so many cases of this process that a worker counts."""
    least = int(settings.read(connection, DEFAULTS)["assessment_counted_from"])
    last = (
        select(literal(1)).where(instance.c.world_id == world, instance.c.key == key).offset(max(0, least - 1)).limit(1)
    )
    return connection.execute(last).first() is not None


def newest(core: Core, connection: Connection, matter: Matter, asked: Row | None = None) -> tuple[Row | None, bool]:
    """The newest count that is done, and whether a newer one is on its way: it is asked for where there is none, or an old one. `asked`:
    what the worker must know beside."""
    c = kept_count.c
    now = worlds.get(core, LIVE).now
    query = select(kept_count).where(*matter.is_this).order_by(c.id.desc()).limit(2)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    found = next((row for row in rows if row["at"] is not None), None)
    waits = any(row["at"] is None for row in rows)
    old = timedelta(minutes=float(settings.read(connection, DEFAULTS)["assessment_counted_minutes"]))
    if not waits and (found is None or now - found["at"] >= old):
        with core.db.write() as writing:
            ask(core, writing, matter, now, asked)
        waits = True
    return found, waits


def ask(core: Core, connection: Connection, matter: Matter, now: datetime, asked: Row | None = None) -> int | None:
    """Have it counted; answers its id, none: somebody has asked already, and it waits. `asked`: what the worker must know beside."""
    make = (postgresql if core.db.postgresql else sqlite).insert(kept_count)
    row = make.values(**matter.columns, asked=asked, asked_at=now)
    found: int | None = connection.execute(row.on_conflict_do_nothing().returning(kept_count.c.id)).scalar()
    return found


def waiting(connection: Connection, matter: Matter) -> Row | None:
    """What was asked of this matter and is not done."""
    query = select(kept_count).where(*matter.is_this, kept_count.c.at.is_(None))
    row = connection.execute(query).mappings().first()
    return dict(row) if row else None


def take(core: Core, number: int | None = None) -> Held | None:
    """The next count that nobody is at (`number`: this one), begun anew by this worker."""
    with core.db.read() as connection:
        if connection.execute(_free(core, connection, number)).first() is None:
            return None  # as nearly always: no lock is taken to learn it
    with core.db.write() as connection:
        query = _free(core, connection, number).with_for_update(skip_locked=True)
        row = connection.execute(query).mappings().first()
        if row is None:
            return None
        until = core.db.now_on(connection) + LEASE
        connection.execute(update(kept_count).where(kept_count.c.id == row["id"]).values(lease_until=until))
        _delete_behind(connection, row["id"])  # what a worker that is gone left
        return Held(core, dict(row) | {"lease_until": until})


def drop(connection: Connection, *numbers: int) -> None:
    """Delete counts and the rows behind them."""
    _delete_behind(connection, *numbers)
    connection.execute(delete(kept_count).where(kept_count.c.id.in_(numbers)))


# ---------------------------------------------------------------- inside


def _free(core: Core, connection: Connection, number: int | None) -> Select[Any]:
    c = kept_count.c
    free = or_(c.lease_until.is_(None), c.lease_until < core.db.now_on(connection))
    query = select(kept_count).where(c.at.is_(None), free)
    return (query if number is None else query.where(c.id == number)).order_by(c.id).limit(1)


def _delete_behind(connection: Connection, *numbers: int) -> None:
    for table in BEHIND:
        connection.execute(delete(table).where(table.c.count_id.in_(numbers)))


def _forget(connection: Connection, row: Row, now: datetime) -> None:
    """Delete counts that newer ones stand for, but for the last: somebody may be reading it; and those nobody asks for."""
    c = kept_count.c
    matter = Matter(row["subject"], row["about"], row["since"], row["until"])
    done = and_(c.subject == matter.subject, c.at.is_not(None), c.id != row["id"])
    this = and_(done, *matter.is_this)
    before = select(c.id).where(this).order_by(c.id.desc()).limit(1).scalar_subquery()
    older = select(c.id).where(or_(and_(this, c.id < before), and_(done, c.asked_at < now - KEPT[matter.subject])))
    drop(connection, *connection.execute(older).scalars().all())
