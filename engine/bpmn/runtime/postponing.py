"""An instance stood still: which of its timers move on by the time it stood."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from engine.bpmn.model import Event, TimerKind, Trigger
from engine.bpmn.runtime.live import WAITING, Token
from engine.bpmn.runtime.timers import starts_at_a_date
from engine.bpmn.runtime.waiting import ROUNDS, Catching

if TYPE_CHECKING:
    from engine.bpmn.running import Run


def postpone(run: Run, length: timedelta) -> set[tuple[int, int]]:
    """Move on every waiting timer that counts from when it began to wait; answers them, by token and index. A date, and a cycle that
    begins at a date, mean the calendar: they stay, and fire at once when they have passed."""
    moved: set[tuple[int, int]] = set()
    for token in run.workflow.everything():
        if token._state != WAITING or not isinstance(token.task_spec, Catching):
            continue
        for index, event in token.task_spec.live(token):
            if event.trigger is Trigger.TIMER and not _means_a_date(run, token, event):
                moved.add((token.id, index))
                rounds = token.internal_data.get(ROUNDS, {}).get(str(index))
                if rounds is not None:
                    rounds[1] = (datetime.fromisoformat(rounds[1]) + length).isoformat()
    return moved


def _means_a_date(run: Run, token: Token, event: Event) -> bool:
    timer = event.timer
    if timer is None or timer.kind is TimerKind.DATE:
        return True
    return timer.kind is TimerKind.CYCLE and starts_at_a_date(run.value(timer.value, run.view(token)))
