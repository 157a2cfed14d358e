"""Function calls: the standard's built-ins, bound while compiling, and the caller's functions, found while running."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from engine.feel import nodes as n
from engine.feel.builtins.registry import FUNCTIONS, UNFIT, Lambda, Parameter, Signature, fit
from engine.feel.builtins.working import check_literals
from engine.feel.compiling.environment import Closure, Environment, Scope, compiles, weight
from engine.feel.errors import FeelSyntaxError
from engine.feel.parsing import refused_function
from engine.feel.running import Run

_CONSTANT = {"date", "time", "date and time", "duration"}  # of a literal string: made once, while compiling


@compiles(n.Call)
def compile_call(node: n.Call, env: Environment) -> Closure:
    if node.function in ("function", "external"):
        raise refused_function(node.line, node.column)
    arguments = tuple(env.compile(argument) for argument in node.arguments)
    _check_functions(node)
    if node.function not in FUNCTIONS:
        env.compiled.functions.add(node.function)
        return _own(node.function, arguments, node.names)
    signatures = _fitting(node)
    check_literals(node)
    calls = [_call(signature, _ordered(signature, arguments, node.names)) for signature in signatures]
    call = calls[0] if len(calls) == 1 else _first_fit(calls)
    if node.function in _CONSTANT and _is_text(node.arguments):
        value = call({}, Run(0))
        if value is not None:
            return lambda scope, run: value
    return call


_TAKES = {"sort": ("precedes", 1, 2), "list replace": ("match", 1, 2)}  # parameter, its position, the function's arity


def _check_functions(node: n.Call) -> None:
    """A function may be written where a built-in takes one; as a value it is refused, and so is anything else there."""
    name, position, arity = _TAKES.get(node.function, ("", -1, 0))
    for index, argument in enumerate(node.arguments):
        wanted = node.names[index] == name if node.names else index == position
        if not isinstance(argument, n.Function):
            if wanted and node.function == "sort":
                raise refused_function(argument.line, argument.column)
            continue
        if not wanted:
            raise refused_function(argument.line, argument.column)
        if len(argument.parameters) != arity:
            raise FeelSyntaxError(
                argument.line,
                argument.column,
                f"这个函数须有 {arity} 个参数",
                f"this function takes {arity} parameters",
            )


@compiles(n.Function)
def compile_function(node: n.Function, env: Environment) -> Closure:
    slots = []
    for name in node.parameters:
        env, slot = env.bind(name)
        slots.append(slot)
    body, cost = env.compile(node.body), weight(node.body)

    def made(scope: Scope, run: Run) -> object:
        def call(*values: object) -> object:
            run.spend(cost)
            for slot, value in zip(slots, values, strict=True):
                run.locals[slot] = value
            return body(scope, run)

        return Lambda(len(slots), call)

    return made


def _is_text(arguments: tuple[n.Node, ...]) -> bool:
    return len(arguments) == 1 and isinstance(arguments[0], n.Literal) and isinstance(arguments[0].value, str)


def _fitting(node: n.Call) -> list[Signature]:
    """The ways to call the function with as many arguments, or with these names. None: the call can never work."""
    family = FUNCTIONS[node.function]
    if node.names:
        found = [signature for signature in family if signature.takes_names(node.names)]
    else:
        found = [signature for signature in family if signature.takes(len(node.arguments))]
    if not found:
        known = "; ".join(sorted({_shown(signature) for signature in family}))
        raise FeelSyntaxError(
            node.line, node.column, f"参数不符，应为 {known}", f"the arguments do not fit, known is {known}"
        )
    return found


def _shown(signature: Signature) -> str:
    names = [
        p.name + ("?" if p.optional else "") + ("…" if p.kind == "list" and signature.variadic else "")
        for p in signature.parameters
    ]
    return f"{signature.function}({', '.join(names)})"


Argument = tuple[Parameter, Closure | None]


def _ordered(signature: Signature, arguments: tuple[Closure, ...], names: tuple[str, ...]) -> tuple[Argument, ...]:
    """Parameters with their arguments; without one when it was left out. A variadic one takes all that are left."""
    if names:
        by_name = dict(zip(names, arguments, strict=True))
        return tuple((parameter, by_name.get(parameter.name)) for parameter in signature.parameters)
    count = len(signature.parameters)
    if signature.variadic:
        arguments = (*arguments[: count - 1], _gathered(arguments[count - 1 :], signature))
    filled = (*arguments, *[None] * (count - len(arguments)))
    return tuple(zip(signature.parameters, filled, strict=True))


def _gathered(arguments: tuple[Closure, ...], signature: Signature) -> Closure:
    """One argument is the list itself, except where each argument is an item (append) or a list (concatenate, union)."""
    if len(arguments) == 1 and signature.function not in ("append", "concatenate", "union"):
        return arguments[0]
    return lambda scope, run: [argument(scope, run) for argument in arguments]


def _call(signature: Signature, arguments: tuple[Argument, ...]) -> Closure:
    implementation = signature.implementation

    def call(scope: Scope, run: Run) -> object:
        run.spend(1)
        values: list[object] = []
        for parameter, argument in arguments:
            if argument is None:
                values.append(None)
                continue
            value = fit(run, signature, parameter, argument(scope, run))
            if value is UNFIT:
                return None
            values.append(value)
        try:
            return implementation(run, *values)
        except UnicodeError:
            return run.null("文本中有不成对的代理字符", "a string has half a surrogate pair")

    return call


def _first_fit(calls: list[Closure]) -> Closure:
    """Signatures of one length, tried in turn: the first that gives a value."""

    def call(scope: Scope, run: Run) -> object:
        notes, run.notes = run.notes, None
        try:
            for attempt in calls[:-1]:
                value = attempt(scope, run)
                if value is not None:
                    return value
        finally:
            run.notes = notes
        return calls[-1](scope, run)

    return call


def _own(name: str, arguments: tuple[Closure, ...], names: tuple[str, ...]) -> Closure:
    """A function of the caller's: trusted Python, which may refuse its arguments by ValueError."""
    positional = arguments if not names else ()
    named = tuple(zip(names, arguments, strict=True)) if names else ()

    def call(scope: Scope, run: Run) -> object:
        run.spend(1)
        function = run.functions.get(name)
        if function is None:
            return run.null("没有名为 {name} 的函数", "there is no function named {name}", name=name)
        values = [argument(scope, run) for argument in positional]
        by_name = {key: argument(scope, run) for key, argument in named}
        try:
            return function(*values, **by_name)
        except ValueError as error:
            return run.null("函数 {name} 拒绝：{why}", "{name} refused: {why}", name=name, why=error)
        except TypeError:
            if _binds(function, values, by_name):
                raise
            return run.null("函数 {name} 的参数不符", "the arguments do not fit {name}", name=name)

    return call


def _binds(function: Callable[..., object], values: list[object], by_name: dict[str, object]) -> bool:
    try:
        inspect.signature(function).bind(*values, **by_name)
    except TypeError:
        return False
    return True
