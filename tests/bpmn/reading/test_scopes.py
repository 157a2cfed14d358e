"""Sub-processes of every sort, transactions, compensation, implicit starts and ends, and what is wrong with them."""

from __future__ import annotations

import pytest

from engine.bpmn.model import Event, Kind, Trigger
from tests.bpmn.drawing import (
    CANCEL,
    DECLARED,
    boundary,
    chain,
    codes,
    compensation,
    end,
    error,
    escalation,
    flow,
    handler,
    message,
    model,
    process,
    signal,
    simple,
    start,
    sub,
    tag,
    throw,
    timer,
    user,
    wrong,
)

INSIDE = start("s"), user("u"), end("e"), chain("s", "u", "e")


def undone(host: str = "A", event: str = "C", by: str = "undo") -> str:
    """A compensation event on an activity and the task that compensates it."""
    return (
        tag("boundaryEvent", compensation(), id=event, attachedToRef=host)
        + tag("task", id=by, isForCompensation="true")
        + tag("association", id=f"{event}-{by}", sourceRef=event, targetRef=by, associationDirection="One")
    )


def holding(*parts: str, kind: str = "subProcess", **attributes: str) -> bytes:
    return process(start(), sub("U", *parts, kind=kind, **attributes), end(), chain("S", "U", "E"), before=DECLARED)


def test_kinds_of_sub_processes() -> None:
    assert model(holding(*INSIDE)).nodes["U"].kind is Kind.SUBPROCESS
    assert model(holding(*INSIDE, kind="transaction")).nodes["U"].kind is Kind.TRANSACTION
    found = model(simple(handler("H", timer())))
    assert found.nodes["H"].kind is Kind.EVENT_SUBPROCESS
    assert found.nodes["Hs"].parent == "H"
    assert found.nodes["Hs"].has(Trigger.TIMER)


def test_a_process_without_start_and_end_events() -> None:
    found = model(process(user("A"), user("B"), user("C"), chain("A", "C"), chain("B", "C")))
    assert found.start is None
    assert [node.id for node in found.inside(None) if not node.incoming] == ["A", "B"]
    assert [node.id for node in found.inside(None) if not node.outgoing] == ["C"]


def test_a_sub_process_without_start_and_end_events() -> None:
    assert codes(holding(user("u"), user("v"))) == set()


def test_several_starts_are_alternatives() -> None:
    starts = start("S"), start("T"), start("M", message()), start("Z", timer("R/PT1H", "timeCycle"))
    data = process(*starts, user(), end(), *(chain(id_, "A") for id_ in "STMZ"), chain("A", "E"), before=DECLARED)
    found = model(data)
    assert [node.id for node in found.starters] == ["S", "T", "M", "Z"]
    assert (found.start, found.form) == ("S", None)
    assert codes(data) == set()


def test_a_process_started_by_messages_only() -> None:
    data = process(start("M", message()), user(), end(), chain("M", "A", "E"), before=DECLARED)
    assert model(data).start is None


