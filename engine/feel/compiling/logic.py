"""`and`, `or` in three values, and `if`. What is no boolean counts as null."""

from __future__ import annotations

from engine.feel import nodes as n
from engine.feel.compiling.environment import Closure, Environment, Scope, compiles
from engine.feel.running import Run
from engine.feel.values import KINDS_ZH, kind


@compiles(n.Logic)
def compile_logic(node: n.Logic, env: Environment) -> Closure:
    operands = tuple(env.compile(operand) for operand in node.operands)
    decisive = node.op == "or"  # the value that settles it
    return _two(*operands, decisive) if len(operands) == 2 else _many(operands, decisive)


def _two(left: Closure, right: Closure, decisive: bool) -> Closure:
    other = not decisive

    def both(scope: Scope, run: Run) -> object:
        first = left(scope, run)
        if first is decisive:
            return decisive
        second = right(scope, run)
        if second is decisive:
            return decisive
        if first is other and second is other:
            return other
        return not_boolean(run, first, second)

    return both


def _many(operands: tuple[Closure, ...], decisive: bool) -> Closure:
    other = not decisive

    def chain(scope: Scope, run: Run) -> object:
        unknown = False
        for operand in operands:
            value = operand(scope, run)
            if value is decisive:
                return decisive
            if value is not other:
                unknown = True
                not_boolean(run, value)
        return None if unknown else other

    return chain


def not_boolean(run: Run, *values: object) -> None:
    for value in values:
        found = kind(value)
        if found not in ("boolean", "null"):
            run.null("应为布尔值，得到{zh}", "a boolean is wanted, not a {en}", zh=KINDS_ZH[found], en=found)


@compiles(n.If)
def compile_if(node: n.If, env: Environment) -> Closure:
    condition, then, otherwise = env.compile(node.condition), env.compile(node.then), env.compile(node.otherwise)
    return lambda scope, run: then(scope, run) if condition(scope, run) is True else otherwise(scope, run)
