"""Compensation and cancel in scopes within scopes (10.7, 13.5.5, 13.5.6)."""

from __future__ import annotations

from tests.bpmn.conformance.case import Theme, done, fire, play
from tests.bpmn.conformance.figures import (
    at,
    call,
    chain,
    compensation,
    end,
    ends,
    event_sub,
    ext,
    many,
    parallel,
    rounds,
    script,
    start,
    starts,
    sub,
    tag,
    throw,
    timer,
    undo,
    user,
)

THEME = Theme("compensation in scopes")
about, case = THEME.about, THEME.case
S_E = (start(), end())
INSIDE = (start("S1"), user("B"), *undo("B", "UB"), user("C"), end("E1"), chain("S1", "B", "C", "E1"))

about("compensation event", "10.7.2, 13.5.5")
case(
    "thrown inside a sub-process, it undoes what is inside only",
    "throw, in a sub-process",
    (
        *(*S_E, user("A"), *undo("A", "UA")),
        sub(
            "P1",
            start("S1"),
            user("B"),
            *undo("B", "UB"),
            throw("T", compensation()),
            end("E1"),
            chain("S1", "B", "T", "E1"),
        ),
        chain("S", "A", "P1", "E"),
    ),
    play("S A?", done("A"), "A>S1 B?", done("B"), "B UB?", done("UB"), "UB>T>E1>E ."),
)
case(
    "thrown inside a sub-process with nothing to undo, it does not reach outside",
    "throw, in a sub-process",
    (
        *(*S_E, user("A"), *undo("A", "UA"), chain("S", "A", "P1", "E")),
        sub("P1", start("S1"), user("B"), throw("T", compensation()), end("E1"), chain("S1", "B", "T", "E1")),
    ),
    play("S A?", done("A"), "A>S1 B?", done("B"), "B>T>E1>E ."),
)
case(
    "what a handler did is not undone",
    "throw, twice, with a handler that could be undone",
    (
        *(
            *S_E,
            user("A"),
            at("A", "CA", compensation()),
            throw("T", compensation()),
            user("B"),
            throw("X", compensation()),
        ),
        sub("U", start("SU"), user("V"), *undo("V", "UV"), end("EU"), chain("SU", "V", "EU"), isForCompensation="true"),
        *(tag("association", id="CA-U", sourceRef="CA", targetRef="U", associationDirection="One"),),
        chain("S", "A", "T", "B", "X", "E"),
    ),
    play("S A?", done("A"), "A>SU V?", done("V"), "V>EU>T B?", done("B"), "B>X>E ."),
)
case(
    "an activity that was taken away is not undone",
    "throw, after an interruption",
    (
        *(*S_E, user("A"), *undo("A", "UA"), at("A", "K", timer()), throw("T", compensation())),
        *(chain("S", "A", "E"), chain("K", "T", "E")),
    ),
    play("S A? K@", fire("K"), "K>T>E ."),
)
case(
    "a sub-process that was taken away is not undone, nor what was done in it",
    "throw, after an interruption",
    (
        *S_E,
        sub("P1", *INSIDE),
        at("P1", "K", timer()),
        throw("T", compensation()),
        chain("S", "P1", "E"),
        chain("K", "T", "E"),
    ),
    play("S S1 B? K@", done("B"), "B C? K@", fire("K"), "K>T>E ."),
)
case(
    "a sub-process that still runs is not undone, nor what was done in it",
    "throw, beside a sub-process",
    (
        *(*S_E, end("F"), parallel("G"), sub("P1", *INSIDE), user("A"), throw("T", compensation())),
        *(chain("S", "G", "P1", "E"), chain("G", "A", "T", "F")),
    ),
    play("S G S1 A? B?", done("B"), "B A? C?", done("A"), "A>T>F C?", done("C"), "C>E1>E ."),
)
case(
    "what runs beside goes on while it is undone",
    "throw, beside another branch",
    (
        *(*S_E, end("F"), user("A"), *undo("A", "UA"), parallel("G"), user("D"), throw("T", compensation("A"))),
        *(chain("S", "A", "G", "T", "E"), chain("G", "D", "F")),
    ),
    play("S A?", done("A"), "A G D? UA?", done("D"), "D>F UA?", done("UA"), "UA>T>E ."),
)
case(
    "an end that undoes without waiting",
    "end, not waiting",
    (*S_E[:1], user("A"), *undo("A", "UA"), ends("X", compensation(waits=False)), chain("S", "A", "X")),
    play("S A?", done("A"), "A>X UA?", done("UA"), "UA ."),
)
case(
    "one of several rounds of a looped task after another, the last first",
    "throw, of a looped task",
    (
        *S_E,
        user("A", rounds("more = true")),
        *undo("A", "UA"),
        throw("T", compensation("A")),
        chain("S", "A", "T", "E"),
    ),
    play(
        "S A?",
        done("A", more=True),
        "A A?",
        done("A", more=False),
        "A UA?",
        done("UA"),
        "UA UA?",
        done("UA"),
        "UA>T>E .",
    ),
)
case(
    "each instance of a sequential sub-process, the last first, and in each in reverse order",
    "throw, of a sequential multi-instance sub-process",
    (
        *S_E,
        sub(
            "P1",
            *(
                start("S1"),
                user("B"),
                *undo("B", "UB"),
                user("C"),
                *undo("C", "UC"),
                end("E1"),
                chain("S1", "B", "C", "E1"),
            ),
            inside=many("items", "one", isSequential="true"),
        ),
        *(throw("T", compensation()), chain("S", "P1", "T", "E")),
    ),
    play(
        "S S1 B?",
        *(done("B"), "B C?", done("C"), "C>E1>S1 B?", done("B"), "B C?", done("C"), 'C>E1 UC? UC:one="b"'),
        *(
            done("UC"),
            'UC UB? UB:one="b"',
            done("UB"),
            'UB UC? UC:one="a"',
            done("UC"),
            "UC UB?",
            done("UB"),
            "UB>T>E .",
        ),
    ),
    facts={"items": ["a", "b"]},
)
case(
    "a handler may itself be a call",
    "boundary, call activity",
    (
        *(*S_E, user("A"), at("A", "CA", compensation()), call("U", "Q", isForCompensation="true")),
        *(tag("association", id="CA-U", sourceRef="CA", targetRef="U", associationDirection="One"),),
        *(throw("T", compensation()), chain("S", "A", "T", "E")),
    ),
    play("S A?", done("A"), "A S1 V?", done("V"), "V>E1>T>E ."),
    called={"Q": (start("S1"), user("V"), end("E1"), chain("S1", "V", "E1"))},
)
case(
    "it may be taken away while it undoes",
    "throw, in a sub-process with a boundary",
    (
        *S_E,
        sub(
            "P1",
            start("S1"),
            user("B"),
            *undo("B", "UB"),
            throw("T", compensation()),
            end("E1"),
            chain("S1", "B", "T", "E1"),
        ),
        *(at("P1", "K", timer()), end("F"), chain("S", "P1", "E"), chain("K", "F")),
    ),
    play("S S1 B? K@", done("B"), "B UB? K@", fire("K"), "K>F ."),
)
about("compensation event", "10.4.1, 10.7.1, 13.5.5")
SNAP = tag("dataObject", ext('<ld:data key="part"/>'), id="Part")
case(
    "its event sub-process sees the data as they were when the sub-process completed",
    "start of an event sub-process, data",
    (
        *S_E,
        sub(
            "P1",
            *(SNAP, start("S1"), script("K", "{part: n}"), user("B"), end("E1"), chain("S1", "K", "B", "E1")),
            event_sub("H", starts("T", compensation()), user("V"), end("F"), chain("T", "V", "F")),
        ),
        *(user("D"), throw("X", compensation()), chain("S", "P1", "D", "X", "E")),
    ),
    play(
        "S>S1>K B? B:part=4",
        done("B"),
        "B>E1 D? D:part=null",
        done("D", n=9),
        "D T V? V:part=4 V:n=9",
        done("V"),
        "V>F>X>E .",
    ),
    facts={"n": 4},
)
case(
    "so does a handler inside",
    "boundary inside a sub-process, data",
    (
        *S_E,
        sub(
            "P1",
            SNAP,
            start("S1"),
            script("K", "{part: n}"),
            user("B"),
            *undo("B", "UB"),
            end("E1"),
            chain("S1", "K", "B", "E1"),
        ),
        *(throw("X", compensation()), chain("S", "P1", "X", "E")),
    ),
    play("S>S1>K B?", done("B"), "B>E1 UB? UB:part=4", done("UB"), "UB>X>E . part=null"),
    facts={"n": 4},
)
