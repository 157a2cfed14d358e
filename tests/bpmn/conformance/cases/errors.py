"""Errors and escalations (8.4.3, 8.4.4, 10.5.6, 13.5.3, 13.5.4)."""

from __future__ import annotations

from tests.bpmn.conformance.case import Theme, done, fails, play
from tests.bpmn.conformance.figures import (
    at,
    chain,
    end,
    ends,
    error,
    escalation,
    event_sub,
    parallel,
    start,
    starts,
    sub,
    throw,
    told,
    user,
)

THEME = Theme("errors and escalations")
about, case = THEME.about, THEME.case
S_E = (start(), end())

# ---------------------------------------------------------------- errors


def failing(*inside: str, id_: str = "P1", code: str | None = "LOST") -> str:
    """A sub-process in which A, beside C, leads to an error end event."""
    return sub(
        id_,
        *(start("S1"), parallel("G"), user("A"), user("C"), ends("X", error(code)), end("E1")),
        *(chain("S1", "G", "A", "X"), chain("G", "C", "E1")),
        *inside,
    )


def handled(id_: str, *definitions: str, host: str = "P1", stops: bool = True) -> tuple[str, ...]:
    """A boundary event that leads to a user task and an end of its own."""
    return (at(host, id_, *definitions, stops=stops), user(f"U{id_}"), end(f"F{id_}"), chain(id_, f"U{id_}", f"F{id_}"))


MAIN = (*S_E, chain("S", "P1", "E"))
BEGIN = "S S1 G A? C?"

about("error event", "10.5.3 table 10.88, 10.5.6, 13.5.6")
case(
    "everything around it is taken away, its boundary goes on",
    "end, caught at the boundary",
    (*MAIN, failing(), *handled("B", error("LOST"))),
    play(BEGIN, done("A"), "A>X>B UB?", done("UB"), "UB>FB ."),
)
case(
    "it is caught without a code",
    "end, caught at the boundary",
    (*MAIN, failing(), *handled("B", error())),
    play(BEGIN, done("A"), "A>X>B UB?", done("UB"), "UB>FB ."),
)
for order in (("B", "D"), ("D", "B")):
    events = {"B": handled("B", error()), "D": handled("D", error("LOST"))}
    case(
        f"who asks for its code goes before who asks for any ({order[0]} first in the file)",
        "boundary, several",
        (*MAIN, failing(), *events[order[0]], *events[order[1]]),
        play(BEGIN, done("A"), "A>X>D UD?", done("UD"), "UD>FD ."),
    )
case(
    "another code is not caught: it goes on outwards",
    "boundary, nested",
    (
        *MAIN,
        sub(
            "P1",
            start("S0"),
            failing(id_="P2"),
            *handled("B", error("OTHER"), host="P2"),
            end("E0"),
            chain("S0", "P2", "E0"),
        ),
        *handled("D", error("LOST")),
    ),
    play("S S0 S1 G A? C?", done("A"), "A>X>D UD?", done("UD"), "UD>FD ."),
)
case(
    "the nearest catches",
    "boundary, nested",
    (
        *MAIN,
        sub(
            "P1", start("S0"), failing(id_="P2"), *handled("B", error(), host="P2"), end("E0"), chain("S0", "P2", "E0")
        ),
        *handled("D", error("LOST")),
    ),
    play("S S0 S1 G A? C?", done("A"), "A>X>B UB?", done("UB"), "UB>FB E ."),
)
case("nobody catches it: the step fails", "end, caught by nobody", (*MAIN, failing()), play(BEGIN, done("A"), "#X"))
case(
    "what it carries is written where it is caught",
    "end, caught at the boundary",
    (
        *S_E,
        chain("S", "P1", "E"),
        sub("P1", start("S1"), ends("X", error("LOST"), ld=told(gives="{what: n}")), chain("S1", "X")),
        *(at("P1", "B", error("LOST"), ld=told(takes="{got: payload.what}")), end("F"), chain("B", "F")),
    ),
    play("S>S1>X>B>F . got=9"),
    facts={"n": 9},
)
about("error event", "10.5.2 table 10.86, 10.5.6, 13.5.4")
HANDLER = event_sub("H", starts("T", error("LOST")), user("V"), end("F"), chain("T", "V", "F"))
case(
    "handled inside, the activity is completed and goes on",
    "start of an event sub-process",
    (*MAIN, failing(HANDLER)),
    play(BEGIN, done("A"), "A>X>T V?", done("V"), "V>F>E ."),
)
case(
    "inside before at the boundary",
    "start of an event sub-process",
    (*MAIN, failing(HANDLER), *handled("B", error("LOST"))),
    play(BEGIN, done("A"), "A>X>T V?", done("V"), "V>F>E ."),
)
case(
    "thrown again by who handles it, it goes to the boundary",
    "start of an event sub-process, thrown again",
    (
        *MAIN,
        failing(event_sub("H", starts("T", error("LOST")), user("V"), ends("F", error("LOST")), chain("T", "V", "F"))),
        *handled("B", error("LOST")),
    ),
    play(BEGIN, done("A"), "A>X>T V?", done("V"), "V>F>B UB?", done("UB"), "UB>FB ."),
)
case(
    "in the process itself it ends the process",
    "start of an event sub-process of the process",
    (
        *(start(), user("A"), ends("X", error("LOST")), chain("S", "A", "X")),
        event_sub("H", starts("T", error()), user("V"), end("F"), chain("T", "V", "F")),
    ),
    play("S A?", done("A"), "A>X>T V?", done("V"), "V>F ."),
)
about("error event", "10.5.4 table 10.90, 13.5.3")
case(
    "an activity that ends in an error is left at its boundary",
    "boundary of a task",
    (*S_E, user("A"), *handled("B", error("LOST"), host="A"), chain("S", "A", "E")),
    play("S A?", fails("A", "LOST"), "B UB?", done("UB"), "UB>FB ."),
    play("S A?", fails("A", "OTHER"), "#A"),
)
case(
    "a task inside a sub-process without a boundary of its own",
    "boundary of a sub-process",
    (*MAIN, failing(), *handled("B", error("GONE"))),
    play(BEGIN, fails("C", "GONE"), "B UB?", done("UB"), "UB>FB ."),
)

