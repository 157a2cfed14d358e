"""The time of a timer event definition: ISO 8601, or an amount of working time."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from engine import feel
from engine.bpmn import limits
from engine.bpmn.model import Event, Misfire, Timer, TimerKind, Trigger, WorkTime
from engine.bpmn.namespaces import is_bpmn, line, local, text
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading import timers
from engine.bpmn.reading.collecting import DrawnNode
from engine.bpmn.reading.expressions import Expressions, language_of
from engine.bpmn.reading.extension import Setting, times
from engine.bpmn.reading.places import Place, interrupts
from engine.bpmn.values import Value

_KINDS = {"timeDuration": TimerKind.DURATION, "timeDate": TimerKind.DATE, "timeCycle": TimerKind.CYCLE}
_REGULAR = {TimerKind.DURATION: timers.duration, TimerKind.DATE: timers.moment, TimerKind.CYCLE: timers.cycle}

Found = Mapping[str, list[Setting]]


class Timing:
    """Reads the timers of a file."""

    def __init__(self, expressions: Expressions, problems: Problems) -> None:
        self.expressions = expressions
        self.problems = problems

    def event(
        self, definition: etree._Element, node: DrawnNode, place: Place, scope: tuple[str, ...], said: Found
    ) -> Event | None:
        """The timer event that a definition of `node` means; None, the problem said, when it is no good. `said`: the settings of the
        definition."""
        timer = self._read(definition, node.id, place, scope, said)
        misfire = said["misfire"][0] if "misfire" in said else None
        if timer is None:
            return None
        again = place is Place.START or (place is not Place.CATCH and not interrupts(node, place))
        if timer.work is not None and timer.repeats and not again:
            zh = "ld:worktime repeat：这里的定时只到一次，不能重复"
            self._bad(node.id, definition, zh, "ld:worktime repeat: a timer comes only once here")
        if misfire is None:
            return Event(Trigger.TIMER, timer=timer)
        if not timer.repeats or not again:
            zh = "ld:misfire 只用于重复的定时（timeCycle 或 ld:worktime repeat），且不在只到一次的地方"
            en = "ld:misfire is for a timer that repeats (timeCycle, or ld:worktime repeat), where it may come again"
            self._bad(node.id, definition, zh, en)
        result = misfire.values.get("result")
        timer = Timer(timer.kind, timer.value, timer.work, Misfire(misfire.literal("policy") or Misfire.COALESCE))
        return Event(Trigger.TIMER, timer=timer, result=result.text if result is not None else None)

    def _read(
        self, definition: etree._Element, owner: str, place: Place, scope: tuple[str, ...], said: Found
    ) -> Timer | None:
        written = [each for each in definition if is_bpmn(each) and local(each) in _KINDS]
        work = said["worktime"][0] if "worktime" in said else None
        if work is not None and written:
            shown = local(written[0])
            zh = f"{shown} 和 ld:worktime 只能写一个：时间按哪一个算"
            en = f"{shown} and ld:worktime exclude each other: which of them is it to count by?"
            self._bad(owner, definition, zh, en)
            return None
        if work is not None:
            return self._work(work, owner, place)
        if len(written) != 1:
            zh = "须写明一个时间（timeDuration、timeDate、timeCycle，或按工作时间的 ld:worktime）"
            en = "it needs one time (timeDuration, timeDate or timeCycle, or ld:worktime for working time)"
            self._bad(owner, definition, zh, en)
            return None
        return self._iso(written[0], owner, place, scope)

    def _iso(self, element: etree._Element, owner: str, place: Place, scope: tuple[str, ...]) -> Timer | None:
        kind = _KINDS[local(element)]
        if place is Place.START and kind is TimerKind.DURATION:
            zh = "流程的定时开始须是日期（timeDate）或重复（timeCycle）：时长没有起点"
            en = "the timer start of a process needs a timeDate or a timeCycle: a duration would begin nowhere"
            self._bad(owner, element, zh, en)
            return None
        value = self._value(text(element), kind, element, owner, scope)
        if value is not None and value.is_feel and place is Place.START and feel.compile(value.text).names:
            zh, en = "流程开始之前没有数据，表达式不能用数据", "before a process starts there are no data to name"
            self._bad(owner, element, zh, en)
            return None
        return Timer(kind, value) if value is not None else None

    def _work(self, setting: Setting, owner: str, place: Place) -> Timer | None:
        """A budget of working time. At the start of a process it is refused, as a duration is."""
        element, values = setting.element, setting.values
        if place is Place.START:
            zh = "流程的定时开始不能按工作时间计（没有起点）：请用 timeDate 或 timeCycle 开始，再用中间定时事件等待工作时间"
            en = (
                "the timer start of a process cannot be in working time, which would begin nowhere: "
                "start by a timeDate or a timeCycle, and wait for working time in an intermediate event"
            )
            self._bad(owner, element, zh, en)
            return None
        amount, unit = values["amount"], values["unit"]
        if not amount.is_feel and not unit.is_feel and not _in_reach(float(amount.text), unit.text):
            zh = f"“{clip(amount.text, 40)} {unit.text}”不在 1 分钟到 10 年之间"
            en = f"“{clip(amount.text, 40)} {unit.text}” does not lie between 1 minute and 10 years"
            self._bad(owner, element, f"ld:worktime：{zh}", f"ld:worktime: {en}")
            return None
        repeat = setting.literal("repeat")
        work = WorkTime(amount, unit, values.get("calendar"), times(repeat) if repeat else 1)
        return Timer(TimerKind.WORKTIME, amount, work)

    def _value(
        self, raw: str, kind: TimerKind, element: etree._Element, owner: str, scope: tuple[str, ...]
    ) -> Value | None:
        if raw.startswith(("=", "${", "#{")):
            found = self.expressions.check(raw, element, ("定时", "the timer"), scope, language=language_of(element))
            return Value(found.text, is_feel=True) if found else None
        try:
            return Value(_REGULAR[kind](raw))
        except timers.BadTimer as error:
            shown = clip(raw, 40)
            self._bad(
                owner,
                element,
                f"时间“{shown}”不可用：{error.zh}（表达式以 = 开头）",
                f"the time “{shown}” cannot be used: {error.en} (an expression begins with =)",
            )
            return None

    def _bad(self, owner: str, element: etree._Element, zh: str, en: str) -> None:
        self.problems.add("timer", f"定时事件：{zh}。", f"timer: {en}.", line=line(element), element=owner)


def _in_reach(amount: float, unit: str) -> bool:
    """Whether a budget can lie within the limits of timers at all; what calendar it meets is known when it begins to wait."""
    seconds = amount * (3_600 if unit.endswith("_hour") else 86_400)
    return limits.MIN_TIMER_SECONDS <= seconds <= limits.MAX_TIMER_SECONDS
