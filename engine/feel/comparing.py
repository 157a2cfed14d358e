"""Equality and order as the standard has them (DMN 1.5, tables 53 to 55): different kinds compare to null."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import ge, gt, le, lt
from typing import Any

from engine.feel.running import Run
from engine.feel.temporal import instant, time_of_day
from engine.feel.values import KINDS_ZH, Range, kind, to_number


def equal(left: object, right: object, run: Run) -> bool | None:
    """`=`: null equals only null; values of different kinds give null."""
    if left is None or right is None:
        return left is None and right is None
    found, other = kind(left), kind(right)
    if found != other or found == "other":
        return _unlike(found, other, run)
    if found == "list":
        return _equal_lists(left, right, run)  # type: ignore[arg-type]
    if found == "context":
        return _equal_contexts(left, right, run)  # type: ignore[arg-type]
    if found == "range":
        return _equal_ranges(left, right, run)  # type: ignore[arg-type]
    first, second = _on_line(left, found, run), _on_line(right, found, run)
    if first is None or second is None:
        return None
    return bool(first == second)


def _equal_lists(left: Sequence[object], right: Sequence[object], run: Run) -> bool:
    run.spend(1 + len(left))
    return len(left) == len(right) and all(
        equal(one, other, run) is True for one, other in zip(left, right, strict=True)
    )


def _equal_contexts(left: Mapping[str, object], right: Mapping[str, object], run: Run) -> bool:
    run.spend(1 + len(left))
    return left.keys() == right.keys() and all(equal(value, right[key], run) is True for key, value in left.items())


def _equal_ranges(left: Range, right: Range, run: Run) -> bool:
    return (
        left.low_closed == right.low_closed
        and left.high_closed == right.high_closed
        and equal(left.low, right.low, run) is True
        and equal(left.high, right.high, run) is True
    )


def ordered(left: object, op: Callable[[Any, Any], bool], right: object, run: Run) -> bool | None:
    """`<`, `<=`, `>`, `>=` (as the functions of `operator`) for two values of one kind that has an order."""
    found, other = kind(left), kind(right)
    if found == "null" or other == "null":
        return run.null("空值不能比较大小", "null has no order")
    if found != other or found in ("boolean", "list", "context", "range", "other"):
        return _unlike(found, other, run)
    first, second = _on_line(left, found, run), _on_line(right, found, run)
    if first is None or second is None:
        return None
    return bool(op(first, second))


def _on_line(value: Any, of: str, run: Run) -> object:
    """Something Python orders as FEEL does."""
    if of == "number":
        number = to_number(value)
        return run.null("数值无效", "not a finite number") if number is None else number
    if of == "date and time":
        return instant(value, run.zone)
    if of == "time":
        return time_of_day(value, run.zone)
    return value


def _unlike(found: str, other: str, run: Run) -> None:
    zh, en = "{a_zh}与{b_zh}不能比较", "a {a} cannot be compared with a {b}"
    return run.null(zh, en, a=found, b=other, a_zh=KINDS_ZH[found], b_zh=KINDS_ZH[other])


def within(value: object, interval: Range, run: Run) -> bool | None:
    """Whether a value lies in an interval; null if it cannot be compared with the bounds."""
    above: bool | None = True
    below: bool | None = True
    if interval.low is not None:
        above = ordered(value, ge if interval.low_closed else gt, interval.low, run)
    if above is not False and interval.high is not None:
        below = ordered(value, le if interval.high_closed else lt, interval.high, run)
    if above is False or below is False:
        return False
    return None if above is None or below is None else True


def member(value: object, test: object, run: Run) -> bool | None:
    """`value in test`, where the test is a list, an interval or one value."""
    if isinstance(test, Range):
        return within(value, test, run)
    if isinstance(test, list | tuple):
        run.spend(len(test))
        if isinstance(value, list | tuple) and equal(value, test, run) is True:
            return True
        found = [
            within(value, item, run) if isinstance(item, Range) else equal(value, item, run) is True for item in test
        ]
        return True if True in found else None if None in found else False
    return equal(value, test, run)
