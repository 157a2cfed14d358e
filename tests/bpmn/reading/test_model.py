"""What the model says of a file: settings typed, names in two languages, times made regular; names checked against the facts."""

from __future__ import annotations

import dataclasses

import pytest

from engine.bpmn.model import MultiInstance, Timer, TimerKind
from engine.bpmn.reading import read
from engine.bpmn.settings import Action, Candidates, Choice, ClockSetting, Lookup
from engine.bpmn.values import Names, Value
from tests.bpmn.drawing import CANDIDATES, boundary, chain, end, ext, flow, model, process, start, tag, timer, user

XOR = "exclusiveGateway"


def case() -> bytes:
    return process(
        "<bpmn:documentation>说明</bpmn:documentation>",
        ext('<ld:names en="Case"/><ld:clock id="case" from="S" to="E" budget="=days" unit="work_day" warn="0.25"/>'),
        tag(
            "laneSet",
            tag(
                "lane",
                ext('<ld:names en="Command centre"/>')
                + tag("flowNodeRef", "S")
                + tag("childLaneSet", tag("lane", tag("flowNodeRef", "A"), id="L2", name="派遣"), id="LS2"),
                id="L1",
                name="指挥中心",
            ),
            id="LS",
        ),
        start("S", ext('<ld:form ref="report"/>')),
        user(
            "A",
            settings='<ld:names en="Handle"/><ld:form ref="handle.json"/>'
            '<ld:candidates unit="=responsible_unit" post="handler" fallbackUnit="centre" fallbackPost="dispatcher"/>'
            '<ld:clock id="handle" budget="=limit_amount" unit="=limit_unit" due="=target_at"/>'
            '<ld:acts deny="transfer release"/>',
            name="处置",
        ),
        boundary("A", inside=timer("P1W2DT30M"), cancelActivity="false"),
        user("C", settings='<ld:candidates unit="" post="acceptor"/><ld:fourEyes with="A"/>', name="核查"),
        tag("serviceTask", ext('<ld:action name="notify" to="=responsible_unit" text="到期"/>'), id="N"),
        tag(XOR, id="G", default="G-E"),
        tag("scriptTask", tag("script", "{ rework: rework + 1 }"), id="R", scriptFormat="feel"),
        tag(
            "businessRuleTask",
            ext('<ld:lookup register="standards" match="={code: standard_code}" into="standard" required="true"/>'),
            id="Q",
        ),
        tag("intermediateCatchEvent", timer("2030-05-01T08:00", "timeDate"), id="W"),
        user(
            "M",
            tag(
                "multiInstanceLoopCharacteristics",
                tag("loopDataInputRef", "units") + tag("inputDataItem", id="i", name="one_unit"),
            ),
            settings='<ld:candidates unit="=one_unit" post="handler"/>',
        ),
        end(),
        chain("S", "Q", "A", "C", "G", "E"),
        chain("B", "N", "W", "M", "E"),
        tag("sequenceFlow", ext('<ld:names en="failed"/>') + tag("conditionExpression", "= passed = false"), id="f",
            name="不通过", sourceRef="G", targetRef="R"),
        flow("R", "A"),
    )  # fmt: skip


def test_everything_is_typed() -> None:
    reading = read("t.bpmn", case(), forms=["report", "handle.json"], registers=["standards"])
    assert reading.problems == ()
    found = reading.process
    assert found is not None
    assert (found.names, found.documentation, found.start, found.form) == (Names("", "Case"), "说明", "S", "report")
    assert found.clocks == (
        ClockSetting(
            "case", budget=Value("days", is_feel=True), unit=Value("work_day"), warn=0.25, start="S", stop="E"
        ),
    )
    handle = found.nodes["A"]
    assert handle.names == Names("处置", "Handle")
    assert handle.settings.form == "handle"
    assert handle.settings.candidates == Candidates(
        post=Value("handler"),
        unit=Value("responsible_unit", is_feel=True),
        fallback_unit=Value("centre"),
        fallback_post=Value("dispatcher"),
    )
    assert handle.settings.clocks == (
        ClockSetting(
            "handle",
            budget=Value("limit_amount", is_feel=True),
            unit=Value("limit_unit", is_feel=True),
            due=Value("target_at", is_feel=True),
        ),
    )
    assert handle.settings.denied_acts == {"transfer", "release"}
    assert found.nodes["C"].settings.four_eyes == ("A",)
    assert found.nodes["C"].settings.candidates == Candidates(post=Value("acceptor"))
    assert found.nodes["N"].settings.action == Action(
        "notify", {"to": Value("responsible_unit", is_feel=True), "text": Value("到期")}
    )
    assert found.nodes["Q"].settings.lookup == Lookup("standards", "{code: standard_code}", "standard", required=True)
    assert found.nodes["R"].script == "{ rework: rework + 1 }"
    assert found.nodes["B"].events[0].timer == Timer(TimerKind.DURATION, Value("P9DT30M"))
    assert (found.nodes["B"].host, found.nodes["B"].interrupting) == ("A", False)
    assert found.nodes["W"].events[0].timer == Timer(TimerKind.DATE, Value("2030-05-01T08:00:00+08:00"))
    assert found.nodes["M"].multi_instance == MultiInstance(sequential=False, collection="units", item="one_unit")
    assert [node.id for node in found.user_tasks] == ["A", "C", "M"]
    assert found.flows["f"].condition == "passed = false"
    assert found.flows["f"].names == Names("不通过", "failed")
    assert found.nodes["G"].outgoing == ("G-E", "f")
    assert [(lane.id, lane.names, lane.nodes, lane.parent) for lane in found.lanes] == [
        ("L1", Names("指挥中心", "Command centre"), ("S",), None),
        ("L2", Names("派遣", ""), ("A",), "L1"),
    ]
    assert (found.nodes["S"].lane, found.nodes["A"].lane) == ("L1", "L2")
    assert (found.variables, found.participant, found.file) == ((), None, "t.bpmn")


