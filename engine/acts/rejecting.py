"""Rejecting a case (否决): who was to agree does not, and it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import access, effects, four_eyes
from engine.acts.base import clean_text, gone, open_task, run_on_task, split
from engine.events import Event
from engine.states import InstanceStatus, TaskState, move_instance, move_task
from engine.steps import Reply, Seen
from engine.tables import task
from engine.writes import WriteSet

if TYPE_CHECKING:
    from engine.core import Core

Row = dict[str, Any]


def reject(core: Core, ref: str, by: int | str, *, reason: str, key: str | None = None) -> Reply:
    """End the case because whoever does this task does not agree, for whoever may complete it where the diagram allows it. The case is
    rejected, not cancelled; so is the task; all others are cancelled, nothing that follows comes. Answers {"instance", "ended": True}.
    Invalid without a reason."""
    instance_id, task_id = split(ref)
    text = clean_text(reason)

    def plan(seen: Seen, writes: WriteSet) -> Reply:
        row, _, _, actor = open_task(core, seen, task_id, "reject")
        if not access.is_offered(actor, row, seen.instance["key"]):
            raise gone(core, row, "claimed")
        definition, run = effects.resume(core, seen)
        four_eyes.check(core, seen, run, task_id, actor)
        status = move_instance(seen.instance["status"], InstanceStatus.REJECTED)
        run.cancel()
        effects.apply(core, definition, seen, writes, run, Event.REJECTED, actor=actor, about=row, data={"text": text})
        writes.instance["status"] = status
        for change in writes.updates[task.name]:
            if change["id"] == task_id and "state" in change:
                change["state"] = move_task(row["state"], TaskState.REJECTED)
                if row["assignee_id"] is None:
                    change |= {"assignee_id": actor.id, "for_id": seen.for_id, "claimed_at": seen.now}
        return {"instance": instance_id, "ended": True}

    return run_on_task(core, instance_id, plan, by, key, {"act": "reject", "task": ref, "reason": reason})
