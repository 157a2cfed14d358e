"""Literals and names."""

from __future__ import annotations

from engine.feel import nodes as n
from engine.feel.compiling.environment import Binding, Closure, Environment, Scope, compiles
from engine.feel.running import Run


@compiles(n.Literal)
def compile_literal(node: n.Literal, env: Environment) -> Closure:
    value = node.value
    return lambda scope, run: value


@compiles(n.Name)
def compile_name(node: n.Name, env: Environment) -> Closure:
    return resolve(node.name, env.bindings, env)


def resolve(name: str, bindings: tuple[Binding, ...], env: Environment) -> Closure:
    """The nearest binding of the name. Inside filters this is only known when the item is: its keys come first."""
    for index in range(len(bindings) - 1, -1, -1):
        binding = bindings[index]
        if binding.name == name:
            return _local(binding.slot)
        if binding.name is None:
            if name == "item":
                return _local(binding.slot)
            return _key_or(name, binding.slot, resolve(name, bindings[:index], env))
    if any(binding.name is None for binding in env.bindings):
        env.compiled.item_names.add(name)
    else:
        env.compiled.names.add(name)
    return _global(name)


def _local(slot: int) -> Closure:
    return lambda scope, run: run.locals[slot]


def _key_or(name: str, slot: int, outer: Closure) -> Closure:
    def value(scope: Scope, run: Run) -> object:
        item = run.locals[slot]
        if isinstance(item, dict) and name in item:
            return item[name]
        return outer(scope, run)

    return value


def _global(name: str) -> Closure:
    def value(scope: Scope, run: Run) -> object:
        try:
            return scope[name]
        except KeyError:
            return run.null("没有名为“{name}”的数据", "there is nothing named “{name}”", name=name)

    return value
