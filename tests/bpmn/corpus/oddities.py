"""Ways of drawing the same process that look odd and mean the same: each takes a tree and changes how it is said, never what."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.namespaces import BPMN, BPMNDI, DC, DI, XSI, bpmn, split
from tests.bpmn.corpus.writing import Writer

VENDORS = (
    "urn:vendor",
    "http://camunda.org/schema/modeler/1.0",
    "http://www.signavio.com",
    "http://www.omg.org/spec/BPMN/20100501/MIWG",
    "http://www.trisotech.com/2014/triso/bpmn",
)
WORDS = ("id", "note", "stroke", "x-1", "hint", "bgcolor", "备注")
REFERRING = frozenset(
    (
        *(
            "sourceRef",
            "targetRef",
            "default",
            "attachedToRef",
            "bpmnElement",
            "processRef",
            "activityRef",
            "dataObjectRef",
        ),
        *(
            "dataStoreRef",
            "itemSubjectRef",
            "messageRef",
            "signalRef",
            "errorRef",
            "escalationRef",
            "operationRef",
            "dataInputRef",
        ),
        *("categoryValueRef", "noneBehaviorEventRef", "oneBehaviorEventRef", "labelStyle"),
    )
)
NODES = frozenset(
    (
        *(
            "startEvent",
            "endEvent",
            "intermediateCatchEvent",
            "intermediateThrowEvent",
            "boundaryEvent",
            "userTask",
            "manualTask",
        ),
        *(
            "scriptTask",
            "businessRuleTask",
            "serviceTask",
            "sendTask",
            "receiveTask",
            "task",
            "callActivity",
            "exclusiveGateway",
        ),
        *("parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway", "subProcess", "transaction"),
    )
)
SCOPES = frozenset(("process", "subProcess", "transaction"))


@dataclass
class Odd:
    """A file being spelled oddly. `renamed`: ids of nodes that have new names."""

    rng: random.Random
    root: etree._Element
    renamed: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    def own(self) -> list[etree._Element]:
        """Elements of BPMN, those in extensions left out."""
        return [
            e
            for e in self.root.iter(f"{{{BPMN}}}*")
            if not any(a.tag == bpmn("extensionElements") for a in e.iterancestors())
        ]

    def nodes(self) -> list[etree._Element]:
        return [each for each in self.own() if split(str(each.tag))[1] in NODES]


def local(element: etree._Element) -> str:
    return split(str(element.tag))[1]


# ---------------------------------------------------------------- names and ids


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
    _rename(odd, lambda id_, at: f"{id_}.{at}-" + "长" * (190 - len(id_)))


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


# ---------------------------------------------------------------- order and layout


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


# ---------------------------------------------------------------- what stands beside


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


# ---------------------------------------------------------------- spelled otherwise


def formal(odd: Odd) -> None:
    """Expressions with their type, their language, and the sign before them."""
    for each in odd.own():
        if local(each) in (
            "conditionExpression",
            "timeDuration",
            "timeDate",
            "timeCycle",
            "loopCondition",
            "condition",
            "completionCondition",
        ):
            each.set(f"{{{XSI}}}type", "bpmn:tFormalExpression")
            if local(each) in ("conditionExpression", "loopCondition", "condition", "completionCondition"):
                each.set(
                    "language", odd.rng.choice(("feel", "FEEL", "https://www.omg.org/spec/DMN/20191111/FEEL/", ""))
                )
                each.text = odd.rng.choice(("=", " = ", "")) + (each.text or "").strip().removeprefix("=")
                each.text = each.text.replace(" ", "\n   ") if '"' not in each.text else each.text


def truths(odd: Odd) -> None:
    """True as 1, false as 0, and what is the default said."""
    for each in odd.own():
        for key, value in each.attrib.items():
            if (
                split(str(each.tag))[0] == BPMN
                and str(value) in ("true", "false")
                and key not in REFERRING | {"id", "name"}
            ):
                each.set(
                    key, {"true": odd.rng.choice(("1", "true")), "false": odd.rng.choice(("0", "false"))}[str(value)]
                )
        if local(each) == "boundaryEvent" and each.get("cancelActivity") is None and odd.rng.random() < 0.5:
            each.set("cancelActivity", "1")
        if (
            "Task" in local(each)
            and local(each) in NODES
            and each.get("startQuantity") is None
            and odd.rng.random() < 0.3
        ):
            each.set("startQuantity", "1")


def padded(odd: Odd) -> None:
    """Blanks around references: XML Schema takes them away."""
    for each in odd.own():
        for key in ("sourceRef", "targetRef", "default", "attachedToRef", "messageRef", "signalRef"):
            if key in each.attrib and odd.rng.random() < 0.4:
                each.set(key, f" {each.get(key)} ")
        if local(each) in ("outgoing", "incoming", "flowNodeRef") and odd.rng.random() < 0.5:
            each.text = f"\n      {each.text}\n    "


def qualified(odd: Odd) -> None:
    """References by the name of the file's own namespace."""
    for each in odd.own():
        for key in ("messageRef", "signalRef", "errorRef", "escalationRef"):
            if key in each.attrib and odd.rng.random() < 0.5:
                each.set(key, f"own:{str(each.get(key)).strip()}")


