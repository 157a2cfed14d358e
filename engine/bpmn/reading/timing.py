"""The time of a timer event definition."""

from __future__ import annotations

from lxml import etree

from engine import feel
from engine.bpmn.model import Timer, TimerKind
from engine.bpmn.namespaces import is_bpmn, line, local, text
from engine.bpmn.problems import Problems, clip
from engine.bpmn.reading import timers
from engine.bpmn.reading.expressions import Expressions, language_of
from engine.bpmn.reading.places import Place
from engine.bpmn.values import Value

_KINDS = {"timeDuration": TimerKind.DURATION, "timeDate": TimerKind.DATE, "timeCycle": TimerKind.CYCLE}
_REGULAR = {TimerKind.DURATION: timers.duration, TimerKind.DATE: timers.moment, TimerKind.CYCLE: timers.cycle}


class Timing:
    """Reads the timers of a file."""

    def __init__(self, expressions: Expressions, problems: Problems) -> None:
        self.expressions = expressions
        self.problems = problems

    def read(self, definition: etree._Element, owner: str, place: Place, scope: tuple[str, ...]) -> Timer | None:
        """The timer of a definition of the event `owner`; None, the problem said, when it is no good."""
        times = [each for each in definition if is_bpmn(each) and local(each) in _KINDS]
        if len(times) != 1:
            zh = "须写明一个时间（timeDuration、timeDate 或 timeCycle）"
            self._bad(owner, definition, zh, "it needs one time (timeDuration, timeDate or timeCycle)")
            return None
        element = times[0]
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
