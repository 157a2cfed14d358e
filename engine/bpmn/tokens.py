"""The token game: every course a process can take, choices left open, to find joins that would wait for ever.

Each scope is played by itself. A marking is the set of flows that hold a token; activities pass at once, choices and timers may go
any way. A second token on one flow is not counted (SpiffWorkflow does not tell them apart), and a game that grows too large is
given up: then nothing is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from engine.bpmn.building import Built
from engine.bpmn.model import Kind, Node

MAX_MARKINGS = 3_000
MAX_CHOICES = 6

Marking = frozenset[str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`stuck`: joins that may be left waiting, with flows that stay empty. `dead`: joins that no course ever passes."""

    stuck: Mapping[str, str]
    dead: frozenset[str]


class TooLarge(Exception):
    """The game was given up."""


class Game:
    """The game of one scope."""

    def __init__(self, nodes: Iterable[Node], built: Built) -> None:
        self.nodes = {node.id: node for node in nodes}
        self.flows = built.flows
        self.events: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            if node.host is not None:
                self.events.setdefault(node.host, []).append(node)
        self.joins = [n for n in self.nodes.values() if _joins(n)]
        self.before = {join.id: self._before(join) for join in self.joins if join.kind is Kind.INCLUSIVE}

    def _before(self, join: Node) -> dict[str, frozenset[str]]:
        """For each flow into an inclusive join, the flows whose token may still come over it, not through the join."""
        return {flow: frozenset(self._upstream(flow, join)) for flow in join.incoming}

    def _upstream(self, flow: str, join: Node) -> set[str]:
        found: set[str] = set()
        stack = [flow]
        while stack:
            one = stack.pop()
            if one in found:
                continue
            found.add(one)
            source = self.nodes[self.flows[one].source]
            source = self.nodes[source.host] if source.host is not None else source
            if source.id != join.id:
                stack.extend(source.incoming)
        return found

    def play(self, begin: Iterable[str]) -> Verdict:
        """All markings that can follow `begin`. Raises `TooLarge`."""
        first: Marking = frozenset(begin)
        seen, todo = {first}, [first]
        stuck: dict[str, str] = {}
        passed: set[str] = set()
        while todo:
            marking = todo.pop()
            moved = False
            for node, after in self._moves(marking):
                moved = True
                passed.add(node)
                if after not in seen:
                    if len(seen) >= MAX_MARKINGS:
                        raise TooLarge
                    seen.add(after)
                    todo.append(after)
            if not moved:
                for join in self.joins:
                    empty = [flow for flow in join.incoming if flow not in marking]
                    if empty and len(empty) < len(join.incoming):
                        stuck.setdefault(join.id, empty[0])
        return Verdict(stuck, frozenset(join.id for join in self.joins) - passed)

    def _moves(self, marking: Marking) -> Iterator[tuple[str, Marking]]:
        for node in {self.flows[flow].target: None for flow in sorted(marking)}:
            for taken, given in self._firings(self.nodes[node], marking):
                yield node, (marking - taken) | given

    def _firings(self, node: Node, marking: Marking) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
        here = frozenset(flow for flow in node.incoming if flow in marking)
        if node.kind is Kind.TERMINATE:
            yield marking, frozenset()
        elif _joins(node):
            if self._may_fire(node, here, marking):
                yield from ((here, given) for given in self.ways_out(node))
        else:
            for flow in here:
                for given in self.ways_out(node):
                    yield frozenset((flow,)), given

    def _may_fire(self, join: Node, here: frozenset[str], marking: Marking) -> bool:
        """A parallel join has a token on every flow; an inclusive one waits while a token may still come over an empty flow, unless it
        may as well come over one that has a token (BPMN 2.0.2, table 13.3)."""
        empty = [flow for flow in join.incoming if flow not in here]
        if join.kind is Kind.PARALLEL:
            return not empty
        before = self.before[join.id]
        return not any(
            any(token in before[flow] for flow in empty) and not any(token in before[flow] for flow in here)
            for token in marking - here
        )

    def ways_out(self, node: Node) -> Iterator[frozenset[str]]:
        """The flows that may get a token when a node is done, its boundary events included."""
        events = self.events.get(node.id, ())
        quiet = [event for event in events if not event.interrupting]
        for base in self._own_ways(node):
            yield base
            for event in quiet:
                yield from (base | own for own in self._own_ways(event))
        for event in events:
            if event.interrupting:
                yield from self._own_ways(event)

    def _own_ways(self, node: Node) -> Iterator[frozenset[str]]:
        flows = node.outgoing
        if node.kind is Kind.EXCLUSIVE:
            yield from (frozenset((flow,)) for flow in flows)
            return
        chosen = [f for f in flows if self.flows[f].condition is not None and node.kind is not Kind.PARALLEL]
        always = frozenset(f for f in flows if f not in chosen and f != node.default)
        if not chosen:
            yield frozenset(flows)
            return
        if len(chosen) > MAX_CHOICES:
            raise TooLarge
        for size in range(1, len(chosen) + 1):
            yield from (always | frozenset(some) for some in combinations(chosen, size))
        yield always | ({node.default} if node.default is not None else frozenset())


def _joins(node: Node) -> bool:
    return node.kind in (Kind.PARALLEL, Kind.INCLUSIVE) and len(node.incoming) > 1
