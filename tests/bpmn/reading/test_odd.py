"""Legal files that look odd: taken, and read to what a plain look at their XML says."""

from __future__ import annotations

import itertools
import random
import re
from pathlib import Path

import pytest

from engine.bpmn.model import Behavior, Kind, MultiInstance, ProcessModel
from engine.bpmn.reading import read
from tests.bpmn.drawing import (
    CANDIDATES,
    boundary,
    chain,
    drawing,
    end,
    ext,
    flow,
    model,
    process,
    shape,
    simple,
    start,
    tag,
    timer,
    user,
)
from tests.bpmn.reading.plain import agrees

XOR, AND, OR = "exclusiveGateway", "parallelGateway", "inclusiveGateway"
LIST = tag("loopDataInputRef", "units") + tag("inputDataItem", id="i1", name="unit")


def around(node: str, id_: str = "X") -> bytes:
    return process(start(), user(), node, end(), chain("S", "A", id_, "E"))


def renamed(data: bytes, *pairs: tuple[str, str]) -> bytes:
    text = data.decode()
    for old, new in pairs:
        text = re.sub(rf"\b{old}\b", new, text)
    return text.encode()


def choice(**attributes: str) -> bytes:
    return process(
        start(),
        user(),
        tag(XOR, id="G", default="G-E", **attributes),
        end(),
        chain("S", "A", "G", "E"),
        flow("G", "A", "again = true"),
    )


def sub(*parts: str, **attributes: str) -> str:
    return tag("subProcess", "\n" + "".join(parts), id="U", **attributes)


SUB = sub(start("s"), user("u"), end("e"), chain("s", "u", "e"))
PREFIXED = simple(boundary("A", cancelActivity="false"), end("F"), flow("B", "F"))

