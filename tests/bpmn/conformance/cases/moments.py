"""Moments and repetitions that are seldom thought of (10.3.8, 10.5, 13.3, 13.5)."""

from __future__ import annotations

from tests.bpmn.conformance.case import ONLY_PROCESS, Theme, begin, broadcast, done, fails, fire, hear, play
from tests.bpmn.conformance.figures import (
    at,
    catch,
    chain,
    compensation,
    condition,
    end,
    ends,
    error,
    escalation,
    event_sub,
    flow,
    many,
    message,
    parallel,
    script,
    signal,
    start,
    starts,
    sub,
    task,
    terminate,
    throw,
    timer,
    undo,
    user,
)

THEME = Theme("moments")
about, case = THEME.about, THEME.case
S_E = (start(), end())

about("conditional event", "10.5.5, 13.5.2")
case(
    "a moment in which it held is enough, even if it holds no more when all rests",
    "catch, a moment inside one step",
    (
        *(*S_E, end("F"), parallel("G"), catch("K", condition("n > 1")), chain("S", "G", "K", "E")),
        *(user("U"), script("X", "{n: 2}"), script("Y", "{n: 0}"), chain("G", "U", "X", "Y", "F")),
    ),
    play("S G U?", done("U"), "U X Y F K E ."),
    facts={"n": 0},
)
case(
    "each time it begins to hold, even twice in one step",
    "boundary, not interrupting, moments inside one step",
    (
        *(
            *S_E,
            end("F"),
            end("L"),
            parallel("G"),
            user("A"),
            at("A", "K", condition("n > 1"), stops=False),
            chain("S", "G", "A", "E"),
        ),
        *(
            user("U"),
            script("X", "{n: 2}"),
            script("Y", "{n: 0}"),
            script("Z", "{n: 2}"),
            chain("G", "U", "X", "Y", "Z", "F"),
            chain("K", "L"),
        ),
    ),
    play("S G A? U?", done("U"), "U X Y Z F K L K L A?", done("A"), "A>E ."),
    facts={"n": 0},
)
about("timer event", "10.5.5, 13.5.3")
case(
    "a cycle may begin at a date",
    "boundary, not interrupting, cycle from a date",
    (
        *(*S_E, user("A"), at("A", "T", timer("R2/2026-06-10T04:00:00Z/PT1H", "timeCycle"), stops=False), end("F")),
        *(chain("S", "A", "E"), chain("T", "F")),
    ),
    play("S A? T@PT3H", fire("T"), "T>F A? T@PT1H", fire("T"), "T>F A?", done("A"), "A>E ."),
    but={"in loop": "a date comes once"},
)
case(
    "an interrupting cycle comes once",
    "boundary, interrupting, cycle",
    (*S_E, user("A"), at("A", "T", timer("R/PT2H", "timeCycle")), end("F"), chain("S", "A", "E"), chain("T", "F")),
    play("S A? T@PT2H", fire("T"), "T>F ."),
)
about("parallel multiple event", "10.5.2 table 10.84, 13.5.1")
case(
    "all of them must come before the process goes on",
    "start of the process",
    (starts("M", message("word"), signal("stop"), parallelMultiple="true"), user("A"), end(), chain("M", "A", "E")),
    play(begin("M"), "M~", broadcast("stop"), "M A?", done("A"), "A>E ."),
    but=ONLY_PROCESS,
)
about("parallel multiple event", "10.5.5, 13.5.3")
case(
    "all of them together, again and again while the activity goes on",
    "boundary, not interrupting",
    (
        *(
            *S_E,
            user("A"),
            at("A", "M", message("word"), signal("stop"), stops=False, parallelMultiple="true"),
            end("F"),
        ),
        *(chain("S", "A", "E"), chain("M", "F")),
    ),
    play(
        "S A? M~ M~",
        hear("word"),
        "A? M~",
        broadcast("stop"),
        "M>F A? M~ M~",
        broadcast("stop"),
        "A? M~",
        done("A"),
        "A>E .",
    ),
)
about("multiple event", "10.5.5, 13.5.3")
case(
    "of an error and a timer, either",
    "boundary, interrupting, with an error",
    (*S_E, user("A"), at("A", "M", error("LOST"), timer("PT1H")), end("F"), chain("S", "A", "E"), chain("M", "F")),
    play("S A? M@", fails("A", "LOST"), "M>F ."),
    play("S A? M@", fire("M"), "M>F ."),
)
about("multi-instance", "10.3.8 tables 10.29 and 10.30, 13.3.7")
case(
    "the list is that of the moment it began",
    "task, sequential, the list changed meanwhile",
    (*S_E, user("A", many("items", "one", isSequential="true")), chain("S", "A", "E")),
    play('S A? A:one="a"', done("A", items=["x"]), 'A A? A:one="b"', done("A"), "A>E ."),
    facts={"items": ["a", "b"]},
)
case(
    "counters inside each other are each its own",
    "nested, loopCounter",
    (
        *S_E,
        sub(
            "P1",
            *(
                start("S1"),
                user("A", many(times="2", isSequential="true")),
                user("B"),
                end("E1"),
                chain("S1", "A", "B", "E1"),
            ),
            inside=many(times="2", isSequential="true"),
        ),
        chain("S", "P1", "E"),
    ),
    play(
        "S S1 A? A:loopCounter=1",
        *(
            done("A"),
            "A A? A:loopCounter=2",
            done("A"),
            "A B? B:loopCounter=1",
            done("B"),
            "B>E1>S1 A? A:loopCounter=1",
        ),
        *(done("A"), "A A?", done("A"), "A B? B:loopCounter=2", done("B"), "B>E1>E ."),
    ),
)
case(
    "each instance has its own border inside",
    "sub-process, parallel, with a boundary inside",
    (
        *S_E,
        sub(
            "P1",
            *(
                start("S1"),
                user("A"),
                at("A", "T", timer()),
                user("B"),
                end("E1"),
                chain("S1", "A", "E1"),
                chain("T", "B", "E1"),
            ),
            inside=many(times="2"),
        ),
        chain("S", "P1", "E"),
    ),
    play("S S1 S1 A? A? T@ T@", fire("T"), "T A? B? T@", done("A"), "A>E1 B?", done("B"), "B>E1>E ."),
)
for number in ("many", -1, 1.5):
    case(
        f"no number of instances, {number}: the step fails and names it",
        "cardinality that is none",
        (*S_E, user("A", many(times="=n")), chain("S", "A", "E")),
        play("#A"),
        facts={"n": number},
    )
