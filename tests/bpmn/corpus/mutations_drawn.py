"""Broken structure: ids, references, elements, flows."""

from __future__ import annotations

import copy
import random

from lxml import etree

from engine.bpmn.namespaces import bpmn, split
from tests.bpmn.corpus.broken import EXPRESSIONS, TAGS, own, pick
from tests.bpmn.corpus.odd import NODES, REFERRING, SCOPES, local
from tests.bpmn.corpus.poison import CODE, IDS


def duplicate_id(rng: random.Random, root: etree._Element) -> None:
    named = [each for each in own(root) if each.get("id")]
    if len(named) > 1:
        one, other = rng.sample(named, 2)
        one.set("id", str(other.get("id")))


def no_id(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, [each for each in own(root) if each.get("id")])) is not None:
        del found.attrib["id"]


def strange_id(rng: random.Random, root: etree._Element) -> None:
    """An id that shows as another, or is none; told to all who name it, or to nobody."""
    found = pick(rng, [each for each in own(root) if each.get("id")])
    if found is None:
        return
    old, new = str(found.get("id")), rng.choice(IDS)
    for each in own(root) if rng.random() < 0.6 else [found]:
        for key, value in each.attrib.items():
            if str(value) == old and (key in REFERRING or key == "id"):
                each.set(key, new)
        if (each.text or "").strip() == old:
            each.text = new


def dangling(rng: random.Random, root: etree._Element) -> None:
    sites = [(each, key) for each in own(root) for key in each.attrib if key in REFERRING]
    if sites:
        each, key = rng.choice(sites)
        each.set(str(key), rng.choice(("nobody", "", "P", "S E", "../S", "own:S", "\u200b")))


def another(rng: random.Random, root: etree._Element) -> None:
    """A reference to something else of the file: a flow into another scope, a default that is no way out, a host that is a flow."""
    sites = [(each, key) for each in own(root) for key in each.attrib if key in REFERRING]
    ids = [str(each.get("id")) for each in own(root) if each.get("id")]
    if sites and ids:
        each, key = rng.choice(sites)
        each.set(str(key), rng.choice(ids))


def removed(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, own(root))) is not None and (parent := found.getparent()) is not None:
        parent.remove(found)


def doubled(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, own(root))) is not None and (parent := found.getparent()) is not None:
        parent.insert(parent.index(found), copy.deepcopy(found))


def moved(rng: random.Random, root: etree._Element) -> None:
    """Somewhere it does not belong."""
    found, place = pick(rng, own(root)), pick(rng, own(root))
    if found is not None and place is not None and found is not place and found not in list(place.iterancestors()):
        place.insert(rng.randint(0, len(place)), found)


def renamed(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, own(root))) is not None:
        found.tag = bpmn(rng.choice(TAGS))


def foreign_tag(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, own(root))) is not None:
        space = rng.choice(("urn:x", "http://www.omg.org/bpmn20", "http://www.omg.org/spec/BPMN/20100524/DI", ""))
        name = split(str(found.tag))[1]
        found.tag = f"{{{space}}}{name}" if space else name


def node_kind(rng: random.Random, root: etree._Element) -> None:
    """A node that is suddenly of another sort."""
    if (found := pick(rng, [each for each in own(root) if local(each) in NODES])) is not None:
        found.tag = bpmn(rng.choice(sorted(NODES)))


def definition_kind(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, [each for each in own(root) if local(each).endswith("EventDefinition")])) is not None:
        found.tag = bpmn(rng.choice([tag for tag in TAGS if tag.endswith("EventDefinition")]))


def more_definitions(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, [each for each in own(root) if local(each).endswith("Event")])) is not None:
        tag = rng.choice([tag for tag in TAGS if tag.endswith("EventDefinition")])
        etree.SubElement(found, bpmn(tag))


def more_loops(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, [each for each in own(root) if local(each) in NODES])) is not None:
        etree.SubElement(found, bpmn(rng.choice(("multiInstanceLoopCharacteristics", "standardLoopCharacteristics"))))


def wrapped(rng: random.Random, root: etree._Element) -> None:
    """A part of a process put into a new scope: its flows now cross the border."""
    found = pick(rng, [each for each in own(root) if local(each) in NODES])
    if found is not None and (parent := found.getparent()) is not None:
        at = parent.index(found)
        scope = etree.Element(bpmn(rng.choice(("subProcess", "transaction", "adHocSubProcess"))), id="wrapping")
        parent.insert(at, scope)
        scope.append(found)


def new_flow(rng: random.Random, root: etree._Element) -> None:
    """A way nobody thought of: back, across, into a start, out of an end."""
    ids = [str(each.get("id")) for each in own(root) if local(each) in NODES and each.get("id")]
    scope = pick(rng, [each for each in own(root) if local(each) in SCOPES])
    if ids and scope is not None:
        made = etree.Element(bpmn("sequenceFlow"), id="new_flow", sourceRef=rng.choice(ids), targetRef=rng.choice(ids))
        scope.insert(len(scope) if not len(scope) else rng.randrange(len(scope)), made)
        if rng.random() < 0.5:
            etree.SubElement(made, bpmn("conditionExpression")).text = rng.choice(("true", "n > 1", *CODE))


