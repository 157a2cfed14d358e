"""The stored form of an instance: what is left to run, as JSON of some hundred bytes.

Tokens name the elements they are in by id, so that a later version of the reader can still open what is stored. What has
happened is in the history, not here. Formats carry a version (`VERSION`); those of earlier versions are still read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from engine.bpmn import state_v1
from engine.bpmn.runtime.live import COMPLETED, READY, STARTED, WAITING, Running, RunningSub, Token

if TYPE_CHECKING:
    from engine.bpmn.program import Program
    from engine.bpmn.running import Run

VERSION = 2
_CODES = {WAITING: 0, READY: 1, STARTED: 2}
_STATES = {code: state for state, code in _CODES.items()}

__all__ = ["COMPLETED", "VERSION", "dump", "load"]


def dump(workflow: Running) -> str:
    """The stored form."""
    document: dict[str, Any] = {"v": VERSION, "n": workflow.counter, "t": _rows(workflow)}
    subs = [_sub(host, sub) for host, sub in workflow.subprocesses.items()]
    if subs:
        document["s"] = subs
    if workflow.performers:
        document["p"] = workflow.performers
    if workflow.locals:
        document["l"] = workflow.locals
    if workflow.done:
        document["d"] = workflow.done
    if workflow.returned:
        document["b"] = workflow.returned
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _sub(host: int, sub: RunningSub) -> list[Any]:
    # a called process's own definition is kept with the call; what lies inside follows from its host
    around: Any = sub.host
    definition = sub.definition if sub.definition != around.workflow.definition else None
    return _trimmed([host, _rows(sub), definition or 0, sub.locals or 0, sub.done or 0], 2)


def _rows(workflow: Any) -> list[list[Any]]:
    return [
        _trimmed(
            [
                token.task_spec.name,
                token.id,
                _CODES[token._state],
                token._parent or 0,
                token.internal_data or 0,
                token.data or 0,
            ],
            2,
        )
        for token in workflow.tasks.values()
    ]


def _trimmed(row: list[Any], least: int) -> list[Any]:
    while len(row) > least and row[-1] == 0 and not isinstance(row[-1], bool):
        row.pop()
    return row


def _whole(row: list[Any], length: int) -> list[Any]:
    return [*row, *(0,) * (length - len(row))]


def load(text: str, program: Program, run: Run) -> Running:
    """The instance whose state `dump` stored, ready to go on. ValueError if the format is not known."""
    document = json.loads(text)
    if document["v"] == 1:
        document = state_v1.converted(document, program)
    if document["v"] != VERSION:
        raise ValueError(f"state format {document['v']} is not known")
    workflow = Running(program, run)
    workflow.counter = document["n"]
    workflow.performers = document.get("p", {})
    workflow.locals.update(document.get("l", {}))
    workflow.done = document.get("d", [])
    workflow.returned = document.get("b", 0)
    _plant(workflow, document["t"])
    for row in document.get("s", ()):
        host_id, rows, definition, variables, done = _whole(row, 5)
        host = workflow.find(host_id)
        if host is None:
            raise ValueError(f"scope {host_id} lies nowhere")
        sub = _scope(host, definition, run)
        sub.locals.update(variables or {})
        sub.done = done or []
        _plant(sub, rows)
    return workflow


def _scope(host: Token, definition: int, run: Run) -> RunningSub:
    """The scope of an activity: of a called process when a definition is named or it is a call, else of a sub-process."""
    outer = host.workflow
    node = host.task_spec.node
    if node.call is None:
        return RunningSub(outer.program.subs[node.id], host, outer.program)
    if run.programs is None:
        raise ValueError("called processes are not known")
    called = definition or outer.definition or 0
    program = run.programs.get(called)
    sub = RunningSub(program.spec, host, program)
    sub.definition = called
    sub.prefix = f"{outer.prefix}{node.id}/"
    return sub


def _plant(workflow: Any, rows: list[list[Any]]) -> None:
    specs = workflow.spec.task_specs
    hosts: dict[int, int] = {}
    for row in rows:
        name, id_, code, host, internal, data = _whole(row, 6)
        token = Token(workflow, specs[name], id=id_)
        token._state = _STATES[code]
        token.internal_data = internal or {}
        token.data = data or {}
        hosts[id_] = host
    for id_, host in hosts.items():  # a task that opened again is younger than what hangs on it
        if host in workflow.tasks:
            workflow.tasks[id_]._parent = host
            workflow.tasks[host]._children.append(id_)
