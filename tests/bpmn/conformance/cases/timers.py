"""Timers: start, catch, boundary, event sub-process (10.5.5, 13.5)."""

from __future__ import annotations

from tests.bpmn.conformance.case import ONLY_PROCESS, Theme, begin, done, fire, play
from tests.bpmn.conformance.figures import (
    at,
    catch,
    chain,
    end,
    event_based,
    event_sub,
    exclusive,
    flow,
    parallel,
    start,
    starts,
    sub,
    timer,
    user,
    worktime,
)

THEME = Theme("timers")
about, case = THEME.about, THEME.case
S_E = (start(), end())

about("timer event", "10.5.2 table 10.84, 13.5.1")
for kind, text in (("timeDate", "2026-07-01T00:00:00Z"), ("timeCycle", "R3/PT1H")):
    case(
        f"the process begins by {kind}",
        "start of the process",
        (starts("T", timer(text, kind)), user("A"), end(), chain("T", "A", "E")),
        play(begin("T"), "T A?", done("A"), "A>E ."),
        but=ONLY_PROCESS,
    )

THEME.refuse(
    "a duration begins nowhere (the table names a date and a cycle only)",
    "start of the process",
    (starts("T", timer("PT1H")), user("A"), end(), chain("T", "A", "E")),
    "a duration would begin nowhere",
)

about("timer event", "10.5.4 table 10.89, 13.5.2")
for kind, text, after in (
    ("timeDate", "2026-06-10T05:00:00Z", "PT4H"),
    ("timeDuration", "PT3H", "PT3H"),
    ("timeDuration", "=time_limit", "PT2H"),
    ("timeDuration", "P1DT2H", "P1DT2H"),
    ("timeCycle", "R3/PT1H", "PT1H"),
):
    case(
        f"it waits for its {kind} {text}",
        "catch, in the flow",
        (*S_E, catch("T", timer(text, kind)), user("A"), chain("S", "T", "A", "E")),
        play(f"S T@{after}", fire("T"), "T A?", done("A"), "A>E ."),
        facts={"time_limit": "PT2H"},
        but={"in loop": "a date comes once"} if kind == "timeDate" else {},
    )
case(
    "a date that has passed is due at once",
    "catch, in the flow",
    (*S_E, catch("T", timer("2026-06-10T00:00:00Z", "timeDate")), chain("S", "T", "E")),
    play("S T@-PT1H", fire("T"), "T>E ."),
)

