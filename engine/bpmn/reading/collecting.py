"""What a process draws, collected from its elements: nodes, flows, associations and lanes as they stand, references checked."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn.model import Kind
from engine.bpmn.namespaces import BPMN, bpmn, id_of, line, local, ref, split
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading import ids, lanes
from engine.bpmn.reading.moddle import FLOW_NODES
from engine.bpmn.reading.pools import Pool
from engine.bpmn.reading.supported import kind_of


@dataclass(slots=True)
class DrawnFlow:
    """A sequence flow of the file, or a link (its element is the event that throws it)."""

    id: str
    element: etree._Element
    source: str
    target: str
    given_id: bool
    is_link: bool = False


@dataclass(slots=True)
class DrawnNode:
    """A flow node of the file; `kind` None for one that is not supported."""

    id: str
    element: etree._Element
    kind: Kind | None
    parent: str | None
    outgoing: list[str] = field(default_factory=list)
    incoming: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Drawn:
    """All of one process. `associations` are pairs of ids, from and to."""

    process: etree._Element
    participant: etree._Element | None
    taken: set[str]
    nodes: dict[str, DrawnNode] = field(default_factory=dict)
    flows: dict[str, DrawnFlow] = field(default_factory=dict)
    lanes: lanes.Lanes = field(default_factory=dict)
    associations: list[tuple[str, str]] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The id of the process."""
        return id_of(self.process)


def collect(pool: Pool, taken: set[str], problems: Problems) -> Drawn:
    """One process with its nodes, flows and lanes. `taken`: the ids of the file, to which those made for flows are added."""
    drawn = Drawn(pool.process, pool.participant, taken)
    _scope(drawn.process, None, drawn, problems)
    root = drawn.process.getroottree().getroot()
    for element in root.iter(bpmn("association")):
        drawn.associations.append((ref(element.get("sourceRef"), element), ref(element.get("targetRef"), element)))
    _check_flows(drawn, problems)
    drawn.lanes = lanes.collect(drawn.process, set(drawn.nodes), problems)
    return drawn


def _scope(container: etree._Element, parent: str | None, drawn: Drawn, problems: Problems) -> None:
    for element in container:
        if split(str(element.tag))[0] != BPMN:
            continue
        tag = local(element)
        if tag in FLOW_NODES:
            id_ = id_of(element)
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
                drawn.nodes[id_] = DrawnNode(id_, element, kind_of(element), parent)
            if tag in ("subProcess", "transaction"):
                _scope(element, id_, drawn, problems)
            elif tag == "adHocSubProcess":
                _scope(element, id_, drawn, Problems(problems.file))
        elif tag == "sequenceFlow":
            _flow(element, drawn)


def _flow(element: etree._Element, drawn: Drawn) -> None:
    source, target = ref(element.get("sourceRef"), element), ref(element.get("targetRef"), element)
    given = id_of(element)
    id_ = given or ids.free(f"{source}_to_{target}", drawn.taken)
    if id_ not in drawn.flows:
        drawn.flows[id_] = DrawnFlow(id_, element, source, target, bool(given))


def _check_flows(drawn: Drawn, problems: Problems) -> None:
    for flow in drawn.flows.values():
        source, target = drawn.nodes.get(flow.source), drawn.nodes.get(flow.target)
        if source is None:
            ids.dangling(flow.element, "sourceRef", flow.source, problems)
        if target is None:
            ids.dangling(flow.element, "targetRef", flow.target, problems)
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
