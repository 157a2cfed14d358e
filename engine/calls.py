"""What a process reaches beyond its own diagram: the processes it calls, and the decisions of its bundle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from engine import definitions
from engine.bpmn.model import Node, ProcessModel
from engine.bpmn.problems import Problem, clip
from engine.errors import NotFound

if TYPE_CHECKING:
    from engine.bpmn.program import Program
    from engine.core import Core


class Programs:
    """The processes a run may call. A call keeps the version it began with."""

    def __init__(self, core: Core) -> None:
        self.core = core

    def newest(self, key: str) -> tuple[int, Program]:
        """The newest version of a process. LookupError when there is none."""
        try:
            found = definitions.newest(self.core, key)
        except NotFound as error:
            raise LookupError(f"there is no process {key!r}") from error
        return found.id, found.program

    def get(self, definition_id: int) -> Program:
        """A version by its id."""
        return definitions.get(self.core, definition_id).program


def decider(core: Core, own: int, now: datetime, zone: ZoneInfo) -> Callable[[int | None, str, Mapping[str, Any]], Any]:
    """Answers decisions of the DMN files deployed with a version (none: the instance's own), at one instant."""

    def decide(definition_id: int | None, ref: str, data: Mapping[str, Any]) -> Any:
        return definitions.get(core, definition_id or own).decide(ref, data, now, zone)

    return decide


# ---------------------------------------------------------------- before a deployment


def check(core: Core, connection: Connection, models: Sequence[ProcessModel]) -> list[Problem]:
    """What is wrong with the calls of processes that are to be deployed together: one that does not exist, one that nobody can begin
    by calling it, and processes that call each other in a ring."""
    if not any(_calls(model) for model in models):
        return []
    known = {model.id: model for model in models}
    deployed = definitions.newest_ids(connection)

    def model_of(key: str) -> ProcessModel | None:
        if key not in known and key in deployed:
            known[key] = definitions.get(core, deployed[key]).model
        return known.get(key)

    problems = []
    for model in models:
        for node, key in _calls(model):
            called = model_of(key)
            if called is None:
                problems.append(_unknown(model, node, key))
            elif called.start is None and called.starters:
                problems.append(_cannot_begin(model, node, key))
            elif ring := _ring(model.id, key, model_of):
                problems.append(_in_a_ring(model, node, ring))
    return problems


def _calls(model: ProcessModel) -> list[tuple[Node, str]]:
    """The call activities that name their process literally. What an expression names is looked for when it is called."""
    found = []
    for node in model.nodes.values():
        key = node.call.process.literal if node.call is not None else None
        if key is not None:
            found.append((node, key))
    return found


def _ring(own: str, called: str, model_of: Callable[[str], ProcessModel | None]) -> list[str]:
    """The keys on a way from the called process back to the one that calls it; empty when there is none."""
    ways, seen = [[called]], {called}
    while ways:
        way = ways.pop()
        if way[-1] == own:
            return [own, *way]
        model = model_of(way[-1])
        for _, key in _calls(model) if model is not None else ():
            if key not in seen:
                seen.add(key)
                ways.append([*way, key])
    return []


def _problem(model: ProcessModel, node: Node, code: str, zh: str, en: str) -> Problem:
    return Problem(model.file, node.line, node.id, code, zh, en)


def _unknown(model: ProcessModel, node: Node, key: str) -> Problem:
    shown = clip(key, 60)
    return _problem(
        model,
        node,
        "call-unknown",
        f"调用的流程“{shown}”尚未发布；请先发布它，或放进同一个包里。",
        f"it calls the process “{shown}”, which is not deployed: deploy it first, or put it into the same bundle.",
    )


def _cannot_begin(model: ProcessModel, node: Node, key: str) -> Problem:
    shown = clip(key, 60)
    return _problem(
        model,
        node,
        "call-start",
        f"调用的流程“{shown}”没有空开始事件，无法被调用。",
        f"it calls the process “{shown}”, which has no none start event and so cannot begin by a call.",
    )


def _in_a_ring(model: ProcessModel, node: Node, ring: Sequence[str]) -> Problem:
    shown = " → ".join(clip(key, 40) for key in ring)
    return _problem(
        model,
        node,
        "call-ring",
        f"流程互相调用，没有尽头：{shown}。",
        f"processes call each other without end: {shown}.",
    )
