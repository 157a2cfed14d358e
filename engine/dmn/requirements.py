"""The decision requirements graph: who needs whom, and in which order (DMN 1.5, 6.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lxml import etree

from engine.bpmn.problems import Problems, clip
from engine.dmn import limits
from engine.dmn.expressions import tag
from engine.dmn.ids import target
from engine.dmn.namespaces import child, children
from engine.dmn.saying import say

_WANTED = {"requiredDecision": "decision", "requiredInput": "inputData", "requiredKnowledge": "businessKnowledgeModel"}


def required(element: etree._Element, ids: Mapping[str, etree._Element], problems: Problems) -> list[etree._Element]:
    """The decisions, inputs and knowledge models that an element requires, in the order of the file, each once."""
    found: list[etree._Element] = []
    for holder in children(element, "informationRequirement", "knowledgeRequirement"):
        references = children(holder, *_WANTED)
        if len(references) != 1:
            zh, en = (
                "每个 informationRequirement 须指向一个决策或输入",
                "each informationRequirement leads to one decision or input",
            )
            say(problems, "requirement", holder, zh, en)
        for reference in references:
            aim = target(reference, ids)
            if aim is None:
                continue  # said with the ids
            if tag(aim) == "decisionService" and tag(reference) == "requiredKnowledge":
                zh, en = (
                    "不支持调用决策服务（decisionService）",
                    "a decision service (decisionService) cannot be invoked",
                )
                say(problems, "decision-service", reference, zh, en)
            elif tag(aim) != _WANTED[tag(reference)]:
                shown = clip(reference.get("href") or "", 60)
                zh, en = (
                    f"{tag(reference)} 指向的“{shown}”是 {tag(aim)}",
                    f"{tag(reference)} leads to “{shown}”, a {tag(aim)}",
                )
                say(problems, "requirement", reference, zh, en)
            elif aim not in found:
                found.append(aim)
    return found


def in_order(
    elements: Sequence[etree._Element], needs: Mapping[etree._Element, list[etree._Element]], problems: Problems
) -> list[etree._Element] | None:
    """Those of one kind (decisions, or knowledge models), each after those it requires; None when that goes round in a
    circle or too deep, which is said."""
    depth: dict[etree._Element, int] = {}
    before = len(problems.errors)
    for element in elements:
        _visit(element, needs, depth, problems)
    return None if len(problems.errors) > before else sorted(elements, key=lambda each: depth[each])


def _visit(
    start: etree._Element,
    needs: Mapping[etree._Element, list[etree._Element]],
    depth: dict[etree._Element, int],
    problems: Problems,
) -> None:
    """Depth first without recursion. On the way down an element has depth 0."""
    path = [start]
    while path:
        element = path[-1]
        if depth.get(element, 0) > 0:
            path.pop()
            continue
        depth[element] = 0
        open_ = [each for each in needs.get(element, ()) if each not in depth and tag(each) == tag(element)]
        if open_:
            path.append(open_[0])
            continue
        same = [each for each in needs.get(element, ()) if tag(each) == tag(element)]
        for each in same:
            if depth[each] == 0:
                _circle(element, each, problems)
        depth[element] = 1 + max((depth[each] for each in same), default=0)
        if depth[element] == limits.MAX_REQUIREMENTS_DEEP + 1:
            most = limits.MAX_REQUIREMENTS_DEEP
            say(problems, "too-deep", element, f"依赖超过 {most} 层", f"requirements are more than {most} deep")
        path.pop()


def _circle(element: etree._Element, back: etree._Element, problems: Problems) -> None:
    one, other = clip(element.get("name") or "", 40), clip(back.get("name") or "", 40)
    zh = f"依赖成环：“{one}”需要“{other}”，后者又需要前者" if element is not back else f"“{one}”依赖自身"
    en = f"requirements go round in a circle: “{one}” requires “{other}”, which requires it in turn"
    say(problems, "cycle", element, zh, en if element is not back else f"“{one}” requires itself")


def variable(element: etree._Element) -> tuple[etree._Element | None, str]:
    """The information item of an element, and the name it has in expressions: the item's own, else the element's."""
    item = child(element, "variable")
    name = "" if item is None else (item.get("name") or "")
    return item, " ".join((name or element.get("name") or "").split())
