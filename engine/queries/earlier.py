"""To which earlier steps somebody may send a task back, and what they may take back: what pages offer is what the acts do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import access, definitions, effects, four_eyes, steps
from engine.acts import catalogue, past, withdrawing
from engine.acts.base import open_task, split
from engine.acts.past import Past, Target
from engine.errors import LiandongError, NotFound
from engine.people import Actor
from engine.states import InstanceStatus

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]

__all__ = ["Target", "targets", "withdrawable"]


def targets(core: Core, actor: Actor, ref: str) -> list[Target]:
    """The steps that the actor may send this open task back to, the newest first, the start of the case last: those that were done, that
    the diagram allows, and that it can soundly go back to. Empty when it is not theirs to work, or closed."""
    instance_id, task_id = split(ref)
    try:
        seen = steps.read(core, instance_id, actor.id)
        row = seen.open_tasks.get(task_id)
        if row is None or not access.is_offered(actor, row, seen.instance["key"]):
            return []
        allowed = _allowed(core, row)
        if not allowed:
            return []
        open_task(core, seen, task_id, allowed[0])
        _, run = effects.resume(core, seen)
        four_eyes.check(core, seen, run, task_id, seen.someone)
    except LiandongError:
        return []
    found = past.targets(core, run, seen.instance, row, Past(core, instance_id))
    return [
        each
        for each in found
        if each.act in allowed or (each.previous and any(act in allowed for act in ("back", "back_any")))
    ]


def _allowed(core: Core, row: Row) -> list[str]:
    definition = definitions.get(core, row["definition_id"])
    node = definition.model.nodes[row["node"]]
    return [act for act in ("back", "back_any", "back_start") if catalogue.allowed(act, node, definition.model)]


def withdrawable(core: Core, actor: Actor, instance_id: int) -> list[str]:
    """References of the tasks whose completion the actor may take back now, the newest first."""
    try:
        seen = steps.read(core, instance_id, actor.id)
        me = seen.someone
        access.check_not_recused(me, seen.recused)
    except NotFound:
        return []
    if seen.instance["status"] != InstanceStatus.ACTIVE or seen.instance["state"] is None:
        return []
    known = Past(core, instance_id)
    mine = [each for each in known.done() if each.task_id is not None]
    found: list[str] = []
    run = None
    for done in mine:
        row = known.completion(done.task_id or 0)
        if row is None or row["actor_id"] not in me.accounts:
            continue
        run = run or effects.resume(core, seen)[1]
        try:
            withdrawing.judge(core, seen.instance, seen.open_tasks, known, row, me, run)
        except LiandongError:
            continue
        found.append(f"{instance_id}.{done.task_id}")
    return found
