"""Tokens on their way along the flows, and the gateways that join and split them (BPMN 2.0.2, 13.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.bpmn.model import Kind, Node
from tests.bpmn.running.board import Board
from tests.bpmn.running.pieces import Part, Resting

Move = Callable[[], None]


class Flowing(Board):
    """What may happen next in a scope."""

    def enter(self, node: Node) -> None:
        """A token comes to a node."""
        raise NotImplementedError

    def part_done(self, resting: Resting, part: Part) -> None:
        """A part of an activity is complete."""
        raise NotImplementedError

    def moves(self) -> Iterator[Move]:
        """Everything that may happen next without person, clock or message, but for inclusive joins."""
        for node in self.beginning:
            yield lambda node=node: self._begin_at(node)  # type: ignore[misc]
        for flow, count in self.tokens.items():
            if count:
                node = self.nodes[self.model.flows[flow].target]
                if len(node.incoming) < 2 or node.kind not in (Kind.PARALLEL, Kind.INCLUSIVE):
                    yield lambda flow=flow, node=node: self._pass(flow, node)  # type: ignore[misc]
        for node in self.nodes.values():
            if node.kind is Kind.PARALLEL and len(node.incoming) > 1 and all(self.tokens[f] for f in node.incoming):
                yield lambda node=node: self._join(node, node.incoming)  # type: ignore[misc]
        for resting in self.resting:
            for part in resting.parts:
                if part.inner is not None and part.undoing is None and not part.inner.busy():
                    yield lambda resting=resting, part=part: self.part_done(resting, part)  # type: ignore[misc]

    def inclusive(self) -> Iterator[Move]:
        """Inclusive joins that wait for nobody (table 13.3)."""
        for node in self.nodes.values():
            if node.kind is Kind.INCLUSIVE and len(node.incoming) > 1:
                here = tuple(f for f in node.incoming if self.tokens[f])
                if here and not self._more_may_come(node, set(here)):
                    yield lambda node=node, here=here: self._join(node, here)  # type: ignore[misc]

    def _begin_at(self, node: Node) -> None:
        self.beginning.remove(node)
        self.enter(node)

    def _pass(self, flow: str, node: Node) -> None:
        self.tokens[flow] -= 1
        self.enter(node)

    def _join(self, node: Node, flows: tuple[str, ...]) -> None:
        for flow in flows:
            self.tokens[flow] -= 1
        self.leave(node)

    def _more_may_come(self, join: Node, here: set[str]) -> bool:
        """Whether a token elsewhere has a path of flows to an empty flow into the join, and none to one that has a token. What rests
        in an activity leaves by its flows; what listens at its border would be a token of its own."""
        empty = set(join.incoming) - here
        places = [{flow} for flow, count in self.tokens.items() if count and flow not in join.incoming]
        places += [set(self.nodes[node].outgoing) for node, count in self.gathered.items() if count]
        for resting in self.resting:
            if resting.undoing is None:
                places.append(set(resting.node.outgoing))
                places += [set(x.node.outgoing) for x in resting.listeners if x.node.kind is Kind.BOUNDARY]
        reached = [self._reached(place, join) for place in places]
        return any(found & empty and not found & here for found in reached)

    def _reached(self, flows: set[str], join: Node) -> set[str]:
        found: set[str] = set()
        stack = list(flows)
        while stack:
            flow = stack.pop()
            if flow not in found:
                found.add(flow)
                target = self.nodes[self.model.flows[flow].target]
                if target.id != join.id:
                    stack += target.outgoing
        return found

    def leave(self, node: Node) -> None:
        """A token goes on from a node that is no activity."""
        if not node.kind.is_activity:
            self.game.passed[self.prefix + node.id] += 1
        self._on(node)

    def _on(self, node: Node) -> None:
        for flow in self._ways(node):
            self.tokens[flow] += node.completion_quantity

    def _ways(self, node: Node) -> list[str]:
        flows = self.model.flows
        if node.kind is Kind.PARALLEL or not node.outgoing:
            return list(node.outgoing)
        held = [f for f in node.outgoing if flows[f].condition is not None and self.game.holds(flows[f].condition)]
        if node.kind is Kind.EXCLUSIVE and len(node.outgoing) > 1:
            return held[:1] or [node.default or ""]
        always = [f for f in node.outgoing if flows[f].condition is None and f != node.default]
        return always + (held or [f for f in (node.default,) if f is not None])
