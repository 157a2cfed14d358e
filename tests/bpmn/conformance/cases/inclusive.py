"""Inclusive gateways (10.6.3, 13.4.3)."""

from __future__ import annotations

from tests.bpmn.conformance.case import Theme, done, fire, play
from tests.bpmn.conformance.figures import (
    YES,
    at,
    chain,
    end,
    exclusive,
    flow,
    inclusive,
    parallel,
    start,
    sub,
    task,
    timer,
    user,
)

THEME = Theme("inclusive gateways")
about, case = THEME.about, THEME.case
S_E = (start(), end())

about("inclusive gateway", "10.6.3, 13.4.3 table 13.3")
PAIR = (
    *S_E,
    inclusive("G", default="G-C"),
    *(user(name) for name in "ABC"),
    inclusive("J"),
    *(flow("G", "A", "a = true"), flow("G", "B", "b = true"), flow("G", "C")),
    *(chain("S", "G"), chain("A", "J", "E"), chain("B", "J"), chain("C", "J")),
)
case(
    "all conditions that hold, and the join waits for what was begun",
    "split and join",
    PAIR,
    play("S G A? B?", done("A"), "A B?", done("B"), "B>J>E ."),
    play("S G A? B?", done("B"), "B A?", done("A"), "A>J>E ."),
    facts={"a": True, "b": True},
)
case(
    "one holds: the join waits for none other",
    "split and join",
    PAIR,
    play("S G B?", done("B"), "B>J>E ."),
    facts={"b": True},
)
case("none holds: the default flow", "default flow", PAIR, play("S G C?", done("C"), "C>J>E ."))
case(
    "none holds and there is no default: an exception at the gateway",
    "split",
    (
        *S_E,
        inclusive("G"),
        *(task(name) for name in "AB"),
        *(flow("G", "A", "a = true"), flow("G", "B", "b = true"), chain("S", "G"), chain("A", "E"), chain("B", "E")),
    ),
    play("#G"),
)
case(
    "a branch that ends elsewhere is not waited for any longer",
    "join not reached by all",
    (
        *S_E,
        end("F"),
        parallel("G"),
        *(user(name) for name in "AB"),
        exclusive("X", default="X-J"),
        inclusive("J"),
        *(chain("S", "G", "A", "J", "E"), chain("G", "B", "X", "J"), flow("X", "F", "stray = true")),
    ),
    play("S G A? B?", done("A"), "A B?", done("B", stray=True), "B>X>F J>E ."),
    play("S G A? B?", done("A"), "A B?", done("B", stray=False), "B>X>J>E ."),
    play("S G A? B?", done("B", stray=True), "B>X>F A?", done("A"), "A>J>E ."),
)
case(
    "a token two steps away is waited for",
    "join",
    (
        *S_E,
        parallel("G"),
        *(user(name) for name in "ABC"),
        inclusive("J"),
        *(chain("S", "G", "A", "J", "E"), chain("G", "B", "C", "J")),
    ),
    play("S G A? B?", done("A"), "A B?", done("B"), "B C?", done("C"), "C>J>E ."),
)
case(
    "a token behind the gateway that comes only through it is not waited for",
    "join with a way back into it",
    (
        *S_E,
        parallel("G"),
        *(user(name) for name in "ABC"),
        inclusive("J"),
        exclusive("X", default="X-E"),
        *(chain("S", "G", "A", "J", "C", "X", "E"), chain("G", "B", "J"), flow("X", "J", "again = true")),
    ),
    play(
        "S G A? B?",
        *(done("A"), "A B?", done("B"), "B>J C?", done("C", again=True), "C>X>J C?", done("C", again=False), "C>X>E ."),
    ),
)
case(
    "a token that may come over a flow that has one already is not waited for",
    "join beside a loop",
    (
        *S_E,
        parallel("G"),
        *(user(name) for name in "AB"),
        exclusive("X", default="X-J"),
        inclusive("J"),
        user("D"),
        *(chain("S", "G", "A", "J", "D", "E"), chain("G", "B", "X", "J"), flow("X", "A", "other = true")),
    ),
    # B can come over X-J, which has no token, but from B there is a way through A to A-J, which has one
    play(
        "S G A? B?",
        done("A"),
        "A>J B? D?",
        done("B", other=False),
        "B>X>J D? D?",
        done("D"),
        "D>E D?",
        done("D"),
        "D>E .",
    ),
    play("S G A? B?", done("B", other=False), "B>X A?", done("A"), "A>J D?", done("D"), "D>E ."),
)
case(
    "one token of each flow goes, a second on the same flow stays for the next",
    "join with more tokens than it needs",
    (
        *S_E,
        parallel("G"),
        *(user(name) for name in "AB"),
        inclusive("J"),
        *(chain("S", "G", "A", "J", "E"), chain("G", "B", "J"), flow("G", "A", id_="A2")),
    ),
    # with a token on A-J already, the other A is no reason to wait; B is
    play("S G A? A? B?", done("A"), "A A? B?", done("A"), "A B?", done("B"), "B J>E J>E ."),
    play("S G A? A? B?", done("B"), "B A? A?", done("A"), "A>J>E A?", done("A"), "A>J>E ."),
)
case(
    "pairs inside pairs",
    "nested",
    (
        *S_E,
        *(inclusive(name) for name in ("G", "H", "K", "J")),
        *(user(name) for name in "ABC"),
        *(flow("G", "A", YES), flow("G", "H", "deep = true"), flow("H", "B", YES), flow("H", "C", "both = true")),
        *(chain("S", "G"), chain("A", "J", "E"), chain("B", "K", "J"), chain("C", "K")),
    ),
    play("S G H A? B? C?", done("B"), "B A? C?", done("A"), "A C?", done("C"), "C>K>J>E ."),
    facts={"deep": True, "both": True},
)
case(
    "the join may be reached over the border of an activity",
    "join after a boundary event",
    (
        *S_E,
        inclusive("G"),
        *(user(name) for name in "AB"),
        at("B", "T", timer()),
        inclusive("J"),
        *(flow("G", "A", YES), flow("G", "B", YES)),
        *(chain("S", "G"), chain("A", "J", "E"), chain("B", "J"), chain("T", "J")),
    ),
    play("S G A? B? T@", done("A"), "A B? T@", fire("T"), "T>J>E ."),
    play("S G A? B? T@", done("A"), "A B? T@", done("B"), "B>J>E ."),
)
case(
    "a token inside a sub-process counts as one where the sub-process stands",
    "join beside a sub-process",
    (
        *S_E,
        parallel("G"),
        user("A"),
        sub("P1", start("S1"), user("B"), end("E1"), chain("S1", "B", "E1")),
        inclusive("J"),
        *(chain("S", "G", "A", "J", "E"), chain("G", "P1", "J")),
    ),
    play("S G S1 A? B?", done("A"), "A B?", done("B"), "B>E1>J>E ."),
)
case(
    "each gateway of a row waits for its own",
    "several joins",
    (
        *S_E,
        parallel("G"),
        *(user(name) for name in "ABC"),
        inclusive("J"),
        inclusive("K"),
        *(chain("S", "G", "A", "J", "K", "E"), chain("G", "B", "J"), chain("G", "C", "K")),
    ),
    play("S G A? B? C?", done("C"), "C A? B?", done("A"), "A B?", done("B"), "B>J>K>E ."),
    play("S G A? B? C?", done("A"), "A B? C?", done("B"), "B>J C?", done("C"), "C>K>E ."),
)
