"""Events: every definition at every place, as tables 10.84 to 10.93 of BPMN 2.0.2 have it; what each is read to."""

from __future__ import annotations

import itertools

import pytest

from engine.bpmn.model import Event, Kind, Node, Timer, TimerKind, Trigger
from engine.bpmn.reading import read
from engine.bpmn.values import Value
from tests.bpmn.drawing import (
    CANCEL,
    DECLARED,
    TERMINATE,
    around,
    catch,
    chain,
    codes,
    compensation,
    conditional,
    end,
    error,
    errors,
    escalation,
    ext,
    flow,
    handler,
    link,
    message,
    model,
    process,
    signal,
    start,
    sub,
    tag,
    throw,
    timer,
    user,
    wrong,
)

DEFINITIONS = {
    "message": message(),
    "timer": timer(),
    "error": error(),
    "escalation": escalation(),
    "cancel": CANCEL,
    "compensation": compensation(),
    "conditional": conditional(),
    "link": link(),
    "signal": signal(),
    "terminate": TERMINATE,
}
UNDO = tag("task", id="undo", isForCompensation="true") + tag(
    "association", id="as", sourceRef="X", targetRef="undo", associationDirection="One"
)


def top(definition: str, **attributes: str) -> bytes:
    definition = definition.replace(
        "<bpmn:timeDuration>PT1H</bpmn:timeDuration>", "<bpmn:timeCycle>R/PT1H</bpmn:timeCycle>"
    )
    return process(start("X", definition, **attributes), user(), end(), chain("X", "A", "E"), before=DECLARED)


def inner(definition: str, **attributes: str) -> bytes:
    inside = start("X", definition, **attributes), user("u"), end("e"), chain("X", "u", "e")
    return process(start(), sub("U", *inside), end(), chain("S", "U", "E"), before=DECLARED)


def triggered(definition: str, **attributes: str) -> bytes:
    inside = start("X", definition, **attributes), user("u"), end("e"), chain("X", "u", "e")
    handling = sub("V", *inside, triggeredByEvent="true")
    return process(start(), user(), end(), chain("S", "A", "E"), handling, before=DECLARED)


def caught(definition: str, **attributes: str) -> bytes:
    if "linkEvent" in definition:
        parts = start(), throw("T", definition), catch("X", definition, **attributes), user(), end(), chain("S", "T")
        return process(*parts, chain("X", "A", "E"), before=DECLARED)
    return around(catch("X", definition, **attributes))


def thrown(definition: str) -> bytes:
    if "linkEvent" in definition:
        parts = start(), throw("X", definition), catch("T", definition), user(), end(), chain("S", "X")
        return process(*parts, chain("T", "A", "E"), before=DECLARED)
    return around(throw("X", definition))


def bordering(definition: str, **attributes: str) -> bytes:
    undone = "compensate" in definition
    cancels = end("e", CANCEL) if "cancelEvent" in definition else end("e")
    host = sub("U", start("s"), user("u"), cancels, chain("s", "u", "e"), kind="transaction")
    event = tag("boundaryEvent", definition, id="X", attachedToRef="U", **attributes)
    after = UNDO if undone else flow("X", "E")
    return process(start(), host, end(), chain("S", "U", "E"), event, after, before=DECLARED)


def ending(definition: str) -> bytes:
    inside = start("s"), user("u"), end("X", definition), chain("s", "u", "X")
    cancelled = tag("boundaryEvent", CANCEL, id="B", attachedToRef="U") + flow("B", "E")
    host = sub("U", *inside, kind="transaction")
    return process(start(), host, end(), chain("S", "U", "E"), cancelled, before=DECLARED)


