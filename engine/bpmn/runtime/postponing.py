"""An instance stood still: which of its timers move on by the time it stood."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from engine.bpmn.model import Event, TimerKind, Trigger
from engine.bpmn.runtime import worktime
from engine.bpmn.runtime.live import WAITING, Token
from engine.bpmn.runtime.timers import starts_at_a_date
from engine.bpmn.runtime.waiting import ROUNDS, Catching

if TYPE_CHECKING:
    from engine.bpmn.running import Run


def postpone(run: Run, length: timedelta) -> dict[tuple[int, int], datetime | None]:
    """Move on every waiting timer that counts from when it began to wait; answers them, by token and index: one in working time has as
    much of it left as it had, and comes with when it is due; any other is due so much later (None). A date, and a cycle that begins at a
    date, mean the calendar: they stay, and fire at once when they have passed."""
    moved: dict[tuple[int, int], datetime | None] = {}
    for token in run.workflow.everything():
        if token._state != WAITING or not isinstance(token.task_spec, Catching):
            continue
        for index, event in token.task_spec.live(token):
            if event.trigger is not Trigger.TIMER or _means_a_date(run, token, event):
                continue
            rounds = token.internal_data.get(ROUNDS, {}).get(str(index))
            found = worktime.counted(token, index)
            if found is not None and run.working is not None:
                found = found.later(run.working, run.now - length, run.now)
                worktime.keep(token, index, found)
                moved[token.id, index] = found.due
                if rounds is not None:
                    rounds[1] = found.due.isoformat()
                continue
            moved[token.id, index] = None
            if rounds is not None:
                rounds[1] = (datetime.fromisoformat(rounds[1]) + length).isoformat()
    return moved


def _means_a_date(run: Run, token: Token, event: Event) -> bool:
    timer = event.timer
    if timer is None or timer.kind is TimerKind.DATE:
        return True
    return timer.kind is TimerKind.CYCLE and starts_at_a_date(run.value(timer.value, run.view(token)))