case(
    "the list is no list: the step fails and names it",
    "collection that is none",
    (*S_E, user("A", many("items", "one")), chain("S", "A", "E")),
    play("#A"),
    facts={"items": 7},
)
about("activity", "8.4.13")
THEME.refuse(
    "none of them may hold, and then the token is lost",
    "conditional flows out, no default",
    (
        *(*S_E, user("A"), task("B"), task("C"), chain("S", "A"), chain("B", "E"), chain("C", "E")),
        *(flow("A", "B", "n = 1"), flow("A", "C", "n = 2")),
    ),
    "where none holds the process is stuck",
)
about("escalation event", "10.5.6, 13.5.4")
case(
    "caught by a handler two scopes out, which runs beside all of them",
    "start of an event sub-process, nested",
    (
        *(*S_E, chain("S", "P1", "E")),
        event_sub(
            "H", starts("T", escalation("HELP"), isInterrupting="false"), user("V"), end("Y"), chain("T", "V", "Y")
        ),
        sub(
            "P1",
            *(
                start("S1"),
                sub(
                    "P2", start("S2"), throw("X", escalation("HELP")), user("A"), end("E2"), chain("S2", "X", "A", "E2")
                ),
            ),
            *(end("E1"), chain("S1", "P2", "E1")),
        ),
    ),
    play("S S1 S2 X T A? V?", done("A"), "A>E2>E1>E V?", done("V"), "V>Y ."),
)
about("terminate event", "10.5.3 table 10.88, 13.5.6")
case(
    "inside a handler's sub-process it ends that only",
    "end of a sub-process of an event sub-process",
    (
        *(*S_E, user("A"), chain("S", "A", "E")),
        event_sub(
            "H",
            *(starts("T", signal("word"), isInterrupting="false"), user("W"), end("Y")),
            sub(
                "P1",
                start("S1"),
                parallel("G"),
                user("V"),
                ends("X", terminate()),
                user("U"),
                end("E1"),
                chain("S1", "G", "V", "X"),
                chain("G", "U", "E1"),
            ),
            chain("T", "P1", "W", "Y"),
        ),
    ),
    play(
        "S A? T~",
        broadcast("word"),
        "T S1 G A? U? V? T~",
        done("V"),
        "V>X A? W? T~",
        done("W"),
        "W>Y A? T~",
        done("A"),
        "A>E .",
    ),
)
about("compensation event", "10.7.2, 13.5.5")
case(
    "a handler that fails is an error of the scope that undoes",
    "throw, a handler that fails",
    (
        *S_E,
        sub(
            "P1",
            start("S1"),
            user("A"),
            *undo("A", "UA"),
            throw("T", compensation()),
            end("E1"),
            chain("S1", "A", "T", "E1"),
        ),
        *(at("P1", "B", error("LOST")), end("F"), chain("S", "P1", "E"), chain("B", "F")),
    ),
    play("S S1 A?", done("A"), "A UA?", fails("UA", "LOST"), "B>F ."),
)
