"""A file that was read: its decisions, and how one is made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from engine.dmn.boxed import Logic
from engine.dmn.errors import DecisionFailed, Wrong
from engine.dmn.expressions import Expressions
from engine.dmn.types import ANY, Type, fit
from engine.feel import FeelLimit, to_json
from engine.feel.running import MAX_STEPS, Run

Functions = Mapping[str, Callable[..., object]]


@dataclass(frozen=True, slots=True)
class Names:
    """What people call it."""

    zh: str
    en: str

    def text(self, locale: str = "zh") -> str:
        """The name in `locale` ("zh" or "en")."""
        return self.zh if locale.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Input:
    """Input data: the variable's `name` in expressions, and the `key` of the fact it is."""

    id: str
    name: str
    key: str
    type: Type = ANY

    def value(self, data: Mapping[str, Any], run: Run) -> object:
        """The fact by its key, or by the name as it is drawn; checked against its type."""
        value = data[self.key] if self.key in data else data.get(self.name)
        where = (f"输入数据“{self.name}”", f"the input data “{self.name}”")
        return fit(value, self.type, where, run, from_facts=True)


@dataclass(frozen=True, slots=True)
class Function:
    """A business knowledge model: called by its name, with its own names and nothing else in scope."""

    name: str
    parameters: tuple[tuple[str, Type], ...]
    body: Logic
    type: Type
    expressions: Expressions

    def __call__(self, run: Run, /, *values: object, **named: object) -> object:
        """The result of one call; the evaluation's budget is shared, its local variables are not."""
        run.spend(4)
        if named:
            values = tuple(named.get(name) for name, _ in self.parameters)
        scope = {
            name: fit(value, of, (f"{self.name} 的参数“{name}”", f"the parameter “{name}” of {self.name}"), run)
            for (name, of), value in zip(self.parameters, values, strict=True)
        }
        kept, run.locals = run.locals, [None] * self.expressions.slots
        try:
            value = self.body(scope, run)
        finally:
            run.locals = kept
        return fit(value, self.type, (f"{self.name} 的结果", f"the result of {self.name}"), run)


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision. `inputs` are the keys of all facts it needs, itself or through those it requires; `requires` the ids of
    the decisions it requires directly. `line` is where it stands in its file."""

    id: str
    names: Names
    inputs: frozenset[str]
    requires: tuple[str, ...]
    line: int
    step: Step = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Step:
    """How a decision is made, once those it requires are. Names in scope: of `decisions` and `data` by id, of `facts` by key;
    `perhaps` are facts used inside filters, if there are such."""

    logic: Logic
    type: Type
    decisions: tuple[tuple[str, str], ...]
    data: tuple[tuple[str, Input], ...]
    facts: tuple[str, ...]
    perhaps: tuple[str, ...]


Watch = Callable[[Decision, "dict[str, object]", Run], None]
"""Told of a decision, and of the names it sees with their values."""


@dataclass(frozen=True, slots=True)
class Model:
    """The decisions of one file. Holds no state of an evaluation: threads may share it."""

    name: str
    decisions: Mapping[str, Decision]
    functions: tuple[Function, ...]
    plans: Mapping[str, tuple[str, ...]]
    slots: int

    def evaluate(
        self,
        decision_id: str,
        data: Mapping[str, Any],
        *,
        now: dt.datetime | None = None,
        zone: dt.tzinfo | None = None,
        functions: Functions | None = None,
        watch: Watch | None = None,
    ) -> object:
        """The result of a decision over the facts, in JSON's types; what is missing among the facts is null.

        Those it requires are made first, each once. `now`, `zone`, `functions` as for FEEL; `watch` is told of each decision just before
        it is made. Raises DecisionFailed."""
        run = Run(self.slots, now, functions, zone)
        if self.functions:
            run.functions = {**run.functions, **{each.name: partial(each, run) for each in self.functions}}
        made: dict[str, object] = {}
        for identifier in self._plan(decision_id):
            made[identifier] = self._made(self.decisions[identifier], made, data, run, watch)
        try:
            return to_json(made[decision_id])
        except FeelLimit as limit:
            raise self._failed(self.decisions[decision_id], limit.text("zh"), limit.text("en")) from None

    def _plan(self, decision_id: str) -> tuple[str, ...]:
        plan = self.plans.get(decision_id)
        if plan is None:
            raise DecisionFailed(decision_id, "没有这个决策", "there is no such decision")
        return plan

    def _made(
        self, decision: Decision, made: Mapping[str, object], data: Mapping[str, Any], run: Run, watch: Watch | None
    ) -> object:
        run.steps = MAX_STEPS
        step = decision.step
        scope = {name: data[name] for name in step.perhaps if name in data}
        for name in step.facts:
            scope[name] = data.get(name)
        try:
            for name, each in step.data:
                scope[name] = each.value(data, run)
            for name, identifier in step.decisions:
                scope[name] = made[identifier]
            if watch is not None:
                watch(decision, scope, run)
            return fit(step.logic(scope, run), step.type, ("结果", "the result"), run)
        except Wrong as wrong:
            raise self._failed(decision, wrong.zh, wrong.en, wrong.rules) from None
        except FeelLimit as limit:
            raise self._failed(decision, limit.text("zh"), limit.text("en")) from None
        except RecursionError:
            raise self._failed(decision, "值的嵌套太深", "a value is nested too deep") from None

    def _failed(self, decision: Decision, zh: str, en: str, rules: tuple[int, ...] = ()) -> DecisionFailed:
        return DecisionFailed(decision.id, zh.rstrip("。"), en.rstrip("."), rules, decision.names.zh)
