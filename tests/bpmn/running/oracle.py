"""The token game of BPMN 2.0.2, played the plain way over a `ProcessModel`: what a run must do, told without SpiffWorkflow.

Slow and small on purpose. It knows what the graphs of `graphs.py` are made of: user tasks, scripts (which pass), exclusive, parallel
and inclusive gateways, sub-processes, multi-instances over a list, timers in the flow and at the border, ends and terminate ends."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.bpmn.model import Kind, Node, ProcessModel

Items = tuple[tuple[str, Any], ...]
"""The items of the multi-instances around a task, outermost first."""
Wait = tuple[str, Items]
"""A node that waits, and for which items."""


@dataclass(eq=False)
class Activity:
    """Something that is going on in a scope: a user task, a timer, a sub-process, a whole multi-instance."""

    node: Node
    items: Items
    borders: list[Node] = field(default_factory=list)
    inner: list[Scope] = field(default_factory=list)
    parts: list[Activity] = field(default_factory=list)
    left: list[Any] = field(default_factory=list)


class Scope:
    """The process, or one running sub-process."""

    def __init__(self, game: Game, parent: str | None, items: Items) -> None:
        self.game, self.parent, self.items = game, parent, items
        self.tokens: Counter[str] = Counter()
        self.activities: list[Activity] = []
        self.nodes = {n.id: n for n in game.model.inside(parent)}
        for node in self.nodes.values():
            if node.kind is Kind.START:
                self.leave(node)

    # ------------------------------------------------------------ moves

    def settle(self) -> bool:
        """Move every token as far as it goes without person or clock; answers whether anything moved."""
        moved = False
        while self._inner() or self._ordinary() or self._inclusive():
            moved = True
        return moved

    def _inner(self) -> bool:
        for activity in list(self.activities):
            for scope in [s for part in self._parts(activity) for s in part.inner]:
                if scope.settle():
                    return True
            if self._part_done(activity):
                return True
        return False

    def _parts(self, activity: Activity) -> list[Activity]:
        return activity.parts if activity.node.multi_instance else [activity]

    def _part_done(self, activity: Activity) -> bool:
        if activity.node.kind is not Kind.SUBPROCESS:
            return False
        for part in list(self._parts(activity)):
            if part.inner and not part.inner[0].alive():
                self.done(activity, part)
                return True
        return False

    def _ordinary(self) -> bool:
        flows = self.game.model.flows
        for flow in [f for f, n in self.tokens.items() if n]:
            node = self.nodes[flows[flow].target]
            if len(node.incoming) > 1 and node.kind in (Kind.PARALLEL, Kind.INCLUSIVE):
                if node.kind is Kind.PARALLEL and all(self.tokens[f] for f in node.incoming):
                    for each in node.incoming:
                        self.tokens[each] -= 1
                    self.leave(node)
                    return True
                continue
            self.tokens[flow] -= 1
            self.enter(node)
            return True
        return False

    def _inclusive(self) -> bool:
        for node in self.nodes.values():
            if node.kind is not Kind.INCLUSIVE or len(node.incoming) < 2:
                continue
            here = [f for f in node.incoming if self.tokens[f]]
            if here and not self._more_may_come(node, here):
                for flow in here:
                    self.tokens[flow] -= 1
                self.leave(node)
                return True
        return False

    def _more_may_come(self, join: Node, here: list[str]) -> bool:
        """BPMN 2.0.2, table 13.3: a token somewhere can still reach an empty flow into the join, but none that has a token."""
        empty = [f for f in join.incoming if f not in here]
        for flow in self._elsewhere(join):
            reached = self._reachable(flow, join)
            if reached & set(empty) and not reached & set(here):
                return True
        return False

    def _elsewhere(self, join: Node) -> Iterator[str]:
        for flow, count in self.tokens.items():
            if count and flow not in join.incoming:
                yield flow
        for activity in self.activities:
            yield from activity.node.outgoing
            for border in activity.borders:
                yield from border.outgoing

    def _reachable(self, flow: str, join: Node) -> set[str]:
        found: set[str] = set()
        stack = [flow]
        while stack:
            one = stack.pop()
            if one in found:
                continue
            found.add(one)
            target = self.nodes[self.game.model.flows[one].target]
            if target.id == join.id:
                continue
            stack.extend(target.outgoing)
            for border in self._borders(target):
                stack.extend(border.outgoing)
        return found

    def _borders(self, node: Node) -> list[Node]:
        return [n for n in self.nodes.values() if n.host == node.id]

    # ------------------------------------------------------------ nodes

    def enter(self, node: Node) -> None:
        self.game.passed[node.id] += node.kind is not Kind.USER
        if node.kind is Kind.TERMINATE:
            self.tokens.clear()
            self.activities.clear()
        elif node.kind is Kind.TIMER_CATCH:
            self.activities.append(Activity(node, self.items, [node]))
        elif node.kind in (Kind.USER, Kind.SUBPROCESS):
            self._begin(node)
        elif node.kind is not Kind.END:
            self.leave(node)

    def _begin(self, node: Node) -> None:
        activity = Activity(node, self.items, self._borders(node))
        if node.multi_instance is None:
            self.activities.append(activity)
            if node.kind is Kind.SUBPROCESS:
                activity.inner.append(Scope(self.game, node.id, self.items))
            return
        activity.left = list(self.game.facts[node.multi_instance.collection or ""])
        if not activity.left:
            self.leave(node)
            return
        self.activities.append(activity)
        for _ in range(1 if node.multi_instance.sequential else len(activity.left)):
            self._next_part(activity)

    def _next_part(self, activity: Activity) -> None:
        node = activity.node
        assert node.multi_instance is not None
        items = (*self.items, (node.multi_instance.item or "", activity.left.pop(0)))
        part = Activity(node, items)
        if node.kind is Kind.SUBPROCESS:
            part.inner.append(Scope(self.game, node.id, items))
        activity.parts.append(part)

    def done(self, activity: Activity, part: Activity) -> None:
        """A part (the activity itself when it is no multi-instance) is complete."""
        if activity.node.multi_instance is not None:
            activity.parts.remove(part)
            if activity.left:
                self._next_part(activity)
            if activity.parts:
                return
        self.game.passed[activity.node.id] += activity.node.kind is Kind.USER
        self.activities.remove(activity)
        self.leave(activity.node)

    def leave(self, node: Node) -> None:
        for flow in self._ways(node):
            self.tokens[flow] += 1

    def _ways(self, node: Node) -> list[str]:
        flows = self.game.model.flows
        if node.kind not in (Kind.EXCLUSIVE, Kind.INCLUSIVE) or len(node.outgoing) < 2:
            return list(node.outgoing)
        true = [f for f in node.outgoing if self.game.holds(flows[f].condition)]
        true = true[:1] if node.kind is Kind.EXCLUSIVE else true
        return true or [f for f in (node.default,) if f is not None]

    def fire(self, activity: Activity, border: Node) -> None:
        activity.borders.remove(border)
        if border.kind is Kind.TIMER_CATCH or border.interrupting:
            self.activities.remove(activity)
        self.game.passed[border.id] += border.kind is Kind.TIMER_BOUNDARY
        self.leave(border)

    # ------------------------------------------------------------ what waits

    def alive(self) -> bool:
        return bool(self.activities) or any(self.tokens.values())

    def scopes(self) -> Iterator[Scope]:
        yield self
        for activity in self.activities:
            for part in self._parts(activity):
                for scope in part.inner:
                    yield from scope.scopes()

    def open(self) -> Iterator[tuple[Wait, Activity, Activity]]:
        for activity in self.activities:
            if activity.node.kind is Kind.USER:
                for part in self._parts(activity):
                    yield (activity.node.id, part.items), activity, part

    def timers(self) -> Iterator[tuple[Wait, Activity, Node]]:
        for activity in self.activities:
            for border in activity.borders:
                yield (border.id, self.items), activity, border


class Game:
    """One play."""

    def __init__(self, model: ProcessModel, facts: Mapping[str, Any]) -> None:
        self.model, self.facts = model, dict(facts)
        self.passed: Counter[str] = Counter()
        self.top = Scope(self, None, ())
        self.top.settle()

    def holds(self, condition: str | None) -> bool:
        """Conditions of the graphs read `name = number`."""
        if condition is None:
            return False
        name, _, value = condition.partition("=")
        return bool(self.facts.get(name.strip()) == int(value))

    def complete(self, wait: Wait) -> None:
        for scope in self.top.scopes():
            for found, activity, part in scope.open():
                if found == wait:
                    scope.done(activity, part)
                    self.top.settle()
                    return
        raise KeyError(wait)

    def fire(self, wait: Wait) -> None:
        for scope in self.top.scopes():
            for found, activity, border in scope.timers():
                if found == wait:
                    scope.fire(activity, border)
                    self.top.settle()
                    return
        raise KeyError(wait)

    def open(self) -> list[Wait]:
        return sorted(w for s in self.top.scopes() for w, *_ in s.open())

    def timers(self) -> list[Wait]:
        return sorted(w for s in self.top.scopes() for w, *_ in s.timers())

    def ended(self) -> bool:
        return not self.top.alive()


def orders(marks: list[str]) -> list[tuple[str, ...]]:
    """Every order in which these can happen."""
    return sorted(set(itertools.permutations(marks)))
