"""Gateways: event-based and complex ones, joins that would wait for ever, loops that would never rest."""

from __future__ import annotations

import pytest

from engine.bpmn.model import Kind, Trigger
from engine.bpmn.reading import read
from tests.bpmn.drawing import (
    DECLARED,
    boundary,
    catch,
    chain,
    codes,
    conditional,
    end,
    error,
    ext,
    flow,
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

XOR, AND, OR = "exclusiveGateway", "parallelGateway", "inclusiveGateway"


def receive(id_: str, ref: str = "M1", inside: str = "", **attributes: str) -> str:
    return tag("receiveTask", inside, id=id_, messageRef=ref, **attributes)


def awaiting(*targets: str, ids: str = "ab", **attributes: str) -> bytes:
    """A file with an event-based gateway in front of some nodes with the ids given."""
    ways = "".join(chain("G", id_, "E") for id_ in ids)
    gateway = tag("eventBasedGateway", id="G", **attributes)
    return process(start(), gateway, *targets, end(), flow("S", "G"), ways, before=DECLARED)


def starting(*targets: str, ids: str = "ab", **attributes: str) -> bytes:
    data = awaiting(*targets, ids=ids, instantiate="true", **attributes).decode()
    return data.replace(start(), "").replace(flow("S", "G"), "").encode()


MESSAGE, TIMER, SIGNAL = catch("a", message()), catch("b", timer()), catch("b", signal())

GOOD = {
    "message or timer": awaiting(MESSAGE, TIMER),
    "message or signal or condition": awaiting(MESSAGE, SIGNAL, catch("c", conditional()), ids="abc"),
    "several in one": awaiting(MESSAGE, catch("b", timer() + signal())),
    "receive or timer": awaiting(receive("a"), TIMER),
    "two messages": awaiting(MESSAGE, catch("b", message("M2"))),
    "one alone": awaiting(MESSAGE, ids="a"),
    "starting": starting(MESSAGE, SIGNAL),
    "starting by all": starting(MESSAGE, SIGNAL, eventGatewayType="Parallel"),
    "starting by receive tasks": starting(receive("a"), receive("b", "M2")),
    "starting by receive tasks that say so": starting(receive("a", instantiate="true"), receive("b", "M2")),
}


@pytest.mark.parametrize("data", GOOD.values(), ids=GOOD)
def test_event_based_gateways(data: bytes) -> None:
    node = model(data).nodes["G"]
    assert node.kind is Kind.EVENT_BASED
    assert codes(data) == set()


def test_what_event_based_gateways_say() -> None:
    plain, starter, both = (model(GOOD[name]) for name in ("message or timer", "starting", "starting by all"))
    assert (plain.nodes["G"].instantiates, plain.nodes["G"].all_events) == (False, False)
    assert (starter.nodes["G"].instantiates, starter.nodes["G"].all_events) == (True, False)
    assert both.nodes["G"].all_events
    assert [node.id for node in starter.starters] == ["G"]
    assert starter.start is None
    assert not model(GOOD["starting by receive tasks that say so"]).nodes["a"].instantiates


def test_a_receive_task_that_starts() -> None:
    found = model(process(receive("A", instantiate="true"), end(), chain("A", "E"), before=DECLARED))
    assert found.nodes["A"].instantiates
    assert [node.id for node in found.starters] == ["A"]


BAD = {
    "parallel that does not start": (awaiting(MESSAGE, SIGNAL, eventGatewayType="Parallel"), ("event-gateway", "G")),
    "a user task after it": (awaiting(user("a"), TIMER), ("event-gateway", "a")),
    "a throw after it": (awaiting(throw("a"), TIMER), ("event-gateway", "a")),
    "a gateway after it": (awaiting(tag(XOR, id="a"), TIMER), ("event-gateway", "a")),
    "an end after it": (
        process(start(), tag("eventBasedGateway", id="G"), TIMER, end(), chain("S", "G", "b", "E"), flow("G", "E")),
        ("event-gateway", "E"),
    ),
    "message and receive mixed": (awaiting(MESSAGE, receive("b")), ("event-gateway", "G")),
    "another flow into its event": (
        awaiting(MESSAGE, TIMER).replace(b"</bpmn:process>", (user("Z") + flow("Z", "a") + "</bpmn:process>").encode()),
        ("event-gateway", "a"),
    ),
    "an event on the receive task": (
        awaiting(receive("a"), TIMER, boundary("a"), flow("B", "E")),
        ("event-gateway", "a"),
    ),
    "a receive task many times": (
        awaiting(receive("a", inside=tag("standardLoopCharacteristics", loopMaximum="3")), TIMER),
        ("event-gateway", "a"),
    ),
    "nothing after it": (
        process(start(), tag("eventBasedGateway", id="G"), chain("S", "G")),
        ("event-gateway", "G"),
    ),
    "starting by a timer": (starting(MESSAGE, TIMER), ("event-gateway", "b")),
    "starting after a start event": (awaiting(MESSAGE, SIGNAL, instantiate="true"), ("instantiate", "G")),
    "starting in a sub-process": (
        process(start(), sub("U", receive("a", instantiate="true")), end(), chain("S", "U", "E"), before=DECLARED),
        ("instantiate", "a"),
    ),
    "a condition on its flow": (
        awaiting(MESSAGE, TIMER).replace(flow("G", "a").encode(), flow("G", "a", "x = 1").encode()),
        ("condition-misplaced", "G-a"),
    ),
    "a link after it": (awaiting(MESSAGE, catch("b", link())), ("event-gateway", "b")),
}


@pytest.mark.parametrize("data,expected", BAD.values(), ids=BAD)
def test_wrong_event_based_gateways(data: bytes, expected: tuple[str, str]) -> None:
    assert expected in wrong(data), read("t.bpmn", data).problems


def complex_(activation: str | None, *conditions: str | None) -> bytes:
    inside = tag("activationCondition", activation) if activation is not None else ""
    gateway = tag("complexGateway", inside, id="C", default="C-E")
    out = [flow("C", f"x{n}", condition) + user(f"x{n}") + flow(f"x{n}", "E") for n, condition in enumerate(conditions)]
    parts = start(), tag(AND, id="G"), user("a"), user("b"), gateway, end(), *out
    return process(*parts, chain("S", "G", "a", "C", "E"), chain("G", "b"), flow("b", "C", id_="from_b"))


def test_complex_gateways() -> None:
    data = complex_("activationCount >= 2 or from_b > 0", "waitingForStart and level > 3")
    node = model(data).nodes["C"]
    assert (node.kind, node.activation) == (Kind.COMPLEX, "activationCount >= 2 or from_b > 0")
    assert codes(data) == set()
    assert read("t.bpmn", data, facts={"level": "number"}).problems == ()
    assert {problem.code for problem in read("t.bpmn", data, facts={}).problems} == {"unknown-fact"}


def test_a_complex_gateway_may_have_one_conditional_way() -> None:
    parts = start(), tag(AND, id="G"), user("a"), user("b"), end()
    gateway = tag("complexGateway", tag("activationCondition", "activationCount >= 1"), id="C")
    ways = chain("S", "G", "a", "C"), chain("G", "b", "C"), flow("C", "E", "waitingForStart")
    assert codes(process(*parts, gateway, *ways)) == set()


def test_wrong_complex_gateways() -> None:
    assert ("activation", "C") in wrong(complex_(None, "level > 3"))
    assert ("expression", "C") in wrong(complex_("activationCount >>", "level > 3"))
    assert ("condition-missing", "C-x0") in wrong(complex_("activationCount > 1", None))


def looping(inside: str, *, kind: str = XOR) -> bytes:
    """A loop through a node X."""
    gateway = tag(XOR, id="G", default="G-M")
    nodes = start(), tag(kind, id="M"), inside, gateway, end(), chain("S", "M", "X", "G", "M")
    return process(*nodes, flow("G", "E", "a = 1"), before=DECLARED)


ACTION = '<ld:action name="notify"/>'
RESTING = {
    "user": user("X"),
    "manual": user("X").replace("userTask", "manualTask"),
    "receive": receive("X"),
    "message": catch("X", message()),
    "signal": catch("X", signal()),
    "timer": catch("X", timer()),
    "condition": catch("X", conditional()),
    "call": tag("callActivity", id="X", calledElement="other"),
    "service": tag("serviceTask", ext(ACTION), id="X"),
    "sub-process": sub("X", start("s"), user("u"), end("e"), chain("s", "u", "e")),
    "transaction": sub("X", user("u"), kind="transaction"),
}
PASSING = {
    "task": tag("task", id="X"),
    "script": tag("scriptTask", tag("script", "{a: 1}"), id="X", scriptFormat="feel"),
    "send": tag("sendTask", id="X", messageRef="M1"),
    "throw": throw("X", signal()),
    "service not waited for": tag("serviceTask", ext(ACTION.replace("/>", ' wait="false"/>')), id="X"),
    "decision": tag("businessRuleTask", ext('<ld:decision ref="d" into="x"/>'), id="X"),
    "sub-process": sub("X", start("s"), tag("task", id="t"), end("e"), chain("s", "t", "e")),
    "sub-process that need not rest": sub(
        "X",
        start("s"),
        tag(XOR, id="g", default="g-e"),
        user("u"),
        end("e"),
        chain("s", "g", "e"),
        flow("g", "u", "b = 1"),
        chain("u", "e"),
    ),
}


@pytest.mark.parametrize("inside", RESTING.values(), ids=RESTING)
def test_loops_that_rest(inside: str) -> None:
    assert codes(looping(inside)) == set()


@pytest.mark.parametrize("inside", PASSING.values(), ids=PASSING)
def test_loops_that_never_rest(inside: str) -> None:
    assert {code for code, _ in wrong(looping(inside))} == {"loop-without-wait"}


def test_a_loop_that_rests_only_in_what_may_do_nothing() -> None:
    repeated = user("X", tag("standardLoopCharacteristics", tag("loopCondition", "b = 1"), testBefore="true"))
    assert codes(looping(repeated)) == {"loop-may-not-wait"}
    assert codes(looping(repeated.replace(' testBefore="true"', ""))) == set()


def test_a_loop_by_a_border_of_what_may_do_nothing_rests() -> None:
    """Repeated no time at all it never began, so that nothing happens on its border; once begun, it rests."""
    repeated = user("X", tag("standardLoopCharacteristics", tag("loopCondition", "b = 1"), testBefore="true"))
    nodes = start(), tag(XOR, id="M"), repeated, boundary("X"), end(), chain("S", "M", "X", "E"), chain("B", "M")
    assert codes(process(*nodes)) == set()
    passing = tag("subProcess", start("s") + end("e") + chain("s", "e"), id="X")
    nodes = start(), tag(XOR, id="M"), passing, boundary("X"), end(), chain("S", "M", "X", "E"), chain("B", "M")
    assert "loop-without-wait" in codes(process(*nodes))


def test_a_loop_of_links() -> None:
    parts = start(), tag(XOR, id="M"), tag(XOR, id="G", default="G-L"), throw("L", link()), catch("C", link()), end()
    data = process(*parts, chain("S", "M", "G", "L"), chain("C", "M"), flow("G", "E", "a = 1"))
    assert {code for code, _ in wrong(data)} == {"loop-without-wait"}


def test_a_join_in_a_loop_counts_its_tokens() -> None:
    """The back edge leads to the split: each round brings a token over every flow of the join."""
    parts = start(), tag(XOR, id="M"), tag(AND, id="G"), user("A"), user("B"), tag(AND, id="J"), end()
    again = tag(XOR, id="D", default="D-E")
    data = process(
        *parts, again, chain("S", "M", "G", "A", "J", "D", "E"), chain("G", "B", "J"), flow("D", "M", "a = 1")
    )
    assert codes(data) == set()


def test_a_join_that_gets_both_tokens_of_one_flow() -> None:
    """Twin flows are two tokens: a join of two flows from one task comes about."""
    parts = start(), user("A"), tag(AND, id="J"), end(), chain("S", "A", "J", "E"), flow("A", "J", id_="twin")
    assert codes(process(*parts)) == set()


NEVER = {
    "fed by what comes after it": (
        process(
            start(),
            tag(AND, id="J"),
            user(),
            tag(XOR, id="G", default="G-E"),
            end(),
            chain("S", "J", "A", "G", "E"),
            flow("G", "J", "again = true"),
        ),
        "J",
    ),
    "after a choice": (
        process(
            start(),
            tag(XOR, id="G", default="G-C"),
            user("A"),
            user("C"),
            tag(AND, id="J"),
            end(),
            chain("S", "G", "C", "J", "E"),
            flow("G", "A", "a = 1"),
            flow("A", "J"),
        ),
        "J",
    ),
    "after a choice of events": (
        process(
            start(),
            tag("eventBasedGateway", id="G"),
            MESSAGE,
            TIMER,
            tag(AND, id="J"),
            end(),
            chain("S", "G", "a", "J", "E"),
            chain("G", "b", "J"),
            before=DECLARED,
        ),
        "J",
    ),
    "of two starts": (
        process(start(), start("T", message()), tag(AND, id="J"), end(), chain("S", "J", "E"), flow("T", "J"), before=DECLARED),
        "J",
    ),
    "an activity that wants two tokens and gets one": (process(start(), user(startQuantity="2"), end(), chain("S", "A", "E")), "A"),
    "an event that interrupts": (
        process(start(), user(), boundary("A"), tag(AND, id="J"), end(), chain("S", "A", "J", "E"), flow("B", "J")),
        "J",
    ),
}  # fmt: skip


@pytest.mark.parametrize("data,join", NEVER.values(), ids=NEVER)
def test_joins_that_never_come_about(data: bytes, join: str) -> None:
    assert ("join-never", join) in wrong(data)


def test_quantities_that_fit() -> None:
    parts = start(), user("A", completionQuantity="2"), user("B", startQuantity="2"), end(), chain("S", "A", "B", "E")
    assert codes(process(*parts)) == set()
    three = process(*parts).replace(b'startQuantity="2"', b'startQuantity="3"')
    assert ("join-never", "B") in wrong(three)


def test_a_token_left_over_is_said() -> None:
    def of(first: str, second: str) -> bytes:
        both = user("A", completionQuantity=first), user("B", completionQuantity=second)
        parts = (
            start(),
            tag(AND, id="G"),
            *both,
            tag(AND, id="J"),
            end(),
            chain("S", "G", "A", "J", "E"),
            chain("G", "B", "J"),
        )
        return process(*parts)

    assert codes(of("2", "2")) == set()
    assert codes(of("2", "1")) == {"join-may-wait"}


def test_a_join_that_waits_while_something_else_goes_on() -> None:
    rounds = user("u"), user("v"), chain("G", "u", "v", "u")
    again = tag(XOR, id="D", default="D-e"), user("w"), chain("J", "D", "e"), flow("D", "w", "a = 1"), chain("w", "J")
    inside = start("s"), tag(AND, id="G"), tag(AND, id="J"), end("e"), chain("s", "G", "J"), *rounds, *again
    handling = sub("H", start("Hs", signal()), user("x"), end("y"), chain("Hs", "x", "y"), triggeredByEvent="true")
    data = process(start(), sub("U", *inside, handling), end(), chain("S", "U", "E"), before=DECLARED)
    assert wrong(data) == {("join-never", "J")}


def test_a_join_some_courses_of_which_fail() -> None:
    parts = start(), tag(AND, id="G"), user("A"), user("C"), tag(XOR, id="D", default="D-J"), tag(AND, id="J"), end()
    more = end("F"), chain("S", "G", "A", "J", "E"), chain("G", "C", "D", "J"), flow("D", "F", "skip = true")
    assert codes(process(*parts, *more)) == {"join-may-wait"}
    for definition in ("<bpmn:terminateEventDefinition/>", error()):
        ended = process(*parts, *more, before=DECLARED).replace(
            b'<bpmn:endEvent id="F"/>', end("F", definition).encode()
        )
        assert "join-may-wait" not in codes(ended)


def test_event_starts_of_a_handler_are_its_own_level() -> None:
    gateway = start("Hs", signal()), tag(AND, id="g"), user("u"), user("v"), tag(AND, id="j"), end("e")
    ways = chain("Hs", "g", "u", "j", "e"), chain("g", "v", "j")
    handling = sub("H", *gateway, *ways, triggeredByEvent="true")
    assert codes(process(start(), user(), end(), chain("S", "A", "E"), handling, before=DECLARED)) == set()
    assert (
        model(process(start(), user(), end(), chain("S", "A", "E"), handling, before=DECLARED))
        .nodes["Hs"]
        .has(Trigger.SIGNAL)
    )


def test_a_contradictory_direction_is_said() -> None:
    parts = start(), tag(XOR, id="G", gatewayDirection="Converging", default="G-E"), user(), end()
    data = process(*parts, chain("S", "G", "E"), flow("G", "A", "a = 1"), flow("A", "E"))
    assert codes(data) == {"gateway-direction"}