PLACES = {
    "start": (top, {"message", "timer", "signal"}),
    "start of a sub-process": (inner, set()),
    "start of an event sub-process": (
        triggered,
        {"message", "timer", "error", "escalation", "compensation", "conditional", "signal"},
    ),
    "catch": (caught, {"message", "timer", "conditional", "link", "signal"}),
    "throw": (thrown, {"message", "escalation", "compensation", "link", "signal"}),
    "boundary": (
        bordering,
        {"message", "timer", "error", "escalation", "cancel", "compensation", "conditional", "signal"},
    ),
    "end": (ending, {"message", "error", "escalation", "cancel", "compensation", "signal", "terminate"}),
}
KINDS = {
    "start": Kind.START,
    "start of a sub-process": Kind.START,
    "start of an event sub-process": Kind.START,
    "catch": Kind.CATCH,
    "throw": Kind.THROW,
    "boundary": Kind.BOUNDARY,
    "end": Kind.END,
}


@pytest.mark.parametrize("place,what", list(itertools.product(PLACES, DEFINITIONS)))
def test_each_definition_at_each_place(place: str, what: str) -> None:
    drawn, allowed = PLACES[place]
    data = drawn(DEFINITIONS[what])
    if what in allowed:
        node = model(data).nodes["X"]
        assert node.kind is KINDS[place]
        assert [str(event.trigger) for event in node.events] == [what]
    else:
        assert ("event-place", "X") in wrong(data)
        said = next(problem for problem in errors(read("t.bpmn", data)) if problem.code == "event-place")
        assert said.line > 0
        assert said.zh.endswith("。")


@pytest.mark.parametrize("place", PLACES)
def test_none_events(place: str) -> None:
    drawn, _ = PLACES[place]
    if place in ("start", "start of a sub-process", "throw", "end"):
        assert model(drawn("")).nodes["X"].is_none
    else:
        assert ("event-place", "X") in wrong(drawn(""))


@pytest.mark.parametrize("place", ["start", "start of an event sub-process", "catch", "boundary"])
def test_multiple_and_parallel_multiple(place: str) -> None:
    drawn, _ = PLACES[place]
    node = model(drawn(message() + signal())).nodes["X"]
    assert [event.trigger for event in node.events] == [Trigger.MESSAGE, Trigger.SIGNAL]
    assert not node.all_events
    assert (
        model(drawn(message() + signal()).replace(b'id="X"', b'id="X" parallelMultiple="true"')).nodes["X"].all_events
    )


def test_several_results_of_one_end() -> None:
    """What ends all around it comes after the others (table 10.88: all of them will occur)."""
    events = model(ending(TERMINATE + message() + signal())).nodes["X"].events
    assert [event.trigger for event in events] == [Trigger.MESSAGE, Trigger.SIGNAL, Trigger.TERMINATE]


@pytest.mark.parametrize("first,second,zh", [(CANCEL, error(), "取消"), (compensation(), timer(), "补偿")])
def test_a_sentence_names_the_event_and_its_sort_in_its_own_language(first: str, second: str, zh: str) -> None:
    data = bordering(first + second).replace(b'id="X"', 'id="X" name="到期"'.encode())
    said = next(problem for problem in errors(read("t.bpmn", data)) if problem.code == "event-mix")
    assert said.zh.startswith(f"“到期”：{zh}事件不能")


def test_an_event_that_lacks_its_message_is_named() -> None:
    data = caught(tag("messageEventDefinition")).replace(b'id="X"', 'id="X" name="等回复"'.encode())
    said = next(problem for problem in errors(read("t.bpmn", data)) if problem.code == "event")
    assert said.zh.startswith("“等回复”：")


