"""Event sub-processes of every trigger in every sort of scope (10.5.2 table 10.86, 13.5.4)."""

from __future__ import annotations

from collections.abc import Mapping

from tests.bpmn.conformance.case import Act, Theme, broadcast, done, fails, fire, hear, play
from tests.bpmn.conformance.figures import (
    at,
    call,
    chain,
    compensation,
    condition,
    end,
    ends,
    error,
    escalation,
    event_sub,
    many,
    message,
    parallel,
    rounds,
    signal,
    start,
    starts,
    sub,
    throw,
    timer,
    transaction,
    undo,
    user,
)

THEME = Theme("event sub-processes")
about, case = THEME.about, THEME.case
S_E = (start(), end())

SCOPES = (
    "process",
    "sub-process",
    "transaction",
    "called process",
    "part of a multi-instance",
    "looped sub-process",
    "event sub-process",
)


def placed(scope: str, inside: tuple[str, ...]) -> tuple[tuple[str, ...], Mapping[str, tuple[str, ...]], str, str]:
    """A diagram whose scope of this sort holds `inside`; the processes it calls; what is passed before S1 and after the scope is done."""
    loop = {"part of a multi-instance": many(times="1"), "looped sub-process": rounds("1 = 2")}.get(scope, "")
    if scope == "process":
        return inside, {}, "", ""
    if scope == "called process":
        return (*S_E, call("P1", "Q"), chain("S", "P1", "E")), {"Q": inside}, "S", "E"
    if scope == "transaction":
        return (*S_E, transaction("P1", *inside), chain("S", "P1", "E")), {}, "S", "E"
    if scope == "event sub-process":
        body = tuple(part for part in inside if part != start("S1"))
        outer = event_sub("P1", starts("S1", escalation("GO"), isInterrupting="false"), *body)
        return (*S_E, throw("P0", escalation("GO")), chain("S", "P0", "E"), outer), {}, "S P0 E", ""
    return (*S_E, sub("P1", *inside, inside=loop), chain("S", "P1", "E")), {}, "S", "E"


TRIGGERS: tuple[tuple[str, tuple[str, ...], Act, str], ...] = (
    ("timer", (timer("PT2H"),), fire("T"), "T@"),
    ("message", (message("word"),), hear("word"), "T~"),
    ("signal", (signal("word"),), broadcast("word"), "T~"),
    ("multiple", (signal("word"), message("other")), broadcast("word"), "T~ T~"),
)
NORMAL = (start("S1"), user("A"), end("E1"), chain("S1", "A", "E1"))
HANDLER = (user("B"), end("F"), chain("T", "B", "F"))

for scope in SCOPES:
    for name, definitions, comes, wait in TRIGGERS:
        about(f"{name} event", "10.5.2 table 10.86, 13.5.4")
        parts, called, before, after = placed(scope, (*NORMAL, event_sub("H", starts("T", *definitions), *HANDLER)))
        begins = f"{before} S1 A? {wait}"
        case(
            f"it interrupts the {scope}",
            f"start of an event sub-process of a {scope}, interrupting",
            parts,
            play(begins, comes, "T B?", done("B"), f"B>F {after} ."),
            play(begins, done("A"), f"A>E1 {after} ."),
            called=called,
        )
        beside = event_sub("H", starts("T", *definitions, isInterrupting="false"), *HANDLER)
        parts, called, before, after = placed(scope, (*NORMAL, beside))
        again = "" if name == "timer" else wait
        case(
            f"it runs beside the {scope}",
            f"start of an event sub-process of a {scope}, not interrupting",
            parts,
            play(begins, comes, f"T A? B? {again}", done("A"), "A>E1 B?", done("B"), f"B>F {after} ."),
            play(begins, comes, f"T A? B? {again}", done("B"), f"B>F A? {again}", done("A"), f"A>E1 {after} ."),
            play(begins, done("A"), f"A>E1 {after} ."),
            called=called,
        )
    about("error event", "10.5.2 table 10.86, 13.5.4")
    parts, called, before, after = placed(
        scope,
        (
            *(start("S1"), parallel("G"), user("A"), user("C"), ends("X", error("LOST")), end("E1")),
            *(chain("S1", "G", "A", "X"), chain("G", "C", "E1")),
            event_sub("H", starts("T", error("LOST")), *HANDLER),
        ),
    )
    case(
        f"it is handled in the {scope}",
        f"start of an event sub-process of a {scope}",
        parts,
        play(f"{before} S1 G A? C?", done("A"), "A>X>T B?", done("B"), f"B>F {after} ."),
        play(f"{before} S1 G A? C?", fails("C", "LOST"), "T B?", done("B"), f"B>F {after} ."),
        called=called,
    )
    about("escalation event", "10.5.2 table 10.86, 13.5.4")
    for stops in (True, False):
        more = {} if stops else {"isInterrupting": "false"}
        parts, called, before, after = placed(
            scope,
            (
                *(
                    start("S1"),
                    user("A"),
                    throw("X", escalation("HELP")),
                    user("C"),
                    end("E1"),
                    chain("S1", "A", "X", "C", "E1"),
                ),
                event_sub("H", starts("T", escalation("HELP"), **more), *HANDLER),
            ),
        )
        case(
            f"it {'interrupts' if stops else 'runs beside'} the {scope}",
            f"start of an event sub-process of a {scope}, {'' if stops else 'not '}interrupting",
            parts,
            play(f"{before} S1 A?", done("A"), "A>X>T B?", done("B"), f"B>F {after} .")
            if stops
            else play(f"{before} S1 A?", done("A"), "A X T B? C?", done("C"), "C>E1 B?", done("B"), f"B>F {after} ."),
            called=called,
        )
    about("conditional event", "10.5.2 table 10.86, 13.5.4")
    for stops in (True, False):
        more = {} if stops else {"isInterrupting": "false"}
        parts, called, before, after = placed(
            scope,
            (
                *(start("S1"), user("A"), user("C"), end("E1"), chain("S1", "A", "C", "E1")),
                event_sub("H", starts("T", condition("n > 1"), **more), *HANDLER),
            ),
        )
        case(
            f"it {'interrupts' if stops else 'runs beside'} the {scope}",
            f"start of an event sub-process of a {scope}, {'' if stops else 'not '}interrupting",
            parts,
            play(f"{before} S1 A?", done("A", n=2), "A T B?", done("B"), f"B>F {after} .")
            if stops
            else play(
                f"{before} S1 A?", done("A", n=2), "A T B? C?", done("C"), "C>E1 B?", done("B"), f"B>F {after} ."
            ),
            play(f"{before} S1 A?", done("A", n=1), "A C?", done("C"), f"C>E1 {after} ."),
            called=called,
            facts={"n": 0},
        )

