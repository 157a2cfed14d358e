"""Calls between the processes of a file or a bundle: never in a circle, and only to processes that are there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from engine import feel
from engine.bpmn.model import Kind, Node
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading.building import Built
from engine.feel.nodes import Context


def called(nodes: Iterable[Node]) -> dict[str, Node]:
    """The keys that the nodes of a process call by plain name, each with the first node that does."""
    found: dict[str, Node] = {}
    for node in nodes:
        if node.kind is Kind.CALL and node.call is not None and node.call.process.literal is not None:
            found.setdefault(node.call.process.text, node)
    return found


def may_call(node: Node, keys: Collection[str]) -> bool:
    """Whether a node calls one of the processes, or one that is only known at run time."""
    return node.call is not None and (node.call.process.is_feel or node.call.process.text in keys)


def given(node: Node) -> tuple[str, ...]:
    """The names that a call gives to the process it calls."""
    if node.call is None or node.call.input is None:
        return ()
    tree = feel.compile(node.call.input).tree
    return tuple(entry.key for entry in tree.entries) if isinstance(tree, Context) else ()


def check(processes: Mapping[str, Built], known: Collection[str] | None, problems: Problems) -> None:
    """Judge the calls of the processes of one file. `known`: the keys of all other processes, None when they are not known."""
    graph = {id_: called(built.nodes.values()) for id_, built in processes.items()}
    for id_, calls in graph.items():
        for key, node in calls.items():
            if known is not None and key not in known and key not in processes:
                _say(
                    node,
                    "call",
                    f"没有流程“{clip(key, 40)}”",
                    f"there is no process “{clip(key, 40)}”",
                    problems,
                )
            round_ = circle(id_, key, {each: set(theirs) for each, theirs in graph.items()})
            if round_ is not None:
                say_circle(node, round_, problems)


def circle(caller: str, key: str, graph: Mapping[str, Collection[str]]) -> list[str] | None:
    """The processes through which a call from `caller` to `key` comes back to `caller`, None when it does not."""
    before: dict[str, str] = {key: caller}
    stack = [key]
    while stack:
        at = stack.pop()
        if at == caller:
            way = [at]
            while (at := before[at]) != caller:
                way.append(at)
            return [caller, *way[::-1]] if key != caller else [caller, caller]
        for target in sorted(graph.get(at, ())):
            if target not in before:
                before[target] = at
                stack.append(target)
    return None


def say_circle(node: Node, way: Iterable[str], problems: Problems) -> None:
    """Say that a call comes back to the process that makes it."""
    shown = " → ".join(clip(each, 40) for each in way)
    zh = f"流程循环调用自己（{shown}），永远不会结束"
    _say(node, "call-recursion", zh, f"the process calls itself in a circle ({shown}) and would never end", problems)


def _say(node: Node, code: str, zh: str, en: str, problems: Problems) -> None:
    name, english = (clip(node.names.text(locale) or node.id, 40) for locale in ("zh", "en"))
    problems.add(code, f"“{name}”：{zh}。", f"“{english}”: {en}.", line=node.line, element=node.id)
