"""Conditional, link, terminate, multiple and none events (10.5.5, 13.5)."""

from __future__ import annotations

from tests.bpmn.conformance.case import ONLY_PROCESS, Theme, begin, broadcast, done, fire, hear, play
from tests.bpmn.conformance.figures import (
    at,
    catch,
    chain,
    condition,
    end,
    ends,
    event_sub,
    exclusive,
    flow,
    link,
    many,
    message,
    parallel,
    signal,
    start,
    starts,
    sub,
    terminate,
    throw,
    timer,
    user,
)

THEME = Theme("other events")
about, case = THEME.about, THEME.case
S_E = (start(), end())

# ---------------------------------------------------------------- none

about("none event", "10.5.4 table 10.89, 13.5.2")
case("it is passed", "throw, in the flow", (*S_E, throw("T"), chain("S", "T", "E")), play("S>T>E ."))

# ---------------------------------------------------------------- conditional

about("conditional event", "10.5.2 table 10.84, 13.5.1")
THEME.refuse(
    "the process begins by a condition",
    "start of the process",
    (starts("K", condition("n > 1")), user("A"), end(), chain("K", "A", "E")),
    "before a process starts there are no data to judge",
)
BESIDE = (*S_E, end("F"), parallel("G"), user("U"), user("V"), chain("S", "G"), chain("G", "U", "V", "F"))
about("conditional event", "10.5.4 table 10.89, 13.5.2")
case(
    "it waits until the condition holds",
    "catch, in the flow",
    (*BESIDE, catch("K", condition("n > 1")), user("A"), chain("G", "K", "A", "E")),
    play("S G U?", done("U", n=1), "U V?", done("V", n=2), "V>F K A?", done("A"), "A>E ."),
    facts={"n": 0},
)
case(
    "it does not wait when the condition holds already",
    "catch, in the flow",
    (*S_E, catch("K", condition("n > 1")), chain("S", "K", "E")),
    play("S>K>E ."),
    facts={"n": 2},
)
BORDER = (*BESIDE, user("A"), user("B"), end("D"), chain("G", "A", "E"), chain("K", "B", "D"))
about("conditional event", "10.5.4 table 10.90, 13.5.3")
case(
    "it takes the activity away when the condition begins to hold",
    "boundary, interrupting",
    (*BORDER, at("A", "K", condition("n > 1"))),
    play("S G U? A?", done("U", n=2), "U V? K B?", done("B"), "B>D V?", done("V"), "V>F ."),
    play("S G U? A?", done("A"), "A>E U?", done("U", n=2), "U V?", done("V"), "V>F ."),
    facts={"n": 0},
)
case(
    "each time the condition begins to hold",
    "boundary, not interrupting",
    (
        *S_E,
        *(parallel("G"), user("U"), exclusive("M"), exclusive("X", default="X-F"), end("F")),
        *(chain("S", "G", "M", "U", "X", "F"), flow("X", "M", "more = true")),
        *(
            user("A"),
            at("A", "K", condition("n > 1"), stops=False),
            user("B"),
            end("D"),
            chain("G", "A", "E"),
            chain("K", "B", "D"),
        ),
    ),
    play(
        "S G M U? A?",
        *(done("U", n=2, more=True), "U X M U? K B? A?"),
        *(done("U", n=3, more=True), "U X M U? B? A?"),  # it holds already: no new occurrence
        *(done("U", n=0, more=True), "U X M U? B? A?"),
        *(done("U", n=5, more=False), "U X F K B? B? A?"),
        *(done("A"), "A>E B? B?", done("B"), "B>D B?", done("B"), "B>D ."),
    ),
    facts={"n": 0},
)
HANDLER = (user("B"), end("D"), chain("K", "B", "D"))
about("conditional event", "10.5.2 table 10.86, 13.5.4")
case(
    "it interrupts the scope; when it is done, the scope is",
    "start of an event sub-process, interrupting",
    (*BESIDE, user("A"), chain("G", "A", "E"), event_sub("H", starts("K", condition("n > 1")), *HANDLER)),
    play("S G U? A?", done("U", n=2), "U K B?", done("B"), "B>D ."),
    play("S G U? A?", done("U", n=1), "U V? A?", done("V"), "V>F A?", done("A"), "A>E ."),
    facts={"n": 0},
)
case(
    "it runs beside the scope",
    "start of an event sub-process, not interrupting",
    (
        *BESIDE,
        *(user("A"), chain("G", "A", "E")),
        event_sub("H", starts("K", condition("n > 1"), isInterrupting="false"), *HANDLER),
    ),
    play("S G U? A?", done("U", n=2), "U K V? A? B?", done("V"), "V>F A? B?", done("B"), "B>D A?", done("A"), "A>E ."),
    facts={"n": 0},
)

