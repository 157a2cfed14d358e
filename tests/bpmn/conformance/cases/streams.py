"""Several tokens on their way: splits and joins without gateways, order of flows, counts (8.4.13, 10.6, 13.3, 13.4)."""

from __future__ import annotations

from tests.bpmn.conformance.case import Theme, done, fire, hear, play
from tests.bpmn.conformance.figures import (
    at,
    catch,
    chain,
    condition,
    end,
    ends,
    error,
    escalation,
    event_sub,
    exclusive,
    flow,
    inclusive,
    message,
    parallel,
    signal,
    start,
    starts,
    sub,
    tag,
    task,
    terminate,
    throw,
    timer,
    user,
)

THEME = Theme("several tokens")
about, case = THEME.about, THEME.case
S_E = (start(), end())
BOTH = (user("A"), user("B"), end("F"), chain("A", "E"), chain("B", "F"))

for element, drawn, name, before, act, after in (
    ("start event", (), "S", "", None, "S"),
    ("intermediate throw event", (throw("T"),), "T", "", None, "S>T"),
    ("intermediate catch event", (catch("T", message("word")),), "T", "S T~", hear("word"), "T"),
    (
        "exclusive gateway with one way in",
        (exclusive("T", default="T-H"), parallel("H"), chain("T", "H")),
        "H",
        "",
        None,
        "S>T>H",
    ),
):
    about(element.removesuffix(" with one way in"), "8.4.13, 10.5, 13.5")
    joined = chain("S", "T") if name != "S" else ""
    case(
        f"a token leaves the {element} over every flow",
        "several flows out",
        (*S_E, *drawn, *BOTH, *([joined] if joined else []), flow(name, "A"), flow(name, "B")),
        play(*((before, act) if act else ()), f"{after} A? B?", done("A"), "A>E B?", done("B"), "B>F ."),
    )
about("boundary event", "10.5.4, 13.5.3")
case(
    "a token leaves over every flow",
    "several flows out",
    (*S_E, user("H"), at("H", "T", timer()), end("D"), chain("S", "H", "D"), *BOTH, flow("T", "A"), flow("T", "B")),
    play("S H? T@", fire("T"), "T A? B?", done("A"), "A>E B?", done("B"), "B>F ."),
)
about("intermediate catch event", "13.5.2")
case(
    "each token waits for itself",
    "several flows in",
    (
        *S_E,
        parallel("G"),
        user("A"),
        user("B"),
        catch("T", timer("PT1H")),
        chain("S", "G", "A", "T", "E"),
        chain("G", "B", "T"),
    ),
    play("S G A? B?", done("A"), "A B? T@", done("B"), "B T@ T@", fire("T"), "T>E T@", fire("T"), "T>E ."),
)
about("sub-process", "13.3.4")
TWO = '<bpmn:sequenceFlow id="more" sourceRef="G" targetRef="P1"/>\n'
case(
    "each of two has its own boundary event",
    "begun twice, with a boundary",
    (
        *(*S_E, parallel("G"), sub("P1", start("S1"), user("A"), end("E1"), chain("S1", "A", "E1"))),
        *(at("P1", "T", timer()), end("F"), chain("S", "G", "P1", "E"), TWO, chain("T", "F")),
    ),
    play("S G S1 S1 A? A? T@ T@", fire("T"), "T>F A? T@", done("A"), "A>E1>E ."),
)
case(
    "each of two has its own handlers",
    "begun twice, with an event sub-process",
    (
        *(*S_E, parallel("G"), chain("S", "G", "P1", "E"), TWO),
        sub(
            "P1",
            *(start("S1"), user("A"), end("E1"), chain("S1", "A", "E1")),
            event_sub("H", starts("T", message("word")), user("V"), end("Y"), chain("T", "V", "Y")),
        ),
    ),
    play("S G S1 S1 A? A? T~ T~", hear("word"), "T A? V? T~", done("A"), "A>E1>E V?", done("V"), "V>Y>E ."),
)
case(
    "joins inside do not mix the tokens of two",
    "begun twice, with a join inside",
    (
        *(*S_E, parallel("G"), chain("S", "G", "P1", "E"), TWO),
        sub(
            "P1",
            *(start("S1"), parallel("H"), user("A"), user("B"), parallel("J"), end("E1")),
            *(chain("S1", "H", "A", "J", "E1"), chain("H", "B", "J")),
        ),
    ),
    play(
        "S G S1 S1 H H A? A? B? B?",
        done("A"),
        "A A? B? B?",
        done("A"),
        "A B? B?",
        done("B"),
        "B>J>E1>E B?",
        done("B"),
        "B>J>E1>E .",
    ),
)
about("activity", "table 10.3, 13.3.2")
case(
    "tokens left over by a quantity meet a join that counts",
    "completionQuantity before a join",
    (
        *(*S_E, parallel("G"), tag("task", id="A", completionQuantity="2"), user("B"), user("C"), parallel("J")),
        *(chain("S", "G", "A", "J", "E"), chain("G", "B", "J"), flow("G", "C"), flow("C", "J", id_="C-J")),
    ),
    play("S G A B? C?", done("B"), "B C?", done("C"), "#J"),
)
case(
    "two begun by four tokens",
    "startQuantity",
    (
        *(*S_E, tag("task", id="A", completionQuantity="4")),
        *(
            tag(
                "userTask",
                '<bpmn:extensionElements><ld:candidates post="handler"/></bpmn:extensionElements>',
                id="B",
                startQuantity="2",
            ),
        ),
        chain("S", "A", "B", "E"),
    ),
    play("S A B? B?", done("B"), "B>E B?", done("B"), "B>E ."),
)
about("exclusive gateway", "10.6.2, 13.4.2 table 13.2")
case(
    "a default that stands first is still the last resort",
    "default flow, first in order",
    (
        *S_E,
        exclusive("X", default="X-A"),
        task("A"),
        task("B"),
        chain("S", "X", "A", "E"),
        flow("X", "B", "n = 1"),
        chain("B", "E"),
    ),
    play("S>X>B>E ."),
    facts={"n": 1},
)

