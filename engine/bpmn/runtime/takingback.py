"""A completion taken back (撤回): what it brought about goes, and the task opens again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from engine.bpmn.model import Kind
from engine.bpmn.runtime import courses
from engine.bpmn.runtime.gateways import COUNTS, Join
from engine.bpmn.runtime.live import WAITING, Token
from engine.bpmn.runtime.regions import Change, Unsound, checked, fill, into, lies_aside, marking
from engine.bpmn.runtime.returning import rooted
from engine.bpmn.runtime.starting import amending


def sound_withdrawal(top: Any, node: str, path: Sequence[str], opened: Iterable[int], inside: int | None) -> Change:
    """What becomes of the tokens when who did `node` takes it back: its completion passed `path` and opened the tasks `opened`. `inside`:
    the token of the activity whose scope it lay in. Unsound when something moved on since, or what was left cannot be entered again."""
    scope: Any = top if inside is None else top.subprocesses.get(inside)
    if scope is None or node not in scope.spec.task_specs:
        raise Unsound("所在的子流程已经结束", "the sub-process it lay in is over")
    graph = courses.of(scope.spec)
    target = amending(scope.spec.task_specs[node])
    if target is None or target.repetition is not None:
        raise Unsound("多实例任务不能撤回", "a part of a multi-instance task cannot be taken back")
    passed = [name.removeprefix(scope.prefix) for name in path if name.startswith(scope.prefix)]
    passed = [name for name in passed if name in graph.after]
    change = Change(scope, target)
    roots = {_in_scope(top.find(id_), scope) for id_ in opened}
    if None in roots:
        raise Unsound("后续环节已在此范围之外", "what followed lies outside of the scope it was done in")
    for token in list(scope.tasks.values()):
        if token.host is not None or lies_aside(token):
            continue
        name = token.task_spec.node.id
        if isinstance(token.task_spec, Join) and token._state == WAITING:
            change.less += _brought(scope, token, passed)
        elif token in roots or (
            name not in passed and set(graph.before.get(name, ())) & set(passed) and token.id not in opened
        ):
            change.gone.append(token)
    if not change.gone and not change.less:
        raise Unsound("之后已没有可撤回的环节", "nothing is left of it that could be taken back")
    for name in passed:
        element = graph.elements[name]
        if element.node.kind is Kind.PARALLEL and graph.joins(name):
            fill(change, scope, graph, element, node)
    return checked(change, marking(scope), graph)


def _brought(scope: Any, token: Token, passed: Sequence[str]) -> list[tuple[Token, str]]:
    """The flows into a waiting join over which this completion brought a token."""
    name, counts = token.task_spec.node.id, token.internal_data[COUNTS]
    if name in passed:
        return []
    return [(token, flow.id) for flow in into(scope, name) if flow.source in passed and counts.get(flow.id)]


def _in_scope(token: Token | None, scope: Any) -> Token | None:
    while token is not None and token.workflow is not scope:
        token = token.workflow.host
    return rooted(token) if token is not None else None
