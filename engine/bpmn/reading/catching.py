"""What is thrown and nobody catches; what throws what starts it again."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.model import Event, Kind, Node, Trigger
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading.building import Built

_THROWING = frozenset((Kind.END, Kind.THROW, Kind.SEND))
_ENDLESS = frozenset((Trigger.SIGNAL, Trigger.MESSAGE, Trigger.ESCALATION))


def check(built: Built, problems: Problems) -> None:
    """Warn of errors that nothing in the process catches; refuse event sub-processes that start themselves."""
    for node in built.nodes.values():
        for event in node.events:
            if node.kind is Kind.END and event.trigger is Trigger.ERROR and not _is_caught(node, event, built):
                code = clip(event.name.text if event.name else "", 40)
                problems.warn(
                    "error-uncaught",
                    f"错误“{code}”在本流程里没有事件捕获：没有上级流程捕获时，流程会停在这里等待处理。",
                    f"nothing in this process catches the error “{code}”: unless a calling process does, the case stops here.",
                    line=node.line,
                    element=node.id,
                )
        if node.kind is Kind.START and node.parent is not None and not node.interrupting:
            _check_circle(node, built, problems)


def _is_caught(node: Node, event: Event, built: Built) -> bool:
    at: str | None = node.parent
    came_from: str | None = None
    while True:
        if came_from is None or built.nodes[came_from].kind is not Kind.EVENT_SUBPROCESS:
            handlers = (
                each for each in built.nodes.values() if each.parent == at and each.kind is Kind.EVENT_SUBPROCESS
            )
            if any(_catches(start, event) for each in handlers for start in _starts(each.id, built)):
                return True
        if at is None:
            return False
        if any(each.host == at and _catches(each, event) for each in built.nodes.values()):
            return True
        came_from, at = at, built.nodes[at].parent


def _starts(id_: str, built: Built) -> Iterator[Node]:
    return (each for each in built.nodes.values() if each.parent == id_ and each.kind is Kind.START)


def _catches(node: Node, thrown: Event) -> bool:
    return any(each.trigger is thrown.trigger and each.name in (None, thrown.name) for each in node.events)


def _check_circle(start: Node, built: Built, problems: Problems) -> None:
    for event in start.events:
        if event.trigger not in _ENDLESS:
            continue
        for node in built.nodes.values():
            inside = _lies_in(node, start.parent or "", built)
            if inside and node.kind in _THROWING and any(_same(event, each) for each in node.events):
                name = clip(start.names.text("zh") or start.id, 40)
                problems.add(
                    "event-recursion",
                    f"“{name}”：事件子流程里的“{clip(node.id, 40)}”又抛出开始它的事件，会不停地开始。",
                    f"“{name}”: “{clip(node.id, 40)}” in the event sub-process throws what starts it, without end.",
                    line=start.line,
                    element=start.id,
                )
                return


def _same(caught: Event, thrown: Event) -> bool:
    return caught.trigger is thrown.trigger and (caught.name is None or caught.name == thrown.name)


def _lies_in(node: Node, owner: str, built: Built) -> bool:
    at = node.parent
    while at is not None:
        if at == owner:
            return True
        at = built.nodes[at].parent
    return False
