"""A decision table, compiled: expressions of the inputs, tests of the rules, outputs, and the policy (DMN 1.5, chapter 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.dmn.errors import Wrong
from engine.dmn.policies import Hit, Policy
from engine.dmn.types import ANY, Type, as_number, fit, not_allowed
from engine.feel.compiling.environment import Closure
from engine.feel.compiling.tests import Tester
from engine.feel.running import Run

Scope = dict[str, object]


@dataclass(frozen=True, slots=True)
class Input:
    """A column of conditions. `allowed`: the tests of its input values, with their text."""

    label: tuple[str, str]
    closure: Closure
    type: Type = ANY
    allowed: tuple[Tester, str] | None = None

    def value(self, scope: Scope, run: Run) -> object:
        """What this input is now."""
        value = self.closure(scope, run)
        if self.type is not ANY:
            value = fit(value, self.type, self.label, run, from_facts=True)
        value = as_number(value)
        if self.allowed is not None and self.allowed[0](value, scope, run) is not True:
            raise not_allowed(value, self.label, self.allowed[1])
        return value


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results. `name` is None where the table has only this one. `default`: what it gives when no rule matches."""

    label: tuple[str, str]
    name: str | None
    type: Type = ANY
    allowed: tuple[Tester, str] | None = None
    default: Closure | None = None

    def checked(self, value: object, scope: Scope, run: Run, rule: int) -> object:
        """The value, if it may be one; else Wrong."""
        where = (f"第 {rule} 条规则的{self.label[0]}", f"{self.label[1]} of rule {rule}") if rule else self.label
        if self.type is not ANY:
            value = fit(value, self.type, where, run)
        if self.allowed is not None and self.allowed[0](as_number(value), scope, run) is not True:
            raise not_allowed(value, where, self.allowed[1])
        return value


@dataclass(frozen=True, slots=True)
class Rule:
    """The tests that say something, each with the number of its column; and the outputs."""

    tests: tuple[tuple[int, Tester], ...]
    outputs: tuple[Closure, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A whole table. `stops`: the first rule that matches is enough. `lists`: its result is a list. `empty` is what an
    aggregation gives of nothing."""

    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    policy: Policy
    stops: bool
    lists: bool
    empty: object
    cost: int

    def __call__(self, scope: Scope, run: Run) -> object:
        """The result for the names in `scope`; raises Wrong."""
        run.spend(self.cost)
        hits = [self._hit(index, scope, run) for index in self.matching(scope, run)]
        return self.policy(hits, run) if hits else self._nothing(scope, run)

    def matching(self, scope: Scope, run: Run) -> list[int]:
        """The rules that match, counted from 0; of a table where the first is enough, that one. Raises Wrong: an input is none."""
        values = [column.value(scope, run) for column in self.inputs]
        found = []
        for index, rule in enumerate(self.rules):
            for column, test in rule.tests:
                if test(values[column], scope, run) is not True:
                    break
            else:
                found.append(index)
                if self.stops:
                    break
        return found

    def _hit(self, index: int, scope: Scope, run: Run) -> Hit:
        made = zip(self.outputs, self.rules[index].outputs, strict=True)
        try:
            outputs = tuple(output.checked(closure(scope, run), scope, run, index + 1) for output, closure in made)
        except Wrong as wrong:
            raise Wrong(wrong.zh, wrong.en, wrong.rules or (index + 1,)) from None
        return Hit(index + 1, outputs, self._result(outputs))

    def _result(self, outputs: Sequence[object]) -> object:
        if len(self.outputs) == 1:
            return outputs[0]
        return {str(output.name): value for output, value in zip(self.outputs, outputs, strict=True)}

    def _nothing(self, scope: Scope, run: Run) -> object:
        """Default outputs, else null; of a policy that gives a list, the list of the default, else no items."""
        if all(output.default is None for output in self.outputs):
            return [] if self.lists else self.empty
        values = [
            output.checked(output.default(scope, run), scope, run, 0) if output.default is not None else None
            for output in self.outputs
        ]
        return [self._result(values)] if self.lists else self._result(values)
