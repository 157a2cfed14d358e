"""What is known while compiling: which names are bound where, and which are asked of the caller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from engine.feel import nodes as n
from engine.feel.running import Run

Scope = Mapping[str, object]
Closure = Callable[[Scope, Run], object]
N = TypeVar("N", bound=n.Node)

_compilers: dict[type[n.Node], Callable[[Any, Environment], Closure]] = {}


@dataclass(frozen=True, slots=True)
class Binding:
    """A loop variable or context entry, kept in `Run.locals[slot]`. Without a name: the item of a filter, whose keys
    can be named as they are when it is a context."""

    name: str | None
    slot: int


@dataclass(slots=True)
class Compiled:
    """What came of one text."""

    slots: int = 0
    names: set[str] = field(default_factory=set)
    item_names: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    closure: Closure = lambda scope, run: None


@dataclass(frozen=True, slots=True)
class Environment:
    """Where a node stands: `bindings` are the names bound around it, `compiled` collects for the whole text."""

    compiled: Compiled
    bindings: tuple[Binding, ...] = ()  # the innermost last

    def bind(self, name: str | None) -> tuple[Environment, int]:
        """An environment with one more binding, and its slot. Slots are never shared: nothing here is recursive."""
        slot = self.compiled.slots
        self.compiled.slots += 1
        return replace(self, bindings=(*self.bindings, Binding(name, slot))), slot

    def compile(self, node: n.Node) -> Closure:
        """The closure of a node, by the compiler registered for its kind."""
        return _compilers[type(node)](node, self)


def compiles(of: type[N]) -> Callable[[Callable[[N, Environment], Closure]], Callable[[N, Environment], Closure]]:
    """Register the compiler of one kind of node."""

    def register(compiler: Callable[[N, Environment], Closure]) -> Callable[[N, Environment], Closure]:
        _compilers[of] = compiler
        return compiler

    return register


def weight(body: n.Node) -> int:
    """The steps one turn of a loop costs: a long body costs more."""
    return 1 + sum(1 for _ in n.walk(body)) // 8


def compile_tree(node: n.Node) -> Compiled:
    compiled = Compiled()
    compiled.closure = Environment(compiled).compile(node)
    return compiled