MIXED = {
    "two ends of all": (ending(error() + TERMINATE), "event-mix"),
    "link beside a message": (caught(link() + message()), "event-mix"),
    "compensation beside a timer on a border": (bordering(compensation() + timer()), "event-mix"),
    "cancel beside an error": (bordering(CANCEL + error()), "event-mix"),
    "all of error and message": (bordering(error() + message(), parallelMultiple="true"), "event-mix"),
    "error that does not interrupt": (bordering(error(), cancelActivity="false"), "event-interrupting"),
    "cancel that does not interrupt": (bordering(CANCEL, cancelActivity="false"), "event-interrupting"),
    "error start that does not interrupt": (triggered(error(), isInterrupting="false"), "event-interrupting"),
    "no message": (caught(tag("messageEventDefinition")), "event"),
    "no signal": (thrown(tag("signalEventDefinition")), "event"),
    "thrown error without a reference": (ending(error("")), "event"),
    "thrown escalation without a reference": (thrown(escalation("")), "event"),
    "thrown error without a code": (ending(error()).replace(b' errorCode="bad"', b""), "event"),
    "thrown escalation without a code": (thrown(escalation()).replace(b' escalationCode="late"', b""), "event"),
    "message that is nowhere": (caught(message("Gone")), "dangling"),
    "definition that is nowhere": (caught(tag("eventDefinitionRef", "Gone")), "dangling"),
    "code that is an expression": (ending(error()).replace(b'errorCode="bad"', b'errorCode="=code"'), "event"),
    "start by a message with an expression": (top(message()).replace(b'name="order"', b'name="=x"'), "event"),
    "name in another language": (caught(message()).replace(b'name="order"', b'name="${x}"'), "expression-language"),
    "operation that is nowhere": (caught(message(inside=tag("operationRef", "Gone"))), "dangling"),
    "link without a name": (caught(link(" ")), "event"),
    "link nobody catches": (around(throw("X", link())), "link"),
    "link nobody throws": (around(catch("X", link())), "link"),
    "condition in another language": (caught(conditional("${x}")), "expression-language"),
    "empty condition": (caught(conditional("")), "expression-length"),
    "start by a duration": (process(start("X", timer()), user(), end(), chain("X", "A", "E")), "timer"),
    "start by a datum": (
        process(start("X", timer("=target_at", "timeDate")), user(), end(), chain("X", "A", "E")),
        "timer",
    ),
    "two times": (
        caught(timer().replace("</bpmn:timerEvent", "<bpmn:timeDuration>PT2H</bpmn:timeDuration></bpmn:timerEvent")),
        "schema",
    ),
}


@pytest.mark.parametrize("data,code", MIXED.values(), ids=MIXED)
def test_what_makes_no_sense_is_refused(data: bytes, code: str) -> None:
    assert code in {problem.code for problem in errors(read("t.bpmn", data))}, read("t.bpmn", data).problems


def x(data: bytes) -> Node:
    return model(data).nodes["X"]


def test_what_events_are_about() -> None:
    assert x(caught(message())).events == (Event(Trigger.MESSAGE, name=Value("order")),)
    assert x(caught(signal())).events == (Event(Trigger.SIGNAL, name=Value("flood")),)
    assert x(caught(conditional())).events == (Event(Trigger.CONDITIONAL, condition="level > 3"),)
    assert x(ending(error())).events == (Event(Trigger.ERROR, name=Value("bad")),)
    assert x(thrown(escalation())).events == (Event(Trigger.ESCALATION, name=Value("late")),)
    assert x(bordering(error(""))).events == (Event(Trigger.ERROR),)
    assert x(bordering(escalation(""))).events == (Event(Trigger.ESCALATION),)
    assert x(caught(link())).events == (Event(Trigger.LINK, name=Value("on")),)


def test_a_name_may_be_an_expression_where_there_are_data() -> None:
    data = caught(message()).replace(b'name="order"', b'name="=kind"')
    assert x(data).events == (Event(Trigger.MESSAGE, name=Value("kind", is_feel=True)),)


def test_a_message_without_a_name_is_known_by_its_id() -> None:
    assert x(caught(message()).replace(b' name="order"', b"")).events[0].name == Value("M1")


def test_an_error_without_a_code_catches_any_and_that_is_said() -> None:
    data = bordering(error()).replace(b' errorCode="bad"', b"")
    assert x(data).events == (Event(Trigger.ERROR),)
    assert codes(data) == {"any-code"}


