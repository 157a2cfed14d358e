"""What a file draws, collected from its elements: nodes, flows and lanes as they stand, ids and references checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn import limits
from engine.bpmn.moddle import FLOW_NODES
from engine.bpmn.namespaces import BPMN, BPMNDI, DI, bpmn, label, line, local, split, text
from engine.bpmn.problems import Problems, clip
from engine.bpmn.supported import NODES


@dataclass(slots=True)
class DrawnFlow:
    """A sequence flow of the file."""

    id: str
    element: etree._Element
    source: str
    target: str
    given_id: bool


@dataclass(slots=True)
class DrawnNode:
    """A flow node of the file; `kind` None for one that is not supported."""

    id: str
    element: etree._Element
    kind: str | None
    parent: str | None
    outgoing: list[str] = field(default_factory=list)
    incoming: list[str] = field(default_factory=list)


@dataclass(slots=True)
class DrawnLane:
    """A lane of the file."""

    id: str
    element: etree._Element
    parent: str | None
    nodes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Drawn:
    """All of one process."""

    process: etree._Element
    participant: etree._Element | None
    nodes: dict[str, DrawnNode] = field(default_factory=dict)
    flows: dict[str, DrawnFlow] = field(default_factory=dict)
    lanes: dict[str, DrawnLane] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)


def ref(raw: str | None, element: etree._Element) -> str:
    """The id a reference means. A prefix is dropped when it stands for the file's own target namespace."""
    raw = (raw or "").strip()
    prefix, colon, name = raw.partition(":")
    if colon:
        own = element.getroottree().getroot().get("targetNamespace")
        if element.nsmap.get(prefix) == own:
            return name
    return raw


def check_ids(root: etree._Element, problems: Problems) -> None:
    """No id twice, none too long."""
    seen: dict[str, int] = {}
    for element in _own_elements(root):
        id_ = (element.get("id") or "").strip()
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


def _own_elements(root: etree._Element) -> Iterator[etree._Element]:
    """Elements of BPMN and of the drawing, those inside other tools' extensions left out."""
    stack = [root]
    while stack:
        element = stack.pop()
        if element.tag == bpmn("extensionElements"):
            continue
        if split(str(element.tag))[0] in (BPMN, BPMNDI, DI):
            yield element
        stack.extend(reversed(list(element)))


def collect(root: etree._Element, problems: Problems) -> Drawn | None:
    """The one process of a file with its nodes, flows and lanes; None, the problem said, when it has none or several."""
    found = _the_process(root, problems)
    if found is None:
        return None
    drawn = Drawn(*found, taken=_ids_of(root))
    _scope(drawn.process, None, drawn, problems)
    _check_flows(drawn, problems)
    for lane_set in [each for each in _own_elements(drawn.process) if each.tag == bpmn("laneSet")]:
        _lanes(lane_set, None, drawn, problems)
    _check_lanes(drawn, problems)
    _check_drawing(root, problems)
    return drawn


def _the_process(root: etree._Element, problems: Problems) -> tuple[etree._Element, etree._Element | None] | None:
    processes = {(each.get("id") or "").strip(): each for each in root.findall(bpmn("process"))}
    participants = root.findall(f"{bpmn('collaboration')}/{bpmn('participant')}")
    for each in participants:
        target = ref(each.get("processRef"), each)
        if target and target not in processes:
            _dangling(each, "processRef", target, problems)
    if not processes:
        problems.add("no-process", "文件里没有流程（process）。", "the file has no process.", line=line(root))
        return None
    if len(processes) > 1:
        second = list(processes.values())[1]
        problems.add(
            "several-processes",
            "文件里有几个流程；暂时每个文件只支持一个流程，请拆成几个文件。",
            "the file has several processes; only one per file is supported yet, split it.",
            line=line(second),
            element=label(second),
        )
        return None
    id_, process = next(iter(processes.items()))
    if not id_:
        problems.add("no-id", "流程缺少编号（id）。", "the process has no id.", line=line(process), element="process")
        return None
    if (process.get("isExecutable") or "").strip() in ("false", "0"):
        problems.add(
            "not-executable",
            "流程标为不可执行；要部署请把 isExecutable 设为 true。",
            "the process is marked as not executable; set isExecutable to true to deploy it.",
            line=line(process),
            element=id_,
        )
    mine = [each for each in participants if ref(each.get("processRef"), each) == id_]
    if len(mine) > 1:
        problems.add(
            "several-processes",
            "两个参与者引用同一个流程。",
            "two participants refer to the same process.",
            line=line(mine[1]),
            element=label(mine[1]),
        )
    return process, mine[0] if mine else None


def _scope(container: etree._Element, parent: str | None, drawn: Drawn, problems: Problems) -> None:
    for element in container:
        if split(str(element.tag))[0] != BPMN:
            continue
        tag = local(element)
        if tag in FLOW_NODES:
            id_ = (element.get("id") or "").strip()
            if not id_:
                problems.add(
                    "no-id",
                    f"{tag} 缺少编号（id），没有顺序流能连到它。",
                    f"the {tag} has no id, so no flow can lead to it.",
                    line=line(element),
                    element=tag,
                )
                continue
            if id_ not in drawn.nodes:
                drawn.nodes[id_] = DrawnNode(id_, element, NODES.get(tag), parent)
            if tag == "subProcess":
                _scope(element, id_, drawn, problems)
            elif tag in ("transaction", "adHocSubProcess"):
                _scope(element, id_, drawn, Problems(problems.file))
        elif tag == "sequenceFlow":
            _flow(element, drawn)


