"""The flows of one level as a graph: where a token begins, where it may go, where it ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.bpmn.model import Kind, Node, Trigger
from engine.bpmn.reading.building import Built

Graph = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Level:
    """The nodes that lie directly in a process (`owner` None) or sub-process.

    `roots` are where it begins: start events and nodes that instantiate, each an alternative to the others; without any of these
    (`implicit`) every node without a flow into it, all at once. `leaves` are its end events, or, where it has none, the nodes no
    flow leaves. `aside` are nodes that lie outside the flows: event sub-processes and activities for compensation."""

    owner: Node | None
    nodes: tuple[Node, ...]
    roots: tuple[Node, ...]
    implicit: bool
    leaves: tuple[Node, ...]
    has_ends: bool
    aside: tuple[Node, ...]

    @property
    def id(self) -> str | None:
        """The id of the sub-process, None for the process."""
        return self.owner.id if self.owner is not None else None


def levels(built: Built) -> tuple[Level, ...]:
    """All levels, the process first."""
    inside: dict[str | None, list[Node]] = {None: []}
    for node in built.nodes.values():
        inside.setdefault(node.parent, []).append(node)
        if node.kind.is_scope:
            inside.setdefault(node.id, [])
    return tuple(_level(built.nodes[id_] if id_ else None, tuple(nodes)) for id_, nodes in inside.items())


def _level(owner: Node | None, nodes: tuple[Node, ...]) -> Level:
    aside = tuple(node for node in nodes if lies_aside(node))
    begins = tuple(node for node in nodes if node.kind is Kind.START or (owner is None and node.instantiates))
    free = tuple(
        node
        for node in nodes
        if not node.incoming and not lies_aside(node) and node.kind not in (Kind.BOUNDARY, Kind.END)
    )
    ends = tuple(node for node in nodes if node.kind is Kind.END)
    loose = tuple(node for node in nodes if not node.outgoing and not lies_aside(node) and not undoes(node))
    return Level(owner, nodes, begins or free, not begins, ends or loose, bool(ends), aside)


def lies_aside(node: Node) -> bool:
    """Whether no flow is to lead to a node or away from it."""
    return node.kind is Kind.EVENT_SUBPROCESS or node.for_compensation


def undoes(node: Node) -> bool:
    """Whether it is the compensation event on the border of an activity."""
    return node.kind is Kind.BOUNDARY and node.has(Trigger.COMPENSATION)


def successors(nodes: Iterable[Node], built: Built) -> dict[str, tuple[str, ...]]:
    """Where a token may go from each node, boundary events counted as ways out of their host."""
    after: dict[str, list[str]] = {}
    for node in nodes:
        after.setdefault(node.id, []).extend(built.flows[flow].target for flow in node.outgoing)
        if node.host is not None:
            after.setdefault(node.host, []).append(node.id)
    return {id_: tuple(targets) for id_, targets in after.items()}


def reachable(starts: Iterable[str], graph: Graph) -> set[str]:
    """All nodes on a way from `starts`, those included."""
    found, stack = set(), list(starts)
    while stack:
        node = stack.pop()
        if node not in found:
            found.add(node)
            stack.extend(graph.get(node, ()))
    return found


def depth(starts: Iterable[str], graph: Graph) -> int:
    """How many nodes follow one after another, the flows followed depth first, in their order."""
    seen: set[str] = set()
    deepest = 0
    for start in starts:
        stack: list[Iterator[str]] = [iter((start,))]
        while stack:
            node = next(stack[-1], None)
            if node is None:
                stack.pop()
            elif node not in seen:
                seen.add(node)
                deepest = max(deepest, len(stack))
                stack.append(iter(graph.get(node, ())))
    return deepest


def loops(nodes: set[str], graph: Graph) -> list[list[str]]:
    """Strongly connected parts among `nodes` that hold a loop (Tarjan's algorithm without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    on_path: list[str] = []
    held: set[str] = set()
    found: list[list[str]] = []
    for root in sorted(nodes):
        if root in index:
            continue
        work: list[tuple[str, Iterator[str]]] = [(root, iter(graph.get(root, ())))]
        index[root] = low[root] = len(index)
        on_path.append(root)
        held.add(root)
        while work:
            node, targets = work[-1]
            target = next((each for each in targets if each in nodes), None)
            if target is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    part = []
                    while True:
                        part.append(on_path.pop())
                        held.discard(part[-1])
                        if part[-1] == node:
                            break
                    if len(part) > 1 or node in graph.get(node, ()):
                        found.append(part[::-1])
            elif target not in index:
                index[target] = low[target] = len(index)
                on_path.append(target)
                held.add(target)
                work.append((target, iter(graph.get(target, ()))))
            elif target in held:
                low[node] = min(low[node], index[target])
    return found
