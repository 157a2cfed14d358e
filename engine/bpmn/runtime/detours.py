"""A detour: what was sent back to be done again while the task it came from is held (送回后直达)."""

from __future__ import annotations

from engine.bpmn.runtime import held
from engine.bpmn.runtime.live import HELD, WAITED, Token
from engine.bpmn.runtime.repetition import is_part

ASKED = "ak"
"""On a detour: for whom the task that waits for it opens again."""


def is_detour(token: Token) -> bool:
    """Whether something held waits for it."""
    return HELD in token.internal_data


def arrived(token: Token) -> None:
    """A detour is done: what waited for it opens again, and sees anew what its data inputs say."""
    kept = token.internal_data
    waiting = token.workflow.top.find(kept[HELD])
    token.drop()
    if waiting is None or not held.is_held(waiting):
        return
    waiting.internal_data.pop(WAITED, None)
    again = held.open_again(waiting, kept.get(ASKED))
    if not is_part(again):
        again.task_spec.retake(again)
