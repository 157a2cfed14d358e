"""Every marking in which the tokens of a scope can rest, counted from its beginning (see `courses.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Any

from engine.bpmn.model import Kind, Trigger
from engine.bpmn.runtime.element import Element, reached_inputs

if TYPE_CHECKING:
    from engine.bpmn.runtime.courses import Courses

MAX_MARKINGS = 4_000
"""Markings after which the count is given up; then the shape of the graph decides alone (`Courses.paired`)."""

MAX_CHOICES = 6
MAX_TOKENS = 2
"""On one place: a sound diagram never rests with more, and where one gathers tokens without end nobody looks further."""

Marking = tuple[tuple[str, int], ...]


class TooMany(Exception):
    """The count was given up."""


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


def kills(element: Element) -> bool:
    """An end that takes everything around it away."""
    return element.node.kind is Kind.END and any(
        element.node.has(trigger) for trigger in (Trigger.TERMINATE, Trigger.ERROR, Trigger.CANCEL)
    )


class Count:
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
            if kills(element):
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
