"""Ids and references of a file: no id twice, none too long, an id made for what has none."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.bpmn import limits
from engine.bpmn.namespaces import BPMN, BPMNDI, DI, bpmn, id_of, label, line, split
from engine.bpmn.problems import Problems, clip


def check(root: etree._Element, problems: Problems) -> None:
    """No id twice, none too long, no name too long."""
    seen: dict[str, int] = {}
    for element in own_elements(root):
        id_ = id_of(element)
        if not id_:
            continue
        if id_ in seen:
            problems.add(
                "duplicate-id",
                f"编号“{clip(id_)}”重复，第 {seen[id_]} 行已经用过；请改成不同的编号。",
                f"the id “{clip(id_)}” is used twice, first on line {seen[id_]}; give each its own.",
                line=line(element),
                element=id_,
            )
        if len(id_) > limits.MAX_ID:
            most = limits.MAX_ID
            problems.add(
                "id-too-long",
                f"编号超过 {most} 个字符。",
                f"the id has more than {most} characters.",
                line=line(element),
                element=id_,
            )
        if len(element.get("name") or "") > limits.MAX_NAME:
            most = limits.MAX_NAME
            problems.add(
                "name-too-long",
                f"名称超过 {most} 个字符；长的说明请写进 documentation。",
                f"the name has more than {most} characters; put a long text into the documentation.",
                line=line(element),
                element=id_,
            )
        seen.setdefault(id_, line(element))


_EXTENSION = bpmn("extensionElements")


def own_elements(root: etree._Element) -> Iterator[etree._Element]:
    """Elements of BPMN and of the drawing, those inside other tools' extensions left out."""
    stack = [root]
    while stack:
        element = stack.pop()
        if element.tag == _EXTENSION:
            continue
        if split(str(element.tag))[0] in (BPMN, BPMNDI, DI):
            yield element
        stack.extend(reversed(list(element)))


def all_of(root: etree._Element) -> set[str]:
    """Every id that stands anywhere in the file."""
    return {id_.strip() for each in root.iter() if (id_ := each.get("id"))}


def free(wanted: str, taken: set[str]) -> str:
    """An id for what has none: the same each time the file is read, and not one of the file's own."""
    id_, count = wanted, 1
    while id_ in taken:
        count += 1
        id_ = f"{wanted}_{count}"
    taken.add(id_)
    return id_


def dangling(element: etree._Element, name: str, target: str, problems: Problems) -> None:
    """Say that a reference leads nowhere."""
    problems.add(
        "dangling",
        f"{name} 指向“{clip(target)}”，文件里没有这个元素。",
        f"{name} points to “{clip(target)}”, which is not in the file.",
        line=line(element),
        element=label(element),
    )
