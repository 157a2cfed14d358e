"""Urging (催办): whoever waits for a case says so to those who have it. The clocks run on; how often is a setting."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from engine import access, definitions, effects, notices, settings
from engine.acts import catalogue, receivers
from engine.acts.base import maybe_text
from engine.errors import Invalid, NotAllowed
from engine.events import Event
from engine.states import InstanceStatus
from engine.steps import Reply, Seen, run
from engine.tables import history, task
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core
    from engine.people import Actor

Row = dict[str, Any]

DEFAULTS = {"urge_minutes": 60}
"""A task is urged again after so many minutes at the earliest; the row of `setting` wins."""

POWERS = ("supervise", "operate")
"""Powers by which somebody urges any case they see."""


def urge(
    core: Core, instance_id: int, by: int | str, *, text: str = "", task_id: int | None = None, key: str | None = None
) -> Reply:
    """Urge those who have the open tasks of a case, or the one `task_id`: who claimed it, else the holders of the post it is offered to.

    For who started the case, who did a step of it and sent it on, supervisors and operators, as far as they see the case
    (NotFound for all others: nobody learns of a case by urging it). Invalid: it has ended, nothing is open, or it was urged just now.
    Answers {"instance", "seq", "people": how many were told}."""
    said = maybe_text(text)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        with core.db.read() as connection:
            access.check_can_see(connection, seen.someone, instance_id)
            minutes = int(settings.read(connection, DEFAULTS)["urge_minutes"])
        rows = _wanted(core, seen, task_id)
        check_may(core, seen.someone, seen.instance)
        due = [
            row for row in rows if row["urged_at"] is None or seen.now >= row["urged_at"] + timedelta(minutes=minutes)
        ]
        if not due:
            again = min(row["urged_at"] for row in rows) + timedelta(minutes=minutes)
            shown = again.astimezone(seen.world.zone).strftime("%Y-%m-%d %H:%M")
            raise Invalid(
                why_zh=f"刚刚催办过，{shown} 后可再次催办", why_en=f"it was urged just now; again after {shown}"
            )
        for row in due:
            writes.update(task, id=row["id"], urged_at=seen.now)
        told = {row["id"]: receivers.reached(core, seen, row) for row in due}
        people = sorted({who for some in told.values() for who in some})[: receivers.most(core)]
        data: Row = {"tasks": [row["id"] for row in due], "people": people, **({"text": said} if said else {})}
        one = due[0] if len(due) == 1 else None
        seq = effects.record(
            seen,
            writes,
            Event.URGED,
            actor=seen.actor,
            node=one["node"] if one else None,
            task_id=one["id"] if one else None,
            data=data,
        )
        for id_, some in told.items():
            wanted = [who for who in some if who in people]
            notices.tell(seen, writes, seq, "urged", wanted, task_id=id_, data={"text": said} if said else None)
        return {"instance": instance_id, "seq": seq, "people": len(people)}

    request: Row = {"act": "urge", "text": said, "task": task_id}
    return run(core, instance_id, plan, by, key, request)


def check_may(core: Core, actor: Actor, case: Row) -> None:
    """NotAllowed for those who neither started the case, nor did a step of it, nor hold one of `POWERS`. Who sees it is asked before."""
    if case["starter_id"] in actor.accounts or not actor.powers.isdisjoint(POWERS):
        return
    if not sent_on(core, actor, case["id"]):
        raise NotAllowed(
            act_zh="催办",
            act_en="urge it",
            why_zh="只有发起人、办理过本案的人、督办和运维人员可以催办",
            why_en="who started the case, who did a step of it, supervisors and operators may",
        )


def sent_on(core: Core, actor: Actor, instance_id: int) -> bool:
    """Whether the actor did a step of this case, and so sent it on to those who have it now."""
    query = select(history.c.seq).where(
        history.c.instance_id == instance_id,
        history.c.kind == str(Event.COMPLETED),
        history.c.actor_id.in_(sorted(actor.accounts)),
    )
    with core.db.read() as connection:
        return connection.execute(query.limit(1)).first() is not None


def may_be_urged(core: Core, row: Row) -> bool:
    """Whether the diagram lets those be urged who have this task."""
    model = definitions.get(core, row["definition_id"]).model
    node = model.nodes.get(row["node"])
    return node is not None and catalogue.allowed("urge", node, model)


# ---------------------------------------------------------------- inside


def _wanted(core: Core, seen: Seen, task_id: int | None) -> list[Row]:
    """The open tasks that are urged. Invalid when there are none, NotAllowed when the diagram forbids it on all of them."""
    if seen.instance["status"] != InstanceStatus.ACTIVE:
        raise Invalid(why_zh="案件已经结束，不能催办", why_en="the case has ended: there is nobody to urge")
    rows = [row for row in seen.open_tasks.values() if task_id in (None, row["id"])]
    if not rows:
        raise Invalid(why_zh="没有待办任务可以催办", why_en="there is no open task to urge")
    able = [row for row in rows if may_be_urged(core, row)]
    if not able:
        model = definitions.get(core, rows[0]["definition_id"]).model
        catalogue.check("urge", model.nodes[rows[0]["node"]], model)
    return able
