"""Workflow control-flow patterns: multiple instances, discriminators, partial joins, merges, threads."""

from __future__ import annotations

from tests.bpmn.conformance.case import done, play
from tests.bpmn.conformance.cases.patterns import S_E, SPLIT, Patterns
from tests.bpmn.conformance.figures import (
    CANDIDATES,
    YES,
    at,
    chain,
    complex_,
    end,
    ends,
    exclusive,
    ext,
    flow,
    inclusive,
    many,
    parallel,
    signal,
    start,
    sub,
    tag,
    terminate,
    user,
)

THEME = Patterns("patterns: instances and joins")
wcp = THEME.wcp

THREE = (parallel("G"), user("A"), user("B"), user("C"), chain("S", "G", "A"), chain("G", "B"), chain("G", "C"))
NAMED = (flow("A", "K", id_="fa"), flow("B", "K", id_="fb"), flow("C", "K", id_="fc"))
FIRST = (complex_("K", "activationCount >= 1"), user("D"), flow("K", "D", "waitingForStart"), chain("D", "E"))
SECOND = (complex_("K", "activationCount >= 2"), user("D"), flow("K", "D", "waitingForStart"), chain("D", "E"))

wcp(
    9,
    "on with the first, the others reset it",
    "13.4.5",
    (*S_E, *THREE, *FIRST, *NAMED),
    play("S G A? B? C?", done("B"), "B>K A? C? D?", done("A"), "A C? D?", done("D"), "D>E C?", done("C"), "C>K ."),
)
wcp(
    12,
    "begun in a loop, never awaited",
    "13.4.1",
    (
        *(*S_E, end("F"), exclusive("M"), user("A"), parallel("G"), user("B"), exclusive("X", default="X-E")),
        *(chain("S", "M", "A", "G", "X", "E"), chain("G", "B", "F"), flow("X", "M", "more = true")),
    ),
    play(
        "S M A?",
        done("A", more=True),
        "A G X M A? B?",
        done("A", more=False),
        "A G X E B? B?",
        done("B"),
        "B>F B?",
        done("B"),
        "B>F .",
    ),
)
wcp(
    13,
    "three",
    "13.3.7",
    (*S_E, user("A", many(times="3")), chain("S", "A", "E")),
    play("S A? A? A?", done("A"), "A A? A?", done("A"), "A A?", done("A"), "A>E ."),
)
wcp(
    14,
    "one for each member",
    "13.3.7",
    (*S_E, user("A", many("items", "one")), chain("S", "A", "E")),
    play("S A? A?", done("A"), "A A?", done("A"), "A>E ."),
    facts={"items": [1, 2]},
)
wcp(
    28,
    "what comes for the next round waits for the reset",
    "13.4.5",
    (
        *(
            *S_E,
            parallel("G"),
            user("A"),
            user("B"),
            complex_("K", "activationCount >= 1"),
            user("D"),
            flow("K", "D", "waitingForStart"),
            chain("D", "E"),
        ),
        *(chain("S", "G", "A", "K"), chain("G", "B", "K"), flow("G", "A", id_="A2"), flow("G", "B", id_="B2")),
    ),
    play(
        "S G A? A? B? B?",
        done("A"),
        "A>K A? B? B? D?",
        done("A"),
        "A B? B? D?",
        done("B"),
        "B K K B? D? D?",
        done("B"),
        "B>K D? D?",
    ),
)
CANCELLING = (
    *S_E,
    sub(
        "P1",
        *(start("S1"), parallel("G"), user("A"), user("B"), user("C"), ends("X", terminate())),
        *(chain("S1", "G", "A", "X"), chain("G", "B", "X"), chain("G", "C", "X")),
    ),
    *(user("D"), chain("S", "P1", "D", "E")),
)
wcp(
    29,
    "the first takes the others away",
    "13.5.6",
    CANCELLING,
    play("S S1 G A? B? C?", done("B"), "B>X D?", done("D"), "D>E ."),
)
wcp(
    30,
    "two of three, the last resets it",
    "13.4.5",
    (*S_E, *THREE, *SECOND, *NAMED),
    play("S G A? B? C?", done("B"), "B A? C?", done("A"), "A>K C? D?", done("C"), "C>K D?", done("D"), "D>E ."),
)
EACH_ONCE = complex_("K", "count([fa, fb, fc][item > 0]) >= 2")
wcp(
    31,
    "what comes for the next round waits for the reset",
    "13.4.5",
    (*S_E, *THREE, EACH_ONCE, *SECOND[1:], *NAMED, *(flow("G", name, id_=f"{name}2") for name in "ABC")),
    play(
        "S G A? A? B? B? C? C?",
        *(
            done("A"),
            "A A? B? B? C? C?",
            done("A"),
            "A B? B? C? C?",
            done("B"),
            "B>K B? C? C? D?",
            done("B"),
            "B C? C? D?",
        ),
        *(done("C"), "C K K C? D? D?", done("C"), "C>K D? D?", done("D"), "D>E D?", done("D"), "D>E ."),
    ),
)
wcp(
    32,
    "two of three take the third away",
    "13.4.5, 13.5.6",
    (
        *S_E,
        sub(
            "P1",
            start("S1"),
            *(part.replace('"S-G"', '"S1-G"').replace('"S"', '"S1"') for part in THREE),
            complex_("K", "activationCount >= 2"),
            *NAMED,
            ends("X", terminate()),
            chain("K", "X"),
        ),
        *(user("D"), chain("S", "P1", "D", "E")),
    ),
    play("S S1 G A? B? C?", done("B"), "B A? C?", done("A"), "A>K>X D?", done("D"), "D>E ."),
)
wcp(
    33,
    "once for each full set, whoever comes early",
    "13.4.1",
    (
        *S_E,
        *SPLIT,
        parallel("J"),
        chain("A", "J", "E"),
        chain("B", "J"),
        flow("G", "A", id_="A2"),
        flow("G", "B", id_="B2"),
    ),
    play("S G A? A? B? B?", done("A"), "A A? B? B?", done("A"), "A B? B?", done("B"), "B>J>E B?", done("B"), "B>J>E ."),
)
wcp(
    34,
    "on with two of three, the third goes on",
    "10.3.8 table 10.30",
    (
        *(
            *S_E,
            end("F"),
            at("A", "K", signal("two"), stops=False),
            user("D"),
            chain("S", "A", "F"),
            chain("K", "D", "E"),
        ),
        user(
            "A",
            many(
                times="3",
                behavior="Complex",
                inside=tag(
                    "complexBehaviorDefinition",
                    tag("condition", "numberOfCompletedInstances = 2", xsi__type="bpmn:tFormalExpression")
                    + tag("event", signal("two"), id="Two"),
                ),
            ),
        ),
    ),
    play(
        "S A? A? A? K~",
        done("A"),
        "A A? A? K~",
        done("A"),
        "A K A^two A? D? K~",
        done("D"),
        "D>E A? K~",
        done("A"),
        "A>F .",
    ),
)
wcp(
    35,
    "two of three take the third away",
    "13.3.7",
    (*S_E, user("A", many(times="3", until="numberOfCompletedInstances = 2")), chain("S", "A", "E")),
    play("S A? A? A?", done("A"), "A A? A?", done("A"), "A>E ."),
)
wcp(
    37,
    "who was begun is waited for, wherever the split was",
    "13.4.3",
    (
        *(*S_E, inclusive("G"), inclusive("H"), user("A"), user("B"), user("C"), inclusive("J"), chain("S", "G")),
        *(flow("G", "A", YES), flow("G", "H", YES), flow("H", "B", YES), flow("H", "C", "c = true")),
        *(chain("A", "J", "E"), chain("B", "J"), chain("C", "J")),
    ),
    play("S G H A? B?", done("B"), "B A?", done("A"), "A>J>E ."),
)
wcp(
    38,
    "on when nothing more can come, loops beside it and all",
    "13.4.3",
    (
        *(*S_E, parallel("G"), user("A"), user("B"), exclusive("M"), exclusive("X", default="X-J"), inclusive("J")),
        *(chain("S", "G", "A", "J", "E"), chain("G", "M", "B", "X", "J"), flow("X", "M", "again = true")),
    ),
    play("S G M A? B?", done("A"), "A B?", done("B", again=True), "B>X>M B?", done("B", again=False), "B>X>J>E ."),
)
wcp(
    41,
    "two threads become one",
    "13.3.2",
    (*S_E, *SPLIT, tag("userTask", ext(CANDIDATES), id="D", startQuantity="2"), chain("A", "D", "E"), chain("B", "D")),
    play("S G A? B?", done("A"), "A B?", done("B"), "B D?", done("D"), "D>E ."),
)
wcp(
    42,
    "one thread becomes two",
    "13.3.2",
    (*S_E, tag("task", id="A", completionQuantity="2"), user("B"), chain("S", "A", "B", "E")),
    play("S A B? B?", done("B"), "B>E B?", done("B"), "B>E ."),
)