# ---------------------------------------------------------------- escalations


def rising(*inside: str, last: str = "", code: str | None = "HELP") -> str:
    """A sub-process in which an escalation is thrown in passing between A and C, or, with `last`, at the end."""
    if last:
        return sub(
            "P1",
            *(start("S1"), parallel("G"), user("A"), user("C"), ends("X", escalation(code)), end("E1")),
            *(chain("S1", "G", "A", "X"), chain("G", "C", "E1"), *inside),
        )
    return sub(
        "P1",
        *(start("S1"), user("A"), throw("X", escalation(code)), user("C"), end("E1"), chain("S1", "A", "X", "C", "E1")),
        *inside,
    )


about("escalation event", "10.5.4 table 10.90, 13.5.3")
case(
    "interrupting: everything inside is taken away",
    "throw, caught at the boundary, interrupting",
    (*MAIN, rising(), *handled("B", escalation("HELP"))),
    play("S S1 A?", done("A"), "A>X>B UB?", done("UB"), "UB>FB ."),
)
case(
    "not interrupting: both go on",
    "throw, caught at the boundary, not interrupting",
    (*MAIN, rising(), *handled("B", escalation("HELP"), stops=False)),
    play("S S1 A?", done("A"), "A X B UB? C?", done("C"), "C>E1>E UB?", done("UB"), "UB>FB ."),
)
case(
    "caught by nobody: it goes on",
    "throw, caught by nobody",
    (*MAIN, rising()),
    play("S S1 A?", done("A"), "A>X C?", done("C"), "C>E1>E ."),
)
case(
    "another code: it goes on",
    "throw, caught by nobody",
    (*MAIN, rising(), *handled("B", escalation("OTHER"))),
    play("S S1 A?", done("A"), "A>X C?", done("C"), "C>E1>E ."),
)
case(
    "caught without a code",
    "throw, caught at the boundary, not interrupting",
    (*MAIN, rising(), *handled("B", escalation(), stops=False)),
    play("S S1 A?", done("A"), "A X B UB? C?", done("UB"), "UB>FB C?", done("C"), "C>E1>E ."),
)
about("escalation event", "10.5.3 table 10.88, 13.5.6")
case(
    "at the end, not interrupting: the others inside go on",
    "end, caught at the boundary",
    (*MAIN, rising(last="X"), *handled("B", escalation("HELP"), stops=False)),
    play(BEGIN, done("A"), "A X B C? UB?", done("C"), "C>E1>E UB?", done("UB"), "UB>FB ."),
)
case(
    "at the end, interrupting: the others inside are taken away",
    "end, caught at the boundary",
    (*MAIN, rising(last="X"), *handled("B", escalation("HELP"))),
    play(BEGIN, done("A"), "A>X>B UB?", done("UB"), "UB>FB ."),
)
case(
    "the last thing inside, not interrupting: the activity completes and the boundary goes on",
    "end, caught at the boundary",
    (
        *MAIN,
        sub("P1", start("S1"), user("A"), ends("X", escalation("HELP")), chain("S1", "A", "X")),
        *handled("B", escalation("HELP"), stops=False),
    ),
    play("S S1 A?", done("A"), "A X B E UB?", done("UB"), "UB>FB ."),
)
case(
    "nobody around the process catches it: it ends",
    "end of the process",
    (start(), ends("X", escalation("HELP")), chain("S", "X")),
    play("S>X ."),
)
about("escalation event", "10.5.2 table 10.86, 13.5.4")


def answer(stops: bool) -> str:
    more = {} if stops else {"isInterrupting": "false"}
    return event_sub("H", starts("T", escalation("HELP"), **more), user("V"), end("F"), chain("T", "V", "F"))


case(
    "interrupting, handled inside: the activity is completed and goes on",
    "start of an event sub-process, interrupting",
    (*MAIN, rising(answer(True))),
    play("S S1 A?", done("A"), "A>X>T V?", done("V"), "V>F>E ."),
)
case(
    "not interrupting: both go on, and the activity waits for both",
    "start of an event sub-process, not interrupting",
    (*MAIN, rising(answer(False))),
    play("S S1 A?", done("A"), "A X T V? C?", done("C"), "C>E1 V?", done("V"), "V>F>E ."),
    play("S S1 A?", done("A"), "A X T V? C?", done("V"), "V>F C?", done("C"), "C>E1>E ."),
)
case(
    "of the process itself",
    "start of an event sub-process of the process",
    (*S_E, throw("X", escalation("HELP")), user("C"), chain("S", "X", "C", "E"), answer(False)),
    play("S X T V? C?", done("V"), "V>F C?", done("C"), "C>E ."),
)
case(
    "the nearest catches, none further out",
    "boundary, nested",
    (
        *MAIN,
        sub(
            "P1",
            *(
                start("S0"),
                sub(
                    "P2", start("S1"), throw("X", escalation("HELP")), user("A"), end("E1"), chain("S1", "X", "A", "E1")
                ),
            ),
            *(end("E0"), chain("S0", "P2", "E0"), *handled("B", escalation("HELP"), host="P2", stops=False)),
        ),
        *handled("D", escalation("HELP")),
    ),
    play("S S0 S1 X B UB? A?", done("A"), "A>E1>E0 UB?", done("UB"), "UB>FB E ."),
)
