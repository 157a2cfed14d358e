"""Which flows a step took, worked out from the nodes it left and the tasks it opened: pure.

A node with one flow, or with several that all are taken, says it by itself. Of a choice the flow is known by what its target did in the
same step: it was left too, it opened as a task, or something in it was (a sub-process, a call). Where all that may have been entered waits
without a trace, and is more than one, the flow is not told: it is counted as such and never guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

from engine.bpmn.model import Flow, Kind, Node, ProcessModel

Counts = tuple[Counter[str], Counter[str], Counter[str]]

_KEPT = 20_000


def taken(model: ProcessModel, path: tuple[str, ...], opened: tuple[str, ...]) -> Counts:
    """How often a step left each node and took each flow, and choices that it does not tell. `path`: the nodes left, in their order,
    those of called processes with the call before them ("Call/Node"); `opened`: the same of tasks, "/Node" for its own."""
    return _taken(_Known(model), path, opened)


class _Known:
    """A model by its identity: two versions are never the same one."""

    __slots__ = ("model",)

    def __init__(self, model: ProcessModel) -> None:
        self.model = model

    def __hash__(self) -> int:
        return id(self.model)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and other.model is self.model


@lru_cache(maxsize=_KEPT)
def _taken(known: _Known, path: tuple[str, ...], opened: tuple[str, ...]) -> Counts:
    model = known.model
    own = [one for one in path if "/" not in one and one in model.nodes]
    nodes, flows, untold = Counter(own), Counter[str](), Counter[str]()
    entered = _entered(model, path, opened)
    choices: list[tuple[int, Node]] = []
    for place, name in enumerate(path):
        node = model.nodes.get(name)
        if node is None or not node.outgoing:
            continue
        if _takes_all(model, node):
            for flow in node.outgoing:
                flows[flow] += 1
                _enter(entered, model.flows[flow].target)
        else:
            choices.append((place, node))
    for place, node in choices:
        chosen = _chosen(model, node, path[place + 1 :], entered)
        if not chosen:
            untold[node.id] += 1
        for one in chosen:
            flows[one.id] += 1
            _enter(entered, one.target)
    return nodes, flows, untold


def _takes_all(model: ProcessModel, node: Node) -> bool:
    if len(node.outgoing) == 1 or node.kind is Kind.PARALLEL:
        return True
    if node.kind.is_gateway:
        return False
    return node.default is None and all(model.flows[flow].condition is None for flow in node.outgoing)


def _entered(model: ProcessModel, path: Sequence[str], opened: Sequence[str]) -> Counter[str]:
    """Traces of nodes being entered in the step: left in it, opened in it, or holding what was."""
    found: Counter[str] = Counter()
    around: set[str] = set()
    for name in path:
        call, _, inner = name.partition("/")
        if inner:
            around.add(call)
        elif name in model.nodes:
            found[name] += 1
            around.update(_around(model.nodes, name))
    for name in opened:
        within, _, inner = name.rpartition("/")
        if within:
            around.add(within.partition("/")[0])
        elif inner in model.nodes:
            found[inner] += 1
            around.update(_around(model.nodes, inner))
    for name in around:
        if not found[name]:
            found[name] = 1
    return found


def _around(nodes: Mapping[str, Node], name: str) -> list[str]:
    found = []
    parent = nodes[name].parent
    while parent is not None:
        found.append(parent)
        parent = nodes[parent].parent
    return found


def _enter(entered: Counter[str], name: str) -> None:
    if entered[name]:
        entered[name] -= 1


def _chosen(model: ProcessModel, node: Node, later: Sequence[str], entered: Counter[str]) -> list[Flow]:
    """The flows that a choice took: of an inclusive one each with a trace, else the one whose target comes next; none: not told."""
    flows = [model.flows[flow] for flow in node.outgoing]
    traced = [flow for flow in flows if entered[flow.target]]
    several = node.kind not in (Kind.EXCLUSIVE, Kind.EVENT_BASED)
    if traced and several:
        return traced
    if traced:
        # tasks open where nothing goes on: what is left next stands before what is left later
        order = {name: place for place, name in reversed(list(enumerate(later)))}
        return [min(traced, key=lambda flow: order.get(flow.target, len(later)))]
    silent = [flow for flow in flows if _may_be_silent(model.nodes[flow.target])]
    return silent if len(silent) == 1 else []


def _may_be_silent(node: Node) -> bool:
    """A token may come to it and leave no trace in the same step: it waits for something else than a person."""
    waits = (
        Kind.CATCH,
        Kind.RECEIVE,
        Kind.SERVICE,
        Kind.SEND,
        Kind.EVENT_BASED,
        Kind.PARALLEL,
        Kind.INCLUSIVE,
        Kind.COMPLEX,
    )
    return node.kind in waits or node.kind.is_scope or node.kind is Kind.CALL or node.kind.is_inbox
