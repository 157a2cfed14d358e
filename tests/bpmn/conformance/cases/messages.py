"""Messages and signals (10.5.5, 13.5; correlation: 8.4.2, 13.3.3)."""

from __future__ import annotations

from dataclasses import replace

from tests.bpmn.conformance.case import ONLY_PROCESS, Theme, begin, broadcast, done, hear, play
from tests.bpmn.conformance.figures import (
    at,
    catch,
    chain,
    end,
    ends,
    event_sub,
    flow,
    message,
    parallel,
    signal,
    start,
    starts,
    sub,
    tag,
    throw,
    told,
    user,
)

THEME = Theme("messages and signals")
about, case = THEME.about, THEME.case
S_E = (start(), end())
BORDER = (*S_E, user("A"), user("B"), end("F"), chain("S", "A", "E"), chain("M", "B", "F"))
INSIDE = (*S_E, user("A"), chain("S", "A", "E"))
HANDLER = (user("B"), end("F"), chain("M", "B", "F"))

for kind, definition, comes in (
    ("message", message("word"), hear("word")),
    ("signal", signal("word"), broadcast("word")),
):
    about(f"{kind} event", "10.5.2 table 10.84, 13.5.1")
    case(
        f"the process begins by a {kind}",
        "start of the process",
        (starts("M", definition, ld=told(takes="{got: payload.n}")), user("A"), end(), chain("M", "A", "E")),
        play(begin("M", n=3), "M A? got=3", done("A"), "A>E ."),
        but=ONLY_PROCESS,
    )
    case(
        f"beside a none start event, which a {kind} does not wait for",
        "start of the process",
        (*S_E, starts("M", definition), user("A"), user("B"), chain("S", "A", "E"), chain("M", "B", "E")),
        play("S A?", done("A"), "A>E ."),
        play(begin("M"), "M B?", done("B"), "B>E ."),
        but=ONLY_PROCESS,
    )
    about(f"{kind} event", "10.5.4 table 10.89, 13.5.2")
    case(
        f"it waits for the {kind}",
        "catch, in the flow",
        (*S_E, catch("M", definition, ld=told(takes="{got: payload.n}")), chain("S", "M", "E")),
        play("S M~", replace(comes, data={"n": 4}), "M>E . got=4"),
    )
    case(
        f"it sends the {kind} and goes on",
        "throw, in the flow",
        (*S_E, throw("M", definition, ld=told(gives="{n: n}")), user("A"), chain("S", "M", "A", "E")),
        play("S M M^word A?", done("A"), "A>E ."),
        facts={"n": 1},
    )
    about(f"{kind} event", "10.5.3 table 10.88, 13.5.6")
    case(
        f"it sends the {kind} and ends",
        "end",
        (start(), user("A"), ends("M", definition), chain("S", "A", "M")),
        play("S A?", done("A"), "A>M M^word ."),
    )
    about(f"{kind} event", "10.5.4 table 10.90, 13.5.3")
    case(
        "it takes the activity away",
        "boundary, interrupting",
        (*BORDER, at("A", "M", definition)),
        play("S A? M~", comes, "M B?", done("B"), "B>F ."),
        play("S A? M~", done("A"), "A>E ."),
    )
    case(
        "it may come again while the activity goes on",
        "boundary, not interrupting",
        (*BORDER, at("A", "M", definition, stops=False)),
        play(
            "S A? M~",
            comes,
            "M A? B? M~",
            comes,
            "M A? B? B? M~",
            done("A"),
            "A>E B? B?",
            done("B"),
            "B>F B?",
            done("B"),
            "B>F .",
        ),
    )
    about(f"{kind} event", "10.5.2 table 10.86, 13.5.4")
    case(
        "it interrupts the scope; when it is done, the scope is",
        "start of an event sub-process, interrupting",
        (*INSIDE, event_sub("H", starts("M", definition), *HANDLER)),
        play("S A? M~", comes, "M B?", done("B"), "B>F ."),
        play("S A? M~", done("A"), "A>E ."),
    )
    case(
        "it runs beside the scope, once for each that comes, and the scope waits for all",
        "start of an event sub-process, not interrupting",
        (*INSIDE, event_sub("H", starts("M", definition, isInterrupting="false"), *HANDLER)),
        play(
            "S A? M~",
            comes,
            "M A? B? M~",
            comes,
            "M A? B? B? M~",
            done("A"),
            "A>E B? B?",
            done("B"),
            "B>F B?",
            done("B"),
            "B>F .",
        ),
        play("S A? M~", comes, "M A? B? M~", done("B"), "B>F A? M~", done("A"), "A>E ."),
    )

about("message event", "8.4.2, 13.3.3")
PAIR = (
    *S_E,
    end("F"),
    parallel("G"),
    catch("M", message("word"), ld=told(key="first")),
    catch("N", message("word"), ld=told(key="second")),
    *(chain("S", "G", "M", "E"), chain("G", "N", "F")),
)
case(
    "the key says for whom a message is",
    "correlation",
    PAIR,
    play("S G M~ N~", hear("word", "b"), "N>F M~", hear("word", "a"), "M>E ."),
    facts={"first": "a", "second": "b"},
)
case(
    "a message is for one receiver",
    "two that wait for the same",
    (
        *S_E,
        parallel("G"),
        catch("M", message("word")),
        *(chain("S", "G", "M", "E"), flow("G", "M", id_="second")),
    ),
    play("S G M~ M~", hear("word"), "M>E M~", hear("word"), "M>E ."),
)
about("signal event", "10.5.5, 13.5.2")
case(
    "a signal is for everybody",
    "two that wait for the same",
    (
        *S_E,
        end("F"),
        parallel("G"),
        catch("M", signal("word")),
        catch("N", signal("word")),
        *(chain("S", "G", "M", "E"), chain("G", "N", "F")),
    ),
    play("S G M~ N~", broadcast("word"), "M>E N>F ."),
)
case(
    "it is caught in the process that throws it too",
    "throw and catch in one process",
    (
        *S_E,
        end("F"),
        parallel("G"),
        catch("M", signal("word")),
        user("A"),
        throw("N", signal("word")),
        *(chain("S", "G", "M", "E"), chain("G", "A", "N", "F")),
    ),
    play("S G A? M~", done("A"), "A>N>F N^word M>E ."),
)
case(
    "it goes through the borders of scopes",
    "throw in one sub-process, catch in another",
    (
        *S_E,
        parallel("G"),
        sub("P1", start("S1"), user("A"), ends("E1", signal("word")), chain("S1", "A", "E1")),
        sub("P2", start("S2"), catch("M", signal("word")), end("E2"), chain("S2", "M", "E2")),
        parallel("J"),
        *(chain("S", "G", "P1", "J", "E"), chain("G", "P2", "J")),
    ),
    play("S G S1 S2 A? M~", done("A"), "A>E1 E1^word M>E2 J>E ."),
)
case(
    "one that comes before anybody waits is lost",
    "thrown before it is waited for",
    (*S_E, throw("N", signal("word")), catch("M", signal("word")), chain("S", "N", "M", "E")),
    play("S>N N^word M~", broadcast("word"), "M>E ."),
)
about("message event", "10.5.5, 13.5.2")
case(
    "one that is sent is not lost when what follows rests",
    "throw, several in a row",
    (
        *S_E,
        throw("M", message("one")),
        throw("N", message("two")),
        tag("sendTask", id="O", messageRef="message_three"),
        user("A"),
        chain("S", "M", "N", "O", "A", "E"),
    ),
    play("S>M>N>O M^one N^two O^three A?", done("A"), "A>E ."),
)