about("timer event", "10.5.4 table 10.90, 13.5.3")
BORDER = (*S_E, user("A"), user("B"), end("F"), chain("S", "A", "E"), chain("T", "B", "F"))
case(
    "it takes the activity away",
    "boundary, interrupting",
    (*BORDER, at("A", "T", timer("PT2H"))),
    play("S A? T@PT2H", fire("T"), "T B?", done("B"), "B>F ."),
    play("S A? T@", done("A"), "A>E ."),
)
case(
    "it leaves the activity as it is",
    "boundary, not interrupting",
    (*BORDER, at("A", "T", timer("PT2H"), stops=False)),
    play("S A? T@PT2H", fire("T"), "T A? B?", done("A"), "A>E B?", done("B"), "B>F ."),
    play("S A? T@", fire("T"), "T A? B?", done("B"), "B>F A?", done("A"), "A>E ."),
    play("S A? T@", done("A"), "A>E ."),
)
case(
    "a cycle comes as often as it says",
    "boundary, not interrupting",
    (*BORDER, at("A", "T", timer("R2/PT1H", "timeCycle"), stops=False)),
    play("S A? T@PT1H", fire("T"), "T A? B? T@PT1H", fire("T"), "T A? B? B?", done("A"), "A>E B? B?"),
    play("S A? T@", fire("T"), "T A? B? T@", done("A"), "A>E B?", done("B"), "B>F ."),
)
case(
    "a cycle without an end goes on while the activity does",
    "boundary, not interrupting",
    (*BORDER, at("A", "T", timer("R/PT1H", "timeCycle"), stops=False)),
    play(
        "S A? T@PT1H",
        *(fire("T"), "T A? B? T@PT1H", fire("T"), "T A? B? B? T@PT1H", fire("T"), "T A? B? B? B? T@PT1H"),
        *(done("A"), "A>E B? B? B?"),
    ),
)
case(
    "everything inside is taken away",
    "boundary of a sub-process, interrupting",
    (
        *S_E,
        sub(
            "A",
            start("S1"),
            parallel("G"),
            user("C"),
            user("D"),
            end("E1"),
            chain("S1", "G", "C", "E1"),
            chain("G", "D", "E1"),
        ),
        at("A", "T", timer("PT2H")),
        *(user("B"), end("F"), chain("S", "A", "E"), chain("T", "B", "F")),
    ),
    play("S S1 G C? D? T@", done("C"), "C>E1 D? T@", fire("T"), "T B?", done("B"), "B>F ."),
    play("S S1 G C? D? T@", done("C"), "C>E1 D? T@", done("D"), "D>E1>E ."),
)
case(
    "what is inside goes on",
    "boundary of a sub-process, not interrupting",
    (
        *S_E,
        sub("A", start("S1"), user("C"), end("E1"), chain("S1", "C", "E1")),
        at("A", "T", timer("PT2H"), stops=False),
        *(user("B"), end("F"), chain("S", "A", "E"), chain("T", "B", "F")),
    ),
    play("S S1 C? T@", fire("T"), "T B? C?", done("C"), "C>E1>E B?", done("B"), "B>F ."),
)
case(
    "each of several does its own",
    "boundary, several",
    (
        *S_E,
        user("A"),
        at("A", "T", timer("PT1H"), stops=False),
        at("A", "U", timer("PT2H")),
        *(user("B"), user("C"), end("F"), chain("S", "A", "E"), chain("T", "B", "F"), chain("U", "C", "F")),
    ),
    play(
        "S A? T@PT1H U@PT2H", fire("T"), "T A? B? U@PT1H", fire("U"), "U B? C?", done("B"), "B>F C?", done("C"), "C>F ."
    ),
)
case(
    "it begins anew each time the activity does",
    "boundary, in a loop",
    (
        *S_E,
        exclusive("M"),
        user("A"),
        at("A", "T", timer("PT1H"), stops=False),
        end("F"),
        exclusive("X", default="X-E"),
        *(chain("S", "M", "A", "X", "E"), chain("T", "F"), flow("X", "M", "again = true")),
    ),
    play("S M A? T@", fire("T"), "T>F A?", done("A", again=True), "A>X>M A? T@PT1H", done("A", again=False), "A>X>E ."),
)

about("timer event", "10.5.2 table 10.86, 13.5.4")
INSIDE = (*S_E, user("A"), chain("S", "A", "E"))
HANDLER = (user("B"), end("F"), chain("T", "B", "F"))
case(
    "it interrupts the scope; when it is done, the scope is",
    "start of an event sub-process, interrupting",
    (*INSIDE, event_sub("H", starts("T", timer("PT2H")), *HANDLER)),
    play("S A? T@PT2H", fire("T"), "T B?", done("B"), "B>F ."),
    play("S A? T@", done("A"), "A>E ."),
)
case(
    "it runs beside the scope, which waits for it",
    "start of an event sub-process, not interrupting",
    (*INSIDE, event_sub("H", starts("T", timer("PT2H"), isInterrupting="false"), *HANDLER)),
    play("S A? T@", fire("T"), "T A? B?", done("A"), "A>E B?", done("B"), "B>F ."),
    play("S A? T@", fire("T"), "T A? B?", done("B"), "B>F A?", done("A"), "A>E ."),
)
case(
    "a cycle begins it again and again, several at once",
    "start of an event sub-process, not interrupting",
    (*INSIDE, event_sub("H", starts("T", timer("R/PT1H", "timeCycle"), isInterrupting="false"), *HANDLER)),
    play(
        "S A? T@PT1H",
        *(fire("T"), "T A? B? T@PT1H", fire("T"), "T A? B? B? T@", done("B"), "B>F A? B? T@"),
        # 13.5.4: while the parent is completing, no new event sub-process is initiated
        *(done("A"), "A>E B?", done("B"), "B>F ."),
    ),
)
case(
    "the flow of the sub-process goes on where it was handled inside",
    "event sub-process of a sub-process, interrupting",
    (
        *S_E,
        sub(
            "P1",
            start("S1"),
            user("A"),
            end("E1"),
            chain("S1", "A", "E1"),
            event_sub("H", starts("T", timer("PT2H")), *HANDLER),
        ),
        user("C"),
        chain("S", "P1", "C", "E"),
    ),
    play("S S1 A? T@", fire("T"), "T B?", done("B"), "B>F C?", done("C"), "C>E ."),
    play("S S1 A? T@", done("A"), "A>E1 C?", done("C"), "C>E ."),
)

