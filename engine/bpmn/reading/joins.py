"""Joins: none that waits for ever. What always happens is an error, what may happen a warning."""

from __future__ import annotations

from engine.bpmn.model import Kind, Node
from engine.bpmn.problems import Problems, Severity, clip
from engine.bpmn.reading.building import Built
from engine.bpmn.reading.graphs import Level, reachable, successors
from engine.bpmn.reading.tokens import Game, TooLarge, gathers


def check(level: Level, built: Built, problems: Problems) -> None:
    """Judge the joins of one level."""
    if not any(gathers(node) for node in level.nodes):
        return
    game = Game(level, built)
    try:
        verdict = game.play()
    except TooLarge:
        _check_without_playing(level, built, problems)
        return
    for join, flow in verdict.stuck.items():
        node, source = built.nodes[join], built.flows[flow].source
        _say(node, source, problems, never=join in verdict.dead)
    for join in verdict.dead - verdict.stuck.keys():
        node = built.nodes[join]
        _say(node, built.flows[node.incoming[0]].source, problems, never=True)


def _check_without_playing(level: Level, built: Built, problems: Problems) -> None:
    """What can be said of a level too large to be played: a join that waits for what only comes after it never fires."""
    graph = successors(level.nodes, built)
    begins = [node.id for node in level.roots]
    for node in level.nodes:
        if node.kind is not Kind.PARALLEL or len(node.incoming) < 2:
            continue
        reached = reachable(begins, {source: targets for source, targets in graph.items() if source != node.id})
        back = [flow for flow in node.incoming if built.flows[flow].source not in reached]
        if back:
            _say(node, built.flows[back[0]].source, problems, never=True)


def _say(node: Node, source: str, problems: Problems, *, never: bool) -> None:
    name, english = (clip(node.names.text(locale) or node.id, 40) for locale in ("zh", "en"))
    problems.add(
        "join-never" if never else "join-may-wait",
        f"“{name}”：{'' if never else '有的走法里，'}从“{clip(source)}”来的流不会到，汇合会永远等待；请检查前面的分支。",
        f"“{english}”: {'' if never else 'on some courses '}nothing comes from “{clip(source)}”, so this join would wait "
        "for ever; look at the split before it.",
        line=node.line,
        element=node.id,
        severity=Severity.ERROR if never else Severity.WARNING,
    )
