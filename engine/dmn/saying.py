"""A problem at its place: the line of the element, and the id of the nearest element around it that has one."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.namespaces import label, line
from engine.bpmn.problems import Problems, Severity


def owner(element: etree._Element) -> str:
    """The id of the element or of the nearest around it."""
    while not (element.get("id") or "").strip() and (parent := element.getparent()) is not None:
        element = parent
    return label(element)


def say(
    problems: Problems, code: str, element: etree._Element, zh: str, en: str, severity: Severity = Severity.ERROR
) -> None:
    """Keep a problem; the sentences come without their full stops."""
    problems.add(code, f"{zh}。", f"{en}.", line=line(element), element=owner(element), severity=severity)


def warn(problems: Problems, code: str, element: etree._Element, zh: str, en: str) -> None:
    """Keep a warning."""
    say(problems, code, element, zh, en, Severity.WARNING)
