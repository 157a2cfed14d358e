"""Tasks of every type (10.3.3, 13.3.3) and the flows into and out of an activity (8.4.13, 13.3.1, 13.3.2)."""

from __future__ import annotations

from tests.bpmn.conformance.case import (
    ONLY_PROCESS,
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