def test_a_definition_at_the_root() -> None:
    shared = '<bpmn:timerEventDefinition id="T"><bpmn:timeDuration>PT2H</bpmn:timeDuration></bpmn:timerEventDefinition>'
    node = catch("X", tag("eventDefinitionRef", "T"))
    data = process(start(), node, end(), chain("S", "X", "E"), before=shared)
    assert x(data).events == (Event(Trigger.TIMER, timer=Timer(TimerKind.DURATION, Value("PT2H"))),)


OPERATIONS = (
    '<bpmn:interface id="I" name="i"><bpmn:operation id="O" name="o"><bpmn:inMessageRef>M2</bpmn:inMessageRef>'
    "</bpmn:operation></bpmn:interface>"
)


def test_the_message_of_an_operation() -> None:
    node = catch("X", tag("messageEventDefinition", tag("operationRef", "O")))
    found = x(process(start(), node, end(), chain("S", "X", "E"), before=DECLARED + OPERATIONS))
    assert found.events[0].name == Value("answer")
    both = catch("X", message("M1", tag("operationRef", "O")))
    data = process(start(), both, end(), chain("S", "X", "E"), before=DECLARED + OPERATIONS)
    assert "contradiction" in codes(data)


def test_what_is_sent_and_what_becomes_of_it() -> None:
    caught_ = ext('<ld:message correlation="=case_no" result="={level: payload.level}"/>') + message()
    assert x(caught(caught_)).events[0] == Event(
        Trigger.MESSAGE, name=Value("order"), correlation="case_no", result="{level: payload.level}"
    )
    sent = ext('<ld:message correlation="=case_no" payload="={level: level, 备注: 1}"/>') + message() + signal()
    assert x(thrown(sent)).events == (
        Event(Trigger.MESSAGE, name=Value("order"), correlation="case_no", payload="{level: level, 备注: 1}"),
        Event(Trigger.SIGNAL, name=Value("flood"), payload="{level: level, 备注: 1}"),
    )
    begun = ext('<ld:message once="true" over="=standdown = true" correlation="=n"/>') + message()
    assert x(top(begun)).events[0] == Event(
        Trigger.MESSAGE, name=Value("order"), correlation="n", once=True, over="standdown = true"
    )
    own = ext('<ld:message correlation="=n"/>')
    each = f'<bpmn:messageEventDefinition messageRef="M1">{own}</bpmn:messageEventDefinition>'
    assert x(thrown(each + signal())).events == (
        Event(Trigger.MESSAGE, name=Value("order"), correlation="n"),
        Event(Trigger.SIGNAL, name=Value("flood")),
    )


MISUSED = {
    "payload where it is received": caught(ext('<ld:message payload="={a: b}"/>') + message()),
    "result where it is sent": thrown(ext('<ld:message result="={a: b}"/>') + message()),
    "result no context": caught(ext('<ld:message result="=payload"/>') + message()),
    "result no key": caught(ext('<ld:message result="={Level: 1}"/>') + message()),
    "payload no context": thrown(ext('<ld:message payload="=level"/>') + message()),
    "payload no expression": thrown(ext('<ld:message payload="level"/>') + message()),
    "correlation of a signal": caught(ext('<ld:message correlation="=a"/>') + signal()),
    "correlation of a signal among others": caught(
        message()
        + signal().replace("/>", ">" + ext('<ld:message correlation="=a"/>') + "</bpmn:signalEventDefinition>")
    ),
    "from of what is sent": thrown(ext('<ld:message from="instances"/>') + message()),
    "from of an unknown sort": caught(ext('<ld:message from="friends"/>') + message()),
    "over without once": top(ext('<ld:message over="=a"/>') + message()),
    "over no expression": top(ext('<ld:message once="true" over="true"/>') + message()),
    "over where it is received": caught(ext('<ld:message over="=a"/>') + message()),
    "correlation of a start": top(ext('<ld:message correlation="=a"/>') + message()),
}


