"""Sub-processes (10.3.5, 13.3.4), and call activities (10.3.6)."""

from __future__ import annotations

from tests.bpmn.conformance.case import Theme, broadcast, done, fails, fire, play
from tests.bpmn.conformance.figures import (
    at,
    call,
    catch,
    chain,
    compensation,
    end,
    ends,
    error,
    escalation,
    event_sub,
    many,
    parallel,
    rounds,
    script,
    signal,
    start,
    starts,
    sub,
    tag,
    terminate,
    throw,
    timer,
    undo,
    user,
)

THEME = Theme("sub-processes and calls")
about, case = THEME.about, THEME.case
S_E = (start(), end())
INSIDE = (start("S1"), user("B"), end("E1"), chain("S1", "B", "E1"))

# ---------------------------------------------------------------- sub-processes

about("sub-process", "10.3.5, 13.3.4")
case(
    "it completes when the last token in it is gone",
    "in the flow",
    (
        *S_E,
        sub(
            "P1",
            start("S1"),
            parallel("G"),
            user("A"),
            user("B"),
            end("E1"),
            end("E2"),
            chain("S1", "G", "A", "E1"),
            chain("G", "B", "E2"),
        ),
        user("C"),
        chain("S", "P1", "C", "E"),
    ),
    play("S S1 G A? B?", done("B"), "B>E2 A?", done("A"), "A>E1 C?", done("C"), "C>E ."),
)
case(
    "without start and end events, every node without a flow into it begins",
    "no start and end events",
    (*S_E, sub("P1", user("A"), user("B"), user("C"), chain("A", "C")), chain("S", "P1", "E")),
    play("S A? B?", done("A"), "A B? C?", done("B"), "B C?", done("C"), "C>E ."),
)
case(
    "two tokens: two of it side by side",
    "reached by two tokens",
    (
        *S_E,
        parallel("G"),
        sub("P1", *INSIDE),
        chain("S", "G", "P1", "E"),
        '<bpmn:sequenceFlow id="more" sourceRef="G" targetRef="P1"/>\n',
    ),
    play("S G S1 S1 B? B?", done("B"), "B>E1>E B?", done("B"), "B>E1>E ."),
)
case(
    "one in another",
    "nested",
    (*S_E, sub("P0", start("S0"), sub("P1", *INSIDE), end("E0"), chain("S0", "P1", "E0")), chain("S", "P0", "E")),
    play("S>S0>S1 B?", done("B"), "B>E1>E0>E ."),
)
about("event sub-process", "10.3.5, 13.5.4")
BESIDE = (*S_E, user("A"), chain("S", "A", "E"))
case(
    "an event sub-process inside another",
    "nested",
    (
        *BESIDE,
        event_sub(
            "H",
            *(starts("K", signal("one"), isInterrupting="false"), user("B"), end("F"), chain("K", "B", "F")),
            event_sub("I", starts("L", signal("two")), user("C"), end("Y"), chain("L", "C", "Y")),
        ),
    ),
    play(
        "S A? K~",
        broadcast("one"),
        "K A? B? K~ L~",
        broadcast("two"),
        "L A? C? K~",
        done("C"),
        "C>Y A? K~",
        done("A"),
        "A>E .",
    ),
)
case(
    "several at once, each on its own",
    "several",
    (
        *BESIDE,
        event_sub("H", starts("K", signal("one"), isInterrupting="false"), user("B"), end("F"), chain("K", "B", "F")),
        event_sub("I", starts("L", timer("PT1H")), user("C"), end("Y"), chain("L", "C", "Y")),
    ),
    play("S A? K~ L@", broadcast("one"), "K A? B? K~ L@", fire("L"), "L C?", done("C"), "C>Y ."),
    play("S A? K~ L@", broadcast("one"), "K A? B? K~ L@", done("A"), "A>E B?", done("B"), "B>F ."),
)
case(
    "the interrupting one takes the others away, and no new one begins",
    "several",
    (
        *BESIDE,
        event_sub("H", starts("K", signal("one")), user("B"), end("F"), chain("K", "B", "F")),
        event_sub("I", starts("L", signal("two"), isInterrupting="false"), user("C"), end("Y"), chain("L", "C", "Y")),
    ),
    play("S A? K~ L~", broadcast("two"), "L A? C? K~ L~", broadcast("one"), "K B?", done("B"), "B>F ."),
)
case(
    "it ends with the scope around it",
    "in a sub-process that is taken away",
    (
        *S_E,
        sub(
            "P1",
            *INSIDE,
            event_sub(
                "H", starts("K", signal("one"), isInterrupting="false"), user("C"), end("F"), chain("K", "C", "F")
            ),
        ),
        *(at("P1", "T", timer()), end("Y"), chain("S", "P1", "E"), chain("T", "Y")),
    ),
    play("S S1 B? K~ T@", broadcast("one"), "K B? C? K~ T@", fire("T"), "T>Y ."),
)

# ---------------------------------------------------------------- call activities

