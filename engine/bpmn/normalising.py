"""BPMN for SpiffWorkflow's stock parser, written from the model alone: nothing of the file passes that was not read.

The parser orders a gateway's flows by the drawing; without a drawing it keeps the order in which it finds them, which is ours.
It refuses several flows out of a task, ignores a condition on a single one, and shares one table of names with its own nodes: so
implicit splits become gateways, and names that are taken there are changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from lxml import etree

from engine.bpmn.model import Flow, Kind, MultiInstance, Node, Timer, TimerKind
from engine.bpmn.namespaces import BPMN, XSI, bpmn

_TAKEN = frozenset(("Start", "End", "Root", "StartEventSplit", "StartEventJoin"))
_TAKEN_ENDS = re.compile(r"\.(EndJoin|BoundaryEventSplit|BoundaryEventJoin|Split|Choice)\Z")
_FLOW = "flow."
_TAGS = {
    Kind.START: "startEvent",
    Kind.END: "endEvent",
    Kind.TERMINATE: "endEvent",
    Kind.USER: "userTask",
    Kind.MANUAL: "manualTask",
    Kind.SCRIPT: "scriptTask",
    Kind.RULE: "serviceTask",
    Kind.SERVICE: "serviceTask",
    Kind.TASK: "task",
    Kind.EXCLUSIVE: "exclusiveGateway",
    Kind.PARALLEL: "parallelGateway",
    Kind.INCLUSIVE: "inclusiveGateway",
    Kind.SUBPROCESS: "subProcess",
    Kind.TIMER_CATCH: "intermediateCatchEvent",
    Kind.TIMER_BOUNDARY: "boundaryEvent",
}


def spec_names(process: str, nodes: Mapping[str, Node]) -> dict[str, str]:
    """The name of each node inside SpiffWorkflow by its id in the file, and of the process: the id itself, unless that is
    taken there. The same file always gives the same names."""
    items = {
        node.multi_instance.item
        for node in nodes.values()
        if node.multi_instance is not None and node.multi_instance.item
    }
    ids = {process, *nodes}
    used = set(ids)
    names = {}
    for id_ in (process, *nodes):
        name = id_
        if id_ in _TAKEN or id_ in items or id_.startswith(_FLOW) or _TAKEN_ENDS.search(id_):
            stem, count = _TAKEN_ENDS.sub(r"_\1", id_.replace(_FLOW, "flow_", 1)), 1
            while (name := f"{stem}_{count}") in used or name in items:
                count += 1
            used.add(name)
        names[id_] = name
    return names


def named(nodes: Mapping[str, Node], names: Mapping[str, str]) -> dict[str, Node]:
    """The nodes with their names inside SpiffWorkflow."""
    return {id_: replace(node, spec=names[id_]) for id_, node in nodes.items()}


def write(process: str, nodes: Mapping[str, Node], flows: Mapping[str, Flow]) -> bytes:
    """The normalised file. `process` is the name of the process inside SpiffWorkflow; nodes carry theirs."""
    root = etree.Element(bpmn("definitions"), nsmap={"bpmn": BPMN, "xsi": XSI})
    root.set("targetNamespace", "urn:liandong:normalised")
    scope = etree.SubElement(root, bpmn("process"), id=process, isExecutable="true")
    _Writing(nodes, flows).scope(scope, None)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


class _Writing:
    def __init__(self, nodes: Mapping[str, Node], flows: Mapping[str, Flow]) -> None:
        self.nodes = nodes
        self.flows = flows
        self.count = 0

    def scope(self, container: etree._Element, parent: str | None) -> None:
        inside = [node for node in self.nodes.values() if node.parent == parent]
        for node in inside:
            element = self.node(container, node)
            if node.kind is Kind.SUBPROCESS:
                self.scope(element, node.id)
        for node in inside:
            self.ways_out(container, node)

    def node(self, container: etree._Element, node: Node) -> etree._Element:
        element = etree.SubElement(container, bpmn(_TAGS[node.kind]), id=node.spec)
        if node.kind in (Kind.EXCLUSIVE, Kind.INCLUSIVE) and node.default is not None:
            element.set("default", self.flow_id(node.default))
        if node.kind is Kind.TERMINATE:
            etree.SubElement(element, bpmn("terminateEventDefinition"))
        if node.host is not None:
            element.set("attachedToRef", self.nodes[node.host].spec)
            element.set("cancelActivity", "true" if node.interrupting else "false")
        if node.timer is not None:
            _write_timer(element, node.timer)
        if node.multi_instance is not None:
            _write_multi_instance(element, node.multi_instance)
        if node.script is not None:
            element.set("scriptFormat", "feel")
            etree.SubElement(element, bpmn("script")).text = node.script
        return element

    def ways_out(self, container: etree._Element, node: Node) -> None:
        flows = [self.flows[flow] for flow in node.outgoing]
        if node.kind.is_gateway or len(flows) < 2:
            for flow in flows:
                self.flow(container, node.spec, flow)
            return
        always = [flow for flow in flows if flow.condition is None and flow.id != node.default]
        choice = [flow for flow in flows if flow not in always]
        source = node.spec
        if len(always) + bool(choice) > 1:
            split = f"{node.spec}.Split"
            etree.SubElement(container, bpmn("parallelGateway"), id=split)
            self.join(container, source, split)
            source = split
        for flow in always:
            self.flow(container, source, flow)
        if choice:
            gateway = etree.SubElement(container, bpmn("inclusiveGateway"), id=f"{node.spec}.Choice")
            if node.default is not None:
                gateway.set("default", self.flow_id(node.default))
            self.join(container, source, f"{node.spec}.Choice")
            for flow in choice:
                self.flow(container, f"{node.spec}.Choice", flow)

    def flow(self, container: etree._Element, source: str, flow: Flow) -> None:
        element = etree.SubElement(container, bpmn("sequenceFlow"), id=self.flow_id(flow.id))
        element.set("sourceRef", source)
        element.set("targetRef", self.nodes[flow.target].spec)
        if flow.condition is not None:
            condition = etree.SubElement(element, bpmn("conditionExpression"))
            condition.set(f"{{{XSI}}}type", "bpmn:tFormalExpression")
            condition.text = flow.condition

    def join(self, container: etree._Element, source: str, target: str) -> None:
        self.count += 1
        element = etree.SubElement(container, bpmn("sequenceFlow"), id=f"{_FLOW}{self.count}")
        element.set("sourceRef", source)
        element.set("targetRef", target)

    def flow_id(self, flow: str) -> str:
        """Flows get a prefix, so that none collides with a renamed node; nothing reads them but `default`."""
        return f"{_FLOW}{flow}"


def _write_timer(element: etree._Element, timer: Timer) -> None:
    definition = etree.SubElement(element, bpmn("timerEventDefinition"))
    tag = "timeDuration" if timer.kind is TimerKind.DURATION else "timeDate"
    value = timer.value
    # A literal becomes a FEEL string: SpiffWorkflow evaluates whatever stands here.
    etree.SubElement(definition, bpmn(tag)).text = value.text if value.is_feel else f'"{value.text}"'


def _write_multi_instance(element: etree._Element, multi: MultiInstance) -> None:
    made = etree.SubElement(element, bpmn("multiInstanceLoopCharacteristics"))
    made.set("isSequential", "true" if multi.sequential else "false")
    if multi.cardinality is not None:
        etree.SubElement(made, bpmn("loopCardinality")).text = multi.cardinality.text
    if multi.collection is not None:
        etree.SubElement(made, bpmn("loopDataInputRef")).text = multi.collection
    if multi.item is not None:
        # SpiffWorkflow takes the id of the item for the name of the variable.
        etree.SubElement(made, bpmn("inputDataItem"), id=multi.item, name=multi.item)