# ---------------------------------------------------------------- drawn


def drawn(odd: Odd) -> None:
    """A diagram with colours and labels, part of the nodes left out."""
    _diagram(odd, 1, 0.7)


def drawn_twice(odd: Odd) -> None:
    """Two diagrams of the same process, places that overlap, numbers with fractions and below nought."""
    _diagram(odd, 1, 1.0)
    _diagram(odd, 2, 0.5)


def _diagram(odd: Odd, number: int, share: float) -> None:
    process = odd.root.findall(bpmn("process"))[-1]
    diagram = etree.SubElement(
        odd.root, f"{{{BPMNDI}}}BPMNDiagram", id=f"odd_diagram{number}", name="图", resolution="96.00000267028808"
    )
    plane = etree.SubElement(
        diagram, f"{{{BPMNDI}}}BPMNPlane", id=f"odd_plane{number}", bpmnElement=str(process.get("id"))
    )
    for at, node in enumerate(odd.nodes()):
        if odd.rng.random() > share:
            continue
        shape = etree.SubElement(
            plane, f"{{{BPMNDI}}}BPMNShape", id=f"odd_shape{number}_{at}", bpmnElement=str(node.get("id"))
        )
        if odd.rng.random() < 0.4:
            shape.set("{http://bpmn.io/schema/bpmn/biocolor/1.0}stroke", "rgb(229, 57, 53)")
            shape.set("{http://www.omg.org/spec/BPMN/non-normative/color/1.0}background-color", "#ffcdd2")
        x, y = odd.rng.choice((("-120.5", "1e2"), ("100", "80.000001"), ("0", "0")))
        etree.SubElement(shape, f"{{{DC}}}Bounds", x=x, y=y, width="36", height="36.25")
        if odd.rng.random() < 0.3:
            label = etree.SubElement(shape, f"{{{BPMNDI}}}BPMNLabel")
            etree.SubElement(label, f"{{{DC}}}Bounds", x="1", y="2", width="30", height="14")
    for at, flow in enumerate(odd.root.iter(bpmn("sequenceFlow"))):
        if flow.get("id") and odd.rng.random() < share:
            edge = etree.SubElement(
                plane, f"{{{BPMNDI}}}BPMNEdge", id=f"odd_edge{number}_{at}", bpmnElement=str(flow.get("id"))
            )
            for x in ("0", "50", "50", "200.5"):
                etree.SubElement(edge, f"{{{DI}}}waypoint", x=x, y="18")


ODDITIES: Mapping[str, Callable[[Odd], None]] = {
    each.__name__: each
    for each in (
        *(
            chinese_ids,
            engine_ids,
            long_ids,
            guid_ids,
            no_flow_ids,
            chinese_names,
            flows_first,
            flows_last,
            roots_after,
            says_ways,
        ),
        *(
            documented,
            vendors,
            extensions,
            annotated,
            pooled,
            laned,
            beside,
            formal,
            truths,
            padded,
            qualified,
            drawn,
            drawn_twice,
        ),
    )
}
_LATE = ("vendors", "says_ways", "drawn", "drawn_twice", "padded", "qualified")  # they speak of ids: after all renaming
_ALONE = (
    {"chinese_ids", "engine_ids", "long_ids", "guid_ids"},
    {"flows_first", "flows_last"},
    {"drawn", "drawn_twice"},
)


@dataclass(frozen=True)
class Spelled:
    """An odd file: its bytes, what was done to it, and the new names of its nodes."""

    data: bytes
    done: tuple[str, ...]
    renamed: Mapping[str, str]


PREFIXES = ("bpmn", "bpmn2", "semantic", "model", "流程", "b", "", "")
HEADS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    "<?xml version='1.0' encoding='utf-8' standalone='yes'?>",
    '<?xml version="1.0"?>\n<!-- 由某工具导出 -->\n',
    "",
    "\ufeff",
    '\ufeff<?xml version="1.0" encoding="utf-8"?>\r\n<?made by="hand"?>\n',
    '<?xml version = "1.0"   encoding = "UTF-8" standalone = "no" ?>\n\n',
)


def spelled(rng: random.Random, data: bytes) -> Spelled:
    """A good file in an odd spelling."""
    odd = Odd(rng, etree.fromstring(data, etree.XMLParser(remove_comments=True, remove_blank_text=True)))
    chosen = set(rng.sample(list(ODDITIES), rng.randint(1, 7)))
    for group in _ALONE:
        for extra in sorted(chosen & group)[1:]:
            chosen.discard(extra)
    for name in sorted(chosen, key=lambda each: (each in _LATE, list(ODDITIES).index(each))):
        ODDITIES[name](odd)
        odd.done.append(name)
    prefixes = {BPMN: rng.choice(PREFIXES), BPMNDI: rng.choice(("bpmndi", "d", "图")), DC: rng.choice(("dc", "omgdc"))}
    prefixes |= {str(odd.root.get("targetNamespace")): "own"} if "qualified" in chosen else {}
    text = Writer(rng, prefixes).write(odd.root).decode()
    text = rng.choice(HEADS) + text
    if rng.random() < 0.2:
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
        odd.done.append("crlf")
    return Spelled(text.encode(), tuple(odd.done), odd.renamed)
