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
    """A user task with candidates, called as its id unless `name` is given."""
    return tag("userTask", ext(settings) + inside, id=id_, **{"name": id_, **attributes})


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


DECLARED = (
    '<bpmn:message id="M1" name="order"/><bpmn:message id="M2" name="answer"/><bpmn:signal id="S1" name="flood"/>'
    '<bpmn:signal id="S2" name="dry"/><bpmn:error id="R1" errorCode="bad"/><bpmn:escalation id="X1" escalationCode="late"/>\n'
)
"""Messages, signals, an error and an escalation for events to be about."""


def message(ref: str = "M1", inside: str = "") -> str:
    """A message definition."""
    return tag("messageEventDefinition", inside, messageRef=ref)


def signal(ref: str = "S1") -> str:
    """A signal definition."""
    return tag("signalEventDefinition", signalRef=ref)


def error(ref: str = "R1") -> str:
    """An error definition ("": any)."""
    return tag("errorEventDefinition", **({"errorRef": ref} if ref else {}))


def escalation(ref: str = "X1") -> str:
    """An escalation definition ("": any)."""
    return tag("escalationEventDefinition", **({"escalationRef": ref} if ref else {}))


def conditional(condition: str = "level > 3") -> str:
    """A condition to wait for."""
    return tag("conditionalEventDefinition", tag("condition", escape(condition)))


def link(name: str = "on") -> str:
    """A link."""
    return tag("linkEventDefinition", name=name)


def compensation(**attributes: str) -> str:
    """A compensation definition."""
    return tag("compensateEventDefinition", **attributes)


CANCEL, TERMINATE = tag("cancelEventDefinition"), tag("terminateEventDefinition")


def catch(id_: str, inside: str, **attributes: str) -> str:
    """An intermediate catch event."""
    return tag("intermediateCatchEvent", inside, id=id_, **attributes)


def throw(id_: str, inside: str = "", **attributes: str) -> str:
    """An intermediate throw event."""
    return tag("intermediateThrowEvent", inside, id=id_, **attributes)


def sub(id_: str, *parts: str, kind: str = "subProcess", **attributes: str) -> str:
    """A sub-process."""
    return tag(kind, "\n" + "".join(parts), id=id_, **attributes)


def handler(id_: str, definition: str, *parts: str, **attributes: str) -> str:
    """An event sub-process that a definition starts (its nodes: `id_` and s, u, e)."""
    inside = parts or (user(id_ + "u"), end(id_ + "e"), chain(id_ + "s", id_ + "u", id_ + "e"))
    return sub(id_, start(id_ + "s", definition, **attributes), *inside, triggeredByEvent="true")


def process(*parts: str, outside: str = "", root: str = "", before: str = "", **attributes: str) -> bytes:
    """A file with one process; `before` stands before it, `outside` after it."""
    attributes = {"id": "P", "isExecutable": "true", **attributes}
    text = HEAD % root + before + tag("process", "\n" + "".join(parts), **attributes) + outside
    return (text + "</bpmn:definitions>").encode()


def around(node: str, *more: str, id_: str = "X") -> bytes:
    """A file that declares messages and the like, in which a node X stands between a user task and the end."""
    return process(start(), user(), node, end(), chain("S", "A", id_, "E"), *more, before=DECLARED)


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


def wrong(data: bytes) -> set[tuple[str, str]]:
    """(code, element) of the errors of a file."""
    return {(problem.code, problem.element) for problem in errors(read("t.bpmn", data))}


def model(data: bytes) -> ProcessModel:
    """The model of a file that must be good."""
    reading = read("t.bpmn", data)
    assert reading.process is not None, [problem.line_for() for problem in reading.problems]
    return reading.process
