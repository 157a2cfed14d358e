"""From what was collected to the nodes, flows and lanes of the model."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn import activities, events, typed
from engine.bpmn.collecting import Drawn, DrawnFlow, DrawnNode, ref
from engine.bpmn.expressions import Expressions, language_of
from engine.bpmn.extension import Extension
from engine.bpmn.model import ClockSetting, Flow, Kind, Lane, Names, Node
from engine.bpmn.namespaces import bpmn, line, text
from engine.bpmn.problems import Problems, clip


@dataclass(slots=True)
class Built:
    """The parts of a model. `whole` is False when a node was left out because it is not supported."""

    names: Names
    documentation: str
    clocks: tuple[ClockSetting, ...]
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    lanes: tuple[Lane, ...] = ()
    whole: bool = True


class Building:
    """Builds the parts of one file."""

    def __init__(self, drawn: Drawn, expressions: Expressions, problems: Problems) -> None:
        self.drawn = drawn
        self.expressions = expressions
        self.problems = problems
        self.extension = Extension(problems, expressions)
        self.items: dict[str, tuple[str, ...]] = {}
        self.lane_of = {node: lane.id for lane in drawn.lanes.values() for node in lane.nodes}

    def build(self) -> Built:
        """All parts; what is wrong with them is said."""
        process = self.drawn.process
        self.extension.check_elsewhere(process.getroottree().getroot())
        found = self.extension.read(process)
        names = typed.names(process, found)
        if self.drawn.participant is not None:
            pool = self.drawn.participant
            theirs = typed.names(pool, self.extension.read(pool))
            names = Names(names.zh or theirs.zh, names.en or theirs.en)
        built = Built(names, _documentation(self.drawn.process), typed.clocks(found, self.problems))
        for drawn in self.drawn.nodes.values():
            node = self._node(drawn)
            if node is None:
                built.whole = False
            else:
                built.nodes[node.id] = node
        for drawn in self.drawn.nodes.values():
            for order, flow in enumerate(drawn.outgoing):
                built.flows[flow] = self._flow(self.drawn.flows[flow], order)
        built.flows = {id_: built.flows[id_] for id_ in self.drawn.flows if id_ in built.flows}
        built.lanes = tuple(self._lanes())
        return built

    def _node(self, drawn: DrawnNode) -> Node | None:
        element = drawn.element
        outer = self.items.get(drawn.parent or "", ())
        item = activities.item_of(element)
        scope = (*outer, item) if item else outer
        self.items[drawn.id] = scope
        found = self.extension.read(element, scope)
        if drawn.kind is None:
            return None
        kind: Kind | None = Kind(drawn.kind)
        if kind is None or kind.is_event:
            kind = events.kind_of(drawn, self.problems)
        if kind is None:
            return None
        timed = kind in (Kind.TIMER_CATCH, Kind.TIMER_BOUNDARY)
        timer = events.timer(drawn, self.expressions, outer, self.problems) if timed else None
        return Node(
            id=drawn.id,
            spec=drawn.id,
            kind=kind,
            names=typed.names(element, found),
            line=line(element),
            parent=drawn.parent,
            lane=self.lane_of.get(drawn.id),
            documentation=_documentation(element),
            incoming=tuple(drawn.incoming),
            outgoing=tuple(drawn.outgoing),
            default=self._default(drawn),
            settings=typed.settings(found, self.problems),
            script=activities.script(drawn, self.expressions, outer, self.problems) if kind is Kind.SCRIPT else None,
            timer=timer,
            host=self._host(drawn) if kind is Kind.TIMER_BOUNDARY else None,
            interrupting=events.is_interrupting(element),
            multi_instance=activities.multi_instance(drawn, kind, self.expressions, outer, self.problems),
        )

    def _default(self, drawn: DrawnNode) -> str | None:
        default = ref(drawn.element.get("default"), drawn.element)
        if not default:
            return None
        if default not in drawn.outgoing:
            self.problems.add(
                "dangling",
                f"默认流“{clip(default)}”不是从这里出去的顺序流。",
                f"the default flow “{clip(default)}” does not leave from here.",
                line=line(drawn.element),
                element=drawn.id,
            )
            return None
        return default

    def _host(self, drawn: DrawnNode) -> str | None:
        host = ref(drawn.element.get("attachedToRef"), drawn.element)
        target = self.drawn.nodes.get(host)
        if target is None or target.parent != drawn.parent:
            self.problems.add(
                "dangling",
                f"边界事件所附的“{clip(host)}”不是同一层里的活动。",
                f"the boundary event is attached to “{clip(host)}”, which is no activity beside it.",
                line=line(drawn.element),
                element=drawn.id,
            )
            return None
        return host

    def _flow(self, drawn: DrawnFlow, order: int) -> Flow:
        element = drawn.element
        scope = self.items.get(self.drawn.nodes[drawn.source].parent or "", ())
        condition = None
        expression = element.find(bpmn("conditionExpression"))
        if expression is not None:
            checked = self.expressions.check(
                text(expression), expression, ("条件", "the condition"), scope, language=language_of(expression)
            )
            # Kept as a condition even when it is no good, so that nothing else is said of the flow.
            condition = checked.text if checked else "false"
        return Flow(
            id=drawn.id,
            source=drawn.source,
            target=drawn.target,
            condition=condition,
            order=order,
            names=typed.names(element, self.extension.read(element)),
            line=line(element),
            given_id=drawn.given_id,
        )

    def _lanes(self) -> list[Lane]:
        return [
            Lane(
                lane.id,
                typed.names(lane.element, self.extension.read(lane.element)),
                tuple(lane.nodes),
                line(lane.element),
                lane.parent,
            )
            for lane in self.drawn.lanes.values()
        ]


def _documentation(element: etree._Element) -> str:
    return "\n".join("".join(map(str, each.itertext())).strip() for each in element.findall(bpmn("documentation")))