about("timer event in working time", "10.5.4 table 10.89, 13.5.2; the time is ours")
# it begins on a Wednesday at 09:00; the hours are 08:30 to 12:00 and 14:30 to 17:30
for amount, unit, after in (
    ("3", "work_hour", "PT3H"),
    ("4", "work_hour", "PT6H30M"),
    ("2", "work_day", "P2D"),
    ("3", "work_day", "P5D"),
    ("3", "natural_day", "P3D"),
    ("=n / 2", "=u", "PT1H30M"),
):
    case(
        f"it waits for {amount} {unit}",
        "catch, in the flow",
        (*S_E, catch("T", worktime(amount, unit)), user("A"), chain("S", "T", "A", "E")),
        play(f"S T@{after}", fire("T"), "T A?", done("A"), "A>E ."),
        facts={"n": 3, "u": "work_hour"},
        but={"in loop": "another hour of the day"} if unit.startswith("work") or unit == "=u" else {},
    )
for words, amount, unit in (("an amount that is none", "=n", "work_day"), ("a unit that is none", "2", "=u")):
    case(
        f"{words} fails the step",
        "catch, in the flow, what it says is no time",
        (*S_E, user("A"), catch("T", worktime(amount, unit)), chain("S", "A", "T", "E")),
        play("S A?", done("A"), "#T"),
        facts={"n": -1, "u": "work_week"},
    )

about("timer event in working time", "10.5.4 table 10.90, 13.5.3; the time is ours")
case(
    "it takes the activity away",
    "boundary, interrupting",
    (*BORDER, at("A", "T", worktime("2", "work_day"))),
    play("S A? T@", fire("T"), "T B?", done("B"), "B>F ."),
    play("S A? T@", done("A"), "A>E ."),
)
case(
    "each time is counted from the one before",
    "boundary, not interrupting, repeated",
    (*BORDER, at("A", "T", worktime("2", "work_hour", repeat="3"), stops=False)),
    play(
        *("S A? T@PT2H", fire("T"), "T A? B? T@PT4H30M", fire("T"), "T A? B? B? T@PT2H"),
        *(fire("T"), "T A? B? B? B?", done("A"), "A>E B? B? B?"),
    ),
    but={"in loop": "another hour of the day"},
)
about("timer event in working time", "10.5.2 table 10.86, 13.5.4; the time is ours")
case(
    "it begins it again and again",
    "start of an event sub-process, not interrupting",
    (
        *INSIDE,
        event_sub("H", starts("T", worktime("1", "work_day", repeat="always"), isInterrupting="false"), *HANDLER),
    ),
    play(
        *("S A? T@", fire("T"), "T A? B? T@", done("B"), "B>F A? T@"),
        *(done("A"), "A>E ."),
    ),
)
about("timer event in working time", "10.6.6, 13.4.4; the time is ours")
case(
    "it comes first, or the other does",
    "behind an event-based gateway",
    (
        *S_E,
        event_based("G"),
        catch("T", worktime("1", "work_day")),
        catch("U", timer("P9D")),
        *(user("A"), user("B"), chain("S", "G", "T", "A", "E"), chain("G", "U", "B", "E")),
    ),
    play("S T@ U@", fire("T"), "G T A?", done("A"), "A>E ."),
    play("S T@ U@", fire("U"), "G U B?", done("B"), "B>E ."),
)
about("timer event in working time", "10.5.2 table 10.84, 13.5.1; the time is ours")
THEME.refuse(
    "working time begins nowhere",
    "start of the process",
    (starts("T", worktime("1", "work_day")), user("A"), end(), chain("T", "A", "E")),
    "would begin nowhere",
)
