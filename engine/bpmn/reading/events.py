"""Event definitions, read to what they mean: which message, which signal, which error, when, of what."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lxml import etree

from engine.bpmn import words
from engine.bpmn.model import Event, Trigger
from engine.bpmn.namespaces import bpmn, flag, is_bpmn, line, local, ref, text
from engine.bpmn.problems import Problems, called_of, clip
from engine.bpmn.reading import ids
from engine.bpmn.reading.collecting import DrawnNode
from engine.bpmn.reading.declared import Declared
from engine.bpmn.reading.expressions import Expressions, language_of
from engine.bpmn.reading.extension import Extension, Setting
from engine.bpmn.reading.places import ALLOWED, Place
from engine.bpmn.reading.supported import TRIGGERS
from engine.bpmn.reading.timing import Timing
from engine.bpmn.values import Value

Scope = tuple[str, ...]
Found = Mapping[str, list[Setting]]
_CARRIERS = frozenset((Trigger.MESSAGE, Trigger.SIGNAL, Trigger.ERROR, Trigger.ESCALATION))
_NAMED = {
    Trigger.MESSAGE: ("message", "name", "消息", "a message", "messageRef"),
    Trigger.SIGNAL: ("signal", "name", "信号", "a signal", "signalRef"),
    Trigger.ERROR: ("error", "errorCode", "错误", "an error", "errorRef"),
    Trigger.ESCALATION: ("escalation", "escalationCode", "升级", "an escalation", "escalationRef"),
}


class Events:
    """Reads the event definitions of one file."""

    def __init__(self, declared: Declared, expressions: Expressions, extension: Extension, problems: Problems) -> None:
        self.declared = declared
        self.expressions = expressions
        self.extension = extension
        self.problems = problems
        self.timing = Timing(expressions, problems)
        self.readers: Mapping[Trigger, Callable[[etree._Element, str, Place, Scope], Event | None]] = {
            Trigger.CONDITIONAL: self._condition,
            Trigger.COMPENSATION: self._compensation,
            Trigger.LINK: self._link,
            Trigger.CANCEL: self._bare,
            Trigger.TERMINATE: self._bare,
            **dict.fromkeys(_NAMED, self._named),
        }

    def definitions(self, element: etree._Element) -> list[etree._Element]:
        """The event definitions of an event, those it refers to among them, in the order of the file."""
        found = []
        for child in element:
            if is_bpmn(child) and local(child) in TRIGGERS:
                found.append(child)
            elif child.tag == bpmn("eventDefinitionRef"):
                target = ref(text(child), child)
                if target in self.declared.definitions:
                    found.append(self.declared.definitions[target])
                else:
                    ids.dangling(child, "eventDefinitionRef", target, self.problems)
        return found

    def read(
        self, definition: etree._Element, node: DrawnNode, place: Place, scope: Scope, found: Found
    ) -> Event | None:
        """What one definition of an event means; None, the problem said, when it may not stand there or is no good. `found` are
        the settings of the event."""
        trigger = TRIGGERS[local(definition)]
        if trigger not in ALLOWED[place]:
            self._wrong_place(trigger, definition, node, place)
            return None
        said = self.extension.read(definition, scope)
        if trigger is Trigger.TIMER:
            return self.timing.event(definition, node, place, scope, said)
        event = self.readers[trigger](definition, node.id, place, scope)
        own = said.get("message")
        carried = own or (found.get("message") if trigger in _CARRIERS else None)
        if event is None or not carried:
            return event
        return self.carrying(event, carried[0], throws=place.throws, starts=place is Place.START, shared=not own)

    def carrying(
        self, event: Event, setting: Setting, *, throws: bool, starts: bool = False, shared: bool = False
    ) -> Event:
        """The event with what `ld:message` says: which instance is meant, what is sent, what becomes of it. `shared`: it is said of
        several definitions at once, among them this."""
        values, odd = setting.values, ("result" if throws else "payload")
        if odd in values:
            zh = f"ld:message {odd}：{'发出' if throws else '接收'}的一方不能写"
            self._setting(setting, zh, f"ld:message {odd}: not where it is {'sent' if throws else 'received'}")
        correlation = values.get("correlation")
        if correlation is not None and event.trigger is not Trigger.MESSAGE:
            if not shared:
                self._setting(
                    setting, "ld:message correlation 只用于消息", "ld:message correlation is for messages only"
                )
            correlation = None
        once = setting.literal("once") == "true"
        if correlation is not None and starts and not once:
            zh = "ld:message correlation：消息开始新的流程，还没有可比对的实例"
            en = "ld:message correlation: a message that starts a process is meant for no instance yet"
            self._setting(setting, zh, en)
        if once and not (starts and event.trigger is Trigger.MESSAGE):
            zh = "ld:message once：只用于开始流程的消息"
            self._setting(setting, zh, "ld:message once: only for a message that starts a process")
        if "over" in values and not once:
            zh = 'ld:message over：须与 once="true" 同时写'
            self._setting(setting, zh, 'ld:message over: only beside once="true"')
        optional = setting.literal("optional") == "true"
        if optional and not (throws and event.trigger is Trigger.MESSAGE):
            zh = "ld:message optional：只用于发出的消息"
            self._setting(setting, zh, "ld:message optional: only where a message is sent")
        inside = setting.literal("from") == "instances"
        receives = not throws and event.trigger in (Trigger.MESSAGE, Trigger.SIGNAL)
        if inside and not receives and (throws or not shared):
            zh = "ld:message from：只用于接收的消息或信号"
            self._setting(setting, zh, "ld:message from: only where a message or a signal is received")
        return Event(
            once=once,
            over=values["over"].text if once and "over" in values else None,
            inside=inside and receives,
            optional=optional,
            trigger=event.trigger,
            name=event.name,
            correlation=correlation.text if correlation else None,
            payload=values["payload"].text if throws and "payload" in values else None,
            result=values["result"].text if not throws and "result" in values else None,
        )

    def _condition(self, definition: etree._Element, owner: str, _: Place, scope: Scope) -> Event | None:
        element = definition.find(bpmn("condition"))
        if element is None:
            self._say("event", owner, definition, "条件事件没有条件", "the conditional event has no condition")
            return None
        what = ("条件", "the condition")
        checked = self.expressions.check(text(element), element, what, scope, language=language_of(element))
        return Event(Trigger.CONDITIONAL, condition=checked.text) if checked else None

    def _compensation(self, definition: etree._Element, _: str, place: Place, __: Scope) -> Event | None:
        """What it is to compensate is judged once all nodes are known."""
        if not place.throws:
            return Event(Trigger.COMPENSATION)
        activity = ref(definition.get("activityRef"), definition) or None
        return Event(Trigger.COMPENSATION, activity=activity, waits=flag(definition, "waitForCompletion", default=True))

    def _link(self, definition: etree._Element, owner: str, _: Place, __: Scope) -> Event | None:
        name = " ".join((definition.get("name") or "").split())
        if not name:
            self._say("event", owner, definition, "链接事件没有名称", "the link event has no name")
            return None
        return Event(Trigger.LINK, name=Value(name))

    def _bare(self, definition: etree._Element, _: str, __: Place, ___: Scope) -> Event | None:
        return Event(TRIGGERS[local(definition)])

    def _named(self, definition: etree._Element, owner: str, place: Place, scope: Scope) -> Event | None:
        trigger = TRIGGERS[local(definition)]
        attribute = _NAMED[trigger][4]
        target = ref(definition.get(attribute), definition)
        operation = definition.find(bpmn("operationRef"))
        if operation is not None:
            target = self.of_operation(operation, ref(text(operation), operation), target) or ""
        return self.named(trigger, definition, owner, target, scope, throws=place.throws, starts=place is Place.START)

    def of_operation(self, element: etree._Element, operation: str, message: str) -> str | None:
        """The id of the message an operation takes, which is that given beside it, if any."""
        taken = self.declared.message_of_operation(operation)
        if taken is None:
            ids.dangling(element, "operationRef", operation, self.problems)
        elif message and message != taken:
            zh = f"操作“{clip(operation)}”的消息与 messageRef 不一致"
            en = f"the operation “{clip(operation)}” takes another message than that of messageRef"
            self._say("contradiction", element.get("id") or local(element), element, zh, en)
        return message or taken

    def named(
        self,
        trigger: Trigger,
        element: etree._Element,
        owner: str,
        target: str,
        scope: Scope,
        *,
        throws: bool,
        starts: bool = False,
    ) -> Event | None:
        """An event about the declaration with the id `target` ("": none is named, fit only to catch any error or escalation)."""
        tag, attribute, zh, _, reference = _NAMED[trigger]
        coded = attribute != "name"
        if not target:
            if coded and not throws:
                return Event(trigger)
            wanted = f"须写明是哪个{zh}（{reference}）", f"it must say which {tag} it is about ({reference})"
            self._say("event", owner, element, *wanted)
            return None
        declaration = self.declared.find(tag, target)
        if declaration is None:
            ids.dangling(element, reference, target, self.problems)
            return None
        if coded and not (declaration.get(attribute) or "").strip():
            return self._without_code(trigger, declaration, element, owner, throws=throws)
        raw = (declaration.get(attribute) or "").strip() or target
        value = self.expressions.value(raw, declaration, (zh, f"the {tag}"), scope)
        if value is not None and value.is_feel and (coded or starts):
            not_here = f"这里{zh}的名称不能是表达式", f"the name of the {tag} cannot be an expression here"
            self._say("event", owner, declaration, *not_here)
            return None
        return Event(trigger, name=value) if value is not None else None

    def _without_code(
        self, trigger: Trigger, declaration: etree._Element, element: etree._Element, owner: str, *, throws: bool
    ) -> Event | None:
        """An error or escalation that has no code: caught, it is any; thrown, it is none."""
        tag, attribute, zh, en, _ = _NAMED[trigger]
        if throws:
            lacking = f"抛出的{zh}须有代码（{attribute}）", f"{en} that is thrown needs its {attribute}"
            self._say("event", owner, declaration, *lacking)
            return None
        shown = clip(declaration.get("name") or declaration.get("id") or "", 40)
        self.problems.warn(
            "any-code",
            f"{zh}“{shown}”没有代码（{attribute}），任何{zh}都会被捕获。",
            f"the {tag} “{shown}” has no {attribute}, so any {tag} is caught.",
            line=line(element),
            element=owner,
        )
        return Event(trigger)

    def _wrong_place(self, trigger: Trigger, definition: etree._Element, node: DrawnNode, place: Place) -> None:
        zh, en = words.TRIGGERS[trigger]
        advice = _ADVICE.get((trigger, place)) or _GENERAL.get(trigger, ("BPMN 不允许", "BPMN has no such event"))
        self._say(
            "event-place",
            node.id,
            definition,
            f"{place.value[0]}不能是{zh}事件：{advice[0]}",
            f"{place.value[1]} cannot be a {en} event: {advice[1]}",
        )

    def _setting(self, setting: Setting, zh: str, en: str) -> None:
        self.problems.add("setting", f"{zh}。", f"{en}.", line=line(setting.element), element=setting.owner)

    def _say(self, code: str, owner: str, element: etree._Element, zh: str, en: str) -> None:
        called = called_of(element)
        self.problems.add(code, f"{called[0]}{zh}。", f"{called[1]}{en}.", line=line(element), element=owner)


_ADVICE = {
    (Trigger.CONDITIONAL, Place.START): (
        "流程开始之前没有数据可供判断；请用定时、消息或信号开始",
        "before a process starts there are no data to judge; start it by a timer, a message or a signal",
    ),
    (Trigger.ERROR, Place.CATCH): (
        "错误在边界上或由事件子流程捕获",
        "errors are caught on a border or by an event sub-process",
    ),
    (Trigger.ERROR, Place.THROW): ("错误只能由结束事件抛出", "only an end event throws an error"),
    (Trigger.ESCALATION, Place.CATCH): (
        "升级在边界上或由事件子流程捕获",
        "escalations are caught on a border or by an event sub-process",
    ),
    (Trigger.TIMER, Place.END): ("定时只能等待，不能抛出", "a timer can be waited for, not thrown"),
    (Trigger.TIMER, Place.THROW): ("定时只能等待，不能抛出", "a timer can be waited for, not thrown"),
    (Trigger.CONDITIONAL, Place.END): ("条件只能等待，不能抛出", "a condition can be waited for, not thrown"),
    (Trigger.CONDITIONAL, Place.THROW): ("条件只能等待，不能抛出", "a condition can be waited for, not thrown"),
    (Trigger.COMPENSATION, Place.CATCH): (
        "补偿附在活动边界上，或由事件子流程捕获",
        "compensation is caught on the border of an activity or by an event sub-process",
    ),
    **{
        (trigger, Place.INNER_START): (
            "嵌入式子流程只能由顺序流开始；请去掉定义，或改成事件子流程",
            "an embedded sub-process begins when a flow leads to it; remove the definition or make it an event sub-process",
        )
        for trigger in Trigger
    },
}
_GENERAL = {
    Trigger.CANCEL: (
        "取消只能作事务里的结束事件或事务的边界事件",
        "cancel is an end event in a transaction or an event on the border of one",
    ),
    Trigger.TERMINATE: ("终止只能作结束事件", "terminate can only be an end event"),
    Trigger.LINK: ("链接只能作中间事件", "a link can only be an intermediate event"),
}
