"""Formulas of definitions: a small language over named counts, checked before it is used, reckoned exactly. Pure.

    closed_in_time / due            (filed_gross - voided_after) / filed_gross
    band(unit_volume, filed) * 0.1 + closing_rate * 30 + (1 - rework_rate) * 30

Numbers, names of counts and of other definitions, + - * / and brackets, `band(scale, …)`: the points that a table gives a number. What is
divided by nought has no value, nor has what is made of it."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

LONGEST = 500
Points = Callable[[str, Fraction], Fraction | None]


class BadFormula(ValueError):
    """A formula that is no good, in words."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Formula:
    """A checked formula. `names`: what it is made of; `scales`: the tables of points that it asks; `tree`: as Python
    reads it, which holds nothing but what is allowed."""

    text: str
    names: frozenset[str]
    scales: frozenset[str]
    tree: ast.expr

    def value(self, known: Mapping[str, Fraction | int | None], points: Points) -> Fraction | None:
        """Its value, exactly; none when something in it has none."""
        return _value(self.tree, known, points)


@lru_cache(maxsize=512)
def parse(text: str) -> Formula:
    """A formula from its text. BadFormula says what is wrong."""
    if len(text) > LONGEST:
        raise BadFormula("公式过长", "the formula is too long")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise BadFormula(f"公式写法有误：{text}", f"this is no formula: {text}") from error
    names: set[str] = set()
    scales: set[str] = set()
    _check(tree, names, scales)
    return Formula(text.strip(), frozenset(names), frozenset(scales), tree)


def check(text: str, names: Collection[str], scales: Collection[str]) -> Formula:
    """The same, and every name and scale in it is known. BadFormula."""
    found = parse(text)
    for unknown in sorted(found.names - set(names)):
        raise BadFormula(f"没有名为 {unknown} 的计数或指标", f"there is no count or figure called {unknown}")
    for unknown in sorted(found.scales - set(scales)):
        raise BadFormula(f"没有名为 {unknown} 的分档表", f"there is no scale called {unknown}")
    return found


def _check(node: ast.expr, names: set[str], scales: set[str]) -> None:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            if isinstance(number, float) and not math.isfinite(number):
                raise BadFormula("公式里的数过大", "a number in the formula is too large")
        case ast.Name(id=name):
            names.add(name)
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div()):
            _check(node.left, names, scales)
            _check(node.right, names, scales)
        case ast.UnaryOp(op=ast.USub()):
            _check(node.operand, names, scales)
        case ast.Call(func=ast.Name(id="band"), args=[ast.Name(id=scale), inner], keywords=[]):
            scales.add(scale)
            _check(inner, names, scales)
        case _:
            raise BadFormula(
                "公式只能由计数、数字、加减乘除、括号和 band() 组成",
                "a formula holds counts, numbers, + - * / and band() only",
            )


def _value(node: ast.expr, known: Mapping[str, Fraction | int | None], points: Points) -> Fraction | None:
    match node:
        case ast.Constant(value=int() | float() as number):
            return Fraction(str(number))
        case ast.Name(id=name):
            found = known.get(name)
            return None if found is None else Fraction(found)
        case ast.UnaryOp(operand=inner):
            value = _value(inner, known, points)
            return None if value is None else -value
        case ast.Call(args=[ast.Name(id=scale), inner]):
            value = _value(inner, known, points)
            return None if value is None else points(scale, value)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _value(left, known, points), _value(right, known, points)
            return None if a is None or b is None else _reckoned(a, op, b)
    return None


def _reckoned(a: Fraction, op: ast.operator, b: Fraction) -> Fraction | None:
    if isinstance(op, ast.Add):
        return a + b
    if isinstance(op, ast.Sub):
        return a - b
    if isinstance(op, ast.Mult):
        return a * b
    return a / b if b else None
