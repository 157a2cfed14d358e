"""The board reads nodes, clocks and facts of the processes that the plans share by their ids: a shared process that lost one is caught."""

from __future__ import annotations

import json
import re

from escalation.emergencies.board import CONTRACT, FACTS
from web.wiring import PROCESSES

FORMS = PROCESSES.parent / "forms" / "schemas"
PLANS = sorted(path.name for path in PROCESSES.glob("plan_*"))


def called(process: str) -> set[str]:
    """The processes that a process calls, and those that they call."""
    text = (PROCESSES / process / f"{process}.bpmn").read_text()
    direct = set(re.findall(r'calledElement="(\w+)"', text))
    return direct.union(*(called(one) for one in direct))


def user_tasks(process: str) -> dict[str, set[str]]:
    """The user tasks of a process, and the clocks of each."""
    text = (PROCESSES / process / f"{process}.bpmn").read_text()
    found = re.findall(r'<bpmn:userTask id="(\w+)"(.*?)</bpmn:userTask>', text, re.DOTALL)
    return {node: set(re.findall(r'<ld:clock id="(\w+)"', inner)) for node, inner in found}


def test_every_plan_has_what_the_board_reads() -> None:
    assert len(PLANS) == 10
    for plan in PLANS:
        shared = [user_tasks(process) for process in sorted(called(plan))]
        for node, clock in CONTRACT.items():
            having = [tasks for tasks in shared if node in tasks]
            assert len(having) == 1, f"{plan}: the board reads user task {node}"
            assert clock is None or clock in having[0][node], f"{plan}: the board reads clock {clock} of {node}"


def test_every_plan_keeps_the_facts_that_the_board_reads() -> None:
    for plan in PLANS:
        known = json.loads((FORMS / plan / "facts.json").read_text())["properties"]
        assert set(FACTS) <= set(known), f"{plan}: the board reads {set(FACTS) - set(known)}"