ODD = {
    "plain": simple(),
    "default namespace": simple().replace(b"bpmn:", b"").replace(b"xmlns:bpmn=", b"xmlns="),
    "prefix bpmn2": simple().replace(b"bpmn:", b"bpmn2:").replace(b"xmlns:bpmn=", b"xmlns:bpmn2="),
    "prefix semantic, boundary": PREFIXED.replace(b"bpmn:", b"semantic:").replace(b"xmlns:bpmn=", b"xmlns:semantic="),
    "Chinese prefix": simple()
    .replace(b"<bpmn:", "<流程:".encode())
    .replace(b"</bpmn:", "</流程:".encode())
    .replace(b"xmlns:bpmn=", "xmlns:流程=".encode()),
    "byte order mark": b"\xef\xbb\xbf" + simple(),
    "no declaration": simple().split(b"\n", 1)[1],
    "carriage returns": simple().replace(b"\n", b"\r\n"),
    "encoding in small letters": simple().replace(b"UTF-8", b"utf-8"),
    "Chinese ids": renamed(choice(), ("S", "开始"), ("A", "核实"), ("G", "网关"), ("E", "结束")),
    "ids Start and End": renamed(choice(), ("S", "Start"), ("E", "End")),
    "ids Root and End": renamed(choice(), ("S", "Root"), ("A", "End"), ("E", "Start")),
    "ids StartEventSplit": renamed(choice(), ("S", "StartEventSplit"), ("A", "StartEventJoin")),
    "ids like the parser's own": renamed(
        PREFIXED, ("F", "A.BoundaryEventSplit"), ("B", "A.BoundaryEventJoin"), ("E", "P.EndJoin")
    ),
    "ids like ours": renamed(choice(), ("A", "flow.1"), ("E", "G.Split"), ("S", "Start_1")),
    "ids Start and Start_1": renamed(choice(), ("S", "Start"), ("A", "Start_1"), ("E", "Start_2")),
    "process called Start": renamed(simple(), ("P", "Start"), ("S", "P")),
    "process called End": renamed(around(SUB, "U"), ("P", "End")),
    "sub-process called Root": renamed(around(SUB, "U"), ("U", "Root"), ("s", "Start"), ("e", "End")),
    "spaces around ids": simple().replace(b'sourceRef="S"', b'sourceRef=" S "').replace(b'id="A"', b'id=" A "'),
    "flows without ids": process(start(), user(), end(), flow("S", "A", id_=""), flow("A", "E", id_="")),
    "two flows without ids": process(
        start(),
        tag(XOR, id="G", default="d"),
        user(),
        end(),
        flow("S", "G", id_=""),
        flow("G", "A", "a = 1", id_=""),
        flow("G", "A", "b = 1", id_=""),
        flow("G", "E", id_="d"),
        flow("A", "E", id_=""),
    ),
    "a flow id that would be made": process(
        start("A_to_E"), user(), end(), flow("A_to_E", "A", id_=""), flow("A", "E", id_="")
    ),
    "flows before nodes": process(chain("S", "A", "E"), end(), user(), start()),
    "no names, no drawing": simple(),
    "newlines in a name": simple(name="核\n实"),
    "markup in a name": simple(name="<b>&amp;</b>"),
    "colours": simple(inside="", settings=CANDIDATES).replace(
        b"</bpmn:definitions>",
        drawing(shape("A", 1, 1)).replace("<bpmndi:BPMNShape ", '<bpmndi:BPMNShape bioc:stroke="#f00" ').encode()
        + b"</bpmn:definitions>",
    ),
    "camunda user task": simple(
        settings=CANDIDATES
        + '<camunda:formData><camunda:formField id="A" type="string"/></camunda:formData>'
        + '<camunda:taskListener event="create" class="x"/><camunda:inputOutput/>',
        camunda__candidateGroups="clerks",
        camunda__asyncBefore="true",
    ),
    "flowable user task": simple(
        settings=CANDIDATES + "<flowable:executionListener/>",
        flowable__candidateUsers="a,b",
        flowable__formFieldValidation="true",
    ),
    "flowable's languages": process(
        start(),
        user(),
        end(),
        chain("S", "A", "E"),
        root=' expressionLanguage="http://www.w3.org/1999/XPath" typeLanguage="http://www.w3.org/2001/XMLSchema"',
    ),
    "an unknown vendor": simple(
        settings=CANDIDATES
        + '<v:anything xmlns:v="urn:v" id="A"><v:deep id="A"><bpmn:task id="A"/></v:deep></v:anything>'
    ),
    "an unknown vendor's attribute": simple().replace(b'id="A"', b'xmlns:v="urn:v" v:run="x" id="A"', 1),
    "outgoing and incoming": simple(inside=tag("incoming", "S-A") + tag("outgoing", "A-E")),
    "outgoing with a prefix": simple(inside=tag("outgoing", "t:A-E")).replace(
        b"xmlns:bpmn=", b'xmlns:t="urn:test" xmlns:bpmn='
    ),
    "lanes": simple(
        tag("laneSet", tag("lane", tag("flowNodeRef", "A"), id="L", name="科室") + tag("lane", id="L2"), id="LS")
    ).replace(b"\n<bpmn:startEvent", b"<bpmn:startEvent"),
    "participant": simple().replace(
        b'<bpmn:process id="P"',
        '<bpmn:collaboration id="C"><bpmn:participant id="PA" name="市城管委" processRef="P"/>'
        '<bpmn:participant id="PB" name="市民"/></bpmn:collaboration><bpmn:process id="P"'.encode(),
    ),
    "annotation, group, data object": simple(
        tag("dataObject", id="D1"),
        tag("dataObjectReference", id="DR", dataObjectRef="D1", name="照片"),
        tag("textAnnotation", tag("text", "注意"), id="T"),
        tag("association", id="AS", sourceRef="A", targetRef="T"),
        tag("group", id="GR"),
    ),
    "a data association": simple(
        tag("dataObject", id="D1"),
        tag("dataObjectReference", id="DR", dataObjectRef="D1"),
        inside=tag("property", id="pp", name="__targetRef_placeholder")
        + tag("dataInputAssociation", tag("sourceRef", "DR") + tag("targetRef", "pp"), id="DA"),
    ),
    "declared only": simple().replace(
        b'<bpmn:process id="P"',
        b'<bpmn:message id="M" name="m"/><bpmn:signal id="SI"/><bpmn:error id="ER" errorCode="1"/><bpmn:process id="P"',
    ),
    "documentation": simple(inside="").replace(
        b"<bpmn:extensionElements>", b"<bpmn:documentation>x &lt;b&gt;</bpmn:documentation><bpmn:extensionElements>", 1
    ),
    "task": around(tag("task", id="X", name="通知")),
    "manual task": around(tag("manualTask", ext(CANDIDATES), id="X")),
    "script": around(
        tag("scriptTask", tag("script", "{ n: if n = null then 1 else n + 1 }"), id="X", scriptFormat="FEEL")
    ),
    "script in CDATA": around(
        tag("scriptTask", "<bpmn:script><![CDATA[={ n: 1 < 2 }]]></bpmn:script>", id="X", scriptFormat="feel")
    ),
    "service": around(
        tag("serviceTask", ext('<ld:action name="notify" to="=responsible_unit" text="您有新案件"/>'), id="X")
    ),
    "rule": around(
        tag(
            "businessRuleTask",
            ext('<ld:lookup register="standards" match="={code: standard_code}" into="standard"/>'),
            id="X",
        )
    ),
    "timer": around(tag("intermediateCatchEvent", timer("P1M2DT3H"), id="X")),
    "timer in weeks": around(tag("intermediateCatchEvent", timer("P2W"), id="X")),
    "timer by FEEL": around(tag("intermediateCatchEvent", timer('=duration("PT" + string(hours) + "H")'), id="X")),
    "timer on a day": around(tag("intermediateCatchEvent", timer("2030-05-01", "timeDate"), id="X")),
    "timer formal": around(
        tag(
            "intermediateCatchEvent",
            timer().replace("<bpmn:timeDuration>", '<bpmn:timeDuration xsi:type="bpmn:tFormalExpression">'),
            id="X",
        )
    ),
    "boundary, cancelActivity 0": simple(boundary("A", cancelActivity="0"), end("F"), flow("B", "F")),
    "boundary back to its host": simple(boundary("A"), flow("B", "A")),
    "two boundaries": simple(
        boundary("A"),
        boundary("A", "B2", timer("P2D"), cancelActivity="false"),
        end("F"),
        flow("B", "F"),
        flow("B2", "F"),
    ),
    "sub-process": around(SUB, "U"),
    "nested sub-processes": around(
        sub(
            start("s"),
            SUB.replace('"U"', '"V"').replace('"s"', '"s2"').replace('"u"', '"u2"').replace('"e"', '"e2"'),
            end("e"),
            chain("s", "V", "e"),
        ),
        "U",
    ),
    "boundary on a sub-process": process(start(), SUB, end(), chain("S", "U", "E"), boundary("U"), flow("B", "E")),
    "multi-instance": around(user("X", tag("multiInstanceLoopCharacteristics", LIST))),
    "multi-instance, isSequential 1": around(
        user("X", tag("multiInstanceLoopCharacteristics", LIST, isSequential="1"))
    ),
    "multi-instance by number": around(
        user("X", tag("multiInstanceLoopCharacteristics", tag("loopCardinality", "=count(units)")))
    ),
    "multi-instance item like a node": around(user("unit", tag("multiInstanceLoopCharacteristics", LIST)), "unit"),
    "multi-instance sub-process": around(
        sub(
            tag("multiInstanceLoopCharacteristics", LIST),
            start("s"),
            user("u", settings='<ld:candidates post="handler" unit="=unit"/>'),
            end("e"),
            chain("s", "u", "e"),
        ),
        "U",
    ),
    "terminate": process(start(), user(), end("E", tag("terminateEventDefinition")), chain("S", "A", "E")),
    "implicit split": process(
        start(),
        user(),
        user("C"),
        user("D"),
        end(),
        flow("S", "A"),
        flow("A", "C"),
        flow("A", "D"),
        chain("C", "E"),
        chain("D", "E"),
    ),
    "conditional flow of a task": process(
        start(), user(default="A-E"), user("C"), end(), chain("S", "A", "E"), flow("A", "C", "x = 1"), flow("C", "E")
    ),
    "conditional beside an unconditional": process(
        start(),
        user(),
        user("C"),
        user("D"),
        end(),
        flow("S", "A"),
        flow("A", "D"),
        flow("A", "C", "x = 1"),
        flow("C", "E"),
        flow("D", "E"),
    ),
    "split of a start": process(
        start(), user(), user("C"), end(), flow("S", "A"), flow("S", "C"), flow("A", "E"), flow("C", "E")
    ),
    "split of a boundary event": simple(
        boundary("A"), user("C"), user("D"), flow("B", "C"), flow("B", "D"), flow("C", "E"), flow("D", "E")
    ),
    "split and join": process(
        start(),
        tag(AND, id="G"),
        user(),
        user("C"),
        tag(AND, id="J"),
        end(),
        flow("S", "G"),
        chain("G", "A", "J", "E"),
        chain("G", "C", "J"),
    ),
    "inclusive split and join": process(
        start(),
        tag(OR, id="G", default="G-C"),
        user(),
        user("C"),
        tag(OR, id="J"),
        end(),
        flow("S", "G"),
        flow("G", "A", "x = 1"),
        flow("A", "J"),
        chain("G", "C", "J", "E"),
    ),
    "join inside a loop": process(
        start(),
        tag(XOR, id="M"),
        tag(AND, id="G"),
        user(),
        user("C"),
        tag(AND, id="J"),
        tag(XOR, id="D", default="D-E"),
        end(),
        chain("S", "M", "G", "A", "J", "D", "E"),
        chain("G", "C", "J"),
        flow("D", "M", "again = true"),
    ),
    "language said": choice().replace(
        b"<bpmn:conditionExpression>",
        b'<bpmn:conditionExpression language="https://www.omg.org/spec/DMN/20191111/FEEL/" xsi:type="bpmn:tFormalExpression">=',
    ),
    "loop through a timer": process(
        start(),
        tag(XOR, id="M"),
        tag("intermediateCatchEvent", timer(), id="T"),
        tag(XOR, id="G", default="G-M"),
        end(),
        chain("S", "M", "T", "G", "M"),
        flow("G", "E", "done"),
    ),
    "gateway direction": choice(gatewayDirection="Diverging"),
}


