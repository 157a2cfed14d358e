"""Activities: messages sent and received, calls, decisions, actions, repetition, quantities, data."""

from __future__ import annotations

import pytest

from engine.bpmn.model import Behavior, Call, Copy, Event, Kind, Loop, MultiInstance, Node, Trigger
from engine.bpmn.reading import read
from engine.bpmn.settings import Action, Decision, Lookup
from engine.bpmn.values import Value
from tests.bpmn.drawing import (
    DECLARED,
    around,
    boundary,
    chain,
    codes,
    end,
    errors,
    ext,
    flow,
    model,
    process,
    start,
    sub,
    tag,
    timer,
    user,
    wrong,
)

LIST = tag("loopDataInputRef", "units") + tag("inputDataItem", id="i1", name="unit")


def x(data: bytes) -> Node:
    return model(data).nodes["X"]


def rule(inside: str = "", **attributes: str) -> str:
    return tag("businessRuleTask", ext(inside), id="X", **attributes)


def service(setting: str) -> str:
    return tag("serviceTask", ext(setting), id="X")


def call(inside: str = "", **attributes: str) -> str:
    return tag("callActivity", inside, id="X", **{"calledElement": "other", **attributes})


def mi(inside: str, **attributes: str) -> str:
    return user("X", tag("multiInstanceLoopCharacteristics", inside, **attributes))


def loop(inside: str = "", **attributes: str) -> str:
    return user("X", tag("standardLoopCharacteristics", inside, **attributes))


def test_send_and_receive() -> None:
    sent = tag("sendTask", ext('<ld:message payload="={level: level}" correlation="=n"/>'), id="X", messageRef="M1")
    assert x(around(sent)).events == (
        Event(Trigger.MESSAGE, name=Value("order"), correlation="n", payload="{level: level}"),
    )
    received = tag("receiveTask", ext('<ld:message result="={level: payload.level}"/>'), id="X", messageRef="M2")
    node = x(around(received))
    assert (node.kind, node.events) == (
        Kind.RECEIVE,
        (Event(Trigger.MESSAGE, name=Value("answer"), result="{level: payload.level}"),),
    )


def test_calls() -> None:
    assert x(around(call())).call == Call(Value("other"))
    given = call(ext('<ld:call input="={a: b}" output="={c: d}"/>'))
    assert x(around(given)).call == Call(Value("other"), "{a: b}", "{c: d}")
    assert x(around(call(calledElement="=kind"))).call == Call(Value("kind", is_feel=True))
    assert x(around(call(ext('<ld:call process="other"/>')))).call == Call(Value("other"))


def test_names_of_the_called_are_not_those_of_the_caller() -> None:
    data = around(call(ext('<ld:call input="={a: known}" output="={made: theirs}"/>')))
    assert read("t.bpmn", data, facts={"known": "any"}).problems == ()
    assert [problem.code for problem in read("t.bpmn", data, facts={}).problems] == ["unknown-fact"]


def test_decisions() -> None:
    assert x(around(rule('<ld:decision ref="Urgency" into="grade"/>'))).settings.decision == Decision(
        "Urgency", "grade"
    )
    assert x(around(rule('<ld:decision ref="Urgency"/>'))).settings.decision == Decision("Urgency")
    camunda = rule(
        camunda__decisionRef="Urgency", camunda__resultVariable="grade", camunda__mapDecisionResult="singleEntry"
    )
    assert x(around(camunda)).settings.decision == Decision("Urgency", "grade")
    zeebe = rule(
        '<z:calledDecision xmlns:z="http://camunda.org/schema/zeebe/1.0" decisionId="Urgency" resultVariable="grade"/>'
    )
    assert x(around(zeebe)).settings.decision == Decision("Urgency", "grade")
    data = around(rule('<ld:decision ref="Urgency" into="grade"/>'))
    assert read("t.bpmn", data, decisions=["Urgency"]).problems == ()
    assert [each.code for each in read("t.bpmn", data, decisions=[]).problems] == ["decision-missing"]


