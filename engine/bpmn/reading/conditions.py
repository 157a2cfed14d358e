"""Conditions and default flows: only where they have a meaning, and so that a token always finds a way."""

from __future__ import annotations

import re

from engine.bpmn.model import Flow, Kind, Node
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading.building import Built

_UNCONDITIONAL = (Kind.PARALLEL, Kind.EVENT_BASED)
_EQUAL = re.compile(r"(.+?)(!=|=)([^=<>!]+)\Z", re.DOTALL)


def check(built: Built, problems: Problems) -> None:
    """Judge the flows out of every node."""
    for node in built.nodes.values():
        flows = [built.flows[flow] for flow in node.outgoing]
        _check_default(node, flows, problems)
        if node.kind in (Kind.EXCLUSIVE, Kind.INCLUSIVE, Kind.COMPLEX):
            _check_choice(node, flows, problems)
        elif node.kind in _UNCONDITIONAL or node.kind.is_event:
            for flow in flows:
                if flow.condition is not None:
                    _say(
                        flow,
                        "condition-misplaced",
                        "从并行网关、事件网关或事件出去的顺序流不能有条件；请加一个排他网关",
                        "a flow out of a parallel or event-based gateway or an event cannot have a condition; "
                        "add an exclusive gateway",
                        problems,
                    )
        else:
            _check_activity(flows, problems)


def _check_default(node: Node, flows: list[Flow], problems: Problems) -> None:
    if node.default is None:
        return
    default = next(flow for flow in flows if flow.id == node.default)
    if node.kind in _UNCONDITIONAL or node.kind.is_event:
        _at(node, "default", "这里的默认流没有意义，请去掉", "a default flow has no meaning here, remove it", problems)
    elif default.condition is not None:
        _say(
            default,
            "default",
            "默认流不能有条件；请去掉条件或换一条默认流",
            "a default flow cannot have a condition; remove it or choose another default",
            problems,
        )
    elif len(flows) > 1 and all(flow.condition is None for flow in flows):
        _at(
            node,
            "default",
            "有默认流，但没有一条流带条件",
            "there is a default flow, but no flow has a condition",
            problems,
        )


def _check_choice(node: Node, flows: list[Flow], problems: Problems) -> None:
    if len(flows) == 1:
        if flows[0].condition is not None and node.kind is not Kind.COMPLEX:  # that one may give nothing as it is reset
            _say(
                flows[0],
                "condition-alone",
                "网关只有一条出口却带条件：条件不成立时流程会卡住；请加默认流",
                "the only way out of the gateway has a condition: where it fails the process is stuck; add a default flow",
                problems,
            )
        return
    bare = [flow for flow in flows if flow.condition is None and flow.id != node.default]
    for flow in bare:
        _say(
            flow,
            "condition-missing",
            "从排他、包容或复杂网关出去的顺序流须有条件，或设为默认流",
            "a flow out of an exclusive, inclusive or complex gateway needs a condition, or must be the default",
            problems,
        )
    if flows and not bare and node.default is None and not _covers(flows) and node.kind is not Kind.COMPLEX:
        problems.warn(
            "no-default",
            f"网关“{clip(node.names.zh or node.id, 40)}”没有默认流，条件都不成立时会停在这里。",
            f"the gateway “{clip(node.names.text('en') or node.id, 40)}” has no default flow: "
            "where no condition holds the case stops here.",
            line=node.line,
            element=node.id,
        )


def _check_activity(flows: list[Flow], problems: Problems) -> None:
    """Conditional flows of an activity: those that hold are taken, the default where none does."""
    conditional = [flow for flow in flows if flow.condition is not None]
    if conditional and len(conditional) == len(flows):
        _say(
            conditional[0],
            "condition-alone",
            "任务的出口都带条件，条件都不成立时流程会卡住；请设默认流或改用网关",
            "every flow out of this activity has a condition: where none holds the process is stuck; "
            "name a default flow or use a gateway",
            problems,
        )


def _covers(flows: list[Flow]) -> bool:
    """Whether two of the conditions are `x = v` and `x != v`: one of them always holds, null included."""
    equal: set[tuple[str, ...]] = set()
    unequal: set[tuple[str, ...]] = set()
    for flow in flows:
        match = _EQUAL.match(re.sub(r"\s+", "", flow.condition or ""))
        if match and not re.search(r"\b(and|or)\b|[<>()]", flow.condition or ""):
            (equal if match[2] == "=" else unequal).add((match[1], match[3]))
    return bool(equal & unequal)


def _say(flow: Flow, code: str, zh: str, en: str, problems: Problems) -> None:
    problems.add(code, f"{zh}。", f"{en}.", line=flow.line, element=flow.id)


def _at(node: Node, code: str, zh: str, en: str, problems: Problems) -> None:
    problems.add(code, f"{zh}。", f"{en}.", line=node.line, element=node.id)
