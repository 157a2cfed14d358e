"""Working time for processes: the book of calendars that a step counts by, as timers and expressions use it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from engine import calendars
from engine.bpmn.model import ProcessModel
from engine.bpmn.problems import Problem, Problems, clip
from engine.calendar import Budget, Calendar, CalendarProblem, Unit
from engine.feel.builtins.working import ADD, BETWEEN

if TYPE_CHECKING:
    from engine.calendars.books import Book
    from engine.core import Core


class WorkingTime:
    """The calendars of one version of the book. They are read when something first asks: most steps count nothing."""

    def __init__(self, version: int, opened: Callable[[], Book], zone: ZoneInfo) -> None:
        self.version = version
        self._opened = opened
        self._zone = zone

    def due(self, start: datetime, amount: Decimal, unit: str, calendar: str | None = None) -> datetime:
        """When a budget that began at `start` is over, and late begins: `Calendar.due`. CalendarProblem in words where there is no
        such unit or calendar, or the amount is none."""
        return self._calendar(calendar).due(start, Budget.of(amount, unit))

    def between(self, start: datetime, end: datetime, unit: str, calendar: str | None = None) -> Decimal:
        """How much of a unit lies between two instants; negative when `end` is before `start`. CalendarProblem as for `due`."""
        return self._calendar(calendar).between(start, end, Unit.named(unit))

    @cached_property
    def functions(self) -> Mapping[str, Callable[..., object]]:
        """What expressions call by these names."""
        return {ADD: self._add, BETWEEN: self._between}

    def _add(self, at: date, amount: Decimal, unit: str, calendar: str | None) -> datetime:
        return self.due(self._instant(at), amount, unit, calendar).astimezone(self._zone)

    def _between(self, start: date, end: date, unit: str, calendar: str | None) -> Decimal:
        return self.between(self._instant(start), self._instant(end), unit, calendar)

    def _instant(self, value: date) -> datetime:
        """A date is its midnight, a time without a zone is meant in the world's."""
        if not isinstance(value, datetime):
            return datetime(value.year, value.month, value.day, tzinfo=self._zone)
        return value if value.tzinfo is not None else value.replace(tzinfo=self._zone)

    def _calendar(self, key: str | None) -> Calendar:
        found = self._book.calendars.get(key or calendars.DEFAULT)
        if found is None:
            raise CalendarProblem(why_zh=f"没有日历“{key}”", why_en=f"there is no calendar “{key}”")
        return found

    @cached_property
    def _book(self) -> Book:
        return self._opened()


def of(core: Core, version: int, zone: ZoneInfo) -> WorkingTime:
    """Working time by a version of the book; what has no zone is meant in `zone`."""
    return WorkingTime(version, lambda: calendars.at(core, version), zone)


def check(core: Core, connection: Connection, models: Sequence[ProcessModel]) -> list[Problem]:
    """Calendars that timers of processes to be deployed name, and that the book has not."""
    problems: list[Problem] = []
    for model in models:
        said = Problems(model.file)
        for node in model.nodes.values():
            for event in node.events:
                work = event.timer.work if event.timer is not None else None
                if work is None or work.calendar is None or work.calendar.is_feel:
                    continue
                key = work.calendar.text
                if key not in calendars.current(core, connection).calendars:
                    zh = f"定时事件按日历“{clip(key, 40)}”计时，日历表里没有它。"
                    en = (
                        f"a timer counts by the calendar “{clip(key, 40)}”, which the table of calendars does not have."
                    )
                    said.add("calendar-missing", zh, en, line=node.line, element=node.id)
        problems += said.found
    return problems
