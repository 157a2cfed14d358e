"""The token game: every course a process can take, choices left open, to find joins that would wait for ever.

Each level is played by itself. A marking says how many tokens each flow holds; activities pass at once, choices and timers may go
any way. A game that grows too large, or gathers tokens without end, is given up: then less is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from engine.bpmn.model import Kind, Node, Trigger
from engine.bpmn.reading.building import Built
from engine.bpmn.reading.graphs import Level

MAX_MARKINGS = 3_000
MAX_CHOICES = 6
MAX_TOKENS = 4

Flows = tuple[str, ...]
Marking = frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`stuck`: joins that may be left waiting, with flows that stay empty. `dead`: joins a token comes to and no course passes."""

    stuck: Mapping[str, str]
    dead: frozenset[str]


class TooLarge(Exception):
    """The game was given up."""


class Game:
    """The game of one level."""

    def __init__(self, level: Level, built: Built) -> None:
        self.level = level
        self.nodes = {node.id: node for node in level.nodes}
        self.flows = built.flows
        self.events: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            if node.host is not None and not node.has(Trigger.COMPENSATION):
                self.events.setdefault(node.host, []).append(node)
        self.joins = [node for node in self.nodes.values() if gathers(node)]
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

    def play(self) -> Verdict:
        """All markings that can follow the beginning of the level. Raises `TooLarge`."""
        if any(node.kind is Kind.COMPLEX and len(node.incoming) > 1 for node in self.nodes.values()):
            raise TooLarge  # what it waits for is an expression
        seen: set[Marking] = set()
        todo: list[Marking] = []
        stuck: dict[str, str] = {}
        passed: set[str] = set()
        for first in self._beginnings(passed):
            if first not in seen:
                seen.add(first)
                todo.append(first)
        while todo:
            marking = todo.pop()
            moved = False
            for node, after in self._moves(dict(marking)):
                moved = True
                passed.add(node)
                if after not in seen:
                    if len(seen) >= MAX_MARKINGS:
                        raise TooLarge
                    seen.add(after)
                    todo.append(after)
            if not moved:
                self._note_stuck(dict(marking), stuck)
        come = {self.flows[flow].target for marking in seen for flow, _ in marking}
        return Verdict(stuck, frozenset(join.id for join in self.joins if join.id in come) - passed)

    def _note_stuck(self, marking: Mapping[str, int], stuck: dict[str, str]) -> None:
        for join in self.joins:
            empty = [flow for flow in join.incoming if flow not in marking]
            if len(empty) == len(join.incoming):
                continue
            if empty or join.start_quantity > 1:
                stuck.setdefault(join.id, (empty or list(join.incoming))[0])

    def _beginnings(self, passed: set[str]) -> Iterator[Marking]:
        """The markings a level may begin with: each of its starts is one way, without starts all begin at once."""
        roots = self.level.roots
        if not self.level.implicit:
            for node in roots:
                passed.add(node.id)
                yield from (_marking({}, given) for given in self.ways_out(node))
            return
        begun: set[Flows] = {()}
        for node in roots:
            if node.start_quantity > 1:
                continue  # one token alone never begins it
            passed.add(node.id)
            begun = {(*before, *given) for before in begun for given in self.ways_out(node)}
            if len(begun) > MAX_MARKINGS:
                raise TooLarge
        yield from (_marking({}, given) for given in begun)

    def _moves(self, marking: dict[str, int]) -> Iterator[tuple[str, Marking]]:
        for id_ in {self.flows[flow].target: None for flow in sorted(marking)}:
            node = self.nodes[id_]
            if _ends_all(node):
                yield id_, frozenset()
                continue
            for taken in self._takings(node, marking):
                left = dict(marking)
                for flow in taken:
                    left[flow] -= 1
                for given in self.ways_out(node):
                    yield id_, _marking(left, given)

    def _takings(self, node: Node, marking: Mapping[str, int]) -> Iterator[Flows]:
        """The flows from which a node may take a token each time it begins."""
        here = tuple(flow for flow in node.incoming if flow in marking)
        if node.start_quantity > 1:
            taken = tuple(flow for flow in here for _ in range(marking[flow]))[: node.start_quantity]
            if len(taken) == node.start_quantity:
                yield taken
        elif gathers(node):
            if self._may_fire(node, here, marking):
                yield here
        else:
            yield from ((flow,) for flow in here)

    def _may_fire(self, join: Node, here: Flows, marking: Mapping[str, int]) -> bool:
        """A parallel join has a token on every flow; an inclusive one waits while a token may still come over an empty flow, unless it
        may as well come over one that has a token (BPMN 2.0.2, table 13.3)."""
        empty = [flow for flow in join.incoming if flow not in here]
        if join.kind is Kind.PARALLEL:
            return not empty
        before = self.before[join.id]
        return not any(
            any(token in before[flow] for flow in empty) and not any(token in before[flow] for flow in here)
            for token in marking
            if token not in here
        )

    def ways_out(self, node: Node) -> Iterator[Flows]:
        """The flows that may get a token when a node is done, its boundary events included."""
        events = self.events.get(node.id, ())
        quiet = [event for event in events if not event.interrupting]
        for once in self._own_ways(node):
            base = once * node.completion_quantity
            yield base
            for event in quiet:
                yield from ((*base, *own) for own in self._own_ways(event))
        for event in events:
            if event.interrupting:
                yield from self._own_ways(event)

    def _own_ways(self, node: Node) -> Iterator[Flows]:
        flows = node.outgoing
        if not flows:
            yield ()
            return
        if node.kind is Kind.EXCLUSIVE or (node.kind is Kind.EVENT_BASED and not node.all_events):
            yield from ((flow,) for flow in flows)
            return
        chosen = [f for f in flows if self.flows[f].condition is not None and node.kind is not Kind.PARALLEL]
        always = tuple(f for f in flows if f not in chosen and f != node.default)
        if not chosen:
            yield flows
            return
        if len(chosen) > MAX_CHOICES:
            raise TooLarge
        for size in range(1, len(chosen) + 1):
            yield from ((*always, *some) for some in combinations(chosen, size))
        yield (*always, node.default) if node.default is not None else always


def gathers(node: Node) -> bool:
    """Whether a node waits for more than one token."""
    joins = node.kind in (Kind.PARALLEL, Kind.INCLUSIVE) and len(node.incoming) > 1
    return joins or (node.start_quantity > 1 and bool(node.incoming))


def _ends_all(node: Node) -> bool:
    return node.kind is Kind.END and any(
        node.has(trigger) for trigger in (Trigger.TERMINATE, Trigger.ERROR, Trigger.CANCEL)
    )


def _marking(left: Mapping[str, int], given: Flows) -> Marking:
    counts = {flow: count for flow, count in left.items() if count > 0}
    for flow in given:
        counts[flow] = counts.get(flow, 0) + 1
        if counts[flow] > MAX_TOKENS:
            raise TooLarge
    return frozenset(counts.items())
