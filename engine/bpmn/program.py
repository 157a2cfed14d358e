"""From a model to a program: a SpiffWorkflow process spec for each scope, made of our own task specs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from engine.bpmn.model import Kind, Node, ProcessModel, Trigger
from engine.bpmn.runtime import starting
from engine.bpmn.runtime.element import Element
from engine.bpmn.runtime.events import Boundary, Catch, End, Start, Throw
from engine.bpmn.runtime.gateways import Complex, EventBased, Exclusive, Inclusive, Parallel
from engine.bpmn.runtime.live import ScopeSpec
from engine.bpmn.runtime.nested import CallActivity, EventSubProcess, SubProcess
from engine.bpmn.runtime.tasks import Passing, Person, Receive, Send, Service

_ELEMENTS: Mapping[Kind, type[Element]] = {
    Kind.START: Start,
    Kind.END: End,
    Kind.CATCH: Catch,
    Kind.THROW: Throw,
    Kind.BOUNDARY: Boundary,
    Kind.USER: Person,
    Kind.MANUAL: Person,
    Kind.SCRIPT: Passing,
    Kind.RULE: Passing,
    Kind.TASK: Passing,
    Kind.SERVICE: Service,
    Kind.SEND: Send,
    Kind.RECEIVE: Receive,
    Kind.CALL: CallActivity,
    Kind.EXCLUSIVE: Exclusive,
    Kind.PARALLEL: Parallel,
    Kind.INCLUSIVE: Inclusive,
    Kind.COMPLEX: Complex,
    Kind.EVENT_BASED: EventBased,
    Kind.SUBPROCESS: SubProcess,
    Kind.TRANSACTION: SubProcess,
    Kind.EVENT_SUBPROCESS: EventSubProcess,
}


@dataclass(frozen=True)
class Program:
    """A definition version, ready to run. `spec` is the scope of the process, `subs` those of its sub-processes by their ids."""

    model: ProcessModel
    spec: ScopeSpec
    subs: Mapping[str, ScopeSpec]

    @cached_property
    def apart(self) -> Mapping[str, frozenset[str]]:
        """For each node of a four-eyes rule those that must not be done by who does it, both ways round: in parallel branches, and after
        a way back, either may come first. A sub-process stands for the tasks in it."""
        found: dict[str, set[str]] = {}
        for node in self.model.nodes.values():
            for named in node.settings.four_eyes:
                for other in self._tasks_of(named):
                    found.setdefault(node.id, set()).add(other)
                    found.setdefault(other, set()).add(node.id)
        return {id_: frozenset(others) for id_, others in found.items()}

    def _tasks_of(self, id_: str) -> Iterator[str]:
        """The node itself, or the tasks and calls at whatever depth of a sub-process."""
        if not self.model.nodes[id_].kind.is_scope:
            yield id_
            return
        for node in self.model.inside(id_):
            if node.kind.is_scope or node.kind.is_inbox or node.call is not None:
                yield from self._tasks_of(node.id)


def compile_program(model: ProcessModel) -> Program:
    """Build what was read. Done once for each version of a definition."""
    scopes: dict[str | None, ScopeSpec] = {None: ScopeSpec(model.id)}
    for node in model.nodes.values():
        if node.kind.is_scope:
            scopes[node.id] = ScopeSpec(node.id)
            scopes[node.id].variables = node.variables
    scopes[None].variables = model.variables
    elements = {node.id: _ELEMENTS[node.kind](scopes[node.parent], node) for node in model.nodes.values()}
    for element in elements.values():
        _connect(element, elements, model)
    for starter in model.starters:
        starting.add(scopes[None], elements[starter.id])
    for parent, scope in scopes.items():
        nodes = model.inside(parent)
        scope.begin = tuple(elements[node.id] for node in _beginnings(nodes))
        scope.listeners = tuple(
            elements[node.id] for node in nodes if node.kind is Kind.EVENT_SUBPROCESS and not _undoes(elements[node.id])
        )
    return Program(model, scopes[None], {id_: scope for id_, scope in scopes.items() if id_ is not None})


def _connect(element: Element, elements: Mapping[str, Element], model: ProcessModel) -> None:
    """Tell an element where it leads to, and what is attached to it."""
    node = element.node
    element.flows = tuple(model.flows[flow] for flow in node.outgoing)
    element.targets = {flow.id: elements[flow.target] for flow in element.flows}
    if isinstance(element, EventSubProcess):
        start = next(n for n in model.nodes.values() if n.parent == node.id and n.kind is Kind.START)
        element.start_element = elements[start.id]
    if node.kind is Kind.BOUNDARY and node.host is not None:
        host: Any = elements[node.host]
        if node.has(Trigger.COMPENSATION):
            host.undo = elements[node.handler] if node.handler is not None else None
        else:
            host.boundaries = (*host.boundaries, element)


def _undoes(element: Element) -> bool:
    return isinstance(element, EventSubProcess) and element.undoes


def _beginnings(nodes: tuple[Node, ...]) -> list[Node]:
    """Where a scope begins: its none start event; without any start event every node that nothing leads to."""
    starts = [node for node in nodes if node.kind is Kind.START]
    if starts:
        return [node for node in starts if node.is_none or node.parent is not None][:1]
    return [
        node
        for node in nodes
        if not node.incoming
        and not node.for_compensation
        and not node.instantiates
        and node.kind not in (Kind.BOUNDARY, Kind.EVENT_SUBPROCESS)
    ]
