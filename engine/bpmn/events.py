"""Events: which of them start, end, or wait for the clock, and for how long."""

from __future__ import annotations

from lxml import etree

from engine.bpmn import timers
from engine.bpmn.collecting import DrawnNode
from engine.bpmn.expressions import Expressions, language_of
from engine.bpmn.model import Kind, Timer, TimerKind, Value
from engine.bpmn.namespaces import bpmn, is_bpmn, line, local, text
from engine.bpmn.problems import Problems, clip
from engine.bpmn.supported import REFUSED

_EVENT_TAGS = {
    Kind.START: ("开始事件", "a start event"),
    Kind.END: ("结束事件", "an end event"),
    Kind.TIMER_CATCH: ("中间捕获事件", "an intermediate catch event"),
    Kind.TIMER_BOUNDARY: ("边界事件", "a boundary event"),
}


def kind_of(node: DrawnNode, problems: Problems) -> Kind | None:
    """What an event does, None (said) when its definitions make it one that is not supported."""
    drawn = Kind(node.kind or "")  # an event has one
    definitions = _definitions(node.element)
    if any(definition in REFUSED for definition in definitions):
        return None  # refused by name already
    if drawn in (Kind.START, Kind.END) and not definitions:
        return drawn
    if drawn is Kind.END and definitions == ["terminateEventDefinition"]:
        return Kind.TERMINATE
    if drawn in (Kind.TIMER_CATCH, Kind.TIMER_BOUNDARY) and definitions == ["timerEventDefinition"]:
        return drawn
    zh, en = _EVENT_TAGS[drawn]
    if len(definitions) > 1:
        _refuse(node, f"带有几个定义的{zh}", f"{en} with several definitions", problems)
    elif definitions:
        shown = definitions[0].removesuffix("EventDefinition")
        _refuse(node, f"{shown} {zh}", f"{en} of the type {shown}", problems)
    else:
        _refuse(node, f"没有定义的{zh}", f"{en} without a definition", problems)
    return None


def _definitions(element: etree._Element) -> list[str]:
    tags = [local(child) for child in element if is_bpmn(child)]
    return [tag for tag in tags if tag.endswith("EventDefinition") or tag == "eventDefinitionRef"]


def _refuse(node: DrawnNode, zh: str, en: str, problems: Problems) -> None:
    name = clip(node.element.get("name") or "", 40)
    problems.add(
        "unsupported",
        f"“{name or node.id}”：暂不支持{zh}；请改用普通开始、结束、终止或定时事件。",
        f"“{name or node.id}”: {en} is not supported yet; use a plain start, an end, a terminate end or a timer.",
        line=line(node.element),
        element=node.id,
    )


def timer(node: DrawnNode, expressions: Expressions, scope: tuple[str, ...], problems: Problems) -> Timer | None:
    """The timer of a catching or boundary event, None (said) when it is no good."""
    definition = node.element.find(bpmn("timerEventDefinition"))
    times = [] if definition is None else [each for each in definition if is_bpmn(each)]
    for element in times:
        tag = local(element)
        if tag not in ("timeDuration", "timeDate"):
            continue
        kind = TimerKind.DURATION if tag == "timeDuration" else TimerKind.DATE
        value = _time(text(element), kind, element, expressions, scope, node, problems)
        return Timer(kind, value) if value is not None else None
    if "timeCycle" not in map(local, times):
        _bad(
            node,
            node.element,
            "缺少时间（timeDuration 或 timeDate）",
            "it has no time (timeDuration or timeDate)",
            problems,
        )
    return None


def _time(
    raw: str,
    kind: TimerKind,
    element: etree._Element,
    expressions: Expressions,
    scope: tuple[str, ...],
    node: DrawnNode,
    problems: Problems,
) -> Value | None:
    if raw.startswith(("=", "${", "#{")):
        found = expressions.check(raw, element, ("定时", "the timer"), scope, language=language_of(element))
        return Value(found.text, is_feel=True) if found else None
    try:
        return Value(timers.duration(raw) if kind is TimerKind.DURATION else timers.moment(raw))
    except timers.BadTimer as error:
        shown = clip(raw, 40)
        _bad(
            node,
            element,
            f"时间“{shown}”不可用：{error.zh}（表达式以 = 开头）",
            f"the time “{shown}” cannot be used: {error.en} (an expression begins with =)",
            problems,
        )
        return None


def _bad(node: DrawnNode, element: etree._Element, zh: str, en: str, problems: Problems) -> None:
    problems.add("timer", f"定时事件：{zh}。", f"timer: {en}.", line=line(element), element=node.id)


def is_interrupting(element: etree._Element) -> bool:
    """Whether a boundary event ends the activity it is attached to (BPMN's default)."""
    return (element.get("cancelActivity") or "true").strip() not in ("false", "0")
