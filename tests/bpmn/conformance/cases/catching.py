"""Who catches what: errors, escalations and signals across scopes (10.5.6, 13.5)."""

from __future__ import annotations

from tests.bpmn.conformance.case import Theme, broadcast, done, fails, play
from tests.bpmn.conformance.figures import (
    at,
    call,
    chain,
    end,
    ends,
    error,
    escalation,
    event_sub,
    many,
    parallel,
    signal,
    start,
    starts,
    sub,
    throw,
    user,
)

THEME = Theme("who catches what")
about, case = THEME.about, THEME.case
S_E = (start(), end())
MAIN = (*S_E, chain("S", "P1", "E"))
LEAVES = (user("U"), end("F"), chain("B", "U", "F"))
FAILING = (start("S1"), user("A"), ends("X", error("LOST")), chain("S1", "A", "X"))

# ---------------------------------------------------------------- errors

about("error event", "10.5.6, 13.5.4")
case(
    "while an event is handled, no other handler of the scope begins: a new error goes out",
    "thrown by a handler, with another handler beside it",
    (
        *MAIN,
        sub(
            "P1",
            *FAILING,
            event_sub("H", starts("T", error("LOST")), user("V"), ends("Y", error("OTHER")), chain("T", "V", "Y")),
            event_sub("I", starts("N", error("OTHER")), user("W"), end("Z"), chain("N", "W", "Z")),
        ),
        *(at("P1", "B", error("OTHER")), *LEAVES),
    ),
    play("S S1 A?", done("A"), "A>X>T V?", done("V"), "V>Y>B U?", done("U"), "U>F ."),
)
case(
    "an error in a handler that runs beside the scope is handled in the scope",
    "thrown by a handler that does not interrupt",
    (
        *MAIN,
        sub(
            "P1",
            *(start("S1"), user("A"), end("E1"), chain("S1", "A", "E1")),
            event_sub(
                "H",
                starts("T", signal("word"), isInterrupting="false"),
                user("V"),
                ends("Y", error("LOST")),
                chain("T", "V", "Y"),
            ),
            event_sub("I", starts("N", error("LOST")), user("W"), end("Z"), chain("N", "W", "Z")),
        ),
    ),
    play("S S1 A? T~", broadcast("word"), "T A? V? T~", done("V"), "V>Y>N W?", done("W"), "W>Z>E ."),
)
case(
    "handled inside one instance, the other instances go on",
    "event sub-process of a multi-instance",
    (
        *MAIN,
        sub(
            "P1",
            *FAILING,
            event_sub("H", starts("T", error("LOST")), user("V"), end("Y"), chain("T", "V", "Y")),
            inside=many(times="2"),
        ),
    ),
    play(
        "S S1 S1 A? A?", done("A"), "A>X>T A? V?", done("A"), "A>X>T V? V?", done("V"), "V>Y V?", done("V"), "V>Y>E ."
    ),
)
case(
    "which code is told by the handlers from inside outwards",
    "process called by a process called",
    (*S_E, call("P1", "Q"), at("P1", "B", error("LOST")), *LEAVES, chain("S", "P1", "E")),
    play("S S0 S1 A?", done("A"), "A>X>B U?", done("U"), "U>F ."),
    play("S S0 S1 A?", fails("A", "OTHER"), "K>L>E ."),
    called={
        "Q": (
            start("S0"),
            call("P2", "R"),
            at("P2", "K", error("OTHER")),
            end("L"),
            end("E0"),
            chain("S0", "P2", "E0"),
            chain("K", "L"),
        ),
        "R": FAILING,
    },
)
case(
    "an error of a catching path is not caught by the boundary it came from",
    "thrown after the boundary",
    (
        *MAIN,
        sub(
            "P1",
            *(start("S0"), sub("P2", *FAILING), at("P2", "B", error()), user("V"), ends("Y", error("LOST")), end("E0")),
            *(chain("S0", "P2", "E0"), chain("B", "V", "Y")),
        ),
        *(at("P1", "K", error("LOST")), end("F"), chain("K", "F")),
    ),
    play("S S0 S1 A?", done("A"), "A>X>B V?", done("V"), "V>Y>K>F ."),
)
case(
    "two tokens in the same sub-process: only the one that failed ends",
    "boundary of a sub-process begun twice",
    (
        *(*S_E, parallel("G"), sub("P1", *FAILING), at("P1", "B", error()), *LEAVES),
        *(chain("S", "G", "P1", "E"), '<bpmn:sequenceFlow id="more" sourceRef="G" targetRef="P1"/>\n'),
    ),
    play("S G S1 S1 A? A?", done("A"), "A>X>B A? U?", done("U"), "U>F A?", done("A"), "A>X>B U?", done("U"), "U>F ."),
)

