"""`not` and `is`."""

from __future__ import annotations

import datetime as dt

from engine.feel.builtins.registry import builtin
from engine.feel.comparing import equal
from engine.feel.running import Run
from engine.feel.values import kind


@builtin("not(negand: boolean) boolean")
def negate(run: Run, negand: bool) -> bool:
    return not negand


@builtin("is(value1: maybe, value2: maybe) boolean")
def is_same(run: Run, value1: object, value2: object) -> bool | None:
    """The same element of the same domain: a time at 10:00Z is not the time at 11:00+01:00, though they are equal."""
    if kind(value1) != kind(value2):
        return False
    if isinstance(value1, dt.datetime | dt.time):
        return value1.isoformat() == value2.isoformat() and _zone(value1) == _zone(value2)  # type: ignore[attr-defined]
    return equal(value1, value2, run)


def _zone(value: object) -> str:
    return str(value.tzinfo)  # type: ignore[attr-defined]
