"""Compensation (BPMN 2.0.2, 10.7 and 13.5.5): what completed is undone in reverse order of its completion.

A scope remembers what it may have to undo in `done`: [node, what a sub-process had done inside, the variables]. Whoever
undoes (a throwing event, a cancelled transaction, or a completed sub-process undone by what it did inside) is a token that keeps
what is left to do in `TODO` and begins one undoing after another; each tells it when it is done."""

from __future__ import annotations

from typing import Any

from engine.bpmn.model import Event, Kind, Trigger
from engine.bpmn.runtime.live import STARTED, RunningSub, Token

TODO = "todo"
FOR = "for"  # the token that waits for this undoing
ABOVE = "above"  # the undoings lie in the scope around
THEN = "then"  # what is to be undone in the scope around, after that
INSIDE = "inside"  # a completed sub-process, alive again to be undone
LOOSE = "loose"  # nobody waits for it
CANCELS = "cancels"  # a cancel end event


def remember(token: Token) -> None:
    """An activity, or one part of a repeated one, has completed: keep what it takes to undo it."""
    spec, scope = token.task_spec, token.workflow
    if spec.node.for_compensation or INSIDE in token.internal_data or FOR in token.internal_data:
        return
    variables = {**token.data}
    if spec.undo is not None:
        scope.done.append([spec.node.id, 0, variables])
        return
    inner = scope.top.subprocesses.get(token.id)
    if inner is not None and not _is_handler(spec) and (inner.done or _handler_of(inner.spec) is not None):
        kept = {"d": inner.done, "l": inner.locals, "f": inner.definition or 0}
        scope.done.append([spec.node.id, kept, variables])


def throw(token: Token, event: Event) -> bool:
    """Begin to undo what the event names, or all. True when the token may go on at once."""
    scope, above = token.workflow, []
    records = _take(scope.done, event.activity)
    if scope.host is not None and scope.host.task_spec.node.kind is Kind.EVENT_SUBPROCESS:
        above = _take(scope.host.workflow.done, event.activity)
    if not records and not above:
        return True
    undoer = token
    if not event.waits:
        undoer = Token(scope, token.task_spec)
        undoer.internal_data[LOOSE] = 1
    undoer._set_state(STARTED)
    undoer.internal_data[TODO] = records
    undoer.internal_data.pop(ABOVE, None)
    if above:
        undoer.internal_data[THEN] = above
    go_on(undoer)
    return not event.waits


def cancel_transaction(token: Token) -> None:
    """A cancel end event: stop everything in the transaction, undo what it has done, then leave by its cancel event (13.3.4)."""
    scope = token.workflow
    for other in list(scope.tasks.values()):
        if other is not token:
            other.cancel()
    token._set_state(STARTED)
    token.internal_data.update({TODO: scope.done, CANCELS: 1})
    scope.done = []
    go_on(token)


def _take(done: list[list[Any]], activity: str | None) -> list[list[Any]]:
    """What is to be undone, taken out of a scope's memory, in order of completion."""
    found = [record for record in done if activity is None or record[0] == activity]
    done[:] = [record for record in done if record not in found]
    return found


def go_on(undoer: Token) -> None:
    """Begin the next undoing, the one that completed last; or be done."""
    kept = undoer.internal_data
    if not kept[TODO] and THEN in kept:
        kept.update({TODO: kept.pop(THEN), ABOVE: 1})
    todo: list[list[Any]] = kept[TODO]
    if not todo:
        _over(undoer)
        return
    name, inner, variables = todo[-1]
    kept[TODO] = todo[:-1]
    scope = _scope_of(undoer)
    spec = scope.spec.task_specs[name]
    if inner == 0:
        token = Token(scope, spec.undo)
        token.data = dict(variables)
        token.internal_data[FOR] = undoer.id
        spec.undo.begin(token)
        return
    token = Token(scope, spec)
    token.data = dict(variables)
    token.internal_data.update({FOR: undoer.id, INSIDE: 1, TODO: []})
    token._set_state(STARTED)
    sub = spec.reopen(token, inner["f"] or None)
    sub.locals = dict(inner["l"])
    handler = _handler_of(sub.spec)
    if handler is None:
        token.internal_data[TODO] = inner["d"]
        go_on(token)
    else:
        sub.done = list(inner["d"])
        handler.begin(Token(sub, handler))


def _scope_of(undoer: Token) -> Any:
    if INSIDE in undoer.internal_data:
        return undoer.workflow.top.subprocesses[undoer.id]
    around: Any = undoer.workflow.host
    return around.workflow if ABOVE in undoer.internal_data else undoer.workflow


def _over(undoer: Token) -> None:
    kept = undoer.internal_data
    if INSIDE in kept:
        undone(undoer)
    elif LOOSE in kept:
        undoer.drop()
    elif CANCELS in kept:
        _leave_transaction(undoer)
    else:
        undoer._ready()  # it has more to throw, or goes on


def is_undoing(token: Token) -> bool:
    """Whether this token undoes something that somebody waits for."""
    return FOR in token.internal_data


def undone(token: Token) -> None:
    """One undoing is done: the next."""
    top = token.workflow.top
    undoer = top.find(token.internal_data[FOR])
    sub: RunningSub | None = top.subprocesses.pop(token.id, None)
    if sub is not None:
        sub.clear()
    token.drop()
    if undoer is not None:
        go_on(undoer)


def _leave_transaction(token: Token) -> None:
    scope, run = token.workflow, token.run_of
    run.passed(token, token.task_spec.node)
    found = run.border(scope.host, Trigger.CANCEL, None) if scope.host is not None else None
    if found is None:
        token.drop()
        return
    boundary, index = found
    boundary.task_spec.came(boundary, index)


def _handler_of(spec: Any) -> Any:
    """The event sub-process by which a scope is undone as a whole."""
    return next((each for each in spec.task_specs.values() if _is_handler(each)), None)


def _is_handler(spec: Any) -> bool:
    return getattr(spec, "undoes", False)