@pytest.mark.parametrize("data", MISUSED.values(), ids=MISUSED)
def test_settings_of_messages_where_they_have_no_meaning(data: bytes) -> None:
    assert {code for code, _ in wrong(data)} == {"setting"}


def test_settings_of_messages_where_there_is_none() -> None:
    assert wrong(caught(ext('<ld:message result="={a: 1}"/>') + timer())) == {("setting-misplaced", "X")}


def test_names_of_payloads_are_known() -> None:
    data = caught(ext('<ld:message result="={level: payload.level}"/>') + message())
    assert read("t.bpmn", data, facts={}).problems == ()
    wrong_place = caught(ext('<ld:message correlation="=payload.x"/>') + message())
    assert [problem.code for problem in read("t.bpmn", wrong_place, facts={}).problems] == ["unknown-fact"]


CYCLES = {
    "R3/PT1H": "R3/PT1H",
    "R/PT1H": "R/PT1H",
    "R-1/PT1H": "R/PT1H",
    "R5/2030-05-01T08:00/P1D": "R5/2030-05-01T08:00:00+08:00/P1D",
    "R/P2W": "R/P14D",
    "R01/PT90M": "R1/PT90M",
}


@pytest.mark.parametrize("written,regular", CYCLES.items())
def test_cycles(written: str, regular: str) -> None:
    assert x(top(timer(written, "timeCycle"))).events[0].timer == Timer(TimerKind.CYCLE, Value(regular))


@pytest.mark.parametrize(
    "written,says",
    [
        ("R0/PT1H", "1 and"),
        ("R-2/PT1H", "negative"),
        ("R99999999/PT1H", "1 and"),
        ("R3/PT1S", "1 minute"),
        ("R3/P11Y", "10 years"),
        ("R3/2030-02-30T00:00/PT1H", "no such date"),
        ("0 0 9 * * ?", "cron"),
        ("*/5 * * * *", "cron"),
        ("@daily", "cron"),
        ("PT1H", "repetition"),
        ("R3", "repetition"),
        ("R3/PT1H/PT1H", "repetition"),
        ("R3/2030-05-01T08:00", "repetition"),
        ("每天", "repetition"),
        ("", "repetition"),
    ],
)
def test_cycles_that_are_none(written: str, says: str) -> None:
    found = [each for each in errors(read("t.bpmn", top(timer(written, "timeCycle")))) if each.code == "timer"]
    assert found
    assert says in found[0].en


def test_timers_by_expression() -> None:
    assert x(caught(timer("=cycle", "timeCycle"))).events[0].timer == Timer(
        TimerKind.CYCLE, Value("cycle", is_feel=True)
    )
    always = top(timer('="R/PT" + "1H"', "timeCycle"))
    assert x(always).events[0].timer == Timer(TimerKind.CYCLE, Value('"R/PT" + "1H"', is_feel=True))


def test_interrupting_or_not() -> None:
    assert x(bordering(timer())).interrupting
    assert not x(bordering(timer(), cancelActivity="false")).interrupting
    assert x(triggered(timer())).interrupting
    assert not x(triggered(timer(), isInterrupting="false")).interrupting
    assert x(top(message(), isInterrupting="false")).interrupting  # of a process there is nothing to interrupt


def test_the_host_of_an_event() -> None:
    node = x(bordering(timer()))
    assert (node.host, node.incoming, node.outgoing) == ("U", (), ("X-E",))


def test_links_are_flows() -> None:
    parts = start(), throw("L1", link()), throw("L2", link()), catch("C", link()), user(), end()
    gateway = tag("exclusiveGateway", id="G", default="G-L1")
    data = process(*parts, gateway, chain("S", "G", "L1"), flow("G", "L2", "a = 1"), chain("C", "A", "E"))
    found = model(data)
    assert found.nodes["C"].incoming == ("link:L1", "link:L2")
    assert found.nodes["L1"].outgoing == ("link:L1",)
    assert [flow.given_id for flow in found.flows.values() if flow.target == "C"] == [False, False]
    assert "link" in codes(data.replace(b"</bpmn:process>", (catch("C2", link()) + "</bpmn:process>").encode()))


