"""Ways that are seldom drawn: retries, ways back out of a boundary, repeated names in different scopes, deep nesting, moments."""

from __future__ import annotations

from tests.bpmn.conformance.case import ONLY_PROCESS, Theme, begin, broadcast, done, fails, fire, hear, play
from tests.bpmn.conformance.figures import (
    at,
    call,
    catch,
    chain,
    compensation,
    end,
    ends,
    error,
    event_sub,
    exclusive,
    flow,
    link,
    many,
    message,
    parallel,
    rounds,
    signal,
    start,
    starts,
    sub,
    tag,
    task,
    throw,
    timer,
    undo,
    user,
)

THEME = Theme("winding ways")
about, case = THEME.about, THEME.case
S_E = (start(), end())

about("boundary event", "13.3.2, 13.5.3")
case(
    "it may lead back to its own activity: that begins anew, with a new timer",
    "a way back to the activity",
    (*S_E, exclusive("M"), user("A"), at("A", "T", timer("PT1H")), chain("S", "M", "A", "E"), chain("T", "M")),
    play("S>M A? T@PT1H", fire("T"), "T>M A? T@PT1H", fire("T"), "T>M A? T@PT1H", done("A"), "A>E ."),
)
case(
    "not interrupting, it may lead to another instance of the activity",
    "a way back to the activity",
    (
        *S_E,
        exclusive("M"),
        user("A"),
        at("A", "T", message("word"), stops=False),
        chain("S", "M", "A", "E"),
        chain("T", "M"),
    ),
    play("S>M A? T~", hear("word"), "T>M A? A? T~ T~", done("A"), "A>E A? T~", done("A"), "A>E ."),
)
case(
    "a failed sub-process may be tried again",
    "a way back to the activity",
    (
        *(
            *S_E,
            exclusive("M"),
            at("P1", "B", error("LOST")),
            user("Mend"),
            chain("S", "M", "P1", "E"),
            chain("B", "Mend", "M"),
        ),
        sub("P1", start("S1"), user("A"), end("E1"), chain("S1", "A", "E1")),
    ),
    play("S>M>S1 A?", fails("A", "LOST"), "B Mend?", done("Mend"), "Mend>M>S1 A?", done("A"), "A>E1>E ."),
)
about("activity", "8.4.13, 13.3.2")
for name, host in (
    ("sub-process", sub("A", start("S1"), user("B"), end("E1"), chain("S1", "B", "E1"), default="A-C")),
    (
        "multi-instance",
        sub("A", start("S1"), user("B"), end("E1"), chain("S1", "B", "E1"), inside=many(times="1"), default="A-C"),
    ),
    (
        "looped sub-process",
        sub("A", start("S1"), user("B"), end("E1"), chain("S1", "B", "E1"), inside=rounds("1 = 2"), default="A-C"),
    ),
):
    case(
        f"conditions are asked once the {name} is done",
        f"conditional flows out of a {name}",
        (
            *S_E,
            end("F"),
            host,
            task("C"),
            task("D"),
            chain("S", "A", "C", "E"),
            flow("A", "D", "n > 1"),
            chain("D", "F"),
        ),
        play("S>S1 B?", done("B", n=2), "B>E1>D>F ."),
        play("S>S1 B?", done("B", n=1), "B>E1>C>E ."),
    )
about("link event", "10.5.5")
SCOPED = (
    start("S1"),
    throw("L1", link("on")),
    catch("K1", link("on")),
    user("A"),
    end("E1"),
    chain("S1", "L1"),
    chain("K1", "A", "E1"),
)
case(
    "a link is of its own scope, whatever names there are elsewhere",
    "the same name in two scopes",
    (*S_E, throw("L", link("on")), catch("K", link("on")), sub("P1", *SCOPED), chain("S", "L"), chain("K", "P1", "E")),
    play("S>L>K>S1>L1>K1 A?", done("A"), "A>E1>E ."),
)
about("implicit start", "10.5.2, 13.2")
case(
    "what undoes, what is caught at a border or handles an event does not begin by itself",
    "no start event, beside handlers",
    (
        *(
            user("A"),
            *undo("A", "UA"),
            at("A", "T", timer()),
            user("B"),
            throw("X", compensation("A")),
            chain("A", "X"),
        ),
        *(chain("T", "B"), event_sub("H", starts("M", message("word")), user("V"), chain("M", "V"))),
    ),
    play("A? T@ M~", done("A"), "A UA? M~", done("UA"), "UA>X ."),
    play("A? T@ M~", fire("T"), "T B? M~", hear("word"), "M V?", done("V"), "V ."),
)
about("sub-process", "10.5.6, 13.3.4")
DEEP = (start("S9"), user("A"), ends("X", error("LOST")), chain("S9", "A", "X"))
for level in range(8, 0, -1):
    DEEP = (start(f"S{level}"), sub(f"P{level}", *DEEP), end(f"E{level}"), chain(f"S{level}", f"P{level}", f"E{level}"))
