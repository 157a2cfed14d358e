"""A check without running: every free name is a known key, and no operator gets types it can only be null with."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from engine.feel import nodes as n
from engine.feel.arithmetic import defined
from engine.feel.building import TYPES
from engine.feel.builtins.registry import FUNCTIONS
from engine.feel.expressions import Expression, UnaryTests
from engine.feel.properties import PROPERTIES
from engine.feel.values import KINDS_ZH, kind

ANY = "Any"
_ALIASES = {
    "integer": "number",
    "array": "list",
    "object": "context",
    "any": ANY,
    "null": "Null",
    "date-time": "date and time",
    "duration": ANY,  # either kind
}
_UNORDERED = {"boolean", "list", "context"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where (from 1), in both languages."""

    line: int
    column: int
    zh: str
    en: str

    def text(self, locale: str = "zh") -> str:
        """The sentence in `locale` ("zh" or "en")."""
        return self.zh if locale.startswith("zh") else self.en


def check(expression: Expression, schema_names: Mapping[str, str], functions: Collection[str] = ()) -> list[Problem]:
    """The problems of an expression over facts of these names and types, in the order of the text.

    Types are FEEL's ("string", "number", "date and time", "list<number>" …) or JSON Schema's ("integer", "array" …);
    an unknown one counts as Any. `functions` are the names of the caller's own functions. Only what is certain is
    reported: inside a filter a name may be a key of the item, and Any fits everything.
    """
    checker = _Checker({name: normal(of) for name, of in schema_names.items()}, frozenset(functions))
    names: dict[str, str] = {"?": ANY} if isinstance(expression, UnaryTests) else {}
    checker.type_of(expression.tree, names, in_filter=False)
    return sorted(set(checker.problems), key=lambda problem: (problem.line, problem.column))


def result_type(expression: Expression, schema_names: Mapping[str, str]) -> str:
    """The type of the value, as far as it can be told; else "Any"."""
    checker = _Checker({name: normal(of) for name, of in schema_names.items()}, frozenset())
    return checker.type_of(expression.tree, {}, in_filter=False)


def normal(of: str) -> str:
    """FEEL's name of a type; "Any" for one it does not know."""
    of = of.partition("<")[0].strip()
    of = _ALIASES.get(of, of)
    return of if of in TYPES else ANY


