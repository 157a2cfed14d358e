"""An instance that was carried over, in its new version: what it begins to wait for there, and whether it could have come to stand so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.bpmn.changing.carrying import Change, own
from engine.bpmn.runtime import courses
from engine.bpmn.runtime.activity import GATHERED, Activity
from engine.bpmn.runtime.gateways import Complex, Join
from engine.bpmn.runtime.live import WAITING, Token
from engine.bpmn.runtime.markings import marking_of
from engine.bpmn.runtime.nested import EventSubProcess
from engine.bpmn.runtime.regions import marking
from engine.bpmn.runtime.repetition import whole
from engine.errors import CannotChange

if TYPE_CHECKING:
    from engine.bpmn.running import Run


def settle(run: Run, change: Change) -> None:
    """Let what the other version adds around the tokens begin to wait from now, and joins go on that wait for nothing more. CannotChange
    when the diagram could never have come to stand so; StepFailed when it cannot go on from here."""
    scopes = [scope for scope in run.workflow.scopes() if own(scope)]
    for scope in scopes:
        _check_marking(scope, change)
    for scope in scopes:
        _listen(scope, change)
        for token in list(scope.tasks.values()):
            if isinstance(token.task_spec, Activity) and _began(token):
                _border(run, token, change)
    for scope in scopes:
        for token in list(scope.tasks.values()):
            resting = token._state == WAITING and isinstance(token.task_spec, Join)
            if resting and not isinstance(token.task_spec, Complex):
                run._guarded(token, lambda t=token: t.task_spec.arrived(t))  # type: ignore[misc]
    run._advance()


# ---------------------------------------------------------------- could it have come to this?


def _check_marking(scope: Any, change: Change) -> None:
    graph = courses.of(scope.spec)
    places = [place for place in marking(scope) if graph.source_of(place) not in graph.aside]
    if not places:
        return
    allowed = graph.allows(marking_of(places))
    if allowed is None:
        allowed = _same_shape(scope, change)
    if not allowed:
        raise CannotChange(
            "branches",
            "按新版的流程图，各分支不可能同时停在现在的位置，之后无法正确汇合",
            "by the new version its branches could never stand where they do: they could not join rightly",
        )


def _same_shape(scope: Any, change: Change) -> bool:
    """Where there are too many ways to count: whether splits and joins are those of the old version, one for one."""
    owner = scope.host.task_spec.node.id if scope.host is not None else None
    before = change.source.model.inside(change.back.get(owner, owner) if owner is not None else None)
    after = change.target.model.inside(owner)
    mine = {change.nodes.get(node.id): (len(node.incoming), len(node.outgoing)) for node in before if _shapes(node)}
    theirs = {node.id: (len(node.incoming), len(node.outgoing)) for node in after if _shapes(node)}
    return mine == theirs


def _shapes(node: Any) -> bool:
    return node.kind.is_gateway or len(node.outgoing) > 1


# ---------------------------------------------------------------- what begins to wait


def _listen(scope: Any, change: Change) -> None:
    """Event sub-processes that the old version did not have."""
    tokens = list(scope.tasks.values())
    taken = any(
        isinstance(t.task_spec, EventSubProcess) and t._state != WAITING and t.task_spec.interrupting for t in tokens
    )
    if taken or scope.completing():
        return
    for element in scope.spec.listeners:
        if element.node.id not in change.back:
            element.arm(Token(scope, element))


def _began(token: Token) -> bool:
    """Whether it is an activity as a whole that has begun."""
    return whole(token) is token and GATHERED not in token.internal_data


def _border(run: Run, token: Token, change: Change) -> None:
    """Boundary events, and variables of its own, that the old version's activity did not have."""
    for boundary in token.task_spec.boundaries:
        if boundary.node.id not in change.back:
            boundary.arm(Token(token.workflow, boundary, host=token))
    node = token.task_spec.node
    if not node.kind.is_scope:
        for name in node.variables:
            token.data.setdefault(name, None)
    for copy in node.inputs:
        if copy.target not in token.data:
            token.data[copy.target] = run.plain(token, copy.value)
    for lookup in node.lookups:
        if lookup.into not in token.data:
            token.data[lookup.into] = run.found(token, lookup)
