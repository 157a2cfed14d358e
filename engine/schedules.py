"""When a timer start event fires: the instants of a date or a cycle, counted from the deployment, and which of them were missed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine import feel
from engine.bpmn.limits import MOST_MADE_UP
from engine.bpmn.model import Misfire, Timer, TimerKind
from engine.bpmn.reading import timers
from engine.feel.running import Functions

_CYCLE = re.compile(r"R(?P<count>\d*)/(?:(?P<start>[^/P][^/]*)/)?(?P<length>P[^/]+)")


@dataclass(frozen=True, slots=True)
class Schedule:
    """`count` instants (none: without end): `base` plus the n-th multiple of `length`, n counted from `begin`."""

    base: datetime
    zone: ZoneInfo
    count: int | None = 1
    length: Any = timedelta()  # a duration of FEEL
    begin: int = 0

    def at(self, occurrence: int) -> datetime | None:
        """The instant of an occurrence, counted from 0; none when there are not so many."""
        if self.count is not None and occurrence >= self.count:
            return None
        times = occurrence + self.begin
        if isinstance(self.length, timedelta):
            return self.base + self.length * times
        if times == 0:
            return self.base
        scope = {"base": self.base.astimezone(self.zone), "length": self.length, "n": times}
        found = feel.compile("base + length * n").evaluate(scope, now=self.base, zone=self.zone)
        return found if isinstance(found, datetime) else None

    def missed(self, now: datetime, occurrence: int, misfire: Misfire) -> int:
        """How many occurrences, from `occurrence` on, passed by `now` and get no start of their own."""
        behind = self.after(now, occurrence) - occurrence
        return max(0, behind - (MOST_MADE_UP if misfire is Misfire.EACH else 0))

    def after(self, now: datetime, occurrence: int) -> int:
        """The first occurrence later than `now`, not before `occurrence`: those between were missed."""
        if isinstance(self.length, timedelta) and self.length > timedelta():
            occurrence = max(occurrence, (now - self.base) // self.length - self.begin)
        while (due := self.at(occurrence)) is not None and due <= now:
            occurrence += 1
        return occurrence


def schedule(timer: Timer, began: datetime, zone: ZoneInfo, functions: Functions | None = None) -> Schedule:
    """The schedule of a timer start event of a version deployed at `began`. `functions`: what its expression may call beside FEEL's own.
    `timers.BadTimer` when that gives no time."""
    value: Any = timer.value.text
    if timer.value.is_feel:
        value = feel.compile(value).evaluate({}, now=began, zone=zone, functions=functions)
        if isinstance(value, str):
            value = timers.cycle(value) if timer.kind is TimerKind.CYCLE else timers.moment(value)
    if timer.kind is TimerKind.DATE and isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return Schedule(value if value.tzinfo is not None else value.replace(tzinfo=zone), zone)
    match = _CYCLE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise timers.BadTimer("表达式没有给出时间", "its expression gives no time")
    length = feel.compile("duration(text)").evaluate({"text": match["length"]}, now=began, zone=zone)
    count = int(match["count"]) if match["count"] else None
    if match["start"]:
        return Schedule(datetime.fromisoformat(match["start"]), zone, count, length)
    return Schedule(began, zone, count, length, begin=1)
