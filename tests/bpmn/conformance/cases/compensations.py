"""Compensation and transactions (10.3.5, 10.7, 13.3.4, 13.5.5)."""

from __future__ import annotations

from tests.bpmn.conformance.case import Theme, done, fails, play
from tests.bpmn.conformance.figures import (
    at,
    cancel,
    chain,
    compensation,
    end,
    ends,
    error,
    event_sub,
    exclusive,
    flow,
    many,
    parallel,
    start,
    starts,
    sub,
    terminate,
    throw,
    transaction,
    undo,
    user,
)

THEME = Theme("compensation and transactions")
about, case = THEME.about, THEME.case
S_E = (start(), end())

# ---------------------------------------------------------------- thrown in the flow

about("compensation event", "10.7.2, 13.5.5")
A_B = (*S_E, user("A"), *undo("A", "UA"), user("B"), *undo("B", "UB"))
case(
    "what was completed is undone in reverse order, then the flow goes on",
    "throw, in the flow",
    (*A_B, throw("T", compensation()), chain("S", "A", "B", "T", "E")),
    play("S A?", done("A"), "A B?", done("B"), "B UB?", done("UB"), "UB UA?", done("UA"), "UA>T>E ."),
)
case(
    "only the one activity it names",
    "throw, in the flow, of one activity",
    (*A_B, throw("T", compensation("A")), chain("S", "A", "B", "T", "E")),
    play("S A?", done("A"), "A B?", done("B"), "B UA?", done("UA"), "UA>T>E ."),
)
case(
    "it may go on without waiting; the process waits",
    "throw, in the flow, not waiting",
    (*A_B, throw("T", compensation("A", waits=False)), chain("S", "A", "B", "T", "E")),
    play("S A?", done("A"), "A B?", done("B"), "B>T>E UA?", done("UA"), "UA ."),
)
case(
    "the end waits for what it undoes",
    "end",
    (*A_B[:1], *A_B[2:], ends("X", compensation()), chain("S", "A", "B", "X")),
    play("S A?", done("A"), "A B?", done("B"), "B UB?", done("UB"), "UB UA?", done("UA"), "UA>X ."),
)
case(
    "what is still active or never began is not undone",
    "throw, in the flow",
    (
        *A_B,
        *(parallel("G"), user("D"), *undo("D", "UD"), end("F"), throw("T", compensation())),
        *(chain("S", "G", "A", "D", "F"), chain("G", "B", "T", "E")),
    ),
    play("S G A? B?", done("B"), "B A? UB?", done("UB"), "UB>T>E A?", done("A"), "A D?", done("D"), "D>F ."),
)
case(
    "an activity that was not completed: nothing is done",
    "throw, in the flow, of one activity",
    (
        *A_B,
        *(exclusive("X", default="X-B"), throw("T", compensation("A"))),
        *(chain("S", "X", "B", "T", "E"), flow("X", "A", "n = 1"), chain("A", "T")),
    ),
    play("S X B?", done("B"), "B>T>E ."),
)
case(
    "what was undone is not undone again",
    "throw, in the flow, twice",
    (*A_B, throw("T", compensation()), throw("V", compensation()), chain("S", "A", "T", "B", "V", "E")),
    play("S A?", done("A"), "A UA?", done("UA"), "UA>T B?", done("B"), "B UB?", done("UB"), "UB>V>E ."),
)
case(
    "an activity done several times is undone as often",
    "throw, in the flow, after a loop",
    (
        *(*S_E, exclusive("M"), user("A"), *undo("A", "UA"), exclusive("X", default="X-T"), throw("T", compensation())),
        *(chain("S", "M", "A", "X", "T", "E"), flow("X", "M", "more = true")),
    ),
    play(
        "S M A?",
        done("A", more=True),
        "A>X>M A?",
        done("A", more=False),
        "A>X UA?",
        done("UA"),
        "UA UA?",
        done("UA"),
        "UA>T>E .",
    ),
)
case(
    "an activity without a handler is passed over",
    "throw, in the flow",
    (*S_E, user("A"), *undo("A", "UA"), user("B"), throw("T", compensation()), chain("S", "A", "B", "T", "E")),
    play("S A?", done("A"), "A B?", done("B"), "B UA?", done("UA"), "UA>T>E ."),
)
case(
    "each instance of a sequential multi-instance, in reverse order",
    "throw, in the flow, of a multi-instance",
    (
        *(*S_E, user("A", many(times="2", isSequential="true")), *undo("A", "UA"), throw("T", compensation())),
        chain("S", "A", "T", "E"),
    ),
    play("S A?", done("A"), "A A?", done("A"), "A UA?", done("UA"), "UA UA?", done("UA"), "UA>T>E ."),
)
INSIDE = (start("S1"), user("A"), *undo("A", "UA"), user("B"), *undo("B", "UB"), end("E1"), chain("S1", "A", "B", "E1"))
INTO = ("S S1 A?", done("A"), "A B?", done("B"))
about("compensation event", "10.7.1, 13.5.5")
case(
    "a sub-process without a handler: what is in it, in reverse order",
    "sub-process, default handler",
    (*S_E, sub("P1", *INSIDE), throw("T", compensation()), chain("S", "P1", "T", "E")),
    play(*INTO, "B>E1 UB?", done("UB"), "UB UA?", done("UA"), "UA>T>E ."),
)
case(
    "named, a sub-process without a handler is undone from inside",
    "sub-process, default handler",
    (
        *S_E,
        sub("P1", *INSIDE),
        user("D"),
        *undo("D", "UD"),
        throw("T", compensation("P1")),
        chain("S", "P1", "D", "T", "E"),
    ),
    play(*INTO, "B>E1 D?", done("D"), "D UB?", done("UB"), "UB UA?", done("UA"), "UA>T>E ."),
)
case(
    "sub-processes in sub-processes, in reverse order of all",
    "sub-process, default handler, nested",
    (
        *S_E,
        sub(
            "P0", start("S0"), user("D"), *undo("D", "UD"), sub("P1", *INSIDE), end("E0"), chain("S0", "D", "P1", "E0")
        ),
        *(throw("T", compensation()), chain("S", "P0", "T", "E")),
    ),
    play(
        "S S0 D?",
        *(done("D"), "D>S1 A?", done("A"), "A B?", done("B"), "B>E1>E0 UB?"),
        *(done("UB"), "UB UA?", done("UA"), "UA UD?", done("UD"), "UD>T>E ."),
    ),
)
case(
    "a handler at its boundary undoes it as a whole",
    "sub-process, boundary",
    (*S_E, sub("P1", *INSIDE), *undo("P1", "UP"), throw("T", compensation()), chain("S", "P1", "T", "E")),
    play(*INTO, "B>E1 UP?", done("UP"), "UP>T>E ."),
)
case(
    "the sub-process says itself how it is undone",
    "start of an event sub-process",
    (
        *S_E,
        sub("P1", *INSIDE, event_sub("H", starts("K", compensation()), user("V"), end("F"), chain("K", "V", "F"))),
        *(throw("T", compensation()), chain("S", "P1", "T", "E")),
    ),
    play(*INTO, "B>E1>K V?", done("V"), "V>F>T>E ."),
)
case(
    "and may there undo what is in it",
    "start of an event sub-process, throwing on",
    (
        *S_E,
        sub(
            "P1",
            *INSIDE,
            event_sub(
                "H",
                starts("K", compensation()),
                throw("N", compensation("A")),
                user("V"),
                end("F"),
                chain("K", "N", "V", "F"),
            ),
        ),
        *(throw("T", compensation()), chain("S", "P1", "T", "E")),
    ),
    play(*INTO, "B>E1>K UA?", done("UA"), "UA>N V?", done("V"), "V>F>T>E ."),
)
case(
    "whoever handles an error may undo what was done before",
    "throw, in an error's event sub-process",
    (
        *S_E,
        sub(
            "P1",
            *INSIDE[:-2],
            *(ends("X", error("LOST")), chain("S1", "A", "B", "X")),
            event_sub("H", starts("K", error("LOST")), throw("N", compensation()), end("F"), chain("K", "N", "F")),
        ),
        chain("S", "P1", "E"),
    ),
    play(*INTO, "B>X>K UB?", done("UB"), "UB UA?", done("UA"), "UA>N>F>E ."),
)
case(
    "a handler may be a sub-process",
    "boundary",
    (
        *(*S_E, user("A"), at("A", "CA", compensation())),
        sub("U", start("SU"), user("V"), user("W"), end("EU"), chain("SU", "V", "W", "EU"), isForCompensation="true"),
        '<bpmn:association id="CA-U" sourceRef="CA" targetRef="U" associationDirection="One"/>\n',
        *(throw("T", compensation()), chain("S", "A", "T", "E")),
    ),
    play("S A?", done("A"), "A SU V?", done("V"), "V W?", done("W"), "W>EU>T>E ."),
)