class _Checker:
    def __init__(self, facts: Mapping[str, str], functions: frozenset[str]) -> None:
        self.facts = facts
        self.functions = functions
        self.problems: list[Problem] = []

    def say(self, node: n.Node, zh: str, en: str) -> None:
        self.problems.append(Problem(node.line, node.column, zh, en))

    def type_of(self, node: n.Node, names: Mapping[str, str], *, in_filter: bool) -> str:
        """The node's type, after its parts were checked. `names` are the names bound around it."""
        if isinstance(node, n.Literal):
            return "Null" if node.value is None else kind(node.value)
        rule = _RULES.get(type(node))
        if rule is not None:
            return rule(self, node, names, in_filter)
        for child in n.children(node):
            self.type_of(child, names, in_filter=in_filter)
        return _FIXED.get(type(node), ANY)

    def name(self, node: n.Name, names: Mapping[str, str], in_filter: bool) -> str:
        if node.name in names:
            return names[node.name]
        if in_filter:
            return ANY
        if node.name in self.facts:
            return self.facts[node.name]
        near = difflib.get_close_matches(node.name, [*self.facts, *names], n=1)
        hint = (f"，是不是“{near[0]}”？", f"; did you mean “{near[0]}”?") if near else ("", "")
        self.say(node, f"没有名为“{node.name}”的数据{hint[0]}", f"there is nothing named “{node.name}”{hint[1]}")
        return ANY

    def compare(self, node: n.Compare, names: Mapping[str, str], in_filter: bool) -> str:
        left = self.type_of(node.left, names, in_filter=in_filter)
        right = self.type_of(node.right, names, in_filter=in_filter)
        self.comparable(node, node.op, left, right)
        return "boolean"

    def comparable(self, node: n.Node, op: str, left: str, right: str) -> None:
        equality = op in ("=", "!=")
        if ANY in (left, right) or (equality and "Null" in (left, right)):
            return
        if left != right:
            zh = f"{_zh(left)}与{_zh(right)}不能用“{op}”比较，结果总是空值"
            self.say(node, zh, f"a {left} compared by “{op}” with a {right} is always null")
        elif not equality and left in _UNORDERED:
            self.say(node, f"{_zh(left)}没有大小", f"a {left} has no order")

    def between(self, node: n.Between, names: Mapping[str, str], in_filter: bool) -> str:
        value = self.type_of(node.value, names, in_filter=in_filter)
        for bound in (node.low, node.high):
            self.comparable(bound, "between", value, self.type_of(bound, names, in_filter=in_filter))
        return "boolean"

    def arithmetic(self, node: n.Arithmetic, names: Mapping[str, str], in_filter: bool) -> str:
        left = self.type_of(node.first, names, in_filter=in_filter)
        for part in node.rest:
            right = self.type_of(part.operand, names, in_filter=in_filter)
            if ANY in (left, right):
                left = ANY
                continue
            result = defined(part.op, left, right)
            if result is None:
                zh = f"{_zh(left)} {part.op} {_zh(right)} 没有定义，结果总是空值"
                self.say(part, zh, f"{left} {part.op} {right} is not defined, and always null")
            left = result or ANY
        return left

    def logic(self, node: n.Logic, names: Mapping[str, str], in_filter: bool) -> str:
        for operand in node.operands:
            self.boolean(operand, self.type_of(operand, names, in_filter=in_filter))
        return "boolean"

    def boolean(self, node: n.Node, of: str) -> None:
        if of not in ("boolean", "Null", ANY):
            self.say(node, f"这里应为布尔值，得到{_zh(of)}", f"a boolean is wanted here, not a {of}")

    def conditional(self, node: n.If, names: Mapping[str, str], in_filter: bool) -> str:
        self.boolean(node.condition, self.type_of(node.condition, names, in_filter=in_filter))
        then = self.type_of(node.then, names, in_filter=in_filter)
        otherwise = self.type_of(node.otherwise, names, in_filter=in_filter)
        return then if then == otherwise else ANY

    def call(self, node: n.Call, names: Mapping[str, str], in_filter: bool) -> str:
        found = [self.type_of(argument, names, in_filter=in_filter) for argument in node.arguments]
        family = FUNCTIONS.get(node.function)
        if family is None:
            if node.function not in self.functions:
                zh, en = f"没有名为 {node.function} 的函数", f"there is no function named {node.function}"
                self.say(node, zh, en)
            return ANY
        if len(family) == 1 and not node.names and not family[0].variadic:
            for argument, of, parameter in zip(node.arguments, found, family[0].parameters, strict=False):
                self.fits(argument, of, parameter.kind)
        results = {signature.result for signature in family}
        return normal(results.pop()) if len(results) == 1 else ANY

    def fits(self, node: n.Node, of: str, wanted: str) -> None:
        wanted = "number" if wanted == "whole" else wanted
        if wanted in ("any", "maybe", "list", "function", of) or of in (ANY, "list", "Null"):
            return
        self.say(node, f"参数应为{_zh(wanted)}，得到{_zh(of)}", f"the argument must be a {wanted}, not a {of}")

    def context(self, node: n.Context, names: Mapping[str, str], in_filter: bool) -> str:
        for entry in node.entries:
            names = {**names, entry.key: self.type_of(entry.value, names, in_filter=in_filter)}
        return "context"

    def path(self, node: n.Path, names: Mapping[str, str], in_filter: bool) -> str:
        of = self.type_of(node.value, names, in_filter=in_filter)
        if of not in ("list", "context", "Null", ANY) and (of, node.key) not in PROPERTIES:
            self.say(node, f"{_zh(of)}没有“{node.key}”", f"a {of} has no “{node.key}”")
        return ANY

    def filter(self, node: n.Filter, names: Mapping[str, str], in_filter: bool) -> str:
        self.type_of(node.value, names, in_filter=in_filter)
        self.type_of(node.condition, {"item": ANY}, in_filter=True)
        return ANY

    def function(self, node: n.Function, names: Mapping[str, str], in_filter: bool) -> str:
        self.type_of(node.body, {**names, **dict.fromkeys(node.parameters, ANY)}, in_filter=in_filter)
        return ANY

    def loop(self, node: n.For | n.Quantified, names: Mapping[str, str], in_filter: bool) -> str:
        for iteration in node.iterations:
            self.type_of(iteration.source, names, in_filter=in_filter)
            if iteration.to is not None:
                self.type_of(iteration.to, names, in_filter=in_filter)
            names = {**names, iteration.name: ANY}
        if isinstance(node, n.For):
            self.type_of(node.body, {**names, "partial": "list"}, in_filter=in_filter)
            return "list"
        self.boolean(node.condition, self.type_of(node.condition, names, in_filter=in_filter))
        return "boolean"


def _zh(of: str) -> str:
    return KINDS_ZH.get("null" if of == "Null" else of, of)


_RULES: dict[type[n.Node], Callable[[_Checker, Any, Mapping[str, str], bool], str]] = {
    n.Name: _Checker.name,
    n.Compare: _Checker.compare,
    n.Between: _Checker.between,
    n.Arithmetic: _Checker.arithmetic,
    n.Logic: _Checker.logic,
    n.If: _Checker.conditional,
    n.Call: _Checker.call,
    n.Context: _Checker.context,
    n.Path: _Checker.path,
    n.Filter: _Checker.filter,
    n.For: _Checker.loop,
    n.Quantified: _Checker.loop,
    n.Function: _Checker.function,
}
_FIXED: dict[type[n.Node], str] = {
    n.InTest: "boolean",
    n.UnaryTests: "boolean",
    n.InstanceOf: "boolean",
    n.List: "list",
    n.Interval: "range",
}