@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
def test_taken_and_right(data: bytes) -> None:
    found = model(data)
    agrees(found, data)
    assert model(data) == found  # the same file reads the same


def test_there_are_enough() -> None:
    assert len(ODD) >= 50


def _ordered(outgoing: tuple[str, ...], heights: dict[str, int], flows: list[str]) -> bytes:
    inside = "".join(tag("outgoing", id_) for id_ in outgoing)
    places = [shape(id_, 0, y) for id_, y in heights.items()]
    return process(
        start(),
        user("first"),
        tag(XOR, inside, id="G", default="G-d"),
        *(user(id_) for id_ in "abcd"),
        end(),
        chain("S", "first", "G"),
        *flows,
        *(flow(id_, "E") for id_ in "abcd"),
        outside=drawing(*places),
    )


def _conditions(found: ProcessModel) -> list[tuple[str | None, str]]:
    flows = [found.flows[flow] for flow in found.nodes["G"].outgoing]
    return [(flow.condition, flow.target) for flow in flows]


@pytest.mark.parametrize("kind", [XOR, OR])
def test_conditions_keep_their_order_however_they_are_drawn(kind: str) -> None:
    flows = [flow("G", "a", "x > 1"), flow("G", "b", "x > 2"), flow("G", "c", "x > 3"), flow("G", "d")]
    rng = random.Random(7)
    orders = list(itertools.permutations(("G-a", "G-b", "G-c", "G-d")))
    for places in itertools.permutations(range(4)):
        heights = dict(zip("abcd", places, strict=True))
        for order in rng.sample(orders, 3):
            found = model(_ordered(order, heights, flows).replace(XOR.encode(), kind.encode()))
            assert [name for _, name in _conditions(found)] == [id_[-1] for id_ in order]
            assert found.nodes["G"].outgoing == order
        by_file = list(flows)
        rng.shuffle(by_file)
        found = model(_ordered((), heights, by_file).replace(XOR.encode(), kind.encode()))
        assert [name for _, name in _conditions(found)] == [re.findall(r'id="G-(.)"', text)[0] for text in by_file]


