"""Standard loops and token quantities (10.3.8, 13.3.2, 13.3.6)."""

from __future__ import annotations

from tests.bpmn.conformance.case import Theme, done, fire, play
from tests.bpmn.conformance.figures import (
    CANDIDATES,
    at,
    chain,
    end,
    ext,
    flow,
    parallel,
    rounds,
    script,
    start,
    sub,
    tag,
    timer,
    user,
)

THEME = Theme("loops")
about, case = THEME.about, THEME.case
S_E = (start(), end())


def around(*parts: str) -> tuple[str, ...]:
    return (*S_E, *parts, chain("S", "A", "E"))


def inner(loop: str) -> str:
    return sub("A", start("S1"), user("B"), end("E1"), chain("S1", "B", "E1"), inside=loop)


# ---------------------------------------------------------------- standard loop

about("standard loop", "10.3.8 table 10.28, 13.3.6")
case(
    "tested after each round: at least once",
    "task, tested after",
    around(user("A", rounds("n < 3"))),
    play("S A?", done("A", n=1), "A A?", done("A", n=2), "A A?", done("A", n=3), "A>E ."),
    play("S A?", done("A", n=3), "A>E ."),
    facts={"n": 9},
)
case(
    "tested before each round: perhaps never",
    "task, tested before",
    around(user("A", rounds("n < 2", testBefore="true"))),
    play("S A?", done("A", n=1), "A A?", done("A", n=2), "A>E ."),
    facts={"n": 0},
)
case(
    "tested before, and false: not once",
    "task, tested before",
    around(user("A", rounds("n < 2", testBefore="true"))),
    play("S>E ."),
    facts={"n": 2},
)
case(
    "not more often than the maximum",
    "task, with a maximum",
    around(user("A", rounds("n < 9", loopMaximum="2"))),
    play("S A?", done("A"), "A A?", done("A"), "A>E ."),
    facts={"n": 0},
)
case(
    "without a condition as often as the maximum says",
    "task, with a maximum",
    around(script("A", "{n: n + 1}", rounds(loopMaximum="3"))),
    play("S A>A>A>E . n=3"),
    facts={"n": 0},
)
case(
    "the condition may count the rounds",
    "task, loopCounter",
    around(script("A", "{n: n + 1}", rounds("loopCounter < 4", loopMaximum="20"))),
    play("S A>A>A>A>E . n=4"),
    facts={"n": 0},
)
case(
    "a sub-process is gone through again",
    "sub-process",
    around(inner(rounds("again = true"))),
    play("S S1 B?", done("B", again=True), "B>E1>S1 B?", done("B", again=False), "B>E1>E ."),
)
case(
    "its boundary is around all rounds",
    "boundary of a loop",
    (*around(inner(rounds("again = true")), at("A", "T", timer("PT2H"))), end("F"), chain("T", "F")),
    play("S S1 B? T@PT2H", done("B", again=True), "B>E1>S1 B? T@PT2H", fire("T"), "T>F ."),
    play("S S1 B? T@", done("B", again=False), "B>E1>E ."),
)

# ---------------------------------------------------------------- quantities

about("activity", "10.3 table 10.3, 13.3.2")
case(
    "it begins when so many tokens have come",
    "startQuantity",
    (
        *S_E,
        parallel("G"),
        *(user(name) for name in "ABC"),
        tag("userTask", ext(CANDIDATES), id="D", startQuantity="2"),
        *(chain("S", "G", "A", "D", "E"), chain("G", "B", "D"), flow("G", "C"), flow("C", "D")),
        *(user("F"), flow("G", "F"), flow("F", "D")),
    ),
    play(
        "S G A? B? C? F?",
        *(
            done("A"),
            "A B? C? F?",
            done("C"),
            "C B? D? F?",
            done("D"),
            "D>E B? F?",
            done("B"),
            "B F?",
            done("F"),
            "F D?",
            done("D"),
            "D>E .",
        ),
    ),
)
case(
    "so many tokens leave over each flow",
    "completionQuantity",
    (*S_E, tag("task", id="A", completionQuantity="2"), user("B"), chain("S", "A", "B", "E")),
    play("S A B? B?", done("B"), "B E B?", done("B"), "B>E ."),
)
about("standard loop", "10.3.8 table 10.28, 10.4.1, 13.3.6")
case(
    "the condition sees the data objects of the round that is over",
    "sub-process, condition over its data object",
    around(
        sub(
            "A",
            *(tag("dataObject", id="again"), start("S1"), user("B"), end("E1"), chain("S1", "B", "E1")),
            inside=rounds("again = true"),
        )
    ),
    play("S S1 B?", done("B", again=True), "B>E1 S1 B?", done("B", again=False), "B>E1>E ."),
)
about("activity", "table 10.3, 13.3.2")
case(
    "tokens without number are stopped where they are made",
    "completionQuantity, too many",
    (
        *S_E,
        user("A"),
        *(tag("task", id=name, completionQuantity="100") for name in ("T1", "T2", "T3")),
        chain("S", "A", "T1", "T2", "T3", "E"),
    ),
    play("S A?", done("A"), "#T3"),
)
