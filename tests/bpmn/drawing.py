"""BPMN written in few words, for tests: `file(start(), user("A"), end(), flow("S", "A"), flow("A", "E"))`."""

from __future__ import annotations

import itertools
from xml.sax.saxutils import escape, quoteattr

from engine.bpmn.model import ProcessModel
from engine.bpmn.problems import Problem
from engine.bpmn.reading import Reading, read

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    ' xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:ld="urn:liandong:bpmn:1" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:flowable="http://flowable.org/bpmn" xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0"'
    ' targetNamespace="urn:test"%s>\n'
)
CANDIDATES = '<ld:candidates post="handler"/>'


def tag(name: str, inside: str = "", /, **attributes: str) -> str:
    """One BPMN element on one line."""
    text = "".join(f" {key.rstrip('_').replace('__', ':')}={quoteattr(value)}" for key, value in attributes.items())
    return f"<bpmn:{name}{text}>{inside}</bpmn:{name}>\n" if inside else f"<bpmn:{name}{text}/>\n"


def ext(inside: str) -> str:
    """Extension elements."""
    return f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>" if inside else ""


def start(id_: str = "S", inside: str = "", **attributes: str) -> str:
    """A start event."""
    return tag("startEvent", inside, id=id_, **attributes)


def end(id_: str = "E", inside: str = "", **attributes: str) -> str:
    """An end event."""
    return tag("endEvent", inside, id=id_, **attributes)


def user(id_: str = "A", inside: str = "", settings: str = CANDIDATES, **attributes: str) -> str:
    """A user task with candidates."""
    return tag("userTask", ext(settings) + inside, id=id_, **attributes)


def flow(source: str, target: str, condition: str | None = None, id_: str | None = None, **attributes: str) -> str:
    """A sequence flow; its id is `source-target` unless given ("": none)."""
    inside = tag("conditionExpression", escape(condition)) if condition is not None else ""
    id_ = f"{source}-{target}" if id_ is None else id_
    named = {"id": id_} if id_ else {}
    return tag("sequenceFlow", inside, sourceRef=source, targetRef=target, **named, **attributes)


def chain(*ids: str) -> str:
    """Flows from each to the next."""
    return "".join(flow(a, b) for a, b in itertools.pairwise(ids))


def timer(time: str = "PT1H", kind: str = "timeDuration") -> str:
    """A timer definition."""
    return tag("timerEventDefinition", tag(kind, escape(time)))


def boundary(host: str, id_: str = "B", inside: str | None = None, **attributes: str) -> str:
    """A boundary timer."""
    return tag("boundaryEvent", timer() if inside is None else inside, id=id_, attachedToRef=host, **attributes)


def process(*parts: str, outside: str = "", root: str = "", **attributes: str) -> bytes:
    """A file with one process."""
    attributes = {"id": "P", "isExecutable": "true", **attributes}
    return (
        HEAD % root + tag("process", "\n" + "".join(parts), **attributes) + outside + "</bpmn:definitions>"
    ).encode()


def simple(*parts: str, inside: str = "", **attributes: str) -> bytes:
    """Start, a user task A, an end, and whatever else stands beside them."""
    return process(start(), user("A", inside, **attributes), end(), chain("S", "A", "E"), *parts)


def shape(id_: str, x: int, y: int) -> str:
    """A drawn shape."""
    return (
        f'<bpmndi:BPMNShape id="{id_}_di" bpmnElement="{id_}"><dc:Bounds x="{x}" y="{y}" width="10" height="10"/>'
        "</bpmndi:BPMNShape>"
    )


def drawing(*shapes: str) -> str:
    """A diagram of shapes."""
    inside = "".join(shapes)
    return f'<bpmndi:BPMNDiagram id="D"><bpmndi:BPMNPlane id="DP" bpmnElement="P">{inside}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'


def errors(reading: Reading) -> list[Problem]:
    """The errors of a reading."""
    return [problem for problem in reading.problems if problem.severity == "error"]


def codes(data: bytes) -> set[str]:
    """The codes of all problems of a file, warnings included."""
    return {problem.code for problem in read("t.bpmn", data).problems}


def model(data: bytes) -> ProcessModel:
    """The model of a file that must be good."""
    reading = read("t.bpmn", data)
    assert reading.process is not None, [problem.line_for() for problem in reading.problems]
    return reading.process
