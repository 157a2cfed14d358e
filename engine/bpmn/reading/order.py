"""The order in which the conditions of a node's flows are tried: that of its `<outgoing>` children (BPMN 2.0.2, an ordered
collection), else that of the flows in the file; never that of the drawing."""

from __future__ import annotations

from engine.bpmn.namespaces import bpmn, line, ref, text
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading.collecting import Drawn, DrawnNode


def put_in_order(drawn: Drawn, problems: Problems) -> None:
    """Order every node's outgoing flows. `<outgoing>` and `<incoming>` children that contradict the flows are refused;
    a list that lacks some is taken for those it has, the rest following in the order of the file."""
    for node in drawn.nodes.values():
        listed = _listed(node, "outgoing", node.outgoing, problems)
        _listed(node, "incoming", node.incoming, problems)
        missing = [flow for flow in node.outgoing if flow not in listed]
        if listed and missing and len(node.outgoing) > 1 and node.kind is not None:
            problems.warn(
                "outgoing-incomplete",
                f"<outgoing> 没有列出“{clip(missing[0])}”；它排在已列出的之后。",
                f"<outgoing> does not list “{clip(missing[0])}”; it comes after those listed.",
                line=line(node.element),
                element=node.id,
            )
        node.outgoing = listed + missing
        _check_direction(node, problems)


def _check_direction(node: DrawnNode, problems: Problems) -> None:
    """`gatewayDirection` changes nothing, so what contradicts it is only said."""
    said = (node.element.get("gatewayDirection") or "").strip()
    many = {"Converging": node.outgoing, "Diverging": node.incoming}.get(said, [])
    if len(many) > 1:
        problems.warn(
            "gateway-direction",
            f"gatewayDirection 是“{said}”，与画出的顺序流不符；按画出的顺序流执行。",
            f"gatewayDirection says “{said}”, which the flows contradict; the flows count.",
            line=line(node.element),
            element=node.id,
        )


def _listed(node: DrawnNode, tag: str, flows: list[str], problems: Problems) -> list[str]:
    listed: list[str] = []
    for child in node.element.findall(bpmn(tag)):
        flow = ref(text(child), child)
        if flow in flows:
            if flow not in listed:
                listed.append(flow)
            continue
        problems.add(
            "contradiction",
            f"<{tag}> 列出“{clip(flow)}”，但没有这样一条顺序流连着它。",
            f"<{tag}> lists “{clip(flow)}”, but no such flow is joined to it.",
            line=line(child),
            element=node.id,
        )
    return listed