def _flow(element: etree._Element, drawn: Drawn) -> None:
    source, target = ref(element.get("sourceRef"), element), ref(element.get("targetRef"), element)
    given = (element.get("id") or "").strip()
    id_ = given or _free_id(f"{source}_to_{target}", drawn)
    if id_ not in drawn.flows:
        drawn.flows[id_] = DrawnFlow(id_, element, source, target, bool(given))


def _free_id(wanted: str, drawn: Drawn) -> str:
    """An id for a flow that has none: the same each time the file is read, and not one of the file's own."""
    id_, count = wanted, 1
    while id_ in drawn.taken:
        count += 1
        id_ = f"{wanted}_{count}"
    drawn.taken.add(id_)
    return id_


def _ids_of(root: etree._Element) -> set[str]:
    return {id_.strip() for each in root.iter() if (id_ := each.get("id"))}


def _check_flows(drawn: Drawn, problems: Problems) -> None:
    for flow in drawn.flows.values():
        source, target = drawn.nodes.get(flow.source), drawn.nodes.get(flow.target)
        if source is None:
            _dangling(flow.element, "sourceRef", flow.source, problems)
        if target is None:
            _dangling(flow.element, "targetRef", flow.target, problems)
        if source and target and source.parent != target.parent:
            problems.add(
                "flow-crosses",
                f"顺序流从“{clip(flow.source)}”连到“{clip(flow.target)}”，跨过了子流程的边界。",
                f"the flow from “{clip(flow.source)}” to “{clip(flow.target)}” crosses the border of a sub-process.",
                line=line(flow.element),
                element=flow.id,
            )
        if source:
            source.outgoing.append(flow.id)
        if target:
            target.incoming.append(flow.id)


def _dangling(element: etree._Element, name: str, target: str, problems: Problems) -> None:
    problems.add(
        "dangling",
        f"{name} 指向“{clip(target)}”，文件里没有这个元素。",
        f"{name} points to “{clip(target)}”, which is not in the file.",
        line=line(element),
        element=label(element),
    )


def _lanes(lane_set: etree._Element, parent: str | None, drawn: Drawn, problems: Problems) -> None:
    for element in lane_set.findall(bpmn("lane")):
        id_ = (element.get("id") or "").strip() or f"Lane_{len(drawn.lanes) + 1}"
        lane = drawn.lanes.setdefault(id_, DrawnLane(id_, element, parent))
        for each in element.findall(bpmn("flowNodeRef")):
            target = ref(text(each), each)
            if target in drawn.nodes:
                lane.nodes.append(target)
            else:
                _dangling(each, "flowNodeRef", target, problems)
        for inner in element.findall(bpmn("childLaneSet")):
            _lanes(inner, id_, drawn, problems)


def _check_lanes(drawn: Drawn, problems: Problems) -> None:
    """A node lies in one lane; a lane around it may name it too (nested lanes)."""
    held: dict[str, str] = {}
    for lane in drawn.lanes.values():
        for node in lane.nodes:
            other = held.get(node)
            if other is None or _around(other, lane.id, drawn):
                held[node] = lane.id
            elif not _around(lane.id, other, drawn):
                problems.add(
                    "two-lanes",
                    f"“{clip(node)}”同时在泳道“{clip(other)}”和“{clip(lane.id)}”里。",
                    f"“{clip(node)}” lies in the lanes “{clip(other)}” and “{clip(lane.id)}” at once.",
                    line=line(lane.element),
                    element=node,
                )
    for lane in drawn.lanes.values():
        lane.nodes = [node for node in dict.fromkeys(lane.nodes) if held.get(node) == lane.id]


def _around(outer: str, inner: str, drawn: Drawn) -> bool:
    at: str | None = inner
    while at is not None:
        if at == outer:
            return True
        at = drawn.lanes[at].parent
    return False


def _check_drawing(root: etree._Element, problems: Problems) -> None:
    """What is only drawn may dangle: it is said, and the file is taken."""
    ids = _ids_of(root)
    drawn_refs = (
        ("association", "sourceRef"),
        ("association", "targetRef"),
        ("messageFlow", "sourceRef"),
        ("messageFlow", "targetRef"),
        ("dataObjectReference", "dataObjectRef"),
    )
    for tag, name in drawn_refs:
        for element in root.iter(bpmn(tag)):
            target = ref(element.get(name), element)
            if target and target not in ids:
                _loose(element, name, target, problems)
    for element in root.iter(f"{{{BPMNDI}}}BPMNShape", f"{{{BPMNDI}}}BPMNEdge", f"{{{BPMNDI}}}BPMNPlane"):
        target = ref(element.get("bpmnElement"), element)
        if target and target not in ids:
            _loose(element, "bpmnElement", target, problems)
    for element in root.iter(*map(bpmn, ("dataInput", "dataOutput", "dataInputAssociation", "dataOutputAssociation"))):
        problems.warn(
            "data-drawn",
            "数据的输入输出只作图示，不会读写数据；请用表单和 ld 扩展。",
            "data inputs and outputs are only drawn here, no data is read or written; use forms and the ld extension.",
            line=line(element),
            element=label(element),
        )
        break
    for element in root.iter(bpmn("messageFlow")):
        problems.warn(
            "message-flow",
            "消息流只作图示，不发送任何消息。",
            "a message flow is only drawn here, nothing is sent.",
            line=line(element),
            element=label(element),
        )
        break


def _loose(element: etree._Element, name: str, target: str, problems: Problems) -> None:
    problems.warn(
        "drawing",
        f"{name} 指向“{clip(target)}”，文件里没有这个元素（只影响图形）。",
        f"{name} points to “{clip(target)}”, which is not in the file (this only concerns the drawing).",
        line=line(element),
        element=label(element),
    )
