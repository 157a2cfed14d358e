"""When a timer fires, and when a repeating one fires again."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine import feel
from engine.bpmn.limits import MAX_TIMER_SECONDS, MIN_TIMER_SECONDS
from engine.bpmn.model import Node, Timer, TimerKind
from engine.bpmn.runtime.recurring import Recurrence
from engine.errors import StepFailed

_CYCLE = re.compile(r"R(?P<count>\d{0,9})/(?:(?P<start>[^/P][^/]*)/)?(?P<every>P[^/]+)\Z")


def due_of(timer: Timer, value: Any, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When a timer that starts `now` fires first: `value` is ISO 8601 text or what FEEL gave; naive times mean `zone`. None when it
    gives no time."""
    if timer.kind is TimerKind.CYCLE:
        found = _cycle(value)
        if found is None:
            return None
        _, start, every = found
        if start is None:
            return _after(now, every, now, zone)
        return due_of(Timer(TimerKind.DATE, timer.value), start, now, zone)
    if isinstance(value, str):
        function = "duration" if timer.kind is TimerKind.DURATION else "date and time"
        value = feel.compile(f"{function}(text)").evaluate({"text": value}, now=now, zone=zone)
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=zone)
    if isinstance(value, timedelta):
        return now + value
    return None if value is None else _plus(now, value, now, zone)


def recurrence(value: Any, zone: ZoneInfo) -> Recurrence | None:
    """How a cycle repeats; None when the value is none."""
    found = _cycle(value)
    if found is None:
        return None
    times, _, every = found
    length = _length(every)
    stride = length if isinstance(length, timedelta) and length > timedelta() else None
    return Recurrence(lambda last: _plus(last, length, last, zone), times, stride)


def starts_at_a_date(value: Any) -> bool:
    """Whether a value is a cycle that counts from a date of its own."""
    found = _cycle(value)
    return found is not None and found[1] is not None


def _cycle(value: Any) -> tuple[int | None, str | None, str] | None:
    match = _CYCLE.match(value) if isinstance(value, str) else None
    if match is None:
        return None
    return int(match["count"]) if match["count"] else None, match["start"], match["every"]


def _length(every: str) -> Any:
    return feel.compile("duration(text)").evaluate({"text": every})


def _after(start: datetime, every: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    return _plus(start, _length(every), now, zone)


def _plus(start: datetime, length: Any, now: datetime, zone: ZoneInfo) -> datetime | None:
    if isinstance(length, timedelta):
        return start + length
    added = feel.compile("start + length").evaluate({"start": start, "length": length}, now=now, zone=zone)
    return added if isinstance(added, datetime) else None


def check_limits(node: Node, timer: Timer, value: Any, due: datetime, now: datetime) -> None:
    """What lint cannot know of an expression: a timer lies within the same limits as a literal one. A date that has passed fires at
    once. StepFailed when it does not."""
    ahead = (due - now).total_seconds()
    short = timer.kind is TimerKind.DURATION and ahead < MIN_TIMER_SECONDS
    if timer.kind is TimerKind.CYCLE:
        found = _cycle(value)
        following = _after(due, found[2], now, ZoneInfo("UTC")) if found is not None else None
        short = following is None or (following - due).total_seconds() < MIN_TIMER_SECONDS
    if ahead > MAX_TIMER_SECONDS or short:
        raise StepFailed(
            node=node.id,
            why=f"its timer gives {due.isoformat()}: not between one minute and ten years ahead",
            why_zh=f"定时为 {due.isoformat()}，不在一分钟到十年之内",
        )
