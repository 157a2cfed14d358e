"""Multi-instances (10.3.8, 13.3.7)."""

from __future__ import annotations

from tests.bpmn.conformance.case import Theme, acted, done, fire, hear, play
from tests.bpmn.conformance.figures import (
    at,
    chain,
    end,
    ends,
    error,
    ext,
    many,
    message,
    start,
    sub,
    tag,
    timer,
    told,
    user,
)

THEME = Theme("multi-instances")
about, case = THEME.about, THEME.case
S_E = (start(), end())


def around(*parts: str) -> tuple[str, ...]:
    return (*S_E, *parts, chain("S", "A", "E"))


def inner(loop: str) -> str:
    return sub("A", start("S1"), user("B"), end("E1"), chain("S1", "B", "E1"), inside=loop)


about("multi-instance", "10.3.8 tables 10.29 and 10.30, 13.3.7")
case(
    "so many at once, and on when all are done",
    "task, parallel, cardinality",
    around(user("A", many(times="3"))),
    play("S A? A? A?", done("A"), "A A? A?", done("A"), "A A?", done("A"), "A>E ."),
)
case(
    "so many one after another",
    "task, sequential, cardinality",
    around(user("A", many(times="2", isSequential="true"))),
    play("S A? A:loopCounter=1", done("A"), "A A? A:loopCounter=2", done("A"), "A>E ."),
)
case(
    "the number may be computed",
    "task, parallel, cardinality",
    around(user("A", many(times="=n + 1"))),
    play("S A? A?", done("A"), "A A?", done("A"), "A>E ."),
    facts={"n": 1},
)
case(
    "none of them: it is done at once",
    "task, cardinality 0",
    around(user("A", many(times="=n"))),
    play("S>E ."),
    facts={"n": 0},
)
LIST = {"items": ["a", "b", "c"]}
case(
    "one for each member, each sees its own",
    "task, parallel, collection",
    around(user("A", many("items", "one"))),
    play(
        'S A? A? A? A:one="a" A:one="b" A:one="c"',
        done("A", item="b"),
        'A A? A? A:one="a" A:one="c"',
        done("A"),
        "A A?",
        done("A"),
        "A>E .",
    ),
    facts=LIST,
)
case(
    "one after another, in the order of the list",
    "task, sequential, collection",
    around(user("A", many("items", "one", isSequential="true"))),
    play('S A? A:one="a"', done("A"), 'A A? A:one="b"', done("A"), 'A A? A:one="c"', done("A"), "A>E ."),
    facts=LIST,
)
case(
    "an empty list: it is done at once",
    "task, empty collection",
    around(user("A", many("items", "one"))),
    play("S>E ."),
    facts={"items": []},
)
case(
    "an empty list, one after another",
    "task, empty collection",
    around(user("A", many("items", "one", isSequential="true"))),
    play("S>E ."),
    facts={"items": []},
)
for sequential in ("false", "true"):
    way = "sequential" if sequential == "true" else "parallel"
    case(
        "when the completion condition holds, the others are taken away",
        f"task, {way}, completion condition",
        around(user("A", many("items", "one", until="numberOfCompletedInstances >= 2", isSequential=sequential))),
        *(
            (play("S A?", done("A"), "A A?", done("A"), "A>E ."),)
            if sequential == "true"
            else (play("S A? A? A?", done("A", item="c"), "A A? A?", done("A", item="a"), "A>E ."),)
        ),
        facts=LIST,
    )
