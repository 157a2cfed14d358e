"""Flows into and out of activities, lanes and pools, implicit starts and ends (8.4.13, 10.8, 13.2, 13.3)."""

from __future__ import annotations

from tests.bpmn.conformance.case import (
    CALLED,
    LOOP,
    SUB,
    Theme,
    begin,
    done,
    play,
)
from tests.bpmn.conformance.figures import (
    chain,
    end,
    flow,
    parallel,
    start,
    tag,
    task,
    user,
)

THEME = Theme("flows into and out of activities")
about, case = THEME.about, THEME.case
S_E = (start(), end())

about("activity", "13.3.2")
case(
    "each token that arrives begins the activity again",
    "several flows in",
    (*S_E, parallel("G"), user("A"), chain("S", "G", "A", "E"), flow("G", "A", id_="second")),
    play("S G A? A?", done("A"), "A E A?", done("A"), "A E ."),
)

about("activity", "8.4.13, 13.3.1")
case(
    "a token leaves over every flow",
    "several flows out",
    (*S_E, user("A"), user("B"), user("C"), end("F"), chain("S", "A", "B", "E"), chain("A", "C", "F")),
    play("S A?", done("A"), "A B? C?", done("C"), "C>F B?", done("B"), "B>E ."),
)
FLOWS = (
    *S_E,
    task("A"),
    *(task(name) for name in "BCD"),
    chain("S", "A", "B", "E"),
    *(flow("A", "C", "n > 1"), flow("A", "D", "n > 2"), chain("C", "E"), chain("D", "E")),
)
case(
    "conditional flows beside an unconditional one are taken as they hold",
    "conditional flows out",
    FLOWS,
    play("S A B E ."),
    facts={"n": 1},
)
case("two conditions hold: two tokens more", "conditional flows out", FLOWS, play("S A B C D E E E ."), facts={"n": 3})
DEFAULT = (
    *S_E,
    tag("task", id="A", default="A-B"),
    *(task(name) for name in "BCD"),
    chain("S", "A", "B", "E"),
    *(flow("A", "C", "n > 1"), flow("A", "D", "n > 2"), chain("C", "E"), chain("D", "E")),
)
case("no condition holds: the default flow", "default flow", DEFAULT, play("S>A>B>E ."), facts={"n": 1})
case("a condition holds: not the default flow", "default flow", DEFAULT, play("S>A>C>E ."), facts={"n": 2})
case("all that hold, not the default flow", "default flow", DEFAULT, play("S A C D E E ."), facts={"n": 3})

about("several participants", "9.3, 10.2")
case(
    "a pool of its own does not change the process in another",
    "collaboration",
    (*S_E, user("T"), chain("S", "T", "E")),
    play("S T?", done("T"), "T>E ."),
    outside=tag(
        "collaboration",
        tag("participant", id="Ours", processRef="P") + tag("participant", id="Citizen", name="市民"),
        id="Together",
    ),
)

about("lanes", "10.8")
case(
    "lanes, and lanes in lanes, say nothing of the flow",
    "around the flow",
    (
        tag(
            "laneSet",
            tag(
                "lane",
                tag("flowNodeRef", "S")
                + tag("childLaneSet", tag("lane", tag("flowNodeRef", "A"), id="Inner"), id="Inside"),
                id="Upper",
            )
            + tag("lane", tag("flowNodeRef", "B") + tag("flowNodeRef", "E"), id="Lower"),
            id="Lanes",
        ),
        *S_E,
        user("A"),
        user("B"),
        chain("S", "A", "B", "E"),
    ),
    play("S A?", done("A"), "A B?", done("B"), "B>E ."),
)

about("implicit start", "10.5.2, 13.2")
case(
    "without start events, every node without a flow into it begins",
    "no start event",
    (user("A"), user("B"), user("C"), chain("A", "C"), chain("B", "C")),
    play("A? B?", done("A"), "A B? C?", done("B"), "B C? C?", done("C"), "C C?", done("C"), "C ."),
)
about("implicit end", "10.5.3, 13.2")
case(
    "without end events, it ends when the last token can go nowhere",
    "no end event",
    (start(), parallel("G"), user("A"), user("B"), chain("S", "G", "A"), chain("G", "B")),
    play("S G A? B?", done("B"), "B A?", done("A"), "A ."),
)
about("start event", "10.5.2, 13.5.1")
case(
    "of several, the one that is triggered begins",
    "several in a process",
    (start(), start("S2"), user("A"), user("B"), end(), chain("S", "A", "E"), chain("S2", "B", "E")),
    play("S A?", done("A"), "A>E ."),
    play(begin("S2"), "S2 B?", done("B"), "B>E ."),
    but=dict.fromkeys((SUB, LOOP, CALLED), "which of several begins is said by who starts the process (10.5.2)"),
)
about("end event", "10.5.3, 13.5.6")
case(
    "the process ends when the last token has come to an end",
    "several in a process",
    (*S_E, end("F"), parallel("G"), user("A"), user("B"), chain("S", "G", "A", "E"), chain("G", "B", "F")),
    play("S G A? B?", done("A"), "A>E B?", done("B"), "B>F ."),
    play("S G A? B?", done("B"), "B>F A?", done("A"), "A>E ."),
)
about("implicit end", "10.5.3, 13.2")
case(
    "a join may be the last of all",
    "no end event, a gateway last",
    (start(), parallel("G"), user("A"), user("B"), parallel("J"), chain("S", "G", "A", "J"), chain("G", "B", "J")),
    play("S G A? B?", done("A"), "A B?", done("B"), "B>J ."),
)
