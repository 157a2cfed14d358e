"""Lanes as they are drawn: a node lies in one lane; a lane around it may name it too."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.namespaces import bpmn, id_of, line, ref, text
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading import ids


@dataclass(slots=True)
class DrawnLane:
    """A lane of the file."""

    id: str
    element: etree._Element
    parent: str | None
    nodes: list[str] = field(default_factory=list)


Lanes = dict[str, DrawnLane]


def collect(process: etree._Element, nodes: set[str], problems: Problems) -> Lanes:
    """The lanes of a process and its sub-processes. `nodes` are the ids of its nodes."""
    lanes: Lanes = {}
    for lane_set in [each for each in ids.own_elements(process) if each.tag == bpmn("laneSet")]:
        _collect(lane_set, None, lanes, nodes, problems)
    _check(lanes, problems)
    return lanes


def _collect(lane_set: etree._Element, parent: str | None, lanes: Lanes, nodes: set[str], problems: Problems) -> None:
    for element in lane_set.findall(bpmn("lane")):
        id_ = id_of(element) or f"Lane_{len(lanes) + 1}"
        lane = lanes.setdefault(id_, DrawnLane(id_, element, parent))
        for each in element.findall(bpmn("flowNodeRef")):
            target = ref(text(each), each)
            if target in nodes:
                lane.nodes.append(target)
            else:
                ids.dangling(each, "flowNodeRef", target, problems)
        for inner in element.findall(bpmn("childLaneSet")):
            _collect(inner, id_, lanes, nodes, problems)


def _check(lanes: Lanes, problems: Problems) -> None:
    held: dict[str, str] = {}
    for lane in lanes.values():
        for node in lane.nodes:
            other = held.get(node)
            if other is None or _around(other, lane.id, lanes):
                held[node] = lane.id
            elif not _around(lane.id, other, lanes):
                problems.add(
                    "two-lanes",
                    f"“{clip(node)}”同时在泳道“{clip(other)}”和“{clip(lane.id)}”里。",
                    f"“{clip(node)}” lies in the lanes “{clip(other)}” and “{clip(lane.id)}” at once.",
                    line=line(lane.element),
                    element=node,
                )
    for lane in lanes.values():
        lane.nodes = [node for node in dict.fromkeys(lane.nodes) if held.get(node) == lane.id]


def _around(outer: str, inner: str, lanes: Lanes) -> bool:
    at: str | None = inner
    while at is not None:
        if at == outer:
            return True
        at = lanes[at].parent
    return False
