"""Which node of one version becomes which of another: what is proposed, and what cannot be. Pure: two models, and a plan from node to node.

What a plan does not name has no counterpart: a token that stands there cannot go on by the other version."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.bpmn.model import Event, Kind, Node, ProcessModel, Trigger
from engine.bpmn.values import Names

Nodes = Mapping[str, str]
"""Node of the version that is left to node of the version that is gone on by."""

Why = Names
"""A reason in both languages."""


def propose(source: ProcessModel, target: ProcessModel) -> dict[str, str]:
    """The same id where it can be; else the only one of the same kind and name in the same scope; else the only one of its kind between
    the same neighbours."""
    nodes: dict[str, str] = {}
    found = True
    while found:  # what lies in a sub-process, and hangs on an activity, follows when that is known
        found = False
        for alike in (_same_id, _same_name, _same_place):
            for one in source.nodes.values():
                if one.id in nodes:
                    continue
                to = alike(source, target, nodes, one)
                if to is not None:
                    nodes[one.id] = to.id
                    found = True
            if found:
                break
    return {name: nodes[name] for name in source.nodes if name in nodes}


def judge(source: ProcessModel, target: ProcessModel, nodes: Nodes) -> dict[str, Why]:
    """What is wrong with a plan, by the node that is left. Empty: the versions can be gone between so."""
    wrong: dict[str, Why] = {}
    taken: dict[str, str] = {}
    for old, new in nodes.items():
        if old not in source.nodes:
            wrong[old] = Why("原版中没有此节点", "the old version has no such node")
        elif new not in target.nodes:
            wrong[old] = Why(f"新版中没有“{new}”", f"the new version has no “{new}”")
        elif new in taken:
            wrong[old] = Why(
                f"“{new}”已对应“{taken[new]}”，两个节点不能合为一个",
                f"“{new}” is what “{taken[new]}” becomes already: two nodes cannot become one",
            )
        else:
            why = unlike(source, target, nodes, source.nodes[old], target.nodes[new])
            if why is not None:
                wrong[old] = why
        taken.setdefault(new, old)
    return wrong


def unlike(source: ProcessModel, target: ProcessModel, nodes: Nodes, old: Node, new: Node) -> Why | None:
    """Why one node cannot become the other; none when it can."""
    if old.kind is not new.kind:
        return Why("不是同一类节点", "it is not of the same kind")
    if (old.parent is None) != (new.parent is None) or (old.parent is not None and nodes.get(old.parent) != new.parent):
        return Why("不在对应的子流程里", "it does not lie in the corresponding sub-process")
    if old.kind is Kind.BOUNDARY and nodes.get(old.host or "") != new.host:
        return Why("不在对应的活动上", "it does not sit on the corresponding activity")
    if old.for_compensation != new.for_compensation:
        return Why("一个是补偿活动，一个不是", "one of them compensates, the other does not")
    if old.call is not None and new.call is not None and old.call.process != new.call.process:
        return Why("调用的是另一个流程", "it calls another process")
    return _other_events(source, target, old, new)


def waited_for(model: ProcessModel, node: Node) -> Node:
    """The node whose events a node waits for: of an event sub-process its start event."""
    if node.kind is not Kind.EVENT_SUBPROCESS:
        return node
    return next(one for one in model.nodes.values() if one.parent == node.id and one.kind is Kind.START)


# ---------------------------------------------------------------- inside


def _other_events(source: ProcessModel, target: ProcessModel, old: Node, new: Node) -> Why | None:
    before, after = waited_for(source, old), waited_for(target, new)
    if before.interrupting != after.interrupting:
        return Why("一个中断、一个不中断", "one of them interrupts, the other does not")
    if old.kind in (Kind.END, Kind.THROW, Kind.SEND):
        return None  # nothing waits there
    if before.all_events != after.all_events or len(before.events) != len(after.events):
        return Why("等待的事件不同", "it waits for other events")
    for one, other in zip(before.events, after.events, strict=True):
        if _meaning(one) != _meaning(other):
            return Why("等待的事件不同", "it waits for other events")
    return None


def _meaning(event: Event) -> tuple[object, ...]:
    """What a waiting token has told the outside world of its event, or goes on by when that comes."""
    if event.trigger is Trigger.TIMER and event.timer is not None:
        timer = event.timer
        return (event.trigger, timer.repeats, timer.repeats and timer.kind, timer.work is None)
    if event.trigger in (Trigger.MESSAGE, Trigger.SIGNAL):
        return (event.trigger, event.name, event.correlation, event.inside)
    return (event.trigger,)


def _free(source: ProcessModel, target: ProcessModel, nodes: Nodes, one: Node) -> list[Node]:
    """What it could become: of the same kind, and nobody's yet."""
    taken = set(nodes.values())
    return [
        each
        for each in target.nodes.values()
        if each.kind is one.kind and each.id not in taken and unlike(source, target, nodes, one, each) is None
    ]


def _same_id(source: ProcessModel, target: ProcessModel, nodes: Nodes, one: Node) -> Node | None:
    to = target.nodes.get(one.id)
    if to is None or to.id in nodes.values() or unlike(source, target, nodes, one, to) is not None:
        return None
    return to


def _same_name(source: ProcessModel, target: ProcessModel, nodes: Nodes, one: Node) -> Node | None:
    if not one.names.zh and not one.names.en:
        return None
    return _only(source, target, nodes, one, lambda _model, node: node.names)


def _same_place(source: ProcessModel, target: ProcessModel, nodes: Nodes, one: Node) -> Node | None:
    back = {new: old for old, new in nodes.items()}

    def here(model: ProcessModel, node: Node) -> tuple[object, ...] | None:
        own = model is target
        before = [model.flows[flow].source for flow in node.incoming]
        after = [model.flows[flow].target for flow in node.outgoing]
        known = [
            frozenset((back.get(each) if own else each if each in nodes else None) for each in some)
            for some in (before, after)
        ]
        host = back.get(node.host or "") if own else node.host
        return (*known, host) if any(each - {None} for each in known) else None

    return _only(source, target, nodes, one, here)


def _only(
    source: ProcessModel,
    target: ProcessModel,
    nodes: Nodes,
    one: Node,
    mark: Callable[[ProcessModel, Node], object],
) -> Node | None:
    """The only free node with the same mark, when no other that still looks for one has it too."""
    mine = mark(source, one)
    if mine is None:
        return None
    found = [each for each in _free(source, target, nodes, one) if mark(target, each) == mine]
    rivals = [
        each
        for each in source.nodes.values()
        if each.id not in nodes and each.kind is one.kind and each.parent == one.parent and mark(source, each) == mine
    ]
    return found[0] if len(found) == 1 and len(rivals) == 1 else None
