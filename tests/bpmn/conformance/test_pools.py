"""Two pools in one file, each a process of its own (9.3, 10.2): messages between them, by name and key (8.4.2)."""

from __future__ import annotations

from engine.bpmn.program import compile_program
from engine.bpmn.reading import read
from tests.bpmn.conformance.case import Case, begin, done, hear
from tests.bpmn.conformance.figures import (
    call,
    catch,
    chain,
    document,
    end,
    message,
    start,
    starts,
    tag,
    throw,
    told,
    user,
)
from tests.bpmn.conformance.instance import Instance, Library

OFFICE = (
    *(start(), throw("Ask", message("order"), ld=told(key="number", gives="{n: number}"))),
    *(catch("Hear", message("answer"), ld=told(key="number", takes="{said: payload.said}")), end()),
    chain("S", "Ask", "Hear", "E"),
)
COMPANY = (
    *(starts("Begin", message("order"), ld=told(takes="{number: payload.n}")), user("Work")),
    *(throw("Tell", message("answer"), ld=told(key="number", gives='{said: "done"}')), end("Done")),
    chain("Begin", "Work", "Tell", "Done"),
)
POOLS = tag(
    "collaboration",
    tag("participant", id="Office", name="指挥中心", processRef="P")
    + tag("participant", id="Company", name="企业", processRef="Q")
    + tag("messageFlow", id="There", sourceRef="Ask", targetRef="Begin")
    + tag("messageFlow", id="Back", sourceRef="Tell", targetRef="Hear"),
    id="Together",
)


def instances(*parts: str, other: tuple[str, ...], outside: str = "") -> tuple[Instance, Instance]:
    """The two processes of a file, ready to begin."""
    reading = read("t.bpmn", document(parts, outside=outside, others={"Q": other}))
    assert len(reading.processes) == 2, [problem.line_for("en") for problem in reading.problems]
    programs = {model.id: compile_program(model) for model in reading.processes}
    library = Library({key: (number, program) for number, (key, program) in enumerate(programs.items(), 100)})
    case = Case("pools", "several participants", "collaboration", "9.3", (), (), facts={"number": "17"})
    empty = Case("pools", "several participants", "collaboration", "9.3", (), ())
    return (
        Instance(case, programs["P"], library, kept=False),
        Instance(empty, programs["Q"], library, kept=False),
    )


def test_a_message_begins_the_other_process_and_its_answer_comes_back() -> None:
    office, company = instances(*OFFICE, other=COMPANY, outside=POOLS)
    assert office.act(begin("")) == ["S", "Ask", "Ask^order", "Hear~"]
    (sent,) = office.seen.sent
    assert (sent.key, sent.payload) == ("17", {"n": "17"})
    assert company.act(begin("Begin", **sent.payload)) == ["Begin", "Work?"]
    assert company.facts["number"] == "17"
    assert company.act(done("Work")) == ["Work", "Tell", "Done", "Tell^answer", "."]
    (answer,) = company.seen.sent
    assert office.act(hear("answer", answer.key, **answer.payload)) == ["Hear", "E", "."]
    assert office.facts["said"] == "done"


def test_a_process_calls_the_other_of_its_file() -> None:
    called = (start("S1"), user("Work"), end("E1"), chain("S1", "Work", "E1"))
    first, _ = instances(start(), call("Call", "Q"), end(), chain("S", "Call", "E"), other=called)
    assert first.act(begin("")) == ["S", "S1", "Work?"]
    assert first.act(done("Work")) == ["Work", "E1", "E", "."]
