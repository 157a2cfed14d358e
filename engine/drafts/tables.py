"""Decision tables of a bundle as files: a new one, a copy under another id, and which steps ask which."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath

from lxml import etree

from engine import dmn
from engine.bpmn.namespaces import LD, bpmn, split
from engine.bpmn.problems import Problems
from engine.bpmn.reading import document
from engine.dmn import limits
from engine.dmn.namespaces import DRAWINGS, child, children
from engine.errors import Invalid

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
"""The id of a decision that is made here: what an expression could name."""


def names(files: Mapping[str, bytes]) -> list[str]:
    """The decision files of a bundle."""
    return sorted(name for name in files if name.endswith(".dmn"))


def users(diagram: bytes) -> dict[str, list[tuple[str, str]]]:
    """For each decision that a diagram asks, right or not yet, the names in Chinese and English of the steps that do."""
    root = document.parse(diagram, Problems("diagram"))
    found: dict[str, list[tuple[str, str]]] = {}
    for task in () if root is None else root.iter(bpmn("businessRuleTask")):
        refs = [one.get("ref") for one in task.findall(f"{bpmn('extensionElements')}/{{{LD}}}decision")]
        refs += [value for name, value in task.attrib.items() if str(name).endswith("}decisionRef")]
        named = task.find(f"{bpmn('extensionElements')}/{{{LD}}}names")
        zh = (task.get("name") or task.get("id") or "").strip()
        en = (named.get("en") or "" if named is not None else "") or zh
        for ref in refs:
            found.setdefault(str(ref or "").strip(), []).append((zh, en))
    return found


def blank(process: str, key: str, zh: str, en: str, columns: tuple[str, str, str]) -> bytes:
    """A table with one question, one result, a column for the grounds (called by `columns`) and one rule, ready to be filled in."""
    question, result, ground = columns
    root = etree.Element(f"{{{DMN}}}definitions", nsmap={None: DMN, "ld": LD})
    root.attrib.update({"id": f"{key}_decisions", "name": zh, "namespace": f"urn:liandong:process:{process}"})
    decision = _add(root, "decision", id=key, name=zh)
    extensions = _add(decision, "extensionElements")
    etree.SubElement(extensions, f"{{{LD}}}names", en=en)
    _add(decision, "variable", name=key)
    table = _add(decision, "decisionTable", id=f"{key}_table", hitPolicy="FIRST")
    asked = _add(
        _add(table, "input", id=f"{key}_in", label=question), "inputExpression", id=f"{key}_in_1", typeRef="string"
    )
    _add(asked, "text").text = "class"
    _add(table, "output", id=f"{key}_out", label=result, name="result", typeRef="string")
    _add(table, "annotation", name=ground)
    rule = _add(table, "rule", id=f"{key}_rule_1")
    for kind, text in (("inputEntry", "-"), ("outputEntry", '""')):
        _add(_add(rule, kind, id=f"{key}_{kind}_1"), "text").text = text
    _add(_add(rule, "annotationEntry"), "text").text = ""
    return _written(root)


def copied(name: str, data: bytes, key: str, zh: str, en: str) -> bytes:
    """A file again with other ids of its decisions: the last becomes `key`, those it needs begin with it. Invalid: it cannot be read."""
    root = document.parse_xml(data, Problems(name), elements=limits.MAX_ELEMENTS, drawings=DRAWINGS)
    decisions = [] if root is None else children(root, "decision")
    if root is None or not decisions:
        raise Invalid(why_zh=f"“{name}”读不了，不能复制", why_en=f"“{name}” cannot be read, so it cannot be copied")
    main = _main(decisions)
    ids = {(one.get("id") or ""): key if one is main else f"{key}_{one.get('id')}"[:200] for one in decisions}
    for element in root.iter():
        for attribute in ("href", "dmnElementRef"):
            sign, old = ("#", 1) if attribute == "href" else ("", 0)
            value = element.get(attribute) or ""
            if value[old:] in ids and value.startswith(sign):
                element.set(attribute, sign + ids[value[old:]])
    for one in decisions:
        one.set("id", ids[one.get("id") or ""])
    root.set("id", f"{key}_decisions")
    if len(decisions) == 1:
        _rename(main, key, zh, en)
    return _written(root)


def check_key(files: Mapping[str, bytes], key: str) -> None:
    """Whether a new decision may have this id. Invalid: it is none, or there is one."""
    if not KEY.fullmatch(key):
        raise Invalid(
            why_zh="标识只用小写字母、数字和下划线，以字母开头，最长 60 个字符",
            why_en="an id has small letters, digits and underscores, begins with a letter, and has 60 characters at most",
        )
    known = {f"{key}.dmn" for name in files if name.lower() == f"{key}.dmn"}
    for name in names(files):
        model = dmn.read(name, files[name]).model
        known |= set(model.decisions) if model is not None else {PurePath(name).stem}
    if key in known or f"{key}.dmn" in known:
        raise Invalid(why_zh=f"已有标识为“{key}”的决策", why_en=f"there is a decision with the id “{key}” already")


# ---------------------------------------------------------------- inside


def _main(decisions: list[etree._Element]) -> etree._Element:
    """The decision that no other of the file needs; of several the last."""
    needed = {
        (reference.get("href") or "").removeprefix("#")
        for one in decisions
        for reference in one.iter()
        if split(str(reference.tag))[1] == "requiredDecision"
    }
    return [
        *(one for one in decisions if one.get("id") in needed),
        *(one for one in decisions if one.get("id") not in needed),
    ][-1]


def _rename(decision: etree._Element, key: str, zh: str, en: str) -> None:
    old = decision.get("name")
    decision.set("name", zh)
    variable = child(decision, "variable")
    if variable is not None and variable.get("name") == old:
        variable.set("name", key)
    description = child(decision, "description")
    if description is not None and " / " in (description.text or ""):
        description.text = f"{zh} / {en}"
    extensions = child(decision, "extensionElements")
    if extensions is None:
        extensions = etree.Element(f"{{{split(str(decision.tag))[0]}}}extensionElements", nsmap={"ld": LD})
        decision.insert(0 if description is None else 1, extensions)
    named = extensions.find(f"{{{LD}}}names")
    (etree.SubElement(extensions, f"{{{LD}}}names") if named is None else named).set("en", en)


def _add(parent: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{DMN}}}{tag}", attributes)


def _written(root: etree._Element) -> bytes:
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
