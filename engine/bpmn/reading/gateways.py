"""Event-based gateways: what may stand after one (BPMN 2.0.2, section 10.6.6), and receive tasks that start a process."""

from __future__ import annotations

from engine.bpmn.model import Kind, Node, Trigger
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading.building import Built
from engine.bpmn.values import Value

_AWAITED = frozenset((Trigger.MESSAGE, Trigger.SIGNAL, Trigger.TIMER, Trigger.CONDITIONAL))
_STARTING = frozenset((Trigger.MESSAGE, Trigger.SIGNAL))


def check(built: Built, problems: Problems) -> None:
    """Judge every event-based gateway and what follows it."""
    hosts = {node.host for node in built.nodes.values() if node.host is not None}
    for node in built.nodes.values():
        repeated = node.loop is not None or node.multi_instance is not None
        if node.kind is Kind.RECEIVE and node.instantiates and repeated:
            zh, en = "开始流程的接收任务不能重复", "a receive task that starts a process cannot be repeated"
            _say(node, zh, en, problems)
        if node.kind is not Kind.EVENT_BASED:
            continue
        if node.all_events and not node.instantiates:
            zh = "并行的事件网关（eventGatewayType=“Parallel”）只能用来开始流程（instantiate）"
            en = "a parallel event-based gateway (eventGatewayType) can only start a process (instantiate)"
            _say(node, zh, en, problems)
        targets = [built.nodes[built.flows[flow].target] for flow in node.outgoing]
        if not targets:
            zh, en = "事件网关没有出去的顺序流", "no flow leaves the event-based gateway"
            _say(node, zh, en, problems)
        for target in targets:
            _check_target(node, target, hosts, problems)
        _check_same(node, targets, problems)
        receives = [each for each in targets if each.kind is Kind.RECEIVE]
        catches = [each for each in targets if each.kind is Kind.CATCH and each.has(Trigger.MESSAGE)]
        if receives and catches:
            zh = "事件网关之后不能既有消息事件又有接收任务；请只用一种"
            en = "after an event-based gateway message events and receive tasks cannot be mixed; use one of them"
            _say(node, zh, en, problems)


def _check_target(gateway: Node, target: Node, hosts: set[str], problems: Problems) -> None:
    awaited = target.kind is Kind.CATCH and {event.trigger for event in target.events} <= _AWAITED
    if not awaited and target.kind is not Kind.RECEIVE:
        zh = "事件网关之后只能是消息、信号、定时、条件的捕获事件或接收任务"
        en = (
            "only catch events of a message, a signal, a timer or a condition, or receive tasks, "
            "may follow an event-based gateway"
        )
        _say(target, zh, en, problems)
        return
    if len(target.incoming) > 1:
        zh = "事件网关之后的事件不能再有别的进入的顺序流"
        _say(target, zh, "no other flow may lead into what follows an event-based gateway", problems)
    if target.id in hosts or target.loop is not None or target.multi_instance is not None:
        zh = "事件网关之后的接收任务不能有边界事件、循环或多实例"
        en = "a receive task after an event-based gateway can have no events on its border and cannot be repeated"
        _say(target, zh, en, problems)
    if gateway.instantiates and not {event.trigger for event in target.events} <= _STARTING:
        zh = "开始流程的事件网关之后只能是消息或信号"
        _say(
            target,
            zh,
            "after an event-based gateway that starts a process only messages and signals can follow",
            problems,
        )


def _check_same(gateway: Node, targets: list[Node], problems: Problems) -> None:
    """A message that comes has one way to go; a name by expression needs data, which what starts a process has not."""
    seen: set[Value] = set()
    for target in targets:
        names = [event.name for event in target.events if event.trigger is Trigger.MESSAGE and event.name is not None]
        if any(name in seen for name in names) and not gateway.all_events:
            zh, en = "同一消息已经有另一条路", "the same message has another way already"
            _say(target, zh, en, problems)
        seen.update(names)
        if gateway.instantiates and any(event.name is not None and event.name.is_feel for event in target.events):
            zh = "流程开始之前没有数据，名称不能是表达式"
            _say(target, zh, "before a process starts there are no data, the name cannot be an expression", problems)


def _say(node: Node, zh: str, en: str, problems: Problems) -> None:
    name, english = (clip(node.names.text(locale) or node.id, 40) for locale in ("zh", "en"))
    problems.add("event-gateway", f"“{name}”：{zh}。", f"“{english}”: {en}.", line=node.line, element=node.id)