# ---------------------------------------------------------------- link

about("link event", "10.5.5")
case(
    "where it is caught, the flow goes on",
    "throw and catch",
    (*S_E, throw("L", link("on")), catch("K", link("on")), user("A"), chain("S", "L"), chain("K", "A", "E")),
    play("S>L>K A?", done("A"), "A>E ."),
)
case(
    "several throw, one catches: each goes through",
    "several throws",
    (
        *S_E,
        parallel("G"),
        *(user("A"), user("B"), throw("L", link("on")), throw("N", link("on")), catch("K", link("on"))),
        *(chain("S", "G", "A", "L"), chain("G", "B", "N"), chain("K", "E")),
    ),
    play("S G A? B?", done("B"), "B>N>K>E A?", done("A"), "A>L>K>E ."),
)
case(
    "two pairs do not mix",
    "several names",
    (
        *(start(), end(), end("F"), exclusive("X", default="X-L")),
        *(throw("L", link("left")), throw("N", link("right")), catch("K", link("left")), catch("R", link("right"))),
        *(chain("S", "X", "L"), flow("X", "N", "n = 1"), chain("K", "E"), chain("R", "F")),
    ),
    play("S>X>N>R>F ."),
    facts={"n": 1},
)
case(
    "it may lead back: a loop",
    "a way back",
    (
        *S_E,
        *(
            catch("K", link("again")),
            exclusive("M"),
            user("A"),
            exclusive("X", default="X-E"),
            throw("L", link("again")),
        ),
        *(chain("S", "M", "A", "X", "E"), flow("X", "L", "more = true"), chain("K", "M")),
    ),
    play("S M A?", done("A", more=True), "A>X>L>K>M A?", done("A", more=False), "A>X>E ."),
)

# ---------------------------------------------------------------- terminate

about("terminate event", "10.5.3 table 10.88, 13.5.6")
ENDING = (
    *(parallel("G"), user("A"), user("B"), ends("X", terminate()), end("F")),
    chain("G", "A", "X"),
    chain("G", "B", "F"),
)
case(
    "it ends everything at once",
    "end of the process",
    (start(), *ENDING, chain("S", "G")),
    play("S G A? B?", done("A"), "A>X ."),
    play("S G A? B?", done("B"), "B>F A?", done("A"), "A>X ."),
    # wrapped, it ends the sub-process around it, and what follows is no part of the trace
)
case(
    "it ends the sub-process, which goes on",
    "end of a sub-process",
    (*S_E, sub("P1", start("S1"), *ENDING, chain("S1", "G")), user("C"), chain("S", "P1", "C", "E")),
    play("S S1 G A? B?", done("A"), "A>X C?", done("C"), "C>E ."),
)
case(
    "what runs beside the sub-process is not touched",
    "end of a sub-process",
    (
        *(*S_E, end("D"), parallel("K"), user("C")),
        *(sub("P1", start("S1"), *ENDING, chain("S1", "G")), chain("S", "K", "P1", "E"), chain("K", "C", "D")),
    ),
    play("S K S1 G A? B? C?", done("A"), "A>X>E C?", done("C"), "C>D ."),
)
case(
    "of a multi-instance, only the instance it lies in",
    "end of one part of a multi-instance",
    (*S_E, sub("P1", start("S1"), *ENDING, chain("S1", "G"), inside=many(times="2")), chain("S", "P1", "E")),
    play("S S1 S1 G G A? A? B? B?", done("A"), "A>X A? B?", done("A"), "A>X>E ."),
)