about("parallel multiple event", "10.5.2 table 10.86, 13.5.4")
for stops in (True, False):
    more = {} if stops else {"isInterrupting": "false"}
    both = starts("T", message("word"), signal("stop"), parallelMultiple="true", **more)
    case(
        "all of them must come",
        f"start of an event sub-process, {'' if stops else 'not '}interrupting",
        (*S_E, user("A"), chain("S", "A", "E"), event_sub("H", both, *HANDLER)),
        play(
            "S A? T~ T~",
            hear("word"),
            "A? T~",
            broadcast("stop"),
            "T B?" if stops else "T A? B? T~ T~",
            done("B"),
            "B>F ." if stops else "B>F A? T~ T~",
        ),
        play("S A? T~ T~", hear("word"), "A? T~", done("A"), "A>E ."),
    )
about("compensation event", "10.5.2 table 10.86, 13.5.5")
case(
    "each instance of a multi-instance undoes what it did",
    "start of an event sub-process of a multi-instance",
    (
        *S_E,
        sub(
            "P1",
            *NORMAL,
            event_sub("H", starts("T", compensation()), *HANDLER),
            inside=many(times="2", isSequential="true"),
        ),
        *(throw("X", compensation()), chain("S", "P1", "X", "E")),
    ),
    play("S S1 A?", done("A"), "A>E1>S1 A?", done("A"), "A>E1>T B?", done("B"), "B>F>T B?", done("B"), "B>F>X>E ."),
)
case(
    "what its event sub-process completed is undone with it",
    "sub-process that handled an event",
    (
        *S_E,
        sub(
            "P1",
            *(start("S1"), user("A"), end("E1"), chain("S1", "A", "E1")),
            event_sub(
                "H",
                starts("T", signal("word"), isInterrupting="false"),
                user("B"),
                *undo("B", "UB"),
                end("F"),
                chain("T", "B", "F"),
            ),
        ),
        *(
            throw("X", compensation()),
            chain("S", "P1", "X", "E"),
            at("P1", "K", timer(), stops=False),
            end("L"),
            chain("K", "L"),
        ),
    ),
    play(
        "S S1 A? T~ K@",
        broadcast("word"),
        "T A? B? T~ K@",
        done("B"),
        "B>F A? T~ K@",
        done("A"),
        "A>E1 UB?",
        done("UB"),
        "UB>X>E .",
    ),
)
about("timer event", "10.5.5, 13.5.4")
case(
    "a cycle that its expression no longer gives is no end of it, but a failure",
    "start of an event sub-process, cycle by an expression",
    (
        *(start(), end(), user("A"), chain("S", "A", "E")),
        event_sub(
            "H",
            *(starts("HS", timer("=beat", "timeCycle"), isInterrupting="false"), user("B"), end("HE")),
            chain("HS", "B", "HE"),
        ),
    ),
    play("S A? HS@PT1H", fire("HS"), "HS A? B? HS@PT1H", done("B", beat=None), "B>HE A? HS@", fire("HS"), "#HS"),
    facts={"beat": "R/PT1H"},
)
