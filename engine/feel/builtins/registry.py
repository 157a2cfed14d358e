"""Built-in functions by name, their parameters, and how arguments are made fit.

A function states the kind of each parameter; what does not fit is null with a note, before the function is called.
So a function of this package never sees a wrong type, nor a null it did not ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from engine.feel.running import Run
from engine.feel.values import KINDS_ZH, kind, to_number, to_whole

Implementation = Callable[..., object]
F = TypeVar("F", bound=Implementation)


@dataclass(frozen=True, slots=True)
class Parameter:
    """`kind` is a FEEL type, or "whole" (an int), "any" (never null), "maybe" (null too), "function" (a Lambda)."""

    name: str
    kind: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call a function. `variadic`: the last parameter takes one list, or any number of arguments."""

    function: str
    parameters: tuple[Parameter, ...]
    variadic: bool
    implementation: Implementation
    result: str

    @property
    def required(self) -> int:
        """How many arguments it takes at least."""
        return sum(not parameter.optional for parameter in self.parameters)

    def takes(self, count: int) -> bool:
        """Whether it can be called with so many arguments."""
        if self.variadic:
            return count >= self.required
        return self.required <= count <= len(self.parameters)

    def takes_names(self, names: Sequence[str]) -> bool:
        """Whether it can be called with the arguments of these names."""
        known = [parameter.name for parameter in self.parameters]
        needed = {parameter.name for parameter in self.parameters if not parameter.optional}
        return set(names) <= set(known) and needed <= set(names)


FUNCTIONS: dict[str, list[Signature]] = {}  # filled while the package's modules are imported


def builtin(text: str) -> Callable[[F], F]:
    """Register a function by a line such as `substring(string: string, start position: whole, length?: whole) string`.

    A `*` before the last parameter makes it variadic.
    """
    head, _, result = text.rpartition(")")
    name, _, inside = head.partition("(")
    parameters = []
    variadic = False
    for part in filter(None, (part.strip() for part in inside.split(","))):
        label, _, of = part.partition(":")
        variadic = label.startswith("*")
        parameters.append(Parameter(label.strip("*? "), of.strip(), label.endswith("?")))

    def register(implementation: F) -> F:
        signature = Signature(name.strip(), tuple(parameters), variadic, implementation, result.strip() or "Any")
        FUNCTIONS.setdefault(name.strip(), []).append(signature)
        return implementation

    return register


def function_names() -> frozenset[str]:
    """The names of the built-in functions."""
    return frozenset(FUNCTIONS)


def parameter_names() -> frozenset[str]:
    """The names of all their parameters."""
    return frozenset(parameter.name for family in FUNCTIONS.values() for s in family for parameter in s.parameters)


@dataclass(frozen=True, slots=True)
class Lambda:
    """A function written as an argument, with the evaluation it belongs to."""

    arity: int
    call: Callable[..., object]


UNFIT = object()


def fit(run: Run, signature: Signature, parameter: Parameter, value: object) -> object:
    """The argument as the function wants it, or UNFIT with a note. Charges the budget for large values."""
    if value.__class__ is Lambda:
        return value if parameter.kind == "function" else UNFIT
    wanted = parameter.kind
    found = kind(value)
    _charge(run, found, value)
    if wanted in {"maybe", found}:
        if found == "number":
            value = to_number(value)
        if value is not None or wanted == "maybe":
            return value
    elif found == "null" and parameter.optional:
        return None
    elif wanted == "any" and found != "null":
        return value
    elif wanted == "list" and found != "null":
        return [value]
    elif found == "list" and len(value) == 1 and wanted != "any":  # type: ignore[arg-type]
        return fit(run, signature, parameter, value[0])  # type: ignore[index]
    elif wanted == "whole" and found == "number":
        number = to_whole(value)
        if number is not None:
            return number
    run.null(
        "函数 {function} 的参数 {name} 应为{wanted_zh}，得到{found_zh}",
        "the parameter {name} of {function} must be a {wanted}, not {found}",
        function=signature.function,
        name=parameter.name,
        wanted={"whole": "whole number", "any": "value"}.get(wanted, wanted),
        wanted_zh={"whole": "整数", "any": "非空值", "function": "函数"}.get(wanted) or KINDS_ZH[wanted],
        found=found if found == "null" else f"a {found}",
        found_zh=KINDS_ZH[found],
    )
    return UNFIT


def _charge(run: Run, found: str, value: object) -> None:
    if found in {"list", "context"}:
        run.spend(len(value))  # type: ignore[arg-type]
    elif found == "string":
        run.spend(len(value) >> 8)  # type: ignore[arg-type]