# ---------------------------------------------------------------- transactions

about("transaction", "10.3.5, 13.3.4")
BOOKING = (
    *(start("S1"), user("A"), *undo("A", "UA"), user("B"), *undo("B", "UB"), end("E1"), ends("X", cancel())),
    *(exclusive("W", default="W-E1"), chain("S1", "A", "B", "W", "E1"), flow("W", "X", "bad = true")),
)
ROUND = (*S_E, at("P1", "K", cancel()), user("D"), end("F"), chain("S", "P1", "E"), chain("K", "D", "F"))
case(
    "it completes and goes on",
    "in the flow",
    (*ROUND, transaction("P1", *BOOKING)),
    play("S S1 A?", done("A"), "A B?", done("B"), "B>W>E1>E ."),
)
case(
    "it can still be undone from outside",
    "in the flow",
    (*S_E, transaction("P1", *INSIDE), throw("T", compensation()), chain("S", "P1", "T", "E")),
    play(*INTO, "B>E1 UB?", done("UB"), "UB UA?", done("UA"), "UA>T>E ."),
)
about("cancel event", "10.3.5, 10.5.3 table 10.88, 13.5.6")
case(
    "what was completed is undone, then its boundary goes on",
    "end of a transaction",
    (*ROUND, transaction("P1", *BOOKING)),
    play(
        "S S1 A?",
        *(
            done("A"),
            "A B?",
            done("B", bad=True),
            "B>W UB?",
            done("UB"),
            "UB UA?",
            done("UA"),
            "UA X>K D?",
            done("D"),
            "D>F .",
        ),
    ),
)
case(
    "what is active in it is taken away",
    "end of a transaction",
    (
        *ROUND,
        transaction(
            "P1",
            *(
                start("S1"),
                parallel("G"),
                user("A"),
                *undo("A", "UA"),
                user("B"),
                user("C"),
                end("E1"),
                ends("X", cancel()),
            ),
            *(chain("S1", "G", "A", "B", "X"), chain("G", "C", "E1")),
        ),
    ),
    play("S S1 G A? C?", done("A"), "A B? C?", done("B"), "B UA?", done("UA"), "UA X>K D?", done("D"), "D>F ."),
)
case(
    "with nothing to undo, its boundary goes on at once",
    "end of a transaction",
    (*ROUND, transaction("P1", start("S1"), user("C"), ends("X", cancel()), chain("S1", "C", "X"))),
    play("S S1 C?", done("C"), "C>X>K D?", done("D"), "D>F ."),
)
about("transaction", "10.3.5, 10.7.3")
case(
    "a hazard leaves it as it is: nothing is undone",
    "ending in an error",
    (*ROUND, transaction("P1", *BOOKING), at("P1", "Z", error("LOST")), end("Y"), chain("Z", "Y")),
    play("S S1 A?", done("A"), "A B?", fails("B", "LOST"), "Z>Y ."),
)