about("end event", "10.5.3, 13.5.6")
case(
    "an end reached by several tokens ends each of them",
    "several flows in",
    (
        start(),
        parallel("G"),
        user("A"),
        user("B"),
        ends("X", message("word")),
        chain("S", "G", "A", "X"),
        chain("G", "B", "X"),
    ),
    play("S G A? B?", done("A"), "A>X X^word B?", done("B"), "B>X X^word ."),
)
about("parallel gateway", "10.6.4, 13.4.1 table 13.1")
case(
    "two flows between the same two are two flows",
    "join of two flows from one activity",
    (*S_E, user("A"), parallel("J"), user("B"), chain("S", "A", "J", "B", "E"), flow("A", "J", id_="second")),
    play("S A?", done("A"), "A>J B?", done("B"), "B>E ."),
)
about("inclusive gateway", "10.6.3, 13.4.3 table 13.3")
case(
    "two flows between the same two are two flows",
    "join of two flows from one activity",
    (
        *(*S_E, tag("task", id="A", default="A-J"), inclusive("J"), user("B"), chain("S", "A", "J", "B", "E")),
        flow("A", "J", "n > 1", id_="second"),
    ),
    play("S>A>J B?", done("B"), "B>E ."),
    facts={"n": 2},
)
about("activity", "8.4.13, 13.3.2")
case(
    "a flow may lead back to its own activity",
    "a flow to itself",
    (*S_E, user("A", default="A-E"), chain("S", "A", "E"), flow("A", "A", "again = true")),
    play("S A?", done("A", again=True), "A A?", done("A", again=True), "A A?", done("A", again=False), "A>E ."),
)
about("multiple event", "10.5.3 table 10.88, 13.5.6")
HURRY = (start(), parallel("G"), user("A"), user("B"), end(), chain("S", "G", "A", "X"), chain("G", "B", "E"))
case(
    "a message is sent, then all ends",
    "end, with a terminate",
    (*HURRY, ends("X", terminate(), message("word"))),
    play("S G A? B?", done("A"), "A>X X^word ."),
)
WITHIN = (
    start("S1"),
    parallel("G"),
    user("A"),
    user("B"),
    end("E1"),
    chain("S1", "G", "A", "X"),
    chain("G", "B", "E1"),
)
case(
    "a message is sent, then the error is thrown",
    "end, with an error",
    (
        *S_E,
        *(sub("P1", *WITHIN, ends("X", error("LOST"), message("word"))), at("P1", "K", error())),
        *(end("F"), chain("S", "P1", "E"), chain("K", "F")),
    ),
    play("S S1 G A? B?", done("A"), "A>X>K>F X^word ."),
)
case(
    "an escalation and a signal, both",
    "throw, with an escalation",
    (
        *(*S_E, at("P1", "K", escalation("HELP"), stops=False), at("P1", "L", signal("word"), stops=False)),
        sub(
            "P1",
            start("S1"),
            user("A"),
            throw("X", escalation("HELP"), signal("word")),
            end("E1"),
            chain("S1", "A", "X", "E1"),
        ),
        *(end("F"), end("Y"), chain("S", "P1", "E"), chain("K", "F"), chain("L", "Y")),
    ),
    play("S S1 A? L~", done("A"), "A X X^word K>F L>Y E1>E ."),
)
about("multiple event", "10.5.4 table 10.90, 13.5.3")
case(
    "of a condition and a message, either",
    "boundary, interrupting, with a condition",
    (
        *(*S_E, parallel("G"), user("A"), at("A", "M", condition("n > 1"), message("word")), end("F")),
        *(user("U"), end("Y"), chain("S", "G", "A", "E"), chain("G", "U", "Y"), chain("M", "F")),
    ),
    play("S G A? U? M~", done("U", n=2), "U>Y M>F ."),
    play("S G A? U? M~", hear("word"), "M>F U?", done("U", n=2), "U>Y ."),
    facts={"n": 0},
)
