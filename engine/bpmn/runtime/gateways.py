"""Gateways (BPMN 2.0.2, 13.4). A join counts the tokens on each flow into it; the only token of its spec in a scope that rests holds
the counts."""

from __future__ import annotations

from typing import Any

from engine.bpmn.model import Flow, Kind
from engine.bpmn.runtime.compensation import FOR, LOOSE
from engine.bpmn.runtime.element import Element, reached_inputs
from engine.bpmn.runtime.live import WAITING, Token
from engine.bpmn.runtime.waiting import Catching

COUNTS = "c"
PHASE = "reset"


class Exclusive(Element):
    """Table 13.2: the first condition that holds, in their order, else the default flow."""

    def taken(self, token: Token) -> list[Flow]:
        """The one flow to go on by. LookupError when no condition holds and there is no default."""
        run = token.run_of
        if len(self.flows) == 1 and self.flows[0].condition is None:
            return list(self.flows)
        for flow in self.flows:
            if flow.id != self.node.default and (flow.condition is None or run.holds(token, flow.condition)):
                return [flow]
        default = [flow for flow in self.flows if flow.id == self.node.default]
        if not default and self.flows:
            raise LookupError("no condition holds and there is no default flow")
        return default


class Join(Element):
    """A gateway that may wait for tokens on several flows."""

    def _update_hook(self, my_task: Any) -> bool:
        if len(self.node.incoming) < 2 and self.node.activation is None:
            return True
        scope = my_task.workflow
        resting = next((t for t in scope.tasks.values() if t.task_spec is self and t._state == WAITING), None)
        if resting is None:
            resting = my_task
            resting._set_state(WAITING)
        counts = resting.internal_data.setdefault(COUNTS, {})
        counts[my_task.via] = counts.get(my_task.via, 0) + 1
        if resting is not my_task:
            my_task.drop()
        self.arrived(resting)
        return False

    def arrived(self, resting: Token) -> None:
        """A token more is there."""
        raise NotImplementedError

    def calm(self, resting: Token) -> bool:
        """Nothing else moves: may it go on now? Answers whether it did."""
        return False

    def consume(self, resting: Token) -> Token:
        """Take one token of each flow that has some; answers the one that goes on."""
        counts: dict[str, int] = resting.internal_data[COUNTS]
        left = {flow: count - 1 for flow, count in counts.items() if count > 1}
        if not left:
            resting.internal_data = {}
            return resting
        resting.internal_data[COUNTS] = left
        return Token(resting.workflow, self)

    def awaited(self, resting: Token, empty: set[str], held: set[str]) -> bool:
        """Whether some token of the scope can still come over an `empty` flow, and not as well over one that is `held`. A boundary
        event that listens counts as a token of its own; what undoes goes nowhere."""
        for token in resting.workflow.tasks.values():
            if token.task_spec is self or FOR in token.internal_data or LOOSE in token.internal_data:
                continue
            if token.host is not None and token.task_spec.node.kind is not Kind.BOUNDARY:
                continue  # a part, or an event after a gateway: the token it hangs on counts
            reached = reached_inputs(token.task_spec, self)
            if reached & empty and not reached & held:
                return True
        return False


class Parallel(Join):
    """Table 13.1: it takes one token from every flow and gives one to every flow; what is too much stays."""

    def arrived(self, resting: Token) -> None:
        """Go on while every flow has a token."""
        while len(resting.internal_data.get(COUNTS, ())) == len(self.node.incoming):
            self.consume(resting)._ready()

    def taken(self, token: Token) -> list[Flow]:
        """All flows."""
        return list(self.flows)


class Inclusive(Join):
    """Table 13.3: it waits while some token can still come over a flow that has none, unless that token can as well come over one
    that has."""

    def arrived(self, resting: Token) -> None:
        """With a token on every flow there is nothing to wait for."""
        while len(resting.internal_data.get(COUNTS, ())) == len(self.node.incoming):
            self.consume(resting)._ready()

    def calm(self, resting: Token) -> bool:
        """Go on unless a token elsewhere is to be waited for."""
        held = set(resting.internal_data[COUNTS])
        if self.awaited(resting, set(self.node.incoming) - held, held):
            return False
        self.consume(resting)._ready()
        return True


class Complex(Join):
    """Table 13.5: it goes on when its activation condition holds, waits for the flows that had no token then, and starts anew."""

    def _update_hook(self, my_task: Any) -> bool:
        my_task.data["waitingForStart"] = True
        return super()._update_hook(my_task)

    def arrived(self, resting: Token) -> None:
        """Ask the activation condition, or whether all that was still to come has come."""
        if PHASE in resting.internal_data:
            if not set(self.node.incoming) - set(resting.internal_data[PHASE]) - set(resting.internal_data[COUNTS]):
                self._reset(resting)
            return
        counts: dict[str, int] = resting.internal_data[COUNTS]
        names = {flow: counts.get(flow, 0) for flow in self.node.incoming}
        extra = {**names, "activationCount": sum(counts.values()), "waitingForStart": True}
        if self.node.activation is not None and resting.run_of.holds(resting, self.node.activation, extra):
            came = sorted(counts)
            left = {flow: count - 1 for flow, count in counts.items() if count > 1}
            resting.internal_data = {COUNTS: left, PHASE: came}
            self._pass(resting, start=True)
            if len(came) == len(self.node.incoming):
                self._reset(resting)

    def calm(self, resting: Token) -> bool:
        """While it waits to start anew: go on unless a token elsewhere is to be waited for."""
        if PHASE not in resting.internal_data:
            return False
        held = {
            *resting.internal_data[PHASE],
            *resting.internal_data[COUNTS],
        }  # as it has, or has had in the first phase
        if self.awaited(resting, set(self.node.incoming) - held, held):
            return False
        self._reset(resting)
        return True

    def _reset(self, resting: Token) -> None:
        came = resting.internal_data.pop(PHASE)
        counts: dict[str, int] = resting.internal_data[COUNTS]
        for flow in set(counts) - set(came):
            counts[flow] -= 1
            if not counts[flow]:
                del counts[flow]
        self._pass(resting, start=False)
        if counts:
            self.arrived(resting)
        else:
            resting.drop()

    def _pass(self, resting: Token, *, start: bool) -> None:
        going = Token(resting.workflow, self)
        going.data["waitingForStart"] = start
        going._ready()

    def taken(self, token: Token) -> list[Flow]:
        """The flows whose condition holds in this phase; while it starts anew there may be none."""
        try:
            return super().taken(token)
        except LookupError:
            if token.data["waitingForStart"]:
                raise
            return []


class EventBased(Element):
    """13.4.4: it waits for the first of the events after it; the others are gone then. What instantiates a process is begun by `Run`."""

    def _update_hook(self, my_task: Any) -> bool:
        my_task._set_state(WAITING)
        for flow in self.flows:
            target = self.targets[flow.id]
            if isinstance(target, Catching):
                target.arm(Token(my_task.workflow, target, host=my_task))
        return False