def test_links_lie_on_one_level() -> None:
    inside = sub("U", start("s"), throw("L", link()), chain("s", "L"))
    data = process(start(), inside, catch("C", link()), end(), chain("S", "U", "E"), chain("C", "E"))
    assert {("link", "L"), ("link", "C")} <= wrong(data)


def test_a_link_and_a_flow_contradict_each_other() -> None:
    parts = start(), throw("L", link()), catch("C", link()), end(), chain("S", "L"), chain("C", "E")
    assert ("link", "L") in wrong(process(*parts, flow("L", "E")))
    assert ("link", "C") in wrong(process(*parts, flow("L", "C")))


def test_an_error_nobody_catches_is_said() -> None:
    loose = process(start(), user(), end("E", error()), chain("S", "A", "E"), before=DECLARED)
    assert codes(loose) == {"error-uncaught"}
    inside = sub("U", start("s"), user("u"), end("x", error()), chain("s", "u", "x"))
    for catcher in (error(), error("")):
        on_border = tag("boundaryEvent", catcher, id="B", attachedToRef="U") + flow("B", "E")
        assert codes(process(start(), inside, end(), chain("S", "U", "E"), on_border, before=DECLARED)) == set()
    assert codes(loose.replace(b"</bpmn:process>", (handler("H", error()) + "</bpmn:process>").encode())) == set()
    other = DECLARED + '<bpmn:error id="R2" errorCode="worse"/>'
    on_border = tag("boundaryEvent", error("R2"), id="B", attachedToRef="U") + flow("B", "E")
    data = process(start(), inside, end(), chain("S", "U", "E"), on_border, before=other)
    assert codes(data) == {"error-uncaught"}
    within = handler("H", error(), user("u"), end("x", error()), chain("Hs", "u", "x"))
    data = process(start(), user(), end(), chain("S", "A", "E"), within, before=DECLARED)
    assert codes(data) == {"error-uncaught"}


def test_what_starts_itself_is_refused() -> None:
    inside = user("u"), end("x", signal()), chain("Hs", "u", "x")
    endless = process(
        start(),
        user(),
        end(),
        chain("S", "A", "E"),
        handler("H", signal(), *inside, isInterrupting="false"),
        before=DECLARED,
    )
    assert wrong(endless) == {("event-recursion", "Hs")}
    assert codes(endless.replace(b' isInterrupting="false"', b"")) == set()


def test_a_process_that_starts_itself() -> None:
    def of(definition: str, between: str, thrown: str) -> bytes:
        parts = start("S", definition), between, throw("T", thrown), end(), chain("S", "X", "T", "E")
        return process(*parts, before=DECLARED)

    assert wrong(of(signal(), tag("task", id="X"), signal())) == {("event-recursion", "S")}
    assert wrong(of(message(), tag("task", id="X"), signal() + message())) == {("event-recursion", "S")}
    assert wrong(of(signal(), user("X"), signal())) == set()
    assert wrong(of(signal(), tag("task", id="X"), signal("S2"))) == set()


def test_one_message_has_one_way() -> None:
    two = start("S", message()), start("T", message()), user(), end(), chain("S", "A", "E"), flow("T", "A")
    assert wrong(process(*two, before=DECLARED)) == {("catch-twice", "T")}
    both = catch("a", message()), catch("b", message()), tag("eventBasedGateway", id="G"), start(), end()
    data = process(*both, chain("S", "G", "a", "E"), chain("G", "b", "E"), before=DECLARED)
    assert wrong(data) == {("event-gateway", "b")}
    signals = start("S", signal()), start("T", signal()), user(), end(), chain("S", "A", "E"), flow("T", "A")
    assert wrong(process(*signals, before=DECLARED)) == set()  # a signal is for everybody
