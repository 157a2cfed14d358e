"""What is reserved where, from one day to another: rows for maps and timelines. Whoever may see the case is told all of it; everybody else
what the diagram made public of what is held, without people."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import false, or_, select

from engine import access
from engine.reservations import HELD, days, standing, state_at, within
from engine.tables import LIVE, instance, reservation
from engine.worlds import on as world_on

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reserved:
    """A reservation as a page shows it. `begins`, `ends`: metres along the register's row, none: from its beginning, to its end.
    `state`: asked, held, over. `public`: what the diagram says everybody may see. `instance`, `number`, `title`: none for who may not
    see the case."""

    process: str
    register: str
    row_key: str
    begins: float | None
    ends: float | None
    from_at: datetime
    until_at: datetime
    first_day: str
    last_day: str
    state: str
    purpose: str
    public: Row
    instance: int | None = None
    number: str | None = None
    title: str | None = None


def between(
    core: Core,
    since: datetime,
    until: datetime,
    actor: Actor | None = None,
    *,
    register: str | None = None,
    rows: Collection[str] | None = None,
    world_id: int = LIVE,
    limit: int = 2000,
) -> list[Reserved]:
    """What running cases ask for or hold between two instants, the earliest first: all that the actor may see, and what is held and public.
    `register`, `rows`: only this register, only these of its rows."""
    with core.db.read() as connection:
        seen = access.visible(connection, actor) if actor is not None else false()
        query = (
            select(reservation, instance.c.number, instance.c.title, instance.c.key, seen.label("seen"))
            .join(instance, instance.c.id == reservation.c.instance_id)
            .where(
                reservation.c.world_id == world_id,
                standing(),
                within(since, until),
                or_(seen, reservation.c.state == HELD),
            )
            .order_by(
                reservation.c.from_at, reservation.c.row_key, reservation.c.begins, reservation.c.instance_id,
                reservation.c.id,
            )
        )  # fmt: skip
        if register is not None:
            query = query.where(reservation.c.register == register)
        if rows is not None:
            query = query.where(reservation.c.row_key.in_(sorted(rows)))
        found = [dict(row) for row in connection.execute(query.limit(limit)).mappings()]
        world = world_on(connection, core, world_id)
    told = [_told(row, world) for row in found]
    return [one for one in told if one is not None]


def _told(row: Row, world: Any) -> Reserved | None:
    public = (row["data"] or {}).get("public")
    if not row["seen"] and public is None:
        return None
    more: Row = {"instance": row["instance_id"], "number": row["number"], "title": row["title"]} if row["seen"] else {}
    return Reserved(
        process=row["key"],
        register=row["register"],
        row_key=row["row_key"],
        begins=row["begins"],
        ends=row["ends"],
        from_at=row["from_at"],
        until_at=row["until_at"],
        state=state_at(row, world.now),
        purpose=row["purpose"],
        public=dict(public or {}),
        **{**days(row, world.zone), **more},
    )
