"""Tasks of every type (10.3.3, 13.3.3) and the flows into and out of an activity (8.4.13, 13.3.1, 13.3.2)."""

from __future__ import annotations

from tests.bpmn.conformance.case import (
    CALLED,
    LOOP,
    ONLY_PROCESS,
    SUB,
    Theme,
    acted,
    acted_wrong,
    begin,
    done,
    fails,
    hear,
    play,
)
from tests.bpmn.conformance.figures import (
    CANDIDATES,
    at,
    chain,
    end,
    error,
    ext,
    flow,
    parallel,
    script,
    start,
    tag,
    task,
    told,
    user,
)

THEME = Theme("tasks")
about, case = THEME.about, THEME.case
S_E = (start(), end())


def alone(*parts: str) -> tuple[str, ...]:
    """S, T, E and whatever T is."""
    return (*S_E, *parts, chain("S", "T", "E"))


def action(id_: str, *settings: str, inside: str = "") -> str:
    return tag("serviceTask", ext("".join(settings)) + inside, id=id_)


about("abstract task", "10.3.3, 13.3.3")
case("it completes when it is reached", "in the flow", alone(task("T")), play("S>T>E ."))

about("user task", "10.3.3, 13.3.3")
case("it waits for a person", "in the flow", alone(user("T")), play("S T?", done("T"), "T>E ."))
case(
    "what is answered is data of the process",
    "in the flow",
    alone(user("T")),
    play("S T?", done("T", grade=2), "T E . grade=2"),
)
case(
    "an error it ends in goes to its boundary",
    "ending in an error",
    (*alone(user("T"), at("T", "B", error("LOST"))), end("F"), flow("B", "F")),
    play("S T?", fails("T", "LOST"), "B>F ."),
    play("S T?", done("T"), "T>E ."),
)
case(
    "an error nobody catches fails the step",
    "ending in an error",
    alone(user("T")),
    play("S T?", fails("T", "LOST"), "#T"),
)

about("manual task", "10.3.3, 13.3.3")
case(
    "it waits until a person says that it is done",
    "in the flow",
    alone(task("T", "manualTask", ext(CANDIDATES))),
    play("S T?", done("T"), "T>E ."),
)

about("script task", "10.3.3, 13.3.3")
case(
    "it writes what its script gives",
    "in the flow",
    alone(script("T", "{n: n + 1}")),
    play("S>T>E . n=3"),
    facts={"n": 2},
)

about("business rule task", "10.3.3, 13.3.3")
case(
    "it asks a register",
    "in the flow",
    alone(
        tag(
            "businessRuleTask",
            ext('<ld:lookup register="codes" match="={code: c}" into="found"/>'),
            id="T",
        ),
    ),
    play('S>T>E . found={"register":"codes","code":"a","days":3}'),
    facts={"c": "a"},
)
case(
    "a row that must be there and is not fails the task",
    "in the flow",
    alone(
        tag(
            "businessRuleTask",
            ext('<ld:lookup register="codes" match="={code: c}" into="found" required="true"/>'),
            id="T",
        )
    ),
    play("#T"),
    facts={"c": "none"},
)
case(
    "it asks a decision",
    "in the flow",
    alone(tag("businessRuleTask", ext('<ld:decision ref="grading" into="found"/>'), id="T")),
    play('S>T>E . found={"decided":"grading","saw":4}'),
    facts={"n": 4},
)
case(
    "what a decision without a place to write to gives is written by its names",
    "in the flow",
    alone(tag("businessRuleTask", ext('<ld:decision ref="grading"/>'), id="T")),
    play('S>T>E . decided="grading" saw=4'),
    facts={"n": 4},
)

about("service task", "10.3.3, 13.3.3")
case(
    "it completes when its service does",
    "in the flow",
    alone(action("T", '<ld:action name="notify" result="={sent: result.count}"/>')),
    play("S T!", acted("T", count=2), "T>E . sent=2"),
)
case(
    "one that does not wait goes on at once",
    "in the flow",
    alone(action("T", '<ld:action name="notify" wait="false"/>')),
    play("S>T>E ."),
)
case(
    "a fault of the service is an error at its boundary",
    "ending in an error",
    (*alone(action("T", '<ld:action name="notify"/>'), at("T", "B", error("LOST"))), end("F"), flow("B", "F")),
    play("S T!", acted_wrong("T", "LOST"), "B>F ."),
    play("S T!", acted("T"), "T>E ."),
)
case(
    "a fault nobody catches fails the step",
    "ending in an error",
    alone(action("T", '<ld:action name="notify"/>')),
    play("S T!", acted_wrong("T", "LOST"), "#T"),
)

about("send task", "10.3.3, 13.3.3")
case(
    "it sends and completes",
    "in the flow",
    alone(tag("sendTask", ext(told(gives="{n: n}")), id="T", messageRef="message_order")),
    play("S>T>E T^order ."),
    facts={"n": 1},
)

about("receive task", "10.3.3, 13.3.3")
case(
    "it waits for its message",
    "in the flow",
    alone(tag("receiveTask", ext(told(takes="{got: payload.n}")), id="T", messageRef="message_order")),
    play("S T~", hear("order", n=5), "T>E . got=5"),
)
case(
    "the message is the one that belongs to the conversation",
    "in the flow",
    alone(tag("receiveTask", ext(told(key="number")), id="T", messageRef="message_order")),
    play("S T~", hear("order", "17"), "T>E ."),
    facts={"number": "17"},
)
case(
    "it may begin the process",
    "beginning the process",
    (tag("receiveTask", id="T", messageRef="message_order", instantiate="true"), end(), chain("T", "E")),
    play(begin("T"), "T>E ."),
    but=ONLY_PROCESS,
)

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
    alone(user("T")),
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