case(
    "the numbers of its instances are known",
    "task, parallel, attributes",
    around(
        user(
            "A",
            many(
                times="3",
                until="numberOfInstances = 3 and numberOfActiveInstances = 1 and numberOfTerminatedInstances = 0",
            ),
        )
    ),
    play("S A? A? A?", done("A"), "A A? A?", done("A"), "A>E ."),
)
OUT = tag(
    "scriptTask",
    many("items", "one", into="found", each="mine") + tag("script", '{mine: one + "!"}'),
    id="A",
    scriptFormat="feel",
)
case(
    "what each gives is collected in the order of the list",
    "task, parallel, output collection",
    around(OUT),
    play('S A A A E . found=["a!","b!","c!"]'),
    facts=LIST,
)
case(
    "in the order of the list, whoever is done first",
    "task, parallel, output collection",
    around(user("A", many("items", "one", into="found", each="mine"))),
    play(
        "S A? A? A?",
        *(
            done("A", item="c", mine=3),
            "A A? A?",
            done("A", item="a", mine=1),
            "A A?",
            done("A", mine=2),
            "A>E . found=[1,2,3]",
        ),
    ),
    facts=LIST,
)
case(
    "a sub-process for each member",
    "sub-process, parallel, collection",
    around(inner(many("items", "one"))),
    play(
        'S S1 S1 S1 B? B? B? B:one="b"',
        *(done("B"), "B>E1 B? B?", done("B"), "B>E1 B?", done("B"), "B>E1>E ."),
    ),
    facts=LIST,
)
case(
    "sub-processes one after another",
    "sub-process, sequential, collection",
    around(inner(many("items", "one", isSequential="true"))),
    play('S S1 B? B:one="a"', done("B"), 'B>E1>S1 B? B:one="b"', done("B"), "B>E1>S1 B?", done("B"), "B>E1>E ."),
    facts=LIST,
)
case(
    "one inside another",
    "nested",
    around(
        sub(
            "A",
            start("S1"),
            user("B", many("inside", "two")),
            end("E1"),
            chain("S1", "B", "E1"),
            inside=many("items", "one"),
        ),
    ),
    play(
        "S S1 S1 B? B? B? B?",
        done("B"),
        "B B? B? B?",
        done("B"),
        "B>E1 B? B?",
        done("B"),
        "B B?",
        done("B"),
        "B>E1>E .",
    ),
    facts={"items": ["a", "b"], "inside": [1, 2]},
)
case(
    "a service is asked for each member",
    "service task, parallel",
    (
        *S_E,
        tag(
            "serviceTask",
            ext('<ld:action name="notify" result="={mark: result.n}"/>')
            + many("items", "one", into="found", each="mark"),
            id="A",
        ),
        chain("S", "A", "E"),
    ),
    play("S A! A!", acted("A", n=1), "A A!", acted("A", n=2), "A>E . found=[1,2]"),
    facts={"items": ["a", "b"]},
)
case(
    "a message is waited for by each, under its own key",
    "receive task, parallel",
    (
        *S_E,
        tag("receiveTask", ext(told(key="one")) + many("items", "one"), id="A", messageRef="message_word"),
        chain("S", "A", "E"),
    ),
    play("S A~ A~", hear("word", "b"), "A A~", hear("word", "a"), "A>E ."),
    facts={"items": ["a", "b"]},
)
about("multi-instance", "13.3.7, 13.5.3")
case(
    "all its instances are taken away",
    "boundary, interrupting",
    (*around(user("A", many("items", "one")), at("A", "T", timer("PT2H"))), end("F"), chain("T", "F")),
    play("S A? A? A? T@", done("A"), "A A? A? T@", fire("T"), "T>F ."),
    play("S A? A? A? T@", *(done("A"), "A A? A? T@", done("A"), "A A? T@", done("A"), "A>E .")),
    facts=LIST,
)
case(
    "one boundary for all, not one for each",
    "boundary, not interrupting",
    (*around(user("A", many("items", "one")), at("A", "M", message("word"), stops=False)), end("F"), chain("M", "F")),
    play("S A? A? A? M~", hear("word"), "M>F A? A? A? M~", done("A"), "A A? A? M~"),
    facts=LIST,
)
case(
    "an error in one of them takes all away",
    "boundary, error",
    (
        *around(
            sub("A", start("S1"), user("B"), ends("X", error("LOST")), chain("S1", "B", "X"), inside=many(times="2"))
        ),
        *(at("A", "T", error("LOST")), end("F"), chain("T", "F")),
    ),
    play("S S1 S1 B? B?", done("B"), "B>X>T>F ."),
)
about("multi-instance", "10.3.8 table 10.29, 10.4.1, 13.3.7")
OWN = (tag("dataObject", id="found"), start("S1"), user("B"), end("E1"), chain("S1", "B", "E1"))
case(
    "the completion condition sees the data objects of the instance that is over",
    "sub-process, condition over its data object",
    around(sub("A", *OWN, inside=many(times="3", until="found = true"))),
    play("S S1 S1 S1 B? B? B?", done("B", found=False), "B>E1 B? B?", done("B", found=True), "B>E1>E ."),
)
case(
    "the list takes what a data object of each instance holds",
    "sub-process, output from its data object",
    (
        *S_E,
        sub("A", *OWN, inside=many(times="2", into="all_found", each="found")),
        user("Z"),
        chain("S", "A", "Z", "E"),
    ),
    play("S S1 S1 B? B?", done("B", found=1), "B>E1 B?", done("B", found=2), "B>E1 Z? all_found=[1,2]"),
)
