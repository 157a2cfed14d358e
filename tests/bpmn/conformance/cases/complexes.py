"""Complex gateways (10.6.5, 13.4.5)."""

from __future__ import annotations

from tests.bpmn.conformance.case import Theme, done, play
from tests.bpmn.conformance.figures import (
    chain,
    complex_,
    end,
    exclusive,
    flow,
    parallel,
    start,
    task,
    user,
)

THEME = Theme("complex gateways")
about, case = THEME.about, THEME.case
S_E = (start(), end())

about("complex gateway", "10.6.5, 13.4.5 table 13.5")


def two_of_three(*after: str, default: str | None = None) -> tuple[str, ...]:
    return (
        *S_E,
        parallel("G"),
        *(user(name) for name in "ABC"),
        complex_("K", "activationCount >= 2", default),
        *(chain("S", "G", "A"), chain("G", "B"), chain("G", "C")),
        *(flow("A", "K", id_="fa"), flow("B", "K", id_="fb"), flow("C", "K", id_="fc")),
        *after,
    )


N_OF_M = two_of_three(user("D"), flow("K", "D", "waitingForStart"), chain("D", "E"))
case(
    "two of three go on, the third only resets it",
    "join of N of M",
    N_OF_M,
    play("S G A? B? C?", done("A"), "A B? C?", done("C"), "C>K B? D?", done("D"), "D>E B?", done("B"), "B>K ."),
    play("S G A? B? C?", done("B"), "B A? C?", done("C"), "C>K A? D?", done("A"), "A>K D?", done("D"), "D>E ."),
)
LATE = two_of_three(
    *(user("D"), user("F")),
    flow("K", "D", "waitingForStart"),
    flow("K", "F", "not(waitingForStart)"),
    chain("D", "E"),
    chain("F", "E"),
)
case(
    "conditions may tell the two phases apart",
    "join of N of M, both phases",
    LATE,
    play(
        "S G A? B? C?",
        done("A"),
        "A B? C?",
        done("B"),
        "B>K C? D?",
        done("C"),
        "C>K D? F?",
        done("F"),
        "F>E D?",
        done("D"),
        "D>E .",
    ),
)
BY_DEFAULT = two_of_three(
    user("D"),
    user("F"),
    flow("K", "D", "waitingForStart"),
    flow("K", "F"),
    chain("D", "E"),
    chain("F", "E"),
    default="K-F",
)
case(
    "no condition holds in the second phase: the default flow",
    "join of N of M, both phases",
    BY_DEFAULT,
    play(
        "S G A? B? C?",
        done("A"),
        "A B? C?",
        done("B"),
        "B>K C? D?",
        done("D"),
        "D>E C?",
        done("C"),
        "C>K F?",
        done("F"),
        "F>E .",
    ),
)
case(
    "a flow without a condition has a token in both phases",
    "join of N of M, both phases",
    two_of_three(user("D"), chain("K", "D", "E")),
    play(
        "S G A? B? C?",
        done("A"),
        "A B? C?",
        done("B"),
        "B>K C? D?",
        done("C"),
        "C>K D? D?",
        done("D"),
        "D>E D?",
        done("D"),
        "D>E .",
    ),
)
case(
    "the condition may ask for one of the flows",
    "activation by a flow",
    (
        *S_E,
        parallel("G"),
        *(user(name) for name in "ABC"),
        complex_("K", "fa >= 1"),
        *(chain("S", "G", "A"), chain("G", "B"), chain("G", "C")),
        *(flow("A", "K", id_="fa"), flow("B", "K", id_="fb"), flow("C", "K", id_="fc")),
        *(task("D"), flow("K", "D", "waitingForStart"), chain("D", "E")),
    ),
    play("S G A? B? C?", done("B"), "B A? C?", done("C"), "C A?", done("A"), "A>K>D>E K ."),
    play("S G A? B? C?", done("B"), "B A? C?", done("A"), "A>K>D>E C?", done("C"), "C>K ."),
)
case(
    "a token that cannot come any more is not waited for before the reset",
    "reset",
    (
        *S_E,
        end("F"),
        parallel("G"),
        *(user(name) for name in "ABC"),
        exclusive("X", default="X-K"),
        complex_("K", "activationCount >= 2"),
        *(user("D"), user("L"), flow("K", "D", "waitingForStart"), flow("K", "L", "not(waitingForStart)")),
        *(chain("S", "G", "A", "K"), chain("G", "B", "K"), chain("G", "C", "X", "K"), flow("X", "F", "stray = true")),
        *(chain("D", "E"), chain("L", "E")),
    ),
    play("S G A? B? C?", done("A"), "A B? C?", done("B"), "B>K C? D?", done("C", stray=True), "C>X>F K D? L?"),
    play("S G A? B? C?", done("A"), "A B? C?", done("B"), "B>K C? D?", done("C", stray=False), "C>X>K D? L?"),
)
case(
    "it may only split",
    "split",
    (
        *S_E,
        complex_("K", default="K-C"),
        *(task(name) for name in "ABC"),
        *(flow("K", "A", "n > 1"), flow("K", "B", "n > 2"), flow("K", "C")),
        *(chain("S", "K"), chain("A", "E"), chain("B", "E"), chain("C", "E")),
    ),
    play("S K A B E E ."),
    facts={"n": 3},
)
case(
    "none holds when it starts and there is no default: an exception at the gateway",
    "split",
    (
        *S_E,
        complex_("K"),
        *(task(name) for name in "AB"),
        *(flow("K", "A", "n > 1"), flow("K", "B", "n > 2"), chain("S", "K"), chain("A", "E"), chain("B", "E")),
    ),
    play("#K"),
    facts={"n": 0},
)
case(
    "with one flow in, too, the condition decides",
    "activation by data, one flow in",
    (*S_E, complex_("K", "n > 1"), task("A"), chain("S", "K"), flow("K", "A", "waitingForStart"), chain("A", "E")),
    play("S>K>A>E K ."),
    facts={"n": 2},
)
case(
    "with one flow in, too, a condition that does not hold stops the token, and that is said",
    "activation by data, one flow in",
    (*S_E, complex_("K", "n > 1"), task("A"), chain("S", "K", "A", "E")),
    play("#K"),
    facts={"n": 0},
)
case(
    "a token that could as well have come over a flow that had one is not waited for before the reset",
    "reset",
    (
        *S_E,
        parallel("G"),
        *(user(name) for name in "ABC"),
        exclusive("M"),
        exclusive("X", default="X-K"),
        complex_("K", "activationCount >= 2"),
        *(user("D"), user("L"), flow("K", "D", "waitingForStart"), flow("K", "L", "not(waitingForStart)")),
        *(
            chain("S", "G", "A", "M", "K"),
            chain("G", "B", "K"),
            chain("G", "C", "X", "K"),
            flow("X", "M", "stray = true"),
        ),
        *(chain("D", "E"), chain("L", "E")),
    ),
    play("S G A? B? C?", done("A"), "A M B? C?", done("B"), "B>K K C? D? L?"),
)
