"""Arithmetic over numbers, strings, dates, times and durations (DMN 1.5, tables 56 to 60)."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable
from decimal import Decimal, DecimalException, Overflow
from typing import Any

from engine.feel.running import Run, sized_string
from engine.feel.temporal import UTC, instant, since_midnight, time_of_day
from engine.feel.values import KINDS_ZH, NUMBERS, YearsMonths, kind, to_number

_MAX_MONTHS = 12 * 10**9
_DAY = dt.timedelta(days=1)

Rule = Callable[[Any, Any, Run], object]


def calculate(op: str, left: object, right: object, run: Run) -> object:
    """`left op right`; null with a note where the standard gives no value."""
    if left.__class__ is Decimal and right.__class__ is Decimal:
        first: Decimal | None = left
        second: Decimal | None = right
    else:
        found, other = kind(left), kind(right)
        if found != "number" or other != "number":
            return _by_kind(op, left, right, found, other, run)
        first, second = to_number(left), to_number(right)
    if first is None or second is None:
        return run.null("数值无效", "not a finite number")
    try:
        return _NUMBERS[op](first, second)
    except DecimalException:
        if op == "/" and not second:
            return run.null("除数为零", "division by zero")
        return run.null("“{op}”的结果无效或太大", "the result of “{op}” is invalid or too large", op=op)


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    result = NUMBERS.power(base, exponent)
    if not result.is_finite():  # 0 ** -1 is infinite, and decimal does not trap it
        raise Overflow
    return result


_NUMBERS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": NUMBERS.add,
    "-": NUMBERS.subtract,
    "*": NUMBERS.multiply,
    "/": NUMBERS.divide,
    "**": _power,
}


def _by_kind(op: str, left: object, right: object, found: str, other: str, run: Run) -> object:
    rule = _RULES.get((found, op, other))
    if rule is None:
        if found == "null" or other == "null":
            return run.null("“{op}”的一个运算数为空值", "an operand of “{op}” is null", op=op)
        zh, en = "{a_zh} {op} {b_zh} 没有定义", "{a} {op} {b} is not defined"
        return run.null(zh, en, a=found, b=other, op=op, a_zh=KINDS_ZH[found], b_zh=KINDS_ZH[other])
    try:
        return rule(left, right, run)
    except (OverflowError, ValueError, DecimalException, ZeroDivisionError):
        return run.null("“{op}”的结果超出范围", "the result of “{op}” is out of range", op=op)


def negate(value: object, run: Run) -> object:
    """Unary minus: of a number or a duration."""
    number = to_number(value)
    if number is not None:
        return -number
    if isinstance(value, YearsMonths):
        return YearsMonths(-value.months)
    if isinstance(value, dt.timedelta):
        try:
            return _clamped(-value)
        except OverflowError:
            return run.null("时长超出范围", "the duration is out of range")
    found = kind(value)
    return run.null("负号不能用于{zh}", "a {en} has no negative", zh=KINDS_ZH[found], en=found)


def _joined(left: str, right: str, run: Run) -> str:
    run.spend((len(left) + len(right)) >> 8)
    return sized_string(left + right)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day so many months later, or the month's last if it has no such day. ValueError outside years 1–9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise ValueError(year)
    return day.replace(year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1]))


def _moved(moment: dt.datetime, span: dt.timedelta, run: Run) -> dt.datetime:
    """On the time line, so that a day of summer time's change has 23 or 25 hours; told in the zone it came in."""
    if moment.tzinfo is UTC:
        return moment + span
    zone = moment.tzinfo or run.zone
    moved = (moment.replace(tzinfo=zone).astimezone(UTC) + span).astimezone(zone)
    return moved.replace(tzinfo=moment.tzinfo)


def _turned(time: dt.time, span: dt.timedelta) -> dt.time:
    turned = (since_midnight(time) + span) % _DAY
    return (dt.datetime.combine(dt.date.min, dt.time()) + turned).time().replace(tzinfo=time.tzinfo)


def _midnight(day: dt.date, run: Run) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=run.zone)


def _scaled(span: dt.timedelta, factor: object) -> dt.timedelta:
    number = to_number(factor)
    if number is None:
        raise ValueError(factor)
    return _clamped(dt.timedelta(microseconds=_int(NUMBERS.multiply(_micros(span), number))))


def _divided(span: dt.timedelta, divisor: object) -> dt.timedelta:
    number = to_number(divisor)
    if number is None:
        raise ValueError(divisor)
    return _clamped(dt.timedelta(microseconds=_int(NUMBERS.divide(_micros(span), number))))