about("call activity", "10.3.6, 13.3.4")
Q = {"Q": INSIDE}
CALL = (*S_E, call("P1", "Q"), chain("S", "P1", "E"))
case("it waits for the process it calls", "in the flow", CALL, play("S S1 B?", done("B"), "B>E1>E ."), called=Q)
case(
    "which process is said by an expression",
    "in the flow",
    (*S_E, call("P1", "=which"), chain("S", "P1", "E")),
    play("S S1 B?", done("B"), "B>E1>E ."),
    called=Q,
    facts={"which": "Q"},
)
case(
    "data goes in and comes out",
    "in the flow",
    (*S_E, call("P1", "Q", "{x: n}", "{n: x}"), chain("S", "P1", "E")),
    play("S>S1>K>E1>E . n=15 x=null"),
    called={"Q": (start("S1"), script("K", "{x: x + 10}"), end("E1"), chain("S1", "K", "E1"))},
    facts={"n": 5},
)
case(
    "a process called by a process called",
    "nested",
    CALL,
    play("S>S0>S1 B?", done("B"), "B>E1>E0>E ."),
    called={**Q, "Q": (start("S0"), call("P2", "R"), end("E0"), chain("S0", "P2", "E0")), "R": INSIDE},
)
case(
    "it is taken away whole",
    "boundary, interrupting",
    (*CALL, at("P1", "T", timer()), end("F"), chain("T", "F")),
    play("S S1 B? T@", fire("T"), "T>F ."),
    play("S S1 B? T@", done("B"), "B>E1>E ."),
    called=Q,
)
case(
    "an error that ends the called process is caught by who called",
    "boundary, error",
    (*CALL, at("P1", "T", error("LOST")), end("F"), chain("T", "F")),
    play("S S1 B?", done("B"), "B>X>T>F ."),
    play("S S1 B?", fails("B", "LOST"), "T>F ."),
    called={"Q": (start("S1"), user("B"), ends("X", error("LOST")), chain("S1", "B", "X"))},
)
case(
    "an escalation of the called process is caught by who called",
    "boundary, escalation",
    (*CALL, at("P1", "T", escalation("HELP"), stops=False), end("F"), chain("T", "F")),
    play("S S1 X T>F B?", done("B"), "B>E1>E ."),
    called={"Q": (start("S1"), throw("X", escalation("HELP")), user("B"), end("E1"), chain("S1", "X", "B", "E1"))},
)
case(
    "a terminate end event ends the called process only",
    "terminate inside",
    CALL,
    play("S S1 G A? B?", done("A"), "A>X>E ."),
    called={
        "Q": (
            start("S1"),
            parallel("G"),
            user("A"),
            user("B"),
            ends("X", terminate()),
            end("E1"),
            chain("S1", "G", "A", "X"),
            chain("G", "B", "E1"),
        )
    },
)
case(
    "a signal reaches the called process",
    "signal inside",
    CALL,
    play("S S1 B~", broadcast("word"), "B>E1>E ."),
    called={"Q": (start("S1"), catch("B", signal("word")), end("E1"), chain("S1", "B", "E1"))},
)
case(
    "it is called for each member of a list",
    "multi-instance",
    (*S_E, call("P1", "Q", "{x: one}", inside=many("items", "one")), chain("S", "P1", "E")),
    play('S S1 S1 B? B? B:x="a" B:x="b"', done("B"), "B>E1 B?", done("B"), "B>E1>E ."),
    called=Q,
    facts={"items": ["a", "b"]},
)
case(
    "it is called again and again",
    "standard loop",
    (*S_E, call("P1", "Q", inside=rounds("again = true")), chain("S", "P1", "E")),
    play("S S1 B?", done("B", again=True), "B>E1>S1 B?", done("B", again=False), "B>E1>E ."),
    called=Q,
)
case(
    "it is undone by its handler",
    "compensation",
    (*S_E, call("P1", "Q"), *undo("P1", "U"), throw("T", compensation()), chain("S", "P1", "T", "E")),
    play("S S1 B?", done("B"), "B>E1 U?", done("U"), "U>T>E ."),
    called=Q,
)

about("call activity", "10.3.6, 10.7.1, 13.5.5")
case(
    "a process called that has no handler of its own is undone from inside",
    "compensation, default handler of the process called",
    (*S_E, call("P1", "Q"), throw("X", compensation()), chain("S", "P1", "X", "E")),
    play("S>S1 B?", done("B"), "B>E1 UB?", done("UB"), "UB>X>E ."),
    called={"Q": (*INSIDE, *undo("B", "UB"))},
)
case(
    "the process called says itself how it is undone",
    "compensation by an event sub-process of the process called",
    (*S_E, call("P1", "Q"), throw("X", compensation()), chain("S", "P1", "X", "E")),
    play("S>S1 B?", done("B"), "B>E1>T V?", done("V"), "V>F>X>E ."),
    called={"Q": (*INSIDE, event_sub("H", starts("T", compensation()), user("V"), end("F"), chain("T", "V", "F")))},
)

# ---------------------------------------------------------------- refused by name

about("ad-hoc sub-process", "10.3.5, 13.3.5")
THEME.refuse(
    "which activities are done, and when, nobody can foresee",
    "in the flow",
    (*S_E, tag("adHocSubProcess", user("A") + user("B"), id="P1"), chain("S", "P1", "E")),
    "ad-hoc",
)