def test_actions() -> None:
    given = service('<ld:action name="notify" to="=who" result="={sent_at: result.at}"/>')
    assert x(around(given)).settings.action == Action(
        "notify", {"to": Value("who", is_feel=True)}, waits=True, result="{sent_at: result.at}"
    )
    assert read("t.bpmn", around(given), facts={"who": "string"}).problems == ()
    assert x(around(service('<ld:action name="notify" wait="false"/>'))).settings.action == Action(
        "notify", {}, waits=False
    )


def test_multi_instance() -> None:
    output = tag("loopDataOutputRef", "answers") + tag("inputDataItem", id="i", name="unit")
    inside = tag("loopDataInputRef", "units") + output + tag("outputDataItem", id="o", name="reply")
    inside += tag("completionCondition", "numberOfCompletedInstances > 1 and loopCounter > 0")
    found = x(around(mi(inside, isSequential="true"))).multi_instance
    assert found == MultiInstance(
        sequential=True,
        collection="units",
        item="unit",
        completion="numberOfCompletedInstances > 1 and loopCounter > 0",
        output="answers",
        output_item="reply",
    )
    assert read("t.bpmn", around(mi(inside)), facts={"units": "array"}).problems == ()


@pytest.mark.parametrize(
    "kind",
    ["manualTask", "task", "scriptTask", "sendTask", "receiveTask", "serviceTask", "businessRuleTask", "callActivity"],
)
def test_any_activity_may_be_repeated(kind: str) -> None:
    inside = {
        "scriptTask": tag("script", "{a: unit}"),
        "serviceTask": ext('<ld:action name="n"/>'),
        "businessRuleTask": ext('<ld:decision ref="d" into="a"/>'),
    }.get(kind, "")
    attributes = {
        "scriptTask": {"scriptFormat": "feel"},
        "sendTask": {"messageRef": "M1"},
        "receiveTask": {"messageRef": "M1"},
        "callActivity": {"calledElement": "other"},
    }.get(kind, {})
    repeated = tag("multiInstanceLoopCharacteristics", LIST)
    parts = (inside + repeated) if inside.startswith("<bpmn:ext") else (repeated + inside)
    assert x(around(tag(kind, parts, id="X", **attributes))).multi_instance is not None


BEHAVIORS = '<bpmn:signalEventDefinition id="D" signalRef="S1"/>'
FLOOD = Event(Trigger.SIGNAL, name=Value("flood"))


def behaving(inside: str, **attributes: str) -> bytes:
    return process(start(), mi(inside, **attributes), end(), chain("S", "X", "E"), before=DECLARED + BEHAVIORS)


def test_behaviours() -> None:
    none = x(behaving(LIST, behavior="None", noneBehaviorEventRef="D")).multi_instance
    assert none is not None
    assert (none.behavior, none.thrown) == (Behavior.NONE, ((None, FLOOD),))
    one = x(behaving(LIST, behavior="One", oneBehaviorEventRef="D")).multi_instance
    assert one is not None
    assert (one.behavior, one.thrown) == (Behavior.ONE, ((None, FLOOD),))
    each = tag(
        "complexBehaviorDefinition",
        tag("condition", "numberOfCompletedInstances = 2") + tag("event", tag("signalEventDefinition", signalRef="S1")),
    )
    several = x(behaving(LIST + each + each, behavior="Complex")).multi_instance
    assert several is not None
    assert several.thrown == (("numberOfCompletedInstances = 2", FLOOD),) * 2
    assert x(behaving(LIST, oneBehaviorEventRef="D")).multi_instance == MultiInstance(
        sequential=False, collection="units", item="unit"
    )


def test_standard_loops() -> None:
    given = tag("loopCondition", "loopCounter &lt; 3 and open")
    assert x(around(loop(given, testBefore="true", loopMaximum="9"))).loop == Loop("loopCounter < 3 and open", True, 9)
    assert x(around(loop(given))).loop == Loop("loopCounter < 3 and open")
    assert x(around(loop(loopMaximum="3"))).loop == Loop(None, False, 3)
    assert read("t.bpmn", around(loop(given)), facts={"open": "boolean"}).problems == ()


