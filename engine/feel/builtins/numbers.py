"""Numeric functions (DMN 1.5, 10.3.4.5)."""

from __future__ import annotations

import decimal
from decimal import Decimal, DecimalException

from engine.feel.arithmetic import negate
from engine.feel.builtins.registry import builtin
from engine.feel.running import Run
from engine.feel.values import NUMBERS, YearsMonths, kind, to_number


def _rounded(run: Run, n: Decimal, scale: int | None, rounding: str) -> Decimal | None:
    """To `scale` digits after the point (before it, when negative): -6111 to 6176, as the standard says."""
    places = scale or 0
    if not -6111 <= places <= 6176:
        return run.null("小数位数须在 -6111 至 6176 之间", "the scale must be between -6111 and 6176")
    if -n.as_tuple().exponent <= places:  # type: ignore[operator]
        return n
    try:
        rounded = n.quantize(Decimal((0, (1,), -places)), rounding, NUMBERS)
        return rounded if places >= 0 else rounded.quantize(Decimal(1), context=NUMBERS)
    except DecimalException:
        return run.null("数值不能这样取整", "the number cannot be rounded so")


@builtin("decimal(n: number, scale: whole) number")
def to_scale(run: Run, n: Decimal, scale: int) -> Decimal | None:
    return _rounded(run, n, scale, decimal.ROUND_HALF_EVEN)


@builtin("floor(n: number, scale?: whole) number")
def floor(run: Run, n: Decimal, scale: int | None = None) -> Decimal | None:
    return _rounded(run, n, scale, decimal.ROUND_FLOOR)


@builtin("ceiling(n: number, scale?: whole) number")
def ceiling(run: Run, n: Decimal, scale: int | None = None) -> Decimal | None:
    return _rounded(run, n, scale, decimal.ROUND_CEILING)


@builtin("round up(n: number, scale: whole) number")
def round_up(run: Run, n: Decimal, scale: int) -> Decimal | None:
    return _rounded(run, n, scale, decimal.ROUND_UP)


@builtin("round down(n: number, scale: whole) number")
def round_down(run: Run, n: Decimal, scale: int) -> Decimal | None:
    return _rounded(run, n, scale, decimal.ROUND_DOWN)


@builtin("round half up(n: number, scale: whole) number")
def round_half_up(run: Run, n: Decimal, scale: int) -> Decimal | None:
    return _rounded(run, n, scale, decimal.ROUND_HALF_UP)


@builtin("round half down(n: number, scale: whole) number")
def round_half_down(run: Run, n: Decimal, scale: int) -> Decimal | None:
    return _rounded(run, n, scale, decimal.ROUND_HALF_DOWN)


@builtin("modulo(dividend: number, divisor: number) number")
def modulo(run: Run, dividend: Decimal, divisor: Decimal) -> Decimal | None:
    """`dividend - divisor * floor(dividend / divisor)`: with the sign of the divisor."""
    if not divisor:
        return run.null("除数为零", "division by zero")
    rest = _remainder(dividend, divisor)
    return rest + divisor if rest and (rest < 0) != (divisor < 0) else rest


def _remainder(dividend: Decimal, divisor: Decimal) -> Decimal:
    """Exact, however far apart the two are: the quotient may have thousands of digits, the rest has few."""
    wide = decimal.Context(
        prec=min(13_000, abs(dividend.adjusted() - divisor.adjusted()) + 80), Emin=-20_000, Emax=20_000
    )
    return NUMBERS.plus(wide.remainder(dividend, divisor))


@builtin("sqrt(number: number) number")
def sqrt(run: Run, number: Decimal) -> Decimal | None:
    if number < 0:
        return run.null("负数没有平方根", "a negative number has no square root")
    return NUMBERS.sqrt(number)


@builtin("log(number: number) number")
def log(run: Run, number: Decimal) -> Decimal | None:
    if number <= 0:
        return run.null("只有正数有对数", "only a positive number has a logarithm")
    return NUMBERS.ln(number)


@builtin("exp(number: number) number")
def exp(run: Run, number: Decimal) -> Decimal | None:
    try:
        return NUMBERS.exp(number)
    except DecimalException:
        return run.null("exp 的结果太大", "the result of exp is too large")


@builtin("odd(number: number) boolean")
def odd(run: Run, number: Decimal) -> bool | None:
    even_ = _is_even(run, number)
    return None if even_ is None else not even_


@builtin("even(number: number) boolean")
def even(run: Run, number: Decimal) -> bool | None:
    return _is_even(run, number)


def _is_even(run: Run, number: Decimal) -> bool | None:
    if number != number.to_integral_value():
        return run.null("只有整数有奇偶", "only whole numbers are odd or even")
    return _remainder(number, Decimal(2)) == 0


@builtin("abs(n: any) number")
def absolute(run: Run, n: object) -> object:
    """Of a number or a duration."""
    if isinstance(n, YearsMonths):
        return YearsMonths(abs(n.months))
    number = to_number(n)
    if number is not None:
        return abs(number)
    if kind(n) != "days and time duration":
        return run.null("abs 只用于数字和时长", "abs takes a number or a duration")
    return negate(n, run) if str(n).startswith("-") else n