def turned_flow(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, root.findall(f".//{bpmn('sequenceFlow')}"))) is not None:
        one, other = str(found.get("sourceRef")), str(found.get("targetRef"))
        found.set("sourceRef", other)
        found.set("targetRef", one)


def no_condition(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, root.findall(f".//{bpmn('conditionExpression')}"))) is not None and (
        above := found.getparent()
    ) is not None:
        above.remove(found)


def no_default(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, [each for each in own(root) if each.get("default")])) is not None:
        del found.attrib["default"]


def copied(rng: random.Random, root: etree._Element) -> None:
    """A second one with ids of its own: two starts, two joins, two handlers, tokens that were not there."""
    found = pick(rng, [each for each in own(root) if local(each) in NODES or local(each) == "sequenceFlow"])
    if found is None or (parent := found.getparent()) is None:
        return
    twin = copy.deepcopy(found)
    new = {str(each.get("id")): f"{each.get('id')}_2" for each in twin.iter() if each.get("id")}
    for each in twin.iter():
        for key, value in each.attrib.items():
            each.set(key, new.get(str(value), str(value)))
    parent.insert(parent.index(found) + 1, twin)
    for flow in parent.findall(bpmn("sequenceFlow")) if local(found) in NODES else []:
        if str(found.get("id")) in (flow.get("sourceRef"), flow.get("targetRef")) and rng.random() < 0.8:
            other = copy.deepcopy(flow)
            other.set("id", f"{flow.get('id')}_2")
            for key in ("sourceRef", "targetRef"):
                other.set(key, new.get(str(flow.get(key)), str(flow.get(key))))
            parent.insert(parent.index(flow), other)


def led_elsewhere(rng: random.Random, root: etree._Element) -> None:
    """A flow that leads to another node of the same scope."""
    flow = pick(rng, root.findall(f".//{bpmn('sequenceFlow')}"))
    if flow is not None and (parent := flow.getparent()) is not None:
        beside = [str(each.get("id")) for each in parent if local(each) in NODES and each.get("id")]
        flow.set(rng.choice(("sourceRef", "targetRef")), rng.choice(beside or ["nobody"]))


def hosted_elsewhere(rng: random.Random, root: etree._Element) -> None:
    event = pick(rng, root.findall(f".//{bpmn('boundaryEvent')}"))
    if event is not None and (parent := event.getparent()) is not None:
        beside = [
            str(each.get("id")) for each in parent if local(each) in NODES and each is not event and each.get("id")
        ]
        event.set("attachedToRef", rng.choice(beside or ["nobody"]))


def left_out(rng: random.Random, root: etree._Element) -> None:
    """A node without its flows, or a node bridged: the one before leads to the one after."""
    found = pick(rng, [each for each in own(root) if local(each) in NODES])
    if found is None or (parent := found.getparent()) is None:
        return
    into = [each for each in parent.findall(bpmn("sequenceFlow")) if each.get("targetRef") == found.get("id")]
    out = [each for each in parent.findall(bpmn("sequenceFlow")) if each.get("sourceRef") == found.get("id")]
    for flow in into if out else []:
        flow.set("targetRef", str(out[0].get("targetRef")))
    for each in [found, *out, *(into if not out else [])]:
        parent.remove(each)


def gateway_kind(rng: random.Random, root: etree._Element) -> None:
    kinds = ("exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway")
    if (found := pick(rng, [each for each in own(root) if local(each) in kinds])) is not None:
        found.tag = bpmn(rng.choice(kinds))


def swapped(rng: random.Random, root: etree._Element) -> None:
    """Two expressions change places."""
    found = [each for each in own(root) if local(each) in EXPRESSIONS]
    if len(found) > 1:
        one, other = rng.sample(found, 2)
        one.text, other.text = other.text, one.text


def flag_of_its_kind(rng: random.Random, root: etree._Element) -> None:
    """A flag the element may have, turned."""
    kinds = {
        "boundaryEvent": "cancelActivity",
        "startEvent": "isInterrupting",
        "subProcess": "triggeredByEvent",
        "receiveTask": "instantiate",
    }
    kinds |= {
        "eventBasedGateway": "instantiate",
        "userTask": "isForCompensation",
        "task": "isForCompensation",
        "scriptTask": "isForCompensation",
    }
    kinds |= {"intermediateCatchEvent": "parallelMultiple", "compensateEventDefinition": "waitForCompletion"}
    kinds |= {"multiInstanceLoopCharacteristics": "isSequential", "standardLoopCharacteristics": "testBefore"}
    if (found := pick(rng, [each for each in own(root) if local(each) in kinds])) is not None:
        key = kinds[local(found)]
        found.set(
            key,
            "false"
            if (found.get(key) or ("true" if key in ("cancelActivity", "isInterrupting") else "false")) == "true"
            else "true",
        )
