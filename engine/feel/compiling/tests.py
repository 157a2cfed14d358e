"""`in`, and the unary tests of a decision table's cell."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from engine.feel import nodes as n
from engine.feel.comparing import equal, member, ordered, within
from engine.feel.compiling.environment import Closure, Environment, Scope, compiles
from engine.feel.compiling.operators import ORDERS, inverted
from engine.feel.running import Run
from engine.feel.values import Range

Tester = Callable[[object, Scope, Run], bool | None]
INPUT = "?"  # how a test names the value tested


@compiles(n.InTest)
def compile_in(node: n.InTest, env: Environment) -> Closure:
    return _any(env.compile(node.value), tuple(_test(test, env) for test in node.tests))


@compiles(n.UnaryTests)
def compile_unary_tests(node: n.UnaryTests, env: Environment) -> Closure:
    if not node.tests:
        return lambda scope, run: True
    value = env.compile(n.Name(node.line, node.column, INPUT))
    found = _any(value, tuple(_test(test, env) for test in node.tests))
    if not node.negated:
        return found
    return lambda scope, run: inverted(_boolean(found(scope, run)))


def _any(value: Closure, tests: tuple[Tester, ...]) -> Closure:
    def found(scope: Scope, run: Run) -> object:
        tested = value(scope, run)
        unknown = False
        for test in tests:
            result = test(tested, scope, run)
            if result is True:
                return True
            unknown = unknown or result is None
        return None if unknown else False

    return found


def compile_tester(node: n.UnaryTests, env: Environment) -> Tester:
    """The tests as a function of the value tested: what a decision table calls for each of its cells."""
    if not node.tests:
        return lambda tested, scope, run: True
    inner, slot = env.bind(INPUT)
    tests = tuple(_test(test, inner) for test in node.tests)
    found = _either(tests, node.negated)
    if not any(_names_input(test) for test in node.tests):
        return found

    def bound(tested: object, scope: Scope, run: Run) -> bool | None:
        run.locals[slot] = tested
        return found(tested, scope, run)

    return bound


def _names_input(node: n.Node) -> bool:
    return not isinstance(node, n.Literal) and any(
        isinstance(part, n.Name) and part.name == INPUT for part, _ in n.walk(node)
    )


def _either(tests: tuple[Tester, ...], negated: bool) -> Tester:
    if len(tests) == 1 and not negated:
        return tests[0]

    def found(tested: object, scope: Scope, run: Run) -> bool | None:
        unknown = False
        for test in tests:
            result = test(tested, scope, run)
            if result is True:
                return not negated
            unknown = unknown or result is None
        return None if unknown else negated

    return found


def _boolean(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _test(node: n.Node, env: Environment) -> Tester:
    if isinstance(node, n.UnaryTest):
        return _against(node, env)
    if isinstance(node, n.Literal):
        return _constant(node.value)
    between = _between_numbers(node) if isinstance(node, n.Interval) else None
    if between is not None:
        return between
    if _names_input(node):
        condition = env.compile(node)
        return lambda tested, scope, run: _boolean(condition(scope, run))
    if isinstance(node, n.Interval):
        interval = env.compile(node)
        return lambda tested, scope, run: _inside(tested, interval(scope, run), run)
    return _membership(env.compile(node), literal=isinstance(node, n.List))


def _constant(constant: object) -> Tester:
    """Equality with a constant, the commonest cell: values of its own class are compared at once."""
    of = constant.__class__
    if of not in (str, bool, Decimal):
        return lambda tested, scope, run: member(tested, constant, run)

    def test(tested: object, scope: Scope, run: Run) -> bool | None:
        return tested == constant if tested.__class__ is of else member(tested, constant, run)

    return test


def _against(node: n.UnaryTest, env: Environment) -> Tester:
    slow = _comparison(node.op, env.compile(node.operand))
    constant = node.operand.value if isinstance(node.operand, n.Literal) else None
    if not isinstance(constant, Decimal) or node.op not in ORDERS:
        return slow
    order = ORDERS[node.op]

    def test(tested: object, scope: Scope, run: Run) -> bool | None:
        if tested.__class__ is Decimal and tested.is_finite():
            return order(tested, constant)
        return slow(tested, scope, run)

    return test


def _between_numbers(node: n.Interval) -> Tester | None:
    """An interval between two constant numbers."""
    if not isinstance(node.low, n.Literal) or not isinstance(node.high, n.Literal):
        return None
    low, high = node.low.value, node.high.value
    if not isinstance(low, Decimal) or not isinstance(high, Decimal):
        return None
    above, below = ORDERS[">=" if node.low_closed else ">"], ORDERS["<=" if node.high_closed else "<"]
    interval = Range(low, high, node.low_closed, node.high_closed)

    def test(tested: object, scope: Scope, run: Run) -> bool | None:
        if tested.__class__ is Decimal and tested.is_finite():
            return above(tested, low) and below(tested, high)
        return within(tested, interval, run)

    return test


def _inside(tested: object, interval: object, run: Run) -> bool | None:
    return within(tested, interval, run) if isinstance(interval, Range) else None


def _comparison(op: str, operand: Closure) -> Tester:
    if op in ORDERS:
        order = ORDERS[op]
        return lambda tested, scope, run: ordered(tested, order, operand(scope, run), run)
    if op == "=":
        return lambda tested, scope, run: equal(tested, operand(scope, run), run)
    return lambda tested, scope, run: inverted(equal(tested, operand(scope, run), run))


def _membership(closure: Closure, *, literal: bool) -> Tester:
    """Equal to the value, or in it. An expression that is true passes whatever is tested, unless that is a boolean."""

    def test(tested: object, scope: Scope, run: Run) -> bool | None:
        value = closure(scope, run)
        if value is True and not literal and not isinstance(tested, bool):
            return True
        return member(tested, value, run)

    return test
