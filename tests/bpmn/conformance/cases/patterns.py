"""The workflow control-flow patterns (Russell, ter Hofstede, van der Aalst, Mulyar: Workflow Control-Flow Patterns, 2006), where BPMN
can draw them. `NOT_DRAWN` names those that it cannot, and why."""

from __future__ import annotations

from tests.bpmn.conformance.case import Theme, broadcast, done, fire, hear, play
from tests.bpmn.conformance.figures import (
    CANDIDATES,
    YES,
    at,
    catch,
    chain,
    complex_,
    end,
    ends,
    event_based,
    exclusive,
    ext,
    flow,
    inclusive,
    many,
    message,
    parallel,
    rounds,
    signal,
    start,
    sub,
    tag,
    terminate,
    throw,
    timer,
    user,
)

THEME = Theme("patterns")
S_E = (start(), end())
NAMES = {
    1: "Sequence",
    2: "Parallel Split",
    3: "Synchronization",
    4: "Exclusive Choice",
    5: "Simple Merge",
    6: "Multi-Choice",
    7: "Structured Synchronizing Merge",
    8: "Multi-Merge",
    9: "Structured Discriminator",
    10: "Arbitrary Cycles",
    11: "Implicit Termination",
    12: "Multiple Instances without Synchronization",
    13: "Multiple Instances with a priori Design-Time Knowledge",
    14: "Multiple Instances with a priori Run-Time Knowledge",
    15: "Multiple Instances without a priori Run-Time Knowledge",
    16: "Deferred Choice",
    17: "Interleaved Parallel Routing",
    18: "Milestone",
    19: "Cancel Activity",
    20: "Cancel Case",
    21: "Structured Loop",
    22: "Recursion",
    23: "Transient Trigger",
    24: "Persistent Trigger",
    25: "Cancel Region",
    26: "Cancel Multiple Instance Activity",
    27: "Complete Multiple Instance Activity",
    28: "Blocking Discriminator",
    29: "Cancelling Discriminator",
    30: "Structured Partial Join",
    31: "Blocking Partial Join",
    32: "Cancelling Partial Join",
    33: "Generalized AND-Join",
    34: "Static Partial Join for Multiple Instances",
    35: "Cancelling Partial Join for Multiple Instances",
    36: "Dynamic Partial Join for Multiple Instances",
    37: "Acyclic Synchronizing Merge",
    38: "General Synchronizing Merge",
    39: "Critical Section",
    40: "Interleaved Routing",
    41: "Thread Merge",
    42: "Thread Split",
    43: "Explicit Termination",
}
NOT_DRAWN = {
    15: "BPMN fixes the number of instances when the activity begins (13.3.7)",
    17: "only an ad-hoc sub-process with sequential ordering comes near (10.3.5), and that is refused by name",
    18: "BPMN has no state of another branch that an activity could ask for; a condition over data is not the same",
    22: "a call activity may call its own process (10.3.6), but such a circle of calls is refused when it is deployed",
    36: "BPMN fixes the number of instances when the activity begins (13.3.7)",
    39: "BPMN has no lock between branches; data objects are not locked (10.4.2)",
    40: "only an ad-hoc sub-process with sequential ordering comes near (10.3.5), and that is refused by name",
}


def wcp(number: int, name: str, section: str, parts: tuple[str, ...], *plays: object, **more: object) -> None:
    THEME.about(f"WCP-{number} {NAMES[number]}", section)
    THEME.case(f"WCP-{number}: {name}", "pattern", parts, *plays, **more)  # type: ignore[arg-type]


