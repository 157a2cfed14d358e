"""Ids: each once, and every reference leads somewhere."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from engine.bpmn import limits
from engine.bpmn.namespaces import line, split
from engine.bpmn.problems import Problems, clip
from engine.dmn.namespaces import walk
from engine.dmn.saying import say

_REFERENCES = (
    *("requiredDecision", "requiredInput", "requiredKnowledge", "requiredAuthority"),
    *("outputDecision", "encapsulatedDecision", "inputDecision", "sourceRef", "targetRef", "drgElement"),
)


def collect(root: etree._Element, problems: Problems) -> dict[str, etree._Element]:
    """The elements of the model by their ids; an id that stands twice is said."""
    found: dict[str, etree._Element] = {}
    for element in walk(root):
        if (identifier := element.get("id")) is None:
            continue
        identifier = identifier.strip()
        if not identifier or len(identifier) > limits.MAX_ID:
            most = limits.MAX_ID
            say(problems, "bad-id", element, f"id 须有 1 至 {most} 个字符", f"an id has 1 to {most} characters")
        elif identifier in found:
            first, shown = line(found[identifier]), clip(identifier)
            zh = f"id“{shown}”已用于第 {first} 行；每个 id 只能用一次"
            en = f"the id “{shown}” is used on line {first} already; every id stands once"
            say(problems, "duplicate-id", element, zh, en)
        else:
            found[identifier] = element
    return found


def check_references(root: etree._Element, ids: Mapping[str, etree._Element], problems: Problems) -> None:
    """Say every reference that leads nowhere."""
    for element in walk(root):
        if split(str(element.tag))[1] not in _REFERENCES:
            continue
        if target(element, ids) is None:
            href, tag = clip(element.get("href") or "", 60), split(str(element.tag))[1]
            zh, en = f"{tag} 指向的“{href}”在本文件中不存在", f"{tag} leads to “{href}”, which is not in this file"
            say(problems, "dangling", element, zh, en)


def target(reference: etree._Element | None, ids: Mapping[str, etree._Element]) -> etree._Element | None:
    """The element an `href` leads to; None when it leads out of the file or nowhere."""
    if reference is None:
        return None
    space, sign, identifier = (reference.get("href") or "").strip().rpartition("#")
    own = reference.getroottree().getroot().get("namespace")
    return ids.get(identifier) if sign and space in ("", own) else None
