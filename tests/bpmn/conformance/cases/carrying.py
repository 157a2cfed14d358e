"""What an event carries arrives where it is caught (10.4.2, 10.5.5, 10.5.6): messages, signals, errors, escalations, results."""

from __future__ import annotations

from dataclasses import replace

from tests.bpmn.conformance.case import Act, Theme, acted_wrong, broadcast, done, fails, hear, play
from tests.bpmn.conformance.figures import (
    at,
    call,
    catch,
    chain,
    end,
    ends,
    error,
    escalation,
    event_based,
    event_sub,
    ext,
    many,
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

THEME = Theme("what events carry")
about, case = THEME.about, THEME.case
S_E = (start(), end())
TAKES = told(takes="{got: payload.n}")
GIVES = told(gives="{n: n + 1}")
ROUTES: tuple[tuple[str, str, Act], ...] = (
    ("message", message("word"), hear("word")),
    ("signal", signal("word"), broadcast("word")),
)

for kind, definition, bare in ROUTES:
    comes = replace(bare, data={"n": 6})
    about(f"{kind} event", "10.4.2, 10.5.4, 10.5.5")
    for stops in (True, False):
        case(
            "what it carries is written where it is caught",
            f"boundary, {'' if stops else 'not '}interrupting, data",
            (
                *S_E,
                user("A"),
                at("A", "B", definition, stops=stops, ld=TAKES),
                end("F"),
                chain("S", "A", "E"),
                chain("B", "F"),
            ),
            play("S A? B~", comes, "B>F . got=6" if stops else "B>F A? B~ got=6"),
        )
        more = {} if stops else {"isInterrupting": "false"}
        case(
            "what it carries is written where it is caught",
            f"start of an event sub-process, {'' if stops else 'not '}interrupting, data",
            (
                *(*S_E, user("A"), chain("S", "A", "E")),
                event_sub("H", starts("T", definition, ld=TAKES, **more), user("V"), end("F"), chain("T", "V", "F")),
            ),
            play(
                "S A? T~",
                comes,
                "T V? V:got=6" if stops else "T A? V? T~ V:got=6 A:got=6",
                done("V"),
                "V>F ." if stops else "V>F A? T~",
            ),
        )
    case(
        "what it carries is written where it is caught",
        "after an event-based gateway, data",
        (
            *(*S_E, event_based("G"), catch("M", definition, ld=TAKES), catch("N", message("other"))),
            *(chain("S", "G", "M", "E"), chain("G", "N", "E")),
        ),
        play("S M~ N~", comes, "G>M>E . got=6"),
    )
    case(
        "into the data of the scope it is caught in",
        "catch in a sub-process with data of its own",
        (
            *S_E,
            sub(
                "P1",
                *(
                    tag("dataObject", ext('<ld:data key="got"/>'), id="Got"),
                    start("S1"),
                    catch("M", definition, ld=TAKES),
                ),
                *(user("A"), end("E1"), chain("S1", "M", "A", "E1")),
            ),
            chain("S", "P1", "E"),
        ),
        play("S S1 M~", comes, "M A? A:got=6", done("A"), "A>E1>E . got=null"),
    )
about("signal event", "10.4.2, 10.5.5")
case(
    "what is thrown is caught with it in the same process",
    "throw and catch, data",
    (
        *(
            *S_E,
            end("F"),
            parallel("G"),
            catch("M", signal("word"), ld=TAKES),
            user("A"),
            throw("N", signal("word"), ld=GIVES),
        ),
        *(chain("S", "G", "M", "E"), chain("G", "A", "N", "F")),
    ),
    play("S G A? M~", done("A"), "A>N>F N^word M>E . got=3"),
    facts={"n": 2},
)
for kind, definition in (("error", error("LOST")), ("escalation", escalation("HELP"))):
    about(f"{kind} event", "10.4.2, 10.5.6")
    thrown = (start("S1"), user("A"), ends("X", definition, ld=GIVES), chain("S1", "A", "X"))
    case(
        "what it carries is written where it is caught",
        "boundary, data",
        (
            *S_E,
            sub("P1", *thrown),
            at("P1", "B", definition, ld=TAKES),
            end("F"),
            chain("S", "P1", "E"),
            chain("B", "F"),
        ),
        play("S S1 A?", done("A", n=4), "A>X>B>F . got=5"),
    )
    case(
        "out of a called process",
        "boundary of a call, data",
        (
            *S_E,
            call("P1", "Q", "{n: k}"),
            at("P1", "B", definition, ld=TAKES),
            end("F"),
            chain("S", "P1", "E"),
            chain("B", "F"),
        ),
        play("S S1 A?", done("A"), "A>X>B>F . got=9 n=null"),
        called={"Q": thrown},
        facts={"k": 8},
    )
    case(
        "out of one instance of a multi-instance, with its item",
        "boundary of a multi-instance, data",
        (
            *(*S_E, sub("P1", *thrown, inside=many("items", "n")), at("P1", "B", definition, ld=TAKES), end("F")),
            *(chain("S", "P1", "E"), chain("B", "F")),
        ),
        play("S S1 S1 A? A?", done("A"), "A>X>B>F . got=11"),
        facts={"items": [10, 10]},
    )
    case(
        "what it carries is written where it is caught",
        "start of an event sub-process, data",
        (
            *S_E,
            sub(
                "P1",
                *thrown,
                event_sub("H", starts("T", definition, ld=TAKES), user("V"), end("F"), chain("T", "V", "F")),
            ),
            chain("S", "P1", "E"),
        ),
        play("S S1 A?", done("A", n=4), "A>X>T V? V:got=5", done("V"), "V>F>E . got=5"),
    )
about("error event", "10.4.2, 10.5.6")
case(
    "an open task that fails tells why",
    "boundary of a task, data",
    (*S_E, user("A"), at("A", "B", error("LOST"), ld=TAKES), end("F"), chain("S", "A", "E"), chain("B", "F")),
    play("S A?", fails("A", "LOST", n=3), "B>F . got=3"),
)
case(
    "a service that fails tells why",
    "boundary of a service task, data",
    (
        *(*S_E, tag("serviceTask", ext('<ld:action name="notify"/>'), id="A")),
        *(at("A", "B", error("LOST"), ld=TAKES), end("F"), chain("S", "A", "E"), chain("B", "F")),
    ),
    play("S A!", acted_wrong("A", "LOST", n=3), "B>F . got=3"),
)
about("message event", "8.4.2, 13.3.3")
case(
    "the key is that of the item in each instance",
    "correlation in a multi-instance",
    (
        *S_E,
        sub(
            "P1",
            *(start("S1"), catch("M", message("word"), ld=told(key="one")), end("E1"), chain("S1", "M", "E1")),
            inside=many("items", "one"),
        ),
        chain("S", "P1", "E"),
    ),
    play("S S1 S1 M~ M~", hear("word", "b"), "M>E1 M~", hear("word", "a"), "M>E1>E ."),
    facts={"items": ["a", "b"]},
)
