"""The flows of one scope as a graph, and every marking in which its tokens can rest.

Sending back is sound when what is left could have come about by itself: then every join fires as often as it would have. So the markings
that the diagram allows are counted once for each scope of a program (choices left open, activities done in any order, every boundary
event that may come), and a marking after an act is looked up among them. A place is the id of a node, or of a flow into a join."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from engine.bpmn.model import Kind, Trigger
from engine.bpmn.runtime.element import Element, reached_inputs
from engine.bpmn.runtime.live import ScopeSpec

MAX_MARKINGS = 4_000
"""Markings after which the count is given up; then the shape of the graph decides alone (`Courses.paired`)."""

MAX_CHOICES = 6
MAX_TOKENS = 2
"""On one place: a sound diagram never rests with more, and where one gathers tokens without end nobody looks further."""

Marking = tuple[tuple[str, int], ...]


class TooMany(Exception):
    """The count was given up."""


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
        ends = [name for name, ways in graph.items() if not ways and not _kills(self.elements[name])]
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
                self._markings = frozenset(_Count(self).all())
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


def gathers(element: Element) -> bool:
    """Whether an element waits for more than one token."""
    node = element.node
    return node.kind in (Kind.PARALLEL, Kind.INCLUSIVE, Kind.COMPLEX) and len(node.incoming) > 1


def marking_of(places: Iterable[str]) -> Marking:
    """The marking with a token on each of these places."""
    counts: dict[str, int] = {}
    for place in places:
        counts[place] = counts.get(place, 0) + 1
    return tuple(sorted(counts.items()))


def _kills(element: Element) -> bool:
    """An end that takes everything around it away."""
    return element.node.kind is Kind.END and any(
        element.node.has(trigger) for trigger in (Trigger.TERMINATE, Trigger.ERROR, Trigger.CANCEL)
    )


class _Count:
    """The counting itself. While an activity runs, boundary events that do not interrupt it fire at most once each: `node!boundary`."""

    def __init__(self, courses: Courses) -> None:
        self.courses = courses
        self.elements = courses.elements
        self.joins = {name: each for name, each in self.elements.items() if gathers(each)}
        for each in self.elements.values():
            odd = each.node.kind is Kind.COMPLEX and (each.node.incoming[1:] or each.node.activation is not None)
            if odd or each.node.start_quantity > 1 or (each.node.kind is Kind.EVENT_BASED and each.node.all_events):
                raise TooMany
        self.flow_to = {flow.id: flow.target for each in self.elements.values() for flow in each.flows}

    def all(self) -> set[Marking]:
        """Every marking, what has fired beside an activity left out."""
        seen: set[Marking] = set()
        todo: list[Marking] = []
        for first in self._firsts():
            if first not in seen:
                seen.add(first)
                todo.append(first)
        while todo:
            marking = todo.pop()
            for after in self._moves(dict(marking)):
                if after not in seen and all(count <= MAX_TOKENS for _, count in after):
                    if len(seen) >= MAX_MARKINGS:
                        raise TooMany
                    seen.add(after)
                    todo.append(after)
        return {marking_of(_bare(marking)) for marking in seen}

    def _firsts(self) -> Iterator[Marking]:
        starts = [n for n in self.elements.values() if n.node.kind is Kind.START or n.node.instantiates]
        if starts:
            yield from (((each.name, 1),) for each in starts)
        else:
            yield marking_of(self.courses.begin)

    def _moves(self, marking: dict[str, int]) -> Iterator[Marking]:
        for place in list(marking):
            if place in self.flow_to and self.flow_to[place] in self.joins:
                continue
            name, *fired = place.split("!")
            element = self.elements[name]
            if _kills(element):
                yield ()
                continue
            left = _less(marking, place)
            for ways in self._ways(element):
                yield self._with(left, ways)
            for boundary in getattr(element, "boundaries", ()):
                if boundary.node.interrupting:
                    yield self._at(left, boundary.name)
                elif boundary.name not in fired and boundary.name not in self.courses.aside:
                    yield self._at(left, "!".join((name, *sorted((*fired, boundary.name)))), boundary.name)
        for join in self.joins.values():
            here = [flow for flow in join.node.incoming if flow in marking]
            if here and self._may_fire(join, here, marking):
                left = marking
                for flow in here:
                    left = _less(left, flow)
                for ways in self._ways(join):
                    yield self._with(left, ways)

    def _may_fire(self, join: Element, here: list[str], marking: Mapping[str, int]) -> bool:
        empty = {flow for flow in join.node.incoming if flow not in marking}
        if join.node.kind is Kind.PARALLEL or not empty:
            return not empty
        held = set(here)
        return not any(reached & empty and not reached & held for reached in self._to_come(join, marking))

    def _to_come(self, join: Element, marking: Mapping[str, int]) -> Iterator[frozenset[str]]:
        for place in marking:
            target = self.flow_to.get(place)
            if target in self.joins:
                if target != join.name:
                    yield reached_inputs(self.elements[target], join)
                continue
            element = self.elements[place.split("!")[0]]
            yield reached_inputs(element, join)
            for boundary in getattr(element, "boundaries", ()):
                yield reached_inputs(boundary, join)

    def _ways(self, element: Any) -> Iterator[tuple[str, ...]]:
        """The flows that may get a token when a node is left, each as often as it gets one."""
        node, flows = element.node, element.flows
        if not flows:
            yield ()
        elif node.kind in (Kind.EXCLUSIVE, Kind.EVENT_BASED):
            yield from ((flow.id,) for flow in flows)
        elif node.kind is Kind.PARALLEL or all(flow.condition is None and flow.id != node.default for flow in flows):
            yield tuple(flow.id for flow in flows) * node.completion_quantity
        else:
            chosen = [flow.id for flow in flows if flow.condition is not None]
            always = tuple(flow.id for flow in flows if flow.condition is None and flow.id != node.default)
            if len(chosen) > MAX_CHOICES:
                raise TooMany
            for size in range(1, len(chosen) + 1):
                for some in combinations(chosen, size):
                    yield (*always, *some) * node.completion_quantity
            if node.default is not None:
                yield (*always, node.default) * node.completion_quantity
            elif always:
                yield always * node.completion_quantity

    def _with(self, left: Mapping[str, int], flows: tuple[str, ...]) -> Marking:
        places = (flow if self.flow_to[flow] in self.joins else self.flow_to[flow] for flow in flows)
        return self._at(left, *places)

    def _at(self, left: Mapping[str, int], *places: str) -> Marking:
        counts = dict(left)
        for place in places:
            counts[place] = counts.get(place, 0) + 1
        return tuple(sorted(counts.items()))


def _less(marking: Mapping[str, int], place: str) -> dict[str, int]:
    left = dict(marking)
    left[place] -= 1
    if not left[place]:
        del left[place]
    return left


def _bare(marking: Marking) -> Iterator[str]:
    for place, count in marking:
        for _ in range(count):
            yield place.split("!")[0]
