"""Values as text (the standard's `string` function) and as JSON."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal

from engine.feel.errors import FeelLimit
from engine.feel.running import MAX_STRING, SHANGHAI, too_long
from engine.feel.temporal import print_date_time, print_months, print_span, print_time
from engine.feel.values import Range, YearsMonths, to_number

MAX_NODES = 100_000  # values inside one value
MAX_DEPTH = 64

JSON = None | bool | int | float | str | list["JSON"] | dict[str, "JSON"]


def print_value(value: object) -> str:
    """The text of a value: a string as it is, lists and contexts as FEEL literals."""
    if isinstance(value, str):
        return value
    parts: list[str] = []
    _Printer(parts).write(value, 1)
    return "".join(parts)


_NAME = re.compile(r"[^\W\d]\w*")  # as in the grammar
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


class _Printer:
    def __init__(self, parts: list[str]) -> None:
        self.parts = parts
        self.length = 0
        self.left = MAX_NODES

    def put(self, text: str) -> None:
        self.length += len(text)
        if self.length > MAX_STRING:
            raise too_long()
        self.parts.append(text)

    def write(self, value: object, depth: int) -> None:
        self.left -= 1
        if self.left < 0:
            raise too_many()
        if depth > MAX_DEPTH:
            raise too_deep()
        if isinstance(value, list | tuple):
            self.put("[")
            for index, item in enumerate(value):
                self.put(", " if index else "")
                self.write(item, depth + 1)
            self.put("]")
        elif isinstance(value, dict):
            self.put("{")
            for index, (key, item) in enumerate(value.items()):
                self.put(", " if index else "")
                self.put(key if _NAME.fullmatch(str(key)) else quote(str(key)))
                self.put(": ")
                self.write(item, depth + 1)
            self.put("}")
        elif isinstance(value, Range):
            self.put("[" if value.low_closed else "(")
            self.write(value.low, depth + 1)
            self.put("..")
            self.write(value.high, depth + 1)
            self.put("]" if value.high_closed else ")")
        else:
            self.put(quote(value) if isinstance(value, str) else _scalar(value))


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    number = to_number(value)
    if number is not None:
        return print_number(number)
    if isinstance(value, dt.datetime):
        return print_date_time(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return print_time(value)
    if isinstance(value, dt.timedelta):
        return print_span(value)
    if isinstance(value, YearsMonths):
        return print_months(value)
    return "null"  # FEEL does not look into what it does not know


def print_number(number: Decimal) -> str:
    """Without an exponent where that is of sensible length."""
    if abs(number.adjusted()) > 6200:
        return str(number)
    return format(number, "f")


def quote(text: str) -> str:
    """The FEEL literal of a string."""
    return f'"{text.translate(_ESCAPES)}"'


def to_json(value: object) -> JSON:
    """The value in JSON's types: whole numbers as int, other numbers as float, dates and durations in ISO 8601.

    A date and time without a zone gets Asia/Shanghai's offset, so that it stays the same instant everywhere.
    Raises FeelLimit for a value nested too deep or with too many parts.
    """
    return _Jsonifier().convert(value, 1)


class _Jsonifier:
    def __init__(self) -> None:
        self.left = MAX_NODES

    def convert(self, value: object, depth: int) -> JSON:
        self.left -= 1
        if self.left < 0:
            raise too_many()
        if depth > MAX_DEPTH:
            raise too_deep()
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return str(value)
        if isinstance(value, list | tuple):
            return [self.convert(item, depth + 1) for item in value]
        if isinstance(value, dict):
            return {str(key): self.convert(item, depth + 1) for key, item in value.items()}
        number = to_number(value)
        if number is not None:
            return json_number(number)
        if isinstance(value, dt.datetime):
            moment = value.replace(tzinfo=SHANGHAI) if value.tzinfo is None else value
            return moment.isoformat()
        return print_value(value) if _scalar(value) != "null" or isinstance(value, Range) else None


def json_number(number: Decimal) -> int | float | str:
    """An int where the number is whole and of sensible size, else a float; beyond floats the digits as a string."""
    if number == number.to_integral_value() and number.adjusted() < 34:
        return int(number)
    near = float(number)
    return near if math.isfinite(near) else print_number(number)


def too_many() -> FeelLimit:
    """The error for a value of too many parts."""
    return FeelLimit(f"值中包含的值超过 {MAX_NODES} 个", f"a value has more than {MAX_NODES} values in it")


def too_deep() -> FeelLimit:
    """The error for lists in lists in lists."""
    return FeelLimit(f"值的嵌套超过 {MAX_DEPTH} 层", f"a value is nested more than {MAX_DEPTH} deep")