def test_the_model_is_frozen() -> None:
    found = model(process(start(), user(), end(), chain("S", "A", "E")))
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.id = "Q"  # type: ignore[misc]
    with pytest.raises(TypeError):
        found.nodes["X"] = found.nodes["A"]  # type: ignore[index]


def test_the_name_of_the_pool_stands_in() -> None:
    data = process(start(), user(), end(), chain("S", "A", "E")).replace(
        b'<bpmn:process id="P"',
        '<bpmn:collaboration id="C"><bpmn:participant id="PA" name="案件派遣" processRef="P">'
        '<bpmn:extensionElements><ld:names en="Dispatch"/></bpmn:extensionElements></bpmn:participant>'
        '</bpmn:collaboration><bpmn:process id="P"'.encode(),
    )
    assert model(data).names == Names("案件派遣", "Dispatch")


FACTS = {
    "responsible_unit": "string",
    "limit_amount": "number",
    "limit_unit": "string",
    "target_at": "string",
    "days": "number",
    "standard_code": "string",
    "units": "array",
    "passed": "boolean",
}


def unknown(facts: dict[str, str]) -> set[str]:
    reading = read("t.bpmn", case(), forms=["report", "handle"], facts=facts)
    assert {problem.code for problem in reading.problems} <= {"unknown-fact"}
    return {problem.en.split("uses “")[1].split("”")[0] for problem in reading.problems}


def test_names_are_those_of_the_facts() -> None:
    assert unknown(FACTS) == set()
    for name in FACTS:
        assert unknown({key: type_ for key, type_ in FACTS.items() if key != name}) == {name}


def test_a_wrong_name_gets_a_hint() -> None:
    facts = {**FACTS, "standard_cod": "string"}
    del facts["standard_code"]
    reading = read("t.bpmn", case(), forms=["report", "handle"], facts=facts)
    assert "did you mean “standard_cod”" in reading.problems[0].en
    assert reading.problems[0].element == "Q"


def test_functions_the_caller_offers() -> None:
    data = process(
        start(), user(), tag(XOR, id="G", default="G-E"), end(), chain("S", "A", "G", "E"), flow("G", "A", "late(a)")
    )
    assert read("t.bpmn", data).process is None
    assert read("t.bpmn", data, functions=["late"]).process is not None


def test_registers_that_are_known() -> None:
    reading = read("t.bpmn", case(), forms=["report", "handle"], registers=["other"])
    assert [problem.code for problem in reading.problems] == ["register-missing"]


@pytest.mark.parametrize(
    "written,regular",
    [("PT1M", "PT1M"), ("PT60S", "PT60S"), ("P1Y2M3DT4H5M6S", "P1Y2M3DT4H5M6S"), ("P2W", "P14D"), ("P0DT90M", "PT90M")],
)
def test_durations(written: str, regular: str) -> None:
    found = model(process(start(), tag("intermediateCatchEvent", timer(written), id="X"), end(), chain("S", "X", "E")))
    assert found.nodes["X"].events[0].timer == Timer(TimerKind.DURATION, Value(regular))


def test_the_start_form_and_the_candidates_are_those_of_the_file() -> None:
    data = process(start(), user(settings='<ld:form ref="a"/>' + CANDIDATES), end(), chain("S", "A", "E"))
    assert read("t.bpmn", data, forms=["a.json"]).process is not None
    assert read("t.bpmn", data, forms=["a"]).process is not None
    assert read("t.bpmn", data, forms=["b"]).process is None


def test_rules_of_who_does_a_task() -> None:
    rules = {
        'unit="=about" head="2" choose="load"': Candidates(
            unit=Value("about", is_feel=True), head=Value("2"), choose=Choice.LOAD
        ),
        'starter="true" fallbackPost="handler"': Candidates(starter=True, fallback_post=Value("handler")),
        'person="=who" unit="centre" post="handler"': Candidates(
            person=Value("who", is_feel=True), unit=Value("centre"), post=Value("handler")
        ),
        'post="handler" choose="turn"': Candidates(post=Value("handler"), choose=Choice.TURN),
    }
    for said, meant in rules.items():
        found = model(process(start(), user(settings=f"<ld:candidates {said}/>"), end(), chain("S", "A", "E")))
        assert found.nodes["A"].settings.candidates == meant