# ---------------------------------------------------------------- multiple

about("multiple event", "10.5.5, 13.5.2")
EITHER = (message("word"), signal("stop"), timer("PT2H"))
case(
    "the first of them is enough",
    "catch, in the flow",
    (*S_E, catch("M", *EITHER), chain("S", "M", "E")),
    play("S M~ M~ M@", hear("word"), "M>E ."),
    play("S M~ M~ M@", broadcast("stop"), "M>E ."),
    play("S M~ M~ M@", fire("M"), "M>E ."),
)
about("parallel multiple event", "10.5.5, 13.5.2")
case(
    "all of them must come",
    "catch, in the flow",
    (*S_E, catch("M", *EITHER, parallelMultiple="true"), chain("S", "M", "E")),
    play("S M~ M~ M@", hear("word"), "M~ M@", fire("M"), "M~", broadcast("stop"), "M>E ."),
    play("S M~ M~ M@", broadcast("stop"), "M~ M@", hear("word"), "M@", fire("M"), "M>E ."),
)
about("multiple event", "10.5.5, 13.5.3")
AROUND = (*S_E, user("A"), user("B"), end("F"), chain("S", "A", "E"), chain("M", "B", "F"))
case(
    "the first of them takes the activity away",
    "boundary, interrupting",
    (*AROUND, at("A", "M", *EITHER)),
    play("S A? M~ M~ M@", broadcast("stop"), "M B?", done("B"), "B>F ."),
    play("S A? M~ M~ M@", done("A"), "A>E ."),
)
case(
    "each of them begins the handling once more",
    "boundary, not interrupting",
    (*AROUND, at("A", "M", message("word"), signal("stop"), stops=False)),
    play("S A? M~ M~", hear("word"), "M A? B? M~ M~", broadcast("stop"), "M A? B? B? M~ M~", done("A"), "A>E B? B?"),
)
about("parallel multiple event", "10.5.5, 13.5.3")
case(
    "all of them together take the activity away",
    "boundary, interrupting",
    (*AROUND, at("A", "M", message("word"), signal("stop"), parallelMultiple="true")),
    play("S A? M~ M~", hear("word"), "A? M~", broadcast("stop"), "M B?", done("B"), "B>F ."),
    play("S A? M~ M~", hear("word"), "A? M~", done("A"), "A>E ."),
)
about("multiple event", "10.5.5, 13.5.4")
case(
    "any of them begins the event sub-process",
    "start of an event sub-process, interrupting",
    (
        *(*S_E, user("A"), chain("S", "A", "E")),
        event_sub("H", starts("M", message("word"), signal("stop")), user("B"), end("F"), chain("M", "B", "F")),
    ),
    play("S A? M~ M~", broadcast("stop"), "M B?", done("B"), "B>F ."),
    play("S A? M~ M~", hear("word"), "M B?", done("B"), "B>F ."),
)
about("multiple event", "10.5.3 table 10.88, 13.5.6")
case(
    "all of them are thrown",
    "throw, in the flow",
    (*S_E, throw("M", message("word"), signal("stop")), chain("S", "M", "E")),
    play("S>M>E M^word M^stop ."),
)
case(
    "all of them are thrown at the end",
    "end",
    (start(), ends("M", message("word"), signal("stop")), chain("S", "M")),
    play("S>M M^word M^stop ."),
)
about("multiple event", "10.5.2 table 10.84, 13.5.1")
case(
    "any of them begins the process",
    "start of the process",
    (starts("M", message("word"), signal("stop")), user("A"), end(), chain("M", "A", "E")),
    play(begin("M"), "M A?", done("A"), "A>E ."),
    but=ONLY_PROCESS,
)
