"""Whose data a name means, in scopes, instances, handlers and calls (10.4.1, 10.4.2, 10.5.7)."""

from __future__ import annotations

from tests.bpmn.conformance.case import Theme, broadcast, done, fire, hear, play
from tests.bpmn.conformance.figures import (
    at,
    call,
    chain,
    end,
    event_sub,
    ext,
    many,
    message,
    rounds,
    script,
    signal,
    start,
    starts,
    sub,
    tag,
    timer,
    told,
    user,
)

THEME = Theme("whose data")
about, case = THEME.about, THEME.case
S_E = (start(), end())


def local(key: str, id_: str = "") -> str:
    return tag("dataObject", ext(f'<ld:data key="{key}"/>'), id=id_ or f"Object_{key}")


about("data object", "10.4.1, 10.4.2")
case(
    "of two of one name, the nearest is meant",
    "in sub-processes inside each other",
    (
        *S_E,
        sub(
            "P1",
            *(local("part", "Outer"), start("S1"), script("K", '{part: "outer"}'), user("B"), end("E1")),
            sub(
                "P2",
                local("part", "Inner"),
                start("S2"),
                script("L", '{part: "inner"}'),
                user("A"),
                end("E2"),
                chain("S2", "L", "A", "E2"),
            ),
            chain("S1", "K", "P2", "B", "E1"),
        ),
        chain("S", "P1", "E"),
    ),
    play(
        'S>S1>K>S2>L A? A:part="inner"',
        done("A", part="new"),
        'A>E2 B? B:part="outer"',
        done("B"),
        "B>E1>E . part=null",
    ),
)
case(
    "what is answered goes to the data of the scope",
    "in a sub-process",
    (
        *S_E,
        sub("P1", local("part"), start("S1"), user("A"), user("B"), end("E1"), chain("S1", "A", "B", "E1")),
        chain("S", "P1", "E"),
    ),
    play("S>S1 A?", done("A", part=3, other=4), "A B? B:part=3", done("B"), "B>E1>E . part=null other=4"),
)
case(
    "an event sub-process reads and writes the data of the scope around it",
    "in a sub-process with an event sub-process",
    (
        *S_E,
        sub(
            "P1",
            *(local("part"), start("S1"), user("A"), user("B"), end("E1"), chain("S1", "A", "B", "E1")),
            event_sub(
                "H",
                starts("T", signal("word"), isInterrupting="false"),
                script("K", "{part: part + 1}"),
                end("F"),
                chain("T", "K", "F"),
            ),
        ),
        chain("S", "P1", "E"),
    ),
    play(
        "S>S1 A? T~",
        done("A", part=1),
        "A B? T~",
        broadcast("word"),
        "T>K>F B? T~ B:part=2",
        done("B"),
        "B>E1>E . part=null",
    ),
)
case(
    "what a boundary event brings is written outside the activity",
    "around a sub-process with a boundary event",
    (
        *S_E,
        sub("P1", local("got"), start("S1"), user("A"), end("E1"), chain("S1", "A", "E1")),
        *(at("P1", "B", message("word"), stops=False, ld=told(takes="{got: payload.n}")), end("F")),
        *(chain("S", "P1", "E"), chain("B", "F")),
    ),
    play("S>S1 A? B~", hear("word", n=6), "B>F A? B~ A:got=null got=6", done("A"), "A>E1>E ."),
)
case(
    "a timer is computed from the data of its place",
    "timer in a sub-process",
    (
        *S_E,
        sub(
            "P1",
            local("span"),
            start("S1"),
            script("K", '{span: "PT4H"}'),
            user("A"),
            at("A", "T", timer("=span")),
            end("E1"),
            chain("S1", "K", "A", "E1"),
            chain("T", "E1"),
        ),
        chain("S", "P1", "E"),
    ),
    play("S>S1>K A? T@PT4H", fire("T"), "T>E1>E ."),
    facts={"span": "PT9H"},
)
case(
    "each round of a loop has the data anew",
    "in a looped sub-process",
    (
        *S_E,
        sub(
            "P1",
            local("part"),
            start("S1"),
            user("A"),
            user("B"),
            end("E1"),
            chain("S1", "A", "B", "E1"),
            inside=rounds("again = true"),
        ),
        chain("S", "P1", "E"),
    ),
    play(
        "S>S1 A? A:part=null",
        *(done("A", part=5), "A B? B:part=5", done("B", again=True), "B>E1>S1 A? A:part=null"),
        *(done("A"), "A B?", done("B", again=False), "B>E1>E ."),
    ),
)
about("multi-instance", "10.3.8 table 10.30, 10.4.2")
case(
    "an item that is changed is changed for its instance only",
    "sub-process, parallel, item written",
    (
        *S_E,
        sub(
            "P1",
            start("S1"),
            script("K", '{one: one + "!"}'),
            user("A"),
            end("E1"),
            chain("S1", "K", "A", "E1"),
            inside=many("items", "one"),
        ),
        chain("S", "P1", "E"),
    ),
    play(
        'S S1 S1 K K A? A? A:one="a!" A:one="b!"', done("A"), "A>E1 A?", done("A"), 'A>E1>E . one=null items=["a","b"]'
    ),
    facts={"items": ["a", "b"]},
)
case(
    "what each sub-process gives is collected",
    "sub-process, parallel, output collection",
    (
        *S_E,
        sub(
            "P1",
            *(
                start("S1"),
                user("A"),
                script("K", "{mark: mark * 10}"),
                end("E1"),
                chain("S1", "A", "K", "E1"),
            ),
            inside=many("items", "one", into="found", each="mark"),
        ),
        chain("S", "P1", "E"),
    ),
    play(
        "S S1 S1 A? A?",
        done("A", item="b", mark=2),
        "A>K>E1 A?",
        done("A", mark=1),
        "A>K>E1>E . found=[10,20] mark=null",
    ),
    facts={"items": ["a", "b"]},
)
case(
    "what each gives one after another is collected",
    "sub-process, sequential, output collection",
    (
        *S_E,
        sub(
            "P1",
            *(start("S1"), user("A"), end("E1"), chain("S1", "A", "E1")),
            inside=many("items", "one", into="found", each="mark", isSequential="true"),
        ),
        chain("S", "P1", "E"),
    ),
    play("S S1 A?", done("A", mark=1), "A>E1>S1 A?", done("A", mark=2), "A>E1>E . found=[1,2]"),
    facts={"items": ["a", "b"]},
)
about("call activity", "10.3.6, 10.4.2")
case(
    "what comes back is written where the caller's data are",
    "in a sub-process with data of its own",
    (
        *S_E,
        sub(
            "P1",
            local("n"),
            start("S1"),
            script("K", "{n: 1}"),
            call("P2", "Q", "{x: n}", "{n: x}"),
            user("A"),
            end("E1"),
            chain("S1", "K", "P2", "A", "E1"),
        ),
        chain("S", "P1", "E"),
    ),
    play("S>S1>K>S2>L>E2 A? A:n=11", done("A"), "A>E1>E . n=7 x=null"),
    called={"Q": (start("S2"), script("L", "{x: x + 10}"), end("E2"), chain("S2", "L", "E2"))},
    facts={"n": 7},
)
case(
    "what each call of a list gives is collected",
    "multi-instance, output collection",
    (
        *(*S_E, local("mark"), chain("S", "P1", "E")),
        call("P1", "Q", "{x: one}", "{mark: x}", inside=many("items", "one", into="found", each="mark")),
    ),
    play("S S2 S2 B? B?", done("B", item=None, x=5), "B>E2 B?", done("B", x=6), "B>E2>E . found=[5,6]"),
    called={"Q": (start("S2"), user("B"), end("E2"), chain("S2", "B", "E2"))},
    facts={"items": ["a", "b"]},
)
about("event sub-process", "10.4.1, 13.5.4")
case(
    "each that runs has data of its own",
    "several at once, with data",
    (
        *(*S_E, user("A"), chain("S", "A", "E")),
        event_sub(
            "H",
            *(
                local("mine"),
                starts("T", signal("word"), isInterrupting="false", ld=told(takes="{mine: payload.n}")),
                user("V"),
                end("F"),
            ),
            chain("T", "V", "F"),
        ),
    ),
    play(
        "S A? T~",
        *(
            broadcast("word", n=1),
            "T A? V? T~ V:mine=1",
            broadcast("word", n=2),
            "T A? V? V? T~ V:mine=1 V:mine=2 A:mine=null",
        ),
        *(done("A"), "A>E V? V?"),
    ),
)
