"""Stock SpiffWorkflow, to compare with: a model written as BPMN for its parser, and run by its own specs with FEEL in place of
Python. Only what the plain random diagrams and the case of the measurements are made of.

The parser orders a gateway's flows by the drawing; without a drawing it keeps the order in which it finds them, which is ours.
It refuses several flows out of a task and shares one table of names with its own nodes: diagrams given here have neither."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.parser.task_parsers import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent

from engine import feel
from engine.bpmn.model import Kind, MultiInstance, Node, ProcessModel, TimerKind
from engine.bpmn.namespaces import BPMN, XSI, bpmn

_TAGS = {
    Kind.START: "startEvent",
    Kind.END: "endEvent",
    Kind.CATCH: "intermediateCatchEvent",
    Kind.BOUNDARY: "boundaryEvent",
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
}


def written(model: ProcessModel) -> bytes:
    """The model as a file for the stock parser."""
    root = etree.Element(bpmn("definitions"), nsmap={"bpmn": BPMN, "xsi": XSI})
    root.set("targetNamespace", "urn:liandong:stock")
    _scope(etree.SubElement(root, bpmn("process"), id=model.id, isExecutable="true"), model, None)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _scope(container: etree._Element, model: ProcessModel, parent: str | None) -> None:
    for node in model.inside(parent):
        element = _node(container, node)
        if node.kind is Kind.SUBPROCESS:
            _scope(element, model, node.id)
    for node in model.inside(parent):
        for id_ in node.outgoing:
            flow = model.flows[id_]
            drawn = etree.SubElement(container, bpmn("sequenceFlow"), id=id_)
            drawn.set("sourceRef", flow.source)
            drawn.set("targetRef", flow.target)
            if flow.condition is not None:
                condition = etree.SubElement(drawn, bpmn("conditionExpression"))
                condition.set(f"{{{XSI}}}type", "bpmn:tFormalExpression")
                condition.text = flow.condition


def _node(container: etree._Element, node: Node) -> etree._Element:
    element = etree.SubElement(container, bpmn(_TAGS[node.kind]), id=node.id)
    if node.default is not None and node.kind.is_gateway:
        element.set("default", node.default)
    if node.terminates:
        etree.SubElement(element, bpmn("terminateEventDefinition"))
    if node.host is not None:
        element.set("attachedToRef", node.host)
        element.set("cancelActivity", "true" if node.interrupting else "false")
    for event in node.events:
        if event.timer is not None:
            definition = etree.SubElement(element, bpmn("timerEventDefinition"))
            tag = "timeDuration" if event.timer.kind is TimerKind.DURATION else "timeDate"
            text = event.timer.value.text  # SpiffWorkflow evaluates whatever stands here
            etree.SubElement(definition, bpmn(tag)).text = text if event.timer.value.is_feel else f'"{text}"'
    if node.multi_instance is not None:
        _multi_instance(element, node.multi_instance)
    if node.script is not None:
        element.set("scriptFormat", "feel")
        etree.SubElement(element, bpmn("script")).text = node.script
    return element


def _multi_instance(element: etree._Element, multi: MultiInstance) -> None:
    made = etree.SubElement(element, bpmn("multiInstanceLoopCharacteristics"))
    made.set("isSequential", "true" if multi.sequential else "false")
    if multi.cardinality is not None:
        etree.SubElement(made, bpmn("loopCardinality")).text = multi.cardinality.text
    if multi.collection is not None:
        etree.SubElement(made, bpmn("loopDataInputRef")).text = multi.collection
    if multi.item is not None:
        etree.SubElement(made, bpmn("inputDataItem"), id=multi.item, name=multi.item)


class Passing(BpmnSpecMixin):  # type: ignore[misc]
    """What would run Python passes instead."""


class _Parser(BpmnParser):  # type: ignore[misc]
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012  SpiffWorkflow reads this as a class attribute
        full_tag(tag): (TaskParser, Passing) for tag in ("task", "scriptTask", "businessRuleTask", "serviceTask")
    }


class FiredByHand(TimerEventDefinition):  # type: ignore[misc]
    """A timer that fires when it is told to."""

    def has_fired(self, my_task: Any) -> bool:
        return bool(my_task.internal_data.get("event_fired", False))


def parsed(model: ProcessModel) -> tuple[Any, dict[str, Any]]:
    """The model's spec and those of its sub-processes."""
    parser = _Parser()
    parser.add_bpmn_str(written(model))
    return parser.get_spec(model.id), parser.get_subprocess_specs(model.id)


def by_hand(spec: Any, subs: Mapping[str, Any]) -> None:
    """Let every timer fire when it is told to."""
    for each in (spec, *subs.values()):
        for task_spec in each.task_specs.values():
            if isinstance(task_spec, CatchingEvent) and isinstance(task_spec.event_definition, TimerEventDefinition):
                task_spec.event_definition = FiredByHand("timer", "")


class Feel(BasePythonScriptEngineEnvironment):  # type: ignore[misc]
    """Expressions are FEEL over what `facts` gives and the data of the task."""

    def __init__(self, facts: Callable[[], Mapping[str, Any]] = dict) -> None:
        super().__init__()
        self.facts = facts

    def evaluate(self, expression: str, context: Any, external_context: Any = None) -> Any:  # noqa: ARG002  the library's signature
        return feel.compile(expression).evaluate({**self.facts(), **context})

    def execute(self, script: str, context: Any, external_context: Any = None) -> bool:  # noqa: ARG002
        return True


def engine(facts: Callable[[], Mapping[str, Any]] = dict) -> PythonScriptEngine:
    """SpiffWorkflow's script engine with FEEL in it."""
    return PythonScriptEngine(environment=Feel(facts))
