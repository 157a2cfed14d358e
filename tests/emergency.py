"""An activation of a plan brought to where a test wants it, by the people who would do it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from engine.acts import completing, signature
from engine.tables import membership, person, task
from engine.tables import unit as units
from escalation.emergencies import starting
from web.city import City
from web.demo import pictures

COORDINATOR, OTHER_COORDINATOR = "liangzihao", "songyaqin"
HEAD = "tangshuzhen"  # 城管执法局 unit_head: signs IV and III
PLAN = "plan_flood"
REPORT = {"title": "殷台路积水", "place": "殷台路下穿通道"}
VERIFIED = {"verify_decision": "real", "rain_signal": "blue", "depth_cm": 12}
ORDER = {
    "order_decision": "start",
    "matter": "城区洪涝灾害Ⅳ级应急响应",
    "duration_hours": 12,
    "measures": "泵站到岗，积水点值守，封闭下穿通道",
}


def actor(city: City, login: str) -> Any:
    """Somebody, as they would act now."""
    from engine.people import load_actor  # noqa: PLC0415

    with city.core.db.read() as connection:
        return load_actor(connection, login)


def begin(city: City, *, world: int = 1, plan: str = PLAN, by: str = COORDINATOR, **report: Any) -> int:
    """Start a plan as its coordinator does; answers the case."""
    reply = starting.start(city.core, plan, {**REPORT, **report}, actor(city, by), world_id=world)
    return int(reply["instance"])


def ordered(city: City, *, world: int = 1, **report: Any) -> int:
    """The same, verified and ordered at level IV: its orders are out."""
    case = begin(city, world=world, **report)
    answer(city, case, "Verify", VERIFIED)
    answer(city, case, "StartOrder", ORDER)
    return case


def open_at(city: City, case: int, node: str) -> list[dict[str, Any]]:
    """The open tasks at a node, oldest first."""
    with city.core.db.read() as connection:
        query = select(task).where(task.c.instance_id == case, task.c.node == node, task.c.state == "open")
        return [dict(row) for row in connection.execute(query.order_by(task.c.id)).mappings()]


def answer(city: City, case: int, node: str, answers: dict[str, Any], *, which: int = 0, by: str | None = None) -> None:
    """Complete an open task at a node, by somebody who may, with a signature."""
    row = open_at(city, case, node)[which]
    who = by or _holder(city, row)
    signed = signature.drawn(city.core, pictures.signature(1))
    ref = f"{row['instance_id']}.{row['id']}"
    completing.complete(city.core, ref, answers, who, signed=signed)


def holder(city: City, unit: str, post: str = "handler") -> str:
    """The login of somebody who holds a post in a unit."""
    with city.core.db.read() as connection:
        unit_id = connection.execute(select(units.c.id).where(units.c.key == unit)).scalar_one()
    return _holder(city, {"assignee_id": None, "post_key": post, "unit_id": unit_id})


def _holder(city: City, row: dict[str, Any]) -> str:
    with city.core.db.read() as connection:
        if row["assignee_id"] is not None:
            return str(connection.execute(select(person.c.login).where(person.c.id == row["assignee_id"])).scalar_one())
        query = (
            select(person.c.login)
            .join(membership, membership.c.person_id == person.c.id)
            .where(membership.c.post_key == row["post_key"], person.c.active)
            .order_by(person.c.id)
        )
        if row["unit_id"] is not None:
            query = query.where(membership.c.unit_id == row["unit_id"])
        return str(connection.execute(query.limit(1)).scalar_one())
