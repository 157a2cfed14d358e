"""What the drawing library is handed says what the file says, in words the library knows; what is stored stays as it came."""

from __future__ import annotations

from engine.bpmn.reading import read
from tests.bpmn.drawing import end, process, start, tag, user
from web.plain import plain

ODD = (
    process(
        start(),
        user("A", isForCompensation="0"),
        end(),
        tag("sequenceFlow", id="f", sourceRef=" S ", targetRef=" A"),
        tag("sequenceFlow", id="g", sourceRef="A", targetRef="\tE"),
        isExecutable="1",
    )
    .replace(b"<bpmn:", "<流程:".encode())
    .replace(b"</bpmn:", "</流程:".encode())
    .replace(b"xmlns:bpmn=", "xmlns:流程=".encode())
)


def test_the_library_gets_words_it_knows() -> None:
    text = plain(ODD).decode()
    for said in ('isExecutable="true"', 'isForCompensation="false"', 'sourceRef="S"', 'targetRef="A"', 'targetRef="E"'):
        assert said in text
    assert "流程" not in text
    assert "<bpmn:userTask" in text


def test_it_is_the_same_process() -> None:
    before, after = read("t.bpmn", ODD).process, read("t.bpmn", plain(ODD)).process
    assert before is not None
    assert after is not None
    assert [node.id for node in before.nodes.values()] == [node.id for node in after.nodes.values()]
    assert [(flow.source, flow.target) for flow in before.flows.values()] == [("S", "A"), ("A", "E")]
    assert [(flow.source, flow.target) for flow in after.flows.values()] == [("S", "A"), ("A", "E")]


def test_what_is_no_diagram_is_given_back_as_it_is() -> None:
    for data in (b"", b"<x/>", b"<!DOCTYPE x>", "核实".encode("gb18030")):
        assert plain(data) == data
