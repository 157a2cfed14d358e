"""Expressions, flags and references in other words, and drawings of every sort."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.namespaces import BPMN, BPMNDI, DC, DI, XSI, bpmn, split
from tests.bpmn.corpus.odd import NODES, REFERRING, Odd, local


def formal(odd: Odd) -> None:
    """Expressions with their type, their language, and the sign before them."""
    for each in odd.own():
        if local(each) in (
            "conditionExpression",
            "timeDuration",
            "timeDate",
            "timeCycle",
            "loopCondition",
            "condition",
            "completionCondition",
        ):
            each.set(f"{{{XSI}}}type", "bpmn:tFormalExpression")
            if local(each) in ("conditionExpression", "loopCondition", "condition", "completionCondition"):
                each.set(
                    "language", odd.rng.choice(("feel", "FEEL", "https://www.omg.org/spec/DMN/20191111/FEEL/", ""))
                )
                each.text = odd.rng.choice(("=", " = ", "")) + (each.text or "").strip().removeprefix("=")
                each.text = each.text.replace(" ", "\n   ") if '"' not in each.text else each.text


def truths(odd: Odd) -> None:
    """True as 1, false as 0, and what is the default said."""
    for each in odd.own():
        for key, value in each.attrib.items():
            if (
                split(str(each.tag))[0] == BPMN
                and str(value) in ("true", "false")
                and key not in REFERRING | {"id", "name"}
            ):
                each.set(
                    key, {"true": odd.rng.choice(("1", "true")), "false": odd.rng.choice(("0", "false"))}[str(value)]
                )
        if local(each) == "boundaryEvent" and each.get("cancelActivity") is None and odd.rng.random() < 0.5:
            each.set("cancelActivity", "1")
        if (
            "Task" in local(each)
            and local(each) in NODES
            and each.get("startQuantity") is None
            and odd.rng.random() < 0.3
        ):
            each.set("startQuantity", "1")


def padded(odd: Odd) -> None:
    """Blanks around references: XML Schema takes them away."""
    for each in odd.own():
        for key in ("sourceRef", "targetRef", "default", "attachedToRef", "messageRef", "signalRef"):
            if key in each.attrib and odd.rng.random() < 0.4:
                each.set(key, f" {each.get(key)} ")
        if local(each) in ("outgoing", "incoming", "flowNodeRef") and odd.rng.random() < 0.5:
            each.text = f"\n      {each.text}\n    "


def qualified(odd: Odd) -> None:
    """References by the name of the file's own namespace."""
    for each in odd.own():
        for key in ("messageRef", "signalRef", "errorRef", "escalationRef"):
            if key in each.attrib and odd.rng.random() < 0.5:
                each.set(key, f"own:{str(each.get(key)).strip()}")


def drawn(odd: Odd) -> None:
    """A diagram with colours and labels, part of the nodes left out."""
    _diagram(odd, 1, 0.7)


def drawn_twice(odd: Odd) -> None:
    """Two diagrams of the same process, places that overlap, numbers with fractions and below nought."""
    _diagram(odd, 1, 1.0)
    _diagram(odd, 2, 0.5)


def _diagram(odd: Odd, number: int, share: float) -> None:
    process = odd.root.findall(bpmn("process"))[-1]
    diagram = etree.SubElement(
        odd.root, f"{{{BPMNDI}}}BPMNDiagram", id=f"odd_diagram{number}", name="图", resolution="96.00000267028808"
    )
    plane = etree.SubElement(
        diagram, f"{{{BPMNDI}}}BPMNPlane", id=f"odd_plane{number}", bpmnElement=str(process.get("id"))
    )
    for at, node in enumerate(odd.nodes()):
        if odd.rng.random() > share:
            continue
        shape = etree.SubElement(
            plane, f"{{{BPMNDI}}}BPMNShape", id=f"odd_shape{number}_{at}", bpmnElement=str(node.get("id"))
        )
        if odd.rng.random() < 0.4:
            shape.set("{http://bpmn.io/schema/bpmn/biocolor/1.0}stroke", "rgb(229, 57, 53)")
            shape.set("{http://www.omg.org/spec/BPMN/non-normative/color/1.0}background-color", "#ffcdd2")
        x, y = odd.rng.choice((("-120.5", "1e2"), ("100", "80.000001"), ("0", "0")))
        etree.SubElement(shape, f"{{{DC}}}Bounds", x=x, y=y, width="36", height="36.25")
        if odd.rng.random() < 0.3:
            label = etree.SubElement(shape, f"{{{BPMNDI}}}BPMNLabel")
            etree.SubElement(label, f"{{{DC}}}Bounds", x="1", y="2", width="30", height="14")
    for at, flow in enumerate(odd.root.iter(bpmn("sequenceFlow"))):
        if flow.get("id") and odd.rng.random() < share:
            edge = etree.SubElement(
                plane, f"{{{BPMNDI}}}BPMNEdge", id=f"odd_edge{number}_{at}", bpmnElement=str(flow.get("id"))
            )
            for x in ("0", "50", "50", "200.5"):
                etree.SubElement(edge, f"{{{DI}}}waypoint", x=x, y="18")
