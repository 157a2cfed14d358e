"""Ways round: loops through joins, events, links, scopes and handlers (8.4.13, 13.4, 13.5)."""

from __future__ import annotations

from tests.bpmn.conformance.case import Theme, broadcast, done, fails, fire, hear, play
from tests.bpmn.conformance.figures import (
    at,
    catch,
    chain,
    end,
    error,
    event_based,
    event_sub,
    exclusive,
    flow,
    inclusive,
    link,
    message,
    parallel,
    script,
    signal,
    start,
    starts,
    sub,
    tag,
    task,
    throw,
    timer,
    user,
)

THEME = Theme("ways round")
about, case = THEME.about, THEME.case
S_E = (start(), end())

about("parallel gateway", "10.6.4, 13.4.1 table 13.1")
case(
    "a join that is fed from behind in every round",
    "join with a way back into it",
    (
        *(*S_E, parallel("G"), exclusive("M"), exclusive("N"), user("U"), parallel("J"), user("A")),
        *(exclusive("X", default="X-E"), parallel("P2")),
        *(
            chain("S", "G", "M", "J", "A", "X", "E"),
            chain("G", "U", "N", "J"),
            chain("P2", "M"),
            chain("P2", "N"),
            flow("X", "P2", "again = true"),
        ),
    ),
    play(
        "S G M U?",
        *(done("U"), "U>N>J A?", done("A", again=True), "A>X>P2 M N J A?", done("A", again=True), "A>X>P2 M N J A?"),
        *(done("A", again=False), "A>X>E ."),
    ),
)
case(
    "a join of an activity and what ran beside it",
    "join with a boundary event that does not interrupt",
    (
        *(*S_E, user("A"), at("A", "T", timer(), stops=False), parallel("J")),
        *(chain("S", "A", "J", "E"), chain("T", "J")),
    ),
    play("S A? T@", fire("T"), "T A?", done("A"), "A>J>E ."),
    play("S A? T@", done("A"), "#J"),
)
about("event-based gateway", "10.6.6, 13.4.4 table 13.4")
case(
    "reminded again and again until somebody answers",
    "in a loop",
    (
        *(*S_E, exclusive("M"), event_based("G"), catch("T", timer("PT2H")), task("R"), catch("N", message("word"))),
        *(chain("S", "M", "G", "T", "R", "M"), chain("G", "N", "E")),
    ),
    play(
        "S M T@PT2H N~",
        *(fire("T"), "G>T>R>M T@PT2H N~", fire("T"), "G>T>R>M T@PT2H N~", hear("word"), "G>N>E ."),
    ),
)
about("timer event", "10.5.4 table 10.89, 13.5.2")
case(
    "polling: each round waits anew",
    "catch, in a loop",
    (
        *(*S_E, exclusive("M"), catch("T", timer("PT1H")), script("K", "{n: n + 1}"), exclusive("X", default="X-M")),
        *(chain("S", "M", "T", "K", "X", "M"), flow("X", "E", "n >= 2")),
    ),
    play("S M T@PT1H", fire("T"), "T>K>X>M T@PT1H n=1", fire("T"), "T>K>X>E . n=2"),
    facts={"n": 0},
)
about("signal event", "10.5.4 table 10.89, 13.5.2")
case(
    "each of two branches waits for the other's signal in turn",
    "catch and throw, back and forth",
    (
        *(*S_E, end("F"), parallel("G"), user("A"), throw("T1", signal("ping")), catch("C1", signal("pong"))),
        *(catch("C2", signal("ping")), user("B"), throw("T2", signal("pong"))),
        *(chain("S", "G", "A", "T1", "C1", "E"), chain("G", "C2", "B", "T2", "F")),
    ),
    play("S G A? C2~", done("A"), "A>T1 T1^ping C2 B? C1~", done("B"), "B>T2>F T2^pong C1>E ."),
)
about("link event", "10.5.5")
case(
    "a loop inside a sub-process by links, left by an error",
    "a way back in a sub-process",
    (
        *(*S_E, chain("S", "P1", "E"), at("P1", "B", error("LOST")), end("F"), chain("B", "F")),
        sub(
            "P1",
            *(start("S1"), exclusive("M"), user("A"), throw("L", link("on")), catch("K", link("on"))),
            *(chain("S1", "M", "A", "L"), chain("K", "M")),
        ),
    ),
    play("S>S1>M A?", done("A"), "A>L>K>M A?", done("A"), "A>L>K>M A?", fails("A", "LOST"), "B>F ."),
)
about("event sub-process", "10.3.5, 13.5.4")
case(
    "the scope is gone through again after it was handled",
    "in a loop",
    (
        *(*S_E, exclusive("M"), user("Ask"), exclusive("X", default="X-E")),
        sub(
            "P1",
            *(start("S1"), user("A"), end("E1"), chain("S1", "A", "E1")),
            event_sub("H", starts("T", signal("word")), user("V"), end("F"), chain("T", "V", "F")),
        ),
        *(chain("S", "M", "P1", "Ask", "X", "E"), flow("X", "M", "again = true")),
    ),
    play(
        "S M S1 A? T~",
        *(broadcast("word"), "T V?", done("V"), "V>F Ask?", done("Ask", again=True), "Ask>X>M>S1 A? T~"),
        *(broadcast("word"), "T V?", done("V"), "V>F Ask?", done("Ask", again=False), "Ask>X>E ."),
    ),
)
about("inclusive gateway", "10.6.3, 13.4.3 table 13.3")
case(
    "sent back from before the join while another branch waits at it",
    "join, with a way back over the split",
    (
        *(
            *S_E,
            exclusive("M"),
            inclusive("G", default="G-A"),
            user("A"),
            user("B"),
            exclusive("X", default="X-J"),
            inclusive("J"),
        ),
        *(
            chain("S", "M", "G", "A", "J", "E"),
            flow("G", "B", "b = true"),
            chain("B", "X", "J"),
            flow("X", "M", "back = true"),
        ),
    ),
    # with b alone the default is not taken; sent back, the condition no longer holds, so A is asked
    play("S M G B?", done("B", back=True, b=False), "B>X>M>G A?", done("A"), "A>J>E ."),
    play("S M G B?", done("B", back=False), "B>X>J>E ."),
    facts={"b": True},
)
case(
    "a token inside a loop of its own before the join is waited for as long as it goes round",
    "join beside a sub-process that loops",
    (
        *(*S_E, parallel("G"), user("A"), inclusive("J"), chain("S", "G", "A", "J", "E"), chain("G", "P1", "J")),
        sub(
            "P1",
            *(start("S1"), user("B"), end("E1"), chain("S1", "B", "E1")),
            inside=tag(
                "standardLoopCharacteristics", tag("loopCondition", "again = true", xsi__type="bpmn:tFormalExpression")
            ),
        ),
    ),
    play("S G S1 A? B?", done("A"), "A B?", done("B", again=True), "B>E1>S1 B?", done("B", again=False), "B>E1>J>E ."),
)
