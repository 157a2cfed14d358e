"""What may stand beside a process and in it, and means nothing to it."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.namespaces import bpmn
from tests.bpmn.corpus.odd import NODES, SCOPES, Odd, local

VENDORS = (
    "urn:vendor",
    "http://camunda.org/schema/modeler/1.0",
    "http://www.signavio.com",
    "http://www.omg.org/spec/BPMN/20100501/MIWG",
    "http://www.trisotech.com/2014/triso/bpmn",
)
WORDS = ("id", "note", "stroke", "x-1", "hint", "bgcolor", "备注")


def documented(odd: Odd) -> None:
    for each in odd.nodes():
        if odd.rng.random() < 0.5:
            for text in ("说明 <b>一</b>", "${not.run()}", "= 1 +")[: odd.rng.randint(1, 3)]:
                made = etree.Element(bpmn("documentation"), textFormat=odd.rng.choice(("text/plain", "text/html")))
                made.text = text
                each.insert(0, made)


def vendors(odd: Odd) -> None:
    """Attributes of other tools everywhere, also those nobody has heard of."""
    for each in odd.own():
        typed = local(each) in NODES | SCOPES | {"sequenceFlow", "lane", "participant"} or local(each).endswith(
            "EventDefinition"
        )
        if typed and odd.rng.random() < 0.6:
            uri = odd.rng.choice(VENDORS)
            each.set(
                f"{{{uri}}}{odd.rng.choice(WORDS)}",
                odd.rng.choice(("", "S", "${x}", "1", "=1+")),
            )


def extensions(odd: Odd) -> None:
    """Empty extension elements, and full ones with BPMN in them that is none."""
    for each in odd.nodes():
        found = each.find(bpmn("extensionElements"))
        if found is None:
            found = etree.Element(bpmn("extensionElements"))
            each.insert(len(each.findall(bpmn("documentation"))), found)
        if odd.rng.random() < 0.5:
            deep = etree.SubElement(found, "{urn:vendor}deep", id=odd.rng.choice(("S", "E", "A", "P")))
            fake = etree.SubElement(
                deep, bpmn(odd.rng.choice(("terminateEventDefinition", "sequenceFlow", "startEvent"))), id="S"
            )
            fake.text = "text"
            fake.tail = "尾"


def annotated(odd: Odd) -> None:
    """Notes, groups, a category, and what is declared and never used."""
    process = odd.root.findall(bpmn("process"))[-1]
    note = etree.SubElement(process, bpmn("textAnnotation"), id="odd_note")
    etree.SubElement(note, bpmn("text")).text = "<注意>\n两行"
    etree.SubElement(process, bpmn("group"), id="odd_group", categoryValueRef="odd_value")
    node = odd.rng.choice(odd.nodes())
    if node.getparent() is process and node.get("id"):
        etree.SubElement(
            process, bpmn("association"), id="odd_line", sourceRef=str(node.get("id")), targetRef="odd_note"
        )
    category = etree.Element(bpmn("category"), id="odd_category")
    etree.SubElement(category, bpmn("categoryValue"), id="odd_value", value="组")
    unused = (
        etree.Element(bpmn("message"), id="odd_message"),
        etree.Element(bpmn("signal"), id="odd_signal", name="没人听"),
        etree.Element(bpmn("error"), id="odd_error"),
        etree.Element(bpmn("resource"), id="odd_resource", name="车"),
        etree.Element(bpmn("itemDefinition"), id="odd_item", isCollection="true"),
        category,
    )
    for each in unused:
        odd.root.insert(0, each)


def pooled(odd: Odd) -> None:
    """A pool around the process, a black box beside it, and a message flow that leads nowhere in particular."""
    if odd.root.find(bpmn("collaboration")) is not None:
        return
    key = str(odd.root.findall(bpmn("process"))[-1].get("id"))
    pools = etree.Element(bpmn("collaboration"), id="odd_pools")
    etree.SubElement(pools, bpmn("participant"), id="odd_city", name="市城管委", processRef=key)
    etree.SubElement(pools, bpmn("participant"), id="odd_people", name="市民")
    etree.SubElement(pools, bpmn("messageFlow"), id="odd_call", sourceRef="odd_people", targetRef="odd_city")
    odd.root.insert(0, pools)


def laned(odd: Odd) -> None:
    """Lanes in lanes, one of them empty."""
    process = odd.root.findall(bpmn("process"))[-1]
    if process.find(bpmn("laneSet")) is not None:
        return
    lanes = etree.Element(bpmn("laneSet"), id="odd_lanes")
    outer = etree.SubElement(lanes, bpmn("lane"), id="odd_lane", name="一层")
    etree.SubElement(lanes, bpmn("lane"), id="odd_empty")
    inner = etree.SubElement(etree.SubElement(outer, bpmn("childLaneSet")), bpmn("lane"), id="odd_inner", name="二层")
    for node in odd.nodes():
        if node.getparent() is process and local(node) != "boundaryEvent":
            etree.SubElement(inner, bpmn("flowNodeRef")).text = node.get("id")
    before = [
        c for c in process if local(c) in ("documentation", "extensionElements", "auditing", "monitoring", "property")
    ]
    process.insert(len(before), lanes)


def beside(odd: Odd) -> None:
    """A second process that is not to be executed and would not be any good."""
    other = etree.SubElement(odd.root, bpmn("process"), id="odd_sketch", isExecutable="false")
    etree.SubElement(other, bpmn("task"), id="odd_lost", name="草图")
    last = odd.root.findall(bpmn("process"))[0]
    odd.root.remove(other)
    odd.root.insert(odd.root.index(last) + 1, other)
