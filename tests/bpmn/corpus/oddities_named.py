"""Odd names, odd ids, and an odd order."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from engine.bpmn.namespaces import BPMN, bpmn, split
from tests.bpmn.corpus.odd import NODES, REFERRING, SCOPES, Odd, local


def chinese_ids(odd: Odd) -> None:
    _rename(odd, lambda id_, at: f"节点{at}_{id_}")


def engine_ids(odd: Odd) -> None:
    """Ids that engines like for themselves."""
    words = iter(
        (
            "Start",
            "End",
            "Root",
            "BoundaryEventSplit",
            "StartEventJoin",
            "None",
            "self",
            "null",
            "true",
            "item",
            "__proto__",
        )
    )
    _rename(odd, lambda _id, at: next(words, f"x{at}"))


def long_ids(odd: Odd) -> None:
    _rename(odd, lambda id_, at: f"{id_}.{at}-" + "长" * (90 - len(id_)))


def guid_ids(odd: Odd) -> None:
    _rename(odd, lambda _id, _at: f"sid-{odd.rng.getrandbits(128):032X}")


def no_flow_ids(odd: Odd) -> None:
    """Flows that nothing refers to need no id."""
    used = {str(value) for each in odd.root.iter() for key, value in each.attrib.items() if key != "id"}
    used |= set(re.findall(r"[\w-]+", " ".join((each.text or "") for each in odd.own() if local(each) != "outgoing")))
    for flow in odd.root.iter(bpmn("sequenceFlow")):
        if flow.get("id") not in used and not any(
            (o.text or "").strip() == flow.get("id") for o in odd.root.iter(bpmn("outgoing"))
        ):
            flow.attrib.pop("id", None)


def chinese_names(odd: Odd) -> None:
    for each in odd.nodes():
        if each.get("name") is None:
            each.set(
                "name",
                odd.rng.choice(
                    ("核实\n现场", "处置（第 2 次）", "<b>结案</b> & 归档", "𠮷野家", "  ", "“引号”'\"", "a" * 300)
                ),
            )


def _rename(odd: Odd, name: Callable[[str, int], str]) -> None:
    """New ids for all nodes but those that expressions or our settings name."""
    said = " ".join(
        str(text)
        for each in odd.root.iter()
        for text in (
            each.text or "",
            *(v for k, v in each.attrib.items() if split(str(each.tag))[0] != BPMN or k == "name"),
        )
        if local(each) not in ("incoming", "outgoing", "flowNodeRef", "sourceRef", "targetRef")
    )
    names = set(re.findall(r"\w+", said))
    new = {}
    for at, each in enumerate(odd.nodes()):
        id_ = each.get("id")
        if id_ and id_ not in names:
            new[id_] = name(id_, at)
    if len(set(new.values())) < len(new):
        return
    for each in odd.root.iter():
        for key, value in each.attrib.items():
            if key in REFERRING or (key == "id" and str(value) in new):
                each.set(key, new.get(str(value), str(value)))
        if local(each) in ("incoming", "outgoing", "flowNodeRef", "sourceRef", "targetRef", "innerParticipantRef"):
            each.text = new.get((each.text or "").strip(), each.text)
    odd.renamed = {old: new.get(odd.renamed.get(old, old), odd.renamed.get(old, old)) for old in {*odd.renamed, *new}}


def flows_first(odd: Odd) -> None:
    _move(odd, lambda flows, rest: [*flows, *rest])


def flows_last(odd: Odd) -> None:
    _move(odd, lambda flows, rest: [*rest, *flows])


def _move(odd: Odd, order: Callable[[list[etree._Element], list[etree._Element]], list[etree._Element]]) -> None:
    for scope in [each for each in odd.own() if local(each) in SCOPES]:
        kids = [
            c
            for c in scope
            if local(c) in NODES
            or local(c) in ("sequenceFlow", "dataObject", "dataObjectReference", "dataStoreReference")
        ]
        if not kids:
            continue
        at = scope.index(kids[0])
        flows = [c for c in kids if local(c) == "sequenceFlow"]
        rest = [c for c in kids if local(c) != "sequenceFlow"]
        for child in kids:
            scope.remove(child)
        for number, child in enumerate(order(flows, rest)):
            scope.insert(at + number, child)


def roots_after(odd: Odd) -> None:
    """Messages, errors and the like after the process that uses them."""
    found = [
        each
        for each in odd.root
        if local(each) in ("message", "signal", "error", "escalation", "dataStore", "itemDefinition")
    ]
    process = odd.root.findall(bpmn("process"))[-1]
    for each in found:
        odd.root.remove(each)
    for each in found:
        odd.root.insert(odd.root.index(process) + 1, each)


def says_ways(odd: Odd) -> None:
    """`incoming` and `outgoing` of every node, as modelers write them: in the order of the file."""
    flows = [flow for flow in odd.root.iter(bpmn("sequenceFlow")) if flow.get("id")]
    if any(flow.get("id") is None for flow in odd.root.iter(bpmn("sequenceFlow"))):
        return
    for node in odd.nodes():
        if node.find(bpmn("outgoing")) is not None or node.find(bpmn("incoming")) is not None:
            continue
        before = [
            c
            for c in node
            if local(c) in ("documentation", "extensionElements", "auditing", "monitoring", "categoryValueRef")
        ]
        at = len(before)
        for tag, end in (("incoming", "targetRef"), ("outgoing", "sourceRef")):
            for flow in flows:
                if flow.get(end) == node.get("id"):
                    made = etree.Element(bpmn(tag))
                    made.text = flow.get("id")
                    node.insert(at, made)
                    at += 1
