"""The graph of a process: a beginning, an end, no node that cannot be reached or left for good."""

from __future__ import annotations

from engine.bpmn import limits
from engine.bpmn.model import Kind, Node, Trigger
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading import borders, catching, cycles, gateways, joins
from engine.bpmn.reading.building import Built
from engine.bpmn.reading.graphs import Level, levels, lies_aside, reachable, successors, undoes
from engine.bpmn.reading.graphs import depth as depth_of


def check(built: Built, problems: Problems) -> None:
    """Judge the process and every sub-process, each as a graph of its own."""
    all_levels = levels(built)
    for level in all_levels:
        _check_starts(level, built, problems)
        _check_nodes(level, problems)
    borders.check(built, problems)
    gateways.check(built, problems)
    if problems.errors:
        return
    for level in all_levels:
        _check_reach(level, built, problems)
    cycles.check(built, all_levels, problems)
    catching.check(built, problems)
    for level in all_levels:
        joins.check(level, built, problems)


def _check_starts(level: Level, built: Built, problems: Problems) -> None:
    owner = level.owner
    where = ("子流程", "the sub-process") if owner is not None else ("流程", "the process")
    place, line = (owner.id, owner.line) if owner is not None else ("process", built.line)
    starts = [node for node in level.nodes if node.kind is Kind.START]
    if not level.roots:
        zh = "里面没有可以开始的节点" if level.nodes else "是空的"
        en = "has nothing in it that could begin" if level.nodes else "is empty"
        problems.add("no-start", f"{where[0]}{zh}。", f"{where[1]} {en}.", line=line, element=place)
    elif not level.leaves and not _may_be_interrupted(level, built):
        problems.add(
            "no-end",
            f"{where[0]}没有结束事件，也没有可以结束的节点。",
            f"{where[1]} has no end event and no node at which it could end.",
            line=line,
            element=place,
        )
    if owner is not None and len(starts) > 1:
        problems.add(
            "several-starts",
            f"子流程有 {len(starts)} 个开始事件，只能有一个。",
            f"the sub-process has {len(starts)} start events, it can have only one.",
            line=starts[1].line,
            element=starts[1].id,
        )
    if owner is not None and owner.kind is Kind.EVENT_SUBPROCESS and not starts:
        zh, en = "事件子流程须有一个带类型的开始事件", "an event sub-process needs a start event of some type"
        _say(owner, "no-start", zh, en, problems)


def _check_nodes(level: Level, problems: Problems) -> None:
    for node in level.nodes:
        ends = node.kind is Kind.END
        if node.incoming and node.kind in (Kind.START, Kind.BOUNDARY):
            _say(
                node,
                "flow-into-event",
                "开始事件和边界事件不能有进入的顺序流",
                "no flow may lead into a start or boundary event",
                problems,
            )
        if ends and node.outgoing:
            _say(node, "flow-out-of-end", "结束事件不能有出去的顺序流", "no flow may leave an end event", problems)
        if level.has_ends and not ends and not node.outgoing and not lies_aside(node) and not undoes(node):
            _say(
                node,
                "no-way-out",
                "这里没有出去的顺序流；请连到下一步或结束事件",
                "no flow leaves from here; lead on to the next step or to an end event",
                problems,
            )
        if node.kind is Kind.EVENT_SUBPROCESS:
            _check_event_subprocess(node, problems)
        if node.instantiates and (node.incoming or node.parent is not None):
            zh = "开始流程的节点（instantiate）须在流程里而不在子流程里，且没有进入的顺序流；请去掉它前面的开始事件"
            en = (
                "what starts a process (instantiate) lies in the process itself and no flow leads into it; "
                "remove the start event before it"
            )
            _say(node, "instantiate", zh, en, problems)


def _check_event_subprocess(node: Node, problems: Problems) -> None:
    if node.incoming or node.outgoing:
        zh, en = "事件子流程不能有进入或出去的顺序流", "no flow may lead into an event sub-process or out of it"
        _say(node, "event-subprocess", zh, en, problems)
    if node.loop is not None or node.multi_instance is not None:
        zh, en = "事件子流程不能循环或多实例", "an event sub-process cannot be a loop or a multi-instance"
        _say(node, "event-subprocess", zh, en, problems)


def _check_reach(level: Level, built: Built, problems: Problems) -> None:
    graph = successors(level.nodes, built)
    begins = [node.id for node in level.roots]
    reached = reachable(begins, graph)
    back: dict[str, list[str]] = {}
    for source, targets in graph.items():
        for target in targets:
            back.setdefault(target, []).append(source)
    leaving = reachable((leaf.id for leaf in level.leaves), {id_: tuple(sources) for id_, sources in back.items()})
    may_be_cut = _may_be_interrupted(level, built)
    for node in level.nodes:
        if lies_aside(node) or undoes(node):
            continue
        if node.id not in reached:
            _say(node, "unreachable", "从开始走不到这里", "it cannot be reached from the start", problems)
        elif node.id not in leaving and not may_be_cut:
            _say(node, "no-end-reachable", "从这里走不到任何结束", "no end can be reached from here", problems)
    depth = depth_of(begins, graph)
    if depth > limits.MAX_DEPTH:
        most, first = limits.MAX_DEPTH, level.roots[0]
        _say(
            first,
            "too-long",
            f"从这里开始一步接一步有 {depth} 步，最多 {most} 步；请把一部分放进子流程",
            f"from here {depth} steps follow one after another, the most is {most}; put a part into a sub-process",
            problems,
        )


def _may_be_interrupted(level: Level, built: Built) -> bool:
    """Whether something outside the flows can end the level: an event sub-process or an event on its border that interrupts."""
    if any(node.kind is Kind.BOUNDARY and node.host == level.id and node.interrupting for node in built.nodes.values()):
        return level.id is not None
    inner = [node for node in built.nodes.values() if node.kind is Kind.START and node.interrupting]
    handlers = {node.id for node in level.nodes if node.kind is Kind.EVENT_SUBPROCESS}
    return any(node.parent in handlers and not node.has(Trigger.COMPENSATION) for node in inner)


def _say(node: Node, code: str, zh: str, en: str, problems: Problems) -> None:
    name, english = (clip(node.names.text(locale) or node.id, 40) for locale in ("zh", "en"))
    problems.add(code, f"“{name}”：{zh}。", f"“{english}”: {en}.", line=node.line, element=node.id)
