"""Signing for a task (签收): the unit says that it has received it. It changes nothing else: whose the task is, and its clocks, stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine.acts.base import change_task
from engine.errors import Invalid
from engine.events import Event
from engine.people import Actor
from engine.steps import Reply, Seen
from engine.tables import person

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


def sign(core: Core, ref: str, by: int | str, *, key: str | None = None) -> Reply:
    """Sign for an open task that waits for the actor's post or for themselves. Once: Invalid says who did before. Answers {"instance",
    "task"}."""

    def change(seen: Seen, row: Row, actor: Actor) -> tuple[Row, Row | None]:
        if row["signed_at"] is not None:
            when = row["signed_at"].astimezone(seen.world.zone).strftime("%Y-%m-%d %H:%M")
            with core.db.read() as connection:
                who = connection.execute(select(person.c.name).where(person.c.id == row["signed_by"])).scalar()
            raise Invalid(why_zh=f"任务已由{who}于 {when} 签收", why_en=f"{who} signed for the task at {when}")
        return {"signed_at": seen.now, "signed_by": actor.id}, None

    return change_task(core, ref, by, key, "sign", Event.SIGNED, change)
