"""Worlds: the live one, replays, drills, trials of drafts, what-if runs. Each has its own clock and its own figures; no report mixes two.

**Whatever belongs to a trial has an id below zero**: its world, the one definition it runs by, its instances. So no address of a case
leads there, one comparison keeps it out of whatever asks for no world, and nothing deleted with it can have been anything else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping, insert, select, update

from engine.errors import Invalid, NotFound
from engine.tables import LIVE, world

if TYPE_CHECKING:
    from engine.core import Core

DRILL = "drill"
TRIAL = "trial"
STOPPED = "stopped"
"""The clock of a trial that has ended: a manual one that nobody moves any more."""
FASTEST = 60
"""Times that the clock of a drill may run as fast as the real one: a day of reports in half an hour."""


@dataclass(frozen=True, slots=True)
class World:
    """A world and the instant its clock showed when it was read (`now`, aware UTC)."""

    id: int
    kind: str
    name: str
    now: datetime
    zone: ZoneInfo
    realm: str = ""
    receivers: frozenset[int] | None = None
    """A drill: who is told anything of it, by their ids. None: whomever it concerns."""

    @property
    def is_drill(self) -> bool:
        """True where a plan is practised: all that happens there says so, and is in no figure."""
        return self.kind == DRILL

    @property
    def is_trial(self) -> bool:
        """True where a draft is tried out: nobody but designers sees it, and nobody is told."""
        return self.kind == TRIAL

    @property
    def is_live(self) -> bool:
        """True for the one world whose deadlines bind anybody."""
        return self.id == LIVE


def world_from(row: Mapping[str, Any] | RowMapping, database_now: datetime, override: datetime | None = None) -> World:
    """A world from its row. `override` is what the clock shows that was handed to an in-process city for this world."""
    kind = row["clock"]
    now = database_now
    if override is not None:
        now = override
    elif kind in ("manual", STOPPED):
        now = row["now"]
    elif kind == "scaled":
        now = row["now"] + timedelta(seconds=(database_now - row["set_at"]).total_seconds() * row["rate"])
    told = row["receivers"]
    return World(
        row["id"],
        row["kind"],
        row["name"],
        now,
        ZoneInfo(row["zone"]),
        row["realm"],
        frozenset(told) if told is not None else None,
    )


def get(core: Core, world_id: int = LIVE) -> World:
    """The world with this id, now. NotFound when there is none."""
    with core.db.read() as connection:
        return on(connection, core, world_id)


def on(connection: Connection, core: Core, world_id: int = LIVE) -> World:
    """The same on a connection that is open already."""
    row = connection.execute(select(world).where(world.c.id == world_id)).mappings().first()
    if row is None:
        raise NotFound(what="world")
    return world_from(row, core.db.now_on(connection), core.override(row["id"]))


def every(core: Core) -> list[World]:
    """All worlds but trials, the live one first."""
    with core.db.read() as connection:
        return every_on(connection, core)


def every_on(connection: Connection, core: Core) -> list[World]:
    """The same on a connection that is open already."""
    now = core.db.now_on(connection)
    rows = connection.execute(select(world).where(world.c.kind != TRIAL).order_by(world.c.id)).mappings()
    return [world_from(row, now, core.override(row["id"])) for row in rows]


def at_work(connection: Connection, core: Core, world_id: int | None) -> list[World]:
    """The worlds that a pass looks at: the one it names, else all but trials, whose time passes only where somebody lets it."""
    return every_on(connection, core) if world_id is None else [on(connection, core, world_id)]


def own_id(world_id: int, number: int) -> int:
    """The id of an instance in this world, from a number above zero."""
    return -number if world_id < 0 else number


def create(
    core: Core,
    kind: str,
    name: str,
    start: datetime,
    zone: str = "Asia/Shanghai",
    realm: str = "",
    rate: float | None = None,
    receivers: Iterable[int] | None = None,
) -> World:
    """A new world whose clock shows `start`: a manual one, or with `rate` one that runs so many times as fast as the real one (1 to
    `FASTEST`; Invalid otherwise). Of another realm, it sees that realm's units and registers first. `receivers`: who is told of it."""
    with core.db.write() as connection:
        new = add(connection, core, kind, name, start, rate=rate, receivers=receivers, where=(zone, realm))
        return on(connection, core, new)


def add(
    connection: Connection,
    core: Core,
    kind: str,
    name: str,
    start: datetime,
    *,
    rate: float | None,
    receivers: Iterable[int] | None,
    where: tuple[str, str] = ("Asia/Shanghai", ""),
) -> int:
    """The same in a transaction of the caller's (`where`: zone and realm); answers its id."""
    if rate is not None and not 1 <= rate <= FASTEST:
        raise Invalid(
            why_zh=f"演练时钟的倍数应为 1 至 {FASTEST}",
            why_en=f"the clock of a drill runs 1 to {FASTEST} times as fast",
        )
    now = core.db.now_on(connection)
    values = {
        "kind": kind,
        "name": name,
        "clock": "manual" if rate is None else "scaled",
        "now": start,
        "set_at": now,
        "rate": 1.0 if rate is None else float(rate),
        "zone": where[0],
        "realm": where[1],
        "receivers": sorted(set(receivers)) if receivers is not None else None,
        "created_at": now,
    }
    return int(connection.execute(insert(world).values(**values).returning(world.c.id)).scalar_one())


def stop(connection: Connection, core: Core, world_id: int) -> None:
    """Let a scaled clock stand where it is: nothing in that world falls due any more."""
    shown = on(connection, core, world_id).now
    connection.execute(
        update(world).where(world.c.id == world_id, world.c.clock == "scaled").values(clock="manual", now=shown)
    )


def set_clock(core: Core, world_id: int, now: datetime) -> None:
    """Move a manual clock, forwards only: history does not run backwards."""
    with core.db.write() as connection:
        changed = connection.execute(
            update(world).where(world.c.id == world_id, world.c.clock == "manual", world.c.now <= now).values(now=now)
        )
        if changed.rowcount != 1:
            raise Invalid(
                why_zh="该场景没有手动时钟，或时钟不能倒拨",
                why_en="this world has no manual clock, or the clock would run backwards",
            )
