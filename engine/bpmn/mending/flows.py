"""Mends of flows: their conditions, and the default that is taken where none holds."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.bpmn.mending.drawing import Drawing, Wrong
from engine.bpmn.mending.mend import Do, Mend, Step
from engine.bpmn.namespaces import bpmn, id_of


def no_default(wrong: Wrong) -> Iterator[Mend]:
    """The last flow becomes the default, without its condition."""
    flows = wrong.drawing.flows(wrong.problem.element)
    if flows:
        yield _default(wrong.drawing, wrong.problem.element, flows[-1])


def missing(wrong: Wrong) -> Iterator[Mend]:
    """A flow without a condition gets one, or becomes the default where there is none."""
    yield Mend("填写条件…", "Write a condition…", (Step(Do.CHOOSE, wrong.problem.element, "condition"),))
    flow = wrong.drawing.element(wrong.problem.element)
    source = wrong.drawing.element(flow.get("sourceRef", "")) if flow is not None else None
    if flow is not None and source is not None and not source.get("default"):
        yield _default(wrong.drawing, id_of(source), flow)


def needless(wrong: Wrong) -> Iterator[Mend]:
    """A condition where it has no meaning goes."""
    if wrong.drawing.kind(wrong.problem.element) == "sequenceFlow":
        yield Mend("去掉条件", "Remove the condition", (Step(Do.CONDITION, wrong.problem.element),))


def alone(wrong: Wrong) -> Iterator[Mend]:
    """Where every way out has a condition: the last becomes the default; the only one loses its condition."""
    flow = wrong.drawing.element(wrong.problem.element)
    source = flow.get("sourceRef", "") if flow is not None else ""
    flows = wrong.drawing.flows(source)
    if len(flows) == 1:
        yield from needless(wrong)
    elif flows:
        yield _default(wrong.drawing, source, flows[-1])


def default(wrong: Wrong) -> Iterator[Mend]:
    """The default's condition goes, or the default that has no meaning."""
    if wrong.drawing.kind(wrong.problem.element) == "sequenceFlow":
        yield from needless(wrong)
    else:
        yield Mend("取消默认流", "No default flow here", (Step(Do.ATTRIBUTE, wrong.problem.element, "default"),))


def into(wrong: Wrong) -> Iterator[Mend]:
    """The flows that lead where none may lead go."""
    yield from _without(wrong.drawing.flows(wrong.problem.element, "targetRef"))


def out_of(wrong: Wrong) -> Iterator[Mend]:
    """The flows that leave what none may leave go."""
    yield from _without(wrong.drawing.flows(wrong.problem.element))


def around(wrong: Wrong) -> Iterator[Mend]:
    """No flow leads into an event sub-process or out of it."""
    yield from _without(
        [*wrong.drawing.flows(wrong.problem.element, "targetRef"), *wrong.drawing.flows(wrong.problem.element)]
    )


def _without(flows: list[etree._Element]) -> Iterator[Mend]:
    if flows:
        steps = tuple(Step(Do.REMOVE, id_of(flow)) for flow in flows)
        yield Mend(f"删除 {len(flows)} 条连线", f"Delete {len(flows)} flow{'s'[: len(flows) - 1]}", steps)


def _default(drawing: Drawing, node: str, flow: etree._Element) -> Mend:
    steps = [Step(Do.ATTRIBUTE, node, "default", id_of(flow))]
    if flow.find(bpmn("conditionExpression")) is not None:
        steps.insert(0, Step(Do.CONDITION, id_of(flow)))
    target = flow.get("targetRef", "")
    zh, en = drawing.title(target), drawing.english(target)
    return Mend(f"把到“{zh}”的连线设为默认流", f"Make the flow to “{en}” the default", tuple(steps))
