"""From what was collected to the nodes, flows and lanes of the model."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from lxml import etree

from engine.bpmn.model import Call, Event, Flow, Kind, Lane, Node, Trigger
from engine.bpmn.namespaces import bpmn, flag, line, ref, text
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading import activities, compensation, standing, typed
from engine.bpmn.reading.collecting import Drawn, DrawnFlow, DrawnNode
from engine.bpmn.reading.data import Associations, Moved
from engine.bpmn.reading.declared import Declared
from engine.bpmn.reading.events import Events, Found
from engine.bpmn.reading.expressions import Expressions, language_of
from engine.bpmn.reading.extension import Extension
from engine.bpmn.reading.items import Items
from engine.bpmn.reading.places import place_of
from engine.bpmn.reading.repeating import Repeating, names_inside
from engine.bpmn.reading.standing import Standing
from engine.bpmn.settings import ClockSetting, Confidential, Operating
from engine.bpmn.values import Names

Scope = tuple[str, ...]
_GATEWAY_NAMES: Scope = ("activationCount", "waitingForStart")


@dataclass(slots=True)
class Built:
    """The parts of a model. `whole` is False when a node was left out because it is not supported or no good."""

    names: Names
    documentation: str
    clocks: tuple[ClockSetting, ...]
    line: int = 0
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    lanes: tuple[Lane, ...] = ()
    variables: tuple[str, ...] = ()
    whole: bool = True
    allowed_acts: frozenset[str] = frozenset()
    denied_acts: frozenset[str] = frozenset()
    confidential: Confidential | None = None
    operating: Operating | None = None


class Building:
    """Builds the parts of one process."""

    def __init__(
        self, drawn: Drawn, declared: Declared, extension: Extension, expressions: Expressions, problems: Problems
    ) -> None:
        self.drawn = drawn
        self.expressions = expressions
        self.problems = problems
        self.extension = extension
        self.items = Items(drawn, extension, problems)
        self.events = Events(declared, expressions, extension, problems)
        self.repeating = Repeating(self.items, self.events, expressions, problems)
        self.data = Associations(drawn, self.items, extension, expressions, problems)
        self.inside: dict[str | None, Scope] = {None: tuple(self.items.variables.get(None, ()))}
        self.lane_of = {node: lane.id for lane in drawn.lanes.values() for node in lane.nodes}

    def build(self) -> Built:
        """All parts; what is wrong with them is said."""
        process = self.drawn.process
        found = self.extension.read(process, self.inside[None])
        names = typed.names(process, found)
        if self.drawn.participant is not None:
            pool = self.drawn.participant
            theirs = typed.names(pool, self.extension.read(pool))
            names = Names(names.zh or theirs.zh, names.en or theirs.en)
        built = Built(names, _documentation(process), typed.clocks(found, self.problems), line(process))
        built.allowed_acts, built.denied_acts = typed.acts(found, "allow"), typed.acts(found, "deny")
        built.confidential = typed.confidential(found)
        built.operating = typed.operating(found)
        built.variables = tuple(self.items.variables.get(None, ()))
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
        if built.whole:
            compensation.attach(built.nodes, self.drawn, self.problems)
        return built

    def _node(self, drawn: DrawnNode) -> Node | None:
        element, kind = drawn.element, drawn.kind
        outer = self.inside.get(drawn.parent, ())
        own = (*names_inside(drawn, self.items), *self.data.targets(drawn), *self.items.variables.get(drawn.id, ()))
        inside = self.inside[drawn.id] = tuple(dict.fromkeys((*outer, *own)))
        found = self.extension.read(element, inside)
        if kind is None:
            return None
        stands = self._stands(drawn, kind, outer, inside, found)
        if stands is None:
            return None
        moved = self.data.read(drawn, inside)
        settings = typed.settings(found, self.problems)
        node = Node(
            id=drawn.id,
            kind=kind,
            names=typed.names(element, found),
            line=line(element),
            parent=drawn.parent,
            lane=self.lane_of.get(drawn.id),
            documentation=_documentation(element),
            incoming=tuple(drawn.incoming),
            outgoing=tuple(drawn.outgoing),
            default=self._default(drawn),
            settings=replace(
                settings, decision=activities.decided(drawn, settings, self.expressions.written, self.problems)
            ),
            events=stands.events,
            all_events=stands.all_events,
            interrupting=stands.interrupting,
            host=self._host(drawn) if kind is Kind.BOUNDARY else None,
            activation=self._activation(drawn) if kind is Kind.COMPLEX else None,
            instantiates=self._instantiates(drawn),
        )
        return self._activity(node, drawn, outer, inside, found, moved) if kind.is_activity else node

    def _stands(self, drawn: DrawnNode, kind: Kind, outer: Scope, inside: Scope, found: Found) -> Standing | None:
        """The events of a node, None when they are no good."""
        if kind.is_event:
            return standing.read(drawn, place_of(drawn, self.drawn), self.events, outer, found, self.problems)
        if kind is Kind.EVENT_BASED:
            parallel = (drawn.element.get("eventGatewayType") or "").strip() == "Parallel"
            return Standing(all_events=parallel)
        if kind in (Kind.SEND, Kind.RECEIVE):
            event = self._message(drawn, kind, inside, found)
            return Standing((event,)) if event is not None else None
        return Standing()

    def _message(self, drawn: DrawnNode, kind: Kind, scope: Scope, found: Found) -> Event | None:
        """The message of a send or receive task."""
        element, throws = drawn.element, kind is Kind.SEND
        target = ref(element.get("messageRef"), element)
        operation = ref(element.get("operationRef"), element)
        if operation:
            target = self.events.of_operation(element, operation, target) or ""
        starts = not throws and flag(element, "instantiate")
        event = self.events.named(Trigger.MESSAGE, element, drawn.id, target, scope, throws=throws, starts=starts)
        if event is None or "message" not in found:
            return event
        return self.events.carrying(event, found["message"][0], throws=throws, starts=starts)

    def _activity(self, node: Node, drawn: DrawnNode, outer: Scope, inside: Scope, found: Found, moved: Moved) -> Node:
        element, kind, problems = drawn.element, node.kind, self.problems
        call: Call | None = None
        if kind is Kind.CALL:
            ways = (moved.inputs, moved.outputs)
            call = activities.call(drawn, found, ways, self.expressions, inside, problems)
            moved = Moved(lookups=moved.lookups)
        return replace(
            node,
            script=activities.script(drawn, self.expressions, inside, problems) if kind is Kind.SCRIPT else None,
            call=call,
            for_compensation=flag(element, "isForCompensation"),
            start_quantity=activities.quantity(drawn, "startQuantity", problems),
            completion_quantity=activities.quantity(drawn, "completionQuantity", problems),
            loop=self.repeating.loop(drawn, inside),
            multi_instance=self.repeating.multi_instance(drawn, outer, inside),
            inputs=moved.inputs,
            lookups=moved.lookups,
            outputs=moved.outputs,
            variables=tuple(self.items.variables.get(drawn.id, ())) if kind.is_scope else (),
        )

    def _instantiates(self, drawn: DrawnNode) -> bool:
        """Whether a node starts the process by itself; a receive task after a gateway that does leaves that to the gateway."""
        if drawn.kind not in (Kind.RECEIVE, Kind.EVENT_BASED) or not flag(drawn.element, "instantiate"):
            return False
        before = [self.drawn.nodes[self.drawn.flows[flow].source] for flow in drawn.incoming]
        return not any(each.kind is Kind.EVENT_BASED and flag(each.element, "instantiate") for each in before)

    def _activation(self, drawn: DrawnNode) -> str | None:
        return activities.activation(drawn, self.expressions, self._gateway_scope(drawn), self.problems)

    def _gateway_scope(self, drawn: DrawnNode) -> Scope:
        """The names that the expressions of a complex gateway may use: how many tokens came, in all and over each flow."""
        return (*self.inside.get(drawn.parent, ()), *_GATEWAY_NAMES, *drawn.incoming)

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
        if drawn.is_link:
            return Flow(drawn.id, drawn.source, drawn.target, None, order, Names(), line(element), given_id=False)
        source = self.drawn.nodes[drawn.source]
        scope = self.inside.get(source.parent, ())
        if source.kind is Kind.COMPLEX:
            scope = self._gateway_scope(source)
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
