"""An instance at rest: what it waits for, and whether it can still go on."""

from __future__ import annotations

from typing import Any

from engine.bpmn.model import Trigger
from engine.bpmn.runtime.activity import GATHERED
from engine.bpmn.runtime.gateways import Join
from engine.bpmn.runtime.live import READY, STARTED, WAITING, Running, Token
from engine.bpmn.runtime.repetition import whole
from engine.bpmn.runtime.tasks import ACTING
from engine.bpmn.runtime.waiting import OUTSIDE, Catching
from engine.errors import StepFailed

Key = tuple[int, int, int]
"""What waits for an event: token, index of the event, and for the how-manieth time."""


def opened(workflow: Running) -> dict[int, Token]:
    """Open user tasks."""
    return {t.id: t for t in workflow.everything() if t._state == READY and t.task_spec.manual}


def acting(workflow: Running) -> set[int]:
    """Service tasks that wait for their action."""
    return {t.id for t in workflow.everything() if t._state == STARTED and ACTING in t.internal_data}


def waits(workflow: Running) -> dict[Key, Trigger]:
    """Every timer, message and signal that is waited for."""
    found: dict[Key, Trigger] = {}
    for token in workflow.everything():
        spec = token.task_spec
        if token._state != WAITING or not isinstance(spec, Catching) or GATHERED in token.internal_data:
            continue
        for index, event in spec.live(token):
            if event.trigger in OUTSIDE:
                count = spec.occurrence(token, index) if event.trigger is Trigger.TIMER else 0
                found[token.id, index, count] = event.trigger
    return found


def check_alive(workflow: Running, *, anything: bool) -> None:
    """An instance that has not ended waits for something, in each of its scopes; `anything`: it waits for something outside.
    StepFailed with the place where it is stuck."""
    if not anything and not any(_conditional(t) for t in workflow.everything()):
        raise _stuck(list(workflow.everything()))
    for scope in workflow.scopes():
        tokens = list(scope.tasks.values())
        if tokens and all(_joins(t) for t in tokens) and not _rescued(scope):
            raise _stuck(tokens)


def _stuck(tokens: list[Token]) -> StepFailed:
    at = next((token for token in tokens if _joins(token)), tokens[0])
    return StepFailed(
        node=at.task_spec.node.id, why="it waits for something that can no longer come", why_zh="等待的流转再也不会到来"
    )


def _joins(token: Token) -> bool:
    """It waits for other tokens only."""
    return isinstance(token.task_spec, Join) or GATHERED in token.internal_data


def _rescued(scope: Any) -> bool:
    """Whether something around a scope may still take it away."""
    host: Token | None = scope.host
    while host is not None:
        if any(isinstance(t.task_spec, Catching) for t in whole(host).hanging) or host.workflow.listeners():
            return True
        host = host.workflow.host
    return False


def _conditional(token: Token) -> bool:
    spec = token.task_spec
    return (
        token._state == WAITING
        and isinstance(spec, Catching)
        and any(event.trigger is Trigger.CONDITIONAL for _, event in spec.live(token))
    )
