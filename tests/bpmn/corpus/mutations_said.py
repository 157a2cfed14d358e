"""Broken words: code, times, numbers, flags, settings."""

from __future__ import annotations

import random

from lxml import etree

from engine.bpmn.namespaces import bpmn
from tests.bpmn.corpus.broken import EXPRESSIONS, FLAGS, TAGS, own, pick
from tests.bpmn.corpus.odd import NODES, local
from tests.bpmn.corpus.poison import CODE, IDS, NUMBERS, TIMES


def code(rng: random.Random, root: etree._Element) -> None:
    """Code of another language where an expression stands."""
    found = pick(rng, [each for each in own(root) if local(each) in EXPRESSIONS])
    if found is None:
        flow = pick(rng, root.findall(f".//{bpmn('sequenceFlow')}"))
        if flow is None:
            return
        found = etree.SubElement(flow, bpmn("conditionExpression"))
    for child in list(found):
        found.remove(child)
    found.text = rng.choice(("", "", "=")) + rng.choice(CODE)
    if rng.random() < 0.3:
        found.set(
            rng.choice(("language", "evaluatesToTypeRef")),
            rng.choice(("python", "groovy", "javascript", "java", "feel", "XPath")),
        )


def code_in_attribute(rng: random.Random, root: etree._Element) -> None:
    found = pick(rng, own(root))
    if found is not None:
        spaces = (
            "http://camunda.org/schema/1.0/bpmn",
            "http://flowable.org/bpmn",
            "urn:liandong:bpmn:1",
            "http://activiti.org/bpmn",
        )
        names = (
            "expression",
            "class",
            "delegateExpression",
            "assignee",
            "resultVariable",
            "skipExpression",
            "collection",
            "script",
        )
        found.set(f"{{{rng.choice(spaces)}}}{rng.choice(names)}", rng.choice(CODE))


def foreign_script(rng: random.Random, root: etree._Element) -> None:
    found = pick(rng, [each for each in own(root) if local(each) in NODES])
    if found is not None:
        found.tag = bpmn("scriptTask")
        found.set("scriptFormat", rng.choice(("python", "text/javascript", "groovy", "feel", "bash", "", "juel")))
        etree.SubElement(found, bpmn("script")).text = rng.choice(CODE)


def monstrous_time(rng: random.Random, root: etree._Element) -> None:
    found = pick(rng, [each for each in own(root) if local(each).startswith("time") and local(each) in EXPRESSIONS])
    if found is None:
        event = pick(
            rng,
            [each for each in own(root) if local(each) in ("intermediateCatchEvent", "boundaryEvent", "startEvent")],
        )
        if event is None:
            return
        found = etree.SubElement(
            etree.SubElement(event, bpmn("timerEventDefinition")),
            bpmn(rng.choice(("timeDuration", "timeCycle", "timeDate"))),
        )
    found.text = rng.choice(TIMES)


def monstrous_number(rng: random.Random, root: etree._Element) -> None:
    sites = [
        (each, key)
        for each in own(root)
        for key in ("startQuantity", "completionQuantity", "loopMaximum")
        if key in each.attrib
    ]
    counted = [each for each in own(root) if local(each) == "loopCardinality"]
    if sites and rng.random() < 0.5:
        each, key = rng.choice(sites)
        each.set(key, rng.choice(NUMBERS))
    elif counted:
        rng.choice(counted).text = rng.choice(NUMBERS)
    elif (
        found := pick(rng, [each for each in own(root) if local(each) in NODES and "Task" in local(each)])
    ) is not None:
        kind = rng.choice(("startQuantity", "completionQuantity"))
        found.set(kind, rng.choice(NUMBERS))
        if rng.random() < 0.5:
            loop = etree.SubElement(found, bpmn("multiInstanceLoopCharacteristics"))
            etree.SubElement(loop, bpmn("loopCardinality")).text = rng.choice(NUMBERS)


def flipped(rng: random.Random, root: etree._Element) -> None:
    found = pick(rng, [each for each in own(root) if set(map(str, each.attrib)) & FLAGS] or own(root))
    if found is not None:
        key = rng.choice(sorted(set(map(str, found.attrib)) & FLAGS) or sorted(FLAGS))
        found.set(key, rng.choice(("true", "false", "1", "0", "yes", "", "TRUE", "${true}", "null")))


def junk_attribute(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, own(root))) is not None:
        names = (
            "id",
            "name",
            "onclick",
            "isExecutable",
            "implementation",
            "behavior",
            "gatewayDirection",
            "eventGatewayType",
            "method",
        )
        found.set(rng.choice(names), rng.choice((*IDS, *CODE, "x" * 5000, "Converging", "##WebService", "-1")))


def no_attribute(rng: random.Random, root: etree._Element) -> None:
    if (found := pick(rng, [each for each in own(root) if each.attrib])) is not None:
        del found.attrib[rng.choice(list(found.attrib))]


def typed_otherwise(rng: random.Random, root: etree._Element) -> None:
    """XML Schema's way of saying that an element is really another."""
    if (found := pick(rng, own(root))) is not None:
        found.set(
            "{http://www.w3.org/2001/XMLSchema-instance}type",
            f"bpmn:t{rng.choice(TAGS)[:1].upper()}{rng.choice(TAGS)[1:]}",
        )


def settings(rng: random.Random, root: etree._Element) -> None:
    """Our own settings, said wrongly or with code in them."""
    if (found := pick(rng, [each for each in own(root) if local(each) in NODES])) is None:
        return
    inside = found.find(bpmn("extensionElements"))
    if inside is None:
        inside = etree.Element(bpmn("extensionElements"))
        found.insert(0, inside)
    name = rng.choice(
        (
            "form",
            "candidates",
            "clock",
            "fourEyes",
            "acts",
            "lookup",
            "action",
            "decision",
            "message",
            "call",
            "data",
            "execute",
        )
    )
    keys = (
        "ref",
        "unit",
        "post",
        "id",
        "budget",
        "with",
        "deny",
        "register",
        "match",
        "into",
        "name",
        "correlation",
        "payload",
        "result",
        "key",
    )
    made = etree.SubElement(inside, f"{{urn:liandong:bpmn:1}}{name}")
    for key in rng.sample(keys, rng.randint(0, 4)):
        made.set(key, rng.choice(("", "=", "=" + rng.choice(CODE), rng.choice(CODE), "handler", "../../etc/passwd")))