def test_quantities() -> None:
    node = x(around(user("X", completionQuantity="3")))
    assert (node.start_quantity, node.completion_quantity) == (1, 3)


REFUSED = {
    "send without a message": (tag("sendTask", id="X"), "event"),
    "receive without a message": (tag("receiveTask", id="X"), "event"),
    "receive of nothing": (tag("receiveTask", id="X", messageRef="Gone"), "dangling"),
    "payload of a receive": (
        tag("receiveTask", ext('<ld:message payload="={a: 1}"/>'), id="X", messageRef="M1"),
        "setting",
    ),
    "message on a user task": (user("X", settings='<ld:message correlation="=a"/>'), "setting-misplaced"),
    "call of nothing": (call(calledElement=" ").replace(' calledElement=" "', ""), "call"),
    "call in another language": (call(calledElement="${other}"), "expression-language"),
    "call of two": (call(ext('<ld:call process="another"/>')), "contradiction"),
    "input no context": (call(ext('<ld:call input="=a"/>')), "setting"),
    "input no key": (call(ext('<ld:call input="={Ab: 1}"/>')), "setting"),
    "output no key": (call(ext('<ld:call output="={Ab: 1}"/>')), "setting"),
    "call setting on a task": (user("X", settings='<ld:call input="={a: 1}"/>'), "setting-misplaced"),
    "decision without a ref": (rule('<ld:decision into="x"/>'), "setting"),
    "decision into no key": (rule('<ld:decision ref="d" into="X-1"/>'), "setting"),
    "decision and look-up": (
        rule('<ld:decision ref="d"/><ld:lookup register="r" match="={a: b}" into="c"/>'),
        "contradiction",
    ),
    "two decisions": (rule('<ld:decision ref="d"/>', camunda__decisionRef="e"), "contradiction"),
    "decision by expression": (rule(camunda__decisionRef="${d}"), "vendor-behaviour"),
    "decision of a version": (rule(camunda__decisionRef="d", camunda__decisionRefVersion="2"), "vendor-behaviour"),
    "decision as a list": (rule(camunda__decisionRef="d", camunda__mapDecisionResult="resultList"), "vendor-behaviour"),
    "rule that does nothing": (rule(), "no-lookup"),
    "service that does nothing": (service(""), "no-action"),
    "action that is not waited for with a result": (
        service('<ld:action name="n" wait="false" result="={a: 1}"/>'),
        "setting",
    ),
    "action that may wait": (service('<ld:action name="n" wait="perhaps"/>'), "setting"),
    "both list and number": (mi(tag("loopCardinality", "3") + LIST), "multi-instance"),
    "an item of a number": (
        mi(tag("loopCardinality", "3") + tag("inputDataItem", id="i", name="unit")),
        "multi-instance",
    ),
    "output without an item": (
        mi(tag("loopDataInputRef", "units") + tag("loopDataOutputRef", "o")),
        "multi-instance",
    ),
    "output item without a list": (
        mi(tag("loopDataInputRef", "units") + tag("outputDataItem", id="o", name="o")),
        "multi-instance",
    ),
    "output list no key": (
        mi(
            tag("loopDataInputRef", "units") + tag("loopDataOutputRef", "O-1") + tag("outputDataItem", id="o", name="o")
        ),
        "multi-instance",
    ),
    "behaviour without an event": (mi(LIST, behavior="One"), "multi-instance"),
    "behaviour of an event that is nowhere": (mi(LIST, behavior="None", noneBehaviorEventRef="Gone"), "dangling"),
    "complex behaviour without a definition": (mi(LIST, behavior="Complex"), "multi-instance"),
    "complex behaviour of an error": (
        mi(
            LIST
            + tag(
                "complexBehaviorDefinition",
                tag("condition", "true") + tag("event", tag("errorEventDefinition", errorRef="R1")),
            ),
            behavior="Complex",
        ),
        "event-place",
    ),
    "completion in another language": (mi(LIST + tag("completionCondition", "${done}")), "expression-language"),
    "loop in another language": (loop(tag("loopCondition", "${more}")), "expression-language"),
    "loop of no rounds": (loop(loopMaximum="0"), "loop"),
    "loop of too many rounds": (loop(loopMaximum="1000000"), "loop"),
    "loop that never ends": (loop(), "loop"),
    "loop that never rests": (
        tag("task", tag("standardLoopCharacteristics", tag("loopCondition", "a = 1")), id="X"),
        "loop-without-wait",
    ),
    "loop that hardly rests": (
        tag("task", tag("standardLoopCharacteristics", loopMaximum="201"), id="X"),
        "loop-without-wait",
    ),
    "no tokens": (user("X", startQuantity="0"), "quantity"),
    "too many tokens": (user("X", completionQuantity="101"), "quantity"),
}


