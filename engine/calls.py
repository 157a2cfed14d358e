"""What a process reaches beyond its own diagram: the processes it calls, and the decisions of its bundle."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from engine import definitions
from engine.bpmn.model import Node, ProcessModel
from engine.bpmn.problems import Problem, Problems, clip
from engine.bpmn.reading.calls import called, circle, say_circle
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


Functions = Mapping[str, Callable[..., object]]


def decider(
    core: Core, own: int, now: datetime, zone: ZoneInfo
) -> Callable[[int | None, str, Mapping[str, Any], Functions], Any]:
    """Answers decisions of the DMN files deployed with a version (none: the instance's own), at one instant. The `functions` it is given
    are those that expressions may call beside FEEL's own."""

    def decide(definition_id: int | None, ref: str, data: Mapping[str, Any], functions: Functions) -> Any:
        return definitions.get(core, definition_id or own).decide(ref, data, now, zone, functions)

    return decide


# ---------------------------------------------------------------- before a deployment


def check(core: Core, connection: Connection, models: Sequence[ProcessModel]) -> list[Problem]:
    """What is wrong with the calls of processes that are to be deployed together: one that does not exist, one that nobody can begin
    by calling it, and processes that call each other in a ring."""
    if not any(called(model.nodes.values()) for model in models):
        return []
    known = {model.id: model for model in models}
    deployed = definitions.newest_ids(connection)

    def model_of(key: str) -> ProcessModel | None:
        if key not in known and key in deployed:
            known[key] = definitions.get(core, deployed[key]).model
        return known.get(key)

    problems = []
    for model in models:
        said = Problems(model.file)
        for key, node in called(model.nodes.values()).items():
            _judge(model, node, key, model_of, said)
        problems += said.found
    return problems


def _judge(
    model: ProcessModel, node: Node, key: str, model_of: Callable[[str], ProcessModel | None], said: Problems
) -> None:
    target, shown = model_of(key), clip(key, 60)
    if target is None:
        zh = f"调用的流程“{shown}”尚未发布；请先发布它，或放进同一个包里。"
        en = f"it calls the process “{shown}”, which is not deployed: deploy it first, or put it into the same bundle."
        said.add("call", zh, en, line=node.line, element=node.id)
    elif target.start is None and target.starters:
        zh = f"调用的流程“{shown}”没有空开始事件，无法被调用。"
        en = f"it calls the process “{shown}”, which has no none start event and so cannot begin by a call."
        said.add("call-start", zh, en, line=node.line, element=node.id)
    else:
        way = circle(model.id, key, _graph(key, model_of))
        if way is not None:
            say_circle(node, way, said)


def _graph(key: str, model_of: Callable[[str], ProcessModel | None]) -> dict[str, set[str]]:
    """Who calls whom, as far as it can be reached from a process. What an expression names is looked for when it is called."""
    graph: dict[str, set[str]] = {}
    waiting = [key]
    while waiting:
        at = waiting.pop()
        model = model_of(at)
        if at not in graph and model is not None:
            graph[at] = set(called(model.nodes.values()))
            waiting += graph[at]
    return graph
