"""Working time, which FEEL has not: counted by the calendars that the caller hands in (`functions=`), by these names.

No calendar at hand, or a value that is none, is null with a note as everywhere. But a unit or a calendar that does not exist, and an amount
below zero, are errors: null would make a condition false, and nobody would be told that no time was counted."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from engine.calendar.errors import CalendarProblem
from engine.calendar.units import Unit
from engine.feel import nodes as n
from engine.feel.builtins.registry import FUNCTIONS, builtin
from engine.feel.errors import FeelSyntaxError
from engine.feel.running import Run

ADD, BETWEEN = "add working time", "working time between"


@builtin("add working time(at: any, amount: number, unit: string, calendar?: string) date and time")
def add_working_time(run: Run, at: object, amount: Decimal, unit: str, calendar: str | None) -> object:
    """When so much working time, counted from an instant, is over."""
    if not isinstance(at, dt.date):
        return _no_date(run)
    return _asked(run, ADD, at, amount, unit, calendar)


@builtin("working time between(from: any, to: any, unit: string, calendar?: string) number")
def working_time_between(run: Run, start: object, end: object, unit: str, calendar: str | None) -> object:
    """How much working time lies between two instants; negative when the second is the earlier one."""
    if not isinstance(start, dt.date) or not isinstance(end, dt.date):
        return _no_date(run)
    return _asked(run, BETWEEN, start, end, unit, calendar)


def _asked(run: Run, name: str, *values: object) -> object:
    function = run.functions.get(name)
    if function is None:
        return run.null("没有可用的日历", "no calendar is at hand")
    run.spend(50)
    return function(*values)


def _no_date(run: Run) -> None:
    return run.null("应为日期或日期时间", "a date or a date and time is wanted")


def check_literals(call: n.Call) -> None:
    """A unit written out that does not exist, and an amount below zero, could never work: FeelSyntaxError."""
    if call.function not in (ADD, BETWEEN):
        return
    positions = [parameter.name for parameter in FUNCTIONS[call.function][0].parameters]
    for name, argument in zip(call.names or positions, call.arguments, strict=False):
        if name == "unit" and isinstance(argument, n.Literal) and isinstance(argument.value, str):
            try:
                Unit.named(argument.value)
            except CalendarProblem as problem:
                raise FeelSyntaxError(
                    call.line, call.column, str(problem.params["why_zh"]), str(problem.params["why_en"])
                ) from None
        below = isinstance(argument, n.Literal) and isinstance(argument.value, Decimal | int) and argument.value < 0
        if name == "amount" and (below or isinstance(argument, n.Negation)):
            raise FeelSyntaxError(call.line, call.column, "时限不能是负数", "an amount of time cannot be negative")
