"""The workflow control-flow patterns (Russell, ter Hofstede, van der Aalst, Mulyar: Workflow Control-Flow Patterns, 2006), where BPMN
can draw them. `NOT_DRAWN` names those that it cannot, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.bpmn.conformance.case import Case, Play, Theme
from tests.bpmn.conformance.figures import chain, end, parallel, start, user

S_E = (start(), end())
NAMES = {
    1: "Sequence",
    2: "Parallel Split",
    3: "Synchronization",
    4: "Exclusive Choice",
    5: "Simple Merge",
    6: "Multi-Choice",
    7: "Structured Synchronizing Merge",
    8: "Multi-Merge",
    9: "Structured Discriminator",
    10: "Arbitrary Cycles",
    11: "Implicit Termination",
    12: "Multiple Instances without Synchronization",
    13: "Multiple Instances with a priori Design-Time Knowledge",
    14: "Multiple Instances with a priori Run-Time Knowledge",
    15: "Multiple Instances without a priori Run-Time Knowledge",
    16: "Deferred Choice",
    17: "Interleaved Parallel Routing",
    18: "Milestone",
    19: "Cancel Activity",
    20: "Cancel Case",
    21: "Structured Loop",
    22: "Recursion",
    23: "Transient Trigger",
    24: "Persistent Trigger",
    25: "Cancel Region",
    26: "Cancel Multiple Instance Activity",
    27: "Complete Multiple Instance Activity",
    28: "Blocking Discriminator",
    29: "Cancelling Discriminator",
    30: "Structured Partial Join",
    31: "Blocking Partial Join",
    32: "Cancelling Partial Join",
    33: "Generalized AND-Join",
    34: "Static Partial Join for Multiple Instances",
    35: "Cancelling Partial Join for Multiple Instances",
    36: "Dynamic Partial Join for Multiple Instances",
    37: "Acyclic Synchronizing Merge",
    38: "General Synchronizing Merge",
    39: "Critical Section",
    40: "Interleaved Routing",
    41: "Thread Merge",
    42: "Thread Split",
    43: "Explicit Termination",
}
NOT_DRAWN = {
    15: "BPMN fixes the number of instances when the activity begins (13.3.7)",
    17: "only an ad-hoc sub-process with sequential ordering comes near (10.3.5), and that is refused by name",
    18: "BPMN has no state of another branch that an activity could ask for; a condition over data is not the same",
    22: "a call activity may call its own process (10.3.6), but such a circle of calls is refused when it is deployed",
    36: "BPMN fixes the number of instances when the activity begins (13.3.7)",
    39: "BPMN has no lock between branches; data objects are not locked (10.4.2)",
    40: "only an ad-hoc sub-process with sequential ordering comes near (10.3.5), and that is refused by name",
}


class Patterns(Theme):
    """Cases that are patterns, by their numbers."""

    def wcp(
        self,
        number: int,
        name: str,
        section: str,
        parts: tuple[str, ...],
        *plays: Play,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        """One of the 43."""
        self.about(f"WCP-{number} {NAMES[number]}", section)
        self.case(f"WCP-{number}: {name}", "pattern", parts, *plays, facts=facts)


def number_of(case: Case) -> int:
    """Which of the 43 a case draws."""
    return int(case.element.split()[0].removeprefix("WCP-"))


SPLIT = (parallel("G"), user("A"), user("B"), chain("S", "G", "A"), chain("G", "B"))
