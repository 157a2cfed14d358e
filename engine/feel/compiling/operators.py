"""Comparison and arithmetic. Comparisons with a constant, the commonest conditions, have closures of their own:
they look at the value's class and answer without a conversion."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel import nodes as n
from engine.feel.arithmetic import calculate, negate
from engine.feel.comparing import equal, ordered
from engine.feel.compiling.environment import Closure, Environment, Scope, compiles
from engine.feel.running import Run
from engine.feel.values import Range, as_list, kind

Order = Callable[[Any, Any], bool]
ORDERS: dict[str, Order] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


@compiles(n.Compare)
def compile_compare(node: n.Compare, env: Environment) -> Closure:
    op, left, right = node.op, node.left, node.right
    if isinstance(left, n.Literal) and not isinstance(right, n.Literal):
        op, left, right = _MIRRORED[op], right, left
    first = env.compile(left)
    if isinstance(right, n.Literal):
        return against(op, first, right.value)
    second = env.compile(right)
    if op in ORDERS:
        order = ORDERS[op]
        return lambda scope, run: ordered(first(scope, run), order, second(scope, run), run)
    if op == "=":
        return lambda scope, run: equal(first(scope, run), second(scope, run), run)
    return lambda scope, run: inverted(equal(first(scope, run), second(scope, run), run))


def against(op: str, left: Closure, constant: object) -> Closure:
    """Comparison with a constant."""
    if op in ORDERS:
        return (
            _order_number(left, ORDERS[op], constant)
            if isinstance(constant, Decimal)
            else _order(left, ORDERS[op], constant)
        )
    return _equality(left, constant, op == "=")


def _order_number(left: Closure, order: Order, constant: Decimal) -> Closure:
    whole = int(constant) if constant.adjusted() < 18 and constant == constant.to_integral_value() else None

    def compare(scope: Scope, run: Run) -> object:
        value = left(scope, run)
        if value.__class__ is int and whole is not None:
            return order(value, whole)
        return ordered(value, order, constant, run)

    return compare


def _order(left: Closure, order: Order, constant: object) -> Closure:
    return lambda scope, run: ordered(left(scope, run), order, constant, run)


def _equality(left: Closure, constant: object, same: bool) -> Closure:
    """`=` (or `!=`, when not `same`). Strings and booleans of their own class never go further than here."""
    if constant is None:
        return lambda scope, run: (left(scope, run) is None) is same
    of = constant.__class__
    if of not in (str, bool):
        return _general_equality(left, constant, same)

    def compare(scope: Scope, run: Run) -> object:
        value = left(scope, run)
        if value.__class__ is of:
            return (value == constant) is same
        if value is None:
            return not same
        found = equal(value, constant, run)
        return found if same else inverted(found)

    return compare


def _general_equality(left: Closure, constant: object, same: bool) -> Closure:
    if same:
        return lambda scope, run: equal(left(scope, run), constant, run)
    return lambda scope, run: inverted(equal(left(scope, run), constant, run))


def inverted(value: bool | None) -> bool | None:
    return None if value is None else not value


@compiles(n.Between)
def compile_between(node: n.Between, env: Environment) -> Closure:
    value, low, high = env.compile(node.value), env.compile(node.low), env.compile(node.high)

    def between(scope: Scope, run: Run) -> object:
        middle = value(scope, run)
        above = ordered(middle, operator.ge, low(scope, run), run)
        below = ordered(middle, operator.le, high(scope, run), run)
        if above is False or below is False:
            return False
        return True if above and below else None

    return between


@compiles(n.Arithmetic)
def compile_arithmetic(node: n.Arithmetic, env: Environment) -> Closure:
    first = env.compile(node.first)
    rest = tuple((part.op, env.compile(part.operand)) for part in node.rest)
    if len(rest) == 1:
        op, second = rest[0]
        return lambda scope, run: calculate(op, first(scope, run), second(scope, run), run)

    def chain(scope: Scope, run: Run) -> object:
        value = first(scope, run)
        for op, operand in rest:
            value = calculate(op, value, operand(scope, run), run)
        return value

    return chain


@compiles(n.Negation)
def compile_negation(node: n.Negation, env: Environment) -> Closure:
    operand = env.compile(node.operand)
    return lambda scope, run: negate(operand(scope, run), run)


@compiles(n.InstanceOf)
def compile_instance_of(node: n.InstanceOf, env: Environment) -> Closure:
    value, of = env.compile(node.value), node.type
    return lambda scope, run: is_instance(value(scope, run), of, run)


def is_instance(value: object, of: n.Type, run: Run) -> bool:
    """Null is of no type but Null and Any."""
    found = kind(value)
    if of.name == "Any":
        return value is not None
    if of.name == "Null":
        return value is None
    if found != of.name:
        return False
    if isinstance(value, dict):
        run.spend(len(of.members))
        return all(is_instance(value.get(member.name), member.type, run) for member in of.members)
    if of.of is None:
        return True
    if isinstance(value, Range):
        return all(bound is None or is_instance(bound, of.of, run) for bound in (value.low, value.high))
    items = as_list(value)
    run.spend(len(items))
    return all(is_instance(item, of.of, run) for item in items)