def test_conditions_stay_with_their_targets() -> None:
    flows = [flow("G", "a", "x > 1"), flow("G", "b", "x > 2"), flow("G", "c", "x > 3"), flow("G", "d")]
    found = model(_ordered(("G-c", "G-a", "G-d", "G-b"), {}, flows))
    assert _conditions(found) == [("x > 3", "c"), ("x > 1", "a"), (None, "d"), ("x > 2", "b")]


def test_a_task_with_choices_takes_what_holds() -> None:
    data = process(
        start(),
        user(default="A-d"),
        *(user(id_) for id_ in "abcd"),
        end(),
        flow("S", "A"),
        flow("A", "a"),
        flow("A", "b", "x > 1"),
        flow("A", "c", "x > 2"),
        flow("A", "d"),
        *(flow(id_, "E") for id_ in "abcd"),
    )
    found = model(data)
    flows = [found.flows[flow] for flow in found.nodes["A"].outgoing]
    assert [(flow.condition, flow.target) for flow in flows] == [
        (None, "a"),
        ("x > 1", "b"),
        ("x > 2", "c"),
        (None, "d"),
    ]
    assert found.nodes["A"].default == "A-d"


def test_the_right_multi_instance() -> None:
    found = model(ODD["multi-instance, isSequential 1"])
    expected = MultiInstance(sequential=True, collection="units", item="unit", behavior=Behavior.ALL)
    assert found.nodes["X"].multi_instance == expected


def test_boundary_events_of_the_right_kind() -> None:
    found = model(ODD["boundary, cancelActivity 0"])
    assert found.nodes["B"].interrupting is False
    assert found.nodes["B"].kind is Kind.BOUNDARY


FILES = Path(__file__).parents[1] / "files"


@pytest.mark.parametrize("name", ["bpmn_js.bpmn", "flowable.bpmn"])
def test_files_as_other_tools_write_them(name: str) -> None:
    data = (FILES / name).read_bytes()
    agrees(model(data), data)


def test_a_camunda_file_is_told_all_that_stands_in_its_way() -> None:
    reading = read("invoice.bpmn", (FILES / "camunda_modeler.bpmn").read_bytes())
    assert {(problem.code, problem.element) for problem in reading.problems if problem.severity == "error"} == {
        ("expression-language", "yes"),
        ("expression-language", "no"),
        ("vendor-behaviour", "archive"),
        ("no-action", "archive"),
    }
    ignored = {problem.en.split()[0] for problem in reading.problems if problem.code == "vendor-ignored"}
    assert {"camunda:assignee", "camunda:formKey", "camunda:candidateGroups"} <= ignored
    assert all(problem.en.isascii() or "“" in problem.en for problem in reading.problems)
    assert not any("条件" in problem.en for problem in reading.problems)
