"""Mends of the graph: what cannot be reached, what leads nowhere, a gateway of the wrong kind."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.mending.drawing import Wrong
from engine.bpmn.mending.mend import Do, Mend, Step


def superfluous(wrong: Wrong) -> Iterator[Mend]:
    """What never happens, or may not be here, is deleted."""
    if wrong.drawing.kind(wrong.problem.element):
        zh, en = wrong.drawing.title(wrong.problem.element), wrong.drawing.english(wrong.problem.element)
        yield Mend(f"删除“{zh}”", f"Delete “{en}”", (Step(Do.REMOVE, wrong.problem.element),))


def dead_end(wrong: Wrong) -> Iterator[Mend]:
    """An end event after it."""
    yield Mend("在后面加结束事件", "Add an end event after it", (Step(Do.END, wrong.problem.element),))


def join(wrong: Wrong) -> Iterator[Mend]:
    """A join that waits for what does not come lets each token through; only where it splits nothing again."""
    if (
        wrong.drawing.kind(wrong.problem.element) in ("parallelGateway", "inclusiveGateway")
        and len(wrong.drawing.flows(wrong.problem.element)) < 2
    ):
        steps = (Step(Do.BECOME, wrong.problem.element, "", "exclusiveGateway"),)
        yield Mend("改为排他网关（来一个走一个）", "Make it an exclusive gateway (whoever comes goes on)", steps)


def direction(wrong: Wrong) -> Iterator[Mend]:
    """The direction that is said and is not so is said no more."""
    yield Mend("不写方向", "Say no direction", (Step(Do.ATTRIBUTE, wrong.problem.element, "gatewayDirection"),))


def instantiates(wrong: Wrong) -> Iterator[Mend]:
    """It starts no process."""
    yield Mend("不由它开始流程", "Let it start no process", (Step(Do.ATTRIBUTE, wrong.problem.element, "instantiate"),))


def executable(wrong: Wrong) -> Iterator[Mend]:
    """The process is to run."""
    steps = (Step(Do.ATTRIBUTE, wrong.problem.element, "isExecutable", "true"),)
    yield Mend("设为可执行", "Make it executable", steps)


def other_process(wrong: Wrong) -> Iterator[Mend]:
    """The process keeps the key it has in the city."""
    if wrong.known.key and wrong.drawing.kind(wrong.problem.element) == "process":
        steps = (Step(Do.ATTRIBUTE, wrong.problem.element, "id", wrong.known.key),)
        yield Mend(f"改回“{wrong.known.key}”", f"Back to “{wrong.known.key}”", steps)
