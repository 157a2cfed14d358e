"""Every refusal: a small file, its code, the element named, the line, and a sentence in both languages."""

from __future__ import annotations

import pytest

from engine.bpmn.problems import Severity
from engine.bpmn.reading import read
from tests.bpmn.drawing import (
    CANDIDATES,
    boundary,
    chain,
    end,
    errors,
    ext,
    flow,
    process,
    simple,
    start,
    tag,
    timer,
    user,
)

XOR, AND, OR = "exclusiveGateway", "parallelGateway", "inclusiveGateway"


def with_node(node: str, id_: str = "X") -> bytes:
    """A file in which a node stands between the user task and the end."""
    return process(start(), user(), node, end(), chain("S", "A", id_, "E"))


def event(name: str, definition: str, **attributes: str) -> str:
    return tag(name, tag(definition) if definition else "", id="X", **attributes)


def mi(inside: str, **attributes: str) -> str:
    return tag("multiInstanceLoopCharacteristics", inside, **attributes)


LIST = tag("loopDataInputRef", "units") + tag("inputDataItem", id="i1", name="unit")


def rooted(element: str) -> bytes:
    """A file with something else at its root."""
    return process(start(), user(), end(), chain("S", "A", "E"), before=element)


UNSUPPORTED = {
    "ad-hoc": (with_node(tag("adHocSubProcess", user("u"), id="X")), "X", "ad-hoc sub-process"),
    "transaction by image": (
        with_node(tag("transaction", start("s") + end("e") + flow("s", "e"), id="X", method="##Image")),
        "X",
        "method",
    ),
    "transaction triggered by an event": (
        with_node(tag("transaction", start("s") + end("e") + flow("s", "e"), id="X", triggeredByEvent="true")),
        "X",
        "triggeredByEvent",
    ),
    "potential owner": (
        with_node(
            user(
                "X",
                tag("potentialOwner", tag("resourceAssignmentExpression", tag("formalExpression", "user(x)")), id="po"),
            )
        ),
        "po",
        "potentialOwner",
    ),
    "operation of a service task": (
        with_node(tag("serviceTask", ext('<ld:action name="notify"/>'), id="X", operationRef="op")),
        "X",
        "operationRef",
    ),
    "global task": (rooted(tag("globalUserTask", id="X", name="g")), "X", "a global task"),
    "choreography": (rooted(tag("choreography", id="X")), "X", "a choreography"),
    "conversation": (
        rooted(tag("collaboration", tag("conversation", id="X"), id="CO")),
        "X",
        "a conversation",
    ),
    "correlation property": (
        rooted(
            '<bpmn:message id="M"/>'
            + tag(
                "correlationProperty",
                tag("correlationPropertyRetrievalExpression", tag("messagePath", "x"), messageRef="M"),
                id="X",
            )
        ),
        "X",
        "ld:message correlation",
    ),
    "correlation subscription": (
        process(
            start(),
            user(),
            end(),
            chain("S", "A", "E"),
            tag("correlationSubscription", id="X", correlationKeyRef="K"),
        ),
        "X",
        "ld:message correlation",
    ),
    "correlation key": (
        rooted(tag("collaboration", tag("correlationKey", id="X", name="k"), id="CO")),
        "X",
        "ld:message correlation",
    ),
    "participant multiplicity": (
        rooted(tag("collaboration", tag("participant", tag("participantMultiplicity", id="X"), id="PA"), id="CO")),
        "X",
        "a participant multiplicity",
    ),
}


