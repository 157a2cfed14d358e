"""The plans of the city (register `plans`, a row a process), what runs of them and what ran."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from engine import access, definitions, joining, registers, worlds
from engine.errors import NotFound
from engine.people import Actor
from engine.registers import UnknownRegister
from engine.tables import LIVE, instance, world

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

PLANS: Final = "plans"
LEVELS: Final = "plan_levels"
ROMAN: Final = {1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ"}
"""Response levels, 1 the gravest (突发事件应对法 art. 17)."""
MOST_PAST = 30
POWER: Final = "start_plan"
"""Who may start a plan; the setting `starters` may say another power of one plan's process."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A row of the register, and the instance of it that runs, as far as the reader may see it. `deployed`: there is a process.
    `reviews`: activations that were stood down and go on (steps left open, the review), the oldest first; another may begin beside them."""

    key: str
    row: Row
    deployed: bool
    running: Row | None = None
    reviews: Sequence[Row] = ()

    @property
    def under_way(self) -> list[Row]:
        """All that has not ended: what runs, then what is stood down."""
        return [*([self.running] if self.running is not None else []), *self.reviews]

    def name(self, locale: str) -> str:
        """Its name in that language."""
        return str(self.row.get(f"name_{locale}") or self.row.get("name_zh") or self.key)


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs the start order of a level: unit and post by their keys, and the minutes they have."""

    level: int
    unit: str
    post: str
    minutes: int | None


def rows(core: Core) -> dict[str, Row]:
    """The register by plan, in its order; empty where the city has none."""
    try:
        return {str(row["key"]): row for row in registers.rows(core, PLANS)}
    except UnknownRegister:
        return {}


def get(core: Core, key: str) -> Row:
    """One plan's row. NotFound."""
    found = rows(core).get(key)
    if found is None:
        raise NotFound(what=f"plan {key}")
    return found


def every(core: Core, actor: Actor, world_id: int = LIVE) -> list[Plan]:
    """All plans in the register's order, each with what runs of it in that world."""
    known = rows(core)
    with core.db.read() as connection:
        newest = definitions.newest_ids(connection)
        query = (
            select(instance)
            .where(
                instance.c.world_id == world_id,
                instance.c.key.in_(list(known)),
                instance.c.ended_at.is_(None),
                access.visible(connection, actor),
            )
            .order_by(instance.c.started_at)
        )
        found = [dict(row) for row in connection.execute(query).mappings()] if known else []
    running: dict[str, Row] = {}
    over: dict[str, list[Row]] = {}
    for row in found:
        if joining.is_over(core, row["definition_id"], row["facts"]):
            over.setdefault(row["key"], []).append(row)
        else:
            running[row["key"]] = row
    return [Plan(key, row, key in newest, running.get(key), over.get(key, ())) for key, row in known.items()]


def past(core: Core, actor: Actor, world_id: int = LIVE, most: int = MOST_PAST) -> list[Row]:
    """The newest activations that ended, the newest first."""
    known = rows(core)
    if not known:
        return []
    with core.db.read() as connection:
        query = (
            select(instance)
            .where(
                instance.c.world_id == world_id,
                instance.c.key.in_(list(known)),
                instance.c.ended_at.is_not(None),
                access.visible(connection, actor),
            )
            .order_by(instance.c.started_at.desc())
            .limit(most)
        )
        return [dict(row) for row in connection.execute(query).mappings()]


def signers(core: Core, plan: str) -> list[Signer]:
    """Who may start which level of a plan (register `plan_levels`), the lightest level first."""
    try:
        found = registers.matching(core, LEVELS, {"plan": plan}, every=True)
    except UnknownRegister:
        return []
    made = [
        Signer(int(row["level"]), str(row.get("unit") or ""), str(row.get("post") or ""), row.get("order_minutes"))
        for row in found
        if str(row.get("level") or "").isdecimal()
    ]
    return sorted(made, key=lambda one: -one.level)


def running(core: Core, plan: str, world_id: int = LIVE) -> int | None:
    """The activation of a plan that runs in that world, whoever began it; none does. One that was stood down runs no more, though its
    review goes on (`engine.joining.is_over`)."""
    found = joining.running(core, plan, plan, world_id)
    if found is not None:
        return found
    with core.db.read() as connection:
        query = (
            select(instance.c.id, instance.c.definition_id, instance.c.facts)
            .where(instance.c.world_id == world_id, instance.c.key == plan, instance.c.ended_at.is_(None))
            .order_by(instance.c.started_at)
        )
        rows = connection.execute(query).all()
    return next((row.id for row in rows if not joining.is_over(core, row.definition_id, row.facts)), None)


def kind_of_world(core: Core, instance_id: int) -> tuple[int, str, str] | None:
    """The world that a case lies in: id, kind and name; none: there is no such case. Rights are the caller's to ask."""
    with core.db.read() as connection:
        query = (
            select(world.c.id, world.c.kind, world.c.name)
            .join(instance, instance.c.world_id == world.c.id)
            .where(instance.c.id == instance_id)
        )
        row = connection.execute(query).first()
    return (row.id, row.kind, row.name) if row is not None else None


def now_of(core: Core, world_id: int) -> datetime:
    """What that world's clock shows."""
    return worlds.get(core, world_id).now
