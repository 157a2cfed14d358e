"""Transactions: what is cancelled, what is undone (10.3.5, 10.7.3, 13.5.6)."""

from __future__ import annotations

from tests.bpmn.conformance.case import Theme, broadcast, done, fails, play
from tests.bpmn.conformance.figures import (
    at,
    cancel,
    chain,
    compensation,
    end,
    ends,
    error,
    event_sub,
    parallel,
    signal,
    start,
    starts,
    sub,
    throw,
    transaction,
    undo,
    user,
)

THEME = Theme("transactions in scopes")
about, case = THEME.about, THEME.case
S_E = (start(), end())
INSIDE = (start("S1"), user("B"), *undo("B", "UB"), user("C"), end("E1"), chain("S1", "B", "C", "E1"))

about("cancel event", "10.3.5, 13.5.6")
ROUND = (*S_E, at("P1", "K", cancel()), end("F"), chain("S", "P1", "E"), chain("K", "F"))
case(
    "a sub-process completed inside is undone with the rest, in reverse order",
    "end of a transaction, sub-process inside",
    (
        *ROUND,
        transaction(
            "P1",
            *(
                start("S0"),
                user("A"),
                *undo("A", "UA"),
                sub("P2", *INSIDE),
                ends("X", cancel()),
                chain("S0", "A", "P2", "X"),
            ),
        ),
    ),
    play(
        "S S0 A?",
        done("A"),
        "A>S1 B?",
        done("B"),
        "B C?",
        done("C"),
        "C>E1 UB?",
        done("UB"),
        "UB UA?",
        done("UA"),
        "UA X>K>F .",
    ),
)
case(
    "a sub-process active inside is taken away and not undone",
    "end of a transaction, sub-process inside",
    (
        *ROUND,
        transaction(
            "P1",
            *(
                start("S0"),
                parallel("G"),
                user("A"),
                *undo("A", "UA"),
                sub("P2", *INSIDE),
                end("E0"),
                ends("X", cancel()),
            ),
            *(chain("S0", "G", "A", "X"), chain("G", "P2", "E0")),
        ),
    ),
    play("S S0 G S1 A? B?", done("B"), "B A? C?", done("A"), "A UA?", done("UA"), "UA X>K>F ."),
)
case(
    "an inner transaction cancelled is handled in the outer one",
    "nested transactions",
    (
        *ROUND,
        transaction(
            "P1",
            *(
                start("S0"),
                transaction("P2", start("S1"), user("B"), *undo("B", "UB"), ends("X", cancel()), chain("S1", "B", "X")),
            ),
            *(at("P2", "K2", cancel()), user("D"), end("E0"), chain("S0", "P2", "E0"), chain("K2", "D", "E0")),
        ),
    ),
    play("S S0 S1 B?", done("B"), "B UB?", done("UB"), "UB X>K2 D?", done("D"), "D>E0>E ."),
)
case(
    "its events are heard no more while it is undone",
    "end of a transaction with a handler",
    (
        *ROUND,
        transaction(
            "P1",
            *(start("S0"), user("A"), *undo("A", "UA"), ends("X", cancel()), chain("S0", "A", "X")),
            event_sub(
                "H", starts("T", signal("word"), isInterrupting="false"), user("V"), end("E9"), chain("T", "V", "E9")
            ),
        ),
    ),
    play("S S0 A? T~", broadcast("word"), "T A? V? T~", done("A"), "A UA?", done("UA"), "UA X>K>F ."),
)
about("transaction", "10.3.5, 10.7.3")
case(
    "an error leaves what was done in it done: a later throw does not undo it",
    "ending in an error, undone later",
    (
        *(*S_E, transaction("P1", *INSIDE), at("P1", "Z", error("LOST")), throw("T", compensation())),
        *(chain("S", "P1", "E"), chain("Z", "T", "E")),
    ),
    play("S S1 B?", done("B"), "B C?", fails("C", "LOST"), "Z>T>E ."),
)
