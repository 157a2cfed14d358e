"""Inclusive and complex joins beside loops, events, interruptions and instances (13.4.3, 13.4.5)."""

from __future__ import annotations

from tests.bpmn.conformance.case import Theme, broadcast, done, fire, play
from tests.bpmn.conformance.figures import (
    YES,
    at,
    catch,
    chain,
    complex_,
    end,
    exclusive,
    flow,
    inclusive,
    many,
    parallel,
    signal,
    start,
    sub,
    task,
    timer,
    user,
)

THEME = Theme("joins and what they wait for")
about, case = THEME.about, THEME.case
S_E = (start(), end())

about("inclusive gateway", "10.6.3, 13.4.3 table 13.3")
case(
    "it may merge and split at once",
    "join and split",
    (
        *(*S_E, end("F"), parallel("G"), user("A"), user("B"), inclusive("J", default="J-C"), task("C"), task("D")),
        *(chain("S", "G", "A", "J", "C", "E"), chain("G", "B", "J"), flow("J", "D", "n = 1"), chain("D", "F")),
    ),
    play("S G A? B?", done("A"), "A B?", done("B", n=1), "B>J>D>F ."),
    play("S G A? B?", done("A"), "A B?", done("B", n=2), "B>J>C>E ."),
)
case(
    "a token that is taken away is not waited for",
    "join beside an interruption",
    (
        *(*S_E, end("F"), parallel("G"), user("A"), user("B"), at("B", "T", timer()), inclusive("J")),
        *(chain("S", "G", "A", "J", "E"), chain("G", "B", "J"), chain("T", "F")),
    ),
    play("S G A? B? T@", done("A"), "A B? T@", fire("T"), "T>F J>E ."),
)
case(
    "a token that waits for an event may still come",
    "join beside an event",
    (
        *(*S_E, parallel("G"), user("A"), catch("M", signal("word")), inclusive("J")),
        *(chain("S", "G", "A", "J", "E"), chain("G", "M", "J")),
    ),
    play("S G A? M~", done("A"), "A M~", broadcast("word"), "M>J>E ."),
)
case(
    "a token that waits in a parallel join may still come",
    "join beside a parallel join",
    (
        *(*S_E, parallel("G"), user("A"), user("B"), user("C"), parallel("K"), inclusive("J")),
        *(chain("S", "G", "A", "J", "E"), chain("G", "B", "K", "J"), chain("G", "C", "K")),
    ),
    play("S G A? B? C?", done("B"), "B A? C?", done("A"), "A C?", done("C"), "C>K>J>E ."),
)
case(
    "each instance of a multi-instance sub-process joins its own",
    "in a multi-instance",
    (
        *S_E,
        sub(
            "P1",
            *(start("S1"), inclusive("G", default="G-B"), user("A"), user("B"), inclusive("J"), end("E1")),
            *(chain("S1", "G"), flow("G", "A", 'one = "a"'), flow("G", "B"), chain("A", "J", "E1"), chain("B", "J")),
            inside=many("items", "one"),
        ),
        chain("S", "P1", "E"),
    ),
    play("S S1 S1 G G A? B?", done("B"), "B>J>E1 A?", done("A"), "A>J>E1>E ."),
    facts={"items": ["a", "b"]},
)
case(
    "round after round, each time with other branches",
    "in a loop",
    (
        *(
            *S_E,
            exclusive("M"),
            inclusive("G", default="G-A"),
            user("A"),
            user("B"),
            inclusive("J"),
            user("D"),
            exclusive("X", default="X-E"),
        ),
        *(chain("S", "M", "G"), flow("G", "A"), flow("G", "B", "b = true"), flow("G", "C", "c = true"), user("C")),
        *(chain("A", "J"), chain("B", "J"), chain("C", "J", "D", "X", "E"), flow("X", "M", "more = true")),
    ),
    play(
        "S M G B? C?",
        *(done("C"), "C B?", done("B"), "B>J D?", done("D", more=True, b=False, c=False), "D>X>M>G A?"),
        *(
            done("A"),
            "A>J D?",
            done("D", more=True, b=True),
            "D>X>M>G B?",
            done("B"),
            "B>J D?",
            done("D", more=False),
            "D>X>E .",
        ),
    ),
    facts={"b": True, "c": True},
)
case(
    "sent back by one branch before the join: the others are still waited for",
    "join with a loop before it",
    (
        *(*S_E, inclusive("G"), exclusive("M"), user("A"), exclusive("X", default="X-J"), user("B"), inclusive("J")),
        *(chain("S", "G"), flow("G", "M", YES), flow("G", "B", YES), chain("M", "A", "X", "J", "E"), chain("B", "J")),
        flow("X", "M", "again = true"),
    ),
    play(
        "S G M A? B?",
        *(
            done("B"),
            "B A?",
            done("A", again=True),
            "A>X>M A?",
            done("A", again=True),
            "A>X>M A?",
            done("A", again=False),
            "A>X>J>E .",
        ),
    ),
)
about("complex gateway", "10.6.5, 13.4.5 table 13.5")
case(
    "a condition that never holds: the tokens rest, and that is said",
    "never activated",
    (
        *(*S_E, parallel("G"), user("A"), user("B"), complex_("K", "activationCount >= 3")),
        *(chain("S", "G", "A", "K", "E"), chain("G", "B", "K")),
    ),
    play("S G A? B?", done("A"), "A B?", done("B"), "#K"),
)
case(
    "round after round",
    "in a loop",
    (
        *(*S_E, exclusive("M"), parallel("G"), user("A"), user("B"), complex_("K", "activationCount >= 1"), user("D")),
        *(exclusive("X", default="X-E"), end("L"), chain("S", "M", "G", "A", "K"), chain("G", "B", "K")),
        *(
            flow("K", "D", "waitingForStart"),
            flow("K", "L", "not(waitingForStart)"),
            chain("D", "X", "E"),
            flow("X", "M", "more = true"),
        ),
    ),
    play(
        "S M G A? B?",
        *(done("B"), "B>K A? D?", done("A"), "A>K>L D?", done("D", more=True), "D>X>M>G A? B?"),
        *(done("A"), "A>K B? D?", done("D", more=False), "D>X>E B?", done("B"), "B>K>L ."),
    ),
)
