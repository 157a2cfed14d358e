"""The events of an event node, judged together: how many, which beside which, interrupting or not."""

from __future__ import annotations

from dataclasses import dataclass

from engine.bpmn import words
from engine.bpmn.model import Event, Trigger
from engine.bpmn.namespaces import flag, line
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading.collecting import DrawnNode
from engine.bpmn.reading.events import Events, Found, Scope
from engine.bpmn.reading.places import ALONE, ALWAYS_INTERRUPTING, LASTING, NEVER_TOGETHER, Place, interrupts


@dataclass(frozen=True, slots=True)
class Standing:
    """What an event node is: its events, whether all of them must come, whether it interrupts."""

    events: tuple[Event, ...] = ()
    all_events: bool = False
    interrupting: bool = True


def read(
    node: DrawnNode, place: Place, events: Events, scope: Scope, found: Found, problems: Problems
) -> Standing | None:
    """The events of a node; None, the problems said, when one of them is no good."""
    definitions = events.definitions(node.element)
    read = [events.read(each, node, place, scope, found) for each in definitions]
    if not definitions and not place.may_be_none:
        zh, en = place.value
        advice = "请选定时、消息等类型", "choose its type: a timer, a message and so on"
        _say(node, "event-place", f"{zh}没有定义；{advice[0]}", f"{en} without a definition; {advice[1]}", problems)
        return None
    if any(each is None for each in read):
        return None
    good = [each for each in read if each is not None]
    if "message" in found:
        _check_setting(node, found, {each.trigger for each in good}, problems)
    standing = Standing(
        events=tuple(sorted(good, key=lambda each: each.trigger in LASTING)) if place is Place.END else tuple(good),
        all_events=flag(node.element, "parallelMultiple") and len(good) > 1,
        interrupting=interrupts(node, place),
    )
    return standing if _fit_together(node, place, standing, problems) else None


def _check_setting(node: DrawnNode, found: Found, triggers: set[Trigger], problems: Problems) -> None:
    """`ld:message` of an event: one of its definitions is of a sort that carries something."""
    if not triggers & {Trigger.MESSAGE, Trigger.SIGNAL, Trigger.ERROR, Trigger.ESCALATION}:
        zh = "ld:message 只用于消息、信号、错误和升级事件"
        en = "ld:message belongs on an event with a message, a signal, an error or an escalation"
        _say(node, "setting-misplaced", zh, en, problems)
    elif "from" in found["message"][0].values and not triggers & {Trigger.MESSAGE, Trigger.SIGNAL}:
        zh, en = (
            "ld:message from：只用于接收的消息或信号",
            "ld:message from: only where a message or a signal is received",
        )
        _say(node, "setting", zh, en, problems)
    elif "correlation" in found["message"][0].values and Trigger.MESSAGE not in triggers:
        zh, en = "ld:message correlation 只用于消息", "ld:message correlation is for messages only"
        _say(node, "setting", zh, en, problems)


def _fit_together(node: DrawnNode, place: Place, standing: Standing, problems: Problems) -> bool:
    triggers = [each.trigger for each in standing.events]
    before = len(problems.errors)
    for trigger in ALONE.get(place, frozenset()):
        if trigger in triggers and len(triggers) > 1:
            called = words.TRIGGERS[trigger]
            zh = f"{called[0]}事件不能与别的事件合在一起；请分成两个事件"
            en = f"a {called[1]} event cannot stand beside another definition; draw two events"
            _say(node, "event-mix", zh, en, problems)
    if place is Place.END and sum(each in LASTING for each in triggers) > 1:
        zh, en = "错误、取消、终止只能选一个", "of error, cancel and terminate it can have only one"
        _say(node, "event-mix", zh, en, problems)
    if standing.all_events and set(triggers) & NEVER_TOGETHER:
        zh = "错误、升级、取消、补偿不能要求“全部到齐”（parallelMultiple）"
        en = "errors, escalations, cancel and compensation cannot be among events that must all come (parallelMultiple)"
        _say(node, "event-mix", zh, en, problems)
    if not standing.interrupting and set(triggers) & ALWAYS_INTERRUPTING:
        zh, en = "错误和取消总是中断的；请设为中断", "errors and cancel always interrupt; make the event interrupting"
        _say(node, "event-interrupting", zh, en, problems)
    return len(problems.errors) == before


def _say(node: DrawnNode, code: str, zh: str, en: str, problems: Problems) -> None:
    name = clip(node.element.get("name") or node.id, 40)
    problems.add(code, f"“{name}”：{zh}。", f"“{name}”: {en}.", line=line(node.element), element=node.id)
