"""Compensation: which activity undoes which, and what a compensation event may ask to be undone."""

from __future__ import annotations

from dataclasses import replace

from engine.bpmn.model import Kind, Node, Trigger
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading.collecting import Drawn

Nodes = dict[str, Node]


def attach(nodes: Nodes, drawn: Drawn, problems: Problems) -> None:
    """Give each compensation event on a border, and the activity it stands on, its handler: the activity an association leads to."""
    used: set[str] = set()
    for node in list(nodes.values()):
        if node.kind is not Kind.BOUNDARY or not node.has(Trigger.COMPENSATION):
            continue
        handlers = [id_ for id_ in _associated(node.id, drawn) if id_ in nodes and nodes[id_].for_compensation]
        if len(handlers) != 1:
            zh = "补偿边界事件须用一条关联线连到一个补偿活动（isForCompensation）"
            en = "a compensation event on a border needs one association to one activity that is for compensation"
            _say(node, zh, en, problems)
            continue
        if nodes[handlers[0]].parent != node.parent:
            _say(node, "补偿活动须在同一层", "the activity that compensates must lie beside it", problems)
        if node.outgoing:
            _say(node, "补偿边界事件没有出去的顺序流", "no flow leaves a compensation event on a border", problems)
        host = nodes.get(node.host or "")
        if host is not None and host.handler is not None:
            _say(node, "一个活动只能有一个补偿边界事件", "an activity can have only one compensation event", problems)
        used.add(handlers[0])
        nodes[node.id] = replace(node, handler=handlers[0])
        if host is not None:
            nodes[host.id] = replace(host, handler=handlers[0])
    for node in nodes.values():
        if node.for_compensation and node.id not in used:
            zh = "补偿活动没有从补偿边界事件来的关联线"
            _say(node, zh, "no association leads from a compensation event to this activity for compensation", problems)
        if node.for_compensation and (node.incoming or node.outgoing):
            zh = "补偿活动不能有进入或出去的顺序流"
            _say(node, zh, "no flow leads into or out of an activity for compensation", problems)
        if node.for_compensation and node.kind is Kind.EVENT_SUBPROCESS:
            zh = "事件子流程不能作补偿活动"
            _say(node, zh, "an event sub-process cannot be an activity for compensation", problems)


def check(nodes: Nodes, problems: Problems) -> None:
    """What is thrown can be compensated."""
    for node in nodes.values():
        for event in node.events:
            if event.trigger is not Trigger.COMPENSATION or node.kind not in (Kind.END, Kind.THROW):
                continue
            scopes = _scopes(node, nodes)
            if event.activity is None:
                inside = (each for each in nodes.values() if each.parent in scopes)
                if not any(_compensable(each, nodes) for each in inside):
                    name = clip(node.names.text("zh") or node.id, 40)
                    problems.warn(
                        "compensation",
                        f"“{name}”：这一层没有可补偿的活动。",
                        f"“{name}”: nothing of this level can be compensated.",
                        line=node.line,
                        element=node.id,
                    )
                continue
            target = nodes.get(event.activity)
            shown = clip(event.activity, 40)
            if target is None or not target.kind.is_activity:
                zh = f"activityRef 指的“{shown}”不是活动"
                _say(node, zh, f"activityRef names “{shown}”, which is no activity", problems)
            elif target.parent not in scopes:
                zh = f"要补偿的“{shown}”不在这一层"
                _say(node, zh, f"“{shown}”, which it is to compensate, is not of this level", problems)
            elif not _compensable(target, nodes):
                zh = f"“{shown}”没有补偿活动"
                _say(node, zh, f"“{shown}” has no activity that compensates it", problems)


def _associated(id_: str, drawn: Drawn) -> list[str]:
    ends = [target for source, target in drawn.associations if source == id_]
    ends += [source for source, target in drawn.associations if target == id_]
    return list(dict.fromkeys(ends))


def _scopes(node: Node, nodes: Nodes) -> set[str | None]:
    """The levels whose activities an event may compensate: its own, and that around an event sub-process."""
    found: set[str | None] = {node.parent}
    parent = node.parent
    while parent is not None and nodes[parent].kind is Kind.EVENT_SUBPROCESS:
        parent = nodes[parent].parent
        found.add(parent)
    return found


def _compensable(node: Node, nodes: Nodes) -> bool:
    """It has a handler, or it is a sub-process or call, whose own parts are compensated by default."""
    if node.handler is not None or node.kind is Kind.CALL:
        return True
    if node.kind not in (Kind.SUBPROCESS, Kind.TRANSACTION):
        return False
    for each in nodes.values():
        if each.parent == node.id:
            if each.kind is Kind.EVENT_SUBPROCESS:
                if any(inner.parent == each.id and inner.has(Trigger.COMPENSATION) for inner in nodes.values()):
                    return True
            elif not each.for_compensation and _compensable(each, nodes):
                return True
    return False


def _say(node: Node, zh: str, en: str, problems: Problems) -> None:
    name, english = (clip(node.names.text(locale) or node.id, 40) for locale in ("zh", "en"))
    problems.add("compensation", f"“{name}”：{zh}。", f"“{english}”: {en}.", line=node.line, element=node.id)
