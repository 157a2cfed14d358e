"""The first stored form, read as the second.

It was SpiffWorkflow's tree of tasks: rows of [spec, place of the parent, state, id, own bookkeeping, data], one list for the process
and one for each running sub-process. What is alive in it becomes a token of the same id; the rest of the tree only told who
belongs to whom, and is left out. Specs had the names of their nodes, unless SpiffWorkflow used such a name itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.bpmn.model import Kind, Node, ProcessModel
from engine.bpmn.runtime.gateways import COUNTS
from engine.bpmn.runtime.repetition import BEGUN, DONE, LEFT, NUMBER, TOTAL

if TYPE_CHECKING:
    from engine.bpmn.program import Program

_WAITING, _READY, _STARTED, _COMPLETED = 8, 16, 32, 64
_STATES = 512  # what lies above tells whether the library triggered it
_CODES = {_WAITING: 0, _READY: 1, _STARTED: 2}
_PART = " [child]"
_AFTER = re.compile(r"\.(BoundaryEventSplit|BoundaryEventJoin|Split|Choice)\Z")
_TAKEN = frozenset(("Start", "End", "Root", "StartEventSplit", "StartEventJoin"))
_TAKEN_ENDS = re.compile(r"\.(EndJoin|BoundaryEventSplit|BoundaryEventJoin|Split|Choice)\Z")
_FLOW = "flow."


def converted(document: Mapping[str, Any], program: Program) -> dict[str, Any]:
    """The document of format 2 for one of format 1. ValueError when it does not belong to this process."""
    reading = _Reading(document, program)
    result: dict[str, Any] = {"v": 2, "n": document["n"], "t": list(reading.rows(document["t"], None))}
    if reading.subs:
        result["s"] = reading.subs
    if document.get("p"):
        result["p"] = document["p"]
    return result


@dataclass
class _Task:
    """One row of the tree."""

    spec: str
    state: int
    id: int
    above: _Task | None
    kept: dict[str, Any]
    data: dict[str, Any]
    below: list[_Task]

    @property
    def alive(self) -> bool:
        return self.state in _CODES


class _Reading:
    """One document being read. `subs` are the rows of its sub-processes, the outer ones first."""

    def __init__(self, document: Mapping[str, Any], program: Program) -> None:
        self.model = program.model
        self.program = program
        self.nodes = {
            name: self.model.nodes[id_] for id_, name in spec_names(self.model).items() if id_ in self.model.nodes
        }
        self.inside = {host: rows for host, _, completed, rows in document.get("s", ()) if not completed}
        self.subs: list[list[Any]] = []

    def rows(self, rows: list[list[Any]], parent: str | None) -> Iterator[list[Any]]:
        """The tokens of one scope, whatever hangs on another after that one."""
        tasks = [task for task in _tree(rows) if task.alive]
        hanging = {task.id: self._host(task, tasks) for task in tasks}
        for task in sorted(tasks, key=lambda each: self._depth(each.id, hanging)):
            node = self._node(task.spec)
            if node is None or node.parent != parent or self._passed(node, task):
                continue
            yield _trimmed([node.id, task.id, _CODES[task.state], hanging[task.id] or 0, *self._kept(node, task)])
            if task.id in self.inside and task.state == _STARTED:
                sub: list[Any] = [task.id, []]
                self.subs.append(sub)
                sub[1] = list(self.rows(self.inside[task.id], node.id))

    def _node(self, spec: str) -> Node | None:
        return self.nodes.get(spec.removesuffix(_PART))

    def _passed(self, node: Node, task: _Task) -> bool:
        """What the library still had on its books though nothing rests there."""
        rests = node.kind.is_inbox or node.kind.is_scope or node.kind in (Kind.CATCH, Kind.BOUNDARY)
        return not rests and not (task.state == _WAITING and "from" in task.kept)

    def _host(self, task: _Task, tasks: list[_Task]) -> int | None:
        if task.spec.endswith(_PART):
            return task.above.id if task.above is not None else None
        node = self._node(task.spec)
        if node is None or node.host is None:
            return None
        split = task.above
        found = (
            each for each in tasks if each.above is split and self.nodes.get(each.spec) is self.model.nodes[node.host]
        )
        return next((each.id for each in found), None)

    def _depth(self, id_: int, hanging: dict[int, int | None]) -> int:
        host = hanging.get(id_)
        return 0 if host is None else 1 + self._depth(host, hanging)

    def _kept(self, node: Node, task: _Task) -> tuple[Any, Any]:
        """What a token keeps for itself, and the variables it brings."""
        multi = node.multi_instance
        if "from" in task.kept:
            return {COUNTS: self._arrived(node, set(task.kept["from"]))}, 0
        if multi is None:
            return 0, 0
        if task.above is None or not task.spec.endswith(_PART):
            parts = [each for each in task.below if each.spec.endswith(_PART)]
            left = task.kept.get("left", [])
            done = sum(not each.alive for each in parts)
            kept = {TOTAL: len(parts) + len(left), BEGUN: len(parts), DONE: done}
            return ({**kept, LEFT: left} if multi.sequential else kept), 0
        number = [each for each in task.above.below if each.spec.endswith(_PART)].index(task)
        item = {multi.item: task.data.get(multi.item)} if multi.item is not None else {}
        return {NUMBER: number}, {"loopCounter": number + 1, **item}

    def _arrived(self, node: Node, specs: set[str]) -> dict[str, int]:
        """The flows over which tokens have come to a join: it knew the specs they came from."""
        sources = {self.nodes[name].id for name in (_source(spec, self.nodes) for spec in specs) if name is not None}
        return {flow: 1 for flow in node.incoming if self.model.flows[flow].source in sources}


def _source(spec: str, nodes: Mapping[str, Node]) -> str | None:
    """The node for which the library put a spec of its own between it and what follows."""
    while spec not in nodes:
        shorter = _AFTER.sub("", spec)
        if shorter == spec:
            return None
        spec = shorter
    return spec


def _tree(rows: list[list[Any]]) -> list[_Task]:
    tasks: list[_Task] = []
    for row in rows:
        spec, place, state, id_, kept, data = row + [0] * (6 - len(row))
        above = tasks[place] if place >= 0 else None
        task = _Task(spec, state % _STATES, id_, above, kept or {}, data or {}, [])
        if above is not None:
            above.below.append(task)
        tasks.append(task)
    return tasks


def _trimmed(row: list[Any]) -> list[Any]:
    while row[-1] == 0:
        row.pop()
    return row


def spec_names(model: ProcessModel) -> dict[str, str]:
    """What each node, and the process, was called inside SpiffWorkflow: by its id, unless that was taken there."""
    nodes = model.nodes
    items = {n.multi_instance.item for n in nodes.values() if n.multi_instance is not None and n.multi_instance.item}
    ids = {model.id, *nodes}
    used = set(ids)
    names = {}
    for id_ in (model.id, *nodes):
        name = id_
        if id_ in _TAKEN or id_ in items or id_.startswith(_FLOW) or _TAKEN_ENDS.search(id_):
            stem, count = _TAKEN_ENDS.sub(r"_\1", id_.replace(_FLOW, "flow_", 1)), 1
            while (name := f"{stem}_{count}") in used or name in items:
                count += 1
            used.add(name)
        names[id_] = name
    return names
