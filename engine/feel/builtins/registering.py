"""Look-ups in registers, which FEEL has not: answered by the functions that the caller hands in (`functions=`), by these names.

Null, or an empty list, is what no row fits. No register at hand is null with a note as everywhere; a register that does not exist is an
error of the caller's: null would make a condition false, and nobody would be told that nothing was looked up."""

from __future__ import annotations

from collections.abc import Mapping

from engine.feel import nodes as n
from engine.feel.builtins.registry import builtin
from engine.feel.running import Run

ROW, ROWS = "register row", "register rows"


@builtin("register row(register: string, match: context) context")
def register_row(run: Run, register: str, match: Mapping[str, object]) -> object:
    """The first row, in the register's order, whose columns are as `match` says; null when none is."""
    return _asked(run, ROW, register, match)


@builtin("register rows(register: string, match: context) list")
def register_rows(run: Run, register: str, match: Mapping[str, object]) -> object:
    """All such rows, in the register's order; without any column in `match` the whole register."""
    return _asked(run, ROWS, register, match)


def _asked(run: Run, name: str, register: str, match: Mapping[str, object]) -> object:
    function = run.functions.get(name)
    if function is None:
        return run.null("没有可用的登记表", "no register is at hand")
    run.spend(50)
    found = function(register, match)
    if isinstance(found, list):
        run.spend(len(found))
    return found


def named(tree: n.Node) -> frozenset[str]:
    """The registers that an expression names in writing: what a check can hold against those there are."""
    found = set()
    for node, _ in n.walk(tree):
        if isinstance(node, n.Call) and node.function in (ROW, ROWS):
            position = node.names.index("register") if node.names else 0
            argument = node.arguments[position] if len(node.arguments) > position else None
            if isinstance(argument, n.Literal) and isinstance(argument.value, str):
                found.add(argument.value)
    return frozenset(found)
