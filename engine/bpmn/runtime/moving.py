"""Moving on: tokens run one after another until every one waits for a person, the clock or somebody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from engine.bpmn.model import Kind, Trigger
from engine.bpmn.runtime.element import Element
from engine.bpmn.runtime.events import Start, wait_for_rest
from engine.bpmn.runtime.gateways import Join
from engine.bpmn.runtime.live import READY, STARTED, WAITING, Running, Token
from engine.bpmn.runtime.nested import listen
from engine.bpmn.runtime.throwing import Throwing
from engine.bpmn.runtime.waiting import WAS, Catching
from engine.errors import StepFailed

STEP_BUDGET = 10_000
"""Tokens that may run in one step before it is called a runaway (lint refuses such loops; this is the second lock)."""


class Moving(Throwing):
    """The tokens of one step on their way."""

    MAX_CALLS: ClassVar[int] = 30

    def _prepare(self) -> None:
        super()._prepare()
        self._steps = 0

    def _advance(self) -> None:
        """Let tokens run until every one waits for a person, the clock or somebody else."""
        top = self.workflow
        while True:
            if top.touched:
                self._check_idle(top.touched.popleft())
            elif self._dirty:
                self._dirty = False
                self._check_conditions()
            elif top.queue:
                self._next(top.queue.popleft())
            elif not self._calm():
                break

    def _next(self, entry: Token | tuple[Token, Callable[[], None]]) -> None:
        if isinstance(entry, tuple):
            token, act = entry
            if token.alive and token.workflow.has(token):
                self._work(token, act)
        elif entry._state == READY and entry.workflow.has(entry):
            self._work(entry, entry.run)

    def _work(self, token: Token, act: Callable[[], Any]) -> None:
        self._steps += 1
        self.workflow.at = token.task_spec.node.id
        if self._steps > STEP_BUDGET:
            raise StepFailed(
                node=token.task_spec.node.id,
                why=f"more than {STEP_BUDGET} steps without anyone to wait for",
                why_zh=f"走了超过 {STEP_BUDGET} 步仍没有停下来等任何人",
            )
        self._guarded(token, act)

    def _check_idle(self, scope: Any) -> None:
        """A scope with nothing left in it is over."""
        if not scope.alive:
            return
        if not scope.idle():
            if scope.completing():
                for listener in scope.listeners():
                    listener.cancel()
            return
        host = scope.host
        if host is None:
            scope.clear()
            scope.top.touched.clear()
        elif host._state == STARTED:
            scope.clear()
            self._guarded(host, lambda: host.task_spec.scope_done(host, scope))

    def _check_conditions(self) -> None:
        """Fire conditional events whose condition has become true (10.5.5)."""
        for token in list(self.workflow.everything()):
            if token._state != WAITING or not isinstance(token.task_spec, Catching):
                continue
            for index, event in token.task_spec.live(token):
                if event.trigger is Trigger.CONDITIONAL and event.condition is not None and token.workflow.has(token):
                    self._check_condition(token, index, event.condition)

    def _check_condition(self, token: Token, index: int, condition: str) -> None:
        was: list[int] = token.internal_data.setdefault(WAS, [])
        holds = self._guarded(token, lambda: self.holds(token, condition))
        if holds and index not in was:
            was.append(index)
            self._steps += 1
            self._guarded(token, lambda: token.task_spec.came(token, index, {}))
        elif not holds and index in was:
            was.remove(index)

    def _calm(self) -> bool:
        """When nothing else moves: does a join wait for nobody any more?"""
        for scope in self.workflow.scopes():
            for token in list(scope.tasks.values()):
                if token._state == WAITING and isinstance(token.task_spec, Join) and self._calm_at(token):
                    return True
        return False

    def _calm_at(self, token: Token) -> bool:
        return bool(self._guarded(token, lambda: token.task_spec.calm(token)))

    def _begin_at(self, start: str, payload: Mapping[str, Any] | None, index: int) -> None:
        """An event starts the instance: the other event sub-processes listen, and the token goes on from there."""
        top = self.workflow
        spec: Element = top.spec.task_specs[start]
        if not isinstance(spec, Catching):
            raise KeyError(start)
        token = Token(top, spec)
        event = spec.events[index] if spec.events else None
        if (
            event is not None and event.result is not None
        ):  # before the others listen: by it they know what they are about
            self._guarded(
                token, lambda: self.write_context(token, event.result or "", {"payload": dict(payload or {})})
            )
        listen(top)
        if isinstance(spec, Start) and spec.all_events and len(spec.events) > 1:
            wait_for_rest(token, index)
        self._beside(spec, top)
        if token._state != WAITING:
            self._guarded(token, token.complete)

    def _beside(self, spec: Element, top: Running) -> None:
        """Of a parallel event-based gateway that starts the instance the other events are waited for (10.6.6)."""
        for gateway in top.spec.task_specs.values():
            if gateway.node.kind is Kind.EVENT_BASED and spec in gateway.targets.values():
                self.path.append(gateway.node.id)
                if gateway.node.all_events:
                    for other in gateway.targets.values():
                        if other is not spec and isinstance(other, Catching):
                            other.arm(Token(top, other))