about("multiple event", "10.5.3 table 10.88, 10.7.2, 13.5.6")
TWICE = (user("A"), *undo("A", "UA"), user("B"), *undo("B", "UB"))
case(
    "each of the activities it names is undone, one after the other",
    "end, with two compensations",
    (start(), *TWICE, ends("E", compensation("A"), compensation("B")), chain("S", "A", "B", "E")),
    play("S A?", done("A"), "A B?", done("B"), "B UA?", done("UA"), "UA UB?", done("UB"), "UB>E ."),
)
case(
    "the token goes on when all is undone",
    "throw, with two compensations",
    (*S_E, *TWICE, throw("T", compensation("A"), compensation("B")), chain("S", "A", "B", "T", "E")),
    play("S A?", done("A"), "A B?", done("B"), "B UA?", done("UA"), "UA UB?", done("UB"), "UB>T>E ."),
)
case(
    "first what was done is undone, then the error is thrown",
    "end, with a compensation and an error",
    (
        *S_E,
        end("F"),
        sub(
            "W",
            start("S1"),
            user("A"),
            *undo("A", "UA"),
            ends("X", error("LOST"), compensation()),
            chain("S1", "A", "X"),
        ),
        at("W", "K", error("LOST")),
        *(chain("S", "W", "E"), chain("K", "F")),
    ),
    play("S S1 A?", done("A"), "A UA?", done("UA"), "UA>X>K>F ."),
)
case(
    "first what was done is undone, then the rest is taken away",
    "end, with a compensation and a terminate",
    (
        *(start(), parallel("G"), user("A"), *undo("A", "UA"), user("B"), end("F")),
        ends("E", terminate(), compensation()),
        *(chain("S", "G", "A", "E"), chain("G", "B", "F")),
    ),
    play("S G A? B?", done("A"), "A B? UA?", done("UA"), "UA>E ."),
)
about("compensation event", "10.7.1, 10.7.2, 13.5.5")
case(
    "a handler undoes what it did itself, then what its sub-process did",
    "throw, in a handler that did something itself",
    (
        *S_E,
        sub(
            "W",
            *(start("S1"), user("A"), *undo("A", "UA"), end("E1"), chain("S1", "A", "E1")),
            event_sub(
                "H",
                *(starts("HS", compensation()), user("B"), *undo("B", "UB"), throw("HT", compensation()), end("HE")),
                chain("HS", "B", "HT", "HE"),
            ),
        ),
        throw("T", compensation("W")),
        chain("S", "W", "T", "E"),
    ),
    play(
        *("S S1 A?", done("A"), "A E1 HS B?", done("B"), "B UB?", done("UB"), "UB UA?"),
        *(done("UA"), "UA HT>HE T>E ."),
    ),
)
