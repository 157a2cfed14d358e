"""Elements whose token waits for an event: catching and boundary events, receive tasks, event sub-processes."""

from __future__ import annotations

from typing import Any

from engine.bpmn.model import Event, Trigger
from engine.bpmn.runtime.element import Element
from engine.bpmn.runtime.live import WAITING, Token

RETIRED = "x"  # indices of events that came already, or come no more
ROUNDS = "k"  # repeating timers: index → [occurrence, when it was due]
NAMES = "s"  # index → the name of a message or signal that an expression gave
WAS = "w"  # indices of conditions that were true when last looked at

OUTSIDE = (Trigger.TIMER, Trigger.MESSAGE, Trigger.SIGNAL)
"""Triggers that come from outside of the step: each is a row in the database while it is waited for."""


class Catching(Element):
    """It waits for one of its events, or for all of them."""

    repeats = False

    @property
    def events(self) -> tuple[Event, ...]:
        """What it waits for."""
        return self.node.events

    @property
    def all_events(self) -> bool:
        """Whether every one of them must come."""
        return self.node.all_events

    def arm(self, token: Token) -> None:
        """Begin to wait."""
        token._set_state(WAITING)
        for index, event in enumerate(self.events):
            token.run_of.arm(token, index, event)

    def live(self, token: Token) -> list[tuple[int, Event]]:
        """The events it still waits for."""
        retired = token.internal_data.get(RETIRED, ())
        return [(index, event) for index, event in enumerate(self.events) if index not in retired]

    def occurrence(self, token: Token, index: int) -> int:
        """How often the timer at `index` has fired."""
        rounds = token.internal_data.get(ROUNDS)
        count: int = rounds[str(index)][0] if rounds and str(index) in rounds else 0
        return count

    def came(self, token: Token, index: int, payload: Any = None) -> None:
        """One of its events came."""
        result = self.events[index].result
        if result is not None:
            self.receive(token, result, payload)
        if self.all_events:
            retire(token, index)
            if self.live(token):
                return
        self.triggered(token, index)

    def receive(self, token: Token, expression: str, payload: Any) -> None:
        """Write what it brings."""
        token.run_of.write_context(token, expression, {"payload": payload})

    def triggered(self, token: Token, index: int) -> None:
        """It has what it waited for."""
        raise NotImplementedError


def retire(token: Token, index: int) -> None:
    """It waits for this event no more."""
    retired = token.internal_data.setdefault(RETIRED, [])
    if index not in retired:
        retired.append(index)


def best(tokens: list[Token], trigger: Trigger, code: str | None) -> tuple[Token, int] | None:
    """Which of the waiting tokens catches an error or an escalation of this code: one that names it before one that takes any."""
    for wanted in (code, None):
        for token in tokens:
            if token._state != WAITING or not isinstance(token.task_spec, Catching):
                continue
            for index, event in token.task_spec.live(token):
                if event.trigger is trigger and (event.name.text if event.name is not None else None) == wanted:
                    return token, index
    return None
