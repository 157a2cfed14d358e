"""Loops: every one needs a place where a token rests, or an end that is sure to come."""

from __future__ import annotations

from engine.bpmn import limits
from engine.bpmn.model import Event, Kind, Node, Trigger
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading.building import Built
from engine.bpmn.reading.graphs import Graph, Level, loops, reachable, successors
from engine.bpmn.reading.waiting import may_do_nothing, waits
from engine.bpmn.values import Value

_THROWING = (Kind.END, Kind.THROW, Kind.SEND)


def check(built: Built, levels: tuple[Level, ...], problems: Problems) -> None:
    """Judge the loops of every level, and the activities that repeat themselves."""
    surely = _resting(built, levels, empty=False)
    always = _resting(built, levels, empty=True)
    for level in levels:
        graph = successors(level.nodes, built)
        for part in loops({node.id for node in level.nodes} - surely, graph):
            loop = sorted(part, key=lambda id_: built.nodes[id_].line)
            shown = ", ".join(clip(id_, 40) for id_ in loop[:6])
            _say(
                built.nodes[loop[0]],
                "loop-without-wait",
                f"回路（{shown}）里没有人工步骤、定时或等待的事件，会不停地转；请加一个",
                f"the loop ({shown}) has no user task, no timer and no event to wait for and would never rest; add one",
                problems,
            )
        for part in loops({node.id for node in level.nodes} - always, _without_doing(graph, surely, built)):
            if any(id_ in surely for id_ in part):
                problems.warn(
                    "loop-may-not-wait",
                    "这个回路只在多实例或循环活动上停留；一次也不做时会不停地转。",
                    "this loop rests only in an activity that is repeated; where that is no time at all it would not rest.",
                    line=built.nodes[part[0]].line,
                    element=part[0],
                )
        if level.owner is None:
            _check_starts(level, graph, surely, problems)
    for node in built.nodes.values():
        if node.loop is not None:
            _check_loop(node, built, problems, rests=node.id in surely)


def _without_doing(graph: Graph, surely: set[str], built: Built) -> Graph:
    """The ways past what is repeated no time at all: its boundary events never happen, since it never began."""
    return {
        source: tuple(to for to in targets if source not in surely or built.nodes[to].host != source)
        for source, targets in graph.items()
    }


def _check_starts(level: Level, graph: Graph, resting: set[str], problems: Problems) -> None:
    """A process that, before it rests, throws what starts it begins without end."""
    open_ways = {source: tuple(to for to in targets if to not in resting) for source, targets in graph.items()}
    nodes = {node.id: node for node in level.nodes}
    for start in level.roots:
        starting = {event for event in map(_told, start.events) if event is not None}
        for id_ in sorted(reachable([start.id], open_ways)) if starting else ():
            if nodes[id_].kind in _THROWING and starting & set(map(_told, nodes[id_].events)):
                zh = f"“{clip(id_, 40)}”抛出的事件又会开始这个流程，会不停地开始；中间请加一个等待"
                en = f"“{clip(id_, 40)}” throws what starts this process, which would begin without end; let it wait in between"
                _say(start, "event-recursion", zh, en, problems)
                break


def _told(event: Event) -> tuple[Trigger, Value | None] | None:
    """What a message or signal is known by."""
    return (event.trigger, event.name) if event.trigger in (Trigger.MESSAGE, Trigger.SIGNAL) else None


def _resting(built: Built, levels: tuple[Level, ...], *, empty: bool) -> set[str]:
    """Nodes that no token passes without resting. `empty`: whether what may be repeated no time at all is taken to be."""

    def passes(node: Node) -> bool:
        return empty and may_do_nothing(node)

    resting = {node.id for node in built.nodes.values() if waits(node) and not passes(node)}
    inner = [level for level in levels if level.owner is not None and level.owner.kind is not Kind.EVENT_SUBPROCESS]
    # Sub-processes from the inside out: one rests when no way through it avoids a resting node.
    for level in sorted(inner, key=lambda each: -_nesting(each.id, built)):
        graph = successors(level.nodes, built)
        open_ways = {source: tuple(to for to in targets if to not in resting) for source, targets in graph.items()}
        reached = reachable([node.id for node in level.roots if node.id not in resting], open_ways)
        owner = level.owner
        if owner is not None and not reached & {node.id for node in level.leaves} and not passes(owner):
            resting.add(owner.id)
    return resting


def _nesting(id_: str | None, built: Built) -> int:
    depth, at = 0, id_
    while at is not None:
        depth, at = depth + 1, built.nodes[at].parent
    return depth


def _check_loop(node: Node, built: Built, problems: Problems, *, rests: bool) -> None:
    loop = node.loop
    if loop is None:
        return
    most = limits.MAX_INSTANCES
    if not rests and (loop.maximum is None or loop.maximum > most):
        zh = f"从不停留的循环活动须写明最多循环几次（loopMaximum，不超过 {most}）"
        en = f"a loop that never waits needs a loopMaximum of {most} at most"
        _say(node, "loop-without-wait", zh, en, problems)
    elif loop.condition is None and loop.maximum is None:
        leaves = any(each.host == node.id and each.interrupting for each in built.nodes.values())
        if not leaves:
            zh, en = (
                "循环没有条件也没有次数，永远不会结束",
                "the loop has neither a condition nor a loopMaximum and never ends",
            )
            _say(node, "loop", zh, en, problems)


def _say(node: Node, code: str, zh: str, en: str, problems: Problems) -> None:
    name, english = (clip(node.names.text(locale) or node.id, 40) for locale in ("zh", "en"))
    problems.add(code, f"“{name}”：{zh}。", f"“{english}”: {en}.", line=node.line, element=node.id)
