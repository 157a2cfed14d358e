"""Events on borders, in transactions and in event sub-processes: only where they have a meaning, none twice."""

from __future__ import annotations

from engine.bpmn import words
from engine.bpmn.model import Kind, Node, Trigger
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading.building import Built
from engine.bpmn.reading.waiting import waits

_COMES = frozenset((Trigger.TIMER, Trigger.MESSAGE, Trigger.SIGNAL))
_CODED = (Trigger.ERROR, Trigger.ESCALATION)


def check(built: Built, problems: Problems) -> None:
    """Judge the events that interrupt or accompany something."""
    caught: dict[tuple[str | None, bool, Trigger, str | None], str] = {}
    for node in built.nodes.values():
        if node.kind is Kind.BOUNDARY and node.host is not None:
            _check_host(node, built.nodes[node.host], problems)
        if node.kind is Kind.END and node.has(Trigger.CANCEL):
            _check_cancel(node, built, problems)
        if node.kind is Kind.BOUNDARY or (node.kind is Kind.START and node.parent is not None):
            _check_twice(node, built, caught, problems)
    _check_starts(built, problems)


def _check_host(node: Node, host: Node, problems: Problems) -> None:
    if not host.kind.is_activity or host.kind is Kind.EVENT_SUBPROCESS:
        zh, en = (
            "边界事件只能附在任务、调用或子流程上",
            "an event can be attached to a task, a call or a sub-process only",
        )
        _say(node, "boundary-host", zh, en, problems)
    elif host.for_compensation:
        zh, en = "补偿活动不能有边界事件", "an activity for compensation can have no events on its border"
        _say(node, "boundary-host", zh, en, problems)
    elif node.has(Trigger.CANCEL) and host.kind is not Kind.TRANSACTION:
        zh, en = "取消边界事件只能附在事务上", "a cancel event can be attached to a transaction only"
        _say(node, "boundary-host", zh, en, problems)
    elif (
        not waits(host)
        and not host.kind.is_scope
        and {event.trigger for event in node.events} <= _COMES
        and node.events
    ):
        name = clip(host.names.text("zh") or host.id, 40)
        problems.warn(
            "boundary-never",
            f"“{name}”从不停留，附在上面的事件不会发生。",
            f"“{name}” never waits, so the event on its border never happens.",
            line=node.line,
            element=node.id,
        )


def _check_cancel(node: Node, built: Built, problems: Problems) -> None:
    owner = built.nodes.get(node.parent or "")
    if owner is None or owner.kind is not Kind.TRANSACTION:
        zh, en = "取消结束事件只能直接放在事务里", "a cancel end event must lie directly in a transaction"
        _say(node, "event-place", zh, en, problems)
    elif not any(each.host == owner.id and each.has(Trigger.CANCEL) for each in built.nodes.values()):
        zh = "事务没有取消边界事件，取消之后无处可去"
        en = "the transaction has no cancel event on its border, so nothing would follow when it is cancelled"
        _say(node, "cancel-uncaught", zh, en, problems)


def _check_twice(
    node: Node, built: Built, caught: dict[tuple[str | None, bool, Trigger, str | None], str], problems: Problems
) -> None:
    """The same error, escalation or cancel, or compensation of one scope, caught by two events of the same place."""
    on_border = node.kind is Kind.BOUNDARY
    place = node.host if on_border else built.nodes[node.parent].parent if node.parent is not None else None
    for event in node.events:
        once = event.trigger in _CODED or event.trigger is Trigger.CANCEL
        if not once and not (event.trigger is Trigger.COMPENSATION and not on_border):
            continue
        key = (place, on_border, event.trigger, event.name.text if event.name is not None else None)
        if key in caught and caught[key] != node.id:
            shown, called = clip(caught[key], 40), words.TRIGGERS[event.trigger]
            zh = f"与“{shown}”捕获同样的{called[0]}；请只留一个"
            en = f"it catches the same {called[1]} as “{shown}”; keep one of them"
            _say(node, "catch-twice", zh, en, problems)
        caught.setdefault(key, node.id)


def _check_starts(built: Built, problems: Problems) -> None:
    """One message starts a process in one way only."""
    seen: dict[str, str] = {}
    for node in built.nodes.values():
        starts = node.parent is None and (node.kind is Kind.START or (node.kind is Kind.RECEIVE and node.instantiates))
        for event in node.events if starts else ():
            if event.trigger is Trigger.MESSAGE and event.name is not None and not node.all_events:
                first = seen.setdefault(event.name.text, node.id)
                if first != node.id:
                    shown = clip(first, 40)
                    zh, en = (
                        f"同一消息已由“{shown}”开始流程",
                        f"the same message starts the process at “{shown}” already",
                    )
                    _say(node, "catch-twice", zh, en, problems)


def _say(node: Node, code: str, zh: str, en: str, problems: Problems) -> None:
    name, english = (clip(node.names.text(locale) or node.id, 40) for locale in ("zh", "en"))
    problems.add(code, f"“{name}”：{zh}。", f"“{english}”: {en}.", line=node.line, element=node.id)
