"""The values of FEEL as plain Python: Decimal (or int, float), str, bool, None, list, dict, and the temporal types."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

NUMBERS = decimal.Context(
    prec=34,  # IEEE 754 decimal128, which DMN names
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)
MAX_INT_BITS = 20_500  # an int of more bits has no decimal128


@dataclass(frozen=True, slots=True, order=True)
class YearsMonths:
    """A years and months duration."""

    months: int


@dataclass(frozen=True, slots=True)
class Range:
    """An interval. A missing bound (None) is unbounded, as in `(< 5)`."""

    low: object
    high: object
    low_closed: bool
    high_closed: bool


_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    str: "string",
    int: "number",
    float: "number",
    Decimal: "number",
    list: "list",
    tuple: "list",
    dict: "context",
    dt.datetime: "date and time",
    dt.date: "date",
    dt.time: "time",
    dt.timedelta: "days and time duration",
    YearsMonths: "years and months duration",
    Range: "range",
}
_SUBCLASSES = (bool, str, int, float, Decimal, list, tuple, dict, dt.datetime, dt.date, dt.time, dt.timedelta)

KINDS_ZH = {
    "null": "空值",
    "boolean": "布尔值",
    "string": "文本",
    "number": "数字",
    "list": "列表",
    "context": "上下文",
    "date": "日期",
    "time": "时间",
    "date and time": "日期时间",
    "days and time duration": "日时时长",
    "years and months duration": "年月时长",
    "range": "区间",
    "other": "未知类型",
}


def kind(value: object) -> str:
    """The FEEL type of a value; "other" for what FEEL does not know and never looks into."""
    found = _KINDS.get(value.__class__)
    if found is None:
        found = next((_KINDS[base] for base in _SUBCLASSES if isinstance(value, base)), "other")
    return found


def to_number(value: object) -> Decimal | None:
    """The Decimal of a number; None if it is no number, or not a finite one."""
    found = value.__class__
    if found is Decimal:
        return value if value.is_finite() else None  # type: ignore[attr-defined,return-value]
    if found is int:
        return _from_int(value)  # type: ignore[arg-type]
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    if isinstance(value, int):
        return _from_int(int(value))
    number = Decimal(repr(float(value))) if isinstance(value, float) else Decimal(value)
    return number if number.is_finite() else None


def _from_int(value: int) -> Decimal | None:
    return Decimal(value) if value.bit_length() <= MAX_INT_BITS else None


def to_whole(value: object) -> int | None:
    """The int of a whole number of ordinary size (below 10¹⁸); None otherwise."""
    if value.__class__ is int and -(10**18) < value < 10**18:
        return value
    number = to_number(value)
    if number is None or number.adjusted() >= 18 or number != number.to_integral_value():
        return None
    return int(number)


def as_list(value: object) -> Sequence[object]:
    """A list as it is; anything else as the list of that one thing (the standard's implicit conversion)."""
    return value if isinstance(value, list | tuple) else [value]
