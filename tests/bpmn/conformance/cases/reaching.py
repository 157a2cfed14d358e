"""Signals across scopes, and what ends with a scope (10.5.5, 13.5.3, 13.5.6)."""

from __future__ import annotations

from tests.bpmn.conformance.case import Theme, broadcast, done, fire, hear, play
from tests.bpmn.conformance.figures import (
    at,
    call,
    catch,
    chain,
    condition,
    end,
    ends,
    event_based,
    event_sub,
    message,
    parallel,
    signal,
    start,
    starts,
    sub,
    terminate,
    throw,
    timer,
    user,
)

THEME = Theme("signals and scopes that end")
about, case = THEME.about, THEME.case
S_E = (start(), end())
MAIN = (*S_E, chain("S", "P1", "E"))
LEAVES = (user("U"), end("F"), chain("B", "U", "F"))

# ---------------------------------------------------------------- signals

about("signal event", "10.5.5, 13.5.3")
CALLING = (start("S1"), user("A"), throw("N", signal("word")), user("C"), end("E1"), chain("S1", "A", "N", "C", "E1"))
case(
    "thrown inside, caught at the own boundary, interrupting",
    "boundary of who throws it",
    (*MAIN, sub("P1", *CALLING), at("P1", "B", signal("word")), *LEAVES),
    play("S S1 A? B~", done("A"), "A>N>B N^word U?", done("U"), "U>F ."),
)
case(
    "thrown inside, caught at the own boundary, not interrupting",
    "boundary of who throws it",
    (*MAIN, sub("P1", *CALLING), at("P1", "B", signal("word"), stops=False), *LEAVES),
    play("S S1 A? B~", done("A"), "A N B N^word C? U? B~", done("C"), "C>E1>E U?", done("U"), "U>F ."),
)
case(
    "thrown in a called process, caught by who called, and the other way",
    "across a call",
    (
        *S_E,
        end("F"),
        parallel("G"),
        call("P1", "Q"),
        catch("M", signal("word")),
        chain("S", "G", "P1", "E"),
        chain("G", "M", "F"),
    ),
    play("S G S1 A? M~", done("A"), "A N N^word M F C?", done("C"), "C>E1>E ."),
    called={"Q": CALLING},
)
about("signal event", "10.5.3 table 10.88, 13.5.4")
case(
    "thrown at the end, it is still caught by the process that ends",
    "end, caught by an event sub-process",
    (
        *(start(), user("A"), ends("X", signal("word")), chain("S", "A", "X")),
        event_sub("H", starts("T", signal("word"), isInterrupting="false"), user("V"), end("Y"), chain("T", "V", "Y")),
    ),
    play("S A? T~", done("A"), "A X T X^word V?", done("V"), "V>Y ."),
)

# ---------------------------------------------------------------- in scopes that end

about("terminate event", "10.5.3 table 10.88, 13.5.6")
HASTY = (
    parallel("G"),
    user("V"),
    user("W"),
    ends("Y", terminate()),
    end("Z"),
    chain("T", "G", "V", "Y"),
    chain("G", "W", "Z"),
)
case(
    "in a handler that runs beside the scope it ends the handler",
    "end of an event sub-process, not interrupting",
    (
        *S_E,
        user("A"),
        chain("S", "A", "E"),
        event_sub("H", starts("T", signal("word"), isInterrupting="false"), *HASTY),
    ),
    play("S A? T~", broadcast("word"), "T G A? V? W? T~", done("V"), "V>Y A? T~", done("A"), "A>E ."),
)
case(
    "in a handler that interrupted the scope it ends the handler and so the scope",
    "end of an event sub-process, interrupting",
    (
        *MAIN,
        sub(
            "P1",
            start("S1"),
            user("A"),
            end("E1"),
            chain("S1", "A", "E1"),
            event_sub("H", starts("T", signal("word")), *HASTY),
        ),
    ),
    play("S S1 A? T~", broadcast("word"), "T G V? W?", done("V"), "V>Y>E ."),
)
case(
    "handlers that run beside the scope end with it",
    "end of a process with an event sub-process",
    (
        *(start(), user("A"), ends("X", terminate()), chain("S", "A", "X")),
        event_sub("H", starts("T", signal("word"), isInterrupting="false"), user("V"), end("Y"), chain("T", "V", "Y")),
    ),
    play("S A? T~", broadcast("word"), "T A? V? T~", done("A"), "A>X ."),
)
about("event-based gateway", "13.4.4, 13.5.3")
case(
    "it is taken away with what lies around it",
    "in a sub-process with a boundary",
    (
        *MAIN,
        sub(
            "P1",
            *(start("S1"), event_based("G"), catch("M", message("word")), catch("N", timer("PT5H")), end("E1")),
            *(chain("S1", "G", "M", "E1"), chain("G", "N", "E1")),
        ),
        *(at("P1", "B", timer("PT1H")), *LEAVES),
    ),
    play("S S1 M~ N@PT5H B@PT1H", fire("B"), "B U?", done("U"), "U>F ."),
    play("S S1 M~ N@ B@", hear("word"), "G>M>E1>E ."),
)
about("conditional event", "10.4.1, 10.5.5")
case(
    "a condition sees the data of the scope it stands in",
    "in a sub-process with data of its own",
    (
        *(*S_E, parallel("K"), user("D"), end("Y"), chain("S", "K", "P1", "E"), chain("K", "D", "Y")),
        sub(
            "P1",
            '<bpmn:dataObject id="Part"><bpmn:extensionElements><ld:data key="n"/></bpmn:extensionElements></bpmn:dataObject>\n',
            *(start("S1"), parallel("G"), user("A"), catch("C", condition("n > 1")), end("E1"), end("E2")),
            *(chain("S1", "G", "A", "E1"), chain("G", "C", "E2")),
        ),
    ),
    # D writes the n of the process, which is another than that of the sub-process
    play("S K S1 G A? D?", done("D", n=5), "D>Y A?", done("A", n=5), "A>E1 C>E2 E ."),
    facts={"n": 0},
)
