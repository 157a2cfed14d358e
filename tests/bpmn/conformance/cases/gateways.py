"""Exclusive, parallel and event-based gateways (10.6, 13.4)."""

from __future__ import annotations

from tests.bpmn.conformance.case import Theme, done, play
from tests.bpmn.conformance.figures import (
    chain,
    end,
    exclusive,
    flow,
    parallel,
    start,
    tag,
    task,
    user,
)

THEME = Theme("gateways")
about, case = THEME.about, THEME.case
S_E = (start(), end())

# ---------------------------------------------------------------- exclusive

about("exclusive gateway", "10.6.2, 13.4.2 table 13.2")
CHOICE = (
    *S_E,
    exclusive("X", default="X-C"),
    *(task(name) for name in "ABC"),
    *(flow("X", "A", "n > 5"), flow("X", "B", "n > 3"), flow("X", "C")),
    *(chain("S", "X"), chain("A", "E"), chain("B", "E"), chain("C", "E")),
)
case("both conditions hold: the first in order", "split", CHOICE, play("S>X>A>E ."), facts={"n": 6})
case("only the second holds", "split", CHOICE, play("S>X>B>E ."), facts={"n": 4})
case("none holds: the default flow", "default flow", CHOICE, play("S>X>C>E ."), facts={"n": 1})
case("a condition over what is not known does not hold", "default flow", CHOICE, play("S>X>C>E ."))
case(
    "the order is that of the gateway's outgoing flows, not of the file",
    "split",
    (
        *S_E,
        exclusive("X", "X-C", tag("outgoing", "X-B") + tag("outgoing", "X-A") + tag("outgoing", "X-C")),
        *(task(name) for name in "ABC"),
        *(flow("X", "A", "n > 5"), flow("X", "B", "n > 3"), flow("X", "C")),
        *(chain("S", "X"), chain("A", "E"), chain("B", "E"), chain("C", "E")),
    ),
    play("S>X>B>E ."),
    facts={"n": 6},
)
case(
    "none holds and there is no default: an exception at the gateway",
    "split",
    (
        *S_E,
        exclusive("X"),
        *(task(name) for name in "AB"),
        *(flow("X", "A", "n > 5"), flow("X", "B", "n > 3"), chain("S", "X"), chain("A", "E"), chain("B", "E")),
    ),
    play("#X"),
    facts={"n": 1},
)
case(
    "each token that arrives goes through",
    "merge",
    (
        *S_E,
        parallel("G"),
        user("A"),
        user("B"),
        exclusive("X"),
        user("C"),
        *(chain("S", "G", "A", "X", "C", "E"), chain("G", "B", "X")),
    ),
    play("S G A? B?", done("A"), "A>X B? C?", done("B"), "B>X C? C?", done("C"), "C E C?", done("C"), "C E ."),
)
case(
    "it may merge and split at once",
    "merge and split",
    (
        *S_E,
        parallel("G"),
        *(user(name) for name in "AB"),
        exclusive("X", default="X-D"),
        *(task(name) for name in "CD"),
        *(chain("S", "G", "A", "X"), chain("G", "B", "X", "D", "E"), flow("X", "C", "n = 1"), chain("C", "E")),
    ),
    play("S G A? B?", done("A", n=1), "A>X>C>E B?", done("B", n=2), "B>X>D>E ."),
)

# ---------------------------------------------------------------- parallel

about("parallel gateway", "10.6.4, 13.4.1 table 13.1")
case(
    "a token for each flow out, one when all flows in have one",
    "split and join",
    (
        *S_E,
        parallel("G"),
        *(user(name) for name in "ABC"),
        parallel("J"),
        *(chain("S", "G", "A", "J", "E"), chain("G", "B", "J"), chain("G", "C", "J")),
    ),
    play("S G A? B? C?", done("A"), "A B? C?", done("C"), "C B?", done("B"), "B>J>E ."),
    play("S G A? B? C?", done("C"), "C A? B?", done("B"), "B A?", done("A"), "A>J>E ."),
)
TWICE = (
    *S_E,
    parallel("G"),
    *(user(name) for name in "AB"),
    parallel("J"),
    task("D"),
    *(chain("S", "G", "A", "J", "D", "E"), chain("G", "B", "J")),
    *(flow("G", "A", id_="A2"), flow("G", "B", id_="B2")),
)
case(
    "two tokens on one flow are no token on the other",
    "join with more tokens than it needs",
    TWICE,
    play(
        "S G A? A? B? B?",
        *(done("A"), "A A? B? B?", done("A"), "A B? B?", done("B"), "B>J>D>E B?", done("B"), "B>J>D>E ."),
    ),
    play(
        "S G A? A? B? B?",
        *(done("A"), "A A? B? B?", done("B"), "B>J>D>E A? B?", done("B"), "B A?", done("A"), "A>J>D>E ."),
    ),
)
case(
    "a token too many is not lost in silence",
    "join with more tokens than it needs",
    (
        *S_E,
        parallel("G"),
        *(user(name) for name in "AB"),
        parallel("J"),
        *(chain("S", "G", "A", "J", "E"), chain("G", "B", "J"), flow("G", "A", id_="A2")),
    ),
    play("S G A? A? B?", done("A"), "A A? B?", done("B"), "B>J>E A?", done("A"), "#J"),
)
case(
    "a join that can no more be reached by all is said by name",
    "join with fewer tokens than it needs",
    (
        *(*S_E, end("F"), parallel("G"), user("A"), user("B"), exclusive("X", default="X-J"), parallel("J")),
        *(chain("S", "G", "A", "X", "J", "E"), chain("G", "B", "J"), flow("X", "F", "stray = true")),
    ),
    play("S G A? B?", done("B"), "B A?", done("A", stray=False), "A>X>J>E ."),
    play("S G A? B?", done("A", stray=True), "A>X>F B?", done("B"), "#J"),
)
case(
    "it may join and split at once",
    "join and split",
    (
        *S_E,
        end("F"),
        parallel("G"),
        *(user(name) for name in "ABCD"),
        parallel("J"),
        *(chain("S", "G", "A", "J", "C", "E"), chain("G", "B", "J", "D", "F")),
    ),
    play("S G A? B?", done("A"), "A B?", done("B"), "B>J C? D?", done("D"), "D>F C?", done("C"), "C>E ."),
)
case(
    "a pair inside a pair",
    "nested",
    (
        *S_E,
        *(parallel(name) for name in ("G", "H", "K", "J")),
        *(user(name) for name in "ABC"),
        *(chain("S", "G", "A", "J", "E"), chain("G", "H", "B", "K", "J"), chain("H", "C", "K")),
    ),
    play("S G H A? B? C?", done("B"), "B A? C?", done("A"), "A C?", done("C"), "C>K>J>E ."),
)
case(
    "one flow in and one out: nothing changes",
    "in the flow",
    (*S_E, parallel("G"), user("A"), chain("S", "G", "A", "E")),
    play("S>G A?", done("A"), "A>E ."),
)
case(
    "what one branch does again and again does not count for the other",
    "join beside a loop",
    (
        *S_E,
        parallel("G"),
        *(user(name) for name in "AB"),
        exclusive("M"),
        exclusive("X", default="X-J"),
        parallel("J"),
        *(chain("S", "G", "M", "A", "X", "J", "E"), chain("G", "B", "J"), flow("X", "M", "again = true")),
    ),
    play(
        "S G M A? B?",
        *(done("A", again=True), "A>X>M A? B?", done("A", again=True), "A>X>M A? B?", done("B"), "B A?"),
        *(done("A", again=False), "A>X>J>E ."),
    ),
)
