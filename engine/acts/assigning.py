"""Dispatching inside a unit: its head says who of those who hold the post does a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import access, definitions
from engine.acts import catalogue
from engine.acts.base import maybe_text, run_on_task, split
from engine.acts.holding import hand_over
from engine.errors import NotAllowed, NotFound
from engine.organisation import rights
from engine.steps import Reply, Seen
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


def assign(core: Core, ref: str, to: int, by: int | str, *, reason: str = "", key: str | None = None) -> Reply:
    """Give a task that is offered to a unit to one who holds the post there, or take it from one of them for another. For the head of
    the unit or of one above it, and for who stands in for them. Answers {"instance", "task"}.

    NotFound: they see no such open task. NotAllowed: they do not head the unit; the task is meant for one person, delegated, or of
    somebody who was added; a four-eyes rule bars them (nobody picks who checks them) or the diagram forbids it. Invalid: `to` does not
    hold the post, or a four-eyes rule bars them."""
    instance_id, task_id = split(ref)
    text = maybe_text(reason)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        actor, row = seen.someone, _row(core, seen, task_id)
        definition = definitions.get(core, row["definition_id"])
        node = definition.model.nodes[row["node"]]
        catalogue.check("assign", node, definition.model)
        catalogue.check_role("assign", row["role"])
        if row["post_key"] is None or row["unit_id"] is None or access.is_delegated(row):
            raise NotAllowed(
                act_zh="分派",
                act_en="assign it",
                why_zh="任务指定给个人、不属于某一单位或正在委托中",
                why_en="it is meant for one person, belongs to no unit, or is delegated",
            )
        with core.db.read() as connection:
            seen.for_id = rights.check_organises(connection, actor, {row["unit_id"]}, "分派任务", "assign tasks")
            heads = row["unit_id"] in rights.organised(connection, actor)
        if not heads:  # who administers the system heads no unit
            raise NotAllowed(
                act_zh="分派任务",
                act_en="assign tasks",
                why_zh="只有单位负责人（本单位及下级）可以分派",
                why_en="that is for who heads the unit or one above it",
            )
        access.check_not_own_cause(actor, seen.for_id, seen.instance["starter_id"])
        hand_over(core, seen, writes, row, to, {"text": text, "assigned": True})
        return {"instance": instance_id, "task": task_id}

    request: Row = {"act": "assign", "task": ref, "to": to, "reason": text}
    return run_on_task(core, instance_id, plan, by, key, request)


def _row(core: Core, seen: Seen, task_id: int) -> Row:
    """The open task, if the actor sees its case and the case is not about a unit of theirs."""
    access.check_not_recused(seen.someone, seen.recused)
    with core.db.read() as connection:
        access.check_can_see(connection, seen.someone, seen.instance["id"])
    row = seen.open_tasks.get(task_id)
    if row is None:
        raise NotFound(what="task")
    return row