# ---------------------------------------------------------------- escalations

about("escalation event", "10.5.6, 13.5.3")
RISING = (
    start("S1"),
    user("A"),
    throw("X", escalation("HELP")),
    user("C"),
    end("E1"),
    chain("S1", "A", "X", "C", "E1"),
)
case(
    "out of one instance, not interrupting: all go on",
    "boundary of a multi-instance, not interrupting",
    (*MAIN, sub("P1", *RISING, inside=many(times="2")), at("P1", "B", escalation("HELP"), stops=False), *LEAVES),
    play("S S1 S1 A? A?", done("A"), "A X B A? C? U?", done("A"), "A X B C? C? U? U?", done("C"), "C>E1 C? U? U?"),
)
case(
    "out of one instance, interrupting: all are taken away",
    "boundary of a multi-instance, interrupting",
    (*MAIN, sub("P1", *RISING, inside=many(times="2")), at("P1", "B", escalation("HELP")), *LEAVES),
    play("S S1 S1 A? A?", done("A"), "A>X>B U?", done("U"), "U>F ."),
)
for order in ("BD", "DB"):
    events = {"B": at("P1", "B", escalation()), "D": at("P1", "D", escalation("HELP"))}
    case(
        f"who asks for its code goes before who asks for any ({order[0]} first in the file)",
        "boundary, several",
        (*MAIN, sub("P1", *RISING), events[order[0]], events[order[1]], *LEAVES, end("Y"), chain("D", "Y")),
        play("S S1 A?", done("A"), "A>X>D>Y ."),
    )
case(
    "through a process called by a process called",
    "boundary of a call",
    (*S_E, call("P1", "Q"), at("P1", "B", escalation("HELP"), stops=False), *LEAVES, chain("S", "P1", "E")),
    play("S S0 S1 A?", done("A"), "A X B C? U?", done("C"), "C>E1>E0>E U?", done("U"), "U>F ."),
    called={"Q": (start("S0"), call("P2", "R"), end("E0"), chain("S0", "P2", "E0")), "R": RISING},
)
case(
    "out of a handler to the boundary of its scope",
    "thrown by a handler",
    (
        *MAIN,
        sub(
            "P1",
            *(start("S1"), user("A"), end("E1"), chain("S1", "A", "E1")),
            event_sub(
                "H",
                starts("T", signal("word"), isInterrupting="false"),
                throw("X", escalation("HELP")),
                user("V"),
                end("Y"),
                chain("T", "X", "V", "Y"),
            ),
        ),
        *(at("P1", "B", escalation("HELP"), stops=False), *LEAVES),
    ),
    play(
        "S S1 A? T~",
        broadcast("word"),
        "T X B A? U? V? T~",
        done("A"),
        "A>E1 U? V?",
        done("V"),
        "V>Y>E U?",
        done("U"),
        "U>F .",
    ),
)

about("error event", "10.5.6, 13.5.3")
for order in ("BD", "DB"):
    both = {"B": at("P1", "B", error("HELP")), "D": at("P1", "D", escalation("HELP"))}
    for thrown, caught in ((error("HELP"), "B"), (escalation("HELP"), "D")):
        case(
            f"an error and an escalation of one code are two things: {caught} catches ({order[0]} first in the file)",
            "boundary, beside an escalation of the same code",
            (
                *(
                    *MAIN,
                    sub("P1", start("S1"), user("A"), ends("X", thrown), chain("S1", "A", "X")),
                    both[order[0]],
                    both[order[1]],
                ),
                *(end("FB"), end("FD"), chain("B", "FB"), chain("D", "FD")),
            ),
            play("S S1 A?", done("A"), f"A>X>{caught}>F{caught} ."),
        )