def _months(value: Decimal) -> YearsMonths:
    months = _int(value)
    if abs(months) > _MAX_MONTHS:
        raise OverflowError
    return YearsMonths(months)


def _number(value: object) -> Decimal:
    number = to_number(value)
    if number is None:
        raise ValueError(value)
    return number


def _int(value: Decimal) -> int:
    """Cut to a whole number; OverflowError before an int grows large."""
    if value.adjusted() > 30:
        raise OverflowError
    return int(value)


def _micros(span: dt.timedelta) -> Decimal:
    return Decimal(span // dt.timedelta(microseconds=1))


def _clamped(span: dt.timedelta) -> dt.timedelta:
    if abs(span.days) >= 999_999_999:  # so that its negative exists too
        raise OverflowError
    return span


_DT, _D, _T, _S, _M, _N = (
    "date and time",
    "date",
    "time",
    "days and time duration",
    "years and months duration",
    "number",
)

_RULES: dict[tuple[str, str, str], Rule] = {
    ("string", "+", "string"): _joined,
    (_DT, "+", _S): _moved,
    (_S, "+", _DT): lambda a, b, run: _moved(b, a, run),
    (_DT, "-", _S): lambda a, b, run: _moved(a, -b, run),
    (_DT, "+", _M): lambda a, b, run: add_months(a, b.months),
    (_M, "+", _DT): lambda a, b, run: add_months(b, a.months),
    (_DT, "-", _M): lambda a, b, run: add_months(a, -b.months),
    (_DT, "-", _DT): lambda a, b, run: instant(a, run.zone) - instant(b, run.zone),
    (_DT, "-", _D): lambda a, b, run: instant(a, run.zone) - instant(_midnight(b, run), run.zone),
    (_D, "-", _DT): lambda a, b, run: instant(_midnight(a, run), run.zone) - instant(b, run.zone),
    (_D, "-", _D): lambda a, b, run: a - b,
    (_D, "+", _S): lambda a, b, run: (dt.datetime.combine(a, dt.time()) + b).date(),
    (_S, "+", _D): lambda a, b, run: (dt.datetime.combine(b, dt.time()) + a).date(),
    (_D, "-", _S): lambda a, b, run: (dt.datetime.combine(a, dt.time()) - b).date(),
    (_D, "+", _M): lambda a, b, run: add_months(a, b.months),
    (_M, "+", _D): lambda a, b, run: add_months(b, a.months),
    (_D, "-", _M): lambda a, b, run: add_months(a, -b.months),
    (_T, "+", _S): lambda a, b, run: _turned(a, b),
    (_S, "+", _T): lambda a, b, run: _turned(b, a),
    (_T, "-", _S): lambda a, b, run: _turned(a, -b),
    (_T, "-", _T): lambda a, b, run: time_of_day(a, run.zone) - time_of_day(b, run.zone),
    (_S, "+", _S): lambda a, b, run: _clamped(a + b),
    (_S, "-", _S): lambda a, b, run: _clamped(a - b),
    (_S, "*", _N): lambda a, b, run: _scaled(a, b),
    (_N, "*", _S): lambda a, b, run: _scaled(b, a),
    (_S, "/", _N): lambda a, b, run: _divided(a, b),
    (_S, "/", _S): lambda a, b, run: NUMBERS.divide(_micros(a), _micros(b)),
    (_M, "+", _M): lambda a, b, run: _months(Decimal(a.months + b.months)),
    (_M, "-", _M): lambda a, b, run: _months(Decimal(a.months - b.months)),
    (_M, "*", _N): lambda a, b, run: _months(NUMBERS.multiply(Decimal(a.months), _number(b))),
    (_N, "*", _M): lambda a, b, run: _months(NUMBERS.multiply(Decimal(b.months), _number(a))),
    (_M, "/", _N): lambda a, b, run: _months(NUMBERS.divide(Decimal(a.months), _number(b))),
    (_M, "/", _M): lambda a, b, run: NUMBERS.divide(Decimal(a.months), Decimal(b.months)),
}


def defined(op: str, left: str, right: str) -> str | None:
    """The type of `left op right` for types of operands, None where it is always null."""
    if left == right == "number":
        return "number"
    if (left, op, right) not in _RULES:
        return None
    return _RESULTS.get((left, op, right)) or (right if left == _N or (left in (_S, _M) and right in _POINTS) else left)


_POINTS = (_DT, _D, _T)
_RESULTS = {(_S, "/", _S): _N, (_M, "/", _M): _N} | {
    (left, "-", right): _S for left in _POINTS for right in _POINTS if (left, "-", right) in _RULES
}
