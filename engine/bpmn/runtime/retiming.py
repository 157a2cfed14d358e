"""Other calendars count from now on: waiting timers in working time are counted anew, each from when it began."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from engine.bpmn.model import Node, Trigger
from engine.bpmn.runtime import worktime
from engine.bpmn.runtime.live import WAITING
from engine.bpmn.runtime.waiting import ROUNDS, Catching
from engine.errors import LiandongError

if TYPE_CHECKING:
    from engine.bpmn.running import Run


@dataclass(frozen=True, slots=True)
class Moved:
    """A waiting timer in working time: `occurrence` is the how-manieth time it waits for, `before` when it was due, `due` when it is.
    `problem`: why it could not be counted, and stays as it was."""

    id: int
    index: int
    occurrence: int
    node: Node
    before: datetime
    due: datetime
    problem: LiandongError | None = None


def retime(run: Run) -> list[Moved]:
    """Count every waiting timer in working time by the calendars of this step. All are answered, also those that did not move."""
    found: list[Moved] = []
    if run.working is None:
        return found
    for token in run.workflow.everything():
        spec = token.task_spec
        if token._state != WAITING or not isinstance(spec, Catching):
            continue
        for index, event in spec.live(token):
            before = worktime.counted(token, index) if event.trigger is Trigger.TIMER else None
            if before is None:
                continue
            problem = None
            try:
                after = before.again(run.working)
            except LiandongError as error:
                after, problem = before, error
            worktime.keep(token, index, after)
            rounds = token.internal_data.get(ROUNDS, {}).get(str(index))
            if rounds is not None:
                rounds[1] = after.due.isoformat()
            count, node = spec.occurrence(token, index), run._event_node(token)
            found.append(Moved(token.id, index, count, node, before.due, after.due, problem))
    return found