WRONG = {
    "two starts of a sub-process": (holding(*INSIDE, start("t"), flow("t", "u")), ("several-starts", "t")),
    "empty sub-process": (holding(), ("no-start", "U")),
    "empty process": (process(), ("no-start", "process")),
    "nothing that begins": (
        process(user("A"), user("B"), chain("A", "B", "A")),
        ("no-start", "process"),
    ),
    "a start beside a node without a flow": (simple(user("Z"), flow("Z", "E")), ("unreachable", "Z")),
    "an end nothing leads to": (process(user("A"), end("E"), end("F"), flow("A", "E")), ("unreachable", "F")),
    "an end beside a node without a way out": (
        process(start(), tag("parallelGateway", id="G"), user(), user("Z"), end(), chain("S", "G", "A", "E"), flow("G", "Z")),
        ("no-way-out", "Z"),
    ),
    "event sub-process with a flow into it": (simple(handler("H", timer()), flow("A", "H")), ("event-subprocess", "H")),
    "event sub-process with a flow out of it": (simple(handler("H", timer()), flow("H", "E")), ("event-subprocess", "H")),
    "event sub-process with a plain start": (simple(handler("H", "")), ("event-place", "Hs")),
    "event sub-process without a start": (
        simple(sub("H", user("u"), end("e"), chain("u", "e"), triggeredByEvent="true")),
        ("no-start", "H"),
    ),
    "event sub-process with two starts": (
        simple(handler("H", timer(), start("Ht", timer()), user("u"), end("e"), chain("Hs", "u", "e"), chain("Ht", "u"))),
        ("several-starts", "Ht"),
    ),
    "event sub-process in a loop": (
        simple(
            sub(
                "H",
                tag("standardLoopCharacteristics", loopMaximum="3"),
                start("s", timer()),
                user("u"),
                end("e"),
                chain("s", "u", "e"),
                triggeredByEvent="true",
            )
        ),
        ("event-subprocess", "H"),
    ),
    "event on an event sub-process": (
        simple(handler("H", timer()), boundary("H"), flow("B", "E")),
        ("boundary-host", "B"),
    ),
    "event on a gateway": (
        process(
            start(),
            tag("exclusiveGateway", id="G"),
            user(),
            end(),
            chain("S", "G", "A", "E"),
            boundary("G"),
            flow("B", "E"),
        ),
        ("boundary-host", "B"),
    ),
    "two events for the same error": (
        holding(*INSIDE).replace(
            b"</bpmn:process>",
            "".join(
                tag("boundaryEvent", error(), id=id_, attachedToRef="U") + flow(id_, "E") for id_ in ("B1", "B2")
            ).encode()
            + b"</bpmn:process>",
        ),
        ("catch-twice", "B2"),
    ),
    "two handlers for any escalation": (
        simple(handler("H", escalation("")), handler("I", escalation(""))),
        ("catch-twice", "Is"),
    ),
    "cancel outside a transaction": (
        process(start(), user(), end("E", CANCEL), chain("S", "A", "E")),
        ("event-place", "E"),
    ),
    "cancel in a plain sub-process": (
        holding(start("s"), user("u"), end("e", CANCEL), chain("s", "u", "e")),
        ("event-place", "e"),
    ),
    "cancel in a sub-process of a transaction": (
        holding(start("s"), sub("V", user("v"), end("x", CANCEL), chain("v", "x")), end("e"), chain("s", "V", "e"), kind="transaction"),
        ("event-place", "x"),
    ),
    "cancel with nowhere to go": (
        holding(start("s"), user("u"), end("e", CANCEL), chain("s", "u", "e"), kind="transaction"),
        ("cancel-uncaught", "e"),
    ),
    "cancel on a plain sub-process": (
        process(
            start(),
            sub("U", *INSIDE),
            end(),
            chain("S", "U", "E"),
            tag("boundaryEvent", CANCEL, id="B", attachedToRef="U"),
            flow("B", "E"),
        ),
        ("boundary-host", "B"),
    ),
    "transaction triggered by an event": (
        holding(*INSIDE, kind="transaction", triggeredByEvent="true"),
        ("unsupported", "U"),
    ),
    "compensation without a handler": (
        simple(tag("boundaryEvent", compensation(), id="C", attachedToRef="A")),
        ("compensation", "C"),
    ),
    "compensation by a plain task": (simple(undone().replace(' isForCompensation="true"', "")), ("compensation", "C")),
    "compensation by two": (
        simple(
            undone(),
            tag("task", id="undo2", isForCompensation="true"),
            tag("association", id="as2", sourceRef="C", targetRef="undo2"),
        ),
        ("compensation", "C"),
    ),
    "compensated twice": (simple(undone(), undone(event="D", by="undo2")), ("compensation", "D")),
    "a flow out of a compensation event": (simple(undone(), flow("C", "E")), ("compensation", "C")),
    "a handler nobody asks for": (simple(tag("task", id="undo", isForCompensation="true")), ("compensation", "undo")),
    "a flow into a handler": (simple(undone(), flow("A", "undo")), ("compensation", "undo")),
    "an event on a handler": (
        simple(undone().replace("<bpmn:task", "<bpmn:userTask"), boundary("undo"), flow("B", "E")),
        ("boundary-host", "B"),
    ),
    "compensation of what is no activity": (
        simple(undone(), throw("T", compensation(activityRef="S"))).replace(b'sourceRef="A" targetRef="E"', b'sourceRef="A" targetRef="T"'),
        ("compensation", "T"),
    ),
    "compensation of what has no handler": (
        process(start(), user(), user("B"), throw("T", compensation(activityRef="B")), end(), chain("S", "A", "B", "T", "E"), undone()),
        ("compensation", "T"),
    ),
    "compensation of another level": (
        process(
            start(),
            user(),
            undone(),
            sub("U", start("s"), throw("t", compensation(activityRef="A")), end("e"), chain("s", "t", "e")),
            end(),
            chain("S", "A", "U", "E"),
        ),
        ("compensation", "t"),
    ),
    "two compensation handlers of one scope": (
        simple(handler("H", compensation()), handler("I", compensation())),
        ("catch-twice", "Is"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("data,expected", WRONG.values(), ids=WRONG)
def test_wrong_scopes_are_refused(data: bytes, expected: tuple[str, str]) -> None:
    assert expected in wrong(data)


def test_compensation_is_attached() -> None:
    thrower = throw("T", compensation(activityRef="A", waitForCompletion="false"))
    data = process(start(), user(), undone(), thrower, end("E", compensation()), chain("S", "A", "T", "E"))
    found = model(data)
    assert codes(data) == set()
    assert (found.nodes["A"].handler, found.nodes["C"].handler, found.nodes["C"].host) == ("undo", "undo", "A")
    assert found.nodes["undo"].for_compensation
    assert found.nodes["T"].events == (Event(Trigger.COMPENSATION, activity="A", waits=False),)
    assert found.nodes["E"].events == (Event(Trigger.COMPENSATION, activity=None, waits=True),)


def test_a_sub_process_compensates_its_parts() -> None:
    inside = start("s"), user("u"), undone("u"), end("e"), chain("s", "u", "e")
    data = process(
        start(), sub("U", *inside), throw("T", compensation(activityRef="U")), end(), chain("S", "U", "T", "E")
    )
    assert codes(data) == set()


def test_a_compensation_event_sub_process_asks_for_the_activities_around_it() -> None:
    inside = throw("t", compensation(activityRef="u")), end("x"), chain("Hs", "t", "x")
    undoing = handler("H", compensation(), *inside)
    scope = sub("U", start("s"), user("u"), undone("u"), end("e"), chain("s", "u", "e"), undoing)
    data = process(start(), scope, throw("T", compensation(activityRef="U")), end(), chain("S", "U", "T", "E"))
    assert codes(data) == set()


def test_compensation_of_nothing_is_said() -> None:
    assert codes(process(start(), user(), end("E", compensation()), chain("S", "A", "E"))) == {"compensation"}
    assert not wrong(process(start(), user(), end("E", compensation()), chain("S", "A", "E")))


def test_an_event_that_can_never_happen_is_said() -> None:
    data = process(start(), tag("task", id="T"), end(), chain("S", "T", "E"), boundary("T"), flow("B", "E"))
    assert codes(data) == {"boundary-never"}
    waiting = data.replace(b'<bpmn:task id="T"/>', user("T").encode())
    assert codes(waiting) == set()


def test_what_is_interrupted_needs_no_end() -> None:
    loop = user("A"), user("B"), chain("A", "B", "A"), start(), flow("S", "A"), end(), user("C"), chain("C", "E")
    assert {code for code, _ in wrong(process(*loop))} >= {"no-end-reachable"}
    rounds = start("s"), tag("parallelGateway", id="G"), user("u"), user("v"), chain("s", "G", "u", "v", "u")
    inside = *rounds, user("w"), end("e"), chain("G", "w", "e")
    plain = process(start(), sub("U", *inside), end(), chain("S", "U", "E"), before=DECLARED)
    assert wrong(plain) == {("no-end-reachable", "u"), ("no-end-reachable", "v")}
    handled = sub("U", *inside, handler("H", signal()))
    assert codes(process(start(), handled, end(), chain("S", "U", "E"), before=DECLARED)) == set()
    on_border = boundary("U"), flow("B", "E")
    assert codes(process(start(), sub("U", *inside), end(), chain("S", "U", "E"), *on_border, before=DECLARED)) == set()
    quiet = sub("U", *inside, handler("H", signal(), isInterrupting="false"))
    assert wrong(process(start(), quiet, end(), chain("S", "U", "E"), before=DECLARED)) == wrong(plain)
    endless = sub("U", start("s"), user("u"), user("v"), chain("s", "u", "v", "u"))
    assert wrong(process(start(), endless, end(), chain("S", "U", "E"))) == {("no-end", "U")}
    assert codes(process(start(), endless, end(), chain("S", "U", "E"), *on_border)) == set()
