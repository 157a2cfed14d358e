"""Mends done to XML, as the editor does them to its drawing: what `CHOOSE` opens is left to people."""

from __future__ import annotations

import json

from lxml import etree

from engine.bpmn.lint import FACTS_FILE, lint
from engine.bpmn.mending import Do, Drawing, Known, Mend, Step, Wrong, mends
from engine.bpmn.mending.facts import with_facts
from engine.bpmn.namespaces import LD, bpmn, id_of, is_bpmn, local, split, text
from engine.bpmn.problems import Problem

Files = dict[str, bytes]


def proposed(files: Files, code: str, known: Known | None = None, **beside: object) -> list[Mend]:
    """What is proposed for the first problem of this code in the bundle; fails where lint does not tell it."""
    problem = next(one for one in found(files, **beside) if one.code == code)
    diagram = next(name for name in files if name.endswith(".bpmn"))
    return mends(Wrong(problem, Drawing(diagram, files[diagram]), known or known_of(files)))


def found(files: Files, **beside: object) -> list[Problem]:
    return lint(files, **beside)  # type: ignore[arg-type]


def known_of(files: Files) -> Known:
    forms = [name for name in files if name.endswith(".json") and name != FACTS_FILE]
    facts = json.loads(files[FACTS_FILE])["properties"] if FACTS_FILE in files else {}
    return Known(files=files, forms=forms, facts=list(facts))


def done(files: Files, mend: Mend) -> Files:
    """The bundle after it."""
    new = dict(files)
    diagram = next(name for name in files if name.endswith(".bpmn"))
    root = etree.fromstring(files[diagram])
    for step in mend.steps:
        if step.kind is Do.DECLARE:
            new[FACTS_FILE] = with_facts(new.get(FACTS_FILE), {step.property: json.loads(step.value)})
        else:
            _do(root, step)
    new[diagram] = etree.tostring(root)
    return new


def _do(root: etree._Element, step: Step) -> None:
    element = next((one for one in root.iter(etree.Element) if is_bpmn(one) and id_of(one) == step.element), None)
    if element is None and step.element == "process":
        element = root.find(bpmn("process"))
    assert element is not None, step
    match step.kind:
        case Do.SET:
            _set(element, step)
        case Do.DROP:
            _drop(element, step)
        case Do.ATTRIBUTE:
            _attribute(element, step.property, step.value)
        case Do.CONDITION:
            _gone(element.find(bpmn("conditionExpression")))
        case Do.REWRITE:
            _rewrite(element, step)
        case Do.REMOVE:
            _remove(root, element)
        case Do.END:
            _end(element)
        case Do.BECOME:
            element.tag = bpmn(step.value)


def _end(element: etree._Element) -> None:
    parent = element.getparent()
    assert parent is not None
    etree.SubElement(parent, bpmn("endEvent"), id="new_end")
    etree.SubElement(parent, bpmn("sequenceFlow"), id="new_flow", sourceRef=id_of(element), targetRef="new_end")


def _drop(element: etree._Element, step: Step) -> None:
    wanted = [one for one in _settings(element) if local(one) == step.property]
    if step.value.isdecimal():
        wanted = [wanted[int(step.value)]]
    for one in wanted[1:] if step.value == "rest" else wanted:
        _gone(one)


def _settings(element: etree._Element) -> list[etree._Element]:
    return [one for one in element.iter(etree.Element) if split(str(one.tag))[0] == LD]


def _set(element: etree._Element, step: Step) -> None:
    tag, _, attribute = step.property.partition(".")
    tag, _, which = tag.partition("#")
    tag = tag[:1].lower() + tag[1:]
    there = [one for one in _settings(element) if local(one) == tag]
    if there:
        _attribute(there[int(which or 0)], attribute, step.value)
        return
    holder = element.find(bpmn("extensionElements"))
    if holder is None:
        holder = etree.Element(bpmn("extensionElements"))
        element.insert(0, holder)
    etree.SubElement(holder, f"{{{LD}}}{tag}").set(attribute, step.value)


def _attribute(element: etree._Element, name: str, value: str) -> None:
    if value:
        element.set(name, value)
    else:
        element.attrib.pop(name, None)


def _rewrite(element: etree._Element, step: Step) -> None:
    changed = 0
    for one in element.iter(etree.Element):
        if not len(one) and text(one) == step.property:
            one.text = step.value
            changed += 1
        for name, value in one.attrib.items():
            if split(str(one.tag))[0] == LD and str(value).strip() == step.property:
                one.set(name, step.value)
                changed += 1
    assert changed, step


def _remove(root: etree._Element, element: etree._Element) -> None:
    """It goes, and what hangs on it: its flows, its boundary events."""
    id_ = id_of(element)
    _gone(element)
    for one in list(root.iter(etree.Element)):
        if one.get("default") == id_:
            del one.attrib["default"]
        if one.tag in (bpmn("incoming"), bpmn("outgoing"), bpmn("flowNodeRef")) and (one.text or "").strip() == id_:
            _gone(one)
        elif (
            id_ in (one.get("sourceRef"), one.get("targetRef"), one.get("attachedToRef"))
            and one.getparent() is not None
        ):
            _remove(root, one)


def _gone(element: etree._Element | None) -> None:
    parent = element.getparent() if element is not None else None
    if parent is not None and element is not None:
        parent.remove(element)