SPLIT = (parallel("G"), user("A"), user("B"), chain("S", "G", "A"), chain("G", "B"))
THREE = (parallel("G"), user("A"), user("B"), user("C"), chain("S", "G", "A"), chain("G", "B"), chain("G", "C"))
NAMED = (flow("A", "K", id_="fa"), flow("B", "K", id_="fb"), flow("C", "K", id_="fc"))

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
FIRST = (complex_("K", "activationCount >= 1"), user("D"), flow("K", "D", "waitingForStart"), chain("D", "E"))
SECOND = (complex_("K", "activationCount >= 2"), user("D"), flow("K", "D", "waitingForStart"), chain("D", "E"))
wcp(
    9,
    "on with the first, the others reset it",
    "13.4.5",
    (*S_E, *THREE, *FIRST, *NAMED),
    play("S G A? B? C?", done("B"), "B>K A? C? D?", done("A"), "A C? D?", done("D"), "D>E C?", done("C"), "C>K ."),
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
    12,
    "begun in a loop, never awaited",
    "13.4.1",
    (
        *(*S_E, end("F"), exclusive("M"), user("A"), parallel("G"), user("B"), exclusive("X", default="X-E")),
        *(chain("S", "M", "A", "G", "X", "E"), chain("G", "B", "F"), flow("X", "M", "more = true")),
    ),
    play(
        "S M A?",
        done("A", more=True),
        "A G X M A? B?",
        done("A", more=False),
        "A G X E B? B?",
        done("B"),
        "B>F B?",
        done("B"),
        "B>F .",
    ),
)
wcp(
    13,
    "three",
    "13.3.7",
    (*S_E, user("A", many(times="3")), chain("S", "A", "E")),
    play("S A? A? A?", done("A"), "A A? A?", done("A"), "A A?", done("A"), "A>E ."),
)
wcp(
    14,
    "one for each member",
    "13.3.7",
    (*S_E, user("A", many("items", "one")), chain("S", "A", "E")),
    play("S A? A?", done("A"), "A A?", done("A"), "A>E ."),
    facts={"items": [1, 2]},
)
RACE = (event_based("G"), catch("M", message("word")), catch("T", timer()), chain("S", "G", "M"), chain("G", "T"))
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
    28,
    "what comes for the next round waits for the reset",
    "13.4.5",
    (
        *(
            *S_E,
            parallel("G"),
            user("A"),
            user("B"),
            complex_("K", "activationCount >= 1"),
            user("D"),
            flow("K", "D", "waitingForStart"),
            chain("D", "E"),
        ),
        *(chain("S", "G", "A", "K"), chain("G", "B", "K"), flow("G", "A", id_="A2"), flow("G", "B", id_="B2")),
    ),
    play(
        "S G A? A? B? B?",
        done("A"),
        "A>K A? B? B? D?",
        done("A"),
        "A B? B? D?",
        done("B"),
        "B K K B? D? D?",
        done("B"),
        "B>K D? D?",
    ),
)
CANCELLING = (
    *S_E,
    sub(
        "P1",
        *(start("S1"), parallel("G"), user("A"), user("B"), user("C"), ends("X", terminate())),
        *(chain("S1", "G", "A", "X"), chain("G", "B", "X"), chain("G", "C", "X")),
    ),
    *(user("D"), chain("S", "P1", "D", "E")),
)
wcp(
    29,
    "the first takes the others away",
    "13.5.6",
    CANCELLING,
    play("S S1 G A? B? C?", done("B"), "B>X D?", done("D"), "D>E ."),
)
wcp(
    30,
    "two of three, the last resets it",
    "13.4.5",
    (*S_E, *THREE, *SECOND, *NAMED),
    play("S G A? B? C?", done("B"), "B A? C?", done("A"), "A>K C? D?", done("C"), "C>K D?", done("D"), "D>E ."),
)
EACH_ONCE = complex_("K", "count([fa, fb, fc][item > 0]) >= 2")
wcp(
    31,
    "what comes for the next round waits for the reset",
    "13.4.5",
    (*S_E, *THREE, EACH_ONCE, *SECOND[1:], *NAMED, *(flow("G", name, id_=f"{name}2") for name in "ABC")),
    play(
        "S G A? A? B? B? C? C?",
        *(
            done("A"),
            "A A? B? B? C? C?",
            done("A"),
            "A B? B? C? C?",
            done("B"),
            "B>K B? C? C? D?",
            done("B"),
            "B C? C? D?",
        ),
        *(done("C"), "C K K C? D? D?", done("C"), "C>K D? D?", done("D"), "D>E D?", done("D"), "D>E ."),
    ),
)
wcp(
    32,
    "two of three take the third away",
    "13.4.5, 13.5.6",
    (
        *S_E,
        sub(
            "P1",
            start("S1"),
            *(part.replace('"S-G"', '"S1-G"').replace('"S"', '"S1"') for part in THREE),
            complex_("K", "activationCount >= 2"),
            *NAMED,
            ends("X", terminate()),
            chain("K", "X"),
        ),
        *(user("D"), chain("S", "P1", "D", "E")),
    ),
    play("S S1 G A? B? C?", done("B"), "B A? C?", done("A"), "A>K>X D?", done("D"), "D>E ."),
)
wcp(
    33,
    "once for each full set, whoever comes early",
    "13.4.1",
    (
        *S_E,
        *SPLIT,
        parallel("J"),
        chain("A", "J", "E"),
        chain("B", "J"),
        flow("G", "A", id_="A2"),
        flow("G", "B", id_="B2"),
    ),
    play("S G A? A? B? B?", done("A"), "A A? B? B?", done("A"), "A B? B?", done("B"), "B>J>E B?", done("B"), "B>J>E ."),
)
wcp(
    34,
    "on with two of three, the third goes on",
    "10.3.8 table 10.30",
    (
        *(
            *S_E,
            end("F"),
            at("A", "K", signal("two"), stops=False),
            user("D"),
            chain("S", "A", "F"),
            chain("K", "D", "E"),
        ),
        user(
            "A",
            many(
                times="3",
                behavior="Complex",
                inside=tag(
                    "complexBehaviorDefinition",
                    tag("condition", "numberOfCompletedInstances = 2", xsi__type="bpmn:tFormalExpression")
                    + tag("event", signal("two"), id="Two"),
                ),
            ),
        ),
    ),
    play(
        "S A? A? A? K~",
        done("A"),
        "A A? A? K~",
        done("A"),
        "A K A^two A? D? K~",
        done("D"),
        "D>E A? K~",
        done("A"),
        "A>F .",
    ),
)
wcp(
    35,
    "two of three take the third away",
    "13.3.7",
    (*S_E, user("A", many(times="3", until="numberOfCompletedInstances = 2")), chain("S", "A", "E")),
    play("S A? A? A?", done("A"), "A A? A?", done("A"), "A>E ."),
)
wcp(
    37,
    "who was begun is waited for, wherever the split was",
    "13.4.3",
    (
        *(*S_E, inclusive("G"), inclusive("H"), user("A"), user("B"), user("C"), inclusive("J"), chain("S", "G")),
        *(flow("G", "A", YES), flow("G", "H", YES), flow("H", "B", YES), flow("H", "C", "c = true")),
        *(chain("A", "J", "E"), chain("B", "J"), chain("C", "J")),
    ),
    play("S G H A? B?", done("B"), "B A?", done("A"), "A>J>E ."),
)
wcp(
    38,
    "on when nothing more can come, loops beside it and all",
    "13.4.3",
    (
        *(*S_E, parallel("G"), user("A"), user("B"), exclusive("M"), exclusive("X", default="X-J"), inclusive("J")),
        *(chain("S", "G", "A", "J", "E"), chain("G", "M", "B", "X", "J"), flow("X", "M", "again = true")),
    ),
    play("S G M A? B?", done("A"), "A B?", done("B", again=True), "B>X>M B?", done("B", again=False), "B>X>J>E ."),
)
wcp(
    41,
    "two threads become one",
    "13.3.2",
    (*S_E, *SPLIT, tag("userTask", ext(CANDIDATES), id="D", startQuantity="2"), chain("A", "D", "E"), chain("B", "D")),
    play("S G A? B?", done("A"), "A B?", done("B"), "B D?", done("D"), "D>E ."),
)
wcp(
    42,
    "one thread becomes two",
    "13.3.2",
    (*S_E, tag("task", id="A", completionQuantity="2"), user("B"), chain("S", "A", "B", "E")),
    play("S A B? B?", done("B"), "B>E B?", done("B"), "B>E ."),
)
wcp(
    43,
    "an end that ends all",
    "13.5.6",
    (start(), *SPLIT, ends("X", terminate()), chain("A", "X"), chain("B", "X")),
    play("S G A? B?", done("B"), "B>X ."),
)
