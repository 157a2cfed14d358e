"""Event-based gateways (10.6.6, 13.4.4)."""

from __future__ import annotations

from tests.bpmn.conformance.case import ONLY_PROCESS, Theme, begin, broadcast, done, fire, hear, play
from tests.bpmn.conformance.figures import (
    catch,
    chain,
    condition,
    end,
    event_based,
    flow,
    message,
    parallel,
    signal,
    start,
    tag,
    timer,
    user,
)

THEME = Theme("event-based gateways")
about, case = THEME.about, THEME.case
S_E = (start(), end())

# ---------------------------------------------------------------- event-based

about("event-based gateway", "10.6.6, 13.4.4 table 13.4")
RACE = (
    *S_E,
    event_based("G"),
    catch("M", message("order")),
    catch("T", timer("PT2H")),
    catch("N", signal("stop")),
    *(user(name) for name in "ABC"),
    *(chain("S", "G", "M", "A", "E"), chain("G", "T", "B", "E"), chain("G", "N", "C", "E")),
)
case(
    "the first event to come decides",
    "exclusive",
    RACE,
    play("S M~ T@PT2H N~", hear("order"), "G>M A?", done("A"), "A>E ."),
    play("S M~ T@ N~", fire("T"), "G>T B?", done("B"), "B>E ."),
    play("S M~ T@ N~", broadcast("stop"), "G>N C?", done("C"), "C>E ."),
)
case(
    "a receive task may stand for a message",
    "exclusive",
    (
        *S_E,
        event_based("G"),
        tag("receiveTask", id="R", messageRef="message_order"),
        catch("T", timer()),
        *(chain("S", "G", "R", "E"), chain("G", "T", "E")),
    ),
    play("S R~ T@", hear("order"), "G>R>E ."),
    play("S R~ T@", fire("T"), "G>T>E ."),
)
case(
    "a condition may decide",
    "exclusive",
    (
        *S_E,
        parallel("P1"),
        user("A"),
        end("F"),
        event_based("G"),
        catch("K", condition("n > 1")),
        catch("T", timer()),
        *(chain("S", "P1", "A", "F"), chain("P1", "G", "K", "E"), chain("G", "T", "E")),
    ),
    play("S P1 A? T@", done("A", n=2), "A>F G>K>E ."),
    play("S P1 A? T@", fire("T"), "G>T>E A?", done("A", n=2), "A>F ."),
    facts={"n": 0},
)
case(
    "a condition that holds already decides at once",
    "exclusive",
    (
        *S_E,
        event_based("G"),
        catch("K", condition("n > 1")),
        catch("T", timer()),
        *(chain("S", "G", "K", "E"), chain("G", "T", "E")),
    ),
    play("S>G>K>E ."),
    facts={"n": 2},
)
case(
    "each token waits for an event of its own",
    "reached by several tokens",
    (
        *S_E,
        parallel("P1"),
        event_based("G"),
        catch("M", message("order")),
        catch("T", timer()),
        *(chain("S", "P1", "G", "M", "E"), chain("G", "T", "E"), flow("P1", "G", id_="second")),
    ),
    play("S P1 M~ M~ T@ T@", hear("order"), "G>M>E M~ T@", fire("T"), "G>T>E ."),
)
STARTING = (
    catch("M", message("order")),
    catch("N", message("note")),
    *(user(name) for name in "AB"),
    end(),
    *(chain("G", "M", "A", "E"), chain("G", "N", "B", "E")),
)
case(
    "the first event begins the process, the others are not waited for",
    "beginning the process, exclusive",
    (event_based("G", instantiate="true"), *STARTING),
    play(begin("M"), "G>M A?", done("A"), "A>E ."),
    play(begin("N"), "G>N B?", done("B"), "B>E ."),
    but=ONLY_PROCESS,
)
case(
    "the first event begins the process, all others are still waited for",
    "beginning the process, parallel",
    (event_based("G", instantiate="true", eventGatewayType="Parallel"), *STARTING),
    play(begin("M"), "G>M A? N~", done("A"), "A>E N~", hear("note"), "N B?", done("B"), "B>E ."),
    play(begin("N"), "G>N B? M~", hear("order"), "M A? B?", done("B"), "B>E A?", done("A"), "A>E ."),
    but=ONLY_PROCESS,
)