@pytest.mark.parametrize("node,code", REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_with_activities(node: str, code: str) -> None:
    found = errors(read("t.bpmn", around(node)))
    assert code in {problem.code for problem in found}, found
    assert all(problem.zh.endswith("。") and problem.line > 0 for problem in found)


def test_a_loop_may_be_left_by_an_event() -> None:
    data = process(start(), loop(), boundary("X"), end(), chain("S", "X", "E"), flow("B", "E"))
    assert codes(data) == set()


def test_a_loop_that_does_not_rest_but_is_short() -> None:
    assert x(around(tag("task", tag("standardLoopCharacteristics", loopMaximum="3"), id="X"))).loop == Loop(
        None, False, 3
    )


# --- Data


def io(*parts: str) -> str:
    return tag("ioSpecification", "".join(parts) + tag("inputSet") + tag("outputSet"), id="io")


def moved(tag_: str, source: str | None, target: str, inside: str = "", before: str = "") -> str:
    sources = "".join(tag("sourceRef", each) for each in source.split()) if source else ""
    return tag(tag_, before + sources + tag("targetRef", target) + inside)


def into(source: str | None, target: str, inside: str = "", before: str = "") -> str:
    return moved("dataInputAssociation", source, target, inside, before)


def out(source: str | None, target: str, inside: str = "") -> str:
    return moved("dataOutputAssociation", source, target, inside)


PHOTOS = tag("dataObject", id="D1") + tag(
    "dataObjectReference", ext('<ld:data key="photos"/>'), id="DR", dataObjectRef="D1", name="照片"
)
INPUT, OUTPUT = tag("dataInput", id="I1", name="pictures"), tag("dataOutput", id="O1", name="made")


def test_data_objects_are_variables() -> None:
    found = model(around(user("X"), PHOTOS, tag("dataObject", id="report"), tag("dataObject", id="D2", name="图")))
    assert found.variables == ("photos", "report")
    inside = sub("X", tag("dataObject", id="local_one"), user("u"))
    assert x(around(inside)).variables == ("local_one",)
    holding = model(process(tag("property", id="P1", name="mood"), start(), user(), end(), chain("S", "A", "E")))
    assert holding.variables == ("mood",)


def test_data_are_moved() -> None:
    node = x(around(user("X", io(INPUT, OUTPUT) + into("DR", "I1") + out("O1", "DR")), PHOTOS))
    assert node.inputs == (Copy("photos", "pictures"),)
    assert node.outputs == (Copy("made", "photos"),)


def test_data_are_changed_as_they_move() -> None:
    first = into("DR", "I1", tag("transformation", "count(photos)"))
    assigned = tag("assignment", tag("from", "made + 1") + tag("to", "photos"))
    node = x(around(user("X", io(INPUT, OUTPUT) + first + out("O1", "DR", assigned)), PHOTOS))
    assert node.inputs == (Copy("count(photos)", "pictures"),)
    assert node.outputs == (Copy("made + 1", "photos"),)


def test_the_same_key_is_the_same_datum() -> None:
    node = x(around(user("X", io(tag("dataInput", id="photos")) + into("DR", "photos")), PHOTOS))
    assert node.inputs == ()


def test_a_data_store_is_a_register() -> None:
    looked = into("DS", "I1", before=ext('<ld:lookup register="standards" match="={code: code}" required="true"/>'))
    store = tag("dataStoreReference", id="DS", name="标准")
    data = around(user("X", io(INPUT) + looked), store)
    assert x(data).lookups == (Lookup("standards", "{code: code}", "pictures", required=True),)
    assert [each.code for each in read("t.bpmn", data, registers=["other"]).problems] == ["register-missing"]
    drawn = around(user("X", io(INPUT) + into("DS", "I1")), store)
    assert codes(drawn) == {"data-drawn"}
    assert x(drawn).inputs == ()


def test_what_has_no_key_is_only_drawn() -> None:
    drawn = tag("dataObject", id="D1") + tag("dataObjectReference", id="DR", dataObjectRef="D1", name="照片")
    placeholder = tag("property", id="P1", name="__targetRef_placeholder") + into("DR", "P1")
    data = around(user("X", placeholder), drawn)
    assert codes(data) == {"data-drawn"}
    assert x(data).inputs == ()


def test_data_of_a_call_are_what_it_gives_and_takes() -> None:
    node = x(around(call(io(INPUT, OUTPUT) + into("DR", "I1") + out("O1", "DR")), PHOTOS))
    assert node.call == Call(Value("other"), "{pictures: photos}", "{photos: made}")
    assert node.inputs == node.outputs == ()


def test_a_multi_instance_over_a_data_object() -> None:
    over = tag("loopDataInputRef", "DR") + tag("inputDataItem", id="i", name="photo")
    found = x(around(mi(over), PHOTOS)).multi_instance
    assert found is not None
    assert found.collection == "photos"
    own = io(INPUT) + into("DR", "I1") + tag("multiInstanceLoopCharacteristics", tag("loopDataInputRef", "I1"))
    node = x(around(user("X", own), PHOTOS))
    assert node.multi_instance is not None
    assert node.multi_instance.collection == "pictures"


def test_names_of_data_are_known_where_they_are() -> None:
    used = user("X", io(INPUT) + into("DR", "I1"), settings='<ld:candidates post="=pictures"/>')
    assert read("t.bpmn", around(used, PHOTOS), facts={}).problems == ()
    inside = sub("X", tag("dataObject", id="local_one"), user("u", settings='<ld:candidates post="=local_one"/>'))
    assert read("t.bpmn", around(inside), facts={}).problems == ()
    outside = user("X", settings='<ld:candidates post="=local_one"/>')
    data = process(
        start(), sub("U", tag("dataObject", id="local_one"), user("u")), outside, end(), chain("S", "U", "X", "E")
    )
    assert "unknown-fact" in {problem.code for problem in read("t.bpmn", data, facts={}).problems}


WRONG_DATA = {
    "two keys of one object": (
        around(
            user("X"), PHOTOS, tag("dataObjectReference", ext('<ld:data key="other"/>'), id="DR2", dataObjectRef="D1")
        ),
        "setting",
    ),
    "no key": (around(user("X"), PHOTOS.replace('"photos"', '"Photos"')), "setting"),
    "a word of FEEL": (around(user("X"), PHOTOS.replace('"photos"', '"if"')), "setting"),
    "two objects of one key": (
        around(user("X"), PHOTOS, tag("dataObject", id="photos")),
        "data-key",
    ),
    "target that is no datum": (around(user("X", into("DR", "A")), PHOTOS), "data"),
    "source that is nowhere": (around(user("X", io(INPUT) + into("Gone", "I1"))), "dangling"),
    "several sources": (
        around(user("X", io(INPUT) + into("DR D2", "I1")), PHOTOS, tag("dataObject", id="D2", name="more")),
        "data",
    ),
    "assignment to something else": (
        around(user("X", io(INPUT) + into("DR", "I1", tag("assignment", tag("from", "1") + tag("to", "x")))), PHOTOS),
        "data",
    ),
    "two assignments": (
        around(
            user("X", io(INPUT) + into("DR", "I1", tag("assignment", tag("from", "1") + tag("to", "pictures")) * 2)),
            PHOTOS,
        ),
        "data",
    ),
    "change of what has no key": (
        around(user("X", io(tag("dataInput", id="I1")) + into("DR", "I1", tag("transformation", "photos"))), PHOTOS),
        "data",
    ),
    "change in another language": (
        around(user("X", io(INPUT) + into("DR", "I1", tag("transformation", "${photos}"))), PHOTOS),
        "expression-language",
    ),
    "object of another sub-process": (
        process(
            start(),
            sub("U", tag("dataObject", id="hidden"), user("u")),
            user("X", io(INPUT) + into("hidden", "I1")),
            end(),
            chain("S", "U", "X", "E"),
        ),
        "data",
    ),
    "look-up without a store": (
        around(
            user("X", io(INPUT) + into("DR", "I1", before=ext('<ld:lookup register="r" match="={a: b}"/>'))), PHOTOS
        ),
        "data",
    ),
    "look-up that says where to": (
        around(
            user("X", io(INPUT) + into("DS", "I1", before=ext('<ld:lookup register="r" match="={a: b}" into="x"/>'))),
            tag("dataStoreReference", id="DS"),
        ),
        "setting",
    ),
    "data of an event": (
        around(
            tag("intermediateCatchEvent", OUTPUT + out("O1", "DR") + tag("outputSet") + timer(), id="X"),
            PHOTOS,
        ),
        "data",
    ),
    "call given both ways": (
        around(call(ext('<ld:call input="={a: 1}"/>') + io(INPUT) + into("DR", "I1")), PHOTOS),
        "contradiction",
    ),
    "key on a task": (around(user("X", settings='<ld:data key="x"/>')), "setting-misplaced"),
}


@pytest.mark.parametrize("data,code", WRONG_DATA.values(), ids=WRONG_DATA)
def test_what_is_wrong_with_data(data: bytes, code: str) -> None:
    assert code in {found for found, _ in wrong(data)}, read("t.bpmn", data).problems


def many(inside: str) -> str:
    return tag("multiInstanceLoopCharacteristics", inside)


def test_the_items_of_a_multi_instance_need_no_ids() -> None:
    def part(list_: str, item: str) -> str:
        inside = tag("loopDataInputRef", list_) + tag("loopDataOutputRef", f"{item}s_done")
        return many(inside + tag("inputDataItem", name=item) + tag("outputDataItem", name=f"{item}_done"))

    nodes = model(
        process(start(), user("A", part("xs", "x")), user("B", part("ys", "y")), end(), chain("S", "A", "B", "E"))
    ).nodes
    found = [node.multi_instance for node in (nodes["A"], nodes["B"])]
    assert [(each.item, each.output_item) for each in found if each is not None] == [("x", "x_done"), ("y", "y_done")]


INNER = (tag("dataObject", id="unit"), start("s"), user("B"), end("e"), chain("s", "B", "e"))


@pytest.mark.parametrize(
    "data, code",
    [
        (process(start(), sub("A", many(LIST), *INNER), end(), chain("S", "A", "E")), "multi-instance"),
        (
            process(
                start(),
                sub(
                    "A",
                    tag("standardLoopCharacteristics", tag("loopCondition", "unit = 1"), testBefore="true"),
                    *INNER,
                ),
                end(),
                chain("S", "A", "E"),
            ),
            "loop",
        ),
        (
            process(
                tag("receiveTask", many(tag("loopCardinality", "2")), id="A", messageRef="M1", instantiate="true"),
                *(user("B"), end(), chain("A", "B", "E")),
                before=DECLARED,
            ),
            "event-gateway",
        ),
    ],
    ids=["an item named as a datum inside", "a loop tested before its datum is there", "a start that is repeated"],
)
def test_what_repetition_cannot_know_is_refused(data: bytes, code: str) -> None:
    assert (code, "A") in wrong(data)
