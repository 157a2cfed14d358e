"""The graph of a process: one start, an end, no node that cannot be reached or left for good, no loop that never waits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.bpmn import limits
from engine.bpmn.building import Built
from engine.bpmn.model import Kind, Node
from engine.bpmn.problems import Problems, Severity, clip
from engine.bpmn.tokens import Game, TooLarge

Graph = Mapping[str, tuple[str, ...]]


def check(built: Built, problems: Problems) -> None:
    """Judge the process and every sub-process, each as a graph of its own."""
    scopes: dict[str | None, list[Node]] = {None: []}
    for node in built.nodes.values():
        scopes.setdefault(node.parent, []).append(node)
        if node.kind is Kind.SUBPROCESS:
            scopes.setdefault(node.id, [])
    for parent, nodes in scopes.items():
        _check_ends(parent, nodes, built, problems)
    for nodes in scopes.values():
        _check_nodes(nodes, built, problems)
    if problems.errors:
        return
    for nodes in scopes.values():
        _check_reach(nodes, built, problems)
    _check_loops(built, scopes, problems)
    for nodes in scopes.values():
        _check_joins(nodes, built, problems)


def successors(nodes: Iterable[Node], built: Built) -> dict[str, tuple[str, ...]]:
    """Where a token may go from each node, boundary events counted as ways out of their host."""
    after: dict[str, list[str]] = {}
    for node in nodes:
        after.setdefault(node.id, []).extend(built.flows[flow].target for flow in node.outgoing)
        if node.host is not None:
            after.setdefault(node.host, []).append(node.id)
    return {id_: tuple(targets) for id_, targets in after.items()}


def _check_ends(parent: str | None, nodes: list[Node], built: Built, problems: Problems) -> None:
    starts = [node for node in nodes if node.kind is Kind.START]
    ends = [node for node in nodes if node.kind in (Kind.END, Kind.TERMINATE)]
    line = built.nodes[parent].line if parent else (nodes[0].line if nodes else 0)
    where = ("子流程", "the sub-process") if parent else ("流程", "the process")
    element = parent or "process"
    if not starts:
        problems.add(
            "no-start", f"{where[0]}没有开始事件。", f"{where[1]} has no start event.", line=line, element=element
        )
    if len(starts) > 1:
        problems.add(
            "several-starts",
            f"{where[0]}有 {len(starts)} 个开始事件；暂时只支持一个。",
            f"{where[1]} has {len(starts)} start events; only one is supported yet.",
            line=starts[1].line,
            element=starts[1].id,
        )
    if not ends:
        problems.add("no-end", f"{where[0]}没有结束事件。", f"{where[1]} has no end event.", line=line, element=element)


def _check_nodes(nodes: list[Node], built: Built, problems: Problems) -> None:
    for node in nodes:
        ends = node.kind in (Kind.END, Kind.TERMINATE)
        if node.incoming and node.kind in (Kind.START, Kind.TIMER_BOUNDARY):
            _say(
                node,
                "flow-into-event",
                "开始事件和边界事件不能有进入的顺序流",
                "no flow may lead into a start or boundary event",
                problems,
            )
        if ends and node.outgoing:
            _say(node, "flow-out-of-end", "结束事件不能有出去的顺序流", "no flow may leave an end event", problems)
        if not ends and not node.outgoing:
            _say(
                node,
                "no-way-out",
                "这里没有出去的顺序流；请连到下一步或结束事件",
                "no flow leaves from here; lead on to the next step or to an end event",
                problems,
            )
        if node.host is not None and built.nodes[node.host].kind not in (Kind.USER, Kind.MANUAL, Kind.SUBPROCESS):
            _say(
                node,
                "boundary-host",
                "边界定时只能附在用户任务、人工任务或子流程上：别的任务不会停留",
                "a boundary timer may be attached to a user task, a manual task or a sub-process: others never wait",
                problems,
            )


def _check_reach(nodes: list[Node], built: Built, problems: Problems) -> None:
    graph = successors(nodes, built)
    starts = [node.id for node in nodes if node.kind is Kind.START]
    ends = [node.id for node in nodes if node.kind in (Kind.END, Kind.TERMINATE)]
    reached = reachable(starts, graph)
    back: dict[str, list[str]] = {}
    for source, targets in graph.items():
        for target in targets:
            back.setdefault(target, []).append(source)
    leaving = reachable(ends, {id_: tuple(sources) for id_, sources in back.items()})
    for node in nodes:
        if node.id not in reached:
            _say(node, "unreachable", "从开始事件走不到这里", "it cannot be reached from the start", problems)
        elif node.id not in leaving:
            _say(node, "no-end-reachable", "从这里走不到任何结束事件", "no end can be reached from here", problems)
    depth = _depth(starts, graph)
    if depth > limits.MAX_DEPTH:
        most, first = limits.MAX_DEPTH, built.nodes[starts[0]]
        _say(
            first,
            "too-long",
            f"从这里开始一步接一步有 {depth} 步，最多 {most} 步；请把一部分放进子流程",
            f"from here {depth} steps follow one after another, the most is {most}; put a part into a sub-process",
            problems,
        )


def reachable(starts: Iterable[str], graph: Graph) -> set[str]:
    """All nodes on a way from `starts`, those included."""
    found, stack = set(), list(starts)
    while stack:
        node = stack.pop()
        if node not in found:
            found.add(node)
            stack.extend(graph.get(node, ()))
    return found


def _depth(starts: Iterable[str], graph: Graph) -> int:
    """How deep a parser recurses that follows the flows depth first, in their order."""
    seen: set[str] = set()
    deepest = 0
    for start in starts:
        stack: list[Iterator[str]] = [iter((start,))]
        while stack:
            node = next(stack[-1], None)
            if node is None:
                stack.pop()
            elif node not in seen:
                seen.add(node)
                deepest = max(deepest, len(stack))
                stack.append(iter(graph.get(node, ())))
    return deepest


def _check_loops(built: Built, scopes: Mapping[str | None, list[Node]], problems: Problems) -> None:
    """Every loop needs a place where a token rests: a user or manual task or a timer."""
    passing = {id_ for id_, nodes in scopes.items() if id_ is not None}
    surely = _resting(built, scopes, passing, lists=True)
    always = _resting(built, scopes, passing, lists=False)
    for nodes in scopes.values():
        graph = successors(nodes, built)
        for part in _loops({node.id for node in nodes} - surely, graph):
            loop = sorted(part, key=lambda id_: built.nodes[id_].line)
            first = built.nodes[loop[0]]
            shown = ", ".join(clip(id_, 40) for id_ in loop[:6])
            _say(
                first,
                "loop-without-wait",
                f"回路（{shown}）里没有人工步骤或定时，会不停地转；请加一个用户任务或定时事件",
                f"the loop ({shown}) has no user task and no timer and would never rest; add one",
                problems,
            )
        for loop in _loops({node.id for node in nodes} - always, graph):
            if any(id_ in surely for id_ in loop):
                problems.warn(
                    "loop-may-not-wait",
                    "这个回路只在多实例活动上停留；列表为空时会不停地转。",
                    "this loop rests only in a multi-instance activity; with an empty list it would not rest.",
                    line=built.nodes[loop[0]].line,
                    element=loop[0],
                )


def _resting(built: Built, scopes: Mapping[str | None, list[Node]], subprocesses: set[str], *, lists: bool) -> set[str]:
    """Nodes that no token passes without resting. `lists`: whether a multi-instance over a list counts as one (the list
    may be empty)."""

    def may_be_empty(node: Node) -> bool:
        return not lists and node.multi_instance is not None and node.multi_instance.collection is not None

    resting = {node.id for node in built.nodes.values() if node.kind.waits and not may_be_empty(node)}
    # Sub-processes from the inside out: one rests when no way through it avoids a resting node.
    for id_ in sorted(subprocesses, key=lambda each: -_nesting(each, built)):
        nodes = scopes[id_]
        graph = successors(nodes, built)
        open_ways = {source: tuple(to for to in targets if to not in resting) for source, targets in graph.items()}
        reached = reachable([node.id for node in nodes if node.kind is Kind.START], open_ways)
        ends = {node.id for node in nodes if node.kind in (Kind.END, Kind.TERMINATE)}
        if not reached & ends and not may_be_empty(built.nodes[id_]):
            resting.add(id_)
    return resting


def _nesting(id_: str, built: Built) -> int:
    depth, at = 0, built.nodes[id_].parent
    while at is not None:
        depth, at = depth + 1, built.nodes[at].parent
    return depth


def _loops(nodes: set[str], graph: Graph) -> list[list[str]]:
    """Strongly connected parts among `nodes` that hold a loop (Tarjan's algorithm without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    on_path: list[str] = []
    held: set[str] = set()
    loops: list[list[str]] = []
    for root in sorted(nodes):
        if root in index:
            continue
        work: list[tuple[str, Iterator[str]]] = [(root, iter(graph.get(root, ())))]
        index[root] = low[root] = len(index)
        on_path.append(root)
        held.add(root)
        while work:
            node, targets = work[-1]
            target = next((each for each in targets if each in nodes), None)
            if target is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    part = []
                    while True:
                        part.append(on_path.pop())
                        held.discard(part[-1])
                        if part[-1] == node:
                            break
                    if len(part) > 1 or node in graph.get(node, ()):
                        loops.append(part[::-1])
            elif target not in index:
                index[target] = low[target] = len(index)
                on_path.append(target)
                held.add(target)
                work.append((target, iter(graph.get(target, ()))))
            elif target in held:
                low[node] = min(low[node], index[target])
    return loops


def _check_joins(nodes: list[Node], built: Built, problems: Problems) -> None:
    """No join that waits for ever: by what always happens an error, by what may happen a warning; after a loop an error."""
    if not any(node.kind in (Kind.PARALLEL, Kind.INCLUSIVE) and len(node.incoming) > 1 for node in nodes):
        return
    game = Game(nodes, built)
    looped = _joins_after_loops(nodes, built, game)
    for join, source in looped.items():
        _say(
            built.nodes[join],
            "join-in-loop",
            f"回路再次走到这个汇合网关时，从“{clip(source)}”来的流不会到，汇合会永远等待；请让回路回到分支之前",
            f"when a loop comes to this join again, nothing comes from “{clip(source)}” and it would wait for ever; "
            "lead the loop back to before the split",
            problems,
        )
    try:
        verdict = game.play(flow for node in nodes if node.kind is Kind.START for flow in node.outgoing)
    except TooLarge:
        return
    for join in verdict.stuck.keys() - looped.keys():
        node, source = built.nodes[join], built.flows[verdict.stuck[join]].source
        name = clip(node.names.text("zh") or node.id, 40)
        never = join in verdict.dead
        problems.add(
            "join-never" if never else "join-may-wait",
            f"“{name}”：{'' if never else '有的走法里，'}从“{clip(source)}”来的流不会到，汇合会永远等待；请检查前面的分支。",
            f"“{name}”: {'' if never else 'on some courses '}nothing comes from “{clip(source)}”, so this join would wait "
            "for ever; look at the split before it.",
            line=node.line,
            element=node.id,
            severity=Severity.ERROR if never else Severity.WARNING,
        )


def _joins_after_loops(nodes: list[Node], built: Built, game: Game) -> dict[str, str]:
    """Joins that, once passed, can be come to again but not passed again; with a node from which nothing comes."""
    graph = successors(nodes, built)
    start = [node.id for node in nodes if node.kind is Kind.START]
    found: dict[str, str] = {}
    for node in nodes:
        if node.kind not in (Kind.PARALLEL, Kind.INCLUSIVE) or len(node.incoming) < 2:
            continue
        without = {source: targets for source, targets in graph.items() if source != node.id}
        reached = reachable(start, without)
        back = [flow for flow in node.incoming if built.flows[flow].source not in reached]
        if back:
            found[node.id] = built.flows[back[0]].source
            continue
        again = reachable(graph.get(node.id, ()), graph)
        if node.id not in again or node.kind is Kind.INCLUSIVE:
            continue
        try:
            stuck = [game.play(given).stuck.get(node.id) for given in game.ways_out(node)]
        except TooLarge:
            stuck = [flow for flow in node.incoming if built.flows[flow].source not in again]
        missing = next(filter(None, stuck), None)
        if missing is not None:
            found[node.id] = built.flows[missing].source
    return found


def _say(node: Node, code: str, zh: str, en: str, problems: Problems) -> None:
    name, english = (clip(node.names.text(locale) or node.id, 40) for locale in ("zh", "en"))
    problems.add(code, f"“{name}”：{zh}。", f"“{english}”: {en}.", line=node.line, element=node.id)
