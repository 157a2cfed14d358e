"""Timers in working time: what a budget came to when its timer began to wait. It is kept with the token, so that a changed calendar, or a
time in which the instance stood still, moves the due time without asking the diagram or the data again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from engine.bpmn.limits import MAX_TIMER_SECONDS, MIN_TIMER_SECONDS
from engine.bpmn.model import Node, WorkTime
from engine.bpmn.runtime.live import Token
from engine.errors import LiandongError, StepFailed

WORKED = "h"  # timers in working time: index → [counted from, due, amount, unit, calendar]


class Working(Protocol):
    """The calendars that a step counts working time by."""

    @property
    def version(self) -> int:
        """Which version of them."""

    @property
    def functions(self) -> Mapping[str, Callable[..., object]]:
        """Working time for expressions, by the names of FEEL's functions."""

    def due(self, start: datetime, amount: Decimal, unit: str, calendar: str | None = None) -> datetime:
        """When a budget that began at `start` is over. An error that says why in words where there is no such unit or calendar."""

    def between(self, start: datetime, end: datetime, unit: str, calendar: str | None = None) -> Decimal:
        """How much of a unit lies between two instants."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A budget that runs: `amount` of `unit`, counted from `since` by `calendar` (None: the city's own), is over at `due`."""

    since: datetime
    due: datetime
    amount: Decimal
    unit: str
    calendar: str | None = None

    def again(self, working: Working) -> Counted:
        """The same budget by the calendars that count now."""
        return replace(self, due=working.due(self.since, self.amount, self.unit, self.calendar))

    def later(self, working: Working, stopped: datetime, now: datetime) -> Counted:
        """The same after it stood still from `stopped` till `now`: what was left of the budget then begins to count now. Once due it
        stays so; where only the rules of a due time were waited for (a last day on a holiday), the wait goes on as long."""
        if self.due <= stopped:
            return self
        left = self.amount - working.between(self.since, stopped, self.unit, self.calendar)
        if left <= 0:
            return replace(self, since=now, due=now + (self.due - stopped))
        left = min(left, self.amount)  # it may have begun outside working time
        return replace(self, since=now, amount=left, due=working.due(now, left, self.unit, self.calendar))


def counted(token: Token, index: int) -> Counted | None:
    """The budget of a waiting timer; None for one that is not in working time."""
    row = token.internal_data.get(WORKED, {}).get(str(index))
    if row is None:
        return None
    since, due, amount, unit, *calendar = row
    at = datetime.fromisoformat
    return Counted(at(since), at(due), Decimal(amount), unit, calendar[0] if calendar else None)


def keep(token: Token, index: int, found: Counted) -> None:
    """Keep it with its token."""
    row = [found.since.isoformat(), found.due.isoformat(), str(found.amount), found.unit]
    token.internal_data.setdefault(WORKED, {})[str(index)] = row if found.calendar is None else [*row, found.calendar]


def begin(work: WorkTime, node: Node, working: Working | None, since: datetime, value: Callable[[Any], Any]) -> Counted:
    """Count the budget of a timer from `since`; `value` tells what an attribute comes to. StepFailed in words when it is none, or does
    not end between one minute and ten years ahead."""
    if working is None:
        raise StepFailed(node=node.id, why="no calendar is at hand", why_zh="没有可用的日历")
    amount, unit, calendar = _number(node, value(work.amount)), value(work.unit), value(work.calendar)
    for what, text in (("单位", unit), ("日历", calendar)):
        if not isinstance(text, str) and (text is not None or what == "单位"):
            english = "unit" if what == "单位" else "calendar"
            raise StepFailed(
                node=node.id, why=f"ld:worktime {english} gives {text!r}", why_zh=f"工作时间的{what}是 {text!r}"
            )
    try:
        due = working.due(since, amount, unit, calendar or None)
    except LiandongError as error:
        raise StepFailed(node=node.id, why=error.text("en"), why_zh=error.text("zh")) from error
    ahead = (due - since).total_seconds()
    if not MIN_TIMER_SECONDS <= ahead <= MAX_TIMER_SECONDS:
        raise StepFailed(
            node=node.id,
            why=f"its timer gives {due.isoformat()}: not between one minute and ten years ahead",
            why_zh=f"定时为 {due.isoformat()}，不在一分钟到十年之内",
        )
    return Counted(since, due, amount, unit, calendar or None)


def _number(node: Node, value: Any) -> Decimal:
    """An amount: a number, or text that is one."""
    try:
        found = Decimal(str(value)) if isinstance(value, int | float | str | Decimal) else None
    except InvalidOperation:
        found = None
    if found is None or isinstance(value, bool) or not found.is_finite() or found <= 0:
        raise StepFailed(
            node=node.id, why=f"ld:worktime amount gives {value!r}", why_zh=f"工作时间的数额是 {value!r}，应为正数"
        )
    return found
