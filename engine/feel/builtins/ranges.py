"""How two points or intervals lie on their line (DMN 1.5, 10.3.4.11; after Allen and HL7 CQL).

Each function compares bounds. A bound is a value and a nudge: an open lower bound begins a trifle after its value
(+1), an open upper bound ends a trifle before it (-1); a point is the interval from itself to itself. A missing bound
is infinitely far away.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import gt, lt

from engine.feel.builtins.registry import builtin
from engine.feel.comparing import ordered
from engine.feel.running import Run
from engine.feel.values import Range


class _Incomparable(Exception):
    pass


@dataclass(frozen=True, slots=True)
class _Bound:
    value: object
    nudge: int
    infinite: int = 0


def _low(value: object) -> _Bound:
    if not isinstance(value, Range):
        return _Bound(value, 0)
    return _Bound(None, 0, -1) if value.low is None else _Bound(value.low, 0 if value.low_closed else 1)


def _high(value: object) -> _Bound:
    if not isinstance(value, Range):
        return _Bound(value, 0)
    return _Bound(None, 0, 1) if value.high is None else _Bound(value.high, 0 if value.high_closed else -1)


def _compare(run: Run, one: _Bound, other: _Bound) -> int:
    if one.infinite or other.infinite:
        return (one.infinite > other.infinite) - (one.infinite < other.infinite)
    less, more = ordered(one.value, lt, other.value, run), ordered(one.value, gt, other.value, run)
    if less is None or more is None:
        raise _Incomparable
    if less or more:
        return -1 if less else 1
    return (one.nudge > other.nudge) - (one.nudge < other.nudge)


def _meet(run: Run, end: _Bound, start: _Bound) -> bool:
    """`end` and `start` are the same point and belong to both."""
    return _compare(run, end, start) == 0 and end.nudge == 0 and start.nudge == 0


def _relation(name: str, first: str, second: str, holds: object) -> None:
    def implementation(run: Run, one: object, other: object) -> bool | None:
        try:
            return bool(holds(run, one, other))  # type: ignore[operator]
        except _Incomparable:
            return None

    builtin(f"{name}({first}: any, {second}: any) boolean")(implementation)


def _before(run: Run, a: object, b: object) -> bool:
    return _compare(run, _high(a), _low(b)) < 0


def _includes(run: Run, a: object, b: object) -> bool:
    return _compare(run, _low(a), _low(b)) <= 0 and _compare(run, _high(a), _high(b)) >= 0


def _overlaps(run: Run, a: object, b: object) -> bool:
    return _compare(run, _low(a), _high(b)) <= 0 and _compare(run, _low(b), _high(a)) <= 0


def _overlaps_before(run: Run, a: object, b: object) -> bool:
    """The first begins first, and ends inside the second."""
    return (
        _compare(run, _low(a), _low(b)) < 0
        and _compare(run, _high(a), _low(b)) >= 0
        and _compare(run, _high(a), _high(b)) <= 0
    )


def _finishes(run: Run, a: object, b: object) -> bool:
    return _compare(run, _high(a), _high(b)) == 0 and _compare(run, _low(a), _low(b)) >= 0


def _starts(run: Run, a: object, b: object) -> bool:
    return _compare(run, _low(a), _low(b)) == 0 and _compare(run, _high(a), _high(b)) <= 0


def _coincides(run: Run, a: object, b: object) -> bool:
    return _compare(run, _low(a), _low(b)) == 0 and _compare(run, _high(a), _high(b)) == 0


_relation("before", "point1", "point2", _before)
_relation("after", "point1", "point2", lambda run, a, b: _before(run, b, a))
_relation("meets", "range1", "range2", lambda run, a, b: _meet(run, _high(a), _low(b)))
_relation("met by", "range1", "range2", lambda run, a, b: _meet(run, _high(b), _low(a)))
_relation("overlaps", "range1", "range2", _overlaps)
_relation("overlaps before", "range1", "range2", _overlaps_before)
_relation("overlaps after", "range1", "range2", lambda run, a, b: _overlaps_before(run, b, a))
_relation("finishes", "point", "range", _finishes)
_relation("finished by", "range", "point", lambda run, a, b: _finishes(run, b, a))
_relation("includes", "range", "point", _includes)
_relation("during", "point", "range", lambda run, a, b: _includes(run, b, a))
_relation("starts", "point", "range", _starts)
_relation("started by", "range", "point", lambda run, a, b: _starts(run, b, a))
_relation("coincides", "point1", "point2", _coincides)
