"""What all elements share: a token arrives, passes, and leaves over the flows that it may take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec

from engine.bpmn.model import Flow, Node
from engine.bpmn.runtime.live import ScopeSpec, Token

if TYPE_CHECKING:
    from collections.abc import Iterable


class Element(BpmnTaskSpec):
    """One node of a diagram. `flows` are those out of it, in the order in which conditions are tried; `targets` the elements
    they lead to. `listens`: it is an event sub-process, whose waiting token keeps no scope alive."""

    listens = False

    def __init__(self, scope: ScopeSpec, node: Node, name: str | None = None) -> None:
        super().__init__(scope, name or node.id)
        self.node = node
        self.manual = node.kind.is_inbox
        self.flows: tuple[Flow, ...] = ()
        self.targets: dict[str, Element] = {}

    def _predict(self, *_args: Any, **_kwargs: Any) -> None:
        """Nothing is predicted."""

    def _update_hook(self, my_task: Any) -> bool:
        return True

    def _run_hook(self, my_task: Any) -> bool | None:
        return True

    def _on_complete(self, my_task: Any) -> None:
        self._on_complete_hook(my_task)

    def _on_complete_hook(self, my_task: Any) -> None:
        self.leave(my_task)

    def leave(self, token: Token) -> None:
        """Go on over the flows that may be taken. Without any, the token ends here."""
        token.run_of.passed(token, self.node)
        self.follow(token, self.taken(token))
        token.drop()

    def follow(self, token: Token, flows: Iterable[Flow]) -> None:
        """Put a token on each flow."""
        scope = token.workflow
        for flow in flows:
            for _ in range(self.node.completion_quantity):
                scope.arrive(self.targets[flow.id], flow.id)

    def taken(self, token: Token) -> list[Flow]:
        """Flows without a condition, those whose condition holds, and the default when none of the conditions does."""
        if all(flow.condition is None for flow in self.flows) and self.node.default is None:
            return list(self.flows)
        run = token.run_of
        held = [flow for flow in self.flows if flow.condition is not None and run.holds(token, flow.condition)]
        default = [flow for flow in self.flows if flow.id == self.node.default and not held]
        chosen = [flow for flow in self.flows if flow in held or flow in default or self._always(flow)]
        if not chosen and self.flows:
            raise LookupError("no condition holds and there is no default flow")
        return chosen

    def _always(self, flow: Flow) -> bool:
        return flow.condition is None and flow.id != self.node.default


def reached_inputs(element: Element, join: Element) -> frozenset[str]:
    """The flows into `join` to which a path of sequence flows leads from `element`, not through the join itself (table 13.3)."""
    known: dict[str, frozenset[str]] = join.__dict__.setdefault("_reached", {})
    if element.name not in known:
        found: set[str] = set()
        seen, stack = {element.name}, [element]
        while stack:
            for flow, after in stack.pop().targets.items():
                if after is join:
                    found.add(flow)
                elif after.name not in seen:
                    seen.add(after.name)
                    stack.append(after)
        known[element.name] = frozenset(found)
    return known[element.name]