@pytest.mark.parametrize("data, element, says", UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_unsupported_is_refused_by_name(data: bytes, element: str, says: str) -> None:
    reading = read("t.bpmn", data)
    assert reading.process is None
    found = [problem for problem in errors(reading) if problem.code == "unsupported"]
    assert found, reading.problems
    named = [problem for problem in found if problem.element == element and says in problem.en]
    assert named, [problem.line_for() for problem in found]
    lines = data.decode().split("\n")[max(0, named[0].line - 4) : named[0].line + 3]
    assert f'id="{element}"' in "".join(lines), lines
    assert "不支持" in named[0].zh


def sub(*parts: str, **attributes: str) -> str:
    return tag("subProcess", "\n" + "".join(parts), id="U", **attributes)


WRONG = {
    "duplicate-id": (simple(user("A")), "A"),
    "dangling source": (simple(flow("Nowhere", "E")), "Nowhere-E"),
    "dangling target": (simple(flow("A", "Nowhere")), "A-Nowhere"),
    "dangling default": (simple(default="gone"), "A"),
    "dangling attached": (simple(boundary("Nowhere"), end("F"), flow("B", "F")), "B"),
    "dangling lane": (
        simple(tag("laneSet", tag("lane", tag("flowNodeRef", "Nowhere"), id="L"), id="LS")),
        "L",
    ),
    "schema unknown element": (simple(tag("wizardTask", id="W")), ""),
    "schema bad id": (process(start(), user("1 2"), end(), chain("S", "A", "E")), ""),
    "no-process": (process().replace(b"bpmn:process", b"bpmn:category").replace(b' isExecutable="true"', b""), ""),
    "not-executable": (process(start(), user(), end(), chain("S", "A", "E"), isExecutable="false"), "P"),
    "no-id": (process(start(), user(), tag("task"), end(), chain("S", "A", "E")), "task"),
    "no-end": (process(start(), user(), flow("S", "A"), flow("A", "A", id_="again")), "process"),
    "unreachable": (simple(user("Z"), flow("Z", "E")), "Z"),
    "no-way-out": (simple(user("Z"), boundary("A"), flow("B", "Z")), "Z"),
    "no-end-reachable": (
        process(
            start(),
            tag(AND, id="G"),
            user("A"),
            user("Z"),
            end(),
            chain("S", "G", "A", "E"),
            chain("G", "Z"),
            flow("Z", "Z", id_="again"),
        ),
        "Z",
    ),
    "flow-into-event": (simple(flow("A", "S")), "S"),
    "flow-out-of-end": (simple(flow("E", "A")), "E"),
    "flow-crosses": (with_node(sub(start("s"), user("u"), end("e"), chain("s", "u", "e"), flow("u", "E")), "U"), "u-E"),
    "loop-without-wait": (
        process(
            start(),
            tag(XOR, id="M"),
            tag("task", id="T"),
            tag(XOR, id="G", default="G-M"),
            end(),
            chain("S", "M", "T", "G", "M"),
            flow("G", "E", "a = 1"),
        ),
        "M",
    ),
    "loop-without-wait through a sub-process": (
        process(
            start(),
            sub(start("s"), tag("task", id="t"), end("e"), chain("s", "t", "e")),
            tag(XOR, id="G", default="G-E"),
            end(),
            chain("S", "U", "G", "E"),
            flow("G", "U", "a = 1"),
        ),
        "U",
    ),
    "unknown-function": (
        process(
            start(),
            user(),
            tag(XOR, id="G", default="G-E"),
            end(),
            chain("S", "A", "G", "E"),
            flow("G", "A", 'open("x") = 1'),
        ),
        "G-A",
    ),
    "expression": (
        process(
            start(), user(), tag(XOR, id="G", default="G-E"), end(), chain("S", "A", "G", "E"), flow("G", "A", "a >> 1")
        ),
        "G-A",
    ),
    "expression-length": (
        process(
            start(), user(), tag(XOR, id="G", default="G-E"), end(), chain("S", "A", "G", "E"), flow("G", "A", " ")
        ),
        "G-A",
    ),
    "expression-language": (
        process(
            start(),
            user(),
            tag(XOR, id="G", default="G-E"),
            end(),
            chain("S", "A", "G", "E"),
            flow("G", "A", "a = True"),
        ),
        "G-A",
    ),
    "condition-missing": (
        process(start(), tag(XOR, id="G"), user(), end(), chain("S", "G", "A", "E"), flow("G", "E", "a = 1")),
        "G-A",
    ),
    "condition-alone": (process(start(), user(), end(), flow("S", "A"), flow("A", "E", "a = 1")), "A-E"),
    "condition-alone at a gateway": (
        process(start(), user(), tag(XOR, id="G"), end(), chain("S", "A", "G"), flow("G", "E", "a = 1")),
        "G-E",
    ),
    "condition-misplaced at a start": (process(start(), user(), end(), flow("S", "A", "a = 1"), flow("A", "E")), "S-A"),
    "condition-misplaced at a parallel gateway": (
        process(start(), tag(AND, id="G"), user(), end(), chain("S", "G"), flow("G", "A", "a = 1"), flow("A", "E")),
        "G-A",
    ),
    "default with a condition": (
        process(
            start(),
            tag(XOR, id="G", default="G-E"),
            user(),
            end(),
            chain("S", "G"),
            flow("G", "A", "a = 1"),
            flow("G", "E", "b = 1"),
            flow("A", "E"),
        ),
        "G-E",
    ),
    "contradiction": (simple(inside=tag("outgoing", "S-A")), "A"),
    "two-lanes": (
        simple(
            tag(
                "laneSet",
                tag("lane", tag("flowNodeRef", "A"), id="L1") + tag("lane", tag("flowNodeRef", "A"), id="L2"),
                id="LS",
            )
        ),
        "A",
    ),
    "timer too short": (with_node(tag("intermediateCatchEvent", timer("PT59S"), id="X")), "X"),
    "timer too long": (with_node(tag("intermediateCatchEvent", timer("P11Y"), id="X")), "X"),
    "timer huge": (with_node(tag("intermediateCatchEvent", timer("P99999999999M"), id="X")), "X"),
    "timer repeating": (with_node(tag("intermediateCatchEvent", timer("R-1/PT0S"), id="X")), "X"),
    "timer in words": (with_node(tag("intermediateCatchEvent", timer("一小时"), id="X")), "X"),
    "timer quoted": (with_node(tag("intermediateCatchEvent", timer('"PT1H"'), id="X")), "X"),
    "timer on no day": (with_node(tag("intermediateCatchEvent", timer("2026-02-30", "timeDate"), id="X")), "X"),
    "timer empty": (with_node(tag("intermediateCatchEvent", tag("timerEventDefinition"), id="X")), "X"),
    "multi-instance of nothing": (with_node(user("X", mi(""))), "X"),
    "multi-instance of too many": (with_node(user("X", mi(tag("loopCardinality", "201")))), "X"),
    "multi-instance of very many": (with_node(user("X", mi(tag("loopCardinality", "50000000")))), "X"),
    "multi-instance of none": (with_node(user("X", mi(tag("loopCardinality", "0")))), "X"),
    "multi-instance below none": (with_node(user("X", mi(tag("loopCardinality", "-1")))), "X"),
    "multi-instance of half": (with_node(user("X", mi(tag("loopCardinality", "1.5")))), "X"),
    "multi-instance over no key": (with_node(user("X", mi(tag("loopDataInputRef", "Units-1")))), "X"),
    "multi-instance item twice": (
        with_node(
            sub(mi(LIST).replace("i1", "i2"), start("s"), user("u", mi(LIST)), end("e"), chain("s", "u", "e")), "U"
        ),
        "u",
    ),
    "script-language": (with_node(tag("scriptTask", tag("script", "x = 1"), id="X", scriptFormat="python")), "X"),
    "script-language javascript": (
        with_node(tag("scriptTask", tag("script", "x = 1"), id="X", scriptFormat="javascript")),
        "X",
    ),
    "script-language unsaid": (with_node(tag("scriptTask", tag("script", "{ x: 1 }"), id="X")), "X"),
    "script missing": (with_node(tag("scriptTask", id="X", scriptFormat="feel")), "X"),
    "script no context": (with_node(tag("scriptTask", tag("script", "1 + 1"), id="X", scriptFormat="feel")), "X"),
    "no-lookup": (with_node(tag("businessRuleTask", id="X")), "X"),
    "no-action": (with_node(tag("serviceTask", id="X")), "X"),
    "form-missing": (with_node(user("X", settings='<ld:form ref="nowhere"/>' + CANDIDATES)), "X"),
    "setting-unknown element": (simple(settings='<ld:deadline in="3"/>' + CANDIDATES), "A"),
    "setting-unknown attribute": (simple(settings='<ld:candidates post="handler" role="x"/>'), "A"),
    "setting-unknown bare": (simple(ld__form="x"), "A"),
    "setting-misplaced": (
        with_node(tag("scriptTask", ext(CANDIDATES) + tag("script", "{a: 1}"), id="X", scriptFormat="feel")),
        "X",
    ),
    "setting-twice": (simple(settings=CANDIDATES * 2), "A"),
    "setting without post": (simple(settings='<ld:candidates unit="=responsible_unit"/>'), "A"),
    "setting head and post": (simple(settings='<ld:candidates head="1" post="handler"/>'), "A"),
    "setting no level": (simple(settings='<ld:candidates head="-1"/>'), "A"),
    "setting level beyond": (simple(settings='<ld:candidates head="10"/>'), "A"),
    "setting starter and person": (simple(settings='<ld:candidates starter="true" person="=who"/>'), "A"),
    "setting starter in words": (simple(settings='<ld:candidates starter="yes"/>'), "A"),
    "setting no choice": (simple(settings='<ld:candidates post="handler" choose="fate"/>'), "A"),
    "setting choice of one": (simple(settings='<ld:candidates starter="true" choose="turn"/>'), "A"),
    "setting duty of persons": (simple(settings='<ld:candidates person="=who" choose="duty"/>'), "A"),
    "setting eyes around": (
        process(
            start(),
            tag(
                "subProcess",
                start("S1")
                + user("B", settings=CANDIDATES + '<ld:fourEyes with="X"/>')
                + end("E1")
                + chain("S1", "B", "E1"),
                id="X",
            ),
            end(),
            chain("S", "X", "E"),
        ),
        "B",
    ),
    "setting auto of nothing": (simple(settings=CANDIDATES + "<ld:auto/>"), "A"),
    "setting auto no condition": (simple(settings=CANDIDATES + '<ld:auto when="true"/>'), "A"),
    "setting auto the same as who": (simple(settings=CANDIDATES + '<ld:auto same="later"/>'), "A"),
    "setting auto answers no form": (simple(settings=CANDIDATES + '<ld:auto when="=x" answers="={a: 1}"/>'), "A"),
    "setting auto beside a signature": (
        simple(settings=CANDIDATES + '<ld:auto same="previous"/><ld:signature ask="required"/>'),
        "A",
    ),
    "setting auto beside four eyes": (
        with_node(user("X", settings=CANDIDATES + '<ld:auto same="previous"/><ld:fourEyes with="A"/>')),
        "X",
    ),
    "setting copy to nobody": (simple(settings=CANDIDATES + '<ld:copy unit="drainage"/>'), "A"),
    "setting copy never": (simple(settings=CANDIDATES + '<ld:copy post="handler" at="never"/>'), "A"),
    "setting signature unasked": (simple(settings=CANDIDATES + "<ld:signature/>"), "A"),
    "setting no key": (simple(settings='<ld:candidates post="the handler!"/>'), "A"),
    "setting no act": (simple(settings=CANDIDATES + '<ld:acts deny="transfer destroy"/>'), "A"),
    "setting no unit": (simple(settings=CANDIDATES + '<ld:clock id="c" budget="3" unit="fortnight"/>'), "A"),
    "setting no number": (simple(settings=CANDIDATES + '<ld:clock id="c" budget="soon" unit="work_day"/>'), "A"),
    "setting no share": (simple(settings=CANDIDATES + '<ld:clock id="c" budget="3" unit="work_day" warn="25"/>'), "A"),
    "setting budget alone": (simple(settings=CANDIDATES + '<ld:clock id="c" budget="3"/>'), "A"),
    "setting from on a task": (simple(settings=CANDIDATES + '<ld:clock id="c" from="S"/>'), "A"),
    "setting clock twice": (
        with_node(user("X", settings=CANDIDATES + '<ld:clock id="c"/><ld:clock id="c"/>')),
        "X",
    ),
    "setting no context": (
        with_node(tag("businessRuleTask", ext('<ld:lookup register="r" match="=code" into="x"/>'), id="X")),
        "X",
    ),
    "setting match without =": (
        with_node(tag("businessRuleTask", ext('<ld:lookup register="r" match="{code: x}" into="x"/>'), id="X")),
        "X",
    ),
    "setting into no key": (
        with_node(tag("businessRuleTask", ext('<ld:lookup register="r" match="={code: x}" into="X-Y"/>'), id="X")),
        "X",
    ),
    "setting-misplaced on a timer": (
        with_node(
            tag(
                "intermediateCatchEvent",
                timer().replace("<bpmn:timeDuration>", ext(CANDIDATES) + "<bpmn:timeDuration>"),
                id="X",
            )
        ),
        "X",
    ),
    "setting-unknown on a timer": (
        with_node(tag("intermediateCatchEvent", timer().replace("Definition>", 'Definition ld:due="x">', 1), id="X")),
        "X",
    ),
    "setting-misplaced inner start": (
        with_node(sub(start("s", ext('<ld:form ref="f"/>')), user("u"), end("e"), chain("s", "u", "e")), "U"),
        "s",
    ),
    "unsupported type by xsi": (with_node(tag("task", id="X").replace("/>", ' xsi:type="bpmn:tScriptTask"/>')), "X"),
    "unsupported sub-process by xsi": (
        with_node(
            sub(start("s"), user("u"), end("e"), chain("s", "u", "e")).replace(
                "<bpmn:subProcess", '<bpmn:subProcess xsi:type="bpmn:tTransaction"', 1
            ),
            "U",
        ),
        "U",
    ),
    "unsupported element in a script": (
        with_node(
            tag("scriptTask", "<bpmn:script>{ a: 1<x xmlns='urn:x'>0</x> }</bpmn:script>", id="X", scriptFormat="feel")
        ),
        "X",
    ),
    "setting own eyes": (simple(settings=CANDIDATES + '<ld:fourEyes with="A"/>'), "A"),
    "setting expression in a plain attribute": (simple(settings='<ld:form ref="=title"/>' + CANDIDATES), "A"),
    "dangling four eyes": (simple(settings=CANDIDATES + '<ld:fourEyes with="Gone"/>'), "A"),
    "dangling clock": (
        process(ext('<ld:clock id="case" from="Gone"/>'), start(), user(), end(), chain("S", "A", "E")),
        "process",
    ),
    "vendor-behaviour service": (
        with_node(tag("serviceTask", ext('<ld:action name="notify"/>'), id="X", camunda__class="com.example.Evil")),
        "X",
    ),
    "vendor-behaviour expression": (
        with_node(tag("serviceTask", ext('<ld:action name="notify"/>'), id="X", camunda__expression="${x.run()}")),
        "X",
    ),
    "vendor-behaviour collection": (
        with_node(user("X", mi(LIST, camunda__collection="${units}"))),
        "X",
    ),
    "vendor-behaviour skip": (with_node(user("X", flowable__skipExpression="${true}")), "X"),
    "id-too-long": (simple(tag("textAnnotation", id="L" * 201)), "L" * 79 + "…"),
    "name-too-long": (simple(name="长" * 301), "A"),
}


@pytest.mark.parametrize("what, data, element", [(what, *rest) for what, rest in WRONG.items()], ids=WRONG)
def test_wrong_is_refused_with_its_place(what: str, data: bytes, element: str) -> None:
    code = what.split(maxsplit=1)[0]
    reading = read("t.bpmn", data)
    assert reading.process is None
    found = [problem for problem in errors(reading) if problem.code == code and element in ("", problem.element)]
    assert found, [(problem.code, problem.line_for()) for problem in reading.problems]
    for problem in found:
        assert problem.zh.endswith("。")
        assert problem.en.endswith(".")
        assert problem.line > 0 or element in ("process", "")


def test_all_problems_at_once() -> None:
    data = process(
        start(),
        user("A", settings='<ld:clock id="c" budget="x" unit="y"/>'),
        tag("scriptTask", tag("script", "import os"), id="X", scriptFormat="python"),
        tag(XOR, id="G"),
        end(),
        flow("S", "A"),
        flow("A", "X"),
        flow("X", "G"),
        flow("G", "A", "${again}"),
        flow("G", "E"),
    )
    found = {(problem.code, problem.element) for problem in errors(read("t.bpmn", data))}
    assert found >= {
        ("setting", "A"),
        ("script-language", "X"),
        ("expression-language", "G-A"),
        ("condition-missing", "G-E"),
    }


def test_problems_print_as_one_line() -> None:
    data = simple(tag("adHocSubProcess", id="X", name="a\n<b>\x85" + "c" * 400))
    problem = next(each for each in read("d/t.bpmn", data).problems if each.code == "unsupported")
    text = problem.line_for()
    assert text.startswith(f"d/t.bpmn:{problem.line}: X: ")
    assert text.isprintable()
    assert len(text) < 300


def test_warnings_do_not_keep_a_file_out() -> None:
    reading = read("t.bpmn", simple(settings="", camunda__assignee="${boss}", camunda__formKey="x"))
    assert reading.process is not None
    assert {problem.severity for problem in reading.problems} == {Severity.WARNING}
    assert {"vendor-ignored", "no-candidates"} == {problem.code for problem in reading.problems}


def test_a_join_that_may_wait_is_warned_of() -> None:
    data = process(
        start(),
        tag(AND, id="G"),
        user("A"),
        user("C"),
        tag(XOR, id="D", default="D-J"),
        tag(AND, id="J"),
        end(),
        end("F"),
        chain("S", "G", "A", "J", "E"),
        chain("G", "C", "D", "J"),
        flow("D", "F", "skip = true"),
    )
    reading = read("t.bpmn", data)
    assert reading.process is not None
    assert [(problem.code, problem.element) for problem in reading.problems] == [("join-may-wait", "J")]


def test_what_other_engines_would_do_differently() -> None:
    scoped = '<bpmn:signal id="SI" name="s" flowable:scope="%s"/>'
    ending = process(
        start(), user(), end("E", '<bpmn:terminateEventDefinition flowable:terminateAll="%s"/>'), chain("S", "A", "E")
    )
    mapped = "<camunda:inputOutput><camunda:%s name='a'>1</camunda:%s></camunda:inputOutput>"
    for wrong, right in (
        (rooted(scoped % "processInstance"), rooted(scoped % "global")),
        (ending.replace(b"%s", b"true"), ending.replace(b"%s", b"false")),
        (
            simple(settings=CANDIDATES + mapped % (("outputParameter",) * 2)),
            simple(settings=CANDIDATES + mapped % (("inputParameter",) * 2)),
        ),
    ):
        assert [problem.code for problem in errors(read("t.bpmn", wrong))] == ["vendor-behaviour"]
        assert errors(read("t.bpmn", right)) == []


def test_a_problem_names_the_event_and_not_its_definition() -> None:
    timed = timer("soon").replace("<bpmn:timerEventDefinition", '<bpmn:timerEventDefinition id="T"')
    waits = tag("conditionalEventDefinition", tag("condition", "${x}"), id="C")
    for definition in (timed, waits):
        found = errors(read("t.bpmn", with_node(tag("intermediateCatchEvent", definition, id="X", name="等"))))
        assert [problem.element for problem in found] == ["X"]


def test_a_value_no_schema_knows_is_refused_and_no_more() -> None:
    found = errors(read("t.bpmn", with_node(user("X", mi(LIST, behavior="Often")))))
    assert {(problem.code, problem.element) for problem in found} == {("schema", "X")}


def test_a_clock_of_what_is_refused_is_not_blamed() -> None:
    data = process(
        ext('<ld:clock id="case" from="X"/>'),
        start(),
        tag("adHocSubProcess", user("u"), id="X"),
        end(),
        chain("S", "X", "E"),
    )
    assert {problem.code for problem in errors(read("t.bpmn", data))} == {"unsupported"}


@pytest.mark.parametrize(
    "said",
    [
        'post="handler" choose="duty"',
        'head="1"',
        'unit="=about" head="=levels"',
        'starter="true"',
        'person="=who"',
        'person="=who" choose="load"',
    ],
)
def test_a_rule_that_may_find_nobody_wants_a_fallback(said: str) -> None:
    for more, codes in (("", ["no-fallback"]), (' fallbackPost="operator"', [])):
        reading = read("t.bpmn", simple(settings=f"<ld:candidates {said}{more}/>"))
        assert reading.process is not None
        assert [problem.code for problem in reading.problems] == codes
