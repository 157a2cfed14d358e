"""Tasks (BPMN 2.0.2, 10.3.3 and 13.3.3)."""

from __future__ import annotations

from typing import Any

from engine.bpmn.runtime.activity import Activity
from engine.bpmn.runtime.events import choose
from engine.bpmn.runtime.live import Token
from engine.bpmn.runtime.waiting import Catching

ACTING = "a"


class Person(Activity):
    """A user or manual task: it is open until a person completes it."""


class Passing(Activity):
    """An abstract, script or business rule task: the server does it at once."""

    def _run_hook(self, my_task: Any) -> bool:
        my_task.run_of.perform(my_task, self.node)
        return True


class Service(Activity):
    """A service task: its action is a job after the commit, and it is done when the action is, unless it does not wait."""

    def _run_hook(self, my_task: Any) -> bool | None:
        run, action = my_task.run_of, self.node.settings.action
        if action is None:
            run.perform(my_task, self.node)
            return True
        run.act(my_task, action)
        if not action.waits:
            return True
        my_task.internal_data[ACTING] = 1
        return None


class Send(Activity):
    """A send task: like an intermediate throwing message event."""

    def _run_hook(self, my_task: Any) -> bool:
        for number, event in enumerate(self.node.events):
            my_task.run_of.send(my_task, event, number)
        return True


class Receive(Catching, Activity):
    """A receive task: it waits for its message."""

    def begin_one(self, token: Token) -> None:
        """Wait."""
        self.arm(token)

    def triggered(self, token: Token, index: int) -> None:
        """The message came."""
        choose_if_after_gateway(token)
        token.complete()


def choose_if_after_gateway(token: Token) -> None:
    """A receive task after an event-based gateway was first."""
    host = token.host
    if host is not None and host.task_spec is not token.task_spec:
        choose(token)
