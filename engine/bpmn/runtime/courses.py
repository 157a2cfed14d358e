"""The flows of one scope as a graph, and every marking in which its tokens can rest.

Sending back is sound when what is left could have come about by itself: then every join fires as often as it would have. So the markings
that the diagram allows are counted once for each scope of a program (choices left open, activities done in any order, every boundary
event that may come), and a marking after an act is looked up among them. A place is the id of a node, or of a flow into a join."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.bpmn.model import Kind
from engine.bpmn.runtime.element import Element
from engine.bpmn.runtime.live import ScopeSpec
from engine.bpmn.runtime.markings import Count, Marking, TooMany, gathers, kills


class Courses:
    """What can come after what in one scope. Made once, asked often: `of`."""

    def __init__(self, spec: ScopeSpec) -> None:
        self.elements: dict[str, Any] = {
            name: each for name, each in spec.task_specs.items() if isinstance(each, Element) and name == each.node.id
        }
        self.begin = [element.name for element in spec.begin]
        self.after: dict[str, list[str]] = {}
        self.before: dict[str, list[str]] = {name: [] for name in self.elements}
        self.quiet: dict[str, list[str]] = {}
        for name, element in self.elements.items():
            ways = [target.name for target in element.targets.values()]
            for boundary in getattr(element, "boundaries", ()):
                ways.append(boundary.name)
                if not boundary.node.interrupting:
                    self.quiet.setdefault(name, []).append(boundary.name)
            self.after[name] = list(dict.fromkeys(ways))
        for name, ways in self.after.items():
            for way in ways:
                self.before[way].append(name)
        self._sources = {flow.id: name for name, element in self.elements.items() for flow in element.flows}
        self.aside = self._set_apart()
        self._behind = self._dominators(self.begins(), self.after)
        self._ahead = self._postdominators()
        self._markings: frozenset[Marking] | str | None = "unknown"

    def begins(self) -> list[str]:
        """Wherever a token may begin: what nothing leads to."""
        return [name for name in self.elements if not self.before[name]]

    def _set_apart(self) -> frozenset[str]:
        """What only boundary events lead to that do not interrupt, and from where no way leads back among the rest: it runs beside."""
        events = {name for ways in self.quiet.values() for name in ways}
        usual = self.forward([name for name in self.begins() if name not in events], events, rounds=True) - events
        rest = set(self.elements) - usual
        return frozenset(name for name in rest if self.forward([name]) <= rest)

    # ------------------------------------------------------------ the graph

    def forward(self, starts: Iterable[str], stop: Iterable[str] = (), *, rounds: bool = True) -> set[str]:
        """What lies on ways from `starts`, those included, not beyond `stop` (which are included). Without `rounds` not over flows that
        lead back in a loop."""
        return self._walk(starts, set(stop), self.after, forward=True, rounds=rounds)

    def backward(self, starts: Iterable[str], stop: Iterable[str] = (), *, rounds: bool = True) -> set[str]:
        """What lies on ways to `starts`, likewise."""
        return self._walk(starts, set(stop), self.before, forward=False, rounds=rounds)

    def _walk(
        self, starts: Iterable[str], stop: set[str], graph: Mapping[str, list[str]], *, forward: bool, rounds: bool
    ) -> set[str]:
        found, stack = set(starts), list(starts)
        while stack:
            at = stack.pop()
            for way in graph[at]:
                edge = (at, way) if forward else (way, at)
                if way in found or (not rounds and self.is_back(*edge)):
                    continue
                found.add(way)
                if way not in stop:
                    stack.append(way)
        return found

    def is_back(self, source: str, target: str) -> bool:
        """Whether this way leads back to where the token must have been already."""
        return target in self._behind.get(source, ())

    def between(self, first: str, last: str, *, rounds: bool) -> set[str]:
        """What lies on ways from one node to another that meet neither of them in between; both ends are not part of it."""
        there = self.forward(self._next(first, rounds=rounds), (last,), rounds=rounds)
        back = self.backward(self._last(last, rounds=rounds), (first,), rounds=rounds)
        return (there & back) - {first, last}

    def leads(self, first: str, last: str, *, rounds: bool) -> bool:
        """Whether there is a way from one to the other."""
        return last in self.forward(self._next(first, rounds=rounds), rounds=rounds)

    def _next(self, node: str, *, rounds: bool) -> list[str]:
        return [way for way in self.after[node] if rounds or not self.is_back(node, way)]

    def _last(self, node: str, *, rounds: bool) -> list[str]:
        return [way for way in self.before[node] if rounds or not self.is_back(way, node)]

    def meeting(self, *nodes: str) -> str | None:
        """Where all that leaves these nodes meets again, for certain; none where it does not."""
        common = frozenset.intersection(*(self._ahead.get(node, frozenset()) for node in nodes)) - set(nodes)
        return max(common, key=lambda node: len(self._ahead[node]), default=None)

    def source_of(self, place: str) -> str:
        """The node of a place: itself, or where its flow comes from."""
        return self._sources.get(place, place)

    def splits(self, name: str) -> bool:
        """Whether several tokens may leave this node for one that came."""
        element = self.elements[name]
        if element.node.kind in (Kind.EXCLUSIVE, Kind.EVENT_BASED):
            return False
        return len(element.flows) > 1

    def joins(self, name: str) -> bool:
        """Whether it waits for tokens on several flows."""
        return gathers(self.elements[name])

    def _dominators(self, roots: list[str], graph: Mapping[str, list[str]]) -> dict[str, frozenset[str]]:
        """For each node those that every way to it passes, itself included."""
        order = self._order(roots, graph)
        into: dict[str, list[str]] = {name: [] for name in order}
        for name in order:
            for way in graph[name]:
                if way in into:
                    into[way].append(name)
        found: dict[str, frozenset[str]] = {name: frozenset({name}) for name in roots}
        changed = True
        while changed:
            changed = False
            for name in order:
                if name in roots:
                    continue
                known = [found[each] for each in into[name] if each in found]
                if not known:
                    continue
                new = frozenset.intersection(*known) | {name}
                if found.get(name) != new:
                    found[name], changed = new, True
        return found

    def _order(self, roots: list[str], graph: Mapping[str, list[str]]) -> list[str]:
        """All that can be reached, what comes first before what follows as far as loops allow."""
        order: list[str] = []
        seen: set[str] = set()
        for root in roots:
            stack: list[tuple[str, Iterator[str]]] = []
            if root not in seen:
                seen.add(root)
                stack.append((root, iter(graph[root])))
            while stack:
                name, ways = stack[-1]
                way = next((each for each in ways if each not in seen), None)
                if way is None:
                    order.append(name)
                    stack.pop()
                else:
                    seen.add(way)
                    stack.append((way, iter(graph[way])))
        return order[::-1]

    def _postdominators(self) -> dict[str, frozenset[str]]:
        """For each node those that every way from it to a quiet end passes, itself included. Ways that end everything, and what boundary
        events do beside their activity, do not count: where they are taken nothing is left to meet."""
        side = {way for ways in self.quiet.values() for way in ways}
        graph = {name: [way for way in ways if way not in side] for name, ways in self.after.items()}
        ends = [name for name, ways in graph.items() if not ways and not kills(self.elements[name])]
        back: dict[str, list[str]] = {name: [] for name in graph}
        for name, ways in graph.items():
            for way in ways:
                back[way].append(name)
        back[""] = ends
        found = self._dominators([""], back)
        return {name: nodes - {""} for name, nodes in found.items() if name}

    # ------------------------------------------------------------ the markings

    def allows(self, marking: Marking) -> bool | None:
        """Whether the scope could come to rest like this. None: there are too many ways to say."""
        known = self.markings()
        return None if known is None else marking in known

    def together(self, one: str, other: str) -> bool | None:
        """Whether a token may be at both nodes at a time. None: there are too many ways to say."""
        known = self.markings()
        if known is None:
            return None
        return any({one, other} <= {place for place, _ in marking} for marking in known)

    def markings(self) -> frozenset[Marking] | None:
        """All of them, or none when they are too many or a join's condition decides."""
        if self._markings == "unknown":
            try:
                self._markings = frozenset(Count(self).all())
            except TooMany:
                self._markings = None
        known: Any = self._markings
        found: frozenset[Marking] | None = known
        return found

    def paired(self, split: str, join: str | None) -> bool:
        """Whether a split and what meets behind it belong together: everything that comes to the one came from the other."""
        if join is None:
            return False
        inside = self.forward(self.after[split], (join,)) - {join}
        own = all(set(self.before[name]) <= inside | {split} for name in (*inside, join))
        kinds = self.elements[split].node.kind, self.elements[join].node.kind
        return own and (kinds[0] is kinds[1] or kinds[1] is Kind.COMPLEX or not kinds[0].is_gateway)


def of(spec: ScopeSpec) -> Courses:
    """The courses of a scope, made at the first question."""
    known: Courses | None = spec.__dict__.get("_courses")
    if known is None:
        known = spec.__dict__["_courses"] = Courses(spec)
    return known
