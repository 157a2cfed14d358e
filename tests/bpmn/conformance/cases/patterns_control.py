"""Workflow control-flow patterns: basic control flow, branching, state, cancelling, iteration, triggers, termination."""

from __future__ import annotations

from tests.bpmn.conformance.case import broadcast, done, fire, hear, play
from tests.bpmn.conformance.cases.patterns import S_E, SPLIT, Patterns
from tests.bpmn.conformance.figures import (
    at,
    catch,
    chain,
    end,
    ends,
    event_based,
    exclusive,
    flow,
    inclusive,
    many,
    message,
    parallel,
    rounds,
    signal,
    start,
    sub,
    terminate,
    throw,
    timer,
    user,
)

THEME = Patterns("patterns: control flow")
wcp = THEME.wcp

RACE = (event_based("G"), catch("M", message("word")), catch("T", timer()), chain("S", "G", "M"), chain("G", "T"))

wcp(
    1,
    "one after the other",
    "8.4.13",
    (*S_E, user("A"), user("B"), chain("S", "A", "B", "E")),
    play("S A?", done("A"), "A B?", done("B"), "B>E ."),
)
wcp(
    2,
    "both begin",
    "13.4.1",
    (*S_E, end("F"), *SPLIT, chain("A", "E"), chain("B", "F")),
    play("S G A? B?", done("B"), "B>F A?", done("A"), "A>E ."),
)
wcp(
    3,
    "on when both are done",
    "13.4.1",
    (*S_E, *SPLIT, parallel("J"), chain("A", "J", "E"), chain("B", "J")),
    play("S G A? B?", done("B"), "B A?", done("A"), "A>J>E ."),
)
wcp(
    4,
    "one of them",
    "13.4.2",
    (
        *S_E,
        end("F"),
        exclusive("X", default="X-A"),
        user("A"),
        user("B"),
        chain("S", "X", "A", "E"),
        flow("X", "B", "n = 1"),
        chain("B", "F"),
    ),
    play("S X B?", done("B"), "B>F ."),
    facts={"n": 1},
)
wcp(
    5,
    "on with whichever came",
    "13.4.2",
    (
        *S_E,
        exclusive("X", default="X-A"),
        user("A"),
        user("B"),
        exclusive("M"),
        chain("S", "X", "A", "M", "E"),
        flow("X", "B", "n = 1"),
        chain("B", "M"),
    ),
    play("S X A?", done("A"), "A>M>E ."),
)
CHOICE = (
    inclusive("G", default="G-C"),
    user("A"),
    user("B"),
    user("C"),
    chain("S", "G"),
    flow("G", "A", "a = true"),
    flow("G", "B", "b = true"),
    flow("G", "C"),
)
wcp(
    6,
    "as many as hold",
    "13.4.3",
    (*S_E, *CHOICE, chain("A", "E"), chain("B", "E"), chain("C", "E")),
    play("S G A? B?", done("A"), "A>E B?", done("B"), "B>E ."),
    facts={"a": True, "b": True},
)
wcp(
    7,
    "on when all that were begun are done",
    "13.4.3",
    (*S_E, *CHOICE, inclusive("J"), chain("A", "J", "E"), chain("B", "J"), chain("C", "J")),
    play("S G A? B?", done("A"), "A B?", done("B"), "B>J>E ."),
    facts={"a": True, "b": True},
)
wcp(
    8,
    "on once for each",
    "13.4.2",
    (*S_E, *SPLIT, exclusive("M"), user("D"), chain("A", "M", "D", "E"), chain("B", "M")),
    play("S G A? B?", done("A"), "A>M B? D?", done("B"), "B>M D? D?", done("D"), "D>E D?", done("D"), "D>E ."),
)
wcp(
    10,
    "a loop entered at two places and left at two",
    "8.4.13",
    (
        *(*S_E, end("F"), exclusive("I", default="I-M"), exclusive("M"), exclusive("N"), user("A"), user("B")),
        *(exclusive("X", default="X-N"), exclusive("Y", default="Y-F")),
        *(
            chain("S", "I", "M", "A", "X", "N", "B", "Y", "F"),
            flow("I", "N", "n = 2"),
            flow("X", "E", "out = true"),
            flow("Y", "M", "again = true"),
        ),
    ),
    play(
        "S I N B?",
        done("B", again=True),
        "B>Y>M A?",
        done("A", out=False),
        "A>X>N B?",
        done("B", again=True),
        "B>Y>M A?",
        done("A", out=True),
        "A>X>E .",
    ),
    play("S I N B?", done("B", again=False), "B>Y>F ."),
    facts={"n": 2},
)
wcp(
    11,
    "it ends when nothing is left to do",
    "13.5.6",
    (start(), *SPLIT),
    play("S G A? B?", done("A"), "A B?", done("B"), "B ."),
)
wcp(
    16,
    "what comes first decides",
    "13.4.4",
    (*S_E, end("F"), *RACE, chain("M", "E"), chain("T", "F")),
    play("S M~ T@", hear("word"), "G>M>E ."),
    play("S M~ T@", fire("T"), "G>T>F ."),
)
wcp(
    19,
    "an activity is taken away",
    "13.5.3",
    (*S_E, end("F"), user("A"), at("A", "K", message("word")), chain("S", "A", "E"), chain("K", "F")),
    play("S A? K~", hear("word"), "K>F ."),
)
wcp(
    20,
    "all is taken away",
    "13.5.6",
    (start(), *SPLIT, ends("X", terminate()), end(), chain("A", "X"), chain("B", "E")),
    play("S G A? B?", done("A"), "A>X ."),
)
wcp(
    21,
    "while, and until",
    "13.3.6",
    (
        *S_E,
        user("A", rounds("again = true", testBefore="true")),
        user("B", rounds("more = true")),
        chain("S", "A", "B", "E"),
    ),
    play("S B?", done("B", more=True), "B B?", done("B", more=False), "B>E ."),
    play("S B?", done("B"), "B>E ."),
)
wcp(
    23,
    "a signal that comes before it is waited for is lost",
    "10.5.5",
    (
        *S_E,
        end("F"),
        parallel("G"),
        user("A"),
        catch("M", signal("word")),
        throw("N", signal("word")),
        chain("S", "G", "A", "M", "E"),
        chain("G", "N", "F"),
    ),
    play("S G N N^word F A?", done("A"), "A M~", broadcast("word"), "M>E ."),
)
wcp(
    24,
    "a message waits until it is taken",
    "10.5.5",
    (*S_E, user("A"), catch("M", message("word")), chain("S", "A", "M", "E")),
    play("S A?", done("A"), "A M~", hear("word"), "M>E ."),
)
wcp(
    25,
    "a part of the process is taken away",
    "13.5.3",
    (
        *(*S_E, end("F"), parallel("H"), user("D")),
        sub(
            "P1",
            start("S1"),
            parallel("G"),
            user("A"),
            user("B"),
            end("E1"),
            chain("S1", "G", "A", "E1"),
            chain("G", "B", "E1"),
        ),
        *(at("P1", "K", message("word")), chain("S", "H", "P1", "E"), chain("K", "F"), chain("H", "D", "F")),
    ),
    play("S H S1 G A? B? D? K~", hear("word"), "K>F D?", done("D"), "D>F ."),
)
wcp(
    26,
    "all instances are taken away",
    "13.5.3",
    (*S_E, end("F"), user("A", many(times="3")), at("A", "K", message("word")), chain("S", "A", "E"), chain("K", "F")),
    play("S A? A? A? K~", done("A"), "A A? A? K~", hear("word"), "K>F ."),
)
wcp(
    27,
    "on at once, whatever is left",
    "13.3.7",
    (
        *(*S_E, parallel("G"), user("B"), end("F")),
        *(user("A", many(times="3", until="enough = true")), chain("S", "G", "A", "E"), chain("G", "B", "F")),
    ),
    play(
        "S G A? A? A? B?", done("A", enough=False), "A A? A? B?", done("A", enough=True), "A>E B?", done("B"), "B>F ."
    ),
)
wcp(
    43,
    "an end that ends all",
    "13.5.6",
    (start(), *SPLIT, ends("X", terminate()), chain("A", "X"), chain("B", "X")),
    play("S G A? B?", done("B"), "B>X ."),
)
