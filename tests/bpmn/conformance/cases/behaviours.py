"""What a multi-instance throws as its instances complete (10.3.8, table 10.30)."""

from __future__ import annotations

from tests.bpmn.conformance.case import Theme, done, play
from tests.bpmn.conformance.figures import (
    at,
    chain,
    end,
    escalation,
    many,
    signal,
    start,
    tag,
    user,
)

THEME = Theme("behaviours of multi-instances")
about, case = THEME.about, THEME.case
S_E = (start(), end())


def around(*parts: str) -> tuple[str, ...]:
    return (*S_E, *parts, chain("S", "A", "E"))


about("multi-instance", "10.3.8 table 10.30")
ROOT = tag("signalEventDefinition", id="Told", signalRef="signal_part")
BEHAVING = (*(at("A", "T", signal("part"), stops=False), user("B"), end("F")), chain("T", "B", "F"))
for behavior, mark, first, second in (
    ("None", {"noneBehaviorEventRef": "Told"}, "A T A^part B? A? A? T~", "A T A^part B? B? A? T~"),
    ("One", {"oneBehaviorEventRef": "Told"}, "A T A^part B? A? A? T~", "A B? A? T~"),
    ("All", {}, "A A? A? T~", "A A? T~"),
):
    said = {
        "None": "each instance that completes throws",
        "One": "the first instance that completes throws",
        "All": "none throws",
    }
    last = {"None": "A T A^part E B? B? B?", "One": "A E B?", "All": "A>E ."}[behavior]
    case(
        said[behavior],
        f"behaviour {behavior}",
        (*around(user("A", many(times="3", behavior=behavior, **mark))), *BEHAVING),
        play("S A? A? A? T~", done("A"), first, done("A"), second, done("A"), last),
        outside=ROOT,
    )
case(
    "each of its events as its condition says",
    "behaviour Complex",
    (
        *around(
            user(
                "A",
                many(
                    times="3",
                    behavior="Complex",
                    inside=tag(
                        "complexBehaviorDefinition",
                        tag("condition", "numberOfCompletedInstances = 2", xsi__type="bpmn:tFormalExpression")
                        + tag("event", signal("part"), id="Second"),
                    ),
                ),
            )
        ),
        *BEHAVING,
    ),
    play(
        "S A? A? A? T~",
        done("A"),
        "A A? A? T~",
        done("A"),
        "A T A^part B? A? T~",
        done("A"),
        "A>E B?",
        done("B"),
        "B>F .",
    ),
)

case(
    "the first that completes takes the others away",
    "behaviour One, boundary interrupting",
    (
        *around(user("A", many(times="3", behavior="One", oneBehaviorEventRef="Told"))),
        *(at("A", "T", signal("part")), end("F"), chain("T", "F")),
    ),
    play("S A? A? A? T~", done("A"), "A A^part T>F ."),
    outside=ROOT,
)
case(
    "several events, each with its condition",
    "behaviour Complex, several",
    (
        *around(
            user(
                "A",
                many(
                    times="3",
                    behavior="Complex",
                    inside="".join(
                        tag(
                            "complexBehaviorDefinition",
                            tag(
                                "condition",
                                f"numberOfCompletedInstances = {number}",
                                xsi__type="bpmn:tFormalExpression",
                            )
                            + tag("event", definition, id=f"Thrown{number}"),
                        )
                        for number, definition in ((1, signal("part")), (2, escalation("HELP")))
                    ),
                ),
            )
        ),
        *BEHAVING,
        *(at("A", "K", escalation("HELP")), end("L"), chain("K", "L")),
    ),
    play("S A? A? A? T~", done("A"), "A T A^part B? A? A? T~", done("A"), "A K>L B?", done("B"), "B>F ."),
)