case(
    "an error from eight levels down",
    "deeply nested",
    (*S_E, sub("P0", *DEEP), at("P0", "B", error()), end("F"), chain("S", "P0", "E"), chain("B", "F")),
    play("S>S1>S2>S3>S4>S5>S6>S7>S8>S9 A?", done("A"), "A>X>B>F ."),
)
case(
    "a timer at the top takes everything below away: calls, instances, loops, events",
    "deeply nested",
    (
        *(*S_E, end("F"), chain("S", "P0", "E"), at("P0", "B", timer("PT9H")), chain("B", "F")),
        sub(
            "P0",
            *(
                start("S0"),
                parallel("G"),
                call("P1", "Q"),
                user("A", many(times="2")),
                catch("M", message("word")),
                user("C", rounds("1 = 2")),
            ),
            *(
                end("E0"),
                chain("S0", "G", "P1", "E0"),
                chain("G", "A", "E0"),
                chain("G", "M", "E0"),
                chain("G", "C", "E0"),
            ),
            event_sub(
                "H", starts("T", signal("stop"), isInterrupting="false"), user("V"), end("Y"), chain("T", "V", "Y")
            ),
        ),
    ),
    play("S S0 G S1 D? K@ A? A? C? M~ T~ B@", broadcast("stop"), "T D? K@ A? A? C? V? M~ T~ B@", fire("B"), "B>F ."),
    called={
        "Q": (
            start("S1"),
            user("D"),
            at("D", "K", timer("PT1H")),
            end("E1"),
            end("L"),
            chain("S1", "D", "E1"),
            chain("K", "L"),
        )
    },
)

# ---------------------------------------------------------------- at the edges of scopes

about("sub-process", "13.3.4, 13.5.4")
case(
    "one through which a token runs without resting leaves nothing behind",
    "passed at once, with handlers",
    (
        *(*S_E, at("P1", "K", timer()), end("L"), chain("S", "P1", "E"), chain("K", "L")),
        sub(
            "P1",
            start("S1"),
            end("E1"),
            chain("S1", "E1"),
            event_sub(
                "H", starts("T", timer("PT1H"), isInterrupting="false"), user("V"), end("F"), chain("T", "V", "F")
            ),
        ),
    ),
    play("S>S1>E1>E ."),
)
about("event-based gateway", "10.6.6, 13.4.4")
case(
    "all events that begin the process meet in a join",
    "beginning the process, parallel, joined",
    (
        *(
            tag("eventBasedGateway", id="G", instantiate="true", eventGatewayType="Parallel"),
            catch("M", message("one")),
            catch("N", message("two")),
        ),
        *(parallel("J"), user("A"), end(), chain("G", "M", "J", "A", "E"), chain("G", "N", "J")),
    ),
    play(begin("M"), "G>M N~", hear("two"), "N>J A?", done("A"), "A>E ."),
    but=ONLY_PROCESS,
)
about("inclusive gateway", "10.6.3, 13.4.3 table 13.3")
case(
    "a start event that was not triggered sends nothing to wait for",
    "join of several start events",
    (
        *(start(), starts("M", message("word")), user("A"), user("B"), tag("inclusiveGateway", id="J"), end()),
        *(chain("S", "A", "J", "E"), chain("M", "B"), flow("B", "J")),
    ),
    play("S A?", done("A"), "A>J>E ."),
    play(begin("M"), "M B?", done("B"), "B>J>E ."),
    but=ONLY_PROCESS,
)
