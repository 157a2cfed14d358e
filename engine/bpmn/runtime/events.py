"""Events (BPMN 2.0.2, 10.5 and 13.5)."""

from __future__ import annotations

from typing import Any

from engine.bpmn.model import Event, Trigger
from engine.bpmn.runtime import compensation, detours, returning
from engine.bpmn.runtime.element import Element
from engine.bpmn.runtime.live import Token
from engine.bpmn.runtime.waiting import Catching, retire

_LAST = (Trigger.COMPENSATION, Trigger.CANCEL, Trigger.ERROR, Trigger.TERMINATE)
"""What is thrown after everything else, in this order: each may take the token away."""
THROWN = "t"  # how many of its events a token has thrown that waits until what one of them undoes is undone


class Start(Catching):
    """A start event. Its token only waits when several events must come before the process goes on (parallel multiple)."""

    def triggered(self, token: Token, index: int) -> None:
        """The last of its events came."""
        token.complete()


class Catch(Catching):
    """An intermediate catching event; alone, or after an event-based gateway."""

    def _update_hook(self, my_task: Any) -> bool:
        if not self.events or self.node.has(Trigger.LINK):
            return True
        self.arm(my_task)
        return False

    def triggered(self, token: Token, index: int) -> None:
        """Go on; the gateway it belongs to, and its other events, are done."""
        choose(token)
        token.complete()


def choose(token: Token) -> None:
    """The event of this token came first: its event-based gateway is left, the other events after it are gone."""
    gateway = token.host
    if gateway is None:
        return
    for other in gateway.hanging:
        if other is not token:
            other.cancel()
    token.run_of.passed(gateway, gateway.task_spec.node)
    gateway.drop()
    token._parent = None


class Boundary(Catching):
    """A boundary event: its token hangs on the token of the activity."""

    @property
    def repeats(self) -> bool:  # type: ignore[override]
        """A cycle goes on while the activity does."""
        return not self.node.interrupting

    def triggered(self, token: Token, index: int) -> None:
        """Take the activity away, or leave it as it is, and go on from here."""
        run, scope = token.run_of, token.workflow
        run.passed(token, self.node)
        flows = self.taken(token)
        if self.node.interrupting:
            host = token.host
            if host is not None and detours.is_detour(host):
                returning.diverted(host)
            self.follow(token, flows)
            if host is not None:
                host.cancel()
            return
        self.follow(token, flows)
        if self.all_events:
            self.arm(Token(scope, self, host=token.host))
            token.drop()
        elif scope.has(token):
            run.again(token, index)


class Throw(Element):
    """An intermediate throwing event: each of its events is thrown, then the token goes on. An activity that catches one of them may
    take the token away."""

    def _run_hook(self, my_task: Any) -> bool | None:
        if not self._undoes:
            my_task.run_of.passed(my_task, self.node)
        events = sorted(self.node.events, key=_rank)
        first: int = my_task.internal_data.pop(THROWN, 0)
        for number, event in enumerate(events[first:], first):
            if self._undoes and event.trigger in (Trigger.ERROR, Trigger.TERMINATE):
                my_task.run_of.passed(my_task, self.node)
            if not self.throw(my_task, event, number):
                if event.trigger is Trigger.COMPENSATION:
                    my_task.internal_data[THROWN] = number + 1
                return None
        return True

    def _on_complete_hook(self, my_task: Any) -> None:
        if self._undoes:
            my_task.run_of.passed(my_task, self.node)
        self.follow(my_task, self.taken(my_task))
        my_task.drop()

    @property
    def _undoes(self) -> bool:
        """It is passed when what it has undone is done; other events are passed before somebody may take the token away."""
        return self.node.has(Trigger.COMPENSATION) or self.node.has(Trigger.CANCEL)

    def throw(self, token: Token, event: Event, number: int) -> bool:
        """Throw one event. False when the token does not go on from here now."""
        run = token.run_of
        if event.trigger in (Trigger.MESSAGE, Trigger.SIGNAL):
            run.send(token, event, number)
        elif event.trigger is Trigger.ESCALATION:
            run.escalate(token, event)
        elif event.trigger is Trigger.COMPENSATION:
            return compensation.throw(token, event)
        elif event.trigger is Trigger.ERROR:
            run.error(token, event.name.text if event.name is not None else None, run.payload(token, event))
            return False
        elif event.trigger is Trigger.CANCEL:
            compensation.cancel_transaction(token)
            return False
        elif event.trigger is Trigger.TERMINATE:
            token.workflow.clear()
            return False
        return token.alive


def _rank(event: Event) -> int:
    return _LAST.index(event.trigger) if event.trigger in _LAST else -1


class End(Throw):
    """An end event."""


def wait_for_rest(token: Token, index: int) -> None:
    """A parallel multiple start event that began with one of its events: it waits for the others."""
    spec = token.task_spec
    if isinstance(spec, Start):
        retire(token, index)
        spec.arm(token)
