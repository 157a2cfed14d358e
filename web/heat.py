"""What the live picture shows of each element, in words and as levels of heat; pure of any request but its language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine.bpmn.model import Flow, Kind, Node, ProcessModel
from engine.queries.flow_waits import Waiting
from engine.queries.flows import Lasted
from escalation import sla, words
from escalation.picture.figures import LATE, PASSED, TIME, WAITING, Figures
from escalation.step_times import Counted
from web.texts import locale, t

SHOWS: Mapping[str, tuple[str, str]] = {
    WAITING: ("等待", "Waiting"),
    LATE: ("超时", "Late"),
    PASSED: ("频次", "Frequency"),
    TIME: ("用时", "Time"),
}
MEANS: Mapping[str, tuple[str, str]] = {
    WAITING: ("现在等在各环节的任务、定时和消息", "tasks, timers and messages that wait at each step now"),
    LATE: ("现在等待、且时限已过的任务", "tasks that wait now and whose due time is over"),
    PASSED: ("时段内经过各环节和连线的次数", "how often each step was left and each flow taken in the period"),
    TIME: ("时段内办结任务的用时中位数", "the median time of the tasks completed in the period"),
}
LEVELS = 4


@dataclass(slots=True)
class Heat:
    """An element with its numbers. `node` is None for a flow, both are None for what the shown version does not have any more."""

    id: str
    name: str
    node: Node | None = None
    flow: Flow | None = None
    now: Waiting = field(default_factory=Waiting)
    passed: int = 0
    untold: int = 0
    lasted: Lasted | None = None
    counted: list[Counted] = field(default_factory=list)
    only_way: bool = False
    """A flow whose source has no other: its number is the source's, which the drawing need not say twice."""

    def value(self, show: str) -> float:
        """The number that is shown; 0: none."""
        if show == TIME:
            return self.lasted.median if self.lasted is not None else 0
        return {WAITING: self.now.waiting, LATE: self.now.late, PASSED: self.passed}[show]

    def text(self, show: str) -> str:
        """The same as the badge says it; empty where there is nothing to say."""
        if show == TIME:
            return length(self.lasted.median) if self.lasted is not None else ""
        value = self.value(show)
        return f"{value:,}" if value else ""


def length(seconds: float) -> str:
    """A length of time in words."""
    return words.length(timedelta(seconds=round(seconds)), locale())


def amount(of: Counted, share: str) -> str:
    """The median or p90 of what counted, in its unit."""
    return words.amount(sla.Amount(of.median if share == "median" else of.p90, of.unit), locale())


def waited(since: datetime | None, now: datetime) -> str:
    """How long something has waited."""
    return words.length(max(timedelta(), now - since), locale()) if since is not None else ""


def elements(model: ProcessModel, told: Figures) -> tuple[list[Heat], list[Heat]]:
    """Nodes in the order of the diagram, then what other versions had beside them; and its flows. Gateways, and ends that nothing came to,
    are told where something passed."""
    now, passed, lasted, counted = told.now, told.passed, told.lasted, told.counted
    known = [_node(one) for one in model.nodes.values()]
    gone = {*now, *passed.nodes, *lasted, *counted} - set(model.nodes)
    known += [Heat(name, name) for name in sorted(gone)]
    for one in known:
        one.now = now.get(one.id, one.now)
        one.passed, one.untold = passed.nodes[one.id], passed.untold[one.id]
        one.lasted, one.counted = lasted.get(one.id), list(counted.get(one.id, ()))
    flows = [
        Heat(
            flow.id,
            _flow(model, flow),
            flow=flow,
            passed=passed.flows[flow.id],
            only_way=len(model.nodes[flow.source].outgoing) == 1,
        )
        for flow in model.flows.values()
    ]
    nodes = [one for one in known if one.passed or one.now.waiting or one.lasted or _is_step(one.node)]
    return nodes, flows


def name_of(model: ProcessModel, element: str) -> str:
    """An element in words; its id where the shown version has none of that id."""
    if element in model.nodes:
        return _node(model.nodes[element]).name
    return _flow(model, model.flows[element]) if element in model.flows else element


def badges(every: Iterable[Heat], links: Mapping[tuple[str, str], str]) -> list[dict[str, Any]]:
    """What the drawing shows: of each element for each sort of number its text, level (1 to `LEVELS`), label and address."""
    listed = list(every)
    high = {show: max((one.value(show) for one in listed if one.flow is None), default=0) for show in SHOWS}
    high_flow = max((one.passed for one in listed if one.flow is not None), default=0)
    found = []
    for one in listed:
        shown = {}
        for show in SHOWS:
            value = one.value(show)
            if value:
                most = high_flow if one.flow is not None else high[show]
                text = one.text(show)
                shown[show] = {
                    "text": text,
                    "level": level(value, most),
                    "label": f"{one.name}{t('：', ': ')}{t(*SHOWS[show])} {text}",
                    "href": links[one.id, show],
                }
        if shown:
            found.append({"id": one.id, "flow": one.flow is not None, "quiet": one.only_way, "shown": shown})
    return found


def level(value: float, most: float) -> int:
    """1 to `LEVELS`: in equal steps up to the highest."""
    return max(1, min(LEVELS, -int(-(value * LEVELS) // most))) if most else 1


def is_main(one: Heat) -> bool:
    """Work of people, what holds others, and whatever waits: what a table tells first. The rest goes by itself."""
    return _is_step(one.node) or one.now.waiting > 0 or one.lasted is not None


def _is_step(node: Node | None) -> bool:
    return node is not None and (node.kind.is_inbox or node.kind.is_scope or node.kind is Kind.CALL)


def _node(node: Node) -> Heat:
    return Heat(node.id, node.names.text(locale()) or t(*_WORDS.get(node.kind, ("", ""))) or node.id, node=node)


def _flow(model: ProcessModel, flow: Flow) -> str:
    ends = [_node(model.nodes[end]).name for end in (flow.source, flow.target)]
    said = flow.names.text(locale())
    return " → ".join(ends) + (t(f"（{said}）", f" ({said})") if said else "")


_WORDS: Mapping[Kind, tuple[str, str]] = {
    Kind.START: ("开始", "Start"),
    Kind.END: ("结束", "End"),
    Kind.EXCLUSIVE: ("判断", "Choice"),
    Kind.PARALLEL: ("并行", "Fork or join"),
    Kind.INCLUSIVE: ("包容", "Inclusive choice"),
    Kind.COMPLEX: ("复杂", "Complex"),
    Kind.EVENT_BASED: ("等待事件", "Wait for an event"),
    Kind.CATCH: ("等待", "Wait"),
    Kind.THROW: ("发出", "Throw"),
    Kind.BOUNDARY: ("边界事件", "Boundary event"),
}
