"""Changes of a BPMN file that change nothing of what it means."""

from __future__ import annotations

import random

from lxml import etree

from engine.bpmn.namespaces import BPMNDI, DC, DI, bpmn

_REFERENCES = (
    *("sourceRef", "targetRef", "default", "attachedToRef", "activityRef"),
    *("messageRef", "signalRef", "errorRef", "escalationRef"),
)
_STRANGE = (
    "Start",
    "End",
    "Root",
    "StartEventJoin",
    "核查",
    "核查.EndJoin",
    "Root.BoundaryEventSplit",
    "flow.1",
    "_",
    "true",
    "null",
)
_ARTIFACTS = ("association", "textAnnotation", "group")
_FLOW_NODES = {
    bpmn(name)
    for name in (
        *("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"),
        *("userTask", "manualTask", "scriptTask", "businessRuleTask", "serviceTask", "sendTask", "receiveTask", "task"),
        *("exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway"),
        *("subProcess", "transaction", "callActivity"),
    )
}

Names = dict[str, str]
"""What each id has become."""


def renamed(data: bytes, rng: random.Random) -> tuple[bytes, Names]:
    """Every id is another one: Chinese, names that engines like for themselves, one character."""
    root = etree.fromstring(data)
    process = root.find(bpmn("process"))
    ids = [each.get("id") for each in root.iter() if each.get("id") and each is not process]
    fresh = [*_STRANGE, *(rng.choice(("节点", "Ереван", "x-", "_", "a.b.")) + str(n) for n in range(len(ids)))]
    new = rng.sample(sorted(set(fresh)), len(ids))
    names: Names = dict(zip((str(i) for i in ids), new, strict=True))
    for each in root.iter(etree.Element):
        for key in ("id", *_REFERENCES):
            found = each.get(key)
            if found in names:
                each.set(key, names[found])
        if each.tag in (bpmn("incoming"), bpmn("outgoing")) and each.text in names:
            each.text = names[each.text]
    return etree.tostring(root), names


def ordered(data: bytes) -> bytes:
    """Every node says its flows itself, in their order."""
    root = etree.fromstring(data)
    nodes = {each.get("id"): each for each in root.iter(*_FLOW_NODES)}
    for flow in root.iter(bpmn("sequenceFlow")):
        for at, tag in ((flow.get("targetRef"), "incoming"), (flow.get("sourceRef"), "outgoing")):
            node = nodes[at]
            before = ("extensionElements", "documentation", "incoming", *(("outgoing",) if tag == "outgoing" else ()))
            place = sum(1 for child in node if etree.QName(child).localname in before)
            made = etree.Element(bpmn(tag))
            made.text = flow.get("id")
            node.insert(place, made)
    return etree.tostring(root)


def shuffled(data: bytes, rng: random.Random) -> bytes:
    """The elements of every process and sub-process in another order. The order of flows out of a node must be said."""
    root = etree.fromstring(ordered(data))
    for container in root.iter(bpmn("process"), bpmn("subProcess"), bpmn("transaction")):
        inside = [each for each in container if each.tag in _FLOW_NODES or each.tag == bpmn("sequenceFlow")]
        last = [each for each in container if etree.QName(each).localname in _ARTIFACTS]
        rng.shuffle(inside)
        for each in (*inside, *last):
            container.append(each)
    return etree.tostring(root)


def without_ids(data: bytes) -> bytes:
    """Flows and associations that nothing refers to have no ids."""
    root = etree.fromstring(data)
    used = {each.get("default") for each in root.iter()}
    optional = ("sequenceFlow", "association")
    for each in root.iter(etree.Element):
        if etree.QName(each).localname in optional and each.get("id") not in used:
            each.attrib.pop("id", None)
    return etree.tostring(root)


def drawn(data: bytes, rng: random.Random) -> bytes:
    """Every node and flow is drawn, somewhere."""
    root = etree.fromstring(data)
    process = root.find(bpmn("process"))
    assert process is not None
    diagram = etree.SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", id="D_0")
    plane = etree.SubElement(diagram, f"{{{BPMNDI}}}BPMNPlane", id="D_1", bpmnElement=str(process.get("id")))
    parts = list(root.iter(*_FLOW_NODES, bpmn("sequenceFlow")))
    rng.shuffle(parts)
    for each in parts:
        id_ = str(each.get("id"))
        if each.tag == bpmn("sequenceFlow"):
            edge = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNEdge", id=f"D_{id_}", bpmnElement=id_)
            for _ in range(2):
                etree.SubElement(edge, f"{{{DI}}}waypoint", x=str(rng.randrange(2000)), y=str(rng.randrange(2000)))
            continue
        shape = etree.SubElement(plane, f"{{{BPMNDI}}}BPMNShape", id=f"D_{id_}", bpmnElement=id_)
        if each.tag in (bpmn("subProcess"), bpmn("transaction")):
            shape.set("isExpanded", "true")
        place = {"x": str(rng.randrange(2000)), "y": str(rng.randrange(2000)), "width": "100", "height": "80"}
        etree.SubElement(shape, f"{{{DC}}}Bounds", place)
    return etree.tostring(root)


WRAPPING = ("Outside_S", "Outside_P", "Outside_E")


def wrapped(data: bytes) -> bytes:
    """The whole process lies in a sub-process."""
    root = etree.fromstring(data)
    process = root.find(bpmn("process"))
    assert process is not None
    first, around, last = WRAPPING
    inside = list(process)
    etree.SubElement(process, bpmn("startEvent"), id=first)
    within = etree.SubElement(process, bpmn("subProcess"), id=around)
    etree.SubElement(process, bpmn("endEvent"), id=last)
    for n, (source, target) in enumerate(((first, around), (around, last))):
        etree.SubElement(process, bpmn("sequenceFlow"), id=f"Outside_{n}", sourceRef=source, targetRef=target)
    within.extend(inside)
    return etree.tostring(root)
